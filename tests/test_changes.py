"""What changed since the last scan, and why: a county scanned as its data, its rules and the day move on."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import tiny_county as county

from clue_engine.cli.app import main
from clue_engine.export.changes import Change, Told, changes
from clue_engine.export.list_rows import list_rows
from clue_engine.export.listing import Item, Listing, told_listings
from clue_engine.export.privacy import RESTRICTED
from clue_engine.export.standing_said import told_of
from clue_engine.ledger import Event, Ledger
from clue_engine.ledger.store import FILE
from clue_engine.pack.load import load_pack
from clue_engine.pipeline import Job, run
from clue_engine.workspace import Workspace
from tests.called import called

VICTIMS = "刑事案件被害人信息.csv"
_MORE = "样检刑诉受[2024]13号,T529921202400013,江平,{江平},重伤二级,8.5,未赔偿,故意伤害罪\n".format(**county.IDS)
_CASE = "样检刑诉受[2024]13号,T529921202400013,某某故意伤害案,丙某,2024-05-05,故意伤害罪,丙某将江平打成重伤\n"


class Office:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        county.write(folder / "in")
        county.write_pack(folder / "pack")
        for hold in (Path(__file__).parent.parent / "rules" / "hold").glob(
            "X21_*.yaml"
        ):  # what is closed is not listed
            shutil.copy(hold, folder / "pack" / "hold")

    def scan(self, first: str = "ingest", last: str = "export") -> None:
        day = dt.date.fromisoformat(county.AS_OF)
        with Workspace.open(self.folder / "ws") as ws, Ledger.open(self.folder / FILE, create=True) as ledger:
            job = Job(self.pack(), [self.folder / "in"], self.folder / "out", as_of=day, ledger=ledger)
            run(ws, job, first=first, last=last)

    def pack(self):  # type: ignore[no-untyped-def]
        return load_pack(self.folder / "pack", self.folder / "本县口径.yaml")

    def changes(self) -> list[Change] | None:
        with Workspace.open(self.folder / "ws", create=False) as ws, Ledger.open(self.folder / FILE) as ledger:
            rows = list_rows(ws, self.pack())
            return changes(ws, self.pack(), rows, told_of(ledger, self.pack()), ledger.events())

    def cases(self, listing: Path, number: str) -> dict[str, list[Change]]:
        """The number as before, with one case and with two; a number that ended before or since the scan before."""
        kept = listing.read_text("utf-8")
        value = json.loads(kept)
        listing.write_text(json.dumps({**value, "before": {**value["now"], "run": value["before"]["run"]}}), "utf-8")
        with Workspace.open(self.folder / "ws", create=False) as ws, Ledger.open(self.folder / FILE) as ledger:
            rows, events = list_rows(ws, self.pack()), ledger.events()
            since = max(e.act for e in events if e.text("run") == value["before"]["run"])

            def of(number: str, told: Told) -> list[Change]:
                return [x for x in changes(ws, self.pack(), rows, {number: told}, events) or [] if x.clue_id == number]

            two = (("第1件", "移送民政局 2025-06-03，等待反馈", 1), ("第2件", "未移送", since + 1))
            found = {"one case": of(number, Told(cases=two[:1])), "two cases": of(number, Told(cases=two))}
            for name, act in (("ended before", since), ("ended since", since + 1)):
                found[name] = of("JU-99999999", Told(ended="办结", ended_on="2099-01-01", ended_act=act))
        listing.write_text(kept, "utf-8")
        return found

    def new(self) -> list[str]:
        """What ``clues --new`` lists."""
        pack = ["--rules", str(self.folder / "pack"), "--ledger", str(self.folder / FILE)]
        out = called("clues", "-w", str(self.folder / "ws"), *pack, "--new", "--json").stdout
        return [one["clue_id"] for one in json.loads(out)]

    def lists(self) -> dict[str, bytes]:
        """All but run.json, which names the ledger as it was read: the first scan has added to it."""
        return {p.name: p.read_bytes() for p in (self.folder / "out").iterdir() if p.is_file() and p.name != "run.json"}

    def refer(self, number: str) -> None:
        """As the command of the ledger does."""
        with Ledger.open(self.folder / FILE) as ledger:
            event = next(e for e in ledger.events() if e.clue_id == number)
            body = {"receiver": "控申部门", "due": "2025-07-07"}
            ledger.append([replace(event, kind="referred", body=body)])

    def answer(self, number: str, code: str) -> int:
        """The list of the last scan comes back with an answer."""
        book = openpyxl.load_workbook(self.folder / "out" / "clues.xlsx")
        sheets = (book[name] for name in ("司法救助线索", "待核"))
        cell = next(cell for sheet in sheets for row in sheet for cell in row if cell.value == number)
        at = {head.value: head.column for head in reversed(cell.parent[4])}
        cell.parent.cell(cell.row, at["核查结果"], code)
        cell.parent.cell(cell.row, at["核查日期"], "2025-07-02")
        book.save(self.folder / "返回.xlsx")
        files = ["feedback", "import", str(self.folder / "返回.xlsx"), "--ledger", str(self.folder / FILE)]
        with pytest.raises(SystemExit) as ended:
            main([*files, "-w", str(self.folder / "ws"), "-q"])
        return int(str(ended.value.code))

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Scans one after the other, and what changed each time."""
    office = Office(tmp_path_factory.mktemp("office"))
    found: dict[str, object] = {"office": office}
    office.scan(last="clue")
    found["first"] = office.changes()
    # 白石 is paid, 江平 is a victim of a new case
    office.edit(f"in/{VICTIMS}", "重伤二级,8.5,未赔偿", "重伤二级,8.5,足额赔偿")
    office.edit("in/监测对象信息_20250630.csv", "脱贫不稳定户,是,15000", "突发严重困难户,否,6500")
    with (office.folder / "in" / VICTIMS).open("a", encoding="utf-8") as stream:
        stream.write(_MORE)
    with (office.folder / "in" / "案件查询列表.csv").open("a", encoding="utf-8") as stream:
        stream.write(_CASE)
    office.scan()
    found["data"] = office.changes()
    bytes_before = office.lists()
    office.scan("involvement")
    found["again"] = office.changes()
    found["same bytes"] = bytes_before == office.lists()
    number = found["number"] = next(one.clue_id for one in found["data"] if one.kind == "新增")  # type: ignore[attr-defined]
    office.refer(number)
    found["referred"] = office.changes()
    found["answered"] = office.answer(number, "已获赔偿")
    office.scan("involvement")
    found["closed"] = office.changes()
    office.edit(f"in/{VICTIMS}", f"{county.IDS['江平']},重伤二级", f"{county.IDS['江平']},重伤一级")
    office.scan()
    found["reopened"] = office.changes()
    found["new of reopened"] = office.new()
    listing = office.folder / "ws" / "listing.json"
    found |= office.cases(listing, number)
    kept = listing.read_text("utf-8")
    listing.write_text(json.dumps({**json.loads(kept), "before": None}), encoding="utf-8")
    found["new workspace"] = office.changes()  # as in a workspace that has seen this scan only
    listing.write_text(kept, encoding="utf-8")
    rule = next((office.folder / "pack" / "judicial").glob("J02_*.yaml"))
    version = re.search(r"^version: (\d+)", rule.read_text("utf-8"), re.M)
    assert version
    found["version"] = int(version[1])
    office.edit(f"pack/judicial/{rule.name}", version[0], f"version: {int(version[1]) + 1}")
    office.edit(f"pack/judicial/{rule.name}", "status: active", "status: trial")
    office.scan("involvement")
    found["rule"] = office.changes()
    return found


def told(found: object) -> list[tuple[str, tuple[str, ...]]]:
    assert isinstance(found, list)
    return [(one.kind, one.why) for one in found if not one.restricted]


def test_nothing_to_compare_with(steps: dict[str, object]) -> None:
    assert steps["first"] is None


def test_data(steps: dict[str, object]) -> None:
    found = told(steps["data"])
    new = next(why for kind, why in found if kind == "新增")
    gone = next(why for kind, why in found if kind == "消失")
    assert new == ("数据：新的户或新的案件",)
    assert gone[0] == "线索 → 搁置" and gone[1].startswith("搁置：") and "数据：赔偿状态 未赔偿 → 已足额" in gone[2]
    assert len(found) == 2


def test_the_same_scan_again_changes_nothing(steps: dict[str, object]) -> None:
    assert steps["again"] == steps["data"] and steps["same bytes"]


def test_a_rule(steps: dict[str, object]) -> None:
    """A rule that is put on trial lists nobody: it is blamed, with its version."""
    now = steps["version"]
    assert isinstance(now, int)
    [(kind, why)] = told(steps["rule"])
    assert kind == "消失" and why[-1] == f"规则：J02 第{now}版 → 第{now + 1}版"


def test_in_a_new_workspace_the_ledger_knows_the_scan_before(steps: dict[str, object]) -> None:
    known = {one.clue_id: one for one in steps["reopened"]}  # type: ignore[attr-defined]
    told_again = {one.clue_id: one for one in steps["new workspace"]}  # type: ignore[attr-defined]
    number = steps["number"]
    assert isinstance(number, str) and told_again[number].kind == known[number].kind == "重新列入"
    assert "数据：伤情 重伤二级 → 重伤一级" in told_again[number].why
    assert {n: one.kind for n, one in told_again.items()} == {n: one.kind for n, one in known.items()}


def test_the_ledger_compares_the_rules_that_hold_on_both_sides() -> None:
    """A rule that one more fact would decide is in the listing of a scan and not in the ledger: no change."""
    item = Item("司法救助线索", "线索", "高", False, False, "h", {"J02": 1, "J11": 2})
    before, now = (
        Event("listed", "JU-1", "P1", dt.date(2025, month, 1), item.direction, {
            "status": "线索", "band": "高", "run": f"r{month}", "rules": ["J02"]}, act=month)
        for month in (5, 6)
    )  # fmt: skip
    told = told_listings(Listing("r6", "2025-06-01", "", {}, {"JU-1": item}), [before, now])
    assert [set(one.clues["JU-1"].rules) for one in told] == [{"J02"}, {"J02"}]


def test_a_restricted_clue_says_nothing(steps: dict[str, object]) -> None:
    for name in ("data", "rule"):
        hidden = [one for one in steps[name] if one.restricted]  # type: ignore[attr-defined]
        assert hidden and all(one.why in ((), (RESTRICTED,)) for one in hidden)
        assert all(one.cells["乡镇"] is None for one in hidden)


def test_the_way_of_a_clue(steps: dict[str, object]) -> None:
    """Referred, answered, closed and not listed again, listed again as the case changed: each with what is known."""

    def of(name: str) -> Change:
        return next(one for one in steps[name] if one.clue_id == steps["number"])  # type: ignore[attr-defined]

    assert of("referred").standing == "移送控申部门 2025-06-30，限 2025-07-07，等待反馈"
    assert steps["answered"] == 0
    closed = of("closed")
    assert (closed.kind, closed.now, closed.cells["姓名"]) == ("已办结不再列", "搁置", "江平")  # held.csv names him too
    assert closed.why == ("办结 2025-07-02：已获赔偿，已足额赔偿",) == (closed.standing,)
    again = of("reopened")
    assert (again.kind, again.why[0]) == ("重新列入", "数据：伤情 重伤二级 → 重伤一级")
    assert steps["new of reopened"] == [steps["number"]]  # the ledger knows it, the two scans alone do not


def test_of_a_restricted_clue_neither_receiver_nor_reason(tmp_path: Path) -> None:
    def event(kind: str, number: int, **body: object) -> Event:
        return Event(kind, f"SF-{number}", f"P{number}", dt.date(2025, 6, 3), "司法救助线索", body)

    with Ledger.open(tmp_path / FILE, create=True) as ledger:
        for number in (1, 2):
            ledger.append([event("listed", number, restricted=True), event("referred", number, receiver="妇联")])
        ledger.append([event("verified", 2, code="重大过错"), event("closed", 2, code="重大过错", reason="X03")])
        found = told_of(ledger, load_pack(None))
    assert found["SF-1"].standing == "移送 2025-06-03，等待反馈"
    assert (found["SF-2"].standing, found["SF-2"].ended, found["SF-2"].restricted) == (
        "办结 2025-06-03", "办结 2025-06-03", True)  # fmt: skip


def test_a_new_case_of_a_number_that_was_listed_is_told(steps: dict[str, object]) -> None:
    """The number, its rules and its band are as before: that there is one case more is a change."""
    (still,), (one,) = steps["one case"], steps["two cases"]  # type: ignore[misc]
    assert (still.kind, still.new_case) == ("仍在", False)
    assert (one.kind, one.new_case, one.why[0]) == ("有变化", True, "新增案件 1 件（第2件，未移送）")


def test_what_had_ended_before_is_not_told_again(steps: dict[str, object]) -> None:
    assert steps["ended before"] == [] and [one.kind for one in steps["ended since"]] == ["已办结不再列"]  # type: ignore[attr-defined]


def test_each_case_of_a_number_is_told_with_how_it_stands(tmp_path: Path) -> None:
    def event(kind: str, part: str, **body: object) -> Event:
        return Event(kind, "SF-1", part, dt.date(2025, 6, 3), "司法救助线索", body)

    with Ledger.open(tmp_path / FILE, create=True) as ledger:
        given = {"number_given": [("SF-1", "司法救助线索", 1, None)]}
        ledger.append([event("listed", "P1"), event("referred", "P1", receiver="民政局", due="2025-06-17")], given)
        ledger.append([event("listed", "P1"), event("listed", "P2")])
        found = told_of(ledger, load_pack(None))["SF-1"]
        assert found.standing == "第1件移送民政局 2025-06-03，限 2025-06-17，等待反馈；第2件未移送"
        assert [act for *_, act in found.cases] == [1, 2]
        ledger.append([event("rescued", "P1")])
        assert told_of(ledger, load_pack(None))["SF-1"].standing.startswith("第1件数据中已救助 2025-06-03；")
        ledger.append([event("closed", "P2", reason="查无困难")])
        assert told_of(ledger, load_pack(None))["SF-1"].standing.endswith("第2件办结 2025-06-03：查无困难")


def test_sheet_and_command(steps: dict[str, object], capsys: pytest.CaptureFixture[str]) -> None:
    office = steps["office"]
    assert isinstance(office, Office)
    sheet = openpyxl.load_workbook(office.folder / "out" / "clues.xlsx")["变化"]
    assert [cell.value for cell in sheet[4]][:3] == ["种类", "线索编号", "姓名"]
    listed = {str(row[1]) for row in sheet.iter_rows(min_row=5, values_only=True)}
    rules = ["-w", str(office.folder / "ws"), "--rules", str(office.folder / "pack")]

    def call(*more: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(["changes", *rules, *more])
        return int(str(ended.value.code)), capsys.readouterr().out

    code, text = call("--json")
    assert code == 0 and {one["clue_id"] for one in json.loads(text)} == listed
    assert {one["kind"] for one in json.loads(call("--json", "--kind", "消失")[1])} == {"消失"}
    code, text = call("--json", "--kind", "新曾")
    assert code == 2 and "是否想写 “新增”" in json.loads(text)["error"]["hint"]


def test_filters_of_clues(steps: dict[str, object], capsys: pytest.CaptureFixture[str]) -> None:
    office = steps["office"]
    assert isinstance(office, Office)
    rules = ["-w", str(office.folder / "ws"), "--rules", str(office.folder / "pack")]

    def listed(*more: str) -> list[str]:
        with pytest.raises(SystemExit) as ended:
            main(["clues", *rules, *more, "--ledger", str(office.folder / FILE), "--json"])
        assert ended.value.code == 0
        return [one["clue_id"] for one in json.loads(capsys.readouterr().out)]

    found = office.changes() or []
    assert listed("--gone") == [one.clue_id for one in found if one.kind in ("消失", "已办结不再列")] != []
    assert listed("--new") == [one.clue_id for one in found if one.kind in ("新增", "重新列入")]
    still = next(one.clue_id for one in found if one.kind == "仍在")
    assert listed("--overdue") == []
    office.refer(still)
    assert listed("--overdue") == [still] == listed(still)
