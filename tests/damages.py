"""Kinds of damage that exports meet on their way: small functions on an ``Export``, each named in DAMAGES.

Comes in: an export (headings and rows of text). Goes out: the same export as somebody may have sent it. ``rows`` hold
text; ``put`` says how the file is written. A damage may lose values, never the right to notice it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

Rows = list[list[str]]


@dataclass(frozen=True)
class Export:
    """A table, ``above`` and ``below`` around it; ``kinds`` are the types of its columns, "" for an unused one."""

    head: list[str]
    rows: Rows
    kinds: list[str]
    above: Rows = field(default_factory=list)
    below: Rows = field(default_factory=list)
    put: str = "csv"  # csv, xlsx, xls, html, parquet
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    quote_all: bool = False
    line_end: str = "\r\n"
    numbers: bool = False  # cells that look like numbers are written as numbers
    merge_down: int | None = None  # a column whose equal neighbours are merged
    sheets: str = ""  # more sheets: empty, notes, hidden
    cut: float = 1.0  # share of the bytes that arrive
    tail: bytes = b""
    dates: int = 0  # 1900 or 1904: dates of a workbook are written as such, in this date system
    typed: bool = False  # numbers and dates of a parquet file have their types
    two_rows: bool = False  # a first header row of group names above


Damage = Callable[[Export, random.Random], Export]


def _cells(kind: str, change: Callable[[str, random.Random], str]) -> Damage:
    """Change every filled cell of the columns of a type ("*" = all but the key, which tells the rows apart)."""

    def apply(e: Export, rng: random.Random) -> Export:
        hit = [k == kind or (kind == "*" and k != "key") for k in e.kinds]
        rows = [[change(c, rng) if c and h else c for c, h in zip(row, hit, strict=True)] for row in e.rows]
        return replace(e, rows=rows)

    return apply


def _some(kind: str, change: Callable[[str, random.Random], str], share: float = 0.4) -> Damage:
    return _cells(kind, lambda c, rng: change(c, rng) if rng.random() < share else c)


def _heads(change: Callable[[str], str]) -> Damage:
    return lambda e, rng: replace(e, head=[change(h) for h in e.head])


def _file(**how: object) -> Damage:
    return lambda e, rng: replace(e, **how)  # type: ignore[arg-type]


def _poison(*words: str, kind: str) -> Damage:
    return _some(kind, lambda c, rng: rng.choice(words))


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


# --- rows and columns
def shuffle_rows(e: Export, rng: random.Random) -> Export:
    return replace(e, rows=rng.sample(e.rows, len(e.rows)))


def shuffle_columns(e: Export, rng: random.Random) -> Export:
    order = rng.sample(range(len(e.head)), len(e.head))
    return replace(
        e,
        head=[e.head[i] for i in order],
        kinds=[e.kinds[i] for i in order],
        rows=[[r[i] for i in order] for r in e.rows],
    )


def _drop_columns(share: float) -> Damage:
    def apply(e: Export, rng: random.Random) -> Export:
        keep = [i for i, k in enumerate(e.kinds) if k in ("key", "name", "id") or rng.random() > share]
        return replace(
            e,
            head=[e.head[i] for i in keep],
            kinds=[e.kinds[i] for i in keep],
            rows=[[r[i] for i in keep] for r in e.rows],
        )

    return apply


def _insert_column(head: str, value: str) -> Damage:
    def apply(e: Export, rng: random.Random) -> Export:
        i = rng.randrange(len(e.head) + 1)
        return replace(
            e,
            head=[*e.head[:i], head, *e.head[i:]],
            kinds=[*e.kinds[:i], "", *e.kinds[i:]],
            rows=[[*r[:i], value, *r[i:]] for r in e.rows],
        )

    return apply


def _double_column(change: Callable[[str], str]) -> Damage:
    def apply(e: Export, rng: random.Random) -> Export:
        i = next(i for i, k in enumerate(e.kinds) if k == "money")
        return replace(
            e,
            head=[*e.head, e.head[i]],
            kinds=[*e.kinds, ""],
            rows=[[*r, change(r[i])] for r in e.rows],
        )

    return apply


def double_rows(e: Export, rng: random.Random) -> Export:
    return replace(e, rows=[*e.rows, *e.rows[::3]])


def repeat_header(e: Export, rng: random.Random) -> Export:
    middle = len(e.rows) // 2
    return replace(e, rows=[*e.rows[:middle], list(e.head), *e.rows[middle:]])


def empty_rows(e: Export, rng: random.Random) -> Export:
    return replace(e, rows=[row for r in e.rows for row in ([""] * len(r), r)])


def _shift(step: int) -> Damage:
    """One row moved by a cell, as a stray delimiter does."""

    def apply(e: Export, rng: random.Random) -> Export:
        n = len(e.rows) // 2
        row = e.rows[n]
        moved = ["", *row[:-1]] if step > 0 else [*row[1:], ""]
        return replace(e, rows=[*e.rows[:n], moved, *e.rows[n + 1 :]])

    return apply


def _ragged(change: Callable[[list[str]], list[str]]) -> Damage:
    def apply(e: Export, rng: random.Random) -> Export:
        n = len(e.rows) // 2
        return replace(e, rows=[change(r) if i == n else r for i, r in enumerate(e.rows)])

    return apply


def blank_cells(e: Export, rng: random.Random) -> Export:
    rows = [["" if k != "key" and rng.random() < 0.3 else c for c, k in zip(r, e.kinds, strict=True)] for r in e.rows]
    return replace(e, rows=rows)


def total_row(e: Export, rng: random.Random) -> Export:
    return replace(e, below=[["合计", *[""] * (len(e.head) - 2), "99"], ["填表人：某某", *[""] * (len(e.head) - 1)]])


def note_rows(e: Export, rng: random.Random) -> Export:
    return replace(e, below=[[], ["注：本表数据截至上月底", *[""] * (len(e.head) - 1)]])


def titles(e: Export, rng: random.Random) -> Export:
    n = len(e.head) - 1
    return replace(e, above=[["某县登记表", *[""] * n], ["制表单位：某某", *[""] * n], [""] * (n + 1)])


# --- headings
def alias_heads(e: Export, rng: random.Random) -> Export:
    """Another heading that the source knows; put in by the test, which has the sources at hand."""
    return e


def double_head_name(e: Export, rng: random.Random) -> Export:
    """Two used columns under one heading: neither may be taken for the other."""
    money = [i for i, k in enumerate(e.kinds) if k == "money"][:2]
    return replace(e, head=[e.head[money[0]] if i == money[1] else h for i, h in enumerate(e.head)])


def drop_head(e: Export, rng: random.Random) -> Export:
    i = next(i for i, k in enumerate(e.kinds) if k == "date")
    return replace(e, head=["" if j == i else h for j, h in enumerate(e.head)])


def swap_heads(e: Export, rng: random.Random) -> Export:
    """A heading nobody knows in place of a known one."""
    i = next(i for i, k in enumerate(e.kinds) if k == "code")
    return replace(e, head=["某某项" if j == i else h for j, h in enumerate(e.head)])


# --- values
def _iso(text: str) -> tuple[str, str, str] | None:
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text)
    return (found[1], found[2], found[3]) if found else None


def _dated(form: Callable[[str, str, str], str]) -> Damage:
    return _cells("date", lambda c, rng: form(*parts) if (parts := _iso(c)) else c)


def _chinese_year(y: str, m: str, d: str) -> str:
    return "".join("〇一二三四五六七八九"[int(c)] for c in y) + f"年{int(m)}月{int(d)}日"


def _plain(text: str) -> bool:
    return bool(re.fullmatch(r"\d+(\.\d+)?", text))


def _money(form: Callable[[float], str]) -> Damage:
    return _cells("money", lambda c, rng: form(float(c)) if _plain(c) else c)


def _excel_id(text: str) -> str:
    return text[:15] + "000" if re.fullmatch(r"\d{17}[\dX]", text) else text


def _float_id(text: str) -> str:
    return f"{float(text):.5e}".upper() if re.fullmatch(r"\d{18}", text) else text


def _swap_digits(text: str) -> str:
    return text[:15] + text[16] + text[15] + text[17:] if re.fullmatch(r"\d{17}[\dX]", text) else text


def _mask(text: str) -> str:
    return text[:6] + "********" + text[14:] if re.fullmatch(r"\d{17}[\dX]", text) else text


def _spaced(text: str) -> str:
    return f"{text[:6]} {text[6:14]} {text[14:]}" if len(text) == 18 else text


DAMAGES: dict[str, Damage] = {
    # order and number of rows and columns
    "行打乱": shuffle_rows,
    "列打乱": shuffle_columns,
    "少三成列": _drop_columns(0.3),
    "少七成列": _drop_columns(0.7),
    "多一列不认识": _insert_column("某某列", "某值"),
    "多一列空列": _insert_column("", ""),
    "多一列同名相同": _double_column(lambda c: c),
    "多一列同名不同": _double_column(lambda c: "1.23"),
    "行重复": double_rows,
    "表头重复": repeat_header,
    "隔行空行": empty_rows,
    "右移一格": _shift(1),
    "左移一格": _shift(-1),
    "少一格": _ragged(lambda r: r[:-1]),
    "多一格": _ragged(lambda r: [*r, "多"]),
    "多十格": _ragged(lambda r: [*r, *["多"] * 10]),
    "三成空格": blank_cells,
    "合计行": total_row,
    "附注行": note_rows,
    "标题行": titles,
    # headings
    "表头别名": alias_heads,
    "表头换行": _heads(lambda h: h[:2] + "\n" + h[2:]),
    "表头空格": _heads(lambda h: f"  {' '.join(h)}\u3000"),
    "表头全角": _heads(_wide),
    "表头必填": _heads(lambda h: h + "（必填）"),
    "表头星号": _heads(lambda h: "*" + h),
    "表头序号": _heads(lambda h: "1." + h),
    "表头冒号": _heads(lambda h: h + "："),
    "表头半角括号": _heads(lambda h: h.replace("（", "(").replace("）", ")")),
    "表头不可见字": _heads(lambda h: "\ufeff" + h + "\u200b"),
    "表头两列同名": double_head_name,
    "表头缺一个": drop_head,
    "表头不认识一个": swap_heads,
    "两行表头": _file(two_rows=True, put="xlsx"),
    # encodings and forms of text files
    "GB18030": _file(encoding="gb18030"),
    "无BOM": _file(encoding="utf-8"),
    "UTF-16": _file(encoding="utf-16"),
    "制表符": _file(delimiter="\t"),
    "分号": _file(delimiter=";"),
    "全部加引号": _file(quote_all=True),
    "换行LF": _file(line_end="\n"),
    "换行CR": _file(line_end="\r"),
    "截断一半": _file(cut=0.5),
    "尾部乱码": _file(tail=b"\xff\xfe\xfa\x80\r\n"),
    "混入GBK行": _file(tail="某院,某人\r\n".encode("gbk")),
    "尾部NUL": _file(tail=b"\x00" * 20),
    # workbooks
    "xlsx": _file(put="xlsx"),
    "xlsx数字格": _file(put="xlsx", numbers=True),
    "xls": _file(put="xls"),
    "html": _file(put="html"),
    "xlsx多表": _file(put="xlsx", sheets="notes"),
    "xlsx隐藏表": _file(put="xlsx", sheets="hidden"),
    "xlsx截断": _file(put="xlsx", cut=0.6),
    "xlsx合并格": _file(put="xlsx", merge_down=0),
    "xlsx日期格": _file(put="xlsx", dates=1900),
    "xlsx日期1904": _file(put="xlsx", dates=1904),
    "parquet": _file(put="parquet"),
    "parquet有类型": _file(put="parquet", typed=True),
    "parquet截断": _file(put="parquet", cut=0.6),
    "parquet尾部": _file(put="parquet", tail=b"\x00" * 8),
    # blanks and widths
    "前后空格": _cells("*", lambda c, rng: f" {c}\u3000"),
    "前后制表": _cells("*", lambda c, rng: f"\t{c}\t"),
    "不间断空格": _cells("*", lambda c, rng: f"\u00a0{c}"),
    "零宽字符": _cells("*", lambda c, rng: f"\u200b{c}\u200b"),
    "前置撇号": _cells("*", lambda c, rng: f"'{c}"),
    "全角": _cells("*", lambda c, rng: _wide(c)),
    "格内换行": _cells("code", lambda c, rng: f"{c}\n"),
    # numbers of persons
    "号码丢精度": _some("id", lambda c, rng: _excel_id(c)),
    "号码全列丢精度": _cells("id", lambda c, rng: _excel_id(c)),
    "号码科学计数": _some("id", lambda c, rng: _float_id(c)),
    "号码小数": _some("id", lambda c, rng: c + ".0" if c.isdigit() else c),
    "号码错位数": _some("id", lambda c, rng: _swap_digits(c)),
    "号码少一位": _some("id", lambda c, rng: c[:-1]),
    "号码遮盖": _some("id", lambda c, rng: _mask(c)),
    "号码小写x": _cells("id", lambda c, rng: c.replace("X", "x")),
    "号码空格": _cells("id", lambda c, rng: _spaced(c)),
    "号码残疾证": _cells("id", lambda c, rng: c + "43" if len(c) == 18 else c),
    "号码十五位": _cells("id", lambda c, rng: c[:6] + c[8:17] if len(c) == 18 and c[6:8] == "19" else c),
    "号码学籍号": _cells("id", lambda c, rng: "G" + c if len(c) == 18 else c),
    "号码护照": _poison("E12345678", "HA1234567", "外籍", kind="id"),
    # dates
    "日期斜杠": _dated(lambda y, m, d: f"{y}/{int(m)}/{int(d)}"),
    "日期点": _dated(lambda y, m, d: f"{y}.{int(m)}.{int(d)}"),
    "日期八位": _dated(lambda y, m, d: y + m + d),
    "日期中文": _dated(lambda y, m, d: f"{y}年{int(m)}月{int(d)}日"),
    "日期汉字年": _dated(_chinese_year),
    "日期带时间": _dated(lambda y, m, d: f"{y}-{m}-{d} 00:00:00"),
    "日期只到月": _dated(lambda y, m, d: f"{y}{m}"),
    "日期毒": _poison("0000-00-00", "2026-02-30", "20261301", "昨天", "#N/A", "1", "1900-00-00", kind="date"),
    "日期日月倒": _some("date", lambda c, rng: f"{p[2]}/{p[1]}/{p[0]}" if (p := _iso(c)) else c),
    # money
    "金额汉字": _money(lambda v: f"{'零一二三四五六七八九'[int(v)]}元" if v in range(1, 10) else str(v)),
    "金额千分位": _money(lambda v: f"{v:,.2f}"),
    "金额人民币号": _money(lambda v: f"￥{v}"),
    "金额带小数点零": _money(lambda v: f"{v}0"),
    "金额毒": _poison("nan", "inf", "1e5", "0x10", "1_000", "三五万", "约", "#VALUE!", "--", "若干", kind="money"),
    "金额区间外单位": _poison("不到一万", "5千斤", "3头牛", "1.2.3", "1,2", "10万左右吧", kind="money"),
    # words
    "代码毒": _poison("某某", "是是", "？", "重伤三级", "未知情况", "#REF!", "赔了吗", kind="code"),
    "是否符号": _cells("bool", lambda c, rng: {"是": "√", "否": "×"}.get(c, c)),
    "是否数字": _cells("bool", lambda c, rng: {"是": "1", "否": "0"}.get(c, c)),
    "是否毒": _poison("也许", "2", "部分", "是/否", kind="bool"),
    "姓名夹空格": _cells("name", lambda c, rng: "\u3000".join(c) if len(c) <= 3 else c),
    "姓名点号": _cells("name", lambda c, rng: c.replace("·", rng.choice("•．‧・"))),
    "姓名加注": _cells("name", lambda c, rng: f"{c}（户主）"),
    "案号括号": _cells("caseno", lambda c, rng: c.replace("[", "〔").replace("]", "〕")),
    "空值词": _poison("不详", "/", "暂无", "—", "", kind="money"),
}
# Damages that ask for columns of a type, and for how many of them.
NEEDS = {
    "多一列同名相同": ("money", 1),
    "多一列同名不同": ("money", 1),
    "表头两列同名": ("money", 2),
    "表头缺一个": ("date", 1),
    "表头不认识一个": ("code", 1),
}
