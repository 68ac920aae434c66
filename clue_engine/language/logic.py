"""Conditions as formulas over a few cells per field, and whether a formula can be true, false or unknown at all.

Comes in: typed conditions. Goes out: node ids of a ``Space`` and the answers of ``possible``.

Every value that conditions look at becomes a variable: its domain is cut into cells by the constants that are compared
with it (人均纯收入 < 7000元 and >= 9000元 cut it into five), plus one cell "missing" where tests are unknown, plus two
for values that fail every test without being unknown (not applicable, not said). Within a cell every test has one
outcome, so trying cells decides a formula exactly. Where the truth is richer (intervals, holds that take rows out)
there are more cells than in the data, never fewer: a finding is always right, some are missed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from clue_engine.language.cells import FIRST, MISSING, Variable
from clue_engine.pack.model import CodeSet

TRUE, FALSE, UNKNOWN = 1, 2, 4
_MIRROR = {"<": ">", "<=": ">=", "=": "=", ">=": "<=", ">": "<"}
BUDGET = 250  # evaluations spent on one question; without an answer there is no finding


@dataclass(frozen=True)
class Node:
    """kind: test | and | or | not | two. A test's ``parts`` are (variable, op, operand)."""

    kind: str
    parts: tuple[object, ...]
    variables: frozenset[int]
    once: bool  # no variable occurs twice
    below: tuple[int, ...] = ()


@dataclass
class Space:
    """All formulas of a pack. Equal formulas have equal ids. Translate everything first, then ask."""

    code_sets: Mapping[str, CodeSet]
    nodes: list[Node] = field(default_factory=list)
    ids: dict[tuple[str, tuple[object, ...]], int] = field(default_factory=dict)
    variables: list[Variable] = field(default_factory=list)
    by_key: dict[tuple[object, ...], int] = field(default_factory=dict)
    bodies: dict[int, tuple[object, bool, int | None]] = field(default_factory=dict)  # count -> rows, surviving, body
    below: dict[int, set[int]] = field(default_factory=dict)  # count variable -> those that are at least as large
    above: dict[int, set[int]] = field(default_factory=dict)  # and the other way round
    frozen: dict[int, tuple[int, int, int]] = field(default_factory=dict)  # test -> variable and masks
    free: dict[int, int] = field(default_factory=dict)  # formula -> its outcomes where nothing is confined
    cut: dict[tuple[int, int], list[int]] = field(default_factory=dict)  # formula, variable -> its blocks of cells
    spent: int = 0

    # -- building ------------------------------------------------------------------------------------------------
    def node(self, kind: str, parts: tuple[object, ...]) -> int:
        key = (kind, parts)
        if key not in self.ids:
            self.ids[key] = len(self.nodes)
            if kind == "test":
                self.nodes.append(Node(kind, parts, frozenset([int(str(parts[0]))]), True))
            else:
                ids = tuple(p for p in parts if isinstance(p, int))
                below = [self.nodes[p] for p in ids]
                variables = frozenset().union(*(b.variables for b in below))
                once = all(b.once for b in below) and sum(len(b.variables) for b in below) == len(variables)
                self.nodes.append(Node(kind, parts, variables, once and kind != "two", ids))
        return self.ids[key]

    def variable(self, key: tuple[object, ...], kind: str, loose: bool, codes: CodeSet | None = None) -> int:
        if key not in self.by_key:
            self.by_key[key] = len(self.variables)
            self.variables.append(Variable(kind, loose, codes))
        return self.by_key[key]

    def test(self, variable: int, op: str, operand: object) -> int:
        if op != "known":
            self.variables[variable].constants.update(operand if isinstance(operand, tuple) else (operand,))
        return self.node("test", (variable, op, operand))

    def negated(self, node: int) -> int:
        return self.node("not", (node,))

    def freeze(self) -> None:
        """Cut the domains; after this no new constants."""
        for variable in self.variables:
            variable.freeze()
        for number, node in enumerate(self.nodes):
            if node.kind == "test":
                which, op, operand = node.parts
                assert isinstance(which, int) and isinstance(op, str)
                self.frozen[number] = (which, *self.variables[which].masks(op, operand))

    def independent(self, node: int) -> bool:
        """Whether no two tests of a formula look at the same thing: then each part is free to be true or false."""
        found = self.nodes[node]
        return found.once and not any(self.below.get(v, set()) & found.variables for v in found.variables)

    def related(self, a: int, b: int) -> bool:
        """Whether two formulas look at the same thing, or count rows of which one kind is among the other."""
        left, right = self.nodes[a].variables, self.nodes[b].variables
        if left & right:
            return True
        return any(self.below.get(v, set()) & right for v in left) or any(
            self.below.get(v, set()) & left for v in right
        )

    # -- asking --------------------------------------------------------------------------------------------------
    def outcomes(self, node: int, chosen: Mapping[int, int]) -> int:
        """The outcomes a formula may have where some variables are confined to cells (a superset, exact at the end)."""
        found = self.nodes[node]
        if found.variables.isdisjoint(chosen):
            return self._free(node)
        if found.kind == "test":
            return self._tested(node, chosen[self.frozen[node][0]])
        return _joined(found.kind, (self.outcomes(p, chosen) for p in found.below))

    def _free(self, node: int) -> int:
        """The outcomes where nothing is confined."""
        if node not in self.free:
            found = self.nodes[node]
            if found.kind == "test":
                self.free[node] = self._tested(node, self.variables[self.frozen[node][0]].everything)
            else:
                self.free[node] = _joined(found.kind, (self._free(p) for p in found.below))
        return self.free[node]

    def _tested(self, node: int, cells: int) -> int:
        _, true, false = self.frozen[node]
        out = TRUE if cells & true else 0
        out |= FALSE if cells & false else 0
        return out | (UNKNOWN if cells & ~(true | false) else 0)

    def possible(self, node: int, want: int, budget: int = BUDGET) -> dict[int, int] | None:
        """Cells of some variables in which the formula has an outcome of ``want``; None: there are none, for certain.

        Raises ``Spent`` when it takes too long to say.
        """
        left = [budget]
        try:
            return self._search(node, want, {}, {node: self._free(node)}, left)
        finally:
            self.spent += budget - left[0]

    def _search(
        self, node: int, want: int, chosen: dict[int, int], known: dict[int, int], left: list[int]
    ) -> dict[int, int] | None:
        """``known``: the outcomes of the formulas below that differ from the free ones, as far as chosen goes."""
        left[0] -= 1
        if left[0] <= 0:
            raise Spent
        out = known[node]
        if not out & want or not self._consistent(chosen):
            return None
        if not out & ~want:
            return chosen
        variable = self._open(node, chosen, known)
        if variable is None:
            return chosen
        for block in self._blocks(node, variable):
            more, seen = {**chosen, variable: block}, dict(known)
            self._update(node, variable, block, seen)
            found = self._search(node, want, more, seen, left)
            if found is not None:
                return found
        return None

    def _update(self, node: int, variable: int, cells: int, known: dict[int, int]) -> int:
        """Outcomes again, of what looks at the variable and nothing else."""
        found = self.nodes[node]
        if variable not in found.variables:
            return known[node] if node in known else self._free(node)
        if found.kind == "test":
            out = self._tested(node, cells)
        elif found.kind in _TABLES:  # most of the time goes here: no generator, no arithmetic
            table, out, worst = _TABLES[found.kind]
            for part in found.below:
                if variable in self.nodes[part].variables:
                    own = self._update(part, variable, cells, known)
                else:
                    own = known[part] if part in known else self._free(part)
                out = table[out << 3 | own]
                if out == worst:
                    break
        else:
            out = _joined(found.kind, (self._update(p, variable, cells, known) for p in found.below))
        known[node] = out
        return out

    def _open(self, node: int, chosen: Mapping[int, int], known: Mapping[int, int]) -> int | None:
        """A variable that keeps the formula undecided: the way down through undecided parts ends at its test."""
        found = self.nodes[node]
        if found.kind == "test":
            own = self.frozen[node][0]
            return None if own in chosen else own
        for part in found.below:
            out = known[part] if part in known else self._free(part)
            if out & (out - 1):
                variable = self._open(part, chosen, known)
                if variable is not None:
                    return variable
        return next((v for v in sorted(found.variables) if v not in chosen), None)

    def _blocks(self, node: int, variable: int) -> list[int]:
        """The cells of a variable, those together that no test of the formula tells apart; likely ones first."""
        if (node, variable) not in self.cut:
            blocks = [self.variables[variable].everything]
            for test in self._tests(node, variable):
                _, true, false = self.frozen[test]
                for mask in (true, false):
                    blocks = [part for block in blocks for part in (block & mask, block & ~mask) if part]
            self.cut[node, variable] = blocks
        return self.cut[node, variable]

    def _tests(self, node: int, variable: int) -> list[int]:
        found = self.nodes[node]
        if found.kind == "test":
            return [node]
        parts = (p for p in found.below if variable in self.nodes[p].variables)
        return list(dict.fromkeys(test for part in parts for test in self._tests(part, variable)))

    def _consistent(self, chosen: Mapping[int, int]) -> bool:
        """Whatever satisfies the narrow body satisfies the wide one: there are at least as many of those."""
        for narrow, cells in chosen.items():
            for wide in self.below.get(narrow, ()):
                other = chosen.get(wide)
                if other is None:
                    continue
                if not other & self.at_least(wide, self.least(narrow, cells)):
                    return False
                if not cells & self.at_most(narrow, self.most(wide, other)):
                    return False
        return True

    def most(self, count: int, cells: int) -> float:
        """The largest number that a count confined to cells may reach."""
        highest = (cells >> FIRST).bit_length() - 1
        known = highest < len(self.variables[count].cells) and not cells & MISSING
        return int(str(self.variables[count].cells[highest])) - 1 if known else math.inf

    def at_most(self, count: int, number: float) -> int:
        """The cells of a count that certainly stays at or below ``number``."""
        thresholds = [int(str(c)) for c in self.variables[count].cells]
        cells = sum(1 << (FIRST + i) for i, lower in enumerate([0, *thresholds]) if lower <= number)
        return cells | (MISSING if not thresholds or number >= thresholds[-1] else 0)

    def least(self, count: int, cells: int) -> int:
        """The smallest number that a count confined to cells certainly reaches."""
        lowest = (cells >> FIRST & -(cells >> FIRST)).bit_length() - 1
        return int(str(self.variables[count].cells[lowest - 1])) if lowest > 0 and not cells & MISSING else 0

    def at_least(self, count: int, number: int) -> int:
        """The cells of a count that certainly reaches ``number``."""
        thresholds = [int(str(c)) for c in self.variables[count].cells]
        cells = sum(1 << (FIRST + i) for i, upper in enumerate([*thresholds, math.inf]) if upper > number)
        return cells | (MISSING if thresholds and number < thresholds[-1] else 0)


def _joined(kind: str, parts: Iterator[int]) -> int:
    """The outcomes of a formula from those of its parts."""
    if kind == "not":
        (inner,) = parts
        return (inner & UNKNOWN) | (TRUE if inner & FALSE else 0) | (FALSE if inner & TRUE else 0)
    if kind == "two":
        yes, no = parts
        if not yes & (FALSE | UNKNOWN):
            return TRUE
        return (yes & TRUE) | (FALSE if no & TRUE else 0) | (UNKNOWN if no & (FALSE | UNKNOWN) else 0)
    worst, best = (FALSE, TRUE) if kind == "and" else (TRUE, FALSE)
    out = best
    for each in parts:
        unknown = (out & UNKNOWN and each & ~worst) or (each & UNKNOWN and out & ~worst)
        out = ((out | each) & worst) | (out & each & best) | (UNKNOWN if unknown else 0)
        if out == worst:
            break
    return out


def _table(kind: str) -> tuple[int, ...]:
    """What ``_joined`` says of two outcomes, by (first << 3 | second)."""
    return tuple(_joined(kind, iter((a, b))) for a in range(8) for b in range(8))


_TABLES = {"and": (_table("and"), TRUE, FALSE), "or": (_table("or"), FALSE, TRUE)}  # table, start, what ends it


class Spent(Exception):
    """The question was too long to answer within the budget."""


def threshold(op: str, number: float) -> tuple[int, bool]:
    """A comparison of a count as (n, negated): count >= n, or not."""
    if op in (">=", "<"):
        return math.ceil(number), op == "<"
    return math.floor(number) + 1, op == "<="


def mirrored(op: str) -> str:
    return _MIRROR[op]
