"""Names, dates, amounts, yes/no, numbers: (cell, expected) as they stand in exports."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clue_engine.values import dates, money
from clue_engine.values.mask import mask_id, mask_name, mask_phone
from clue_engine.values.name import clean_name
from clue_engine.values.number import months, number
from clue_engine.values.reference import case_number, phone
from clue_engine.values.text import cell_text, code_key, is_yes_no, yes_no


@pytest.mark.parametrize(
    ("cell", "name", "note"),
    [
        ("张三", "张三", None),
        ("张　三 ", "张三", None),
        ("张 三", "张三", None),
        *((f"阿某曼{dot}图某提", "阿某曼·图某提", None) for dot in "·•．‧・·"),
        ("张三（户主）", "张三", "户主"),
        ("张三(已故)", "张三", "已故"),
        ("张某某等3人", "张某某", "等3人"),
        ("张三等", "张三", "等"),
        ("张三先生", "张三", None),
        ("武晓雅 女 2011.3", "武晓雅", "女 2011.3"),
        ("温馨，女，2007年3月", "温馨", "女，2007年3月"),
        ("石秀 女儿", "石秀女儿", None),
        ("农\u00ad一", "农一", None),
        ("农\U000e0100一", "农一", None),
        ("农一_x000D_", "农一", None),
        ("⾼⼀", "高一", None),
        ("⻢二", "马二", None),
        ("\uf979一", "凉一", None),
        ("\ue863\u36c3", "䶮㛃", None),
        ("\ue001一", "\ue001一", None),
        ("赵乙（配偶）529901197001010011", None, "配偶"),
        ("赵乙529901700101001", None, None),
        ("不详", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_names(cell: str | None, name: str | None, note: str | None) -> None:
    assert clean_name(cell) == (name, note)


DAY = dt.date(2024, 1, 5)


@pytest.mark.parametrize(
    ("cell", "low", "high"),
    [
        *(
            (text, DAY, DAY)
            for text in (
                "2024-01-05", "2024/1/5", "2024.1.5", "20240105", "20240105.0", "45296", "45296.0",
                "2024年1月5日", "2024-01-05 00:00:00",
                "2024-1-5 10:30", "2024年1月5日8时许", "2024年1月5日上午8时30分", "2024-01-05 8时",
                "二〇二四年1月5日", "二〇二四年一月五日",
                "２０２４－０１－０５", " 2024-01-05\t", "'2024-01-05",
            )
        ),
        ("二〇二四年十一月二十二日", dt.date(2024, 11, 22), dt.date(2024, 11, 22)),
        ("一九八四年十月十日", dt.date(1984, 10, 10), dt.date(1984, 10, 10)),
        ("一九八四年三十月十日", None, None),
        ("202402", dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
        ("202402.0", dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
        ("2024年02月", dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
        ("2024-01", dt.date(2024, 1, 1), dt.date(2024, 1, 31)),
        ("1976.02", dt.date(1976, 2, 1), dt.date(1976, 2, 29)),
        ("2024", dt.date(2024, 1, 1), dt.date(2024, 12, 31)),
        ("20240105093000", DAY, DAY),
        ("二〇二四年", dt.date(2024, 1, 1), dt.date(2024, 12, 31)),
        ("1978年11月生", dt.date(1978, 11, 1), dt.date(1978, 11, 30)),
        ("5/1/2024", None, None),
        ("24.1.5", None, None),
        ("2026-02-30", None, None),
        ("0000-00-00", None, None),
        ("202413", None, None),
        ("昨天", None, None),
    ],
)  # fmt: skip
def test_dates(cell: str, low: dt.date | None, high: dt.date | None) -> None:
    assert dates.date_interval(cell) == (low, high)


@pytest.mark.parametrize(
    ("cell", "readable"), [("/", True), ("至今", True), ("", True), ("2026-02-30", False), ("昨天", False)]
)
def test_missing_dates_are_no_issue(cell: str, readable: bool) -> None:
    assert dates.is_readable(cell) is readable


@pytest.mark.parametrize(
    ("cell", "unit", "yuan", "flag"),
    [
        ("1200", None, 1200.0, None),
        ("1,200", None, 1200.0, None),
        ("1，200.50", None, 1200.5, None),
        ("12.5万", None, 125000.0, None),
        ("￥300", None, 300.0, None),
        ("(300)", None, -300.0, None),
        ("-300", None, -300.0, None),
        ("6000元", None, 6000.0, None),
        ("13.5", "万元", 135000.0, None),
        ("１３．５", "万元", 135000.0, None),
        ("2.01", "万元", 20100.0, None),
        ("13.5万元", "万元", 135000.0, None),
        ("182100", "万元", 182100.0, "UNIT_ASSUMED"),
        ("182100元", "万元", 182100.0, None),
        ("499", "万元", 4990000.0, None),
        ("约2.5万", "元", 25000.0, "APPROX"),
        ("约13.5万", "万元", 135000.0, "APPROX"),
        ("3万余元", "元", 30000.0, "APPROX"),
        ("3余万元", "元", 30000.0, "APPROX"),
        ("2-3万", "元", 25000.0, "APPROX"),
        ("约2.5万-3万元", "万元", 27500.0, "APPROX"),
        ("5千-1万元", "元", None, None),
        ("1.2万（含后续治疗）", "元", None, None),
        ("1.2亿元", "元", 120000000.0, None),
        *(
            (text, "元", None, None)
            for text in ("nan", "inf", "1e5", "0x10", "-", "无", "1_000", "", "约", "几万元", "三五万", "二万五")
        ),
        ("三万元", "元", 30000.0, None),
        ("叁万伍仟元整", "万元", 35000.0, None),
        ("三万", "万元", 30000.0, None),
        ("一亿二千万元", "元", 120000000.0, None),
        ("十五万元", "万元", 150000.0, None),
        ("两千余元", "元", 2000.0, "APPROX"),
        ("一千零五元", "元", 1005.0, None),
    ],
)
def test_money(cell: str, unit: str | None, yuan: float | None, flag: str | None) -> None:
    assert money.money(cell, unit) == (yuan, flag)


@pytest.mark.parametrize(
    ("cell", "readable"), [("无", True), ("", True), ("-", True), ("1e5", False), ("0x10", False), ("数万元", False)]
)
def test_unreadable_money_is_an_issue(cell: str, readable: bool) -> None:
    assert money.is_readable(cell) is readable


@given(st.text(max_size=30))
def test_any_text_is_survived(text: str) -> None:
    low, high = dates.date_interval(text)
    assert (low is None) == (high is None) and (low is None or high is None or low <= high)
    value, _ = money.money(text, "万元")
    assert value is None or abs(value) < float("inf")
    name, _ = clean_name(text)
    assert name is None or clean_name(name)[0] in (name, None) or len(clean_name(name)[0] or "") < len(name)


def test_yes_no() -> None:
    assert [yes_no(c) for c in ("是", "有", "Y", "1", "√", "TRUE")] == [True] * 6
    assert [yes_no(c) for c in ("否", "无", "N", "0", "×", "FALSE")] == [False] * 6
    assert [yes_no(c) for c in ("", None, "不详", "暂无", "空", "/", "也许")] == [None] * 7
    assert is_yes_no("不详") and not is_yes_no("也许")


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("36", 36), ("18个月", 18), ("3年", 36), ("三年六个月", 42), ("一年半", 18), ("两年", 24),
        ("十年零六个月", 126),
        ("有期徒刑一年六个月，缓刑二年", 18), ("拘役四个月", 4),
        ("判处有期徒刑三年（缓刑五年）", 36),
        ("无期徒刑", None), ("2025年", None), ("已判", None), ("", None),
    ],
)  # fmt: skip
def test_terms_in_months(cell: str, wanted: float | None) -> None:
    assert months(cell) == wanted


def test_a_bare_term_counts_as_its_heading_says() -> None:
    assert (months("3", years=True), months("18个月", years=True)) == (36, 18)


def test_numbers() -> None:
    assert [number(c) for c in ("18", "18个月", "42岁", "3.5", "4人", "nan", "1e3", "x", "")] == [
        18,
        18,
        42,
        3.5,
        4,
        None,
        None,
        None,
        None,
    ]


def test_references() -> None:
    want = "某院诉受[2024]5299210004015号"
    for left, right in ("[]", "〔〕", "【】", "（）", "()", "［］"):
        assert case_number(f" 某院诉受{left}2024{right} 5299210004015号") == want
    for cell in ("19900001234", "+86 19900001234", "1990000-1234", "19900001234.0"):
        assert phone(cell) == "19900001234"
    assert [phone(c) for c in ("0851-1234567", "无", "12")] == ["08511234567", None, None]


def test_code_key_and_null_words() -> None:
    for text in ("重伤Ⅱ级", "重伤II级", " 重伤 二级"):
        assert code_key(text) == "重伤二级"
    assert code_key("重伤（二级）") == "重伤(二级)"
    assert [cell_text(c) for c in ("/", " 暂无 ", "#N/A", "'", "无", "x")] == [None, None, None, None, "无", "x"]


def test_masks_hide_the_middle() -> None:
    assert mask_id("529921199003070011") == "529921********0011"
    assert (mask_name("张三"), mask_name("张小三"), mask_name("阿某·图某")) == ("张*", "张*三", "阿*")
    assert mask_phone("19900001234") == "199****1234"
    assert (mask_id(None), mask_name(""), mask_phone(None)) == ("", "", "")
