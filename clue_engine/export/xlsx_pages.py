"""The other sheets of the workbook: 汇总, 规则说明, 数据质量, 填表说明.

Comes in: rows of the lists, the pack, file quality, caveats. Goes out: sheets; small counts are masked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from clue_engine.export import columns as c
from clue_engine.export.list_rows import Cell, Row
from clue_engine.export.quality import FileQuality, RuleLoss, values_said
from clue_engine.export.sentences import numbered
from clue_engine.export.xlsx_form import LINE, NOTE_ROW, Book, Column, band, body, opening, page, table
from clue_engine.pack.model import RUNNING, Pack, Rule

SMALL = 7  # counts from 1 to this may point at a person
_MASK, _HIDDEN = f"≤{SMALL}", "＊"
_ACTIONS = {
    "suppress": "不列入清单", "hold": "搁置，不列入清单", "downgrade": "降一档", "reroute": "改送其他单位",
    "restrict": "受限，不显示个人信息", "note": "加提示",
}  # fmt: skip
_HELP = (
    "一、各线索表按优先级、匹配方式、得分排列，优先级高的在前；同一户在同一线索方向只列一次。",
    "二、“状态”栏：线索，是现有数据已经符合规则；待核，是缺一项事实，“决定事项”栏写明缺什么、由谁掌握；搁置，是有不予列出的情形，原因见“搁置”表。"
    "“折叠”也是待核，排在后面没有列出，逐户写在 pending.csv，先核已列出的。",
    "三、“匹配方式”写“疑似”的，先核实是不是同一个人，再核实情况。",
    "四、“缺失项”写“待核”的，不等于没有：赔偿情况待核的，既不能当作没有赔，也不能当作已经赔。",
    "五、姓名写作“受限-编号”的是受限线索，连同同户、同案的，各方向都只列编号，由检察机关指定的专人（待定）查看。"
    "确需查看的，请向检察机关申请，由数据人员用 clue-engine export --restricted 导出加密件并留痕。"
    "请不要自行打听，不要扩散。",
    "六、请填写“核查结果、处理去向、核查人、核查日期、备注”五栏（浅黄色），打印件手写，电子件直接填。其余各栏请不要改动；可以排序、筛选。",
    "七、“核查结果”“处理去向”“不成立原因”从下拉列表中选择；日期按 2025-06-30 的形式填写。已发放、已纳入监测、已回访的，"
    "在打印区右侧“办理情况”各栏填金额和日期。填好的文件由数据人员用 clue-engine feedback import 读回。",
    "八、打印区右侧各栏（办理情况、规则、户和人、案件、家庭情况、移送、数据出处）供查对用，不打印；点表格上方的“－”可以收起。",
    "九、证件号码、联系电话默认遮盖；确需完整号码的，按规定申请后由数据人员导出并留痕。",
    "十、“按户”表一户一行，列出这户在各方向的线索和可以得到的帮扶，列名与防返贫监测平台一致；“户号”相同的线索是同一户，一次入户一并核查。"
    "“待核实后”的，先把括号里的情况了解清楚。帮扶是建议，由提供单位按规定审查。",
    f"十一、“汇总”表按乡镇、案由、规则、承办单位、受理月份数，不含受限线索。不超过 {SMALL} 的数写作“{_MASK}”，"
    f"写“{_HIDDEN}”的是为防止反推而隐去的数。",
)

_PARCEL_HELP = (
    "一、各户按优先级排列，优先级高的先核查。线索由数据比对得出，先核实是不是本人、本户，再核实实际困难。",
    "二、“缺失项”写“待核”的，不等于没有，请一并了解。",
    "三、请填写“核查结果、处理去向、核查人、核查日期、备注”五栏（浅黄色），打印件手写，电子件直接填；“核查结果”“处理去向”"
    "“不成立原因”从下拉列表中选择，日期按 2025-06-30 的形式填写；已发放、已纳入监测、已回访的，"
    "在右侧“办理情况”各栏填金额和日期。其余各栏请不要改动；可以排序、筛选、加列。",
    "四、打印区右侧各栏供查对用，不打印；点表格上方的“－”可以收起。",
    "五、证件号码、联系电话默认遮盖；确需完整号码的，按规定申请。",
    "六、本表含个人信息，请指定专人保管，只用于本次核查，不得对外提供。入户时不说案由，不向邻居打听。",
)


def summary_sheet(b: Book, note: str, rows: Sequence[Row], pack: Pack, *, small: bool = False) -> None:
    """汇总: towns, charges, rules, receivers, months by directions; small counts masked unless ``small``.

    Restricted clues are counted by themselves, in no town.
    """
    kinds = [(d.name, status) for d in pack.directions for status in ("线索", "待核")]
    shown = [r for r in rows if not r.restricted and r.status in ("线索", "待核")]
    titles = {rule.id: f"{rule.id} {rule.title}" for rule in pack.rules}
    records: list[list[Cell]] = []
    for what, words in _groups(titles).items():
        counts = Counter((word, r.direction, r.status) for r in shown for word in words(r))
        names = sorted({word for word, *_ in counts})
        columns = [[counts[name, *kind] for name in names] for kind in kinds]
        cells = [[*numbers, sum(numbers)] if small else masked(numbers) for numbers in columns]
        records += [[what, name, *(column[n] for column in cells)] for n, name in enumerate(names)]
        if what == _TOWN:  # the others count a line several times
            records.append([what, "合计（不含受限）", *(column[-1] for column in cells)])
            hidden = Counter((r.direction, r.status) for r in rows if r.restricted)
            records.append([what, "受限，只列编号", *(hidden[kind] for kind in kinds)])
    heads = [Column("分项", 12, style="centre"), Column("项目", 30)]
    heads += [Column(status, 12, direction, "centre") for direction, status in kinds]
    table(b, "汇总", "线索汇总（单位：户；一户可以算在几个案由、规则、单位里）", note, heads, records)


_TOWN = "乡镇"


def _groups(titles: Mapping[str, str]) -> dict[str, Callable[[Row], Iterable[str]]]:
    def cell(row: Row, heading: str, unknown: str) -> list[str]:
        return [word for word in str(row.cells.get(heading) or "").split("、") if word] or [unknown]

    return {
        _TOWN: lambda row: cell(row, c.TOWN, "（乡镇不详）"),
        "案由": lambda row: dict.fromkeys(cell(row, c.CAUSE, "（不写案由或不详）")),
        "规则": lambda row: dict.fromkeys(titles.get(str(r["id"]), "") for r in row.details.get("rules", ())),
        "承办单位": lambda row: dict.fromkeys(cell(row, c.RECEIVER, "（未定）")),
        "受理月份": lambda row: [str(row.cells.get(c.ACCEPTED) or "")[:7] or "（不写日期或不详）"],
    }


def masked(numbers: Sequence[int]) -> list[Cell]:
    """The numbers and their sum, small ones masked; a lone masked one gets company, or the sum would tell it."""
    shown: list[Cell] = [_MASK if 0 < n <= SMALL else n for n in numbers]
    others = [place for place, cell in enumerate(shown) if isinstance(cell, int) and cell]
    if shown.count(_MASK) == 1 and others:
        shown[min(others, key=lambda place: numbers[place])] = _HIDDEN
    total = sum(numbers)
    return [*shown, _MASK if 0 < total <= SMALL else total]


def rules_sheet(b: Book, note: str, pack: Pack) -> None:
    """规则说明: what each rule asks, what it weighs, where it is known to err."""
    columns = (
        Column("编号", 6, "规则", "centre"), Column("名称", 20, "规则"), Column("线索方向或作用", 15, "规则"),
        Column("分值", 13, "规则", lines=True), Column("依据", 30, "说明", lines=True),
        Column("建议核查", 26, "说明", lines=True), Column("容易误报", 15, "说明", lines=True),
        Column("可能漏掉", 15, "说明", lines=True),
    )  # fmt: skip
    labels = {(d.name, x.name): x.label for d in pack.directions for x in d.dimensions}
    records: list[list[Cell]] = [
        [rule.id, _title(rule), rule.direction,
         "\n".join(f"{labels.get((rule.direction, name), name)}{n}分" for name, n in rule.points.items()),
         _basis(rule.basis), numbered(rule.check), numbered(rule.false_positives), numbered(rule.misses)]
        for rule in pack.rules if rule.status in RUNNING
    ]  # fmt: skip
    records += [
        [hold.id, hold.title, _ACTIONS.get(hold.action, hold.action), "不计分", _basis(hold.basis),
         numbered(hold.check), None, None]
        for hold in pack.holds if hold.status in RUNNING
    ]  # fmt: skip
    records += [
        [one.id, one.title, f"帮扶措施：{one.support.column}，{one.support.provider}", "不计分", _basis(one.basis),
         numbered(one.check), numbered(one.false_positives), numbered(one.misses)]
        for one in pack.measures if one.support and one.status in RUNNING
    ]  # fmt: skip
    table(b, "规则说明", f"规则说明（{pack.name} {pack.version}）", note, columns, records)


def _title(rule: Rule) -> str:
    return f"{rule.title}（试行）" if rule.status == "trial" else rule.title


def _basis(basis: Sequence[object]) -> str:
    return numbered("，".join(str(v) for v in one.values() if v) for one in basis if isinstance(one, dict))


def quality_sheet(
    b: Book, note: str, quality: Sequence[FileQuality], losses: Sequence[RuleLoss], caveats: Sequence[str]
) -> None:
    """数据质量: limits of this batch; what was read of each file; doubts and columns to look at; what rules lose.

    That much is printed. Below it, for the screen: the values and the fill rate of every column.
    """
    sheet = b.sheet("数据质量")
    widths = (32, 14, 26, 17, 11, 11, 11, 16)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    opening(b, sheet, "数据质量", note, [Column("", width) for width in widths])
    at = NOTE_ROW + 1
    if caveats:
        at = _section(b, sheet, at, "本批数据的限制")
        for text in caveats:
            band(b, sheet, at, 0, len(widths) - 1, text, "text")
            sheet.set_row(at, LINE * (1 + len(text) // 75) + 4)
            at += 1
    at = _block(
        b, sheet, at, "各文件读取情况",
        ("文件", "工作表", "认作", "数据日期", "读取行数", "装载行数", "拒收行数", "结果"), widths,
        [[f.name, f.sheet, f.source or "未认出", f.snapshot_date, f.n_read, f.n_loaded, f.n_rejected, _state(f)]
         for f in quality],
    )  # fmt: skip
    doubts = [(f, column, detail or code, code, n) for f in quality for code, column, n, detail in f.issues]
    at = _block(
        b, sheet, at, "数据疑点", ("文件", "工作表", "列", "代码", "处数", "说明", "", ""), widths,
        [[f.name, f.sheet, column, code, n, None, None, None] for f, column, _, code, n in doubts],
    )  # fmt: skip
    band(b, sheet, at - 2 - len(doubts), 5, 7, "说明", "head")
    for row, (_, _, detail, _, _) in enumerate(doubts, at - 1 - len(doubts)):
        band(b, sheet, row, 5, 7, detail, "text")
    if striking := [*_doubtful_columns(quality), *_empty_columns(quality)]:
        at = _block(
            b, sheet, at, "要留意的列（有认不出的格、代码表没有的词，或整列是空的）",
            ("文件", "工作表", "列", "", "有值行数", "认不出", "认不出率", "代码表没有的词"), widths, striking,
        )  # fmt: skip
    if losses:
        at = _block(
            b, sheet, at, "各条规则因缺数不能判断的户（占涉案户）",
            ("规则", "编号", "最常缺的", "", "命中户", "缺数户", "占涉案户", "补一项即可判断"), widths,
            [[x.title, x.rule_id, "、".join(f"{label} {n}" for label, n in x.fields), None, x.n_hit, x.n_missing,
              None if x.rate is None else f"{x.rate:.1%}", x.n_deciding] for x in losses],
        )  # fmt: skip
    doubled = [f for f in quality if f.n_duplicates]
    if doubled:
        at = _block(
            b, sheet, at, "内容完全相同的行", ("文件", "工作表", "认作", "", "重复行数", "", "", ""), widths,
            [[f.name, f.sheet, f.source, None, f.n_duplicates, None, None, None] for f in doubled],
        )  # fmt: skip
    sheet.print_area(0, 0, at - 2, len(widths) - 1)
    band(b, sheet, at, 0, len(widths) - 1, "以下是逐列的明细，供在屏幕上筛选，不打印。", "note")
    at += 2
    held = [(f, x) for f in quality for x in f.columns if x.n_invalid or x.seen or x.unknown]
    if held:
        at = _block(
            b, sheet, at, "各列取值",
            ("文件", "工作表", "列", "", "有值行数", "认不出", "认不出率", "取值（代码表没有的在后）"), widths,
            [[f.name, f.sheet, x.header, None, x.n_filled, x.n_invalid,
              None if x.invalid_rate is None else f"{x.invalid_rate:.1%}", values_said(x)] for f, x in held],
        )  # fmt: skip
    start = at + 1
    at = _block(
        b, sheet, at, "各列填写率", ("文件", "工作表", "列", "表内位置", "行数", "有值行数", "填写率", "采用"), widths,
        [[f.name, f.sheet, x.header, f"第{place}列", x.n_rows, x.n_filled, x.rate,
          f"{x.n_cells} 格中采用 {x.n_read} 格" if x.field else "没有用到"]
         for f in quality for place, x in enumerate(f.columns, 1)],
    )  # fmt: skip
    sheet.autofilter(start, 0, max(at - 2, start), len(widths) - 1)
    sheet.freeze_panes(NOTE_ROW + 1, 0)
    page(sheet)


def _doubtful_columns(quality: Sequence[FileQuality]) -> list[list[Cell]]:
    """A line per column with cells or words that could not be read."""
    return [
        [f.name, f.sheet, x.header, None, x.n_filled, x.n_invalid,
         None if x.invalid_rate is None else f"{x.invalid_rate:.1%}", "、".join(f"{word} {n}" for word, n in x.unknown)]
        for f in quality for x in f.columns if x.n_invalid or x.unknown
    ]  # fmt: skip


def _empty_columns(quality: Sequence[FileQuality]) -> list[list[Cell]]:
    """A line per file that has used columns without a value."""
    named = [(f, "、".join(x.header for x in f.columns if x.is_empty)) for f in quality]
    return [[f.name, f.sheet, headers, None, 0, None, None, "整列是空的"] for f, headers in named if headers]


def _state(file: FileQuality) -> str:
    return "已装载" if file.status == "loaded" else file.reason or "未装载"


def _section(b: Book, sheet: Any, at: int, title: str) -> int:
    sheet.write_string(at, 0, title, b.style["section"])
    sheet.set_row(at, 20)
    return at + 1


def _block(
    b: Book, sheet: Any, at: int, title: str, headings: Sequence[str], widths: Sequence[float],
    records: Sequence[Sequence[Cell]],
) -> int:  # fmt: skip
    """A table with its own title within a sheet; returns the row after it and an empty one."""
    at = _section(b, sheet, at, title)
    columns = [
        Column(heading, width, style="percent" if heading == "填写率" else "text")
        for heading, width in zip(headings, widths, strict=True)
    ]
    for place, heading in enumerate(headings):
        sheet.write_string(at, place, heading, b.style["head"])
    body(b, sheet, at + 1, columns, records)
    return at + 2 + len(records)


def help_sheet(b: Book, note: str, caveats: Sequence[str]) -> None:
    """填表说明, and what the readers of this batch must know."""
    _help(b, [note, *_HELP, *(f"本批数据：{text}" for text in caveats)])


def parcel_help_sheet(b: Book) -> None:
    """填表说明 of a parcel: what the receiver of a list of certain, open clues must know."""
    _help(b, _PARCEL_HELP)


def _help(b: Book, lines: Sequence[str]) -> None:
    sheet = b.sheet("填表说明")
    sheet.set_column(0, 0, 112)
    sheet.write_string(0, 0, "填表说明", b.style["title"])
    sheet.set_row(0, 30)
    for row, line in enumerate(lines, 1):
        sheet.write_string(row, 0, line, b.style["line"])
        sheet.set_row(row, 16.0 * (1 + len(line) // 56) + 3)
    page(sheet)
