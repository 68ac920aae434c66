"""Careful clues: whoever did it may live in the house. He is no contact, is not named, and the line says how to go.

Comes in: the cells of a careful clue that is shown in full, its persons, the careful holds. Goes out: cells in which
the accused does not stand, with what to mind first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from clue_engine.export import columns as c
from clue_engine.export.sentences import numbered
from clue_engine.pack.model import Hold

CAREFUL = "谨慎"


def accused(roles: Sequence[str] | None) -> bool:
    """Whether somebody is in a case on the other side only."""
    return "嫌疑人" in (roles or ()) and "被害人" not in (roles or ())


def without_accused(
    persons: Sequence[Mapping[str, Any]], case: Mapping[str, Any]
) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, Any]]:
    """The persons whom the clue may name, and the case row where it speaks of one of them."""
    return [p for p in persons if not p["accused"]], {} if accused(case.get("roles")) else case


def rules_of_care(holds: Iterable[Hold]) -> list[str]:
    """What to mind, as the pack says it."""
    return list(dict.fromkeys(str(text) for hold in holds if hold.careful for text in hold.check))


def warned(cells: Mapping[str, Any], holds: Iterable[Hold]) -> dict[str, str]:
    """The cells that say so: the note, and before all that is to be checked how to go about it."""
    minded = rules_of_care(holds)
    return {
        c.NOTE: "\n".join(text for text in (f"{CAREFUL}：{'；'.join(minded)}", cells.get(c.NOTE)) if text),
        c.CHECK: numbered([*minded, *_sentences(cells.get(c.CHECK))]),
    }


def _sentences(cell: object) -> list[str]:
    return [line.partition(". ")[2] if line[:1].isdigit() else line for line in str(cell or "").split("\n") if line]
