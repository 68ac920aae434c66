"""An office folder: commands without options, and a month of work in it: run, refer, close, run again."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import docx
import openpyxl
import pytest
import tiny_county as county

from clue_engine.errors import ClueError
from clue_engine.office import load_office
from clue_engine.pack.holidays import known_years
from clue_engine.pack.load import default_root, load_pack
from clue_engine.pack.parameters import LOCAL_SOURCE
from clue_engine.pack.text import only_comments
from tests.called import ended
from tests.record_world import shipped_pack

FORMS = resources.files("clue_engine.cli").joinpath("office")
HELD = "X21_司法救助已办结.yaml"


@dataclass
class Office:
    folder: Path

    def __call__(self, *args: object, code: int = 0) -> str:
        found, out, err = ended(*args)
        assert found == code, err
        return out if code == 0 else err

    def json(self, *args: object) -> dict:
        return json.loads(self(*args, "--json"))

    def held(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO((self.folder / "线索" / "held.csv").read_text(encoding="utf-8-sig"))))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office folder with the tiny county in it, not yet run."""
    folder = tmp_path_factory.mktemp("office") / "司法救助"
    assert ended("init", folder)[0] == 0
    county.write(folder / "数据")
    shutil.rmtree(folder / "规则")
    county.write_pack(folder / "规则")
    shutil.copy(default_root() / "hold" / HELD, folder / "规则" / "hold")
    (folder / "本县口径.yaml").write_text(county.PARAMETERS, encoding="utf-8")
    text = (folder / "clue.toml").read_text(encoding="utf-8")
    text = text.replace('name = ""', 'name = "某县人民检察院"')
    (folder / "clue.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def office(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.chdir(made)
    yield Office(made)


def answered(listed: Path, number: str) -> Path:
    """The list of a parcel with the line of a clue filled in, as it comes back."""
    book = openpyxl.load_workbook(listed)
    sheet = book["线索清单"]
    at = {str(cell.value): cell.column for cell in sheet[4]}
    row = next(n for n in range(5, sheet.max_row + 1) if sheet.cell(n, at["线索编号"]).value == number)
    sheet.cell(row, at["核查结果"], "无法联系")
    target = listed.parents[2] / "返回.xlsx"
    book.save(target)
    return target


def test_a_month_of_work(office: Office) -> None:
    """run, refer with a parcel, overdue, close, run: held with its reason; reopen, run: listed again."""
    office("run", "--as-of", county.AS_OF)
    assert {p.name for p in (office.folder / "台账").iterdir()} == {"线索台账.sqlite", "线索台账.bak"}
    first = json.loads((office.folder / "线索" / "run.json").read_text(encoding="utf-8"))
    assert len(first["ledger"]) == 64
    (number,) = [r["clue_id"] for r in json.loads(office("clues", "--json")) if r["direction"] == "司法救助线索"]
    assert "司法救助" in office("ledger", "show", number)

    listed = openpyxl.load_workbook(office.folder / "线索" / "clues.xlsx")["司法救助线索"]
    assert "收到后10个工作日内反馈" in " ".join(str(cell.value) for row in listed["A1:Z3"] for cell in row)
    (line,) = json.loads(office("clues", number, "--json"))
    assert line["cells"]["反馈期限"] == "收到后10个工作日内"  # as clue.toml says: so counts refer, too

    options = ["--to", "控告申诉", "--date", "2025-07-01", "--document", "检救移〔2025〕3号"]
    assert "--out 移送件" in office("refer", *options, "--split", "乡镇", code=2)  # a coded message with the next step
    assert office.json("refer", *options, "--dry-run")["recorded"] is False
    told = office.json("refer", *options, "--out", "移送件")
    assert told["clues"] == [
        {"clue_id": number, "due": "2025-07-15", "caution": "", "assist": False, "parts": [1], "restricted": False}
    ]
    (folder,) = (Path(f) for f in told["folders"])
    letter = "\n".join(p.text for p in docx.Document(str(folder / "移送函.docx")).paragraphs)
    for said in ("请于2025年7月15日前反馈", "检救移〔2025〕3号", "某县人民检察院", "2025年7月1日"):
        assert said in letter
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["due"] == "2025-07-15"
    assert "CE-L06" in office("refer", *options, code=2)  # waits already
    back = office.json("feedback", "import", answered(folder / "清单.xlsx", number), "--dry-run")
    assert [a["clue_id"] for a in back["answers"]] == [number] and not back["doubts"]  # more months: tests.year
    assert not office.json("overdue", "--date", "2025-07-15")
    assert [r["days"] for r in office.json("overdue", "--date", "2025-07-20")] == [5]
    toml = office.folder / "clue.toml"
    kept = toml.read_text("utf-8")
    toml.write_text(
        kept.replace('["控告申诉检察"]', '["控告申诉检察"]\ncontact = "钱某"\nphone = "0000-1"'), encoding="utf-8"
    )
    assert "可以问：控告申诉检察部门 钱某 0000-1。" in ended("overdue", "--date", "2025-07-20")[2]
    toml.write_text(kept, encoding="utf-8")
    office("export", "--out", "再导出")
    assert "2025-07-01移送控告申诉检察部门，期限2025-07-15" in (
        office.folder / "再导出" / "clues_judicial.csv"
    ).read_text(encoding="utf-8-sig")

    told = office("close", number, "--reason", "不属实，白石𠮷不配合", code=2)
    assert "CE-L08" in told and "第 5 个字" in told and "白石" not in told
    office("close", number.lower(), "--reason", "不属实，电话13900000001", "--date", "2025-07-03")
    office("run", "--as-of", county.AS_OF)
    (held,) = [row for row in office.held() if row["线索编号"] == number]
    assert "不属实，电话139****0001（2025-07-03）" in held["搁置原因"]
    second = json.loads((office.folder / "线索" / "run.json").read_text(encoding="utf-8"))
    assert second["ledger"] != first["ledger"]
    assert "CE-L06" in office("close", number, "--reason", "再办一次", code=2)
    office("run", "--as-of", county.AS_OF, "--ledger", "none", "--out", "裸扫描")
    bare = json.loads((office.folder / "裸扫描" / "run.json").read_text(encoding="utf-8"))
    assert bare["ledger"] is None
    for name in ("clues_judicial.csv", "held.csv"):
        text = (office.folder / "裸扫描" / name).read_text(encoding="utf-8-sig")
        assert (number in text) == (name == "clues_judicial.csv") and "台账" not in text

    _filled_in_place(office)
    office("reopen", number, "--reason", "又有新情况", "--date", "2025-07-05")
    office("scan", "--as-of", county.AS_OF)
    assert number in [r["clue_id"] for r in json.loads(office("clues", "--json"))]
    kinds = [line["事项"] for line in json.loads(office("ledger", "show", number, "--json"))]
    assert kinds == ["列入清单"] * 3 + ["移送", "办结", "重新列入"]  # by their days: each scan is of the same one
    assert "台账完整" not in office("ledger", "check")
    _no_person(office)
    _what_is_kept_too_long_goes(office)


def _filled_in_place(office: Office) -> None:
    """Answers typed into the list itself: read back, then the next run writes over it."""
    path = office.folder / "线索" / "clues.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = next(s for s in book if s.max_row > 4 and "核查结果" in [cell.value for cell in s[4]])
    at = {str(cell.value): cell.column for cell in reversed(sheet[4])}
    sheet.cell(5, at["核查结果"], "待核查")
    book.save(path)
    told = office("run", "--as-of", county.AS_OF, code=2)
    assert "CE-X04" in told and f"clue-engine feedback import {Path('线索') / 'clues.xlsx'}" in told
    office("feedback", "import", "线索/clues.xlsx")
    office("run", "--as-of", county.AS_OF)
    assert [p.suffix for p in (office.folder / "线索" / "已读回").iterdir()] == [".xlsx"]


def _no_person(office: Office) -> None:
    """What the ledger gives away names nobody and no place of theirs."""
    for name in ("台账.csv", "台账.xlsx"):
        office("ledger", "export", "--out", name)
        assert (office.folder / name).stat().st_mode & 0o077 == 0
        assert "CE-U07" in office("ledger", "export", "--out", name, code=2)
    content = (office.folder / "台账.csv").read_bytes() + b"".join(
        p.read_bytes() for p in (office.folder / "台账").iterdir()
    )
    import openpyxl

    sheet = openpyxl.load_workbook(office.folder / "台账.xlsx").active
    text = content.decode("utf-8", "replace") + str([[cell.value for cell in row] for row in sheet.iter_rows()])
    secret = [*county.IDS, *county.IDS.values(), county.SECRET_VILLAGE, "139000000", "T5299", "样检刑诉受"]
    assert [word for word in secret if word in text] == []
    assert text.count("受限") > 1


def _what_is_kept_too_long_goes(office: Office) -> None:
    """Workspaces, lists and parcels; not what came back, not the audit, not the ledger."""
    answered = office.folder / "移送件" / "控告申诉检察部门" / "填回来的.xlsx"
    answered.write_bytes(b"x")
    office("report", "--internal", "碰头", "--out", "明细.html")  # names persons, wherever it was written
    ledger = (office.folder / "台账" / "线索台账.sqlite").read_bytes()
    assert "没有写明保存多少天" in office("purge", code=2)
    early = office.json("purge", "--days", 30, "--date", "2025-07-30")
    assert early["sets"] == []  # the last day of keeping
    told = office.json("purge", "--days", 30, "--date", "2025-07-31")
    places = {(one["kind"], one["place"]) for one in told["sets"]}
    assert {("工作区", "线索/workspace"), ("线索清单", "线索"), ("线索清单", "再导出")} < places
    assert ("线索明细", "明细.html") in places
    assert ("移送件", "移送件/控告申诉检察部门") in places and told["others"] == [
        str(answered.relative_to(office.folder))
    ]
    assert (office.folder / "线索" / "workspace" / "clue.duckdb").exists()  # only listed
    office("purge", "--days", 30, "--date", "2025-07-31", "--yes")
    rest = {str(p.relative_to(office.folder)) for p in office.folder.rglob("*") if p.is_file() and "规则" not in str(p)}
    assert not (office.folder / "明细.html").exists()
    assert answered.exists() and (office.folder / "台账" / "线索台账.sqlite").read_bytes() == ledger
    assert {p for p in rest if p.startswith(("线索/", "再导出/", "移送件/"))} == {
        str(answered.relative_to(office.folder))
    }
    (trail,) = (office.folder / "台账" / "审计").iterdir()
    assert '"parcel"' in trail.read_text(encoding="utf-8") and trail.stat().st_mode & 0o077 == 0
    assert office.json("purge", "--days", 30, "--date", "2025-07-31")["sets"] == []
    assert office.json("ledger", "check")["problems"] == []


def test_each_setting_says_where_it_comes_from(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def origins() -> dict[str, tuple[str, str]]:
        return {r["name"]: (r["value"], r["from"]) for r in office.json("config", "show")}  # type: ignore[union-attr]

    found = origins()
    assert found["paths.out"] == ("线索", "clue.toml") and found["office.name"] == ("某县人民检察院", "clue.toml")
    assert found["paths.workspace"] == ("线索/workspace", "clue.toml（out 里的 workspace）")
    assert found["paths.holidays"] == ("节假日.yaml", "clue.toml")
    assert found["office.phone"][1] == found["retention.days"][1] == "默认"
    monkeypatch.setenv("CLUE_WORKSPACE", "别处")
    assert origins()["paths.workspace"] == ("别处", "环境变量 CLUE_WORKSPACE")
    monkeypatch.chdir(office.folder.parent)
    assert {origin for _, origin in origins().values()} == {"环境变量 CLUE_WORKSPACE", "默认"}


def test_without_a_ledger_the_commands_say_what_is_missing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(office.folder.parent)
    for args in (["ledger", "check"], ["overdue"], ["close", "SF-1", "--reason", "x"]):
        assert "CE-L07" in office(*args, code=2)
    assert "CE-L01" in office("ledger", "check", "--ledger", "没有.sqlite", code=2)
    assert not (office.folder.parent / "没有.sqlite").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[office]\nnam = 'x'\n", "office.nam：没有这一项，可以写 name、contact"),
        ("[ofice]\nname = 'x'\n", "ofice：没有这一项，可以写 office、paths"),
        ("[paths]\nout = 5\n", "paths.out：要写成加引号的文字"),
        ("[paths]\ninputs = '数据'\n", "paths.inputs：要写成方括号里的几项"),
        ("[retention]\ndays = 3\n", "retention.days：太小"),
        ("[receivers.'民政']\ndays = '十'\n", "receivers.民政.days：要写成整数"),
        ("[receivers.'民政']\ntel = '1'\n", "receivers.民政.tel：没有这一项，可以写 match、contact"),
        ("receivers = 1\n", "receivers：下面要分项写"),
        ("[office\n", "写法有错（第 1 行）"),
        ("[receivers.民政]\ndays = 5\n", "要加引号"),
        ("[office]\nname = '一\n", "写法有错"),
    ],
)
def test_a_wrong_setting_is_told_in_words(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "clue.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ClueError, match="CE-U43") as told:
        load_office(tmp_path)
    assert said in str(told.value) and not any(word in str(told.value) for word in ("Input", "Extra", "Expected"))


def test_an_old_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "clue.toml").write_bytes("[office]\nname = '某县'\n".encode("gb18030"))
    with pytest.raises(ClueError, match="UTF-8"):
        load_office(tmp_path)


def test_the_file_that_init_writes_is_right(made: Path) -> None:
    office = load_office(made)
    assert office is not None and len(office.receivers) == 11
    assert office.receiver("民政") == ("民政局", office.receivers["民政局"])
    assert office.receiver("残联") == office.receiver("残疾人联合会") == office.receiver("残疾人")
    with pytest.raises(ClueError, match="CE-U02"):
        office.receiver("检察")
    assert office.receiver("妇女")[0] == "妇女联合会" and office.receiver("司法所")[0] == "司法所"
    assert all((made / name).stat().st_mode & 0o077 == 0 for name in (".", "台账", "clue.toml"))


@pytest.mark.parametrize(
    ("form", "waits"), [("本县口径.yaml", True), ("节假日.yaml", True), ("\n# x\n", True), ("", False)]
)
def test_a_form_that_waits_to_be_filled_in_is_no_error(tmp_path: Path, form: str, waits: bool) -> None:
    """Nothing but remarks; an empty file has lost something."""
    text = FORMS.joinpath(form).read_text(encoding="utf-8") if form.endswith(".yaml") else form
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    assert only_comments(tmp_path / "x.yaml") is waits
    if waits:
        assert 2026 in known_years(shipped_pack(), tmp_path / "x.yaml")
    else:
        with pytest.raises(ClueError, match="CE-U41"):
            known_years(shipped_pack(), tmp_path / "x.yaml")
    if form == "本县口径.yaml":
        assert load_pack(parameters=tmp_path / "x.yaml").parameters == shipped_pack().parameters


def test_the_form_of_the_county_lists_all_that_a_county_sets(tmp_path: Path) -> None:
    """Each with what it decides and the value that holds now; without the # the file is good."""
    lines = FORMS.joinpath("本县口径.yaml").read_text(encoding="utf-8").splitlines()
    given = {m[1]: (m[2], lines[n - 1]) for n, x in enumerate(lines) if (m := re.fullmatch(r"# ([^ 。：]+): (.+)", x))}
    (tmp_path / "x.yaml").write_text("".join(f"{k}: {v}\n" for k, (v, _) in given.items()), encoding="utf-8")
    local, shipped = load_pack(parameters=tmp_path / "x.yaml").parameters, shipped_pack().parameters
    set_here = {n for n, p in local.items() if p.values and p.values[-1].source == LOCAL_SOURCE}
    assert set_here == {n for n, p in shipped.items() if not p.values or "待业务部门核定" in p.values[-1].source}
    assert [n for n in set_here if shipped[n].values and local[n].values[-1].value != shipped[n].values[-1].value] == []
    assert all(remark.startswith("# ") and len(remark) > 8 for _, remark in given.values())


def test_a_workspace_that_knows_more_than_the_ledger_is_left(tmp_path: Path) -> None:
    from clue_engine.export.purge import expired
    from clue_engine.ledger import Ledger
    from clue_engine.workspace import Workspace

    for name in ("numbers", "decisions", "both told", "unscanned"):
        with Workspace.open(tmp_path / name) as ws:
            ws.con.execute("create table input_file (name varchar)")
            if name != "unscanned":
                ws.con.execute("create table run_meta as select 'as_of' as key, '2024-01-01' as value")
            number = "SF-9" if name == "numbers" else "SF-1"
            ws.con.execute(f"create table number_given as select '{number}' as clue_id")
            choice = "r" if name == "decisions" else "none"
            ws.con.execute(f"create table decision as select 'k' as review_key, '{choice}' as choice")
    rows = {"number_given": [("SF-1", "x", 1, None)], "decision": [("k", "none", "")]}
    with Ledger.open(tmp_path / "ledger", create=True) as ledger:
        ledger.append(rows=rows)
        found, left = expired(tmp_path, ledger, dt.date(2025, 1, 1))
    assert [one.place.name for one in found] == ["both told"]
    assert sorted(Path(text.split("：")[0]).name for text in left) == ["decisions", "numbers", "unscanned"]
