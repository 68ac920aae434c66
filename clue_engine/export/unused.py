"""Columns that nobody uses and that look like what rules need: one sentence each, the most costly first (CE-D25).

Comes in: unused_column, and after a scan missing_fact. Goes out: which column of which file, how many cells, what the
rules lose, how to use it; never a value.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb

from clue_engine.export.privacy import redact
from clue_engine.pack.expect import expectation
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace

_NAMED = 5  # columns in a sentence


def unused_columns(ws: Workspace, pack: Pack) -> list[str]:
    """Every column once, however many fields it may be."""
    if not ws.has_table("unused_column"):
        return []
    found = []
    for file_id, name, sheet, header, n_cells, looks, labels in ws.rows(
        "select file_id, f.name, f.sheet, header, max(n_cells), list(distinct looks order by looks),"
        " list(label order by field)"
        " from (select file_id, header, max(n_cells) as n_cells, looks, field, label from unused_column group by all)"
        " join input_file as f using (file_id) group by all order by f.name, f.sheet, header"
    ):
        n_rules, n_households = cost(ws, pack, labels)
        lost = f"，影响 {n_rules} 条规则、{n_households} 户" if n_households else ""
        heading = redact(header)
        to_do = how(redact(name), heading, looks, labels[0])
        text = (
            f"CE-D25 {place(name, sheet)}的“{heading}”一列（{n_cells} 格，像{'或'.join(looks)}）没有用上，"
            f"表里没有认出{'、'.join(labels)}{lost}{beside(ws, file_id, header)}。{to_do}"
        )
        found.append(((-n_households, -n_cells, text), text))
    return [text for _, text in sorted(found)]


def how(name: str, heading: str, looks: list[str], label: str) -> str:
    """How to use the column: a heading that means several things is accepted by a person, table by table."""
    accept = f"clue-engine sources accept {name} {heading}={label}"
    if any("，格子里" in said for said in looks):
        return f"请核对这一列，确是{label}的，请提供的单位改正后再重新运行；不是的不必管"
    if any("值合" in said for said in looks):
        return (
            f"请核对这一列：是{label}的，请提供的单位改正写法（代码表里没有的写法，也可加到"
            " rules/vocabulary/codes.yaml），再重新运行"
        )
    if any("，" in said for said in looks):
        return f"确是这一项的，用 {accept}，再重新运行；不是的不必管"
    return (
        f"先看这一列写的是什么：确是{label}的，用 clue-engine sources alias {name} {heading}={label}（以后这种"
        f"表都认这个表头），或 {accept}（只对表头完全相同的表），再重新运行；不是的，写进来源文件的 ignore"
    )


def beside(ws: Workspace, file_id: int, but: str = "") -> str:
    """The other columns of a file that nobody knows: one of them may be the one that is missed."""
    told = ws.rows(
        "select distinct column_name from issue where file_id = ? and code = 'COLUMN_UNKNOWN' and column_name <> ?"
        " order by 1",
        [file_id, but],
    )
    names = [f"“{redact(name)}”" for (name,) in told]
    more = f"等 {len(names)} 列" if len(names) > _NAMED else ""
    return f"（这张表没有认出的列还有{'、'.join(names[:_NAMED])}{more}）" if names else ""


def place(name: str, sheet: str | None) -> str:
    """A file and its sheet."""
    return f"“{redact(name)}”" + (f"〔{redact(sheet)}〕" if sheet else "")


def cost(ws: Workspace, pack: Pack, labels: list[str]) -> tuple[int, int]:
    """Rules and households that a fact of this name would help to decide."""
    if not ws.has_table("missing_fact"):
        return 0, 0
    names = [
        (relation.name, f.name)
        for relation in pack.relations
        for f in relation.fields
        if {f.label, *f.aliases} & set(labels)
    ]
    if not names:
        return 0, 0
    places = ", ".join("(?, ?)" for _ in names)
    ((n_rules, n_households),) = ws.rows(
        "select count(distinct rule_id), count(distinct household_id) from missing_fact"
        f" where (relation, field) in ({places})",
        [part for pair in names for part in pair],
    )
    return int(n_rules), int(n_households)


# -- columns of which less was read than such a table has (CE-D29) -----------------------------------------------------
# Comes in: column_read, what the sources expect (``expect: {read: …}``), after a scan missing_fact. Goes out: one
# sentence each, the most costly first: of how many records the field is known, what the rules lose; never a value.
# Of a field without an expected share only a column that is there and blank all the way down is told, and only where
# rules could not decide many for want of it, or where another column tells more of what it does not say: a short list,
# and a column that no rule asks for, may well be blank.
_BY_CHANCE = 0.05  # a short list that has so few of a field at least this often is no fault
_FEW = 10  # records that say nothing of a share
_MANY = 200  # records from which on the share itself tells
_ANY = 0.05  # of a field for which nothing is expected: where so few must have it, a long list has one
_COSTLY = 3  # households
_DO = (
    "请核对这一列是不是空着、错了位，或写法变了；改好后重新运行。"
    "这种表本来就少有这一项的，在来源文件的 expect 里写明（如 read: {字段: 0%}）"
)


def under_read(ws: Workspace, pack: Pack) -> list[str]:
    """Every field of a file that falls under the share which its source expects."""
    if not ws.has_table("column_read"):
        return []
    found = []
    for file_id, name, sheet, header, label, n_known, n_rows, share, is_sure in _below(ws, pack):
        n_rules, n_households = cost(ws, pack, [label])
        if not is_sure and n_households < max(_COSTLY, _ANY * n_rows):
            continue
        lost = f"，影响 {n_rules} 条规则、{n_households} 户" if n_households else ""
        usual = "整列都是空的" if share is None else f"这种表一般不少于 {share:.0%}"
        text = (
            f"CE-D29 {place(name, sheet)}的“{redact(header)}”一列（{label}）{n_rows} 行中只读出 {n_known} 行，"
            f"{usual}：{label}将大多不明{lost}{beside(ws, file_id)}。{_DO}"
        )
        found.append(((-n_households, -n_rows, text), text))
    return [text for _, text in sorted(found)]


_Below = tuple[int, str, str | None, str, str, int, int, float | None, bool]


def _below(ws: Workspace, pack: Pack) -> Iterator[_Below]:
    """``True`` at the end: whatever it costs."""
    expected = {source.id: found.read for source in pack.sources if (found := expectation(source.options))}
    labels = {f"{kind.name}.{field.name}": field.label for kind in pack.records.values() for field in kind.fields}
    told_of = {f"{k.name}.{of}": f"{k.name}.{field}" for k in pack.records.values() for field, of in k.beside.items()}
    columns = ws.rows(
        "select f.file_id, f.name, f.sheet, f.source_id, c.kind || '.' || c.field,"
        " string_agg(c.header, '、' order by c.position),"
        " any_value(c.n_known), any_value(c.n_rows), sum(c.n_filled)"
        " from column_read as c join input_file as f using (file_id)"
        " group by f.file_id, f.name, f.sheet, f.source_id, c.kind, c.field order by f.file_id, c.kind, c.field"
    )
    known = {(file_id, target): n_known for file_id, _, _, _, target, _, n_known, *_ in columns}
    for file_id, name, sheet, source_id, target, header, n_known, n_rows, n_filled in columns:
        share = expected.get(source_id, {}).get(target)
        is_blank = share is None and not n_filled
        is_sure = is_blank and known.get((file_id, told_of.get(target, "")), 0) >= _FEW
        is_sure = is_sure or bool(share and _is_below(n_known, n_rows, share))
        if is_sure or (is_blank and _is_below(0, n_rows, _ANY)):
            yield file_id, name, sheet, header, labels[target], n_known, n_rows, share, is_sure


def _is_below(n_known: int, n_rows: int, share: float) -> bool:
    """Whether so few of so many are less than the share, and not by the chance of a short list."""
    if n_known >= share * n_rows or n_rows < _FEW:
        return False
    if n_rows > _MANY:
        return True
    so_few = sum(comb(n_rows, i) * share**i * (1 - share) ** (n_rows - i) for i in range(n_known + 1))
    return so_few < _BY_CHANCE
