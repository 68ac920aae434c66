"""Headings in other offices' words: understood with values that fit, never with values that contradict them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from clue_engine.errors import ClueError
from clue_engine.ingest.clean import clean
from clue_engine.ingest.field_choice import field_choices
from clue_engine.ingest.header import Heading, heading_key
from clue_engine.ingest.heading_parse import HeadingParser, undecorated, year_of
from clue_engine.ingest.load import ingest
from clue_engine.pack.sources import load_layouts
from clue_engine.workspace import Workspace
from tests.heading_tables import EXPORTS, IDS, NAMES, N
from tests.headings import judge, read_lines

LAYOUTS = load_layouts(Path(__file__).parent.parent / "rules")
LINES = read_lines(Path(__file__).parent / "headings.csv")
VICTIMS = "刑事案件被害人信息"
OTHER_LABELS = {
    "一审公诉案件": "一审公诉案件（人卡）",
    "刑事案件台账": "手工台账·涉案人员",
    "（自定义）监测对象信息 (22).xlsx": "防返贫监测对象信息",
}


def table(path: Path, columns: dict[str, list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([list(columns), *zip(*columns.values(), strict=True)])
    return path


def loaded(folder: Path, *paths: Path) -> tuple[dict[str, tuple[str | None, str | None]], list[str], list[ClueError]]:
    """Field and grade by heading, what was said of columns, the errors."""
    with Workspace.open(folder / "ws") as ws:
        report = ingest(ws, LAYOUTS.sources, paths, records=LAYOUTS.records)
        errors = [*report.errors, *clean(ws, LAYOUTS)]
        fields = {h: (f, g) for h, f, g in ws.rows("select header, field, grade from raw_column")}
        told = ws.rows("select detail from issue where code in ('COLUMN_INFERRED', 'COLUMN_DOUBTFUL') order by 1")
    return fields, [text for (text,) in told], errors


def renamed(export: str, **written: str) -> dict[str, list[str]]:
    return {written.get(name, name): cells for name, cells in EXPORTS[export].items()}


def test_the_words_of_the_pack_are_sound() -> None:
    assert [d for d in LAYOUTS.diagnostics if "field_words" in d.mark.file] == []


@pytest.mark.parametrize(
    ("heading", "bags"),
    [
        ("加害方已赔偿金额", [{"嫌疑人", "得", "赔偿", "金额"}]),
        ("获赔款", [{"得", "赔偿", "金额"}]),
        ("身份(与户主关系)", [{"角色", "与", "户主", "关系"}, {"角色"}, {"与", "户主", "关系"}]),
        ("全案损失", [{"?全案", "损失"}]),
    ],
)
def test_a_heading_is_taken_apart(heading: str, bags: list[set[str]]) -> None:
    parser = HeadingParser(LAYOUTS.field_words)
    assert [set(bag) for bag in parser.ways(heading)] == bags


def test_signs_numbers_and_the_year_say_nothing() -> None:
    assert undecorated("【2025年度家庭人均纯收入】") == "家庭人均纯收入"
    assert undecorated("一、被害人姓名*") == "被害人姓名"
    assert undecorated("近亲属1姓名") == "近亲属姓名"
    assert year_of("2025年家庭人均纯收入") == 2025


def test_some_of_the_headings() -> None:
    """``python -m tests.headings tests/headings.csv`` measures all of them."""
    found = judge(LINES[::24], LAYOUTS)
    assert [f.line.written for f in found if f.line.meant == "原字段" and not f.understood] == []
    assert [(f.line.written, f.wrong) for f in found if f.adopted_wrongly] == []


def test_the_words_of_every_heading() -> None:
    """Without values: what may be its field, and what is another thing and can never be."""
    choices = field_choices(LAYOUTS.sources)
    sources = {source.label: source for source in LAYOUTS.sources}
    wrong = []
    for line in LINES:
        if (source := sources.get(OTHER_LABELS.get(line.export, line.export))) is None:
            continue  # a group head
        key, _ = heading_key(line.written)
        own = {f for c in source.columns if key in {heading_key(h)[0] for h in c.headers} for f in c.fields}
        may = own | {c.target for c in choices[source.id].choices(Heading(1, line.written, (key,)))}
        if (line.target in may) != (line.meant == "原字段") and line.meant in ("原字段", "另一字段"):
            wrong.append((line.written, line.meant))
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "heading", "target"),
    [
        ("plain_list", "是否在享", "listing.ended"),  # 是 would end what goes on
        ("victim_list", "应赔偿金额", "victim.award"),  # not what a court said
        ("victim_list", "家庭情况", "victim.note"),
        ("monitoring_custom", "户主人编号", "registry.household_no"),
        ("monitoring_custom", "致贫返贫风险", "registry.risk_removed"),
    ],
)
def test_what_a_heading_is_not(source: str, heading: str, target: str) -> None:
    key, _ = heading_key(heading)
    choices = field_choices(LAYOUTS.sources)[source].choices(Heading(1, heading, (key,)))
    assert target not in [choice.target for choice in choices]


@pytest.mark.parametrize(
    ("export", "heading", "written", "cells", "why"),
    [
        (VICTIMS, "部门受案号（必填）", "受案号", "样公（刑）受案字[2024]{}号", "格子里是序号或别的编号、文号"),
        (VICTIMS, "部门受案号（必填）", "案号", "{}", "格子里是序号或别的编号、文号"),
        (VICTIMS, "备注", "备注", "2024-05-{:02d}", "值合这一项的只有 0%"),
        ("（自定义）监测对象信息 (22).xlsx", "户编号", "农户编号", "70000{}", "同一编号下多半没有户主，不是户编号"),
    ],
)
def test_what_speaks_against_a_heading_that_is_known(
    tmp_path: Path, export: str, heading: str, written: str, cells: str, why: str
) -> None:
    columns = {written if name == heading else name: values for name, values in EXPORTS[export].items()}
    columns[written] = [cells.format(1 + i) for i in range(N)]
    fields, told, errors = loaded(tmp_path, table(tmp_path / "清单.csv", columns))
    assert fields.get(written, (None, None)) == (None, None)
    assert why in "；".join([*told, *map(str, errors)])


def test_what_was_inferred_is_told(tmp_path: Path) -> None:
    path = table(tmp_path / "清单.csv", renamed(VICTIMS, **{"被害人姓名（必填）": "受侵害人"}))
    fields, told, errors = loaded(tmp_path, path)
    assert errors == []
    assert fields["受侵害人"] == ("victim.name", "inferred")
    assert fields["伤情等级"] == ("victim.injury", "known")
    assert told == ["按表头和内容推定的列：“受侵害人”→姓名，按表头的字词和 16 格内容（100% 相合）"]


def test_a_doubtful_column_is_told_and_not_used(tmp_path: Path) -> None:
    columns = renamed(VICTIMS, **{"近亲属/法定代理人姓名": "死者家属姓名"})
    columns["死者家属姓名"] = ["父子", "夫妻"] * (N // 2)
    fields, told, _ = loaded(tmp_path, table(tmp_path / "清单.csv", columns))
    assert fields["死者家属姓名"] == (None, None)
    assert told == ["像某一项而没有用的列：“死者家属姓名”像“近亲属姓名”，值合这一项的只有 0%"]


def test_one_field_is_fed_by_one_column(tmp_path: Path) -> None:
    columns = renamed(VICTIMS) | {"受侵害人姓名": NAMES[::-1]}
    fields, told, _ = loaded(tmp_path, table(tmp_path / "清单.csv", columns))
    assert fields["被害人姓名（必填）"] == ("victim.name", "known")
    assert fields["受侵害人姓名"] == (None, None)
    assert told == ["像某一项而没有用的列：“受侵害人姓名”像“姓名”，这一项已用“被害人姓名（必填）”"]


def test_a_cell_of_members_is_no_name_but_taken_apart(tmp_path: Path) -> None:
    columns = renamed(VICTIMS)
    kin = [f"{name}（配偶）{number}" for name, number in zip(NAMES, IDS, strict=True)]
    columns = {("近亲属（关系、证件号）" if "法定代理人姓名" in n else n): c for n, c in columns.items()}
    columns["近亲属（关系、证件号）"] = kin
    fields, told, _ = loaded(tmp_path, table(tmp_path / "清单.csv", columns))
    assert fields["近亲属姓名"] == ("victim.kin_name", "unpacked")
    assert fields["近亲属证件号码"] == (None, None) and "近亲属（关系、证件号）" not in fields
    assert "这一项已用“近亲属/法定代理人证件号码”" in told[1]


def test_an_amount_is_what_was_paid_where_the_table_proves_it(tmp_path: Path) -> None:
    """赔偿金额 may be asked, awarded or paid: never above the award and in step with 赔偿情况, it is paid."""
    paid, asked = "已获赔偿金额（万元）", "赔偿金额（万元）"
    fields, _, _ = loaded(tmp_path, table(tmp_path / "清单.csv", renamed(VICTIMS, **{paid: asked})))
    assert fields[asked] == ("victim.paid", "inferred")
    columns = renamed(VICTIMS, **{paid: asked})
    columns[asked] = [f"{float(award) + 5}" for award in columns["附带民事判决金额（万元）"]]
    other = tmp_path / "other"
    other.mkdir()
    fields, told, _ = loaded(other, table(other / "清单.csv", columns))
    assert fields[asked] == (None, None)
    assert "证明不了" in told[0]


def test_drivers_are_no_victims(tmp_path: Path) -> None:
    """A list of drivers that does not say who was hurt; with 伤亡情况 it has a home (test_lists_of_offices)."""
    columns = {"序号": [str(i) for i in range(N)], "事故编号": [f"SG{i:05d}" for i in range(N)], "当事人姓名": NAMES}
    columns |= {"身份证号": IDS, "车辆类型": ["轿车"] * N, "事故责任": ["全部责任", "无责任"] * (N // 2)}
    _, _, errors = loaded(tmp_path, table(tmp_path / "交通事故台账.csv", columns))
    assert [e.code for e in errors] == ["CE-F05"]


def test_a_list_of_tekun_is_no_list_of_certificates(tmp_path: Path) -> None:
    columns = {
        "姓名": NAMES,
        "证件号码": IDS,
        "供养方式": ["分散供养"] * N,
        "特困编号": [f"TK{i:04d}" for i in range(N)],
    }
    columns |= {"残疾类别": ["肢体"] * N, "残疾等级": ["二级"] * N}
    fields, _, errors = loaded(tmp_path, table(tmp_path / "名单.csv", columns))
    assert errors == []
    assert fields["供养方式"] == ("listing.level", "known")
    assert fields["残疾等级"] == (None, None)


def test_group_heads_that_are_not_known_do_not_bring_names_together(tmp_path: Path) -> None:
    heads = ["某方", "", "另一方", ""], ["姓名", "身份证号码", "姓名", "身份证号码"]
    path = tmp_path / "低保名册.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([*heads, *zip(NAMES, IDS, NAMES[::-1], IDS[::-1], strict=True)])
    fields, _, errors = loaded(tmp_path, path)
    assert fields == {}
    assert [e.code for e in errors] == ["CE-F08"]
