"""Where the rows of each relation are, once definitions are computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NEAR_KIN = "e_kin"  # kin in the households that can be decided


@dataclass(frozen=True)
class Rows:
    """Where the rows are: enriched table by relation name, and which relations are loaded at all.

    ``absent``: fields of the vocabulary for which a fact table has no column: unknown in every row.
    """

    tables: Mapping[str, str]
    loaded: Mapping[str, bool]
    absent: tuple[tuple[str, str], ...] = ()
