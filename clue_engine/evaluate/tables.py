"""The tables that evaluate writes, empty."""

from __future__ import annotations

import duckdb

_TABLES = {
    "hit": "household_id bigint, direction varchar, rule_id varchar, outcome tinyint, pending boolean",
    "hold_row": "hold_id varchar, direction varchar, relation varchar, household_id bigint, row_id bigint, "
    "outcome tinyint",
    "lost_hit": "household_id bigint, direction varchar, rule_id varchar, outcome tinyint",
    "witness": "household_id bigint, rule_id varchar, relation varchar, row_id bigint, outcome tinyint",
    "missing_fact": "household_id bigint, rule_id varchar, relation varchar, field varchar, decides boolean",
    "rule_run": "rule_id varchar, seconds double, n_hit bigint, n_unknown bigint, n_lost bigint, error varchar",
    # One line per run, not per household: a hold whose source is not loaded, a parameter without a value.
    "evaluate_caveat": "code varchar, rule_id varchar, detail varchar",
}


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    for name, columns in _TABLES.items():
        con.execute(f"create or replace table {name} ({columns})")
