"""Everything that can be said about a pack without data: types, names, templates, and the logic of the conditions.

Comes in: a pack. Goes out: the checked pack and all findings. What runs is decided by ``check_pack`` alone: the lints
here never take a rule out of a scan.
"""

from __future__ import annotations

from clue_engine.errors import Diagnostic
from clue_engine.language.check_pack import CheckedPack, check_pack
from clue_engine.language.logic_lints import logic_lints
from clue_engine.language.unused import unused
from clue_engine.pack.model import Pack


def check_all(pack: Pack, *, whole: bool = True) -> tuple[CheckedPack, list[Diagnostic]]:
    """The checked pack with all diagnostics, ordered by place. Not ``whole``: what could not be read may use names."""
    checked, problems = check_pack(pack)
    problems = problems + logic_lints(checked) + (unused(pack) if whole else [])
    return checked, sorted(problems, key=lambda d: (d.mark, d.code))
