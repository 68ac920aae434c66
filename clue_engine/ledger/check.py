"""Whether a ledger is whole: the file, the chain of each table, what refers to what, and the copy beside it.

Comes in: an open ledger. Goes out: what is wrong, in words; nothing is mended.
"""

from __future__ import annotations

from clue_engine.errors import ClueError
from clue_engine.ledger.events import LABELS
from clue_engine.ledger.store import TABLES, Ledger, backup_of, chained


def problems(ledger: Ledger) -> list[str]:
    """Everything that is wrong, the file first; empty when it is whole."""
    found = [f"文件损坏：{said}" for said in ledger.integrity()]
    if found:
        return found
    for table in TABLES:
        found += _broken_chain(ledger, table)
    return found or [*_unknown(ledger), *_backup(ledger)]


def _broken_chain(ledger: Ledger, table: str) -> list[str]:
    """The first row that is not what was written, or stands where another one was taken out."""
    before = ""
    for place, (seq, row, hash_) in enumerate(ledger.chain(table), 1):
        if seq != place or hash_ != chained(before, row):
            return [f"表 {table} 第 {place} 行与写入时不一致：被改动过，或前面少了行"]
        before = hash_
    return []


def _unknown(ledger: Ledger) -> list[str]:
    events = ledger.events()
    keys = {part for part, *_ in ledger.rows("part_key")}
    numbers = set(ledger.numbers())
    found = [f"第 {e.seq} 条：没有“{e.kind}”这种事项" for e in events if e.kind not in LABELS]
    found += [f"第 {e.seq} 条：找不到它所属的当事人和案件" for e in events if e.part not in keys]
    return found + [f"第 {e.seq} 条：没有编过 {e.clue_id} 这个号" for e in events if e.clue_id not in numbers]


def _backup(ledger: Ledger) -> list[str]:
    copy = backup_of(ledger.path)
    if copy == ledger.path or not ledger.rows("event"):
        return []
    if not copy.is_file():
        return [f"没有备份文件 {copy.name}"]
    try:
        with Ledger.open(copy) as other:
            same = other.head(*TABLES) == ledger.head(*TABLES)
    except ClueError:
        return [f"备份文件 {copy.name} 打不开"]
    return [] if same else [f"备份文件 {copy.name} 不是最新的"]
