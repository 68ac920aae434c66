"""An unused column that looks like what rules need is told first, exit 3; a harmless one is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import tiny_county as county

from clue_engine.export.listing import FILE, Item, Listing
from clue_engine.export.trouble import collapsed
from clue_engine.export.unread import blank, columns_read, left_out, unread_needed, unread_values
from clue_engine.export.unused import under_read, unused_columns
from clue_engine.ingest.clean import clean
from clue_engine.ingest.load import ingest
from clue_engine.pack.load import load_pack
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace

HEAD = ["部门受案号", "被害人姓名", "证件号码", "伤情等级", "损失数额（元）", "赔偿情况", "已获赔偿金额（元）"]
INJURIES = ["重伤二级", "轻伤一级", "轻伤二级", "轻微伤", "重伤一级"]
PAYS = ["未赔偿", "分文未赔", "部分赔偿", "无", "已足额赔偿"]
ROWS = [
    [f"某院诉受[2025]{n}号", f"农{c}", county.number(f"1970010{n + 1}", 11), injury, f"{n}5000", pay, f"{n * 900}"]
    for n, (c, injury, pay) in enumerate(zip("一二三四五", INJURIES, PAYS, strict=True))
]


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack()


def told(folder: Path, pack: Pack, head: list[str], rows: list[list[str]]) -> list[str]:
    path = folder / "刑事案件被害人清单.csv"
    path.write_text("\n".join(",".join(row) for row in [head, *rows]), encoding="utf-8")
    with Workspace.open(folder / "w") as ws:
        assert not ingest(ws, pack.sources, [path], records=pack.records).errors
        clean(ws, pack)
        return unused_columns(ws, pack)


@pytest.mark.parametrize(
    ("place", "name", "looks", "field"),
    [
        (0, "编号X", "案号、编号", "victim.case_no"),
        (2, "号头", "证件号码", "victim.id"),
        (3, "身体", "伤情等级的取值", "victim.injury"),
        (4, "总计数", "金额", "victim.loss"),
        (5, "后来", "赔偿情况的取值", "victim.pay_state"),
        (6, "进账", "金额", "victim.paid"),
    ],
)
def test_a_renamed_column_is_named(tmp_path: Path, pack: Pack, place: int, name: str, looks: str, field: str) -> None:
    head = [*HEAD[:place], name, *HEAD[place + 1 :]]
    lines = told(tmp_path, pack, head, ROWS)
    assert len(lines) == 1
    line = lines[0]
    assert line.startswith(f"CE-D25 “刑事案件被害人清单.csv”的“{name}”一列（{5} 格，像{looks}）没有用上"), line
    label = next(f.label for f in pack.records["victim"].fields if f"victim.{f.name}" == field)
    assert f"sources alias 刑事案件被害人清单.csv {name}={label}（" in line and "重新运行" in line
    assert not any(cell in line for row in ROWS for cell in row if len(cell) > 1)  # no value


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("序号", ["1", "2", "3", "4", "5"]),
        ("民族", ["汉族", "彝族", "汉族", "汉族", "傣族"]),
        ("编排", ["3001", "3002", "3003", "3004", "3005"]),
        ("年份", ["2021", "2021", "2022", "2023", "2024"]),
        ("岁数", ["54", "54", "55", "53", "54"]),
        ("是否党员", ["否", "否", "是", "否", "否"]),
        ("开户行账号", ["6222021234567890123"] * 5),
        ("误工费", ["1000", "2000", "3000", "900", "700"]),
        ("填报日", ["2025-01-03"] * 5),
        ("说法", ["", "", "", "", ""]),
    ],
)
def test_a_harmless_column_is_no_alarm(tmp_path: Path, pack: Pack, name: str, cells: list[str]) -> None:
    assert told(tmp_path, pack, [*HEAD, name], [[*r, c] for r, c in zip(ROWS, cells, strict=True)]) == []


@pytest.mark.parametrize("place", range(3, 7))
def test_a_list_without_a_column_and_harmless_others_is_no_alarm(tmp_path: Path, pack: Pack, place: int) -> None:
    head = [*HEAD[:place], *HEAD[place + 1 :], "序号", "民族", "岁数", "是否党员", "年份"]
    rows = [[*r[:place], *r[place + 1 :], str(n), "汉族", "54", "否", "2024"] for n, r in enumerate(ROWS, 1)]
    assert told(tmp_path, pack, head, rows) == []


def test_other_order_and_other_words_of_the_source_are_no_alarm(tmp_path: Path, pack: Pack) -> None:
    assert told(tmp_path, pack, HEAD[::-1], [row[::-1] for row in ROWS]) == []


def test_first_line_record_and_exit_code(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    county.write(folder)
    head = [*HEAD[:3], "身体", *HEAD[4:]]
    text = "\n".join(",".join(row) for row in [head, *ROWS])
    (folder / "被害人清单二.csv").write_text(text, encoding="utf-8")
    settings = county.write_pack(tmp_path / "pack")
    result = county.run(
        folder, tmp_path / "out", "--rules", settings, "--parameters", settings.parent / "本县口径.yaml"
    )
    out = result.stdout.decode()
    assert result.returncode == 3, out
    assert out.startswith("CE-D25 “被害人清单二.csv”的“身体”一列（5 格，像伤情等级的取值）没有用上"), out
    record = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert record["caveats"][0].startswith("CE-D25")


def test_a_column_whose_words_are_in_no_code_table_is_told(tmp_path: Path, pack: Pack) -> None:
    rows = [[*row[:5], "另册", row[6]] for row in ROWS]
    path = tmp_path / "刑事案件被害人清单.csv"
    path.write_text("\n".join(",".join(row) for row in [HEAD, *rows]), encoding="utf-8")
    with Workspace.open(tmp_path / "w") as ws:
        assert not ingest(ws, pack.sources, [path], records=pack.records).errors
        clean(ws, pack)
        (line,) = unread_needed(ws, pack)
    cells = "（赔偿情况）5 格中有 5 格的写法不在代码表内"
    assert line.startswith(f"CE-D26 “刑事案件被害人清单.csv”的“赔偿情况”一列{cells}")
    assert "另册" not in line


def test_a_few_unknown_words_are_no_alarm(tmp_path: Path, pack: Pack) -> None:
    rows = [[*row[:5], "另册" if n == 0 else row[5], row[6]] for n, row in enumerate(ROWS)]
    path = tmp_path / "刑事案件被害人清单.csv"
    path.write_text("\n".join(",".join(row) for row in [HEAD, *rows]), encoding="utf-8")
    with Workspace.open(tmp_path / "w") as ws:
        ingest(ws, pack.sources, [path], records=pack.records)
        clean(ws, pack)
        assert unread_needed(ws, pack) == []
        assert [(u.n_unread, u.n_filled) for u in unread_values(ws, pack)] == [(1, 5)]


def test_a_doubtful_column_that_rules_need_is_told_first(tmp_path: Path, pack: Pack) -> None:
    head = [*HEAD[:6], "赔偿数额（元）"]  # asked, awarded or paid? nothing beside it proves it
    (line,) = told(tmp_path, pack, head, ROWS)
    assert "像已获赔偿金额，表头有几种读法，表里的值证明不了是这一项" in line


def test_a_column_of_which_little_was_read(tmp_path: Path, pack: Pack) -> None:
    """Counted after cleaning: blank and unread cells of a needed column are told; what a short list lacks is not."""
    many = [[f"{row[0]}{n}", *row[1:5], "" if n else "不详", row[6]] for n in range(8) for row in ROWS]
    path = tmp_path / "刑事案件被害人清单.csv"
    path.write_text("\n".join(",".join(row) for row in [HEAD, *many]), encoding="utf-8")
    few = [[*row[:5], "", row[6]] for row in ROWS[:2]]
    with Workspace.open(tmp_path / "w") as ws:
        ingest(ws, pack.sources, [path], records=pack.records)
        clean(ws, pack)
        (line,) = under_read(ws, pack)
        assert line.startswith(
            "CE-D29 “刑事案件被害人清单.csv”的“赔偿情况”一列（赔偿情况）40 行中只读出 0 行，这种表一般不少于 20%"
        )
        (said,) = left_out(ws, pack)
        assert said.endswith("“赔偿情况”（赔偿情况）5 格中采用 0 格")
        adopted = {str(c["field"]): (c["filled"], c["adopted"]) for c in columns_read(ws)}
        assert adopted["victim.pay_state"] == (5, 0) and adopted["victim.injury"] == (40, 40)
        path.write_text("\n".join(",".join(row) for row in [HEAD, *few]), encoding="utf-8")
        ingest(ws, pack.sources, [path], records=pack.records)
        clean(ws, pack)
        assert under_read(ws, pack) == []


BEFORE = Listing("r1", "2026-05-31", "1", {"J01": "a", "参数": "b", "其他": "c"}, files={"被害人": [100, 0, 0]})
CLUE = Item("司法救助线索", "线索", "高", False, False, "", {})


def clues(n: int, status: str = "线索") -> Mapping[str, Item]:
    return {f"JU-{i}": replace(CLUE, status=status) for i in range(n)}


@pytest.mark.parametrize(
    ("n_before", "n_now", "now", "told"),
    [
        (40, 3, {}, "由上次（扫描日 2026-05-31）的 40 条骤减为 3 条，载入的还是那几种表。"),
        (40, 3, {"files": {"被害人": [70, 1, 0]}}, "那几种表（被害人 100 行变为 69 行）。"),
        (40, 3, {"parts": {**BEFORE.parts, "其他": "d"}}, "骤减"),  # how files are read may have changed
        (40, 20, {}, ""),
        (9, 0, {}, ""),
        (40, 3, {"files": {"低保": [9, 0, 0]}}, ""),
        (40, 3, {"parts": {**BEFORE.parts, "J01": "z"}}, ""),
    ],
)
def test_a_list_that_collapsed(
    tmp_path: Path, pack: Pack, n_before: int, n_now: int, now: dict[str, object], told: str
) -> None:
    before = replace(BEFORE, clues=dict(clues(n_before)))
    after = replace(BEFORE, **{"run": "r2", "as_of": "2026-06-30", "clues": dict(clues(n_now)), **now})  # type: ignore[arg-type]
    with Workspace.open(tmp_path / "w") as ws:
        kept = json.dumps({"format": 1, "now": asdict(after), "before": asdict(before)})
        (ws.directory / FILE).write_text(kept, encoding="utf-8")
        found = list(collapsed(ws, pack))
    assert len(found) == bool(told)
    assert all(line.startswith("CE-D30 司法救助线索") and told in line for line in found)


def test_an_amount_with_cents_is_no_day(tmp_path: Path, pack: Pack) -> None:
    """21554.67 could be a day and a time as a spreadsheet counts: the column stayed silent."""
    cells = ["9800.00", "21554.67", "12000.00", "36526.50", "7000.00"]
    assert (
        len(told(tmp_path, pack, [*HEAD[:6], "栏目甲"], [[*row[:6], c] for row, c in zip(ROWS, cells, strict=True)]))
        == 1
    )


def test_a_number_by_which_other_files_name_the_case_is_missed(tmp_path: Path, pack: Pack) -> None:
    """The other number names the row, but not for those who only know this one; a number nobody has is harmless."""
    numbers = [f"某院诉受[2025]{n}号" for n in range(6)]
    cases = ["统一受案号,栏目甲,文书号,案件名称,嫌疑人姓名,受理日期,案由"]
    cases += [
        f"T52992120250001{n},{no},公鉴[2025]{n}号,某某案,甲某,2025-01-0{n + 1},盗窃罪" for n, no in enumerate(numbers)
    ]
    victims = ["部门受案号,被害人姓名,证件号码,伤情等级"]
    victims += [
        f"{no},农{c},{county.number(f'1970010{n + 1}', 11)},轻伤一级"
        for n, (no, c) in enumerate(zip(numbers, "一二三四五六", strict=True))
    ]
    paths = [tmp_path / "审查起诉案件.csv", tmp_path / "刑事案件被害人清单.csv"]
    for path, lines in zip(paths, (cases, victims), strict=True):
        path.write_text("\n".join(lines), encoding="utf-8")
    with Workspace.open(tmp_path / "w") as ws:
        assert not ingest(ws, pack.sources, paths, records=pack.records).errors
        clean(ws, pack)
        (line,) = unused_columns(ws, pack)
    assert line.startswith(
        "CE-D25 “审查起诉案件.csv”的“栏目甲”一列（6 格，像案号、编号）没有用上，表里没有认出部门受案号"
    )


def test_the_one_number_that_few_know(tmp_path: Path, pack: Pack) -> None:
    """Three of many cases are named by this column alone: a small share, and three victims without a case."""
    cases = ["统一受案号,栏目甲,案件名称,嫌疑人姓名,受理日期,案由"]
    cases += [f"T5299212025{n:06}0,某院诉受[2025]{n}号,某某案,甲某,2025-01-{n + 1:02},盗窃罪" for n in range(20)]
    victims = ["部门受案号,被害人姓名,证件号码,伤情等级"]
    victims += [f"某院诉受[2025]{n}号,农{n}某,{county.number(f'1970010{n}', 11)},轻伤一级" for n in range(1, 4)]
    paths = [tmp_path / "审查起诉案件.csv", tmp_path / "刑事案件被害人清单.csv"]
    for n_known, n_told in ((3, 1), (2, 0)):
        for path, lines in zip(paths, (cases, victims[: n_known + 1]), strict=True):
            path.write_text("\n".join(lines), encoding="utf-8")
        with Workspace.open(tmp_path / "w") as ws:
            assert not ingest(ws, pack.sources, paths, records=pack.records).errors
            clean(ws, pack)
            assert len(unused_columns(ws, pack)) == n_told, n_known


CERTIFIED = ["姓名", "身份证号", "残疾等级", "残疾类别", "残疾人证号", "乡镇", "村"]
CERTIFIED_ROWS = [
    [f"农{c}", county.number("19700101", n), "二级", "肢体", county.number("19700101", n) + "42", "东镇", f"{c}家村"]
    for n, c in enumerate("一二三四五六", 11)
]


@pytest.mark.parametrize(
    ("renamed", "without", "n_told"),
    [("村", None, 1), ("村", "乡镇", 0), (None, "村", 0)],  # nearly all that such a list has, and a strange column
)
def test_what_a_nearly_whole_table_lacks(
    tmp_path: Path, pack: Pack, renamed: str | None, without: str | None, n_told: int
) -> None:
    head = ["栏目甲" if h == renamed else h for h in CERTIFIED if h != without]
    rows = [[cell for h, cell in zip(CERTIFIED, row, strict=True) if h != without] for row in CERTIFIED_ROWS]
    path = tmp_path / "持证残疾人名单.csv"
    path.write_text("\n".join(",".join(row) for row in [head, *rows]), encoding="utf-8")
    with Workspace.open(tmp_path / "w") as ws:
        assert not ingest(ws, pack.sources, [path], records=pack.records).errors
        clean(ws, pack)
        lines = unused_columns(ws, pack)
    assert len(lines) == n_told
    assert all("的“栏目甲”一列（6 格，像文字）没有用上，表里没有认出村" in line for line in lines)


def test_a_table_whose_names_stand_under_a_strange_heading(tmp_path: Path, pack: Pack) -> None:
    """It stays what it is, and the names are missed: it was taken for a plain table, most of it unknown."""
    head = [*HEAD[:1], "栏目甲", *HEAD[2:], "性别", "住所地", "备注"]
    (line,) = told(tmp_path, pack, head, [[*row, "男", "东镇一村", "无"] for row in ROWS])
    assert line.startswith("CE-D25 “刑事案件被害人清单.csv”的“栏目甲”一列（5 格，像姓名）没有用上，表里没有认出姓名")


def test_a_column_that_is_blank_all_the_way_down(tmp_path: Path, pack: Pack) -> None:
    """Nothing is expected of it: told first where rules could not decide for want of it, else below the files."""
    path = tmp_path / "刑事案件被害人清单.csv"
    rows = [[f"{row[0]}{n}", *row[1:], "", ""] for n in range(14) for row in ROWS]
    path.write_text("\n".join(",".join(row) for row in [[*HEAD, "伤残等级", "备注"], *rows]), encoding="utf-8")
    with Workspace.open(tmp_path / "w") as ws:
        ingest(ws, pack.sources, [path], records=pack.records)
        clean(ws, pack)
        assert blank(ws) == ["“刑事案件被害人清单.csv”整列空着、按没有写处理的列：“伤残等级”、“备注”"]
        assert under_read(ws, pack) == []
        missing = "select 'J02' as rule_id, n as household_id, 'involvement' as relation, 'disability' as field"
        ws.con.execute(f"create table missing_fact as {missing} from range(4) as t(n)")
        (line,) = under_read(ws, pack)
        assert line.startswith("CE-D29 “刑事案件被害人清单.csv”的“伤残等级”一列（伤残等级）70 行中只读出 0 行，")
        assert "整列都是空的：伤残等级将大多不明，影响 1 条规则、4 户" in line
        ws.con.execute("delete from missing_fact where household_id = 0")
        assert under_read(ws, pack) == []


def test_a_blank_column_of_which_another_tells_more(tmp_path: Path, pack: Pack) -> None:
    """Whose risk is removed is monitored: such a list is told by itself, whatever it costs; one of nobody is none."""
    head = "户编号,户主姓名,姓名,证件号码,与户主关系,户类型,监测对象类别,风险是否已消除,劳动技能,人均纯收入"
    rows = [
        f"53010000{n},农{n}某,农{n}某,{county.number('19700101', n)},户主,脱贫户,,{{}},普通劳动力,9{n}00"
        for n in range(12)
    ]
    path = tmp_path / "脱贫户信息.csv"
    for removed, n_told in (("是", 1), ("", 0)):
        path.write_text("\n".join([head, *(row.format(removed) for row in rows)]), encoding="utf-8")
        with Workspace.open(tmp_path / "w") as ws:
            assert not ingest(ws, pack.sources, [path], records=pack.records).errors
            clean(ws, pack)
            lines = under_read(ws, pack)
        assert len(lines) == n_told, lines
        assert all("的“监测对象类别”一列（监测对象类别）12 行中只读出 0 行，整列都是空的" in line for line in lines)


def test_a_summary_begins_with_its_day(tmp_path: Path, pack: Pack) -> None:
    """2025年3月1日，… is text, no date: decorated, the heading stayed unread and the summary was a mere note."""
    head = "部门受案号,统一受案号,嫌疑人姓名,证件号码,性别,出生日期,受理日期,移送案由,审结案由,审结日期,处理结果,{}"
    rows = [
        f"某院诉受[2025]{n}号,T52992120250001{n:02},甲{c}某,{county.number(f'19700{n + 1}01', 21)},男,1970-0{n + 1}-01,"
        f"2025-03-0{n + 1},盗窃罪,盗窃罪,2025-04-01,起诉,2025年2月{n + 1}日，甲某到农某家中盗走现金三千元。"
        for n, c in enumerate("一二三四五六")
    ]
    path = tmp_path / "一审公诉案件.csv"
    for heading, label in (("案情摘要情况", "案情摘要"), ("栏目甲", "附注")):
        path.write_text("\n".join([head.format(heading), *rows]), encoding="utf-8")
        with Workspace.open(tmp_path / "w") as ws:
            assert not ingest(ws, pack.sources, [path], records=pack.records).errors
            clean(ws, pack)
            detail = "select detail from issue where code = 'COLUMN_INFERRED' and column_name = ?"
            assert [f"→{label}，" in said for (said,) in ws.rows(detail, [heading])] == [True]
