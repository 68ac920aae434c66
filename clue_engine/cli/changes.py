"""changes: what is new, still there, changed, closed or gone since the last scan, each with why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clue_engine.cli.choices import one_of
from clue_engine.cli.config import at
from clue_engine.cli.options import (
    DEFAULT_WORKSPACE,
    JsonOption,
    LedgerOption,
    RulesOption,
    WorkspaceOption,
    opened_ledger,
)
from clue_engine.cli.screen import print_json, print_table, say
from clue_engine.errors import EXIT_OK
from clue_engine.workspace import Workspace

if TYPE_CHECKING:
    from clue_engine.export.changes import Change
    from clue_engine.export.list_rows import Row
    from clue_engine.pack.model import Pack

KindOption = Annotated[
    list[str] | None,
    typer.Option("--kind", metavar="种类", help="只看一种，如 新增；可以写几次", show_default=False),
]


def changes_command(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    kind: KindOption = None,
    ledger: LedgerOption = None,
    rules: RulesOption = None,
    json: JsonOption = False,
) -> int:
    """与上一次扫描对照：新增、仍在、有变化、重新列入、已办结不再列、消失，各写明为什么。

    仍在的只写条数，逐条看用 --kind 仍在。

    上一次：数据、规则或扫描日与这次不同的最近一次；同样的再扫一遍，对照的还是它。有线索台账的，写明移送和反馈到了哪一步。

    例：
      clue-engine changes -w 工作区
      clue-engine changes -w 工作区 --kind 新增 --kind 重新列入
    """
    from clue_engine.enquiry.run import load_scanned, scan_date
    from clue_engine.export.changes import KINDS, STILL
    from clue_engine.export.list_rows import list_rows

    wanted = [one_of(word, KINDS, "--kind", "种类") for word in kind or ()]
    pack = load_scanned(workspace, rules)
    with Workspace.open(workspace, create=False) as ws:
        scan_date(ws)
        found = compared(ws, pack, list_rows(ws, pack), ledger)
    if found is None:
        say("没有上一次扫描可以对照：这个工作区只扫描过一次（或数据、规则、扫描日都没有变过）。")
    shown = [one for one in found or () if not wanted or one.kind in wanted]
    if json:
        print_json([_as_json(one) for one in shown])
        return EXIT_OK
    counts = Counter(one.kind for one in found or ())
    told_apart = [name for name in KINDS if name in wanted or (not wanted and name != STILL)]
    for name in (name for name in told_apart if any(one.kind == name for one in shown)):
        _print_kind(name, [one for one in shown if one.kind == name])
    if found:
        say("、".join(f"{name} {counts[name]} 条" for name in KINDS if counts[name]) + "。")
        if counts[STILL] and not wanted:
            say(f"仍在的逐条看：clue-engine changes --kind 仍在{at(str(workspace))}    全部在 clues.xlsx 的“变化”表")
    return EXIT_OK


def compared(ws: Workspace, pack: Pack, rows: Sequence[Row], ledger: str | None) -> list[Change] | None:
    """With the scan before, as far as the workspace and the ledger know it; None where neither does."""
    from clue_engine.export.changes import changes
    from clue_engine.export.standing_said import told_of

    with opened_ledger(ledger) as book:
        return changes(ws, pack, rows, told_of(book, pack) if book else {}, book.events() if book else [])


def _print_kind(name: str, found: list[Change]) -> None:
    print(f"{name}（{len(found)} 条）")
    print_table(
        ("线索编号", "线索方向", "姓名", "为什么", "台账"),
        [(x.clue_id, x.direction, x.cells["姓名"], "；".join(x.why), x.standing) for x in found],
    )
    print()


def _as_json(one: Change) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "clue_id": one.clue_id,
        "direction": one.direction,
        "was": one.was,
        "now": one.now,
        "why": list(one.why),
        "standing": one.standing,
        "restricted": one.restricted,
    }
