"""The domain of one value cut into cells, within each of which every test has one outcome.

Comes in: the constants that tests compare the value with. Goes out: sets of cells as bit masks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from clue_engine.pack.model import CodeSet

_SIGN = {"<": (0,), "<=": (0, 1), "=": (1,), ">=": (1, 2), ">": (2,)}
MISSING, LOOSE = 0b001, 0b110  # cells of every variable: missing; fails every test, known or not known
FIRST = 3  # the first cell of real values


@dataclass
class Variable:
    """One value. ``kind``: order | codes | flag | sign | count. ``loose``: may fail each test without being unknown."""

    kind: str
    loose: bool
    codes: CodeSet | None = None
    constants: set[object] = field(default_factory=set)
    cells: list[object] = field(default_factory=list)
    place: dict[object, int] = field(default_factory=dict)
    everything: int = 0

    def freeze(self) -> None:
        """Fix the cells, once all constants are known."""
        if self.kind == "codes":
            known = list(self.codes.values) if self.codes else []
            self.cells = [*known, *sorted(str(c) for c in self.constants if c not in known), None]
            if self.codes:
                self.cells.pop()  # a closed list: no other value
        elif self.kind in ("order", "count"):
            self.cells = sorted(self.constants)  # type: ignore[type-var]
        self.place = {cell: i for i, cell in enumerate(self.cells)}
        real = ((1 << self.size) - 1) << FIRST
        if self.kind == "count" and 0 in self.place:  # there are never fewer than none
            real &= ~(1 << FIRST)
        self.everything = real | MISSING | (LOOSE if self.loose else 0)

    @property
    def size(self) -> int:
        sizes = {"order": 2 * len(self.cells) + 1, "count": len(self.cells) + 1, "codes": len(self.cells)}
        return sizes.get(self.kind, 3 if self.kind == "sign" else 2)

    def masks(self, op: str, operand: object) -> tuple[int, int]:
        """The cells where a test is true and where it is false; in the rest it is unknown."""
        real = ((1 << self.size) - 1) << FIRST
        if op == "known":
            return real | (self.everything & 0b010), (self.everything & 0b101)
        true = 0
        for cell in self._fitting(op, operand):
            true |= 1 << (cell + FIRST)
        return true, (real & ~true) | (self.everything & LOOSE)

    def _fitting(self, op: str, operand: object) -> list[int]:
        if self.kind == "flag":
            return [1 if operand else 0]
        if self.kind == "sign":
            return list(_SIGN[op])
        if self.kind == "count":  # cells between thresholds; the test is always: at least operand
            return list(range(self.place[operand] + 1, self.size))
        if self.kind == "order":
            at = 2 * self.place[operand] + 1
            cells = {"<": range(at), "<=": range(at + 1), "=": range(at, at + 1)}
            return list(cells.get(op, range(at if op == ">=" else at + 1, self.size)))
        if op == "in":
            assert isinstance(operand, tuple)
            return [self.place[m] for m in operand]
        return [self.place[operand]]
