"""python -m tests.year: twelve months of an office, with the sample generator's county.

Each month: a run of new exports, clues referred to three offices by township, 40 % of the lines answered in the
workbooks of the parcels (opened and saved by LibreOffice where it is installed), read back, a report. Held all along:
nobody is listed as new twice, nobody who was referred is lost, every returned row is matched, and ledger, report and
letters say the same.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import docx
import openpyxl

from clue_engine.ledger import Ledger
from clue_engine.ledger.history import Book
from clue_engine.workspace import Workspace
from tests.year import county

SHARE = 0.4
ANSWERS = ("属实-拟救助", "属实-纳入监测", "不属实", "属实-转社会救助", "非案因", "无法联系")
OFFICES = ("控告申诉检察部门", "农业农村局", "民政局")
SOFFICE = shutil.which("soffice") or shutil.which("libreoffice") or ""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.year", description=__doc__)
    parser.add_argument("--months", type=int, default=county.MONTHS)
    parser.add_argument("--households", type=int, default=160)
    parser.add_argument("--cases", type=int, default=90)
    parser.add_argument("--no-office", action="store_true", help="save with openpyxl only, not with LibreOffice")
    parser.add_argument("--keep", type=Path, help="leave the office of the year in this new folder, to look into it")
    asked = parser.parse_args(arguments)
    with_office = bool(SOFFICE) and not asked.no_office
    print("returned workbooks are saved by " + ("LibreOffice" if with_office else "openpyxl: no LibreOffice used"))
    print("| month | listed | new | referred | answered | matched | waiting | closed or decided | findings |")
    print("|---|---|---|---|---|---|---|---|---|")
    bad = 0
    with tempfile.TemporaryDirectory(prefix="year-") as place:
        if asked.keep:
            asked.keep.mkdir(parents=True)
        year = Year((asked.keep or Path(place)) / "office", with_office)
        year.engine("init", str(year.folder), at=year.folder.parent)
        for month in range(asked.months):
            line, findings = year.month(month, asked.households, asked.cases)
            print(f"| {' | '.join(map(str, line))} | {len(findings)} |", flush=True)
            for finding in findings:
                print(f"    {finding}", flush=True)
            bad += len(findings)
    print(f"{asked.months} months, {bad} findings")
    return 1 if bad else 0


@dataclass
class Year:
    folder: Path
    with_office: bool
    seen: dict[tuple[str, str], dict[str, set[int]]] = field(default_factory=dict)  # who -> number -> months
    cases: dict[str, set[str]] = field(default_factory=dict)  # number -> numbers of the cases that it rested on

    def engine(self, *command: str, codes: Sequence[int] = (0, 3), at: Path | None = None) -> str:
        ended = subprocess.run(
            [sys.executable, "-m", "clue_engine", *command], cwd=at or self.folder, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if ended.returncode not in codes:
            raise RuntimeError(f"{' '.join(command)}: exit {ended.returncode}\n{ended.stderr[-2000:]}")
        return ended.stdout if ended.returncode in (0, 3) else ""

    def month(self, month: int, households: int, cases: int) -> tuple[list[object], list[str]]:
        day = dt.date.fromisoformat(county.day_of(month))
        shutil.rmtree(self.folder / "数据")
        county.write(self.folder / "数据", month, households, cases)
        self.engine("run", "--as-of", str(day), "--replace", "--force", "-q")
        listed = json.loads(self.engine("clues", "--json"))
        findings = [*self._twice(month), *self._lost(listed)]
        parcels = self._refer(month, day)
        sent = {row for folder in parcels for row in json.loads((folder / "manifest.json").read_text())["clues"]}
        findings += self._letters(parcels, sent, day)
        answered = self._answer(month, parcels, min(day + dt.timedelta(days=10), dt.date.today()))
        matched = 0
        if answered:
            told = json.loads(self.engine("feedback", "import", f"返回/{month}", "--json"))
            matched = len(told["answers"]) + told["repeated"]
            findings += [f"not matched: {d['kind']} {d['said']}" for d in told["doubts"] if not d["kept"]]
            if matched != answered:
                findings.append(f"{answered} rows answered, {matched} matched")
        findings += self._report(day, len(sent))
        with Ledger.open(self.folder / "台账" / "线索台账.sqlite") as ledger:
            book = Book.read(ledger)
        waiting = sum(bool(s.waiting) for s in book.standings.values())
        ended = sum(bool(s.ended) for s in book.standings.values())
        self.engine("ledger", "check", codes=(0,))
        n_new = sum(months == {month} for own in self.seen.values() for months in own.values())
        return [day, len(listed), n_new, len(sent), answered, matched, waiting, ended], findings

    def _twice(self, month: int) -> Iterator[str]:
        """Whom a clue names first, by direction: not under another number than before, unless the two became one or
        the new one rests on other cases: the same person was hurt once more.
        """
        with Workspace.open(self.folder / "线索" / "workspace", create=False) as ws:
            rows = ws.rows(
                "select c.direction, p.name || ' ' || coalesce(p.birth_lo::varchar, ''), c.clue_id from clue as c"
                " join clue_person as w using (clue_id) join person as p using (person_id) where w.seq = 1"
            )
            for number, case in ws.rows(
                "select distinct c.clue_id, unnest([k.case_no, k.unified_no]) from clue_part as c"
                " join involved_part as i using (part) join fact_involvement as f using (household_id, party_id)"
                " join event_case as k using (event_id)"
            ):
                self.cases.setdefault(number, set()).update({case} - {None})
        with Ledger.open(self.folder / "台账" / "线索台账.sqlite") as ledger:
            now = ledger.numbers()
        for direction, name, number in rows:
            own = self.seen.setdefault((direction, name), {})
            known = {now.get(n, n) for n in own}
            again = any(self.cases.get(n, set()) & self.cases.get(number, set()) for n in own)
            if number not in own and number not in known and again and not self._beside(rows, direction, name):
                when = {n: sorted(months) for n, months in own.items()}
                yield f"listed as new twice: {number}, before {when} ({direction}, {name}; invented)"
            own.setdefault(number, set()).add(month)

    def _beside(self, rows: Sequence[tuple[str, str, str]], direction: str, name: str) -> bool:
        """Two of one name in the same list are two people."""
        return sum(row[:2] == (direction, name) for row in rows) > 1

    def _lost(self, listed: Sequence[dict[str, Any]]) -> Iterator[str]:
        """Referred, not ended: in the list, or told as missing from it."""
        with Ledger.open(self.folder / "台账" / "线索台账.sqlite") as ledger:
            book = Book.read(ledger)
        there = {row["clue_id"] for row in listed} | set(book.missing())
        for standing in book.standings.values():
            number = book.now.get(standing.clue_id, standing.clue_id)
            if standing.waiting and number not in there:
                yield f"lost: {number} waits for an answer and is nowhere"

    def _refer(self, month: int, day: dt.date) -> list[Path]:
        out = self.folder / "移送件" / str(month)
        due = str(day + dt.timedelta(days=21))
        for office in OFFICES:
            self.engine(
                "refer", "--to", office, "--date", str(day), "--due", due, "--out", str(out), "--split", "乡镇",
                "--top", "12", codes=(0, 2, 3),
            )  # fmt: skip
        return sorted(path.parent for path in out.rglob("manifest.json"))

    def _letters(self, parcels: Sequence[Path], sent: set[str], day: dt.date) -> Iterator[str]:
        """The letters count the households of the lists; the ledger has referred what the manifests name."""
        with Ledger.open(self.folder / "台账" / "线索台账.sqlite") as ledger:
            referred = {e.clue_id for e in ledger.events() if e.kind == "referred" and e.day == day}
        if referred != sent:
            yield f"ledger and parcels: {len(referred ^ sent)} numbers differ"
        for folder in parcels:
            text = "\n".join(p.text for p in docx.Document(str(folder / "移送函.docx")).paragraphs)
            forms = sum(
                p.text.startswith("线索编号") for p in docx.Document(str(folder / "入户核查表.docx")).paragraphs
            )
            found = re.search(r"有(\d+)户家庭", text)
            if found is None or int(found[1]) != forms:
                yield f"letter and visit forms of {folder.name}: {found and found[1]} and {forms}"

    def _answer(self, month: int, parcels: Sequence[Path], day: dt.date) -> int:
        """40 % of the lines, in copies of the lists; LibreOffice opens and saves them."""
        back = self.folder / "返回" / str(month)
        edited = self.folder / "返回" / f"{month}-edited"
        edited.mkdir(parents=True)
        draw, n = Random(f"answers:{month}"), 0
        for nth, folder in enumerate(parcels):
            book = openpyxl.load_workbook(folder / "清单.xlsx")
            sheet = book["线索清单"]
            head = next(row for row in sheet.iter_rows() if any(cell.value == "线索编号" for cell in row))
            at = {str(cell.value): cell.column for cell in reversed(head)}
            for row in range(head[0].row + 1, sheet.max_row + 1):
                if sheet.cell(row, at["线索编号"]).value and draw.random() < SHARE:
                    sheet.cell(row, at["核查结果"], draw.choice(ANSWERS))
                    sheet.cell(row, at["核查日期"], day)
                    sheet.cell(row, at["不成立原因"], None)
                    n += 1
            book.save(edited / f"{nth}.xlsx")
        if self.with_office:
            subprocess.run(
                [SOFFICE, f"-env:UserInstallation={(self.folder.parent / 'profile').as_uri()}", "--headless",
                 "--convert-to", "xlsx", "--outdir", str(back), *map(str, sorted(edited.iterdir()))],
                check=True, capture_output=True, timeout=600,
            )  # fmt: skip
        else:
            edited.rename(back)
        with suppress(FileNotFoundError):
            shutil.rmtree(edited)
        return n

    def _report(self, day: dt.date, n_sent: int) -> Iterator[str]:
        """The first table of the page: referred this month, once per number that was never referred before."""
        self.engine("report", "--out", "月报.html", "--small-numbers", "核对")
        text = (self.folder / "月报.html").read_text(encoding="utf-8")
        found = re.search(r'<th scope="row">移送</th>\s*<td[^>]*>([\d—]+)</td>', text, re.S)
        with Ledger.open(self.folder / "台账" / "线索台账.sqlite") as ledger:
            events, now = ledger.events(), ledger.numbers()
        first: dict[str, dt.date] = {}
        for e in events:
            if e.kind == "referred":
                first.setdefault(now.get(e.clue_id, e.clue_id), e.day)
        wanted = sum((d.year, d.month) == (day.year, day.month) for d in first.values())
        if found is None or found[1] != str(wanted):
            yield f"report: 移送 {found and found[1]}, ledger {wanted} ({n_sent} in parcels)"


if __name__ == "__main__":
    sys.exit(main())
