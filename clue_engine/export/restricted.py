"""Restricted clues in full for the one who may see them: one encrypted workbook, one line in the audit trail.

Comes in: a workspace, to whom and why, a password. Goes out: a file that appears whole or not at all; nothing of it is
ever on the disk as plain text.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from clue_engine.errors import EXIT_STORAGE, ClueError, system_reason
from clue_engine.export import columns as c
from clue_engine.export.audit import write_audit
from clue_engine.export.careful import rules_of_care
from clue_engine.export.documents import filled
from clue_engine.export.encrypt import encrypted
from clue_engine.export.home import charges, homes
from clue_engine.export.list_rows import Row, list_rows
from clue_engine.export.privacy import redact
from clue_engine.export.visit import VISITS, reads_cases, visits, without_charges
from clue_engine.export.workbook import restricted_workbook
from clue_engine.pack.model import Pack
from clue_engine.staging import RUN, staging
from clue_engine.workspace import Workspace


@dataclass(frozen=True)
class Purpose:
    """To whom restricted clues are shown, and for what."""

    receiver: str
    reason: str


def purpose(receiver: str | None, reason: str | None) -> Purpose:
    """Both, as they will be kept. Raises CE-X05 when one is not written."""
    if not (receiver or "").strip() or not (reason or "").strip():
        raise ClueError(
            "CE-X05",
            "没有写明受限线索交给谁、作什么用",
            place="--restricted",
            hint="写明接收单位和用途，如 --to 未检 --reason 司法救助审查",
        )
    return Purpose(redact((receiver or "").strip()), redact((reason or "").strip()))


def check_file(file: Path) -> None:
    """Raise where an encrypted file cannot go (CE-U02, CE-U07, CE-S28, CE-X06): before anything is asked."""
    if file.suffix.lower() not in (".xlsx", ".docx"):
        hint = "清单如 --out 受限线索.xlsx，入户核查表如 --out 受限核查表.docx"
        raise ClueError("CE-U02", "受限线索写成一个 .xlsx 或 .docx 文件", place="--out", hint=hint)
    if file.exists() or file.is_symlink():
        raise _taken(file)
    if (file.parent / RUN).exists():
        raise ClueError(
            "CE-X06",
            "受限线索不能与公开清单放在同一个文件夹",
            place=str(file.parent),
            hint="用 --out 写到另一个文件夹，如 --out 受限/受限线索.xlsx",
        )
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(file.parent, error) from None


def restricted_rows(ws: Workspace, pack: Pack, numbers: Sequence[str] = (), receiver: str | None = None) -> list[Row]:
    """The restricted clues in full, all or those named. Raises CE-U30 for a number of none of them, CE-X07.

    A ``receiver`` who is not of the procuratorate reads neither charge nor case number.
    """
    rows = [row for row in list_rows(ws, pack, unmasked=True, restricted=True) if row.restricted]
    wanted = {number.strip().upper() for number in numbers}
    strange = wanted - {row.clue_id for row in rows}
    if strange:
        raise ClueError(
            "CE-U30",
            f"没有这个编号的受限线索：{'、'.join(redact(number)[:20] for number in sorted(strange))}",
            place="--number",
            hint="clue-engine clues 看全部编号；不受限的线索在公开清单里",
        )
    found = [row for row in rows if not wanted or row.clue_id in wanted]
    if not found:
        raise ClueError(
            "CE-X07", "没有受限线索，不必移送", place=str(ws.directory), hint="看全部线索：clue-engine clues"
        )
    if receiver is None or reads_cases(pack, receiver):
        return found
    causes = charges(ws)
    return [_without_case(row, causes.get(row.clue_id, ())) for row in found]


def _without_case(row: Row, causes: Sequence[str]) -> Row:
    cells = {
        heading: without_charges(cell, causes) if isinstance(cell, str) else cell for heading, cell in row.cells.items()
    }
    return replace(row, cells={**cells, **dict.fromkeys((c.CASE_NO, c.CAUSE, c.ACCEPTED, c.SOURCE))})


def deliver(
    ws: Workspace, pack: Pack, rows: Sequence[Row], file: Path, as_of: dt.date, goal: Purpose, password: str
) -> None:
    """Write the encrypted list (.xlsx) or visit forms (.docx) of ``rows``. The audit line stands before the file."""
    check_file(file)
    if file.suffix.lower() == ".docx":
        known = homes(ws, as_of, unmasked=True, restricted=True)
        plain_data = filled(pack, VISITS, {"各户": visits(rows, known, pack.feedback, rules_of_care(pack.holds))})
    else:
        plain_data = restricted_workbook(rows, pack, as_of, goal.receiver, goal.reason)
    data = encrypted(plain_data, password)
    try:
        with staging(file.parent, ws.directory) as stage:
            part = stage / file.name
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            write_audit(
                ws.directory, "export restricted", to=goal.receiver, reason=goal.reason,
                clues=[row.clue_id for row in rows], sha256=hashlib.sha256(data).hexdigest(),
            )  # fmt: skip
            _place(part, file)
    except OSError as error:
        raise _unwritable(file, error) from None


def _place(part: Path, file: Path) -> None:
    """Under its name, never over a file that came in the meantime."""
    try:
        os.link(part, file)
    except FileExistsError:
        raise _taken(file) from None
    except OSError:  # a disk without links, as most sticks are
        part.replace(file)


def _taken(file: Path) -> ClueError:
    return ClueError("CE-U07", "文件已经存在，不覆盖", place=str(file), hint="换一个名字，或先移走旧的")


def _unwritable(place: Path, error: OSError) -> ClueError:
    return ClueError(
        "CE-S28",
        f"加密文件没有写出（{system_reason(error.errno)}）",
        place=str(place),
        hint="用 --out 换一个能写的文件夹",
        exit_code=EXIT_STORAGE,
    )
