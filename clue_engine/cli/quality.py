"""quality: what the inputs hold and lack, file by file."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from clue_engine.cli.options import DEFAULT_WORKSPACE, JsonOption, RulesOption, WorkspaceOption
from clue_engine.cli.screen import print_json, print_table, style
from clue_engine.errors import EXIT_OK, ClueError
from clue_engine.workspace import Workspace

AllOption = Annotated[bool, typer.Option("--all", help="也列出填写完整的列", show_default=False)]


def quality_command(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    rules: RulesOption = None,
    everything: AllOption = False,
    json: JsonOption = False,
) -> int:
    """列出各文件的装载行数、各列填写率和取值、数据疑点，以及各条规则缺什么数据；不显示任何个人信息。

    例：
      clue-engine quality -w 工作区
    """
    from clue_engine.enquiry.run import load_scanned
    from clue_engine.export.quality import file_quality, rule_losses, values_said

    with Workspace.open(workspace, create=False) as ws:
        if not ws.has_table("input_file"):
            raise ClueError("CE-U08", "工作区里还没有数据", place=str(workspace), hint="先运行 clue-engine ingest")
        pack = load_scanned(workspace, rules)
        files, losses = file_quality(ws, pack), rule_losses(ws, pack)
    if json:
        print_json({"files": [asdict(file) for file in files], "rules": [asdict(loss) for loss in losses]})
        return EXIT_OK
    for file in files:
        sheet = f"〔{file.sheet}〕" if file.sheet else ""
        print(style(f"{file.name}{sheet}", "bold"))
        if file.status != "loaded":
            print(f"  未装载：{file.reason}\n")
            continue
        print(f"  {file.source}，数据日期 {file.snapshot_date or '不详'}")
        print(f"  读入 {file.n_read} 行 = 装载 {file.n_loaded} + 拒收 {file.n_rejected}")
        if file.n_duplicates:
            print(f"  内容完全相同的行 {file.n_duplicates} 行")
        columns = [c for c in file.columns if everything or (c.field and ((c.rate or 0) < 1 or c.n_invalid or c.seen))]
        if columns:
            print_table(
                ("列", "填写率", "采用", "认不出", "取值"),
                [
                    (
                        c.header,
                        percent(c.rate),
                        f"{c.n_read}/{c.n_cells}" if c.field else "",
                        percent(c.invalid_rate) if c.n_invalid else "",
                        values_said(c),
                    )
                    for c in columns
                ],
            )
        if file.issues:
            print_table(("疑点", "列", "处数", "说明"), file.issues)
        print()
    if losses:
        print(style(f"各条规则因缺数不能判断的户（涉案户共 {losses[0].n_involved}）", "bold"))
        print_table(
            ("规则", "命中", "缺数", "占涉案户", "补一项可判断", "最常缺的"),
            [
                (
                    x.rule_id,
                    x.n_hit,
                    x.n_missing,
                    percent(x.rate),
                    x.n_deciding,
                    "、".join(f"{f} {n}" for f, n in x.fields),
                )
                for x in losses
            ],
        )
    return EXIT_OK


def percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"
