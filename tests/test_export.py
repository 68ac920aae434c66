"""The output files of the county of clue_world, as a receiver opens them."""

from __future__ import annotations

import csv
import json
import re
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import clue_world as world
import openpyxl
import pytest

from clue_engine.clue import make_clues
from clue_engine.errors import ClueError
from clue_engine.export import bundle, export_clues
from clue_engine.export.bundle import ASK_HEADINGS, ask_records
from clue_engine.export.list_rows import Row
from clue_engine.export.privacy import RESTRICTED
from clue_engine.workspace import Workspace

ID = re.compile(r"\d{17}[\dXx]")


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return world.scored(tmp_path / "ws")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return world.exported(tmp_path / "out")


def rows(path: Path) -> list[dict[str, str]]:
    """The records of a CSV as a reader takes them: without the tab that keeps digits from becoming a number."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [{heading: cell.lstrip("\t") for heading, cell in line.items()} for line in csv.DictReader(stream)]


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    book = openpyxl.load_workbook(path)
    return {s.title: [[c.value for c in row] for row in s.iter_rows()] for s in book}


def listed(path: Path, sheet: str = world.JUDICIAL) -> list[dict[str, Any]]:
    """The records of a list sheet; where a heading stands twice, the printed one counts."""
    _, _, _, heads, *records = sheets(path)[sheet]
    return [dict(reversed([*zip(heads, record, strict=True)])) for record in records]


def everything(out: Path) -> str:
    """All text of all files, hidden sheets too; 规则说明 is the same for every county."""
    text = [p.read_text(encoding="utf-8-sig") for p in out.iterdir() if p.suffix != ".xlsx"]
    found = {name: cells for name, cells in sheets(out / "clues.xlsx").items() if name != "规则说明"}
    return "\n".join([*text, json.dumps(found, ensure_ascii=False, default=str)])


def test_list_holds_certain_clues_before_open_ones(out: Path) -> None:
    assert [(r["排名"], r["状态"], r["姓名"]) for r in rows(out / "clues_judicial.csv")] == [
        ("1", "线索", "白石"), ("2", "线索", "柳青"), ("3", "线索", rows(out / "clues_judicial.csv")[2]["姓名"]),
        ("4", "待核", "石敢"), ("5", "待核", "文朗"),
    ]  # fmt: skip
    assert [r["姓名"] for r in rows(out / "clues_poverty.csv")] == ["'=cmd|' /C calc'!A0"]
    assert [r["姓名"] for r in rows(out / "trial.csv")] == ["项远"]


def test_a_line_says_who_why_and_whence(out: Path) -> None:
    first = rows(out / "clues_judicial.csv")[0]
    asked = ("优先级", "得分", "户编号", "证件号码", "联系电话", "匹配方式", "命中规则", "理由")
    assert {h: first[h] for h in asked} == {
        "优先级": "高", "得分": "50", "户编号": "5299211012010001", "证件号码": "529921********001X",
        "联系电话": "139****0001", "匹配方式": "确认：证件号码一致", "命中规则": "1. J02 重伤被害人 2. J08 判决未执行",
        "理由": "1. 重伤被害人:白石重伤二级。 2. 判决未执行:白石重伤二级。",
    }  # fmt: skip
    assert first["数据来源"] == "监测对象信息.xlsx〔Sheet1〕第4行；被害人清单.csv第2行"
    assert (first["损失(元)"], first["已赔偿(元)"], first["人均纯收入(元)"]) == ("80000", "5000", "6501")
    assert first["反馈期限"] == "收到后5个工作日内"


def test_an_open_line_names_the_fact_and_its_holder(out: Path) -> None:
    pending, unknown = rows(out / "clues_judicial.csv")[3:]
    assert pending["理由"] == "重伤被害人:石敢重伤二级（赔偿情况待核）。"
    assert (pending["缺失项"], pending["缺失项掌握单位"]) == ("赔偿情况待核（承办检察官）", "承办检察官")
    assert pending["建议核查"] == "1. 核对医疗费票据 2. 向承办人核实赔偿"  # at the door first
    assert unknown["理由"] == "1. 可能符合“重伤被害人”。 2. 伤情待核，由承办检察官掌握。"


def test_each_office_has_a_list_of_what_it_must_say(out: Path) -> None:
    asked = rows(out / "asks.csv")
    heads = ("掌握单位", "要核实的事项", "核实后即可判断", "姓名")
    assert [tuple(r[h] for h in heads) for r in asked] == [
        ("承办检察官", "赔偿情况", "是", "石敢"), ("承办检察官", "伤情", "是", "文朗"),
    ]  # fmt: skip
    assert asked[0]["案号"].startswith("样检刑诉受") and "****" in asked[0]["证件号码"]
    listed = {r["姓名"]: r["线索编号"] for r in rows(out / "clues_judicial.csv")}
    assert [r["线索编号"] for r in asked] == [listed["石敢"], listed["文朗"]]


def test_an_office_without_the_case_reads_no_case_number(out: Path) -> None:
    row = Row("JU-1", "司法救助线索", "judicial", "待核", False, {"姓名": "某甲", "案号": "诉1"},
              {"missing": [{"field": "低保", "holder": "民政局", "decides": False}, {"field": "困难", "holder": None,
               "decides": True}]})  # fmt: skip
    said = [dict(zip(ASK_HEADINGS, record, strict=True)) for record in ask_records([row], world.PACK)]
    assert [(r["掌握单位"], r["核实后即可判断"], r["案号"]) for r in said] == [
        ("乡镇（入户核实）", "是", None), ("民政局", None, None),
    ]  # fmt: skip
    far = replace(row, cells={**row.cells, "乡镇": "外县（邻县）"})
    assert [r[0] for r in ask_records([far], world.PACK)] == ["户籍地（邻县）乡镇（入户核实）", "户籍地（邻县）民政局"]
    hidden = replace(row, restricted=True)
    assert ask_records([hidden], world.PACK) == []


def test_held_lines_have_a_reason(out: Path) -> None:
    held = rows(out / "held.csv")
    assert [(r["姓名"], r["证件号码"], r["搁置原因"]) for r in held] == [("江平", "529921********004X", "已足额赔偿")]


def test_a_restricted_clue_leads_nowhere(out: Path) -> None:
    line = rows(out / "clues_judicial.csv")[2]
    assert re.fullmatch(r"受限-[0-9A-F]{8}", line["姓名"])
    shown = {h for h, v in line.items() if v}
    assert shown == {
        "排名", "状态", "线索编号", "线索方向", "优先级", "姓名", "理由",
    }  # fmt: skip
    text = everything(out)
    for secret in (
        "童小荷",
        world.IDS[5],
        world.IDS[5][:14],
        "荷塘村",
        "529921101201000" + "5",
        "未成年",
        "〔2024〕5号",
    ):
        assert secret not in text, secret


def test_a_held_restricted_clue_leads_nowhere_either(ws: Workspace, tmp_path: Path) -> None:
    world.add(ws, "hold_row", ("X14", "*", "involvement", 4, 14, 1))
    make_clues(ws, world.PACK, world.AS_OF, render=world.fill)
    export_clues(ws, world.PACK, tmp_path / "out", world.AS_OF)
    [held] = rows(tmp_path / "out" / "held.csv")
    assert held["搁置原因"] == RESTRICTED
    assert "江平" not in everything(tmp_path / "out")


def test_a_suspects_family_reads_nothing_of_the_case(ws: Workspace, tmp_path: Path) -> None:
    export_clues(ws, world.PACK, tmp_path / "out", world.AS_OF)
    [line] = rows(tmp_path / "out" / "clues_poverty.csv")
    assert not any(line[h] for h in ("案号", "案由", "伤情", "损失(元)", "受理日期"))
    assert line["数据来源"] == "监测对象信息.xlsx〔Sheet1〕第12行"


def test_no_number_of_a_person_anywhere(out: Path) -> None:
    text = everything(out)
    assert not ID.search(text)
    assert not re.search(r"1390000\d{4}", text)


def test_a_number_hidden_in_text_is_masked(ws: Workspace, tmp_path: Path) -> None:
    hidden = f"{world.IDS[1]}的材料.xlsx"
    ws.con.execute("update input_file set name = ? where file_id = 1", [hidden])
    ws.con.execute("update reject set reason = '证件号529921198001010018X电话13900001111'")
    make_clues(
        ws, world.PACK, world.AS_OF, render=lambda t, v: "见529921198001010018、５２９９２１１９８００１０１００１８"
    )
    export_clues(ws, world.PACK, tmp_path / "out", world.AS_OF)
    text = everything(tmp_path / "out")
    assert not ID.search(text) and "13900001111" not in text and "５２９９２１１９８" not in text


def test_unmasking_needs_a_reason_is_logged_and_spares_restricted(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(ClueError, match="CE-X02"):
        export_clues(ws, world.PACK, tmp_path / "out", world.AS_OF, unmask_reason="  ")
    export_clues(ws, world.PACK, tmp_path / "out", world.AS_OF, unmask_reason="入户核查")
    numbers = [r["证件号码"] for r in rows(tmp_path / "out" / "clues_judicial.csv")]
    assert numbers == [world.IDS[1], world.IDS[2], "", world.IDS[3], world.IDS[6]]
    [line] = [json.loads(t) for t in (ws.directory / "audit.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (line["action"], line["reason"], line["clues"]) == ("export", "入户核查", 7)
    assert json.loads((tmp_path / "out" / "run.json").read_text())["unmasked"] is True


def test_spreadsheets_find_no_formula(ws: Workspace, tmp_path: Path) -> None:
    evil = ["@SUM(1)", "＝1+1", "-张", "+86139", "\t=1", "\ufeff=1", "x\x0by", "张\u202e三", "<script>", "长" * 40_000]
    for n, name in enumerate(evil):
        ws.con.execute("update person set name = ? where person_id = 1", [name])
        target = tmp_path / f"out{n}"
        export_clues(ws, world.PACK, target, world.AS_OF)
        cell = rows(target / "clues_judicial.csv")[0]["姓名"]
        assert cell[0] not in "=+-@＝\t\ufeff", cell
        assert not re.search("[\x00-\x1f\u202e\ufeff]", cell)
        book = openpyxl.load_workbook(target / "clues.xlsx")
        assert not [c for s in book for row in s.iter_rows() for c in row if c.data_type == "f"]
        name_cell = listed(target / "clues.xlsx")[0]["姓名"]
        assert len(name_cell) <= 32_767
        assert name_cell.endswith("（过长，已截断）") == (len(name) > 32_767)


def test_the_same_input_gives_the_same_bytes(out: Path, tmp_path: Path) -> None:
    mirrored = world.build(tmp_path / "mirrored", shuffled=True)
    make_clues(mirrored, world.PACK, world.AS_OF, render=world.fill)
    export_clues(mirrored, world.PACK, tmp_path / "again", world.AS_OF)
    for path in sorted(out.iterdir()):
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


def test_csv_form(out: Path) -> None:
    data = (out / "clues_judicial.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and data.count(b"\n") == data.count(b"\r\n") == 6


def test_files_are_private_and_replace_an_older_set(ws: Workspace, out: Path) -> None:
    (out / "note.txt").write_text("另外放的文件")
    (out / ".clue-tmp-dead").mkdir()
    before = (out / "run.json").stat().st_ino
    export_clues(ws, world.PACK, out, world.AS_OF)
    assert (out / "run.json").stat().st_ino != before
    assert (out / "note.txt").exists() and not list(out.glob(".clue-tmp-*"))
    assert stat.S_IMODE((out / "clues.xlsx").stat().st_mode) == 0o600
    assert stat.S_IMODE(out.stat().st_mode) == 0o700


def test_a_failed_export_leaves_the_old_files(ws: Workspace, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {p.name: p.read_bytes() for p in out.iterdir()}

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bundle, "write_workbook", full)
    with pytest.raises(ClueError, match="CE-S23"):
        export_clues(ws, world.PACK, out, world.AS_OF)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before


@pytest.mark.parametrize("kind", ["file", "link", "inside a file"])
def test_output_places_that_are_refused(ws: Workspace, tmp_path: Path, kind: str) -> None:
    place = tmp_path / "place"
    if kind == "link":
        (tmp_path / "elsewhere").mkdir()
        place.symlink_to(tmp_path / "elsewhere")
    else:
        place.write_text("")
    with pytest.raises(ClueError, match="CE-S28") as caught:
        export_clues(ws, world.PACK, place / "x" if kind == "inside a file" else place, world.AS_OF)
    assert caught.value.exit_code == 5


def test_a_link_in_place_of_a_file_is_not_followed(ws: Workspace, out: Path, tmp_path: Path) -> None:
    victim = tmp_path / "other.txt"
    victim.write_text("不许改")
    (out / "held.csv").unlink()
    (out / "held.csv").symlink_to(victim)
    export_clues(ws, world.PACK, out, world.AS_OF)
    assert victim.read_text() == "不许改" and not (out / "held.csv").is_symlink()


def test_folded_questions_stand_in_a_list_of_their_own(ws: Workspace, tmp_path: Path) -> None:
    short = replace(world.PACK, options={"pending_share": "0%", "pending_least": 0})
    make_clues(ws, short, world.AS_OF, render=world.fill)
    export_clues(ws, short, tmp_path / "out", world.AS_OF)
    [folded] = rows(tmp_path / "out" / "pending.csv")
    assert (folded["姓名"], folded["状态"], folded["线索方向"]) == ("文朗", "折叠", world.JUDICIAL)
    assert folded["理由"] == "1. 可能符合“重伤被害人”。 2. 伤情待核，由承办检察官掌握。"
    assert "文朗" not in [r["姓名"] for r in rows(tmp_path / "out" / "clues_judicial.csv")]
    clues = json.loads((tmp_path / "out" / "clues.json").read_text(encoding="utf-8"))["clues"]
    assert [c["status"] for c in clues if c["cells"].get("姓名") == "文朗"] == ["折叠"]


def test_a_home_in_another_county_stands_under_no_village_of_this_one(ws: Workspace, tmp_path: Path) -> None:
    ws.con.execute("update fact_household set out_of_county = household_id in (1, 6)")
    ws.con.execute("update household set county = '邻县' where household_id in (1, 6)")
    make_clues(ws, world.PACK, world.AS_OF, render=world.fill)
    ws.con.execute("update fact_household set out_of_county = true where household_id = 9")
    ws.con.execute("update household set county = '邻县' where household_id = 9")
    pack = replace(world.PACK, options={**world.PACK.options, "case_directions": [world.JUDICIAL]})
    export_clues(ws, pack, tmp_path / "out", world.AS_OF)
    [far] = rows(tmp_path / "out" / "clues_poverty.csv")
    assert far["建议承办单位"] == "户籍地（邻县）乡镇农业办"
    lines = {r["姓名"]: r for r in rows(tmp_path / "out" / "clues_judicial.csv")}
    assert lines["白石"]["建议承办单位"] == "控告申诉检察部门"
    assert [lines["白石"][h] for h in ("乡镇", "村")] == ["外县（邻县）", "邻县东河乡第1号村"]
    assert lines["文朗"]["缺失项掌握单位"] == "承办检察官（户籍在邻县，当地部门掌握的问邻县）"
    assert [lines["柳青"][h] for h in ("乡镇", "村")] == ["东河乡", "第2号村"]
