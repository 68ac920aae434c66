"""The page of figures: what it counts, that small counts are hidden, and that nobody is in it."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import clue_world as world
import pytest

from clue_engine.cli.app import main
from clue_engine.enquiry.page import internal_page
from clue_engine.export import listing
from clue_engine.export.listing import Listing
from clue_engine.export.xlsx_pages import masked
from clue_engine.feedback.charts import MOST, chart, left_out
from clue_engine.feedback.figures import UNKNOWN, Grid, funnel, open_numbers, overdue, ways
from clue_engine.feedback.report import Report, grids, report_html
from clue_engine.ledger import Event, Ledger, standings
from clue_engine.ledger.history import Book
from clue_engine.pack.load import load_pack
from clue_engine.workspace import Workspace

KNOWN = load_pack(None).feedback
BROWSER = shutil.which("chromium") or shutil.which("google-chrome") or ""
JUNE = dt.date(2025, 6, 1)


def event(kind: str, number: int, day: str, **body: object) -> Event:
    return Event(kind, f"SF-{number:08}", f"P{number}", dt.date.fromisoformat(day), world.JUDICIAL, body)


EVENTS = [
    event("listed", 1, "2025-05-31", status="线索"), event("listed", 1, "2025-06-30", status="线索"),
    event("listed", 2, "2025-06-30", status="线索"), event("listed", 3, "2025-06-30", status="待核"),
    event("referred", 1, "2025-06-03", receiver="民政局", due="2025-06-17"),
    event("referred", 2, "2025-06-30", receiver="民政局", due="2025-07-14"),
    event("verified", 1, "2025-06-20", code="属实-拟救助"), event("received", 2, "2025-06-30", code="核查中"),
    event("paid", 1, "2025-06-25", code="已发放"), event("revisited", 1, "2025-07-30", code="回访"),
]  # fmt: skip


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with world.scored(tmp_path / "ws") as found:
        yield found


def test_the_funnel_counts_each_line_once_in_its_first_month() -> None:
    rows = funnel(ways(EVENTS, {}, KNOWN), 9, JUNE, open_numbers).rows
    assert rows == (
        ("发现", 1, 1, 0, 2), ("移送", 2, 0, 0, 2), ("核实", 1, 0, 0, 1), ("救助或纳入", 1, 0, 0, 1),
        ("回访", 0, 0, 1, 1),
    )  # fmt: skip
    january = funnel(ways(EVENTS, {}, KNOWN), 9, dt.date(2025, 1, 1), open_numbers)
    assert january.headings[1:3] == ("2025年01月", "2024年12月") and january.rows[1][1:] == (0, 0, 2, 2)


def test_what_the_data_says_is_helped_counts_where_it_had_been_found() -> None:
    told = [event("rescued", 2, "2025-07-31"), event("rescued", 4, "2025-06-30"), event("listed", 4, "2025-06-30")]
    found = ways([*EVENTS, *told], {}, KNOWN)
    assert [n for n, way in found.items() if way.days[3]] == ["SF-00000001", "SF-00000002"]


def test_the_split_tables_add_up_to_the_first(ws: Workspace, tmp_path: Path) -> None:
    """Lines that have ended and those that are in no list any more as well; the restricted by direction only."""
    events = [
        replace(one, body={**one.body, "town": "西山镇", "rules": ["J02"], "receiver": "民政部门"})
        if one.kind == "listed" else one
        for one in EVENTS
    ]  # fmt: skip
    events += [replace(event("listed", 9, "2025-06-30", status="线索", town="荷塘村", restricted=True))]
    with Ledger.open(tmp_path / "台账.sqlite", create=True) as ledger:
        ledger.append(events)
        first, *made = grids(ws, world.PACK, ledger, Report(world.AS_OF, JUNE, world.AS_OF, small=True))
    totals = {row[0]: row[-1] for row in first.rows}
    assert totals == {"发现": 3, "移送": 2, "核实": 1, "救助或纳入": 1, "回访": 1}
    for grid in made:
        if grid.title.startswith("按"):
            for stage in ("发现", "移送", "核实", "救助或纳入"):
                place = grid.headings.index(stage)
                assert sum(int(str(row[place])) for row in grid.rows) == totals[stage], (grid.title, stage)
    towns = next(grid for grid in made if grid.title == "按乡镇")
    assert [row[0] for row in towns.rows] == ["西山镇", "（受限的）"]


def test_what_nobody_wrote_down_is_not_nought() -> None:
    rows = funnel(None, 9, JUNE, masked).rows
    assert rows[0] == ("发现", UNKNOWN, UNKNOWN, UNKNOWN, 9) and {cell for row in rows[1:] for cell in row[1:]} == {
        UNKNOWN
    }


def test_overdue() -> None:
    def rows(*more: Event) -> object:
        events = [*EVENTS, *more]
        book = Book(events, {}, standings(events), {})
        late = book.overdue(dt.date(2025, 7, 20))
        found = overdue(book.waits(), dt.date(2025, 7, 20), open_numbers).rows
        assert sum(int(str(row[2])) for row in found) == len(late)  # as the command counts
        return found

    assert rows() == (("民政局", 1, 1, "6 天"),)
    assert rows(event("rescued", 2, "2025-07-10")) == ()  # of whom the data says so nobody waits for an answer


def test_small_counts_are_hidden_everywhere(ws: Workspace, tmp_path: Path) -> None:
    """No number from 1 to 7 in any table of counts of clues, unless small numbers are asked for."""
    with Ledger.open(tmp_path / "台账.sqlite", create=True) as ledger:
        ledger.append(EVENTS)
        hidden = grids(ws, world.PACK, ledger, Report(world.AS_OF, JUNE, world.AS_OF))
        shown = grids(ws, world.PACK, ledger, Report(world.AS_OF, JUNE, world.AS_OF, small=True))

    def small(found: list[Grid]) -> list[object]:
        return [cell for g in found if g.title != "数据质量" for row in g.rows for cell in row if cell in range(1, 8)]

    assert not small(hidden) and len(small(shown)) > 5
    assert [g.title for g in hidden] == [
        "从发现到回访", "等待和逾期", "按线索方向", "按乡镇", "按案由", "按规则", "按接收单位", "规则的属实率",
        "还不能判断的：缺什么，由谁掌握", "各条规则因缺数不能判断的户", "数据质量",
    ]  # fmt: skip


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.values: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += [f"{name}={value}" for name, value in attrs]


@pytest.mark.parametrize("small", [False, True])
def test_the_page_has_no_person_no_script_no_request(ws: Workspace, small: bool) -> None:
    what = Report(world.AS_OF, JUNE, world.AS_OF, small)
    text = report_html(ws, world.PACK, None, what)
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object", "embed", "form", "a"} & set(page.tags)
    assert not [v for v in page.values if re.match(r"(on|src|href|xlink:href)", v)]
    # the name of a drawing's language looks like an address; nothing asks for it
    assert "http" not in re.sub(r'http-equiv|xmlns(:xlink)?="[^"]*"', "", text)
    assert ("<svg" in text) == small  # of small numbers alone there is nothing to draw
    assert "default-src 'none'" in text and "url(" not in text and "@import" not in text
    persons = {*world.NAMES.values(), *world.IDS.values(), *(n[:14] for n in world.IDS.values()), world.VILLAGES[5]}
    numbers = [number for (number,) in ws.rows("select clue_id from clue")]
    assert not [word for word in (*persons, *numbers) if word in text]
    assert "重伤被害人" in text and text == report_html(ws, world.PACK, None, what)


def test_a_chart_draws_what_is_shown_and_writes_what_is_hidden() -> None:
    rows = (("东河乡", 24), ("西山镇", 12), ("荷塘村委会及其代管的全部移民安置区", "≤7"), ("外县", "—"))
    grid = Grid("按乡镇", "", ("乡镇", "线索"), rows, (1,))
    drawn = chart(grid, "1")
    told = re.findall(r"<text[^>]*>([^<]+)</text>", drawn)
    assert {"东河乡", "24", "≤7", "—", "荷塘村委会及其代管的全部…"} <= set(told) and "0.0" not in told
    assert len(re.findall('<rect[^>]* class="rect', drawn)) == 4 and drawn.count('width="0.000000"') <= 2
    assert "<title>按乡镇</title>" in drawn and "<script" not in drawn and "<!--" not in drawn
    assert drawn == chart(grid, "1") and "#chart-1 " in drawn
    assert chart(replace(grid, rows=rows[1:]), "x") == ""  # one number has nothing to be compared with
    long = replace(grid, rows=tuple((f"{n}村", 50 - n) for n in range(MOST + 3)))
    assert left_out(long) == 3 and "12村" not in chart(long, "x")


def test_data_quality_over_months(ws: Workspace) -> None:
    """Each month's last scan, in order, whatever order they were made in; a kind of data that did not come is named."""
    for day, files in (("2025-05-30", {}), ("2025-05-31", {"低保": [200, 3, 10], "名册": [300, 2, 0]}),
                       ("2025-03-31", {"名册": [400, 0, 4]}), ("2025-06-30", {"低保": [0, 0, 0]})):  # fmt: skip
        listed = Listing(day, day, "", {}, files=files)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(listing, "listing", lambda *_, listed=listed: listed)
            listing.keep_listing(ws, world.PACK, world.AS_OF, day)
    (*_, found) = grids(ws, world.PACK, None, Report(world.AS_OF, JUNE, world.AS_OF))
    assert (
        found.title == "数据质量：各月"
        and found.over_time
        and found.rows[-3:]
        == (
            ("2025-03", "2025-03-31", 400, 0, 4, 0.0, 10.0, "低保"),
            ("2025-05", "2025-05-31", 500, 5, 10, 10.0, 20.0, ""),
            ("2025-06", "2025-06-30", 0, 0, 0, UNKNOWN, UNKNOWN, "名册"),
        )
    )
    assert chart(found, "x").count("<circle") == 4  # an unknown month has no point


def test_the_command(ws: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ws.close()

    def run(*more: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["report", "-w", str(tmp_path / "ws"), "--out", str(tmp_path / "六月.html"), *more])
        return (int(str(ended.value.code)), *capsys.readouterr())

    assert run()[0] == 0 and (tmp_path / "六月.html").stat().st_mode & 0o777 == 0o600
    assert "≤7" in (tmp_path / "六月.html").read_text("utf-8")
    code, out, _ = run("--json", "--small-numbers", "向分管领导汇报", "--month", "2025-05")
    assert code == 0 and json.loads(out)["small_numbers"] is True
    text = (tmp_path / "六月.html").read_text("utf-8")
    assert "2025年05月" in text and ">≤7<" not in text
    kept = [json.loads(line) for line in (tmp_path / "ws" / "audit.jsonl").read_text("utf-8").splitlines()]
    assert [(line["action"], line.get("reason")) for line in kept] == [("report", "向分管领导汇报")]
    assert run("--small-numbers", " ")[0] == 2 and run("--month", "2025-13")[0] == 2
    assert run("--internal", " ")[0] == 2 and run("--internal", "碰头", "--month", "2025-05")[0] == 2
    assert run("--internal", "碰头")[0] == 0 and "内部材料" in (tmp_path / "六月.html").read_text("utf-8")
    (*_, last) = (tmp_path / "ws" / "audit.jsonl").read_text("utf-8").splitlines()
    assert {"action": "internal page", "reason": "碰头"}.items() <= json.loads(last).items()


def browse(page: Path, *options: str) -> str:
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={page.parent / 'profile'}"]
    ended = subprocess.run([*command, *options, page.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    return ended.stdout


# A copy of the page tells how it is laid out: how wide all of it, how wide the narrowest heading of a row.
_MEASURED = """<script>document.title = document.documentElement.scrollWidth + " " + Math.min.apply(null,
Array.from(document.querySelectorAll("tbody th")).map(function (cell) { return cell.offsetWidth; }));</script></body>"""


@pytest.mark.skipif(not BROWSER, reason="no Chromium is installed: the pages were not opened in it")
def test_the_pages_in_a_browser(ws: Workspace, tmp_path: Path) -> None:
    """On a telephone nothing runs out of the page and no heading is a letter wide; on paper few pages; search works."""
    report, internal = tmp_path / "report.html", tmp_path / "internal.html"
    text = report_html(ws, world.PACK, None, Report(world.AS_OF, JUNE, world.AS_OF))
    report.write_text(re.sub("<meta http-equiv[^>]*>", "", text).replace("</body>", _MEASURED), encoding="utf-8")
    title = re.search("<title>([0-9]+) ([0-9]+)</title>", browse(report, "--dump-dom", "--window-size=500,900"))
    assert title and int(title[1]) <= 500 and int(title[2]) >= 60
    browse(report, f"--print-to-pdf={tmp_path / 'report.pdf'}")
    assert len(re.findall(rb"/Type /Page\b(?!s)", (tmp_path / "report.pdf").read_bytes())) <= 3
    internal.write_text(internal_page(ws, world.PACK, None, world.AS_OF)[0], encoding="utf-8")
    assert '<p id="searching">' in browse(internal, "--dump-dom")  # its script may run, and shows the search
