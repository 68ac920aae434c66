"""Results that look like a success and are none: a file of use to nobody, a list that is empty for want of data.

Comes in: the tables of a workspace, as far as the stations have run. Goes out: one sentence each, with its code,
file and column. A list that is empty because nothing was found is no trouble (``nothing_found``).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator

from clue_engine.export.listing import Listing, read_listings
from clue_engine.export.privacy import redact
from clue_engine.export.unread import unread_needed
from clue_engine.export.unused import place as _file
from clue_engine.export.unused import under_read, unused_columns
from clue_engine.pack.field_words import shared_words
from clue_engine.pack.fingerprint import OTHERS
from clue_engine.pack.model import Pack
from clue_engine.pack.parameters import value_of
from clue_engine.workspace import Workspace

LISTED = "('线索', '待核', '搁置')"
_NAMED = 8  # tables in a sentence
_TOLD_OF = 2  # cells that name a victim
MANY = 10  # parties with a number, of whom at least one should be known to a register
UNDECIDED_SHARE = 0.5  # of the households of a case: where more could not be decided, an empty list says nothing


def troubles(ws: Workspace, pack: Pack) -> list[str]:
    """What must be said before anything else."""
    if not ws.has_table("issue"):
        return []
    columns = [*_lost_keys(ws), *unused_columns(ws, pack), *under_read(ws, pack), *unread_needed(ws, pack)]
    files = [*_without_parties(ws), *_victims_in_notes(ws, pack), *_unmatched_aid(ws), *_unjoined(ws), *_no_charge(ws)]
    told = [*_refused(ws), *columns, *files, *collapsed(ws, pack), *_empty(ws, pack)]
    return ["".join(text.splitlines()) for text in told]  # a heading may be of two lines; a trouble is one


def _refused(ws: Workspace) -> Iterator[str]:
    """What was not loaded at all costs most; why, and what helps, each of them says itself."""
    tables = ws.rows("select name, sheet from input_file where status = 'refused' order by all")
    if tables:
        named = "、".join(_file(name, sheet) for name, sheet in tables[:_NAMED])
        more = f"等 {len(tables)} 张表" if len(tables) > _NAMED else ""
        yield f"没有载入：{named}{more}。里面的人和事都不在这次的结果里，原因和办法见下面各条"


def _lost_keys(ws: Workspace) -> Iterator[str]:
    """CE-D21, by ingest/lost_keys.py."""
    for name, sheet, detail in ws.rows(
        "select f.name, f.sheet, i.detail from issue as i join input_file as f using (file_id)"
        " where i.code = 'KEY_LOST' order by f.file_id, i.detail"
    ):
        yield (
            f"CE-D21 {_file(name, sheet)}{detail.partition('：')[2]}。"
            "这一列说明是谁、是哪件案；请核对这一列，两列写同一内容的删去一列，改好后重新运行"
        )


def _without_parties(ws: Workspace) -> Iterator[str]:
    """CE-D22: rows with columns for persons, and nobody of them in any case."""
    if not ws.has_table("party_mention"):
        return
    for file_id, name, sheet, n, kind in ws.rows(
        "select f.file_id, f.name, f.sheet, f.n_loaded, max(c.kind) from input_file as f"
        " join record_column as c on c.file_id = f.file_id"
        " and (c.kind, c.field) in (('victim', 'name'), ('case', 'suspect_name'))"
        " where f.status = 'loaded' and f.n_loaded > 0"
        " and f.file_id not in (select file_id from party_mention)"
        " and f.file_id not in (select file_id from superseded_row) group by all order by 1"
    ):
        field, of = ("name", "姓名") if kind == "victim" else ("suspect_name", "嫌疑人姓名")
        n_named = ws.rows(f"select count({field}) from rec_{kind} where file_id = ?", [file_id])[0][0]
        if n_named:
            field, of = "role", "身份（被害人、嫌疑人）"
        headers = ws.rows(
            "select array_to_string(list_sort(list(distinct header)), '、') from raw_column"
            " where file_id = ? and list_contains(string_split(field, ','), ?)",
            [file_id, f"{kind}.{field}"],
        )[0][0]
        column = f"列“{redact(headers)}”没有读出{of}" if headers else f"没有写{of}的列"
        yield f"CE-D22 {_file(name, sheet)}装载 {n} 行，没有读出一名当事人：{column}。请核对后重新运行"


def _victims_in_notes(ws: Workspace, pack: Pack) -> Iterator[str]:
    """CE-D31: a column on victims of a table that makes none of them (被害人及赔偿 of a list of prisoners)."""
    if not ws.has_table("party"):
        return
    words = shared_words(pack.sources)
    others = [s.id for s in pack.sources if "victim" not in s.records]
    if words is None or not words.surnames or not pack.text_facts.victim_words:
        return
    victim = f"(?:{'|'.join(map(re.escape, pack.text_facts.victim_words))})"
    behind, surname = f"{victim}[为系是:：]?", f"[{''.join(sorted(words.surnames))}]"
    names = [f"{behind}({surname}[一-鿿]{{{n}}})" for n in (1, 2)]
    for file_id, name, sheet, label, header, position in ws.rows(
        "select f.file_id, f.name, f.sheet, f.source_label, c.header, c.position from input_file as f"
        " join raw_column as c using (file_id)"
        " where f.status = 'loaded' and list_contains(?, f.source_id) and regexp_matches(c.header, ?)"
        " and (c.field is null or regexp_full_match(c.field, '([a-z]+[.]note,?)+')) order by 1, c.position",
        [others, victim],
    ):
        ((n,),) = ws.rows(
            f"select count(*) from raw_{file_id} where regexp_matches(c{position}, $1)"
            f" and regexp_extract(c{position}, $1, 1) not in (select name from party where name is not null)"
            f" and regexp_extract(c{position}, $2, 1) not in (select name from party where name is not null)",
            names,
        )
        if n >= _TOLD_OF:
            yield (
                f"CE-D31 {_file(name, sheet)}的“{redact(header)}”一列有 {n} 格写着被害人的姓名，认作“{label}”的表"
                "读不出被害人，别的表里也没有这些人：他们和他们的家都不在这次的清单里。请另交一张被害人清单，一人一行，"
                "写明姓名、证件号码、案由、伤情、赔偿情况，和这张表一起重新运行"
            )


def _unmatched_aid(ws: Workspace) -> Iterator[str]:
    """CE-D24: files of aid that name nobody of any case: whoever they helped stands on the lists as if never helped."""
    if not ws.has_table("aid_unmatched"):
        return
    for name, sheet, n_rows, no_id, no_case, no_day in ws.rows(
        "select name, sheet, n_rows, no_id, no_case, no_day from aid_unmatched"
        " join input_file using (file_id) order by all"
    ):
        lacks = {"证件号码": no_id, "原案案号": no_case, "救助日期": no_day}
        missing = "、".join(label for label, lacking in lacks.items() if lacking)
        unread = f"；这张表没有读到{missing}" if missing else ""
        yield (
            f"CE-D24 {_file(name, sheet)}的 {n_rows} 行救助，没有一行能与案件当事人对上，"
            f"已经救助过的人没有排除{unread}。"
            "请核对这张表的证件号码、姓名和原案案号（clue-engine sources show 可看各列认作什么），改好后重新载入"
        )


def _unjoined(ws: Workspace) -> Iterator[str]:
    """CE-D27: numbers of parties and of a register were read, and not one is in both."""
    if not ws.has_table("link_party") or not ws.has_table("register_person") or not _has_clues(ws):
        return  # of an empty list CE-D23 says it
    counts = (
        "select (select count(distinct id) from party), (select count(distinct id) from register_person), count(*)"
        " from link_party where tier <> 'NEW'"
    )
    ((n_parties, n_persons, n_links),) = ws.rows(counts)
    if n_parties >= MANY and n_persons >= MANY and not n_links:
        yield (
            f"CE-D27 当事人有 {n_parties} 个证件号码、名册有 {n_persons} 个，没有一个相同，也没有一人按姓名对上："
            "名册里的户的情况都没有用上。请核对两边的证件号码列，是否同一地方、同一时期的表，改好后重新运行"
        )


def _no_charge(ws: Workspace) -> Iterator[str]:
    """CE-D28: of no case is the charge known, so that any may be one of those of which only a number is shown."""
    if not ws.has_table("clue") or not ws.has_table("fact_involvement"):
        return
    ((n_events, n_known),) = ws.rows(
        "select count(distinct event_id), count(cause_kind) from fact_involvement where event_id is not null"
    )
    ((n_clues,),) = ws.rows("select count(*) from clue where restricted")
    if n_events and n_clues and not n_known:
        yield (
            f"CE-D28 案由不详：涉案的 {n_events} 件案件都没有案由，不知道是不是性侵等敏感案件，"
            f"{n_clues} 条线索因此受限、只列编号。"
            "请一并载入写明案由的案件表（案件查询列表，审查逮捕、审查起诉的反查表），重新运行"
        )


def _empty(ws: Workspace, pack: Pack) -> Iterator[str]:
    """CE-D23: no clue, and no reason to believe that there is none."""
    if _has_clues(ws):
        return
    looked = _looked_at(ws)
    why, do = "", ""
    if not looked["cases"]:
        why, do = "没有载入案件表和被害人表", "请载入案件和被害人的导出表"
    elif not looked["parties"]:
        why, do = "案件表里没有读出当事人", "请核对姓名列，或补上被害人清单"
    elif not looked["register"]:
        why, do = "没有载入监测对象、脱贫户、低保等户的名册", "请载入户的名册"
    elif not looked["households"]:
        why, do = "没有一名当事人能对上户", "请核对案件表和名册的姓名、证件号码列"
    elif looked["undecided"] > UNDECIDED_SHARE * looked["households"]:
        why = (
            f"涉案 {looked['households']} 户中有 {looked['undecided']} 户缺少数据、不能判断（多缺{_lacking(ws, pack)}）"
        )
        do = "请补上这些列"
    if why:
        yield f"CE-D23 没有线索，但不能说明没有因案致困：{_where(ws)}{why}。{do}，重新运行"


def nothing_found(ws: Workspace, told: list[str]) -> str:
    """The sentence for a list that is empty because nothing was found, empty where it is not so; ``told``: troubles."""
    if told or _has_clues(ws):
        return ""
    looked = _looked_at(ws)
    rest = f"，另有 {looked['undecided']} 户缺少数据、不能判断" if looked["undecided"] else ""
    return (
        f"没有发现线索：看过案件 {looked['cases']} 件、当事人 {looked['parties']} 名、涉案 {looked['households']} 户，"
        f"逐户按规则判断，没有一户符合{rest}"
    )


def _has_clues(ws: Workspace) -> bool:
    """Also where no scan was made: then there is nothing to say of its list."""
    if not ws.has_table("clue") or not ws.has_table("run_meta"):
        return True
    return bool(ws.rows(f"select 1 from clue where status in {LISTED} limit 1"))


def _looked_at(ws: Workspace) -> dict[str, int]:
    counts = {
        "cases": "select count(*) from legal_event",
        "parties": "select count(*) from party",
        "register": "select count(*) from register_household",
        "households": "select count(distinct household_id) from fact_involvement",
        "undecided": "select count(distinct household_id) from missing_fact"
        " where household_id in (select household_id from fact_involvement)",
    }
    return {name: int(ws.rows(sql)[0][0]) for name, sql in counts.items()}


def _where(ws: Workspace) -> str:
    """The files of the cases, so that one knows where to look."""
    files = ws.rows(
        "select distinct f.file_id, f.name, f.sheet from input_file as f join record_column as c using (file_id)"
        " where f.status = 'loaded' and c.kind in ('case', 'victim') order by 1"
    )
    return "".join(_file(name, sheet) for _, name, sheet in files[:3])


def _lacking(ws: Workspace, pack: Pack) -> str:
    labels = {(relation.name, f.name): f.label for relation in pack.relations for f in relation.fields}
    fields = ws.rows(
        "select relation, field from (select relation, field, count(distinct household_id) as n,"
        " count(distinct household_id) filter (decides) as n_deciding from missing_fact group by all)"
        " order by relation <> 'involvement', n_deciding desc, n desc, relation, field limit 3"
    )
    return "、".join(dict.fromkeys(labels.get((relation, field), field) for relation, field in fields))


# -- A list that has collapsed against the workspace's scan before, though the same kinds of files were read (CE-D30) --
# Comes in: listing.json, the parameters of the pack. Goes out: one sentence per direction. Other rules, parameters
# or definitions may well list fewer: ``changes`` says so, and nothing is said here.
_STANDING = ("线索", "待核", "搁置")
SHARE, LEAST = "清单骤减下限", "清单骤减起点"


def collapsed(ws: Workspace, pack: Pack) -> Iterator[str]:
    """The directions whose lines fell below the stated share."""
    kept = read_listings(ws)
    if len(kept) < 2 or not _alike(*kept):
        return
    now, before = kept
    day = dt.date.fromisoformat(now.as_of)
    share, least = (value_of(pack, name, day, pack.region) for name in (SHARE, LEAST))
    if share is None or least is None:
        return
    lines, earlier = _lines(now), _lines(before)
    for direction, n in sorted(earlier.items()):
        found = lines[direction]
        if n >= float(least.value) and found < float(share.value) * n:
            yield (
                f"CE-D30 {direction}由上次（扫描日 {before.as_of}）的 {n} 条骤减为 {found} 条，"
                f"载入的还是那几种表{_fallen(now, before)}。多半是有一列没有读出，或表没有导全；"
                "请核对后重新运行。确属减少的，逐条看 clue-engine changes"
            )


def _alike(now: Listing, before: Listing) -> bool:
    """Whether the same rules looked at the same kinds of files; how files are read may have changed."""
    rules = [{k: v for k, v in one.parts.items() if k != OTHERS} for one in (now, before)]
    return rules[0] == rules[1] and set(before.files) <= set(now.files)


def _lines(listing: Listing) -> Counter[str]:
    return Counter(item.direction for item in listing.clues.values() if item.status in _STANDING)


def _fallen(now: Listing, before: Listing) -> str:
    """The kinds of files with fewer rows than before, in words."""
    rows = {kind: (before.files[kind][0] - before.files[kind][1], now.files[kind][0] - now.files[kind][1])
            for kind in before.files}  # fmt: skip
    said = [f"{kind} {old} 行变为 {new} 行" for kind, (old, new) in sorted(rows.items()) if new < old]
    return f"（{'、'.join(said)}）" if said else ""
