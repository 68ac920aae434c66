"""Of whom of a household the prose of a village form tells: 儿子某甲被人杀害, 丈夫被撞死, 某某刷单被骗.

Comes in: rec_victim of sources whose row is a household's head and whose note is prose (option ``prose_of``), the
members that the same file names, the words of kinship (option ``household_kin`` of the pack: word → relation).
Goes out: rec_victim with the person meant in his place (name, number and birth of a member; else 某某的儿子), the head
as his relative; table told_of (file_id, row_no, part_no, said): the words that name him there. Who is the subject of
the first clause that tells of a case is meant; without one the head is, as before. An agent (被儿子打伤, 与妯娌打架)
never is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from clue_engine.ingest.land import insert
from clue_engine.ingest.readings import code_table, look_up
from clue_engine.pack.field_words import FieldWords, shared_words
from clue_engine.pack.model import Pack
from clue_engine.values.text import half_width
from clue_engine.workspace import Workspace, literal

_SENTENCE = re.compile(r"[^。；;！!？?\r\n]+")
_CLAUSE = re.compile(r"[,，:：]")
_DAY = r"(?:19|20)?\d{2,4}年?[底初末]?|[.．/\-—~至到]|\d{1,2}[月日号时]?|年|[上中下]旬|[早晚]上?|凌晨"
_WHEN = rf"(?:{_DAY}|因|其|家中|家里|本户|该户|户主的?)*"
_NAMED = re.compile(r"[\u4e00-\u9fff]{2,3}?(?=[0-9(被遭于因涉犯抢盗贩酒醉]|在(?!家)|当场|烧伤|重伤|轻伤)")
_NO_NAME = re.compile(
    "[的了是不未没在去今昨前后年月日上下外出打工务农做等及和与已还家抢劫判盗窃骗贩毒伤杀害撞死犯罪刑牢吸奸醉驾酒骑车偷学]|[初高]中|^曾[因被经在]"
    "|当场|意外|突然|全身|多处|头部|严重|先后|双双|一起"
)
_SHORT_KIN = {"子": "儿子", "女": "女儿", "兄": "哥哥", "弟": "弟弟"}
_NAMED_NEXT = re.compile(
    r"([\u4e00-\u9fff]{2,3}?)(?=[0-9(被遭于因涉犯抢盗贩酒醉步骑乘驾坐走路回上下去过帮给]|在(?!家))"
)
_TERM = re.compile(r"判(?:处|刑|了)?(?:有期徒刑)?(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})年|判(?:处)?(?:无期|死)")
_OF_ANOTHER = re.compile(
    "[被遭]|对方|凶手|肇事|司机|嫌疑|被告|加害|行凶|他人|别人"
)  # whose term it is beside the hurt one
_SINGLE = "(?=[被遭于因死在涉犯0-9])"  # 夫被撞死; not 夫妻, 子女
_ROWS = """
select v.rowid, v.file_id, v.row_no, v.part_no, v.name, v.name_note,
    case when v.source_id not in ({guarded}) then v.kin_name end, v.role, v.note
from rec_victim as v
where v.source_id in ({sources}) and v.note is not null and v.name is not null
order by v.file_id, v.row_no, v.part_no
"""
_MEMBERS = """
select file_id, head, name, id, id_kind, sex, birth_lo, birth_hi
from (
    select *, max(case when relation = '户主' then row_no end) over (
        partition by file_id order by row_no, part_no rows unbounded preceding) as head
    from rec_registry
    where source_id in ({sources})
)
where name is not null and row_no > head
order by file_id, row_no, part_no
"""


_CHILD = "孩子"  # the row's own person, whose guardian has a column: the relative there is not who was harmed

HEALTH = "户主健康"  # what a source puts before the head's state of health (``lead`` of its column)


@dataclass(frozen=True)
class _Told:
    """``said``: the words that name him; ``member``: his row in the register, () where it has none."""

    said: str
    name: str
    relation: str
    member: tuple[object, ...] = ()


def tell_of_whom(ws: Workspace, pack: Pack) -> None:
    """Rewrite rec_victim and write told_of."""
    ws.con.execute("create or replace table told_of (file_id integer, row_no bigint, part_no integer, said varchar)")
    written = [s for s in pack.sources if s.options.get("prose_of")]
    sources = ", ".join(literal(s.id) for s in written)
    guarded = ", ".join(literal(s.id) for s in written if s.options["prose_of"] == _CHILD) or "''"
    kin: Mapping[str, str] = pack.options.get("household_kin", {})
    named: Mapping[str, str] = pack.options.get("prose_words", {})
    if not (sources and kin and named):
        return
    words_of = {key: _any(pack.lists[str(name)].values) for key, name in named.items()}
    incident, hurt, injured = (words_of[key] for key in ("incident", "hurt", "injured"))
    members: dict[tuple[int, int], list[tuple[object, ...]]] = {}
    for file_id, head, *member in ws.rows(_MEMBERS.format(sources=sources)):
        members.setdefault((file_id, head), []).append(tuple(member))
    words_of_fields = shared_words(pack.sources)
    surnames = words_of_fields.surnames if words_of_fields else frozenset()
    grown = pack.options.get("adult_kin", ())
    retold: list[tuple[object, ...]] = []
    words: list[tuple[object, ...]] = []
    role_of = _roles(words_of_fields)
    for rowid, file_id, row_no, part_no, name, remark, relative, role, note in ws.rows(
        _ROWS.format(sources=sources, guarded=guarded)
    ):
        text = half_width(note)
        clause, before = _first(text, incident, words_of["natural"])
        if relative is not None:  # the form names him beside the head: 某甲（死者）
            kinship = re.search(f"({_any(tuple(kin)).pattern})的?{re.escape(name)}", text)
            role = role_of(remark) or role
            if role == "被害人" and not remark and _is_doer(clause, words_of["doer"]):
                role = "嫌疑人"
            retold.append((rowid, role, False, name, kin[kinship[1]] if kinship else "", False, *(None,) * 5))
            continue
        told = _told(clause, before, name, members.get((file_id, row_no), ()), kin, surnames)
        role = role or ("嫌疑人" if _TERM.search(text) else "被害人" if hurt.search(clause) else None)
        if role == "被害人" and not clause and words_of["natural"].search(text):
            role = None
        term = _TERM.search(clause)
        if role == "被害人" and term and not _OF_ANOTHER.search(clause[: term.start()]):
            role = "嫌疑人"
        if role == "被害人" and _is_doer(clause, words_of["doer"]):
            role = "嫌疑人"
        said = told or _Told(HEALTH, name, "")
        person = (said.name, said.relation, said.relation in grown, *(said.member or (None,) * 5))
        retold.append((rowid, role, told is not None, *person))
        # what stands of the head's health is of the case only where he was hurt in it
        if told or injured.search(_without_health(text)):
            words.append((file_id, row_no, part_no, said.said))
    insert(ws, "told_of", words)
    if retold:
        _rewrite(ws, retold)


def _is_doer(clause: str, doer: re.Pattern[str]) -> bool:
    """把人打伤; not 被人打伤, 把人打伤 beside 被."""
    did = doer.search(clause)
    return did is not None and "被" not in clause[: did.start()]


def _roles(words: FieldWords | None) -> Callable[[str | None], str | None]:
    """What a remark behind a name says of him: 死者, 打人者."""
    if words is None or "victim.role" not in words.fields:
        return lambda _: None
    codes = words.codes[str(words.record_field("victim.role").codes)]
    table = code_table(codes, {})
    return lambda remark: look_up(table, remark, codes)[0] if remark else None


def _first(note: str, incident: re.Pattern[str], natural: re.Pattern[str]) -> tuple[str, str]:
    """The first clause that tells of a case, and the one before it in its sentence; what befell somebody by nature
    (因病死亡) is none."""
    for sentence in _SENTENCE.findall(note):
        before = ""
        for clause in () if sentence.startswith(HEALTH) else _CLAUSE.split(sentence):
            if (incident.search(clause) or _TERM.search(clause)) and not natural.search(clause):
                return clause, before
            before = clause
    return "", ""


def _told(
    clause: str,
    before: str,
    head: str,
    members: Sequence[tuple[object, ...]],
    kin: Mapping[str, str],
    surnames: frozenset[str],
) -> _Told | None:
    if clause and (own := _kin_of_head(clause, head, kin)):
        return own
    if not clause or head in clause or "本人" in clause:
        return None
    return _subject(clause, head, members, kin, surnames) or (
        _subject(before, head, members, kin, surnames) if before else None
    )


def _kin_of_head(clause: str, head: str, kin: Mapping[str, str]) -> _Told | None:
    """某甲之子某乙被撞倒: who stands behind the head's name as his relative, before what befell him."""
    words = "|".join(map(re.escape, sorted({*kin, *_SHORT_KIN}, key=len, reverse=True)))
    found = re.search(f"(?<![与和跟向同将把被对]){re.escape(head)}[之的]({words})", clause)
    if not found:
        return None
    behind, relation = clause[found.end() :], kin.get(found[1], found[1])
    relation = kin.get(_SHORT_KIN.get(found[1], found[1]), relation)
    named = _NAMED_NEXT.match(behind)
    name = named[1] if named and not _NO_NAME.search(named[1]) else ""
    return _Told(found[0] + name, name or f"{head}的{relation}", relation)


def _subject(
    clause: str, head: str, members: Sequence[tuple[object, ...]], kin: Mapping[str, str], surnames: frozenset[str]
) -> _Told | None:
    """Who stands at the beginning of a clause, behind a day at most."""
    start = re.match(_WHEN, clause)
    rest = clause[start.end() :] if start else clause
    for name, *member in members:
        if rest.startswith(str(name)):
            return _Told(str(name), str(name), "", tuple(member))
    words = "|".join(re.escape(w) + (_SINGLE if len(w) == 1 else "") for w in sorted(kin, key=len, reverse=True))
    found = re.match(f"({words})", rest)
    if not found:
        return None
    behind = rest[found.end() :]
    for name, *member in members:
        if behind.startswith(str(name)):
            return _Told(found[1] + str(name), str(name), kin[found[1]], tuple(member))
    # before what he was about (骑车, 下班, 给人帮忙) only what begins like a name is one
    named = _NAMED.match(behind) or ((m := _NAMED_NEXT.match(behind)) and m[1][0] in surnames and m) or None
    name = named[named.lastindex or 0] if named else ""
    if name and not _NO_NAME.search(name):
        return _Told(found[1] + name, name, kin[found[1]])
    return _Told(found[1], f"{head}的{kin[found[1]]}", kin[found[1]])


def _without_health(text: str) -> str:
    return ";".join(s for s in _SENTENCE.findall(text) if not s.startswith(HEALTH))


def _any(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in words))


def _rewrite(ws: Workspace, retold: Sequence[tuple[object, ...]]) -> None:
    import pyarrow as pa

    names = ("rowid_", "role", "other", "name", "relation", "grown", "id", "id_kind", "sex", "birth_lo", "birth_hi")
    columns = {name: list(column) for name, column in zip(names, zip(*retold, strict=True), strict=True)}
    ws.con.register("retold_in", pa.table(columns))
    own = {name for (name,) in ws.rows("select column_name from duckdb_columns() where table_name = 'rec_victim'")}
    other = {
        "role": "r.role",
        "name": "case when r.other then r.name else v.name end",
        "kin_name": "case when r.other then v.name else v.kin_name end",
        "kin_id": "case when r.other then v.id else v.kin_id end",
        "kin_id_kind": "case when r.other then v.id_kind else v.kin_id_kind end",
        "kin_id_partial": "case when r.other then v.id_partial else v.kin_id_partial end",
        "kin_relation": "case when r.other then nullif(r.relation, '')"
        " else coalesce(v.kin_relation, nullif(r.relation, '')) end",
        "id_partial": "case when r.other then null else v.id_partial end",
        "is_minor": "case when r.other then case when r.grown then false end else v.is_minor end",
        "party_kind": "case when r.other then '自然人' else v.party_kind end",
        "id_cert_level": "case when r.other then null else v.id_cert_level end",
    }
    other |= {
        name: f"case when r.other then r.{name} else v.{name} end"
        for name in ("id", "id_kind", "sex", "birth_lo", "birth_hi")
    }
    replaced = ", ".join(
        f"case when r.rowid_ is null then v.{name} else {sql} end as {name}"
        for name, sql in other.items()
        if name in own
    )
    ws.con.execute(
        f"create or replace table rec_victim as select v.* replace ({replaced})"
        " from rec_victim as v left join retold_in as r on v.rowid = r.rowid_ order by v.rowid"
    )
    ws.con.unregister("retold_in")
