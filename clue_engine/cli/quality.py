"""quality: what the inputs hold and lack, file by file."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from clue_engine.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption

AllOption = Annotated[bool, typer.Option("--all", help="也列出填写完整的列", show_default=False)]


def quality_command(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE, everything: AllOption = False, json: JsonOption = False
) -> int:
    """列出各文件的装载行数、各列填写率和数据疑点;不显示任何个人信息。

    例:
      clue-engine quality -w 工作区
    """
    from clue_engine.cli.screen import print_json, print_table, style
    from clue_engine.errors import EXIT_OK, ClueError
    from clue_engine.export.quality import file_quality
    from clue_engine.workspace import Workspace

    with Workspace.open(workspace, create=False) as ws:
        if not ws.has_table("input_file"):
            raise ClueError("CE-U08", "工作区里还没有数据", place=str(workspace), hint="先运行 clue-engine ingest")
        files = file_quality(ws)
    if json:
        print_json([asdict(file) for file in files])
        return EXIT_OK
    for file in files:
        sheet = f"〔{file.sheet}〕" if file.sheet else ""
        print(style(f"{file.name}{sheet}", "bold"))
        if file.status != "loaded":
            print(f"  未装载:{file.reason}\n")
            continue
        print(f"  {file.source},数据日期 {file.snapshot_date or '不详'}")
        print(f"  读入 {file.n_read} 行 = 装载 {file.n_loaded} + 拒收 {file.n_rejected}")
        columns = [c for c in file.columns if everything or (c.field and (c.rate or 0) < 1)]
        if columns:
            print_table(
                ("列", "有值", "填写率"),
                [(c.header, c.n_filled, "" if c.rate is None else f"{c.rate:.1%}") for c in columns],
            )
        if file.issues:
            print_table(("疑点", "列", "处数", "说明"), file.issues)
        print()
    return EXIT_OK
