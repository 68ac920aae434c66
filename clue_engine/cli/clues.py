"""clues: the list on the screen, filtered; the same masked cells as in the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from clue_engine.cli.options import DEFAULT_WORKSPACE, JsonOption, RulesOption, WorkspaceOption

if TYPE_CHECKING:
    from clue_engine.export.list_rows import Row

DirectionOption = Annotated[
    str | None, typer.Option("--direction", "-d", metavar="方向", help="线索方向，写全名或代码", show_default=False)
]
StatusOption = Annotated[
    str | None, typer.Option("--status", metavar="状态", help="线索、待核、搁置 或 试行", show_default=False)
]
BandOption = Annotated[str | None, typer.Option("--band", metavar="优先级", help="如 高", show_default=False)]
TownOption = Annotated[str | None, typer.Option("--town", metavar="乡镇", help="只看一个乡镇", show_default=False)]
RuleOption = Annotated[
    str | None,
    typer.Option("--rule", metavar="编号", help="只看某条规则的线索（受限线索不按规则查）", show_default=False),
]
_HEADINGS = ("排名", "状态", "线索编号", "优先级", "得分", "姓名", "乡镇", "匹配")


def clues_command(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    direction: DirectionOption = None,
    status: StatusOption = None,
    band: BandOption = None,
    town: TownOption = None,
    rule: RuleOption = None,
    rules: RulesOption = None,
    json: JsonOption = False,
) -> int:
    """列出线索，按方向和排名。不写状态时不列搁置和试行的。

    例：
      clue-engine clues -w 工作区 -d 司法救助线索 --band 高
      clue-engine clues -w 工作区 --status 待核 --json
    """
    from clue_engine.cli.again import hand_over
    from clue_engine.cli.screen import print_json, say
    from clue_engine.enquiry.clues import Filter, as_json, list_clues
    from clue_engine.enquiry.run import load_scanned, scan_date
    from clue_engine.errors import EXIT_OK
    from clue_engine.workspace import Workspace

    pack = load_scanned(workspace, rules)
    with Workspace.open(workspace, create=False) as ws:
        scan_date(ws)
        found = list_clues(ws, pack, Filter(direction, status, band, town, rule))
    if status is None:
        found = [row for row in found if row.status in ("线索", "待核")]
    if json:
        print_json([as_json(row) for row in found])
        return EXIT_OK
    for name in dict.fromkeys(row.direction for row in found):
        _print_direction(name, [row for row in found if row.direction == name])
    hidden = sum(row.restricted for row in found)
    told = f"，其中受限 {hidden} 条只列编号" if hidden else ""
    say(f"共 {len(found)} 条{told}。看一条的依据：clue-engine show 线索编号")
    if hidden:
        say(f"受限的交给专人：{hand_over(workspace)}")
    return EXIT_OK


def _print_direction(name: str, rows: list[Row]) -> None:
    from clue_engine.cli.screen import print_table

    print(f"{name}（{len(rows)} 条）")
    print_table(
        _HEADINGS,
        [
            (
                r.cells.get("排名"),
                r.status,
                r.clue_id,
                r.cells.get("优先级"),
                "" if r.restricted else f"{r.cells.get('得分')}/{r.cells.get('可能得分')}",
                r.cells.get("姓名"),
                r.cells.get("乡镇"),
                str(r.cells.get("匹配方式") or "")[:2],
            )
            for r in rows
        ],
    )
    print()
