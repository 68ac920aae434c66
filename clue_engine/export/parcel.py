"""Parcels: one folder per receiver and township, with the letter, the list, the visit forms and a manifest.

Comes in: a workspace, a receiver. Goes out: a folder that appears whole or not at all, a line per parcel in the audit
trail. In it are certain open clues only: what is restricted, only likely the same person, still open, held or on trial
is never sent by a filter.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clue_engine.errors import EXIT_STORAGE, ClueError, system_reason
from clue_engine.export import columns as c
from clue_engine.export.audit import write_audit
from clue_engine.export.bundle import check_output, private_files, run_code, stage_in
from clue_engine.export.desk import CONSENTS, SLIPS, consents, slips
from clue_engine.export.documents import filled
from clue_engine.export.home import Home, homes
from clue_engine.export.list_rows import ELSEWHERE, FAR, Row, list_rows
from clue_engine.export.parcel_list import parcel_workbook
from clue_engine.export.privacy import plain, redact
from clue_engine.export.tables import write_document
from clue_engine.export.visit import VISITS, households, visits
from clue_engine.pack.model import Pack
from clue_engine.staging import promise, publish
from clue_engine.workspace import Workspace

LETTER, LIST, MANIFEST = "移送函.docx", "清单.xlsx", "manifest.json"
NO_TOWN = "乡镇不详"
LETTERHEAD = ("移送单位", "文号", "落款", "落款日期", "联系人", "联系电话")  # empty: written by hand


@dataclass(frozen=True)
class Unmask:
    """Why numbers are shown in full, and which: of identity, of telephones (with the names of the other members)."""

    reason: str
    columns: tuple[str, ...] = (c.ID, c.PHONE)


@dataclass(frozen=True)
class Parcel:
    """The clues of one receiver, in one township where they are split (else ``town`` is empty)."""

    receiver: str
    town: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Sending:
    """Lines that are referred: with a date for the answer, and noted in the ledger before the folder appears.

    ``letter``: what the office writes at the head and foot of its letters, by the names in the template.
    """

    office: str
    rows: tuple[Row, ...]
    due: Mapping[str, dt.date]  # by number of the clue
    record: Callable[[Callable[[str], None]], object]  # calls back with the row that will be the last one there
    ledger: Path
    letter: Mapping[str, str] = field(default_factory=dict)


def choose(
    rows: Sequence[Row], word: str, usual: Sequence[str] = (), *, by_town: bool
) -> tuple[list[Parcel], Counter[str]]:
    """The parcels for the receiver that ``word`` means, and how many of its clues stay, by why. Raises CE-X10.

    ``usual``: whom the directions name; of several that ``word`` may mean one of them is meant, the others are told.
    """
    receiver, others = _receiver(rows, word.strip(), usual)
    own = [row for row in rows if receiver in _receivers(row)]
    behind = Counter(why for row in own if (why := stays(row)))
    for name in others:
        behind[f"送{name}的（另用 --for {name}）"] = sum(name in _receivers(row) for row in rows)
    behind["受限"] = sum(row.restricted for row in rows)  # of all receivers: whose they are is part of the secret
    sent = [row for row in own if not stays(row)]
    if not sent:
        raise ClueError(
            "CE-X10", f"“{receiver}”没有可以移送的线索", place="--for", hint="看全部线索：clue-engine clues"
        )
    return _parcels(receiver, sent, by_town=by_town), behind


def _parcels(receiver: str, rows: Sequence[Row], *, by_town: bool) -> list[Parcel]:
    if not by_town:
        return [Parcel(receiver, "", tuple(rows))]
    towns = sorted({town_of(row) for row in rows})
    return [Parcel(receiver, town, tuple(row for row in rows if town_of(row) == town)) for town in towns]


def _receivers(row: Row) -> list[str]:
    return str(row.cells.get(c.RECEIVER) or "").split("、") if not row.restricted else []


def _receiver(rows: Sequence[Row], word: str, usual: Sequence[str]) -> tuple[str, list[str]]:
    names = sorted({name for row in rows for name in _receivers(row) if name})
    found = [name for name in names if name == word] or [
        name for name in names if word and word in name and (word.startswith(FAR) or not name.startswith(FAR))
    ]
    meant = found if len(found) == 1 else [name for name in found if name in usual]
    if len(meant) == 1:
        return meant[0], [name for name in found if name != meant[0]]
    said = f"“{redact(word)[:20]}”可以是 {'、'.join(found)}" if found else f"没有送“{redact(word)[:20]}”的线索"
    raise ClueError("CE-X10", said, place="--for", hint=f"可以写：{'、'.join(names) or '（没有线索）'}")


def stays(row: Row) -> str:
    """Why a clue is not sent by a filter; empty when it is."""
    if row.status != "线索":
        return row.status
    return "疑似" if str(row.cells.get(c.MATCH) or "").startswith("疑似") else ""


def town_of(row: Row) -> str:
    return str(row.cells.get(c.TOWN) or NO_TOWN)


def write_parcels(
    ws: Workspace, pack: Pack, word: str, out: Path, as_of: dt.date, *, by_town: bool, unmask: Unmask | None = None
) -> tuple[list[Path], Counter[str]]:
    """Write the folders of a receiver into ``out``. Raises CE-X02, CE-X10, CE-X11, CE-U07, CE-S23, CE-S28."""
    out = check_output(out, unmask.reason if unmask else None)
    rows = list_rows(ws, pack, unmasked=c.ID in (unmask.columns if unmask else ()))
    usual = [name for d in pack.directions for name in d.receiver.split("、")]
    found, behind = choose(rows, word, usual, by_town=by_town)
    return _write_folders(ws, pack, found, out, as_of, by_town, unmask, None), behind


def send_parcels(
    ws: Workspace,
    pack: Pack,
    sending: Sending,
    out: Path,
    as_of: dt.date,
    *,
    by_town: bool,
    unmask: Unmask | None = None,
) -> list[Path]:
    """Write the folders of what is referred and note it in the ledger; restricted lines are in no folder."""
    out = check_output(out, unmask.reason if unmask else None)
    found = _parcels(sending.office, [row for row in sending.rows if not row.restricted], by_town=by_town)
    return _write_folders(ws, pack, found, out, as_of, by_town, unmask, sending)


def _write_folders(
    ws: Workspace, pack: Pack, found: Sequence[Parcel], out: Path, as_of: dt.date, by_town: bool,
    unmask: Unmask | None, sending: Sending | None,
) -> list[Path]:  # fmt: skip
    shown = unmask.columns if unmask else ()
    top = folder_names([found[0].receiver])[0]
    if (out / top).exists() or (out / top).is_symlink():
        free = next(p for n in range(2, 1000) if not (p := out.with_name(f"{out.name}-{n}")).exists())
        hint = f"每次移送写到一个新的文件夹：--out {free}"
        raise ClueError("CE-U07", "这个单位的文件夹已经存在，不覆盖", place=str(out / top), hint=hint)
    known = homes(ws, as_of, unmasked=c.PHONE in shown)
    code = run_code(ws, pack, as_of)
    with private_files(), stage_in(out, ws.directory) as stage:
        places = [Path(top) / name for name in folder_names([p.town for p in found])] if by_town else [Path(top)]
        lines = []
        for parcel, place in zip(found, places, strict=True):
            (stage / place).mkdir(parents=True)
            _write(stage / place, parcel, known, pack, as_of, code, shown, sending)
            lines.append(
                {"receiver": parcel.receiver, "town": parcel.town, "clues": [row.clue_id for row in parcel.rows],
                 "unmasked": list(shown), "reason": redact(unmask.reason.strip()) if unmask else "",
                 "manifest": hashlib.sha256((stage / place / MANIFEST).read_bytes()).hexdigest()}
            )  # fmt: skip
        for line in lines:  # before the folder appears: no parcel without its line
            write_audit(ws.directory, "parcel", **line)
        _into_place(stage, out, top, sending)
    return [out / place for place in places]


def _into_place(stage: Path, out: Path, top: str, sending: Sending | None) -> None:
    """The folder in its place; of what is referred also in the ledger: both, or neither, whenever it is cut short.

    Raises CE-S28 when the folder is noted and cannot be moved: the next command moves it.
    """
    if sending is None:
        publish(stage, out, [top])
        return
    left: ClueError | None = None
    try:
        sending.record(lambda row: promise(stage, out, [top], ledger=sending.ledger, row=row))
    except ClueError as error:
        if error.code != "CE-L05":  # noted, only its copy was not made
            raise
        left = error
    try:
        publish(stage, out, [top], ready=True)
    except OSError as error:
        message = f"已记入台账，移送件还没有放到位（{system_reason(error.errno)}）"
        hint = "恢复这个目录的写权限，关闭其中打开的文件；下一次运行任何命令时自动放好"
        raise ClueError("CE-S28", message, place=str(out / top), hint=hint, exit_code=EXIT_STORAGE) from None
    if left:
        raise left


def folder_names(words: Iterable[str]) -> list[str]:
    """Names that every file system takes, each different."""
    names: list[str] = []
    for word in words:
        base = re.sub(r'[\\/:*?"<>|\s]+', "_", plain(word))[:40].strip("._ ") or "未命名"
        n = 2
        name = base
        while name in names:
            name, n = f"{base}_{n}", n + 1
        names.append(name)
    return names


def _write(
    folder: Path,
    parcel: Parcel,
    known: dict[str, Home],
    pack: Pack,
    as_of: dt.date,
    code: str,
    shown: tuple[str, ...],
    sending: Sending | None,
) -> None:
    due = min((sending.due[row.clue_id] for row in parcel.rows), default=None) if sending else None
    letter = dict(sending.letter) if sending else {}
    values = _letter(parcel, known, pack, due) | letter
    agreed, asked = consents(parcel.rows, known, pack), slips(parcel.rows, known, parcel.receiver, pack)
    values["其他附件"] = ("、授权承诺书" if agreed else "") + ("、办理单" if asked else "")  # one line of the letter
    (folder / LETTER).write_bytes(filled(pack, LETTER, values))
    (folder / VISITS).write_bytes(filled(pack, VISITS, {"各户": visits(parcel.rows, known, pack.feedback)}))
    if agreed:
        town = parcel.town if parcel.town != NO_TOWN and not parcel.town.startswith(ELSEWHERE) else ""
        (folder / CONSENTS).write_bytes(filled(pack, CONSENTS, {"各户": agreed, "乡镇": town}))
    if asked:
        (folder / SLIPS).write_bytes(filled(pack, SLIPS, {**values, "各单位": asked}))
    book = parcel_workbook(parcel.receiver, parcel.town, parcel.rows, known, pack, as_of, code, due)
    (folder / LIST).write_bytes(book)
    files = {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in sorted(p.name for p in folder.iterdir())}
    write_document(
        folder / MANIFEST,
        {"receiver": parcel.receiver, "town": parcel.town, "as_of": as_of.isoformat(), "run": code,
         "pack": {"name": pack.name, "version": pack.version}, "unmasked": list(shown),
         "due": due.isoformat() if due else "", "clues": [row.clue_id for row in parcel.rows], "files": files},
    )  # fmt: skip


def _letter(parcel: Parcel, known: dict[str, Home], pack: Pack, due: dt.date | None) -> dict[str, object]:
    directions = [d for d in pack.directions if any(row.direction == d.name for row in parcel.rows)]
    own = households(parcel.rows, known)
    bands = Counter(str(rows[0].cells.get(c.BAND)) for rows in own)
    days = min(pack.answer_days(d, parcel.receiver) for d in directions)
    ordered = [band.label for d in directions for band in d.bands if bands[band.label]]
    return {
        "接收单位": plain(parcel.receiver),
        "范围": plain(parcel.town) if parcel.town and parcel.town != NO_TOWN else "",
        "线索方向": "、".join(d.name for d in directions),
        "户数": len(own),
        "优先级": "优先级" + "、".join(f"{label}的{bands[label]}户" for label in dict.fromkeys(ordered)),
        "反馈天数": days,
        "反馈期限": f"{due.year}年{due.month}月{due.day}日前"
        if due
        else f"收到本函之日起{days}个工作日内（即　　月　　日前）",
        **dict.fromkeys(LETTERHEAD, ""),
    }
