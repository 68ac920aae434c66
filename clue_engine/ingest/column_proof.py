"""What the values of a table prove about a column whose heading may mean several things.

Comes in: the name of a proof (rules/vocabulary/field_words.yaml), the columns that are understood, cells. Goes out:
whether it holds; without the columns that it needs, or with too few rows, it does not.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

from clue_engine.ingest.readings import code_table, look_up
from clue_engine.pack.field_words import FieldWords
from clue_engine.pack.model import Source
from clue_engine.values import money
from clue_engine.values.text import cell_text, compact, is_yes_no, yes_no

Cells = Callable[[int], Sequence[str]]
_ALL_BUT_SLIPS = 0.95
_MOSTLY = 0.9
_MEMBERS, _HALF = 5, 0.5  # so many members without a head of their number are no accident


class _Table:
    """The columns of a table by the fields that they feed."""

    def __init__(self, position: int, placed: Mapping[int, int], source: Source, words: FieldWords, cells: Cells):
        self.own = cells(position)
        self.source, self.words, self._placed, self._cells = source, words, placed, cells
        self.few = int(words.bar("few"))

    def of(self, field: str) -> Sequence[str]:
        """The cells that feed a field, or the first of several (a/b) that is there; nothing when no column does."""
        for one in field.split("/"):
            for position, number in self._placed.items():
                if one in self.source.columns[number].fields:
                    return self._cells(position)
        return ()

    def code(self, field: str, text: str) -> str | None:
        values = next((c.values for c in self.source.columns if field in c.fields), {})
        codes = self.words.codes[str(self.words.record_field(field).codes)]
        return look_up(code_table(codes, values), text, codes)[0]


def proven(
    proof: str, position: int, placed: Mapping[int, int], source: Source, words: FieldWords, cells: Cells
) -> bool:
    """Whether the values prove it. A heading without a proof to give ("") has been judged by its words alone."""
    name, _, field = proof.partition(" ")
    if name in ("合代码", "是人名"):
        return True  # its values were measured against the field
    table = _Table(position, placed, source, words, cells)
    tests: dict[str, Callable[[_Table, str], bool]] = {
        "": lambda _table, _field: True,
        "有": lambda table, field: any(table.of(one) for one in field.split("|")),
        "无": lambda table, field: not table.of(field),
        "不大于": _at_most,
        "仅是时有": _only_where_yes,
        "一户一主": _one_head_each,
        "一主": _one_head,
        "不全相同": _not_of_the_case,
        "人均相符": _per_head,
    }
    return tests[name](table, field)


def _numbers(cells: Sequence[str]) -> list[float | None]:
    return [money.money(text)[0] if cell_text(text) is not None else None for text in cells]


def _at_most(table: _Table, field: str) -> bool:
    """Never more than another amount, and no doubt where the state of payment says none was paid."""
    pairs = [
        (own, other)
        for own, other in zip(_numbers(table.own), _numbers(table.of(field)), strict=False)
        if own is not None and other is not None
    ]
    if len(pairs) < table.few or sum(own <= other for own, other in pairs) < _ALL_BUT_SLIPS * len(pairs):
        return False
    return any(own < other for own, other in pairs) and _agrees_with_state(table)


def _agrees_with_state(table: _Table) -> bool:
    """Paid nothing where nothing was paid, something where something was; True where the table does not say."""
    states = table.of("victim.pay_state")
    said = [
        ((own or 0.0) > 0, table.code("victim.pay_state", state))
        for own, state in zip(_numbers(table.own), states, strict=False)
    ]
    expected = [(paid, code != "未赔偿") for paid, code in said if code in ("未赔偿", "部分赔偿", "已足额")]
    return sum(paid == wanted for paid, wanted in expected) >= _MOSTLY * len(expected)


def _only_where_yes(table: _Table, field: str) -> bool:
    """Filled where another column says yes, empty where it says no; both occur."""
    filled = {True: 0, False: 0}
    right = {True: 0, False: 0}
    for text, flag in zip(table.own, table.of(field), strict=False):
        if cell_text(flag) is not None and is_yes_no(flag):
            said = bool(yes_no(flag))
            filled[said] += 1
            right[said] += (cell_text(text) is not None) == said
    enough = min(filled.values()) >= table.few
    return enough and all(right[said] >= _ALL_BUT_SLIPS * filled[said] for said in filled)


def _one_head_each(table: _Table, _field: str) -> bool:
    """Each value has one head of household: it numbers households, not persons or places."""
    relations = table.of("registry.relation")
    heads: Counter[str] = Counter()
    for text, relation in zip(table.own, relations, strict=False):
        if cell_text(text) is not None:
            heads[compact(text)] += table.code("registry.relation", relation) == "户主"
    return bool(heads) and sum(n == 1 for n in heads.values()) >= _MOSTLY * len(heads)


def has_heads(position: int, placed: Mapping[int, int], source: Source, words: FieldWords, cells: Cells) -> bool:
    """Whether most members stand under a number that a head of household has too; True where the table does not say."""
    table = _Table(position, placed, source, words, cells)
    rows = zip(table.own, table.of("registry.relation"), strict=False)
    said = [(compact(text), table.code("registry.relation", relation)) for text, relation in rows if cell_text(text)]
    heads = {text for text, code in said if code == "户主"}
    members = [text for text, code in said if code not in (None, "户主")]
    if not heads or len(members) < _MEMBERS:
        return True
    return sum(text in heads for text in members) >= _HALF * len(members)


def _one_head(table: _Table, _field: str) -> bool:
    """Each household has one head by this column."""
    heads: Counter[str] = Counter()
    for text, household in zip(table.own, table.of("registry.household_no"), strict=False):
        if cell_text(household) is not None:
            heads[compact(household)] += table.code("registry.relation", text) == "户主"
    return bool(heads) and sum(n == 1 for n in heads.values()) >= _MOSTLY * len(heads)


def _not_of_the_case(table: _Table, _field: str) -> bool:
    """No two persons of a case share the value: it is told of each, not of the case as a whole."""
    case_field = f"{table.source.records[0]}.case_no"
    values: dict[str, list[str]] = defaultdict(list)
    for text, case in zip(table.own, table.of(case_field), strict=False):
        if cell_text(case) is not None and cell_text(text) is not None:
            values[compact(case)].append(compact(text))
    return bool(values) and not any(len(found) > 1 and len(set(found)) == 1 for found in values.values())


def _per_head(table: _Table, _field: str) -> bool:
    """Income of the household by its number of persons."""
    rows = zip(
        _numbers(table.own),
        _numbers(table.of("registry.income")),
        _numbers(table.of("registry.household_size")),
        strict=False,
    )
    known = [(own, income / size) for own, income, size in rows if own is not None and income and size]
    close = sum(abs(own - share) <= max(1.0, 0.01 * abs(share)) for own, share in known)
    return len(known) >= table.few and close >= _MOSTLY * len(known)
