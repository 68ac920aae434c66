"""A whole set of output files, each of which appears whole or not at all.

Comes in: a workspace with clues, an output directory. Goes out: the files, run.json last, with a hash of each;
restricted clues carry nothing personal in any of them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from clue_engine.errors import EXIT_STORAGE, ClueError, system_reason
from clue_engine.export import columns as c
from clue_engine.export.audit import write_audit
from clue_engine.export.by_home import headings, records
from clue_engine.export.caveats import caveats, restricted_counts
from clue_engine.export.changes import Told, changes
from clue_engine.export.list_rows import ELSEWHERE, FAR, Cell, Row, list_rows
from clue_engine.export.privacy import redact
from clue_engine.export.quality import file_quality, rule_losses
from clue_engine.export.rejects import write_rejects
from clue_engine.export.tables import STATEMENT, write_document, write_json, write_lists, write_records
from clue_engine.export.unread import columns_read
from clue_engine.export.visit import reads_cases
from clue_engine.export.workbook import write_workbook
from clue_engine.export.written import check_unchanged, hashes, output_names
from clue_engine.ledger import Event
from clue_engine.pack.model import Pack
from clue_engine.staging import RUN, publish, staging
from clue_engine.workspace import Workspace


def export_clues(
    ws: Workspace, pack: Pack, out: Path, as_of: dt.date, *, unmask_reason: str | None = None,
    told: Mapping[str, Told] | None = None, events: Sequence[Event] = (), small_reason: str | None = None,
) -> list[Path]:  # fmt: skip
    """Write all output files into ``out`` and return their paths. Raises CE-S28, CE-S23, CE-X01, CE-X02, CE-X04.

    ``unmask_reason`` shows ID numbers and telephone numbers of unrestricted clues; it is kept in the audit trail.
    ``small_reason`` shows small counts in the summary, and is kept there too.
    ``told``, ``events``: what the ledger says of each number, and all that is in it.
    """
    out = check_output(out, unmask_reason)
    check_unchanged(out, output_names(pack))
    with private_files(), stage_in(out, ws.directory) as stage:
        rows = list_rows(ws, pack, unmasked=unmask_reason is not None)
        write_lists(stage, rows, pack)
        write_records(stage / "asks.csv", ASK_HEADINGS, ask_records(rows, pack))
        write_records(stage / "households.csv", headings(pack), records(rows, pack))
        write_json(stage, rows, pack, as_of)
        n_rejected = write_rejects(stage, ws, as_of)
        limits, code = caveats(ws, pack), run_code(ws, pack, as_of)
        quality, losses = file_quality(ws, pack), rule_losses(ws, pack)
        changed = changes(ws, pack, rows, told, events)
        write_workbook(
            stage / "clues.xlsx",
            rows,
            quality,
            losses,
            limits,
            pack,
            as_of,
            code,
            changed,
            small=small_reason is not None,
        )
        names = sorted(p.name for p in stage.iterdir())
        check_unchanged(out, names)  # once more: a scan takes a while
        unmasked = unmask_reason is not None
        record = _run_record(ws, pack, as_of, code, limits, n_rejected, hashes(stage, names), unmasked=unmasked)
        write_document(stage / RUN, record)
        if unmask_reason is not None:  # before the files appear: no unmasked list without its line
            n_shown = sum(not r.restricted for r in rows)
            write_audit(ws.directory, "export", unmasked=True, reason=redact(unmask_reason.strip()), clues=n_shown)
        if small_reason is not None:
            write_audit(ws.directory, "export", small_numbers=True, reason=redact(small_reason.strip()))
        return _publish(stage, out, [*names, RUN])


def run_code(ws: Workspace, pack: Pack, as_of: dt.date) -> str:
    """A short name of this run: of its inputs, pack and day."""
    inputs = ws.rows("select sha256, coalesce(sheet, '') from input_file order by all")
    return hashlib.sha256(repr((inputs, pack.hash, as_of.isoformat())).encode()).hexdigest()[:16]


def _run_record(
    ws: Workspace, pack: Pack, as_of: dt.date, code: str, limits: list[str], n_rejected: int,
    outputs: dict[str, str], *, unmasked: bool,
) -> dict[str, object]:  # fmt: skip
    inputs = [
        {**row, "name": redact(row["name"]), "snapshot_date": str(row["snapshot_date"] or "")}
        for row in ws.dicts(
            "select name, sheet, sha256, source_id, source_label, n_read, n_loaded, n_rejected, snapshot_date, status"
            " from input_file order by file_id"
        )
    ]
    counts: dict[str, dict[str, int]] = {d.name: {} for d in pack.directions}
    for direction, what, n in ws.rows("select direction, what, n from clue_count order by direction, what"):
        counts.setdefault(direction, {})[what] = n
    restricted = {d.name: 0 for d in pack.directions} | restricted_counts(ws)
    return {
        "run": code,
        "as_of": as_of.isoformat(),
        "region": pack.region,
        "pack": {"name": pack.name, "version": pack.version, "hash": pack.hash},
        "ledger": _ledger_read(ws),
        "statement": STATEMENT,
        "unmasked": unmasked,
        "counts": counts,
        "restricted": restricted,
        "caveats": limits,
        "rejected_rows": n_rejected,
        "inputs": inputs,
        "columns": _columns_judged(ws),
        "columns_read": columns_read(ws),
        "outputs": outputs,
    }


def _ledger_read(ws: Workspace) -> str | None:
    """The digest of the ledger as the scan read it; None for a scan without one."""
    found = ws.rows("select value from run_meta where key = 'ledger'") if ws.has_table("run_meta") else []
    return str(found[0][0]) if found and found[0][0] else None


def _columns_judged(ws: Workspace) -> list[dict[str, object]]:
    """Columns that were understood by evidence (inferred), and those that look like a field and are not used."""
    return [
        {"file": redact(name), "sheet": sheet, "grade": code.removeprefix("COLUMN_").lower(), "said": redact(said)}
        for name, sheet, code, said in ws.rows(
            "select f.name, f.sheet, i.code, substr(i.detail, strpos(i.detail, '：') + 1) from issue as i"
            " join input_file as f using (file_id) where i.code in ('COLUMN_INFERRED', 'COLUMN_DOUBTFUL')"
            " order by i.file_id, i.code, i.detail"
        )
    ]


def check_output(out: Path, unmask_reason: str | None = None) -> Path:
    """The output directory, made if it is missing; to be called before a long scan starts. Raises CE-S28, CE-X02.

    A link or a file in its place is refused, as is an empty reason for unmasking.
    """
    if unmask_reason is not None and not unmask_reason.strip():
        raise ClueError("CE-X02", "没有写明解除遮盖的理由", place="--unmask", hint="写明用途，如 --unmask 入户核查")
    if out.is_symlink():
        raise _storage("输出目录是一个链接，不写入链接指向的位置", out)
    if out.exists() and not out.is_dir():
        raise _storage("输出位置是一个文件，不是目录", out)
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _storage(f"输出目录不能建立（{system_reason(error.errno)}）", out) from None
    if not os.access(out, os.W_OK | os.X_OK):
        raise _storage("输出目录不能写入", out)
    return out


def _storage(message: str, place: Path) -> ClueError:
    return ClueError("CE-S28", message, place=str(place), hint="用 --out 换一个目录", exit_code=EXIT_STORAGE)


@contextmanager
def private_files() -> Iterator[None]:
    """Files of this block are readable by their owner only."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def stage_in(out: Path, noted: Path | None) -> Iterator[Path]:
    """A stage in ``out``, and its errors as what the user can act on."""
    try:
        with staging(out, noted) as stage:
            yield stage
    except OSError as error:
        if error.errno in (13, 30):  # no permission, read-only disk
            raise _storage(f"输出目录不能写入（{system_reason(error.errno)}）", out) from None
        raise ClueError(
            "CE-S23",
            f"输出文件没有写完（{system_reason(error.errno)}）",
            place=str(out),
            hint="清理磁盘空间后再导出；原有文件没有改动",
            exit_code=EXIT_STORAGE,
        ) from None


def write_page(file: Path, text: str, noted: Path) -> None:
    """One page under its name, in place of an older one; whole or not at all. Raises CE-S23, CE-S28, CE-X01."""
    with private_files(), stage_in(check_output(file.parent), noted) as stage:
        (stage / file.name).write_text(text, encoding="utf-8", newline="\n")
        _publish(stage, file.parent, [file.name])


def _publish(stage: Path, out: Path, names: list[str]) -> list[Path]:
    """All in their place, or all as before. run.json comes last."""
    try:
        publish(stage, out, names)
    except PermissionError as error:
        place = out / Path(str(error.filename2 or error.filename or "")).name
        raise ClueError(
            "CE-X01", "文件正被其他程序打开，不能替换；没有替换任何文件", place=str(place), hint="请先关闭该文件再导出"
        ) from None
    except IsADirectoryError as error:
        raise _storage("这个文件名被一个目录占用", out / Path(str(error.filename2 or "")).name) from None
    return [out / name for name in names]


# -- The work-list of each office --------------------------------------------------------------------------------------
# The work-list of each office: which of them must say which fact about whom, so that open clues can be judged.
# Comes in: ledger rows. Goes out: headings and records, a line per office, household and fact, the deciding ones
# first; masked as the lists are. Restricted clues are left out: who asks about them is the officer they are handed
# to.
HOLDER, FACT, DECIDES, FOLDED = "掌握单位", "要核实的事项", "核实后即可判断", "折叠"
AT_HOME = "乡镇（入户核实）"  # where no office has it
ASK_HEADINGS = (
    HOLDER, FACT, DECIDES, c.NAME, c.ID, c.TOWN, c.VILLAGE, c.HOUSEHOLD_NO, c.CASE_NO, c.NUMBER, c.CHECKED_BY,
    c.CHECKED_ON, c.REMARK,
)  # fmt: skip
_SAME = (c.NAME, c.ID, c.TOWN, c.VILLAGE, c.HOUSEHOLD_NO)


def ask_records(rows: Sequence[Row], pack: Pack) -> list[list[Cell]]:
    """By office; within it the deciding facts first, then as the lists stand, what is folded last."""
    asked: dict[tuple[Cell, ...], list[Row]] = {}
    deciding: set[tuple[Cell, ...]] = set()
    for row in sorted(_open(rows), key=lambda row: row.status == FOLDED):
        for missing in row.details.get("missing", ()):
            key = (
                _office(str(missing["holder"] or AT_HOME), row, pack),
                str(missing["field"]),
                *(row.cells.get(h) for h in _SAME),
            )
            asked.setdefault(key, []).append(row)
            if missing["decides"]:
                deciding.add(key)
    ordered = sorted(asked, key=lambda key: (str(key[0]), key not in deciding))  # stable: else as the lists stand
    return [_record(key, asked[key], key in deciding, pack) for key in ordered]


def _office(holder: str, row: Row, pack: Pack) -> str:
    """Who is asked: of a home in another county the office there, but for what is in the case."""
    town = str(row.cells.get(c.TOWN) or "")
    return (
        town.replace(ELSEWHERE, FAR, 1) + holder
        if town.startswith(ELSEWHERE) and not reads_cases(pack, holder)
        else holder
    )


def _open(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if not row.restricted and row.status in ("待核", FOLDED)]


def _record(key: tuple[Cell, ...], rows: Sequence[Row], decides: bool, pack: Pack) -> list[Cell]:
    """The case number only for those who have the case."""
    numbers = list(dict.fromkeys(str(row.cells.get(c.CASE_NO)) for row in rows if row.cells.get(c.CASE_NO)))
    case_no = "、".join(numbers) if reads_cases(pack, str(key[0])) else None
    clues = "、".join(row.clue_id for row in rows)
    return [key[0], key[1], "是" if decides else None, *key[2:], case_no, clues, None, None, None]
