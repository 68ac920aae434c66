"""The tables that evaluate writes: empty at first, then filled from arrays."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np

TABLES = {
    "hit": "household_id bigint, direction varchar, rule_id varchar, outcome tinyint, pending boolean",
    "hold_row": "hold_id varchar, direction varchar, relation varchar, household_id bigint, row_id bigint, "
    "outcome tinyint",
    "lost_hit": "household_id bigint, direction varchar, rule_id varchar, outcome tinyint",
    "witness": "household_id bigint, rule_id varchar, relation varchar, row_id bigint, outcome tinyint",
    "missing_fact": "household_id bigint, rule_id varchar, relation varchar, field varchar, decides boolean",
    # of measures, for listed households alone: what could help them, through which rows, what is not known
    "measure": "household_id bigint, measure_id varchar, outcome tinyint",
    "measure_witness": "household_id bigint, rule_id varchar, relation varchar, row_id bigint, outcome tinyint",
    "measure_missing": "household_id bigint, rule_id varchar, relation varchar, field varchar, decides boolean",
    "rule_run": "rule_id varchar, seconds double, n_hit bigint, n_unknown bigint, n_lost bigint, error varchar",
    # One line per run, not per household: a hold whose source is not loaded, a parameter without a value.
    "evaluate_caveat": "code varchar, rule_id varchar, detail varchar",
}


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    for name, columns in TABLES.items():
        con.execute(f"create or replace table {name} ({columns})")


class Lines:
    """Lines for one table, collected as arrays and inserted in one statement."""

    def __init__(self, table: str):
        self.table = table
        self._types = dict(column.split() for column in TABLES[table].split(", "))
        self._pieces: dict[str, list[Any]] = {name: [] for name in self._types}
        self._words: dict[str | None, int] = {}

    def add(self, n_lines: int, **columns: Any) -> None:
        """An array or a single value per column; a text is one for all lines."""
        for name, kind in self._types.items():
            value = columns[name]
            if kind == "varchar":  # numbered: the database looks them up
                value = self._words.setdefault(value, len(self._words) + 1)
            self._pieces[name].append(np.broadcast_to(value, n_lines))

    def insert(self, con: duckdb.DuckDBPyConnection) -> None:
        columns = {name: np.concatenate(pieces) for name, pieces in self._pieces.items() if pieces}
        if not columns:
            return
        texts = [f"($1::varchar[])[{name}]" if kind == "varchar" else name for name, kind in self._types.items()]
        con.register("evaluate_lines", columns)
        con.execute(f"insert into {self.table} select {', '.join(texts)} from evaluate_lines", [list(self._words)])
        con.unregister("evaluate_lines")
