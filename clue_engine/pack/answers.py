"""The answers to a clue as a pack knows them: frozen records without behaviour, read by ``feedback``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# What of an answer may be kept in the ledger.
EVENTS = ("received", "verified", "decided", "paid", "monitored", "revisited", "closed")


@dataclass(frozen=True)
class Result:
    """An answer. ``right``: whether the clue holds, None where that is not known yet. ``reason``: the id of a hold."""

    code: str
    right: bool | None = None
    events: tuple[str, ...] = ()
    reason: str = ""
    needs: tuple[str, ...] = ()  # columns that are to be filled in with it
    against: tuple[str, ...] = ()  # outcomes, and columns filled in, that say the contrary


@dataclass(frozen=True)
class Feedback:
    """The answers in the order of the drop-down. ``old``: words of earlier versions, alone or 核查结果+处理去向."""

    results: tuple[Result, ...] = ()
    outcomes: tuple[str, ...] = ()
    visit: tuple[str, ...] = ()  # those that can be ticked on paper in the house
    old: Mapping[str, str] = field(default_factory=dict)
    low_share: float = 0.0  # a rule that holds less often, of at least so many checked, is to be looked at
    low_least: int = 0

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(result.code for result in self.results)

    def result(self, code: str) -> Result | None:
        return next((result for result in self.results if result.code == code), None)
