"""The layouts of the pack load, and any mixture of their heading aliases leads back to its source."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pytest

from clue_engine.ingest.dialect import Dialect
from clue_engine.ingest.header import candidates
from clue_engine.ingest.recognise import Match, Miss, assign, index_sources, recognise
from clue_engine.ingest.table import File, Table
from clue_engine.pack import expect
from clue_engine.pack import sources as sources_file
from clue_engine.pack.model import Source
from clue_engine.pack.sources import load_layouts

RULES = Path(__file__).parent.parent / "rules"
LAYOUTS = load_layouts(RULES)
INDEXES = index_sources(LAYOUTS.sources)
# These three describe one export under several names; without its title a table may be taken for another of them.
SAME = {"monitoring_custom", "poverty_household", "poverty_list_dialect"}
# A ledger without its 关联 column or 身份 column is an ordinary list of the same records.
# A plain source takes what no layout is told by: the same records without a heading that is peculiar to one.
FAMILIES = {
    "ledger_case": {"case_list", "plain_case"},
    "ledger_person": {"victim_list"},
    "victim_list": {"ledger_person"},
    "aid_with_case": {"judicial_aid_case"},  # a list that names victims beside applicants
    # without a word of an application it is a list of victims and of who comes for them
    "aid_application": {"judicial_aid_case", "aid_with_case", "victim_list", "victim_with_case", "plain_victim"},
    "low_income_list": {"plain_list"},  # the same records; its kind stands in the rows
    "child_benefit_list": {"child_survey"},  # the same children; the title tells whether they are helped already
    "child_survey": {"child_benefit_list"},
    "student_aid": {"child_survey", "child_benefit_list"},  # the same children and guardians; 学生 or the title tells
    "correction_list": {"prosecution_card"},  # a plain 姓名 beside a charge, without a word of correction
    # with a suspect or a case number it is one of those; a plain 姓名 beside a suspect's facts may be the suspect's
    "victim_with_case": {"flat_ledger", "ledger_person", "arrest_card"},
    "flat_ledger": {
        "ledger_person",
        "victim_with_case",
    },  # a plain 姓名 of whom nobody can tell whether it is the victim's
}


def table(header: list[str], name: str = "表.csv", titles: list[str] | None = None) -> Table:
    rows = [*([t] + [""] * (len(header) - 1) for t in titles or []), header, ["x"] * len(header)]
    return Table(
        File(Path(name), "text", "", 0),
        "",
        tuple(map(tuple, rows)),
        len(header),
        dialect=Dialect(",", False, len(header)),
    )


def test_pack_loads_without_findings() -> None:
    assert LAYOUTS.diagnostics == []
    assert len({s.id for s in LAYOUTS.sources}) == len(LAYOUTS.sources) >= 15


LAID_OUT = [s for s in LAYOUTS.sources if "plain" not in s.options["recognise"]]


@pytest.mark.parametrize("source", LAID_OUT, ids=lambda s: s.id)
def test_every_mixture_of_aliases_is_recognised(source: Source) -> None:
    for seed in range(40):
        chooser = random.Random(f"{source.id} {seed}")
        header = [chooser.choice(c.headers) for c in source.columns]
        chooser.shuffle(header)
        found = recognise(table(["序号", *header]), INDEXES)
        if isinstance(found, Miss):  # only words that any list could have: refused, and named rightly
            assert found.nearest is not None and found.nearest.records == source.records
            continue
        wanted = SAME if source.id in SAME else {source.id} | FAMILIES.get(source.id, set())
        assert found.source.id in wanted, f"seed {seed}: {found.source.id} {header}"
        assert not (set(found.ties) - SAME - FAMILIES.get(found.source.id, set())), f"seed {seed}: {found.ties}"


def test_title_tells_equal_headings_apart() -> None:
    header = ["户编号", "姓名", "证件号码", "与户主关系", "户类型", "监测对象类别"]
    for title, wanted in (("脱贫户信息", "poverty_household"), ("防返贫监测对象信息（自定义）", "monitoring_custom")):
        found = recognise(table(header, titles=[title]), INDEXES)
        assert isinstance(found, Match) and found.source.id == wanted


def test_refusal_names_the_nearest_source_and_what_it_lacks() -> None:
    found = recognise(table(["部门受案号", "伤情等级", "赔偿情况", "损失数额（万元）"]), INDEXES)
    assert isinstance(found, Miss) and found.nearest is not None
    assert (found.nearest.id, found.missing) == ("victim_list", ("被害人姓名",))


def test_unknown_table_has_no_nearest_source() -> None:
    found = recognise(table(["甲", "乙", "丙"]), INDEXES)
    assert isinstance(found, Miss) and found.nearest is None


def test_mistakes_in_a_source_are_all_named(tmp_path: Path) -> None:
    vocabulary, sources = tmp_path / "vocabulary", tmp_path / "sources"
    vocabulary.mkdir()
    sources.mkdir()
    for name in ("codes.yaml", "records.yaml"):
        (vocabulary / name).write_text((RULES / "vocabulary" / name).read_text(encoding="utf-8"), encoding="utf-8")
    text = "id: x\nlabel: 甲\nrecords: [victims]\ncolumnz: []\ncolumns:\n"
    text += "  - {headers: [姓名], to: victim.nam, unit: 万}\nconstants: {victim.rol: 甲}\n"
    (sources / "x.yaml").write_text(text, encoding="utf-8")
    found = [(d.code, d.mark.line, d.mark.column) for d in load_layouts(tmp_path).diagnostics]
    assert sorted(found) == [("CE030", 4, 1), ("CE030", 6, 43), ("CE032", 3, 11), ("CE032", 6, 25), ("CE032", 7, 13)]


# Headings that no alias spells out: words of one meaning are made one (rules/vocabulary/headings.yaml).
SPELLINGS = [
    ("victim_list", "受害者身份证编号", "victim.id"),
    ("victim_list", "刑事被害人名称", "victim.name"),
    ("victim_list", "受害人的联系方式", "victim.phone"),
    ("victim_list", "伤情鉴定结论", "victim.injury"),
    ("victim_list", "受害人损失数额（元）", "victim.loss"),
    ("victim_list", "受害人是否未成年", "victim.is_minor"),
    ("arrest_card", "被告人公民身份证号码", "case.suspect_id"),
    ("arrest_card", "承办检察员", "case.prosecutor"),
    ("prosecution_card", "一审判决时间", "case.judged_on"),
    ("monitoring_custom", "防止返贫监测对象类型", "registry.monitoring_kind"),
    ("monitoring_custom", "户编码", "registry.household_no"),
    ("monitoring_custom", "户主手机号码", "registry.household_phone"),
    ("dibao_list", "低保起始年月", "listing.since"),
    ("enforcement", "申请执行人居民身份证号", "enforcement.applicant_id"),
    ("judicial_aid_case", "救助金数额（元）", "aid.amount"),
    ("tekun_list", "救助开始时间", "listing.since"),
]


@pytest.mark.parametrize(("source", "heading", "field"), SPELLINGS)
def test_other_spellings_of_headings(source: str, heading: str, field: str) -> None:
    index = next(i for i in INDEXES if i.source.id == source)
    header = next(candidates(table(["序号", heading])))
    column = assign(header, index, None)[1]
    assert column.column_no is not None, heading
    assert field in index.source.columns[column.column_no].fields


def test_a_heading_of_two_meanings_is_nobodys() -> None:
    index = next(i for i in INDEXES if i.source.id == "victim_list")
    for heading in ("是否成年", "非被害人姓名", "判决前赔偿数目"):
        assert assign(next(candidates(table(["序号", heading]))), index, None)[1].column_no is None, heading


def test_the_page_of_sources_names_every_key(tmp_path: Path) -> None:
    """docs/来源文件.md: its tables are the keys that the program knows, its example is read without a finding."""
    page = (RULES.parent / "docs" / "来源文件.md").read_text(encoding="utf-8")
    tables = [set(re.findall(r"^\| `(\w+)`", part, re.M)) for part in page.split("\n## ")[1:]]
    assert tables == [set(sources_file.SOURCE_KEYS), set(sources_file.COLUMN_KEYS), set(expect._KEYS)]
    pack = Path(shutil.copytree(RULES, tmp_path / "rules"))
    (pack / "sources" / "traffic.yaml").write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    layouts = load_layouts(pack)
    assert layouts.diagnostics == []
    source = next(s for s in layouts.sources if s.id == "traffic_ledger")
    found = expect.expectation(source.options)
    assert found is not None and (found.rows, found.change, dict(found.read)) == (5, 0.5, {"victim.injury": 0.2})
    plain = next(s for s in layouts.sources if s.id == "plain_register")
    assert "read" not in plain.options["expect"]  # of a table of no known layout no share is expected
