"""A parcel per receiver and township: what is in it, what is never in it, and how the documents look on paper."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from docx.shared import Mm, Pt
from office import convert, needs_office
from test_leaks import file_rows, protected_keys, raw_rows, telling_of

from clue_engine.errors import ClueError
from clue_engine.export import columns as c
from clue_engine.export import parcel
from clue_engine.export.desk import consents, slips
from clue_engine.export.home import NOBODY, NOBODY_SAFE, SHARED, UNSAID, _home
from clue_engine.export.list_rows import Row
from clue_engine.export.parcel import Unmask, choose, folder_names, write_parcels
from clue_engine.export.sentences import check_text
from clue_engine.export.visit import visits, without_charges
from clue_engine.pack.load import default_root, load_pack
from clue_engine.workspace import Workspace
from tests.called import ended

SAMPLE = Path(__file__).parent.parent / "sample_data"
FILES = {"移送函.docx", "清单.xlsx", "入户核查表.docx", "manifest.json"}
TO, DAY = "民政部门", dt.date(2026, 6, 30)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, sample_copy: Callable[[Path], Path]) -> Path:
    """The sample county, scanned, and its parcels for 民政."""
    folder = tmp_path_factory.mktemp("parcels")
    (sample_copy(folder / "out") / "workspace").rename(folder / "ws")
    with Workspace.open(folder / "ws", create=False) as ws:
        write_parcels(ws, pack(), "民政", folder / "parcels", DAY, by_town=True)
    return folder


@pytest.fixture
def ws(place: Path) -> Iterator[Workspace]:
    with Workspace.open(place / "ws", create=False) as found:
        yield found


def pack() -> Any:
    return load_pack(None, SAMPLE / "parameters.yaml")


def clues(place: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((place / "out" / "clues.json").read_text("utf-8"))["clues"]
    return found


def towns(place: Path) -> list[Path]:
    return sorted((place / "parcels" / TO).iterdir())


def words(path: Path) -> str:
    """All text of a document or workbook, tables and hidden sheets too."""
    if path.suffix == ".docx":
        document = docx.Document(str(path))
        cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
        return "\n".join([p.text for p in document.paragraphs] + cells)
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        return "\n".join(str(c) for s in book for row in s.iter_rows(values_only=True) for c in row if c is not None)
    return path.read_text("utf-8")


def everything(folder: Path) -> str:
    """But hashes: now and then one holds as many figures in a row as a number of a person."""
    text = "\n".join(words(path) for path in sorted(folder.rglob("*")) if path.is_file())
    return re.sub(r"\b[0-9a-f]{64}\b", "（哈希）", text)


def audit(place: Path) -> list[dict[str, Any]]:
    lines = (place / "ws" / "audit.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


# -- who is not in it ------------------------------------------------------------------------------------------
def test_no_parcel_leads_to_the_protected(place: Path, ws: Workspace, tmp_path: Path) -> None:
    """Letters, lists, visit forms, consents and slips of three receivers, joined with all rows of all inputs."""
    for word in ("控告申诉", "农业农村"):
        write_parcels(ws, pack(), word, tmp_path, DAY, by_town=False)
    rows, keys = raw_rows(ws), protected_keys(ws)
    secret = {at: cells for at, cells in rows.items() if keys.intersection(cells)}
    telling = telling_of(secret, rows, default_root())
    numbers = {number for (number,) in ws.rows("select clue_id from clue where restricted")}
    files = [path for folder in (tmp_path, place / "parcels") for path in folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= FILES | {"授权承诺书.docx", "办理单.docx"} and len(telling) > 100
    for path in files:
        text = words(path)
        assert not [word for word in telling if word in text], path
        assert not file_rows(text) & secret.keys() and not [number for number in numbers if number in text], path


# -- what is in it --------------------------------------------------------------------------------------------
def test_each_clue_of_the_receiver_in_its_township_once(place: Path) -> None:
    expected: dict[str, list[str]] = {}
    for clue in clues(place):
        cells = clue["cells"]
        to = str(cells.get("建议承办单位", "")).split("、")
        if TO in to and clue["status"] == "线索" and not cells["匹配方式"].startswith("疑似"):
            expected.setdefault(cells["乡镇"], []).append(clue["clue_id"])
    manifests = [json.loads((town / "manifest.json").read_text("utf-8")) for town in towns(place)]
    assert len(expected) > 2 and {m["town"]: m["clues"] for m in manifests} == expected
    for town, manifest in zip(towns(place), manifests, strict=True):
        assert {path.name for path in town.iterdir()} - {"办理单.docx"} == FILES  # where another office is asked
        book = openpyxl.load_workbook(town / "清单.xlsx")["线索清单"]
        heads = [cell.value for cell in book[4]]
        listed = [str(row[heads.index("线索编号")]) for row in book.iter_rows(min_row=5, values_only=True) if row[0]]
        assert listed == manifest["clues"]
        assert re.findall(r"线索编号：(\S+)", words(town / "入户核查表.docx")) == manifest["clues"]


def test_the_manifest_holds_the_hashes(place: Path) -> None:
    for town in towns(place):
        manifest = json.loads((town / "manifest.json").read_text("utf-8"))
        for name, digest in manifest["files"].items():
            assert hashlib.sha256((town / name).read_bytes()).hexdigest() == digest
        assert set(manifest["files"]) - {"办理单.docx"} == FILES - {"manifest.json"} and manifest["unmasked"] == []


def test_a_line_in_the_audit_for_each_parcel(place: Path) -> None:
    kept = [line for line in audit(place) if line["action"] == "parcel"][: len(towns(place))]
    for town, line in zip(towns(place), kept, strict=True):
        manifest = (town / "manifest.json").read_bytes()
        assert (line["receiver"], line["town"], line["unmasked"]) == (TO, town.name, [])
        assert line["clues"] == json.loads(manifest)["clues"]
        assert line["manifest"] == hashlib.sha256(manifest).hexdigest()


def test_the_letter_says_how_many_and_until_when(place: Path) -> None:
    for town in towns(place):
        text = words(town / "移送函.docx")
        n = len(json.loads((town / "manifest.json").read_text("utf-8"))["clues"])
        for said in (
            f"关于移送{town.name}社会救助帮扶线索的函", "民政部门：", f"{town.name}有{n}户家庭可能需要救助帮扶",
            "10个工作日内", f"1.线索清单（{n}户）", f"2.入户核查表（{n}份）", "回　执",
            "（移送单位）〔　　　　〕　　号", "不作为认定依据",
        ):  # fmt: skip
            assert said in text, said
        assert "{" not in text


def test_the_letter_has_the_layout_of_the_standard() -> None:
    """GB/T 9704-2012: 37 mm above, 28 mm left, text of 156 × 225 mm, 3rd-size 仿宋, title of 2nd size."""
    letter = docx.Document(str(default_root() / "templates" / "移送函.docx"))
    page = letter.sections[0]
    margins = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    assert [round(m / Mm(1)) for m in margins if m is not None] == [37, 35, 28, 26]
    body = [p for p in letter.paragraphs if p.text.startswith(("经案件信息", "一、", "二、", "三、", "四、"))]
    assert len(body) == 5
    for p in body:
        assert p.paragraph_format.first_line_indent == Pt(32) and p.paragraph_format.line_spacing == Pt(28)
        assert {run.font.size for run in p.runs} == {Pt(16)} and "仿宋_GB2312" in p.runs[0]._element.xml
    title = next(p for p in letter.paragraphs if p.text.startswith("关于移送"))
    assert title.runs[0].font.size == Pt(22) and "方正小标宋简体" in title.runs[0]._element.xml


# -- what is never in it --------------------------------------------------------------------------------------
def test_no_restricted_line_and_nobody_of_it(place: Path, ws: Workspace) -> None:
    text = everything(place / "parcels")
    assert not [c["clue_id"] for c in clues(place) if c["restricted"] and c["clue_id"] in text]
    keys = {key for row in ws.rows(
        "with home as (select distinct household_id from clue where restricted)"
        " select household_no from household semi join home using (household_id)"
        " union select id from person semi join (select person_id from fact_member semi join home using (household_id)"
        "  union select person_id from fact_involvement semi join home using (household_id)) using (person_id)"
    ) for key in row if key}  # fmt: skip
    masked = {key[:6] + "*" * 8 + key[14:] for key in keys if len(key) == 18}
    assert len(keys) > 20 and not [key for key in keys | masked if key in text]
    from clue_engine.export.home import homes

    hidden = {c["clue_id"] for c in clues(place) if c["restricted"]}
    assert not hidden & set(homes(ws, DAY, unmasked=True))


def test_numbers_are_masked(place: Path) -> None:
    text = re.sub("[0-9a-f]{64}", "", everything(place / "parcels"))  # a hash may hold as many digits in a row
    assert "****" in text and not re.search(r"\d{17}[\dXx]|(?<!\d)1[3-9]\d{9}(?!\d)", text)


def test_no_charge_for_those_who_help(place: Path, ws: Workspace) -> None:
    charges = {cause for (cause,) in ws.rows("select distinct unnest(cause) from fact_involvement")}
    text = everything(place / "parcels")
    assert len(charges) > 5 and not [cause for cause in charges if cause in text]
    for town in towns(place):
        heads = {str(c.value) for c in openpyxl.load_workbook(town / "清单.xlsx")["线索清单"][4]}
        assert not heads & {"案号", "案由", "受理日期", "伤情", "得分", "命中规则", "规则版本", "数据来源"}
    assert "在案件中" in text


def test_a_list_for_the_procuratorate_keeps_the_case(place: Path, ws: Workspace, tmp_path: Path) -> None:
    write_parcels(ws, pack(), "控告申诉", tmp_path, DAY, by_town=False)
    [folder] = tmp_path.iterdir()
    assert {path.name for path in folder.iterdir()} == FILES | {"办理单.docx"}
    heads = [c.value for c in openpyxl.load_workbook(folder / "清单.xlsx")["线索清单"][4]]
    assert {"案号", "案由", "伤情"} <= set(heads)


@pytest.mark.parametrize(
    ("text", "causes", "said"),
    [
        ("甲在“过失致人重伤罪”案中受损", ("过失致人重伤罪",), "甲在案件中受损"),
        ("甲在“抢劫罪、故意伤害罪”案中受损", ("抢劫罪", "故意伤害罪"), "甲在案件中受损"),
        ("甲因故意伤害罪致残", ("伤害罪", "故意伤害罪"), "甲因案件致残"),
        ("“低保”待核", ("盗窃罪",), "“低保”待核"),
    ],
)
def test_without_charges(text: str, causes: tuple[str, ...], said: str) -> None:
    assert without_charges(text, causes) == said


# -- whom to talk to ------------------------------------------------------------------------------------------
def person(number: int, name: str, born: int | None, **more: object) -> dict[str, object]:
    day = dt.date(born, 6, 30) if born else None
    return {
        "person_id": number, "seq": number, "name": name, "sex": None, "phone": f"1390000000{number}", "birth_lo": day,
        "birth_hi": day, "is_member": True, "relation": None, "labour": None, "gone": False, "suspect": False,
        "accused": False, **more,
    }  # fmt: skip


ROW: dict[str, object] = {
    "household_id": 1,
    "town": "甲镇", "village": "乙村", "hamlet": "三组", "head_name": "张大", "head_person_id": 1,
    "household_type": None, "careful": False, "county": "甲县", "out_of_county": False,
    "monitoring_kind": None, "risk_removed": None, "dibao": None, "tekun": False, "income_pc": None,
}  # fmt: skip
DEAD, WIFE = person(1, "张大", 1970, gone=True), person(2, "李二", 1972)
CHILD, OUTSIDER = person(3, "张小", 2010), person(4, "王四", 1960, is_member=False)
SUSPECT, UNDATED = person(5, "张五", 1965, suspect=True), person(6, "张六", None)


@pytest.mark.parametrize(
    ("people", "whom"),
    [
        ([DEAD, WIFE, CHILD], "李二（54岁）"), ([WIFE, person(1, "张大", 1970)], "张大（56岁）"),
        ([DEAD, CHILD], NOBODY), ([DEAD], NOBODY), ([], NOBODY), ([CHILD, OUTSIDER], NOBODY),
        ([DEAD, CHILD, UNDATED], "张六"), ([SUSPECT, UNDATED], "张六"), ([SUSPECT, CHILD], "张五（61岁）"),
        ([OUTSIDER], "王四（66岁）"), ([person(1, "张大", 2008), WIFE], "张大（18岁）"),
    ],
)  # fmt: skip
def test_nobody_asks_for_the_dead_or_a_child(people: list[dict[str, object]], whom: str) -> None:
    home = _home(ROW, people, (), DAY, False)
    assert home.talk_to == whom and home.address == "甲镇乙村三组"
    assert _home({**ROW, "out_of_county": True}, people, (), DAY, False).address == "甲县甲镇乙村三组"


def test_the_dead_are_no_members_and_other_names_are_masked() -> None:
    home = _home(ROW, [DEAD, WIFE, CHILD], (), DAY, False)
    assert (home.head, home.members, home.phone) == ("张*（已故）", "李二（54岁）；张*（16岁）", "139****0002")
    shown = _home(ROW, [DEAD, WIFE, CHILD], (), DAY, True)
    assert (shown.head, shown.members, shown.phone) == ("张大（已故）", "李二（54岁）；张*（16岁）", "13900000002")
    assert home.has == "是否享受低保待核；名册上没有特困供养"


def test_nobody_asks_whoever_did_it() -> None:
    """A careful household: the accused is no contact, no member, no head on the form; his telephone is not called."""
    husband = person(1, "张大", 1970, suspect=True, accused=True)
    careful = {**ROW, "careful": True}
    home = _home(careful, [husband, WIFE, CHILD], (), DAY, True)
    assert (home.talk_to, home.phone, home.head) == ("李二（54岁）", "13900000002", UNSAID)
    assert home.members == "李二（54岁）；张*（16岁）"
    assert _home(careful, [husband, {**WIFE, "phone": husband["phone"]}], (), DAY, True).phone == SHARED
    assert _home(careful, [husband, CHILD], (), DAY, True).talk_to == NOBODY_SAFE
    both = person(1, "张大", 1970, suspect=True)  # struck each other: he is a victim as well
    assert _home(careful, [both, CHILD], (), DAY, True).talk_to == "张大（56岁）"


def test_no_page_asks_for_a_dead_person(place: Path, ws: Workspace) -> None:
    dead = {name for (name,) in ws.rows(
        "select name from person where person_id in (select person_id from fact_involvement where alive = '死亡'"
        " union select person_id from fact_member where alive = '死亡')"
    )}  # fmt: skip
    asked = []
    for town in towns(place):
        for form in docx.Document(str(town / "入户核查表.docx")).tables[::2]:
            cells = [cell.text for cell in form.rows[0].cells]
            assert cells[0] == "找谁谈" and cells[1], cells
            asked.append(cells[1].partition("（")[0])
    assert dead and asked and not dead.intersection(asked)


def test_one_page_serves_all_clues_of_a_household() -> None:
    home = _home({**ROW, "household_id": 7}, [WIFE], ("抢劫罪",), DAY, False)
    texts = (
        {
            "理由": "在“抢劫罪”案中受损。",
            "建议核查": "1. 入户看\n2. 向法院核对\n3. 案头：核对鉴定",
            "提示": "台账：2025-06-03移送民政局\n急需先行救助",
        },
        {"理由": "收入低。", "建议核查": "入户看"},
    )
    cells = [{"优先级": band, **more} for band, more in zip("高中", texts, strict=True)]
    rows = [Row(f"A-{n}", "甲", "a", "线索", False, own) for n, own in enumerate(cells)]
    [page] = visits(rows, {"A-0": home, "A-1": home}, pack().feedback)
    assert (page["编号"], page["优先级"], page["来由"]) == ("A-0、A-1", "高", "1.在案件中受损。\n2.收入低。")
    assert page["看什么"] == "1.入户看\n2.家庭实际困难和现有帮扶是否落实" and page["待核"] == "急需先行救助"


def test_what_is_looked_up_in_files_is_not_asked_at_the_door() -> None:
    """Of all checks of the pack none at the door speaks of whoever did it, of a court or of what experts found."""
    words = tuple(pack().options["desk_checks"])
    rules = {rule.id: rule for rule in pack().rules}
    spoken = [{"rule_id": rule_id} for rule_id in rules]
    lines = check_text({"strength": "确认"}, spoken, (), rules, {}, words).split("\n")
    asked = [line.partition(". ")[2] for line in lines]
    at_home = [text for text in asked if not text.startswith(("案头：", "向"))]
    assert asked[: len(at_home)] == at_home and "入户核实劳动能力" in at_home
    assert "案头：核对伤情鉴定和伤残鉴定" in asked
    assert not re.search("嫌疑人|被告人|加害人|法院|执行|鉴定|案卷|案外|侦查", "".join(at_home))


def test_other_offices_are_asked_what_they_know_and_nothing_else() -> None:
    """A slip per office: what is to be checked there, the facts it holds; no charge; none for the receiver itself."""
    home = _home(ROW, [], ("盗窃罪",), DAY, False)
    check = "1. 向民政部门核对名单\n2. 向法院核对“盗窃罪”案执行到位金额\n3. 入户看住房\n"
    check += "4. 向农业农村部门核对“盗窃罪”案后的监测状态"
    missing = [{"field": "人均纯收入", "holder": "农业农村局", "decides": True}, {"field": "劳动能力", "holder": None}]
    row = Row(
        "A-1", "返贫致贫风险线索", "poverty", "线索", False, {c.CHECK: check, c.NAME: "某甲"}, {"missing": missing}
    )
    asked = {s["单位"]: s["各行"][0]["事项"] for s in slips([row], {"A-1": home}, "民政部门", load_pack())}  # type: ignore[index]
    assert asked == {
        "法院": "核对“盗窃罪”案执行到位金额", "农业农村部门": "1.核对案件后的监测状态\n2.核实人均纯收入",
    }  # fmt: skip
    assert [page["编号"] for page in consents([row], {"A-1": home}, load_pack())] == ["A-1"]
    assert not consents([replace(row, direction="司法救助线索")], {"A-1": home}, load_pack())


# -- whole or not at all --------------------------------------------------------------------------------------
@pytest.mark.parametrize("fault", ["filled", "write_audit", "parcel_workbook"])
def test_nothing_is_left_of_a_failed_one(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parcel, fault, full)
    with pytest.raises(ClueError, match="CE-S23"):
        write_parcels(ws, pack(), TO, tmp_path / "p", DAY, by_town=True)
    assert list((tmp_path / "p").iterdir()) == []


def test_what_a_killed_command_left_is_swept(ws: Workspace, tmp_path: Path) -> None:
    left = tmp_path / "p" / ".clue-tmp-dead" / TO
    left.mkdir(parents=True)
    (left / "移送函.docx").write_text("x")
    write_parcels(ws, pack(), TO, tmp_path / "p", DAY, by_town=False)
    assert [path.name for path in (tmp_path / "p").iterdir()] == [TO]


def test_an_older_folder_is_not_written_over(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / TO).mkdir()
    with pytest.raises(ClueError, match="CE-U07"):
        write_parcels(ws, pack(), TO, tmp_path, DAY, by_town=True)
    assert list((tmp_path / TO).iterdir()) == []


def test_the_same_bytes_and_private(place: Path, ws: Workspace, tmp_path: Path) -> None:
    write_parcels(ws, pack(), "民政", tmp_path / "again", DAY, by_town=True)
    for path in sorted((place / "parcels").rglob("*.*")):
        again = tmp_path / "again" / path.relative_to(place / "parcels")
        assert again.read_bytes() == path.read_bytes(), path.name
        assert stat.S_IMODE(again.stat().st_mode) == 0o600


def test_unmasking_needs_a_reason_and_is_kept(place: Path, ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(ClueError, match="CE-X02"):
        write_parcels(ws, pack(), TO, tmp_path / "a", DAY, by_town=False, unmask=Unmask(" "))
    write_parcels(ws, pack(), TO, tmp_path / "b", DAY, by_town=False, unmask=Unmask("入户核查"))
    text = everything(tmp_path / "b")
    assert re.search(r"\d{17}[\dXx]", text) and re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", text)
    line = audit(place)[-1]
    assert (line["unmasked"], line["reason"], line["town"]) == (["证件号码", "联系电话"], "入户核查", "")


def test_a_township_gets_telephones_and_no_identity_numbers(place: Path, ws: Workspace, tmp_path: Path) -> None:
    for shown, seen in (("联系电话", (False, True)), ("证件号码", (True, False))):
        write_parcels(ws, pack(), TO, tmp_path / shown, DAY, by_town=False, unmask=Unmask("入户", (shown,)))
        text = everything(tmp_path / shown)
        patterns = (r"\d{17}[\dXx]", r"(?<!\d)1[3-9]\d{9}(?!\d)")
        assert tuple(bool(re.search(pattern, text)) for pattern in patterns) == seen
        assert audit(place)[-1]["unmasked"] == [shown]


def test_receivers_that_are_refused(ws: Workspace, tmp_path: Path) -> None:
    for word in ("水利", "", "部门"):  # none, none, several
        with pytest.raises(ClueError, match="CE-X10") as caught:
            write_parcels(ws, pack(), word, tmp_path, DAY, by_town=True)
        assert TO in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_plain_word_means_whom_the_direction_names_and_the_other_is_told() -> None:
    """Civil lines stand among those of the procuratorate: --for 检察 is the usual office; two usual ones are asked."""
    usual, civil = "人民检察院控告申诉检察部门", "民事检察部门"
    rows = [
        Row(f"JU-{n}", "司法救助线索", "judicial", "线索", False, {c.RECEIVER: to, c.TOWN: "甲镇"})
        for n, to in enumerate((usual, usual, civil))
    ]
    (sent,), left = choose(rows, "检察", [usual], by_town=False)
    assert (sent.receiver, len(sent.rows)) == (usual, 2) and left == {
        f"送{civil}的（另用 --for {civil}）": 1,
        "受限": 0,
    }
    assert choose(rows, "民事", [usual], by_town=False)[0][0].receiver == civil
    for known in ([], [usual, civil]):
        with pytest.raises(ClueError, match="CE-X10"):
            choose(rows, "检察", known, by_town=False)


def test_folder_names() -> None:
    assert folder_names(["甲镇", "甲/镇", "甲:镇", "..", "", "a b"]) == [
        "甲镇",
        "甲_镇",
        "甲_镇_2",
        "未命名",
        "未命名_2",
        "a_b",
    ]


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("{{ 没有这个 }}", "标记有错"), ("{{ 接收单位", "标记有错"), ("{{ 接收单位.__class__.__mro__ }}", "标记有错"),
        (None, "打不开"),
    ],
)  # fmt: skip
def test_templates_with_mistakes(ws: Workspace, tmp_path: Path, mark: str | None, said: str) -> None:
    (tmp_path / "rules" / "templates").mkdir(parents=True)
    file = tmp_path / "rules" / "templates" / "移送函.docx"
    if mark is None:
        file.write_bytes(b"no document")
    else:
        own = docx.Document()
        own.add_paragraph(mark)
        own.save(str(file))
    with pytest.raises(ClueError, match="CE-X11") as caught:
        write_parcels(ws, replace(pack(), root=str(tmp_path / "rules")), TO, tmp_path / "p", DAY, by_town=False)
    assert said in caught.value.message and caught.value.place == str(file)
    assert list((tmp_path / "p").iterdir()) == []


def test_the_office_edits_its_own_template(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "rules" / "templates").mkdir(parents=True)
    own = docx.Document()
    own.add_paragraph("某县人民检察院致{{ 接收单位 }}：{{ 户数 }}户 & <附>")
    own.save(str(tmp_path / "rules" / "templates" / "移送函.docx"))
    write_parcels(ws, replace(pack(), root=str(tmp_path / "rules")), TO, tmp_path / "p", DAY, by_town=False)
    assert re.search(r"^某县人民检察院致民政部门：\d+户 & <附>$", words(tmp_path / "p" / TO / "移送函.docx"))


# -- the command ----------------------------------------------------------------------------------------------
def test_the_command_tells_what_stayed_behind(place: Path, tmp_path: Path) -> None:
    code, out, err = ended("export", "-w", place / "ws", "--for", "民政", "--split", "乡镇", "--out", tmp_path / "p")
    assert code == 0 and out.splitlines() == [str(tmp_path / "p" / TO / town.name) for town in towns(place)]
    restricted = sum(c["restricted"] for c in clues(place))
    assert f"受限 {restricted} 条" in err


@pytest.mark.parametrize(
    "options",
    [
        ("--split", "乡镇"), ("--for", "民政", "--split", "村"), ("--for", "民政", "--to", "某"),
        ("--for", "民政", "--unmask-only", "联系电话"), ("--for", "民政", "--unmask", "某", "--unmask-only", "姓名"),
        ("--unmask", "某", "--unmask-only", "联系电话"),
        ("--for", "民政", "--restricted", "--to", "某", "--reason", "某"),
    ],
)  # fmt: skip
def test_options_that_are_refused(place: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    code, _, err = ended("export", "-w", place / "ws", *options, "--out", tmp_path / "p")
    assert code == 2 and "CE-U01" in err and not (tmp_path / "p").exists()


# -- on paper -------------------------------------------------------------------------------------------------
@needs_office
def test_pages(place: Path, tmp_path: Path) -> None:
    """The letter and its receipt are two pages; each household has a page of its own."""
    town = max(towns(place), key=lambda t: len(json.loads((t / "manifest.json").read_text("utf-8"))["clues"]))
    n = len(json.loads((town / "manifest.json").read_text("utf-8"))["clues"])
    for name, pages in (("移送函.docx", 2), ("入户核查表.docx", n)):
        made = convert(town / name, "pdf", tmp_path).read_bytes()
        assert len(re.findall(rb"/Type\s*/Page\b(?!s)", made)) == pages, name
