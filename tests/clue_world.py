"""A county of nine invented households, written straight into the tables that scoring reads.

1 白石 重伤, unpaid, confirmed           → 线索, 高            6 伤情 unknown, one fact decides      → 待核
2 柳青 the same, but only a likely link  → 线索, behind 1      7 much unknown                        → only counted
3 石敢 重伤, compensation unknown        → 待核                8 hit by a trial rule only            → 试行
4 江平 重伤, paid in full                → 搁置                9 a suspect's family (no crime told)  → 返贫 线索
5 a protected child                      → 线索, restricted       with a name that spreadsheets take for a formula
"""

from __future__ import annotations

import atexit
import datetime as dt
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from clue_engine.clue import make_clues
from clue_engine.errors import Mark
from clue_engine.export import export_clues
from clue_engine.pack.answers import Feedback, Result
from clue_engine.pack.model import Band, Dimension, Direction, Field, Hold, Pack, Relation, Rule, Text
from clue_engine.workspace import Workspace

AS_OF = dt.date(2025, 6, 30)
JUDICIAL, POVERTY = "司法救助线索", "返贫致贫风险线索"
# Invented numbers; the check digits are right, the county code 529921 does not exist.
IDS = {n: f"52992119800101{n:03d}X" for n in range(1, 10)}
NAMES = {
    1: "白石",
    2: "柳青",
    3: "石敢",
    4: "江平",
    5: "童小荷",
    6: "文朗",
    7: "桑榆",
    8: "项远",
    9: "=cmd|' /C calc'!A0",
}
VILLAGES = {n: f"第{n}号村" for n in range(1, 10)} | {5: "荷塘村"}


def text(value: str) -> Text:
    return Text(value, (Mark("test.yaml", 1, 1),))


def rule(rule_id: str, title: str, points: dict[str, int], direction: str = JUDICIAL, **more: Any) -> Rule:
    reason = text(more.pop("reason", title + ":{姓名}{伤情}"))
    status = more.pop("status", "active")
    return Rule(rule_id, title, 1, status, direction, text("any 涉案"), points, reason, **more)


def hold(hold_id: str, title: str, action: str, unknown: str = "keep", **more: Any) -> Hold:
    directions = more.pop("directions", ())
    return Hold(
        hold_id,
        title,
        1,
        "active",
        action,
        directions,
        "涉案",
        text("已足额赔偿"),
        unknown,
        "caveat",
        text(title),
        **more,
    )


HOUSEHOLD = Relation(
    "household", "户", "fact_household",
    (
        Field("household_no", "户编号", "text"),
        Field("town", "乡镇", "text"),
        Field("village", "村", "text"),
        Field("household_type", "户类型", "code", codes="户类型"),
        Field("monitoring_kind", "监测对象类别", "code", codes="监测对象类别"),
        Field("risk_removed", "风险是否已消除", "bool"),
        Field("income_pc", "人均纯收入", "money", holder="农业农村局"),
        Field("snapshot", "快照日期", "date"),
    ),
)  # fmt: skip
INVOLVEMENT = Relation(
    "involvement", "涉案", "fact_involvement",
    (
        Field("name", "姓名", "text", sensitivity="secret"),
        Field("roles", "身份", "codes"),
        Field("via", "关联方式", "code"),
        Field("match", "匹配级别", "code"),
        Field("case_no", "案号", "text"),
        Field("cause", "案由", "codes"),
        Field("accepted_on", "受理日期", "date", interval=True),
        Field("harm", "伤情", "code", aliases=("伤情等级",), holder="承办检察官"),
        Field("loss", "损失金额", "money"),
        Field("paid", "已赔金额", "money", holder="承办检察官"),
        Field("pay_state", "赔偿状态", "code", holder="承办检察官"),
        Field("summary", "案情摘要", "text", sensitivity="secret"),
    ),
)  # fmt: skip
MEMBER = Relation("member", "成员", "fact_member", (Field("name", "姓名", "text", sensitivity="secret"),))

PACK = Pack(
    name="样例", version="1", root="", hash="ab12" * 16,
    feedback=Feedback((Result("属实", True), Result("不属实", False)), ("司法救助", "不予移送")),
    directions=(
        Direction(
            JUDICIAL, "judicial", "控告申诉检察部门", 5,
            (Dimension("harm", "损害", 35), Dimension("unpaid", "未获赔偿", 20), Dimension("focus", "重点人群", 12)),
            (Band("A", "高", 50, {"harm": 30}), Band("B", "中", 20), Band("C", "低", 0)),
        ),
        Direction(POVERTY, "poverty", "农业农村部门", 10, (Dimension("hardship", "困难", 40),), (Band("C", "低", 0),)),
    ),
    relations=(HOUSEHOLD, INVOLVEMENT, MEMBER),
    codes={}, links={}, lists={}, parameters={},
    rules=(
        rule("J02", "重伤被害人", {"harm": 30}, check=("核对医疗费票据",)),
        rule("J03", "主要劳动力受损", {"harm": 32}, supersedes=("J02",)),
        rule("J04", "急需救治", {"focus": 12}, urgent=True),
        rule("J08", "判决未执行", {"unpaid": 20}, also=("民事检察部门",)),
        rule("J10", "未成年被害人", {"focus": 12}, restrict="minors"),
        rule("J90", "试行规则", {"focus": 5}, status="trial"),
        rule("N04", "主要劳动力不能在家劳动", {"hardship": 20}, POVERTY, no_crime_detail=True, receiver="乡镇农业办",
             reason="家中主要劳动力不能在家劳动"),
    ),
    holds=(
        hold("X02", "已足额赔偿", "suppress", "mark", check=("向承办人核实赔偿",), ask="赔偿情况", holder="承办检察官"),
        hold("X04", "放弃赔偿", "hold"),
        hold("X05", "有一定过错", "downgrade"),
        hold("X09", "不属本院管辖", "reroute", to="有管辖权的检察院"),
        hold("X14", "敏感隔离", "restrict", "restrict"),
    ),
    records={}, sources=(),
)  # fmt: skip

_TABLES = """
create table run_meta (key varchar, value varchar);
create table input_file (file_id integer, name varchar, path varchar, sha256 varchar, bytes bigint, kind varchar,
    encoding varchar, sheet varchar, header_row integer, source_id varchar, source_label varchar, n_read bigint,
    n_loaded bigint, n_rejected bigint, snapshot_date date, status varchar, reason varchar);
create table raw_column (file_id integer, position integer, header varchar, field varchar);
create table raw_1 (row_no integer, c1 varchar, c2 varchar, c3 varchar);
create table raw_2 (row_no integer, c1 varchar, c2 varchar);
create table issue (code varchar, level varchar, file_id integer, row_no integer, column_name varchar, detail varchar);
create table reject (file_id integer, row_no integer, code varchar, reason varchar);
create table person (person_id bigint, name varchar, id varchar, id_kind varchar, sex varchar, birth_lo date,
    birth_hi date, phone varchar);
create table household (household_id bigint, household_key varchar, household_no varchar, county varchar, town varchar,
    village varchar, hamlet varchar, head_name varchar, head_person_id bigint, snapshot_date date, origin varchar);
create table fact_household (household_id bigint, row_id bigint, certain boolean, person_id bigint, event_id bigint,
    household_no varchar, town varchar, village varchar, household_type varchar, monitoring_kind varchar,
    risk_removed boolean, income_pc double, snapshot date, out_of_county boolean);
create table fact_member (household_id bigint, row_id bigint, certain boolean, person_id bigint, event_id bigint,
    name varchar);
create table fact_involvement (household_id bigint, row_id bigint, certain boolean, person_id bigint, event_id bigint,
    name varchar, roles varchar[], via varchar, "match" varchar, case_no varchar, cause varchar[], accepted_on_lo date,
    accepted_on_hi date, harm varchar, loss double, paid double, pay_state varchar, summary varchar, party_id bigint,
    payer varchar, settled boolean, cause_kind varchar, due double, claim_injured boolean);
create table party (party_id bigint, event_id bigint, roles varchar[], name varchar, person_id bigint, id varchar,
    birth_id date, birth_lo_said date, birth_hi_said date, is_minor boolean);
create table event_case (event_id bigint, case_no varchar, unified_no varchar);
create table household_party (household_id bigint, party_id bigint);
create table kin_of (party_id bigint, kin_party_id bigint);
create table link_party (party_id bigint, person_id bigint, household_id bigint, tier varchar, reason varchar,
    strength varchar, n_candidates integer);
create table review_item (review_id bigint, kind varchar, reason varchar, party_id bigint, person_id bigint,
    household_id bigint, candidates varchar, decision varchar, decided_version integer);
create table fact_source (relation varchar, row_id bigint, file_id integer, row_no integer, field varchar);
create table hit (household_id bigint, direction varchar, rule_id varchar, outcome tinyint, pending boolean);
create table lost_hit (household_id bigint, direction varchar, rule_id varchar, outcome tinyint);
create table hold_row (hold_id varchar, direction varchar, relation varchar, household_id bigint, row_id bigint,
    outcome tinyint);
create table witness (household_id bigint, rule_id varchar, relation varchar, row_id bigint, outcome tinyint);
create table missing_fact (household_id bigint, rule_id varchar, relation varchar, field varchar, decides boolean);
"""
_HITS = [  # household, rule, outcome, pending
    (1, "J02", 1, False), (1, "J08", 1, False), (1, "J03", 2, False),
    (2, "J02", 1, False), (2, "J08", 1, False),
    (3, "J02", 1, True),
    (5, "J02", 1, False), (5, "J10", 1, False),
    (6, "J02", 2, False),
    (7, "J02", 2, False), (7, "J08", 2, False),
    (8, "J90", 1, False),
    (9, "N04", 1, False),
]  # fmt: skip


def build(directory: Path, *, shuffled: bool = False) -> Workspace:
    """The world in a new workspace. ``shuffled``: the same world with other row numbers and another row order."""
    shutil.copytree(_template(shuffled), directory, dirs_exist_ok=True)
    return Workspace.open(directory)


def scored(directory: Path) -> Workspace:
    """The same after its clues were made."""
    shutil.copytree(_scored() / "ws", directory, dirs_exist_ok=True)
    return Workspace.open(directory)


def exported(directory: Path) -> Path:
    """A folder with the lists of that."""
    return Path(shutil.copytree(_scored() / "out", directory))


@cache
def _scored() -> Path:
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with build(folder / "ws") as ws:
        make_clues(ws, PACK, AS_OF, render=fill)
        export_clues(ws, PACK, folder / "out", AS_OF)
    return folder


@cache
def _template(shuffled: bool) -> Path:
    """Filling the tables costs six times what a copy does: it is done once."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with Workspace.open(folder / "ws") as ws:
        _fill_tables(ws, shuffled)
    return folder / "ws"


def _fill_tables(ws: Workspace, shuffled: bool) -> None:
    ws.con.execute(_TABLES)
    order = list(range(9, 0, -1)) if shuffled else list(range(1, 10))
    number = {n: 100 + place if shuffled else n for place, n in enumerate(order)}
    add(ws, "run_meta", ("as_of", AS_OF.isoformat()), ("region", "529921"))
    loaded = (9, 9, 0, AS_OF, "loaded", None)
    add(ws, "input_file",
        (1, "监测对象信息.xlsx", "/x/1", "a" * 64, 10, "xlsx", None, "Sheet1", 3, "registry", "监测信息", *loaded),
        (2, "被害人清单.csv", "/x/2", "b" * 64, 10, "csv", "utf-8", None, 1, "victim", "被害人", *loaded))  # fmt: skip
    add(ws, "raw_column", (1, 1, "户编号", "registry.household_no"), (1, 2, "姓名", "registry.name"),
        (1, 3, "人均纯收入", "registry.income_pc"), (2, 1, "姓名", "victim.name"),
        (2, 2, "伤情", "victim.injury"))  # fmt: skip
    add(ws, "reject", (2, 12, "CE-D20", "证件号列不是证件号"))
    add(
        ws,
        "issue",
        ("ID_MISSING", "warning", 2, 3, "证件号码", None),
        ("ID_MISSING", "warning", 2, 4, "证件号码", None),
    )
    for n in order:
        _add_household(ws, n, number[n])
    for n, rule_id, outcome, pending in _HITS:
        direction = POVERTY if rule_id == "N04" else JUDICIAL
        add(ws, "hit", (number[n], direction, rule_id, outcome, pending))
        add(ws, "witness", (number[n], rule_id, "involvement", 10 + number[n], outcome))
    add(ws, "lost_hit", (number[4], JUDICIAL, "J02", 1))
    add(ws, "hold_row",
        ("X02", "*", "involvement", number[3], 10 + number[3], 2),
        ("X02", "*", "involvement", number[4], 10 + number[4], 1),
        ("X14", "*", "involvement", number[5], 10 + number[5], 1))  # fmt: skip
    add(ws, "missing_fact",
        (number[1], "J03", "involvement", "harm", False),
        (number[6], "J02", "involvement", "harm", True),
        (number[7], "J02", "involvement", "harm", False))  # fmt: skip


def _add_household(ws: Workspace, n: int, h: int) -> None:
    add_household(ws, n, h, NAMES[n], IDS[n], VILLAGES[n])
    match = "疑似" if n == 2 else "确认"
    harm = None if n in (6, 7) else "重伤二级"
    add_involvement(ws, h, 10 + h, NAMES[n], n=n, match=match, harm=harm, paid=5000.0 if n != 3 else None,
                    roles=["嫌疑人" if n == 9 else "被害人"])  # fmt: skip
    add(ws, "party", (h, n, ["被害人"], NAMES[n], h, None, None, None, None, None))
    add(ws, "event_case", (n, f"样检刑诉受〔2024〕{n}号", None))
    add(
        ws,
        "link_party",
        (h, h, h, "T3" if n == 2 else "T1", "姓名、出生日期一致" if n == 2 else "证件号码一致", match, 1),
    )
    add(ws, "fact_source", ("household", h, 1, 3 + n, None), ("involvement", 10 + h, 2, 1 + n, None))
    add(ws, "raw_1", (3 + n, f"529921101201{n:04d}", NAMES[n], str(6500 + n)))
    add(ws, "raw_2", (1 + n, NAMES[n], harm))


def add_household(ws: Workspace, n: int, h: int, name: str, number: str, village: str) -> None:
    """Household and person ``h``, a member row and no case yet."""
    no = f"529921101201{n:04d}"
    add(ws, "person", (h, name, number, "ok", "女", dt.date(1980, 1, 1), dt.date(1980, 1, 1), f"1390000{n:04d}"))
    add(ws, "household", (h, f"H:{no}", no, "样例县", "东河乡", village, None, name, h, AS_OF, "registry"))
    add(ws, "fact_household",
        (h, h, True, None, None, no, "东河乡", village, "脱贫户", "突发严重困难户", False, 6500.0 + n,
         AS_OF, False))  # fmt: skip
    add(ws, "fact_member", (h, 50 + h, True, h, None, name))


def add_involvement(
    ws: Workspace, h: int, row_id: int, name: str, *, n: int = 1, match: str = "确认", harm: str | None = "重伤二级",
    paid: float | None = 5000.0, roles: list[str] | None = None, via: str = "本人", certain: bool = True,
    person_id: int | None = None, event: int | None = None, payer: str | None = None, settled: bool | None = None,
) -> None:  # fmt: skip
    """A case row of household ``h``: 重伤, unless said otherwise; of the n-th event, or of one of its own."""
    day, case_no = dt.date(2024, 3, n), f"样检刑诉受〔2024〕{n}号"
    add(ws, "fact_involvement",
        (h, row_id, certain, person_id or h, event or n, name, roles or ["被害人"], via, match, case_no,
         ["故意伤害罪"], day, day, harm, 80000.0, paid, None, f"{name}在荷塘村被伤害", h,
         payer, settled, "人身", 80000.0, None))  # fmt: skip


def add(ws: Workspace, table: str, *rows: tuple[Any, ...]) -> None:
    marks = ", ".join("?" * len(rows[0]))
    ws.con.execute(
        f"insert into {table} values " + ", ".join(f"({marks})" for _ in rows), [v for row in rows for v in row]
    )


def fill(template: str, values: Any) -> str:
    """A stand-in for the sentence writer of the language."""
    out = str(template)
    for word, value in values.items():
        out = out.replace("{" + word + "}", "不详" if value is None else str(value))
    return out
