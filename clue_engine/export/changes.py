"""What is new, still there, changed, put aside or gone since the last scan of other inputs, rules or day, and why.

Comes in: the two listings of the workspace, the rows of the lists, what the ledger says of a number. Goes out:
``Change`` records in the order of the list, those that went behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clue_engine.export import columns as c
from clue_engine.export.list_rows import Row
from clue_engine.export.listing import Facts, Item, Listing, facts, fields_read, read_listings, told_listings
from clue_engine.export.privacy import RESTRICTED
from clue_engine.ledger import Event
from clue_engine.ledger.events import LISTED as LISTED_EVENT
from clue_engine.pack.fingerprint import OTHERS, PARAMETERS
from clue_engine.pack.model import Pack
from clue_engine.values.mask import mask_name
from clue_engine.workspace import Workspace, literal

NEW, STILL, CHANGED, AGAIN, CLOSED, GONE = "新增", "仍在", "有变化", "重新列入", "已办结不再列", "消失"
KINDS = (NEW, AGAIN, CHANGED, STILL, CLOSED, GONE)
LISTED = ("线索", "待核")
_UNTOLD = "上一次的工作区不在，只有台账，比不出是哪一项"
_MOST = 3  # facts that are told of one clue
_CASE = ("涉案.", "救助.")


@dataclass(frozen=True)
class Change:
    """``standing``: what the ledger says: 移送民政局 2025-06-03，等待反馈. ``row``: its line, where it has one now."""

    kind: str
    clue_id: str
    direction: str
    was: str
    now: str
    why: tuple[str, ...]
    standing: str
    restricted: bool
    row: Row | None
    head: str | None = None  # of the household, where there is no row
    new_case: bool = False

    @property
    def cells(self) -> dict[str, Any]:
        cells = self.row.cells if self.row is not None else {c.NAME: self.head}
        return {h: cells.get(h) for h in (c.BAND, c.NAME, c.TOWN)}


@dataclass(frozen=True)
class Told:
    """What the ledger knows of a number: in words; whether and when it has ended; why this scan opened it again.

    ``cases``: of several, each by name, how it stands, and the act of the ledger that listed it first.
    """

    standing: str = ""
    cases: tuple[tuple[str, str, int], ...] = ()
    ended: str = ""
    ended_on: str = ""
    ended_act: int = 0
    reopened: str = ""
    direction: str = ""
    restricted: bool = False


def changes(
    ws: Workspace, pack: Pack, rows: Sequence[Row], told: Mapping[str, Told] | None = None,
    events: Sequence[Event] = (),
) -> list[Change] | None:  # fmt: skip
    """All clues that are or were on a list; None where there is no scan to compare with.

    ``events`` of the ledger tell of the scan before where the workspace does not.
    """
    kept = read_listings(ws)
    if len(kept) == 1:
        kept = told_listings(kept[0], events)
    if len(kept) < 2:
        return None
    now, before = kept
    since = max((e.act for e in events if e.kind == LISTED_EVENT and e.text("run") == before.run), default=0)
    return list(_Compared(ws, pack, now, before, {row.clue_id: row for row in rows}, told or {}, since).all())


class _Compared:
    def __init__(
        self,
        ws: Workspace,
        pack: Pack,
        now: Listing,
        before: Listing,
        rows: Mapping[str, Row],
        told: Mapping[str, Told],
        since: int,
    ) -> None:
        """``since``: the act of the ledger that listed the scan before; 0 where it did not."""
        self.since = since
        self.ws, self.pack, self.now, self.before, self.rows, self.told = ws, pack, now, before, rows, told
        gone = {item.home for item in before.clues.values()} - set(now.homes) if before.parts else set()
        homes = ", ".join(literal(home) for home in sorted(gone))
        whose = f"select household_id from household where sha256(household_key) in ({homes})"
        self.homes = {**now.homes, **(facts(ws, pack, whose) if gone else {})}
        self.protected: set[str] = set()
        if ws.has_table("clue_protected"):
            hidden = "select sha256(household_key) from household join clue_protected using (household_id)"
            self.protected = {home for (home,) in ws.rows(hidden)}
        self.heads = _heads(ws, (item for number, item in before.clues.items() if number not in rows))
        self.versions = {rule.id: rule.version for rule in pack.rules}
        self.titles = {rule.id: f"{rule.id} {rule.title}" for rule in pack.rules}
        self._read: dict[tuple[str, ...], set[str]] = {}

    def all(self) -> Iterator[Change]:
        seen = set()
        for number, row in self.rows.items():
            item = self.now.clues.get(number)
            if item is None:
                continue
            seen.add(number)
            was = self.before.clues.get(number)
            if item.status in LISTED or (was is not None and was.status in LISTED):
                yield self._change(number, was, item, row)
        for number, was in self.before.clues.items():
            if number not in seen and was.status in LISTED:
                yield self._change(number, was, None, None)
        yield from self._came_and_went()

    def _came_and_went(self) -> Iterator[Change]:
        """Lines that were listed and have ended since the scan before, which did not list them."""
        for number, told in sorted(self.told.items()):
            was, item = self.before.clues.get(number), self.now.clues.get(number)
            listed = any(one is not None and one.status in LISTED for one in (was, item))
            after = told.ended_act > self.since if self.since else told.ended_on > self.before.as_of
            if told.ended and after and not listed:
                why = (RESTRICTED if told.restricted else told.ended,)
                now = item.status if item else ""
                row = None if told.restricted else self.rows.get(number)
                head = None if told.restricted else self._head(item or was)
                yield Change(CLOSED, number, told.direction, "", now, why, told.standing, told.restricted, row, head)

    def _change(self, number: str, was: Item | None, item: Item | None, row: Row | None) -> Change:
        told = self.told.get(number, Told())
        cases = self._new_cases(was, told)
        kind = self._kind(was, item, told, new_case=bool(cases))
        restricted = any(i.restricted or i.home in self.protected for i in (was, item) if i is not None)
        why: tuple[str, ...] = ()
        if kind != STILL:
            why = (RESTRICTED,) if restricted else tuple(dict.fromkeys(self._why(number, kind, was, item, row, told)))
            why = (f"新增案件 {len(cases)} 件（{'；'.join(cases)}）", *why) if cases and not restricted else why
        direction = (item or was).direction  # type: ignore[union-attr]
        listed = item is not None and item.status in LISTED
        return Change(
            kind, number, direction, was.status if was else "", item.status if item else "", why,
            told.standing, restricted, row if listed or not restricted else None,
            None if restricted else self._head(item or was), bool(cases),
        )  # fmt: skip

    def _head(self, item: Item | None) -> str | None:
        return self.heads.get(item.home) if item is not None and item.home not in self.protected else None

    def _new_cases(self, was: Item | None, told: Told) -> list[str]:
        """What the ledger calls the cases that this number has got since the scan before: 第2件，未移送."""
        if was is None or not self.since:
            return []
        return [f"{name}，{state}" for name, state, act in told.cases if act > self.since]

    def _kind(self, was: Item | None, item: Item | None, told: Told, *, new_case: bool) -> str:
        listed = item is not None and item.status in LISTED
        if not listed:
            return CLOSED if told.ended else GONE
        if told.reopened:
            return AGAIN
        if was is None or was.status not in LISTED:
            return AGAIN if was is not None and was.status == "搁置" else NEW
        assert item is not None
        same = (was.status, was.band, set(was.rules)) == (item.status, item.band, set(item.rules))
        return STILL if same and not new_case else CHANGED

    # -- why ---------------------------------------------------------------------------------------------------------
    def _why(
        self, number: str, kind: str, was: Item | None, item: Item | None, row: Row | None, told: Told
    ) -> Iterator[str]:
        if kind == CLOSED:
            yield told.ended
            return
        if told.reopened:
            yield told.reopened
        if was is not None and item is not None:
            yield from _moved(was, item, self.titles)
        if item is not None and item.status == "搁置" and row is not None:
            yield "搁置：" + " ".join(str(row.cells.get(c.HELD_REASON) or "").split("\n"))
        if item is not None and item.status == "折叠":
            yield "待核的太多，排在后面，列在 pending.csv"
        if item is None and (heir := self._heir(number)):
            yield f"并入 {heir}"
            return
        causes = [*self._data(was, item), *self._rules(was, item)]
        yield from causes
        if not causes:
            yield from self._rest()

    def _heir(self, number: str) -> str:
        """The number that its clue is listed under now, where two became one."""
        found = "select now_id from number_given where clue_id = ? and now_id is not null"
        return next((str(now) for (now,) in self.ws.rows(found, [number])), "")

    def _data(self, was: Item | None, item: Item | None) -> Iterator[str]:
        home = (item or was).home  # type: ignore[union-attr]
        old, new = self.before.homes.get(home), self.homes.get(home)
        if not self.before.parts and (old is None or new is None):
            return  # the ledger keeps facts of what is listed, no others
        if new is None:
            yield "数据：这一户、这件案件已经不在数据里"
        elif old is None:
            if self.before.homes and was is None:
                yield "数据：新的户或新的案件"
        else:
            ids = sorted({*(was.rules if was else ()), *(item.rules if item else ())})
            yield from self._differences(old, new, ids, quiet=any(i.quiet for i in (was, item) if i is not None))

    def _differences(self, old: Facts, new: Facts, ids: Sequence[str], *, quiet: bool) -> Iterator[str]:
        read = self._fields(ids)
        found = [k for k in sorted({*old, *new}) if k in read and old.get(k) != new.get(k)]
        shown = [k for k in found if not (quiet and k.startswith(_CASE))]
        if len(shown) < len(found):
            yield "数据：案件数据有变化"
        for key in shown[:_MOST]:
            yield f"数据：{key.partition('.')[2]} {old.get(key, '空')} → {new.get(key, '空')}"
        if len(shown) > _MOST:
            yield f"数据：另有 {len(shown) - _MOST} 项有变化"

    def _fields(self, ids: Sequence[str]) -> set[str]:
        """What the rules of a clue read, and the holds, which may put it aside."""
        key = tuple(ids)
        if key not in self._read:
            holds = [hold.id for hold in self.pack.holds if hold.action in ("suppress", "hold")]
            self._read[key] = fields_read(self.pack, [*ids, *holds])
        return self._read[key]

    def _rules(self, was: Item | None, item: Item | None) -> Iterator[str]:
        ids = sorted({*(was.rules if was else ()), *(item.rules if item else ())})
        old, new = self.before.parts, self.now.parts
        if not old:  # the ledger keeps no versions
            return
        for rule_id in ids:
            if rule_id not in new:
                yield f"规则：{rule_id} 停用了"
            elif rule_id not in old:
                yield f"规则：{rule_id} 是新的"
            elif old[rule_id] != new[rule_id]:
                version = was.rules.get(rule_id) if was is not None else None
                same = version in (None, self.versions[rule_id])
                yield f"规则：{rule_id} " + ("改过" if same else f"第{version}版 → 第{self.versions[rule_id]}版")

    def _rest(self) -> Iterator[str]:
        """What else can change a list: nothing that the clue itself shows."""
        if not self.before.parts:
            yield _UNTOLD
            return
        old, new = self.before.parts, self.now.parts
        holds = [h.id for h in self.pack.holds if old.get(h.id) != new.get(h.id)]
        if holds:
            yield f"规则：{'、'.join(holds)} 改过"
        if old.get(PARAMETERS) != new.get(PARAMETERS):
            yield "参数：本县口径或规则包参数改过"
        if old.get(OTHERS) != new.get(OTHERS):
            yield "规则：词表、说法或计分办法改过"
        if self.before.as_of != self.now.as_of:
            yield f"时间：扫描日 {self.before.as_of} → {self.now.as_of}（年龄、期限）"


def _heads(ws: Workspace, items: Iterable[Item]) -> dict[str, str]:
    """The masked name of the head by the hash of a household, of lines that no row names any more."""
    homes = ", ".join(literal(home) for home in sorted({item.home for item in items if not item.restricted}))
    found = f"select sha256(household_key), head_name from household where sha256(household_key) in ({homes})"
    return {home: mask_name(name) or "" for home, name in ws.rows(found) if name} if homes else {}


def _moved(was: Item, item: Item, titles: Mapping[str, str]) -> Iterator[str]:
    if was.status != item.status:
        yield f"{was.status} → {item.status}"
    elif was.band != item.band:
        yield f"优先级 {was.band} → {item.band}"
    more = [titles.get(i, i) for i in item.rules if i not in was.rules]
    fewer = [titles.get(i, i) for i in was.rules if i not in item.rules]
    if more:
        yield f"新命中 {'、'.join(more)}"
    if fewer:
        yield f"不再命中 {'、'.join(fewer)}"
