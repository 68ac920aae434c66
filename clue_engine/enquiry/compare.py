"""How far the clues of a workspace agree with a file of expected results, without showing any number of a person.

Comes in: the clue tables, the exported files, expected lines. Goes out: ``Comparison``.

Counted as: recall = 应列 lines listed as 线索. Precision = right 线索 over right and wrong ones. Right: an 应列 line or
a 必须列出 trap names the clue. Wrong: nothing names it, or only a 待核 line (it should have been left open), or a
不得列出 trap. 可列可不列 never counts. Recall of 待核 = 待核 lines listed with status 待核.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clue_engine.errors import ClueError
from clue_engine.workspace import Workspace

NOTE = (
    "可列可不列不计；待核户列为线索的，计入错列；应列户只列为待核的，不算找回；"
    "前N条：N为应列与待核之和，按清单次序（先线索后待核）。"
)


@dataclass(frozen=True)
class DirectionScore:
    direction: str
    n_expected: int
    n_found: int
    n_certain: int
    n_right: int
    n_wrong: int
    n_uncounted: int
    wrong: Counter[str]  # why a certain clue is wrong -> how many
    n_open_expected: int
    n_open_found: int
    n_open_listed: int
    n_top: int
    n_top_found: int

    @property
    def recall(self) -> float | None:
        return _share(self.n_found, self.n_expected)

    @property
    def precision(self) -> float | None:
        return _share(self.n_right, self.n_right + self.n_wrong)

    @property
    def open_recall(self) -> float | None:
        return _share(self.n_open_found, self.n_open_expected)

    @property
    def top_share(self) -> float | None:
        return _share(self.n_top_found, self.n_expected)

    @property
    def length_ratio(self) -> float | None:
        return _share(self.n_certain, self.n_expected)


@dataclass(frozen=True)
class TrapScore:
    trap: str
    requirement: str
    n_passed: int
    n_lines: int
    failed_lines: tuple[int, ...]  # line numbers of the expected file: they lead to no one outside of it


@dataclass(frozen=True)
class Comparison:
    directions: tuple[DirectionScore, ...]
    traps: tuple[TrapScore, ...]
    missed_lines: dict[str, list[int]] = field(default_factory=dict)

    @property
    def trap_share(self) -> float | None:
        return _share(sum(t.n_passed for t in self.traps), sum(t.n_lines for t in self.traps))


def compare(ws: Workspace, expected_csv: Path, out: Path) -> Comparison:
    """Compare the clues with the expected lines; ``out`` holds the exported files of the same run."""
    lines = read_expected(expected_csv)
    clues = listed_clues(ws)
    directions = list(dict.fromkeys(d for line in lines for d in line.directions))
    missed: dict[str, list[int]] = {}
    scores = []
    for direction in directions:
        own = [c for c in clues if c.direction == direction]
        wanted = [line for line in lines if direction in line.directions]
        scores.append(_direction(direction, wanted, own))
        certain = [c for c in own if c.status == "线索"]
        missed[direction] = [x.line for x in wanted if x.kind == MUST and not _any(certain, x)]
    return Comparison(tuple(scores), tuple(_traps(ws, lines, clues, Leaks(out))), missed)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _any(clues: Sequence[Listed], line: Expected) -> bool:
    return any(c.is_meant_by(line) for c in clues)


def _direction(direction: str, lines: Sequence[Expected], clues: Sequence[Listed]) -> DirectionScore:
    must = [x for x in lines if x.kind == MUST]
    left_open = [x for x in lines if x.kind == OPEN]
    certain = [c for c in clues if c.status == "线索"]
    undecided = [c for c in clues if c.status == "待核"]
    shown = certain + undecided
    top = shown[: len(must) + len(left_open)]
    verdicts = Counter(_verdict(c, lines) for c in certain)
    wrong = Counter({why: n for why, n in verdicts.items() if why not in ("right", "uncounted")})
    return DirectionScore(
        direction=direction,
        n_expected=len(must),
        n_found=sum(_any(certain, x) for x in must),
        n_certain=len(certain),
        n_right=verdicts["right"],
        n_wrong=wrong.total(),
        n_uncounted=verdicts["uncounted"],
        wrong=wrong,
        n_open_expected=len(left_open),
        n_open_found=sum(_any(undecided, x) for x in left_open),
        n_open_listed=len(undecided),
        n_top=len(must) + len(left_open),
        n_top_found=sum(_any(top, x) for x in must),
    )


def _verdict(clue: Listed, lines: Sequence[Expected]) -> str:
    """right, uncounted, or why the clue is wrong."""
    named = [x for x in lines if clue.is_meant_by(x)]
    kinds = {x.kind for x in named}
    asked = {x.requirement for x in named if x.kind == TRAP}
    if MUST in kinds or asked & {LISTED, LISTED_ONCE}:
        return "right"
    if NOT_LISTED in asked:
        return "陷阱：" + "、".join(sorted({x.trap for x in named if x.requirement == NOT_LISTED}))
    if OPEN in kinds or LISTED_OPEN in asked:
        return "应为待核"
    if MAY in kinds or NOT_SHOWN in asked:
        return "uncounted"
    return "不在预期之内"


def _traps(ws: Workspace, lines: Sequence[Expected], clues: Sequence[Listed], leaks: Leaks) -> list[TrapScore]:
    tests: dict[str, Callable[[Sequence[Listed]], bool]] = {
        NOT_LISTED: lambda found: not any(c.shown for c in found),
        LISTED: lambda found: any(c.status == "线索" for c in found),
        LISTED_ONCE: lambda found: [c.status for c in found if c.shown] == ["线索"],
        LISTED_OPEN: lambda found: any(c.status == "待核" for c in found) and all(c.status != "线索" for c in found),
        NOT_SHOWN: lambda found: _kept_secret(ws, found, leaks),
    }
    results: dict[tuple[str, str], list[tuple[int, bool]]] = {}
    for line in lines:
        if line.kind != TRAP:
            continue
        found = [c for c in clues if c.direction in line.directions and c.is_meant_by(line)]
        test = tests.get(line.requirement)
        results.setdefault((line.trap, line.requirement), []).append((line.line, test is not None and test(found)))
    return [
        TrapScore(trap, requirement, sum(ok for _, ok in got), len(got), tuple(n for n, ok in got if not ok))
        for (trap, requirement), got in sorted(results.items())
    ]


def _kept_secret(ws: Workspace, found: Sequence[Listed], leaks: Leaks) -> bool:
    """Listed, restricted wherever it is listed, and no name, number or village in any exported line of it."""
    if not any(c.shown for c in found) or not all(c.restricted for c in found):
        return False
    forbidden = secrets(ws, [c.household_id for c in found])
    return not any(leaks.of(c.clue_id, forbidden) for c in found)


# -- the file of expected results ------------------------------------------------------------------------------------
MUST, OPEN, MAY, TRAP = "应列", "待核", "可列可不列", "陷阱"
NOT_LISTED, LISTED, LISTED_ONCE = "不得列出", "必须列出", "必须列出且只列一次"
LISTED_OPEN, NOT_SHOWN = "列出并标明赔偿情况待核", "不得显示姓名或完整证件号"
_COLUMNS = ("记录类型", "户编号", "证件号码", "线索方向", "要求", "陷阱种类")


@dataclass(frozen=True)
class Expected:
    """One line. ``person`` is an ID number, or the name of an organisation."""

    line: int
    kind: str
    household_no: str
    person: str
    directions: tuple[str, ...]
    requirement: str
    trap: str


def read_expected(path: Path) -> list[Expected]:
    """All lines. Raises CE-F30 when the file cannot be read, CE-F31 when it is another kind of file."""
    try:
        data = path.read_bytes()
    except OSError:
        raise ClueError("CE-F30", "预期结果文件打不开", place=str(path), hint="检查路径和权限") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [c for c in _COLUMNS if c not in (reader.fieldnames or [])]
    if missing:
        raise ClueError(
            "CE-F31", f"不是预期结果文件：缺少列 {'、'.join(missing)}", place=str(path), hint="列名见样例数据的说明"
        )
    found = []
    for row in reader:
        cell = {c: (row.get(c) or "").strip() for c in _COLUMNS}
        if not cell["记录类型"]:
            continue
        directions = tuple(d.strip() for d in cell["线索方向"].split("、") if d.strip())
        found.append(
            Expected(
                reader.line_num, cell["记录类型"], cell["户编号"], cell["证件号码"].upper(), directions,
                cell["要求"], cell["陷阱种类"],
            )
        )  # fmt: skip
    return found


# -- every clue with all numbers by which a line may name it: stays inside the workspace -----------------------------
# Anyone whom the household's rows name: victim, relative, suspect, member.
_PERSONS = """
select household_id, person_id, name from fact_involvement
union select household_id, person_id, name from fact_member
union select household_id, head_person_id, head_name from household
union select c.household_id, p.person_id, null from clue as c join clue_person as p on p.clue_id = c.clue_id
"""
# A victim in no register, and the relatives named beside a victim, have a number only as a party.
_PARTIES = """
with named as (
    select household_id, party_id from household_party
    union select h.household_id, k.kin_party_id from household_party as h join kin_of as k on k.party_id = h.party_id
)
select n.household_id, p.id from named as n join party as p on p.party_id = n.party_id
where p.id is not null and n.household_id in (select household_id from clue)
"""


@dataclass(frozen=True)
class Listed:
    clue_id: str
    household_id: int
    direction: str
    status: str
    rank: int
    restricted: bool
    household_no: str
    persons: frozenset[str]  # ID numbers, and names for organisations

    @property
    def shown(self) -> bool:
        return self.status in ("线索", "待核")

    def is_meant_by(self, line: Expected) -> bool:
        """Whether the line names this household, or anyone whom the clue involves."""
        return bool(
            (line.household_no and line.household_no == self.household_no)
            or (line.person and line.person in self.persons)
        )


def listed_clues(ws: Workspace) -> list[Listed]:
    """All clues in rank order."""
    persons = _persons(ws)
    return [
        Listed(**{**row, "household_no": row["household_no"] or ""}, persons=frozenset(persons[row["household_id"]]))
        for row in ws.dicts(
            "select c.clue_id, c.household_id, c.direction, c.status, c.rank, c.restricted, h.household_no"
            " from clue as c join household as h on h.household_id = c.household_id order by c.direction_seq, c.rank"
        )
    ]


def _persons(ws: Workspace) -> defaultdict[int, set[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    for household_id, number, name, known_as in ws.rows(
        f"select w.household_id, p.id, p.name, w.name from ({_PERSONS}) as w"
        " left join person as p on p.person_id = w.person_id"
        " where w.household_id in (select household_id from clue)"
    ):
        found[household_id] |= {v.upper() for v in (number, name, known_as) if v}
    for household_id, number in ws.rows(_PARTIES):
        found[household_id].add(number.upper())
    return found


def secrets(ws: Workspace, household_ids: Iterable[int]) -> set[str]:
    """What a restricted line of these households must not say: full names, numbers, place, household, case, file."""
    ids = sorted(set(household_ids))
    found: set[str] = set()
    for number, name, known_as in ws.rows(
        f"select p.id, p.name, w.name from ({_PERSONS}) as w left join person as p on p.person_id = w.person_id"
        " where list_contains(?::bigint[], w.household_id)",
        [ids],
    ):
        found |= {v for v in (name, known_as) if v and len(v) > 1}
        found |= {number, number[:14]} if number else set()
    for household_id, number in ws.rows(_PARTIES):
        if household_id in ids:
            found |= {number, number[:14]}
    for row in ws.rows(
        "select household_no, town, village, hamlet from household where list_contains(?::bigint[], household_id)",
        [ids],
    ):
        found |= {v for v in row if v}
    for case_no, causes in ws.rows(
        "select case_no, cause from fact_involvement where list_contains(?::bigint[], household_id)", [ids]
    ):
        found |= {v for v in (case_no, *(causes or ())) if v}
    found |= {name for (name,) in ws.rows("select name from input_file where name <> ''")}
    return found


# -- what the exported files say in the lines of one clue ------------------------------------------------------------
class Leaks:
    """All lines of all exported files (hidden sheets too) by the clue number they carry."""

    def __init__(self, out: Path):
        if not (out / "clues.json").is_file():
            raise ClueError(
                "CE-X03",
                "这里没有导出的线索清单",
                place=str(out),
                hint="先运行 clue-engine export，或用 --out 指明目录",
            )
        document = json.loads((out / "clues.json").read_text(encoding="utf-8"))
        numbers = {clue["clue_id"] for clue in document["clues"]}
        self._lines: defaultdict[str, list[str]] = defaultdict(list)
        for clue in document["clues"]:
            self._lines[clue["clue_id"]].append(json.dumps(clue, ensure_ascii=False))
        for path in sorted(out.glob("*.csv")):
            with path.open(encoding="utf-8-sig", newline="") as stream:
                self._keep(csv.reader(stream), numbers)
        for path in sorted(out.glob("*.xlsx")):
            if zipfile.is_zipfile(path):  # an encrypted workbook that somebody put here is none of the exported files
                self._keep(_workbook_lines(path), numbers)

    def _keep(self, records: Iterable[Iterable[Any]], numbers: set[str]) -> None:
        for record in records:
            cells = [str(cell) for cell in record if cell not in (None, "")]
            for number in numbers.intersection(cells):
                self._lines[number].append("\t".join(cells))

    def of(self, clue_id: str, forbidden: Iterable[str]) -> bool:
        """Whether any line of the clue holds any of the words."""
        return any(word in line for line in self._lines[clue_id] for word in forbidden)


def _workbook_lines(path: Path) -> Iterable[Iterable[Any]]:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    try:
        for sheet in book.worksheets:
            yield from sheet.iter_rows(values_only=True)
    finally:
        book.close()
