"""export: the files of a finished scan, once more or for another receiver."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clue_engine.cli.options import DEFAULT_WORKSPACE, JsonOption, RulesOption, WaitOption, WorkspaceOption

OutOption = Annotated[Path, typer.Option("--out", "-o", metavar="目录", help="线索清单放在哪里")]
UnmaskOption = Annotated[
    str | None,
    typer.Option("--unmask", metavar="理由", help="证件号码和电话不遮盖，须写理由，并记入审计", show_default=False),
]


def export_command(
    ctx: typer.Context,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    out: OutOption = Path("clue-out"),
    rules: RulesOption = None,
    unmask: UnmaskOption = None,
    wait: WaitOption = 0,
    json: JsonOption = False,
) -> int:
    """导出线索清单：各方向 CSV、工作簿 clues.xlsx、clues.json、搁置与拒收清单。

    文件要么完整出现，要么不出现；导出以后改过的（如填了核查情况的）不覆盖。受限线索在任何文件里都不显示个人信息。

    例：
      clue-engine export -w 工作区 --out 线索清单
      clue-engine export -w 工作区 --out 入户用 --unmask "入户核查，某某批准"
    """
    from clue_engine.cli.again import elsewhere
    from clue_engine.cli.screen import print_json, say
    from clue_engine.cli.summary import tell_troubles
    from clue_engine.enquiry.run import load_scanned, scan_date
    from clue_engine.errors import EXIT_OK, EXIT_PARTLY
    from clue_engine.export.bundle import check_output, export_clues
    from clue_engine.export.trouble import troubles
    from clue_engine.export.written import check_unchanged, output_names
    from clue_engine.workspace import Workspace

    check_output(out, unmask)
    pack = load_scanned(workspace, rules)
    check_unchanged(out, output_names(pack), elsewhere(ctx, out))
    with Workspace.open(workspace, create=False, wait=wait) as ws:
        told = troubles(ws, pack)
        paths = export_clues(ws, pack, out, scan_date(ws), unmask_reason=unmask)
    tell_troubles(told, as_json=json)
    if json:
        print_json(
            {"troubles": told, "out": str(out), "files": [p.name for p in paths], "unmasked": unmask is not None}
        )
    else:
        for path in paths:
            print(path)
        say(f"已写出 {len(paths)} 个文件。清单仅供核查参考，不作为认定依据。")
    return EXIT_PARTLY if told else EXIT_OK
