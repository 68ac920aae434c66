"""feedback import: returned lists into the ledger; what was read, what was not, and why."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clue_engine.cli.ask import can_ask, known_password
from clue_engine.cli.options import (
    DEFAULT_WORKSPACE,
    JsonOption,
    LedgerOption,
    RulesOption,
    WorkspaceOption,
    needed_ledger,
)
from clue_engine.cli.screen import print_json, print_table, say
from clue_engine.errors import EXIT_OK, EXIT_PARTLY
from clue_engine.ledger.history import Book
from clue_engine.workspace import DATABASE, Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clue_engine.feedback.answers import Answers, Doubt
    from clue_engine.feedback.keep import Kept, Plan
    from clue_engine.feedback.missing import Missing
    from clue_engine.feedback.returned import Reading
    from clue_engine.ledger import Ledger
    from clue_engine.pack.model import Pack

FilesArgument = Annotated[
    list[Path], typer.Argument(metavar="文件…", help="填好交回的清单（xlsx、csv），或放它们的目录")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="只读给你看，不记入台账", show_default=False)]
LaterOption = Annotated[
    bool, typer.Option("--later-counts", help="与以前的答复矛盾时，以这次的为准", show_default=False)
]


def import_command(
    files: FilesArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    ledger: LedgerOption = None,
    rules: RulesOption = None,
    dry_run: DryRunOption = False,
    later_counts: LaterOption = False,
    json: JsonOption = False,
) -> int:
    """读回填好的清单，把核查结果记入台账。按线索编号对，排过序、筛选过、加过列、几个乡镇并在一起的都能读。

    同一份读几次，只记一次。不在可选之内的词、读不出的日期金额、没有的编号、前后矛盾的，逐行列出，不记。
    备注和核查人不记入台账（可能有姓名），原表请留存。加密的（受限线索的清单）在终端上问密码，只在内存里打开。

    例：
      clue-engine feedback import 返回/ --dry-run
      clue-engine feedback import 东河乡.xlsx 西山镇.xlsx
    """
    from clue_engine.export.bundle import stage_in
    from clue_engine.feedback.answers import read_answers
    from clue_engine.feedback.missing import missing
    from clue_engine.feedback.returned import read_returned
    from clue_engine.pack.load import load_pack

    pack = load_pack(rules)
    today = dt.date.today()
    with needed_ledger(ledger) as book:
        before = {"event": book.head("event")[0]}  # what another command adds meanwhile must be seen first
        with stage_in(book.path.parent, workspace if (workspace / DATABASE).is_file() else None) as place:
            reading = read_returned(files, place, known_password if can_ask(json) else None)
        read = read_answers(reading.rows, pack.feedback, {h.id: h.title for h in pack.holds}, today)
        found, cases = _planned(book, read, pack, workspace, today, later_counts=later_counts)
        own = Book.read(book)
        places, gaps = _places(own, found), missing(own, read.numbers)
        n_events = len(found.events) if dry_run else book.append(found.events, unchanged=before)
    kept = [] if dry_run else _kept(files, reading, [*read.doubts, *found.doubts])
    if json:
        print_json(_as_json(reading, read, found, places, gaps, n_events, dry_run=dry_run))
    else:
        _print(reading, read, found, places, cases)
        _tell(read, found, n_events, gaps, dry_run=dry_run)
        for copy in kept:
            say(f"填过的留了一份（备注只在这里）：{copy}；原来的清单可以再写了。")
    lost = reading.errors or [d for d in (*read.doubts, *found.doubts) if not d.kept]
    return EXIT_PARTLY if lost else EXIT_OK


def _planned(
    ledger: Ledger, read: Answers, pack: Pack, workspace: Path, today: dt.date, *, later_counts: bool
) -> tuple[Plan, Mapping[str, Sequence[str]]]:
    """What to keep; with a workspace former numbers and the cases of a number are known as well."""
    from clue_engine.clue.number import number_now
    from clue_engine.feedback.keep import cases_of, plan

    if not (workspace / DATABASE).is_file():
        return plan(ledger, read.answers, pack.feedback, today, later_counts=later_counts), {}
    with Workspace.open(workspace, create=False) as ws:
        cases = cases_of(ws)
        found = plan(
            ledger, read.answers, pack.feedback, today, later_counts=later_counts,
            alias=lambda number: number_now(ws, number), cases=cases,
        )  # fmt: skip
    return found, cases


def _kept(files: Sequence[Path], reading: Reading, doubts: Sequence[Doubt]) -> list[Path]:
    """Copies of our lists of which every row was kept, in the folder where a run writes them."""
    from clue_engine.export.written import keep_copy
    from clue_engine.ingest.inputs import list_inputs

    refused = [d.place for d in doubts if not d.kept]
    whole = {name for name, *_ in reading.files if not any(place.startswith(name) for place in refused)}
    copies = [keep_copy(path) for path in list_inputs(files)[0] if path.name in whole]
    return [copy for copy in copies if copy]


def _places(book: Book, found: Plan) -> dict[str, int]:
    """Each part by the number that people call it by."""
    numbers = dict.fromkeys(one.number for one in found.kept)
    return {s.part: book.place(s) for number in numbers for s in book.of(number)}


def _part_said(one: Kept, places: Mapping[str, int], cases: Mapping[str, Sequence[str]]) -> str:
    """第2件（样检刑诉受[2024]2号）: as ledger show counts them."""
    named = "、".join(cases.get(one.part, ()))
    return f"第{places.get(one.part, 1)}件" + (f"（{named}）" if named else "")


def _print(
    reading: Reading, read: Answers, found: Plan, places: Mapping[str, int], cases: Mapping[str, Sequence[str]]
) -> None:
    print_table(("文件", "读到的行"), [(name, n) for name, _, n in reading.files])
    for error in reading.errors:
        say(f"没有读：{error}")
    if reading.skipped:
        say(f"没有读的：{'、'.join(f'{name}（{why}）' for name, why in reading.skipped)}")
    if reading.unread:
        say(f"没有“线索编号”和“核查结果”两栏、没有读的表：{'、'.join(reading.unread)}")
    codes = Counter(one.answer.code for one in found.kept)
    if codes:
        print("\n这次的答复")
        print_table(("核查结果", "条数"), list(codes.items()))
    if read.mapped:
        print("\n以下写法已换成现行选项")
        print_table(("原来写的", "现在作", "行数"), list(read.mapped))
    several = [one for one in found.kept if one.parts > 1 and one.events]
    if several:
        print("\n一个编号下有几个案件的，答复记在行里写的那一个；没有写的，记在等着反馈的，再没有，记在没有办结的")
        print_table(
            ("线索编号", "案件数", "记在", "位置"),
            [(x.number, x.parts, _part_said(x, places, cases), x.answer.place) for x in several],
        )
    doubts = [*read.doubts, *found.doubts]
    if doubts:
        print("\n要看的")
        print_table(
            ("位置", "线索编号", "问题", "说明"),
            [(d.place, d.number, d.kind, d.said + ("（其余已记）" if d.kept else "")) for d in doubts],
        )


def _tell(read: Answers, found: Plan, n_events: int, missing: Sequence[Missing], *, dry_run: bool) -> None:
    from clue_engine.feedback.answers import n_refused

    left = n_refused((*read.doubts, *found.doubts))
    told = f"答复 {len(found.kept) + found.repeated} 条，其中台账里已有 {found.repeated} 条；没有填的 {read.blank} 行"
    say(f"{told}；没有记的 {left} 行。")
    trial = f"试读，没有记入台账；照此会记 {n_events} 项，去掉 --dry-run 就记。"
    say(trial if dry_run else f"已记入台账 {n_events} 项。")
    for one in missing:
        say(f"没有交回的：{one}")
    if left:
        say("没有记的，在交回的表里改好再读一次：已经记过的不会重复。")
    if any(d.kind == "与以前的答复矛盾" for d in found.doubts):
        say("核对后以这次为准的，加 --later-counts 再读一次。")


def _as_json(
    reading: Reading, read: Answers, found: Plan, places: Mapping[str, int], gaps: Sequence[Missing], n_events: int,
    *, dry_run: bool,
) -> dict[str, Any]:  # fmt: skip
    return {
        "dry_run": dry_run,
        "files": [{"name": name, "sha256": digest, "rows": n} for name, digest, n in reading.files],
        "errors": [{"code": e.code, "message": e.message, "place": e.place} for e in reading.errors],
        "unread": list(reading.unread),
        "skipped": [list(one) for one in reading.skipped],
        "missing": [{"receiver": g.receiver, "town": g.town, "referred": g.day.isoformat(), "sent": g.n_sent,
                     "clues": list(g.numbers)} for g in gaps],
        "blank": read.blank,
        "mapped": [{"word": word, "code": code, "rows": n} for word, code, n in read.mapped],
        "answers": [
            {"place": one.answer.place, "clue_id": one.number, "code": one.answer.code, "part": places.get(one.part, 1),
             "parts": one.parts, "events": [event.kind for event in one.events]}
            for one in found.kept
        ],
        "repeated": found.repeated,
        "doubts": [
            {"place": d.place, "clue_id": d.number, "kind": d.kind, "said": d.said, "kept": d.kept}
            for d in (*read.doubts, *found.doubts)
        ],
        "events": n_events,
    }  # fmt: skip
