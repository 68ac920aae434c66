"""report.html: one page of figures for whoever decides, without a person, a script or a request to anywhere.

Comes in: a scanned workspace, perhaps a ledger. Goes out: HTML.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from clue_engine.export.caveats import caveats, restricted_counts
from clue_engine.export.list_rows import Cell, list_rows
from clue_engine.export.listing import Inputs, Listing, read_listings, read_months
from clue_engine.export.privacy import plain
from clue_engine.export.quality import file_quality, rule_losses
from clue_engine.export.xlsx_pages import SMALL, masked
from clue_engine.feedback.charts import chart, left_out
from clue_engine.feedback.figures import UNKNOWN, Grid, Mask, breakdowns, funnel, open_numbers, overdue, ways
from clue_engine.feedback.stats import lines, rule_counts
from clue_engine.ledger import Event, Ledger
from clue_engine.ledger.events import LISTED
from clue_engine.ledger.history import Book
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace

_STATEMENT = "本表数字由比对出的线索和台账统计，供工作参考。"
_TEMPLATE = "report.html.j2"
_LEAST_JUDGED = SMALL + 1  # a share of fewer would tell the number
_MONTHS = 12


@dataclass(frozen=True)
class Report:
    """What is shown. ``month``: the one that counts as this month; ``small``: small counts are shown."""

    as_of: dt.date
    month: dt.date
    today: dt.date
    small: bool = False


def report_html(ws: Workspace, pack: Pack, ledger: Ledger | None, what: Report) -> str:
    """The whole page. The same workspace, ledger and days give the same bytes."""
    import jinja2

    text = resources.files("clue_engine.feedback").joinpath(_TEMPLATE).read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.globals |= {"chart": chart, "left_out": left_out}
    return environment.from_string(text).render(
        pack=pack, what=what, marks=(f"≤{SMALL}", "＊", UNKNOWN), statement=_STATEMENT, small=SMALL,
        grids=grids(ws, pack, ledger, what),
        restricted=_restricted(ws, what), caveats=[plain(one) for one in caveats(ws, pack)],
    )  # fmt: skip


def grids(ws: Workspace, pack: Pack, ledger: Ledger | None, what: Report) -> list[Grid]:
    mask: Mask = open_numbers if what.small else masked
    rows = list_rows(ws, pack)
    titles = {rule.id: rule.title for rule in pack.rules}
    events = ledger.events() if ledger else []
    found = ways(events, ledger.numbers(), pack.feedback) if ledger else None
    n_listed = sum(row.status == "线索" for row in rows)
    made = [funnel(found, n_listed, what.month, mask)]
    if ledger:
        made.append(overdue(Book.read(ledger).waits(), what.today, mask))
    made += breakdowns(rows, found, _listed(ledger), titles, what.month, mask)
    if ledger:
        made.append(_rights(ledger, pack, what, titles))
    quality = [_quality(ws, pack), *_quality_before(ws), *_quality_by_month(read_months(ws))]
    return [*made, _unknown(ws, mask), _losses(ws, pack, mask), *quality]


def _listed(ledger: Ledger | None) -> dict[str, Event]:
    """By number the last that says how it was listed as certain, else how it was listed first."""
    numbers = ledger.numbers() if ledger else {}
    found: dict[str, Event] = {}
    for event in ledger.events() if ledger else ():
        number = numbers.get(event.clue_id, event.clue_id)
        if event.kind == LISTED and (event.text("status") == "线索" or number not in found):
            found[number] = event
    return found


def _rights(ledger: Ledger, pack: Pack, what: Report, titles: dict[str, str]) -> Grid:
    """How often a rule held; of few that were checked nothing is said."""
    single, _ = rule_counts(lines(ledger.events(), ledger.numbers(), pack.feedback), what.today)
    least = 1 if what.small else _LEAST_JUDGED
    rows: list[tuple[Cell, ...]] = []
    for count in single:
        share, interval = count.share, count.interval
        told = share is not None and interval is not None and count.verified >= least
        few = "核实得太少" if count.verified else "没有核实过"
        said = f"{share:.0%}（{interval[0]:.0%}–{interval[1]:.0%}）" if told and share is not None and interval else few
        name = f"{count.rules[0]} {titles.get(count.rules[0], '')}"
        rows.append((name, said, "偏低" if count.is_low(pack.feedback) else ""))
    return Grid("规则的属实率", "括号里是 95% 区间。", ("规则", "属实", "提醒"), tuple(rows))


def _unknown(ws: Workspace, mask: Mask) -> Grid:
    """Open questions of lines that one fact would decide, and who holds it."""
    found = ws.rows(
        "select m.field_label, coalesce(m.holder, '承办单位'), count(distinct m.clue_id) from clue_missing as m"
        " join clue as c using (clue_id) where m.decides and c.status in ('待核', '折叠') group by 1, 2"
        " order by 3 desc, 1, 2"
    )
    numbers = mask([n for *_, n in found])[:-1]
    rows = tuple((label, holder, n) for (label, holder, _), n in zip(found, numbers, strict=True))
    note = "补上这一项就能判断的待核线索（含排在后面没有列出的），一条可以算在几行里。"
    return Grid("还不能判断的：缺什么，由谁掌握", note, ("缺的事实", "由谁掌握", "待核线索"), rows, (2,))


def _losses(ws: Workspace, pack: Pack, mask: Mask) -> Grid:
    found = rule_losses(ws, pack)
    columns = [mask([getattr(x, name) for x in found])[:-1] for name in ("n_hit", "n_missing", "n_deciding")]
    rows = tuple(
        (f"{x.rule_id} {x.title}", "、".join(label for label, _ in x.fields), *cells)
        for x, *cells in zip(found, *columns, strict=True)
    )
    headings = ("规则", "最常缺的", "命中户", "缺数户", "补一项即可判断")
    return Grid("各条规则因缺数不能判断的户", "只统计涉案家庭。", headings, rows, (3,))


def _quality(ws: Workspace, pack: Pack) -> Grid:
    """Per kind of input: rows, rejected rows, doubtful cells. A file name may name somebody: the kind stands for it."""
    files = file_quality(ws)
    rows: list[tuple[Cell, ...]] = [
        (x.source, x.snapshot_date, x.n_read, x.n_loaded, x.n_rejected, sum(n for _, _, n, _ in x.issues),
         sum(column.is_empty for column in x.columns))
        for x in files if x.source
    ]  # fmt: skip
    headings = ("数据", "数据日期", "读取行", "装载行", "拒收行", "疑点处数", "整列为空的列")
    left = len(files) - len(rows)
    unknown = f"另有 {left} 个文件或工作表没有认出，没有用；名称见 clues.xlsx 的“数据质量”表。" if left else ""
    return Grid("数据质量", f"每行是一个文件或工作表。{unknown}", headings, tuple(rows))


def _quality_before(ws: Workspace) -> list[Grid]:
    """Beside the scan before, where there was one."""
    kept = read_listings(ws)
    if len(kept) < 2:
        return []
    now, before = kept
    rows = tuple(
        (label, *(cell for n in range(3) for cell in (_count(before, label, n), _count(now, label, n))))
        for label in sorted({*now.files, *before.files})
    )
    heads = tuple(f"{what}（{when}）" for what in ("读取行", "拒收行", "疑点") for when in ("上次", "这次"))
    note = f"上次扫描日 {before.as_of}，这次 {now.as_of}。“—”是那一次没有这种数据。"
    return [Grid("数据质量：与上一次扫描比", note, ("数据", *heads), rows)]


def _quality_by_month(months: Sequence[Inputs]) -> list[Grid]:
    """Of the last year, where more than one month was scanned: how many rows were lost, and which data did not come."""
    shown = months[-_MONTHS:]
    if len(shown) < 2:
        return []
    known = {label for one in shown for label in one.files}
    rows = []
    for one in shown:
        n_read, *lost = (sum(counts[place] for counts in one.files.values()) for place in range(3))
        shares = [round(1000 * n / n_read, 1) if n_read else UNKNOWN for n in lost]
        absent = "、".join(sorted(known - one.files.keys()))
        rows.append((one.as_of[:7], one.as_of, n_read, *lost, *shares, absent))
    heads = ("月", "扫描日", "读取行", "拒收行", "疑点", "每千行拒收", "每千行疑点", "没有来的数据")
    note = f"认出的数据，每月取最后一次扫描，最多 {_MONTHS} 个月。没有来的：别的月有、这个月没有的数据。"
    return [Grid("数据质量：各月", note, heads, tuple(rows), (5, 6), over_time=True)]


def _count(of: Listing, label: str, place: int) -> Cell:
    return of.files[label][place] if label in of.files else UNKNOWN


def _restricted(ws: Workspace, what: Report) -> Cell:
    n = sum(restricted_counts(ws).values())
    return n if what.small else masked([n])[0]
