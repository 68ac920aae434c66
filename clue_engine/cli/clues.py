"""clues: the list on the screen or as a file, filtered; the same masked cells as in the files of a run."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clue_engine.cli.again import hand_over
from clue_engine.cli.changes import changes_command, compared
from clue_engine.cli.choices import one_of
from clue_engine.cli.clue_files import check_form, write_rows
from clue_engine.cli.config import at, at_office
from clue_engine.cli.options import (
    DEFAULT_WORKSPACE,
    JsonOption,
    LedgerOption,
    RulesOption,
    WorkspaceOption,
    needed_ledger,
)
from clue_engine.cli.screen import print_json, print_table, say
from clue_engine.errors import EXIT_OK, ClueError
from clue_engine.ledger.history import Book
from clue_engine.workspace import Workspace

if TYPE_CHECKING:
    from clue_engine.enquiry.clues import Filter
    from clue_engine.export.list_rows import Row
    from clue_engine.pack.model import Pack

WordArgument = Annotated[
    str | None,
    typer.Argument(metavar="编号或姓名", help="只看这个编号，或有人姓名有这几个字的", show_default=False),
]
DirectionOption = Annotated[
    str | None, typer.Option("--direction", "-d", metavar="方向", help="线索方向，写全名或代码", show_default=False)
]
StatusOption = Annotated[
    str | None, typer.Option("--status", metavar="状态", help="线索、待核、折叠、搁置 或 试行", show_default=False)
]
BandOption = Annotated[str | None, typer.Option("--band", metavar="优先级", help="如 高", show_default=False)]
TownOption = Annotated[str | None, typer.Option("--town", metavar="乡镇", help="只看一个乡镇", show_default=False)]
RuleOption = Annotated[
    str | None,
    typer.Option("--rule", metavar="编号", help="只看某条规则的线索（受限线索不按规则查）", show_default=False),
]
NameOption = Annotated[
    str | None,
    typer.Option("--name", metavar="姓名", help="户里、案件里有人姓名有这几个字的（受限的除外）", show_default=False),
]
NewOption = Annotated[bool, typer.Option("--new", help="比上一次扫描新增、重新列入、有新案件的", show_default=False)]
GoneOption = Annotated[bool, typer.Option("--gone", help="上一次列出、这次不再列的，写明为什么", show_default=False)]
OverdueOption = Annotated[bool, typer.Option("--overdue", help="移送后过了期限没有反馈的", show_default=False)]
LimitOption = Annotated[int, typer.Option("--limit", metavar="条数", help="最多列多少条", show_default=False)]
SortOption = Annotated[
    str | None, typer.Option("--sort", metavar="栏", help="按这一栏排，前面加 - 从大到小，如 -得分", show_default=False)
]
ColumnsOption = Annotated[
    str | None, typer.Option("--columns", metavar="栏", help="只要这几栏，逗号隔开，如 姓名,乡镇", show_default=False)
]
FormatOption = Annotated[
    str | None, typer.Option("--format", metavar="格式", help="csv、jsonl 或 xlsx，不写则是表格", show_default=False)
]
OutOption = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="文件", help="写到这个文件（xlsx 必写）", show_default=False)
]
_HEADINGS = ("排名", "状态", "线索编号", "优先级", "得分", "姓名", "乡镇", "匹配方式")
STATUSES = ("线索", "待核", "折叠", "搁置", "试行")


def clues_command(
    word: WordArgument = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    direction: DirectionOption = None,
    status: StatusOption = None,
    band: BandOption = None,
    town: TownOption = None,
    rule: RuleOption = None,
    name: NameOption = None,
    new: NewOption = False,
    gone: GoneOption = False,
    overdue: OverdueOption = False,
    limit: LimitOption = 0,
    sort: SortOption = None,
    columns: ColumnsOption = None,
    form: FormatOption = None,
    out: OutOption = None,
    ledger: LedgerOption = None,
    rules: RulesOption = None,
    json: JsonOption = False,
) -> int:
    """列出线索，按方向和排名。不写状态时不列折叠、搁置和试行的。

    例：
      clue-engine clues -w 工作区 -d 司法救助线索 --band 高
      clue-engine clues 王某 -w 工作区
      clue-engine clues --new --sort -得分 --limit 20 --columns 姓名,乡镇,理由
      clue-engine clues --town 东河乡 --format xlsx --out 东河乡.xlsx
    """
    from clue_engine.enquiry.clues import Filter, as_json, ordered
    from clue_engine.enquiry.run import load_scanned, scan_date
    from clue_engine.export.list_rows import list_rows

    if gone:
        return changes_command(workspace, ["消失", "已办结不再列"], ledger, rules, json)
    form = check_form(form, out, json=json)
    pack = at_office(load_scanned(workspace, rules))
    with Workspace.open(workspace, create=False) as ws:
        day = scan_date(ws)
        rows = list_rows(ws, pack)
        wanted = _checked(Filter(direction, status, band, town, rule, name), rows, pack)
        wanted = _by_word(ws, wanted, word, rows)
        numbers = _numbers(ws, pack, rows, new=new, overdue=overdue, ledger=ledger)
    shown = [r for r in rows if wanted.takes(r) and (numbers is None or r.clue_id in numbers)]
    if status is None and wanted.numbers is None:
        shown = [row for row in shown if row.status in ("线索", "待核")]
    headings = _columns(columns)
    if sort is not None:
        heading = one_of(sort.removeprefix("-"), _every_column(), "--sort", "栏")
        shown = ordered(shown, heading, backwards=sort.startswith("-"))
    n_all, shown = len(shown), shown[:limit] if limit > 0 else shown
    if json:
        print_json([as_json(row) for row in shown])
        return EXIT_OK
    if form:
        write_rows(form, out, shown, headings or _every_column(), pack, day)
    else:
        _print(shown, headings or _HEADINGS, by_direction=sort is None)
    _tell(shown, n_all, workspace)
    return EXIT_OK


def _tell(shown: Sequence[Row], n_all: int, workspace: Path) -> None:
    hidden = sum(row.restricted for row in shown)
    told = f"，其中受限 {hidden} 条只列编号" if hidden else ""
    more = f"，列出前 {len(shown)} 条" if len(shown) < n_all else ""
    then = f"看一条的依据：clue-engine show 线索编号{at(str(workspace))}" if shown else ""
    say(f"共 {n_all} 条{more}{told}。{then}")
    if hidden:
        say(f"受限的交给专人：{hand_over(workspace)}")


def as_listed(
    rows: Sequence[Row], pack: Pack, *, direction: str | None, band: str | None, town: str | None
) -> tuple[str | None, str | None, str | None]:
    """These words as the lists write them. Raises CE-U02 for one that no list has."""
    from clue_engine.export import columns as c

    names = [word for d in pack.directions for word in (d.name, d.code)]
    labels = [one.label for d in pack.directions for one in d.bands]
    towns = sorted({str(row.cells.get(c.TOWN) or "") for row in rows} - {""})
    return (
        direction and one_of(direction, names, "--direction", "线索方向"),
        band and one_of(band, labels, "--band", "优先级"),
        town and one_of(town, towns, "--town", "乡镇"),
    )


def _checked(wanted: Filter, rows: Sequence[Row], pack: Pack) -> Filter:
    """The filter with every word as the lists write it. Raises CE-U02 for a word that no list has."""
    from dataclasses import replace

    from clue_engine.enquiry.clues import by_name

    direction, band, town = as_listed(rows, pack, direction=wanted.direction, band=wanted.band, town=wanted.town)
    found = replace(wanted, direction=direction, band=band, town=town)
    if wanted.status is not None:
        found = replace(found, status=one_of(wanted.status, STATUSES, "--status", "状态"))
    if wanted.rule is not None:
        found = replace(found, rule=one_of(wanted.rule, [r.id for r in pack.rules], "--rule", "规则"))
    if wanted.name is not None:
        by_name(rows, wanted.name, "--name")
    return found


def _by_word(ws: Workspace, wanted: Filter, word: str | None, rows: Sequence[Row]) -> Filter:
    """A number, also an old one, or a name. Raises CE-U30, CE-U02."""
    from dataclasses import replace

    from clue_engine.clue.number import number_now
    from clue_engine.enquiry.clues import by_name
    from clue_engine.enquiry.who import is_number

    if word is None:
        return wanted
    if is_number(word):
        number = number_now(ws, word)
        if all(row.clue_id != number for row in rows):
            hint = "clue-engine clues 看全部编号；不再列出的：clue-engine clues --gone"
            raise ClueError("CE-U30", "没有这个线索编号", place=word.strip()[:40], hint=hint)
        return replace(wanted, numbers=(number,))
    by_name(rows, word, "编号或姓名")
    return replace(wanted, name=word)


def _numbers(
    ws: Workspace, pack: Pack, rows: Sequence[Row], *, new: bool, overdue: bool, ledger: str | None
) -> set[str] | None:
    """The numbers that --new and --overdue leave; None for all. Raises CE-U36, CE-L01."""
    from clue_engine.export.changes import AGAIN, NEW

    found: set[str] | None = None
    if new:
        changed = compared(ws, pack, rows, ledger)
        if changed is None:
            hint = "不写 --new 列出全部"
            raise ClueError("CE-U36", "这个工作区没有上一次扫描可以对照", place="--new", hint=hint)
        found = {one.clue_id for one in changed if one.kind in (NEW, AGAIN) or one.new_case}
    if overdue:
        with needed_ledger(ledger) as book:
            known = Book.read(book)
        late = {wait.number for wait in known.overdue(dt.date.today())}
        found = late if found is None else found & late
    return found


def _every_column() -> tuple[str, ...]:
    from clue_engine.export import columns as c

    return tuple(heading for heading in c.LIST if heading not in c.FEEDBACK)


def _columns(text: str | None) -> tuple[str, ...]:
    """The columns that are named, the number of the clue always among them."""
    words = [word for word in re.split("[,，、]", text or "") if word.strip()]
    named = [one_of(word.strip(), _every_column(), "--columns", "栏") for word in words]
    return tuple(dict.fromkeys(("线索编号", *named))) if named else ()


def _print(rows: Sequence[Row], headings: Sequence[str], *, by_direction: bool) -> None:
    """Under each other by direction as in the lists, or all in one table in the order that was asked for."""
    heads = [heading.removesuffix("方式") for heading in headings]
    if not by_direction:
        print_table(heads, [[_shown(row, h) for h in headings] for row in rows])
        return
    for name in dict.fromkeys(row.direction for row in rows):
        own = [row for row in rows if row.direction == name]
        print(f"{name}（{len(own)} 条）")
        print_table(heads, [[_shown(row, h) for h in headings] for row in own])
        print()


def _shown(row: Row, heading: str) -> object:
    cell = row.cells.get(heading)
    if heading == "状态":
        return row.status
    if heading == "得分":
        return "" if row.restricted else f"{cell}/{row.cells.get('可能得分')}"
    return str(cell or "")[:2] if heading == "匹配方式" else cell
