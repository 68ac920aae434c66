"""What rules say about each other: the same condition twice, or one whose households another has already.

Comes in: a frozen ``Space`` with the conditions of a pack. Goes out: diagnostics CE416. A thousand rules make a
million pairs, so each rule first names one situation in which it is true; all rules are looked at in all situations at
once with bit sets, and only pairs that survive are decided exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from clue_engine.errors import Diagnostic
from clue_engine.language.check_pack import CheckedPack, CheckedRule
from clue_engine.language.formula import Translator
from clue_engine.language.lexer import diagnose
from clue_engine.language.logic import FALSE, TRUE, UNKNOWN, Space, Spent

_EFFORT, _PAIR = 20_000, 80  # evaluations for all pairs of a pack, and for one of them
_MANY = 3  # findings per rule


def implied_bodies(space: Space) -> None:
    """Note which counts never exceed which: any R (A and B) has no more rows than any R (A), or than R."""
    groups: dict[object, dict[int | None, dict[bool, int]]] = {}
    for count, (rows, surviving, body) in space.bodies.items():
        groups.setdefault(rows, {}).setdefault(body, {})[surviving] = count
    for bodies in groups.values():
        pairs = [p for p in _implied(space, [b for b in bodies if b is not None]) if _rests(space, *p)]
        pairs += [(b, b) for b in bodies if b is not None]
        every = [(b, None) for b in bodies if b is not None and None in bodies]
        for narrow, wide in [*pairs, *every, (None, None)]:
            _below(space, bodies.get(narrow, {}), bodies.get(wide, {}), narrow == wide)


def _below(space: Space, narrow: Mapping[bool, int], wide: Mapping[bool, int], same: bool) -> None:
    """The rows that holds leave are among all rows; the narrow ones are among the wide ones."""
    for left, right in ((True, True), (True, False), (False, False)):
        if left in narrow and right in wide and not (same and left == right):
            space.below.setdefault(narrow[left], set()).add(wide[right])
            space.above.setdefault(wide[right], set()).add(narrow[left])


def implied_rules(checked: CheckedPack, translator: Translator) -> list[Diagnostic]:
    """Rules of one direction and one dimension of which one hits wherever the other does, said at the narrower one."""
    groups: dict[str, dict[int, list[CheckedRule]]] = {}
    for rule in checked.rules.values():
        if rule.rule.status == "retired":
            continue
        node = translator.formula(rule.when)
        groups.setdefault(rule.rule.direction, {}).setdefault(node, []).append(rule)
    found: list[Diagnostic] = []
    for by_node in groups.values():
        for same in by_node.values():
            first, *others = same
            found += [_say(other, first, "条件相同，会重复计分") for other in others if _counted_twice(other, first)]
        told: dict[int, int] = {}
        for narrow, wide in _implied(translator.space, list(by_node)):
            a, b = by_node[narrow][0], by_node[wide][0]
            if _counted_twice(a, b) and told.get(narrow, 0) < _MANY:
                told[narrow] = told.get(narrow, 0) + 1
                found.append(_say(a, b, "命中的户，那一条也都命中，分值重复相加"))
    return found


def _counted_twice(a: CheckedRule, b: CheckedRule) -> bool:
    """Points in one dimension, and neither drops the other's."""
    apart = b.rule.id in a.rule.supersedes or a.rule.id in b.rule.supersedes
    return not apart and bool(set(a.rule.points) & set(b.rule.points))


def _say(rule: CheckedRule, other: CheckedRule, what: str) -> Diagnostic:
    message = f"{rule.rule.id} 与 {other.rule.id}“{other.rule.title}”{what}"
    hint = f"有意如此时在 {rule.rule.id} 写 supersedes: [{other.rule.id}]，否则改条件或分项"
    return diagnose(rule.rule.when, 0, len(rule.rule.when), "CE416", message, hint, "warning")


def _implied(space: Space, nodes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Pairs (a, b) of formulas of which b is true wherever a is."""
    witnesses: list[Mapping[int, int] | None] = []
    for node in nodes:
        try:
            witnesses.append(space.possible(node, TRUE))
        except Spent:
            witnesses.append(None)
    states = _States(space, [_closed(space, w) for w in witnesses if w is not None])
    numbers = [n for n, w in zip(nodes, witnesses, strict=True) if w is not None]
    limit = space.spent + _EFFORT
    for wide in nodes:
        _, false, unknown = states.possible(wide)
        sure = states.all & ~(false | unknown)
        while sure:
            lowest = (sure & -sure).bit_length() - 1
            sure &= sure - 1
            narrow = numbers[lowest]
            if narrow != wide and space.spent < limit and _follows(space, narrow, wide):
                yield narrow, wide


def _follows(space: Space, narrow: int, wide: int) -> bool:
    """Never is the narrow one true and the wide one false or unknown. Part by part: small questions are answered."""
    left, right = space.nodes[narrow], space.nodes[wide]
    if narrow == wide or (left.kind == "and" and wide in left.below) or (right.kind == "or" and narrow in right.below):
        return True
    if right.kind == "and":
        return all(_follows(space, narrow, part) for part in right.below)
    if left.kind == "or":
        return all(_follows(space, part, wide) for part in left.below)
    return _never(space, wide, _related(space, narrow, wide))


def _rests(space: Space, narrow: int, wide: int) -> bool:
    """Wherever the wide one is false the narrow one is, too (not merely unknown)."""
    left, right = space.nodes[narrow], space.nodes[wide]
    if narrow == wide or (left.kind == "and" and wide in left.below) or (right.kind == "or" and narrow in right.below):
        return True
    if right.kind == "and":
        return all(_rests(space, narrow, part) for part in right.below)
    if left.kind == "or":
        return all(_rests(space, part, wide) for part in left.below)
    return _never(space, space.negated(_related(space, narrow, wide)), space.negated(wide))


def _related(space: Space, narrow: int, wide: int) -> int:
    """The narrow one without the conditions that do not look at what the wide one looks at."""
    found = space.nodes[narrow]
    if found.kind != "and":
        return narrow
    parts = tuple(p for p in found.below if space.related(p, wide))
    return space.node("and", parts) if len(parts) > 1 else parts[0] if parts else narrow


def _never(space: Space, yes: int, no: int) -> bool:
    """Never is ``no`` true while ``yes`` is not."""
    try:
        return space.possible(space.node("two", (yes, no)), FALSE, _PAIR) is None
    except Spent:
        return False


def _closed(space: Space, chosen: Mapping[int, int]) -> Mapping[int, int]:
    """A situation with what follows from it: a wide body has the rows of a narrow one, a narrow one no more."""
    closed = dict(chosen)
    for count, cells in chosen.items():
        for wide in space.below.get(count, ()):
            closed.setdefault(wide, space.at_least(wide, space.least(count, cells)))
        for narrow in space.above.get(count, ()):
            closed.setdefault(narrow, space.at_most(narrow, space.most(count, cells)))
    return closed


class _States:
    """Many situations at once: bit i of a set stands for situation i."""

    def __init__(self, space: Space, situations: Sequence[Mapping[int, int]]):
        self.space = space
        self.all = (1 << len(situations)) - 1
        self.cells: dict[int, dict[int, int]] = {}  # variable -> cells -> situations
        for i, chosen in enumerate(situations):
            for variable, cells in chosen.items():
                own = self.cells.setdefault(variable, {})
                own[cells] = own.get(cells, 0) | 1 << i
        self.known: dict[int, tuple[int, int, int]] = {}

    def possible(self, node: int) -> tuple[int, int, int]:
        """The situations in which a formula may be true, false, unknown."""
        if node not in self.known:
            self.known[node] = self._possible(node)
        return self.known[node]

    def _possible(self, node: int) -> tuple[int, int, int]:
        found = self.space.nodes[node]
        if found.kind == "test":
            variable = self.space.frozen[node][0]
            out = {TRUE: 0, FALSE: 0, UNKNOWN: 0}
            for cells, situations in [*self.cells.get(variable, {}).items(), (None, self._free(variable))]:
                outcome = self.space.outcomes(node, {} if cells is None else {variable: cells})
                for bit in out:
                    out[bit] |= situations if outcome & bit else 0
            return out[TRUE], out[FALSE], out[UNKNOWN]
        parts = [self.possible(p) for p in found.below]
        if found.kind == "not":
            true, false, unknown = parts[0]
            return false, true, unknown
        if found.kind == "two":
            (yes, *others), (no, *unproven) = parts
            open_ = others[0] | others[1]
            return yes, open_ & no, open_ & (unproven[0] | unproven[1])
        if found.kind == "or":
            parts = [(f, t, u) for t, f, u in parts]
        true, false, unknown = parts[0]
        for t, f, u in parts[1:]:
            unknown = (unknown & (t | u)) | (u & (true | unknown))
            true, false = true & t, false | f
        return (false, true, unknown) if found.kind == "or" else (true, false, unknown)

    def _free(self, variable: int) -> int:
        """The situations that say nothing about a variable."""
        return self.all & ~sum(self.cells.get(variable, {}).values())
