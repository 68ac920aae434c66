"""The plain files: one CSV per direction, pending.csv, held.csv, trial.csv, clues.json.

Comes in: rows of the lists. Goes out: files in a directory that nobody reads yet (see ``bundle``).
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Sequence
from json.encoder import encode_basestring
from pathlib import Path

from clue_engine.export import columns as c
from clue_engine.export.list_rows import Cell, Row
from clue_engine.export.privacy import csv_text, plain
from clue_engine.pack.model import Pack

STATEMENT = "本清单由规则比对生成，仅供核查参考，不作为认定依据。"
LISTED = ("线索", "待核")


def write_lists(out: Path, rows: Sequence[Row], pack: Pack) -> None:
    """clues_<direction>.csv (certain clues first, then 待核), pending.csv (folded 待核), held.csv, trial.csv."""
    for direction in pack.directions:
        listed = [r for r in rows if r.direction == direction.name and r.status in LISTED]
        _write_csv(out / f"clues_{direction.code}.csv", c.LIST, listed)
    _write_csv(out / "pending.csv", c.LIST, [r for r in rows if r.status == "折叠"])
    _write_csv(out / "held.csv", c.HELD, [r for r in rows if r.status == "搁置"])
    _write_csv(out / "trial.csv", c.LIST, [r for r in rows if r.status == "试行"])


def _write_csv(path: Path, headings: Sequence[str], rows: Sequence[Row]) -> None:
    write_records(path, headings, [[row.cells.get(h) for h in headings] for row in rows])


def write_records(path: Path, headings: Sequence[str], records: Sequence[Sequence[Cell]]) -> None:
    """A CSV as Excel and WPS open it: UTF-8 with BOM, CRLF, no cell that is taken for a formula or cut as a number."""
    with path.open("w", encoding="utf-8-sig", newline="", errors="replace") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(headings)
        for record in records:
            writer.writerow([_csv_cell(cell) for cell in record])


def _csv_cell(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return csv_text(cell) if isinstance(cell, str) else cell


def write_json(out: Path, rows: Sequence[Row], pack: Pack, as_of: dt.date) -> None:
    """clues.json: the same cells by heading, with rules, missing facts and holds; nothing more when restricted."""
    clues = [
        {
            "clue_id": row.clue_id,
            "direction": row.direction,
            "direction_code": row.direction_code,
            "status": row.status,
            "restricted": row.restricted,
            "cells": {
                h: _json_cell(row.cells.get(h)) for h in (*c.LIST, c.HELD_REASON) if row.cells.get(h) is not None
            },
            **row.details,
        }
        for row in rows
    ]
    write_document(
        out / "clues.json",
        {
            "as_of": as_of.isoformat(),
            "pack": pack.name,
            "pack_version": pack.version,
            "statement": STATEMENT,
            "clues": clues,
        },
    )


def _json_cell(cell: Cell) -> Cell:
    return plain(cell) if isinstance(cell, str) else cell


def write_document(path: Path, value: object) -> None:
    text = indented(value)
    path.write_text(text + "\n", encoding="utf-8", errors="replace", newline="\n")


def indented(value: object, line: str = "\n") -> str:
    """As json.dumps(value, ensure_ascii=False, indent=1), which takes five times as long: with an indent it is Python
    that yields every bracket. ``line``: a new line of this depth.
    """
    if isinstance(value, str):
        return encode_basestring(value)
    deeper = line + " "
    if isinstance(value, dict) and value:
        parts = [f"{encode_basestring(key)}: {indented(each, deeper)}" for key, each in value.items()]
        return f"{{{deeper}{f',{deeper}'.join(parts)}{line}}}"
    if isinstance(value, list | tuple) and value:
        return f"[{deeper}{f',{deeper}'.join([indented(each, deeper) for each in value])}{line}]"
    return json.dumps(value)
