"""Where the rows of each relation are, once definitions are computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt

NEAR_KIN = "e_kin"  # kin in the households that can be decided


@dataclass(frozen=True)
class Rows:
    """Where the rows are: enriched table by relation name, and which relations are loaded at all.

    ``absent``: fields of the vocabulary for which a fact table has no column: unknown in every row. ``households``:
    their ids in order.
    """

    tables: Mapping[str, str]
    loaded: Mapping[str, bool]
    households: npt.NDArray[np.int64]
    absent: tuple[tuple[str, str], ...] = ()


def household_ids(con: duckdb.DuckDBPyConnection, table: str) -> npt.NDArray[np.int64]:
    """The households of a table, in order."""
    found = con.execute(f"select household_id from {table} order by household_id").fetchnumpy()
    ids: npt.NDArray[np.int64] = np.ma.getdata(found["household_id"])
    return ids
