"""Whether the files of an output folder are still as a run wrote them: what a person typed into a list stays.

Comes in: an output folder and the names about to be written. Goes out: the names that would be lost. run.json holds
a hash of each file as it was written; a workbook that was merely opened and saved again counts as changed. Files of a
version without hashes are looked through for filled feedback cells.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from clue_engine.errors import ClueError
from clue_engine.export import columns as c
from clue_engine.export import rejects
from clue_engine.export.xlsx_form import HEAD_ROW
from clue_engine.export.xlsx_lists import BY_HAND
from clue_engine.pack.model import Pack
from clue_engine.staging import RUN, STAGE

KEPT = "已读回"  # lists whose answers are in the ledger, as they were filled in
_FEEDBACK = {*c.FEEDBACK, BY_HAND}


def output_names(pack: Pack) -> list[str]:
    """The files that a run with this pack writes."""
    lists = [f"clues_{direction.code}.csv" for direction in pack.directions]
    others = [
        "asks.csv",
        "clues.json",
        "clues.xlsx",
        "held.csv",
        "households.csv",
        "pending.csv",
        "rejects.csv",
        "rejects.xlsx",
        "trial.csv",
    ]
    return [*lists, *others]


def hashes(folder: Path, names: Iterable[str]) -> dict[str, str]:
    return {name: _hash(folder / name) for name in names}


def check_unchanged(
    out: Path, names: Iterable[str], again: str = "", back: Callable[[list[Path]], str] | None = None
) -> None:
    """Raise CE-X04 when one of the files holds what no run wrote.

    ``again``: the command that writes elsewhere; ``back``: the one that takes answers of these files into the ledger.
    """
    lost = changed(out, names)
    if lost:
        hint = f"写到另一个目录：{again}" if again else "用 --out 换一个目录"
        filled = [out / name for name in lost if name.startswith("clues") and not name.endswith(".json")]
        if back is not None and filled:
            hint = f"先读回台账，读完再运行就可以写：{back(filled)}\n          或者{hint}"
        raise ClueError(
            "CE-X04",
            f"{'、'.join(lost)} 在导出以后改过（可能填有核查情况），不覆盖；没有写出任何文件",
            place=str(out),
            hint=hint,
        )


def changed(out: Path, names: Iterable[str]) -> list[str]:
    """Which of these files would be lost when written over. A link is replaced, what it leads to stays."""
    known = _records(out)
    copies = {_hash(path) for path in (out / KEPT).glob("*") if path.is_file()}
    found = []
    for name in names:
        path = out / name
        if not path.is_file() or path.is_symlink():
            continue
        written = known.get(name)
        if _hash(path) in copies:  # nothing would be lost
            continue
        if not (_hash(path) in written if written else _is_blank_form(path)):
            found.append(name)
    return found


def keep_copy(path: Path) -> Path | None:
    """A list of ours that was read back, beside its folder's lists; then the next run may write over it.

    Remarks are in no ledger, so the file as it was filled in stays. None for a file that no run of ours wrote there.
    """
    record = _read_json(path.parent / RUN)
    if path.name not in record.get("outputs", {}) or path.name not in changed(path.parent, [path.name]):
        return None
    folder = path.parent / KEPT
    folder.mkdir(mode=0o700, exist_ok=True)
    content = path.read_bytes()
    copy = folder / f"{path.stem}_{record.get('as_of', '')}_{hashlib.sha256(content).hexdigest()[:8]}{path.suffix}"
    part = copy.with_name(f".{copy.name}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(content)
    part.replace(copy)
    return copy


def _records(out: Path) -> dict[str, set[str]]:
    """The hashes by name: of the last whole set, and of one that was being put in place when its run was killed."""
    known: dict[str, set[str]] = {}
    for record in (out / RUN, *out.glob(f"{STAGE}*/{RUN}")):
        for name, digest in outputs_of(record).items():
            known.setdefault(name, set()).add(digest)
    return known


def outputs_of(record: Path) -> dict[str, str]:
    """The hashes in a run.json; none where it is missing, broken or of an older version."""
    outputs = _read_json(record).get("outputs")
    return outputs if isinstance(outputs, dict) else {}


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# -- files of which no hash is known ---------------------------------------------------------------------------------
def _is_blank_form(path: Path) -> bool:
    """Whether this is a file of ours with nothing filled in; in doubt it is somebody's."""
    if path.suffix == ".json":
        return "statement" in _read_json(path)
    try:
        tables = [_csv_rows(path)] if path.suffix == ".csv" else list(_sheets(path))
    except Exception:  # whatever openpyxl makes of a file that is no workbook: it is not ours
        return False
    return bool(tables) and not any(_is_filled(rows) for rows in tables)


def _csv_rows(path: Path) -> list[Sequence[object]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows: list[Sequence[object]] = list(csv.reader(stream))
    if rows and (c.NUMBER in rows[0] or rows[0][0] == c.HOME or tuple(rows[0]) == rejects.HEADINGS):
        return rows
    raise ValueError("not a list of ours")


def _sheets(path: Path) -> Iterator[list[Sequence[object]]]:
    """The list sheets, from their headings on; of rejects.xlsx its only one."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    try:
        for sheet in book:
            rows: list[Sequence[object]] = list(sheet.iter_rows(values_only=True))
            if len(rows) > HEAD_ROW and c.NUMBER in rows[HEAD_ROW]:
                yield rows[HEAD_ROW:]
            elif rows and tuple(rows[0]) == rejects.HEADINGS:
                yield rows
    finally:
        book.close()


def _is_filled(rows: Sequence[Sequence[object]]) -> bool:
    places = [place for place, heading in enumerate(rows[0]) if heading in _FEEDBACK]
    return any(str(row[p] or "").strip() for row in rows[1:] for p in places if p < len(row))
