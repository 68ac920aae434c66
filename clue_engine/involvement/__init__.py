"""Facts that rules see: household × event × party, payment and aid evidence, kin, lists.

Comes in: canonical and link tables, the pack's word lists and options, the ledger. Goes out: fact_household,
fact_member, fact_involvement, fact_aid, fact_hardship, fact_kin, fact_source, coverage, part tables.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise

from clue_engine.involvement.closed import end_closed
from clue_engine.involvement.text_table import write_text_facts
from clue_engine.involvement.unknown_codes import forget_unknown_codes
from clue_engine.ledger import Ledger
from clue_engine.pack.model import Pack, WordList
from clue_engine.workspace import Workspace, ident, literal

_PACKAGE = "clue_engine.involvement"


def involve(
    ws: Workspace,
    pack: Pack,
    *,
    longest_wait_days: int,
    adult_age: int,
    ledger: Ledger | None = None,
    secret: str = "",
    scan_day: dt.date | None = None,
) -> None:
    """Rebuild all fact tables. ``longest_wait_days``: most days between an event and its acceptance;
    ``adult_age``: the age from which a person is no minor (years). ``ledger``: what has ended, by keys that ``secret``
    makes. ``scan_day``: whatever happened, happened before it."""
    _variables(ws, pack, longest_wait_days, adult_age)
    ws.con.execute("set variable scan_day = ?::date", [scan_day])
    _charge_kinds(ws, pack)
    write_text_facts(ws, pack)
    ws.run_sql_file(_PACKAGE, "case_fact.sql")
    ws.run_sql_file(_PACKAGE, "aid_of.sql")
    ws.run_sql_file(_PACKAGE, "aid_case.sql")
    _flags(ws, pack)
    ws.run_sql_file(_PACKAGE, "disability_of.sql")
    ws.run_sql_file(_PACKAGE, "fact_involvement.sql")
    ws.run_sql_file(_PACKAGE, "facts.sql")
    forget_unknown_codes(ws, pack)
    end_closed(ws, pack, ledger, secret)
    ws.run_sql_file(_PACKAGE, "fact_source.sql")
    ws.drop_temporaries()


def _variables(ws: Workspace, pack: Pack, longest_wait_days: int, adult_age: int) -> None:
    options = pack.options
    values = {
        "longest_wait": longest_wait_days,
        "adult_age": adult_age,
        "harm_codes": list(pack.codes[_field_codes(pack, "involvement", "harm")].values),
        "disability_codes": list(pack.codes[_field_codes(pack, "involvement", "disability")].values),
        "cert_codes": list(pack.codes[_field_codes(pack, "member", "cert_level")].values),
        "no_injury": str(options["no_injury"]),
        "property_kind": str(options.get("property_kind", "")),
        "no_injury_kinds": _texts(options["no_injury_kinds"]),
        "crime_claim_words": _texts(options["crime_claim_words"]),
        "bodily_causes": _bodily_causes(ws, pack),
        "bodily_said": str(options.get("bodily_said", "")),
        "aid_granted": _texts(options["aid_granted"]),
        "aid_pending": _texts(options["aid_pending"]),
        "aid_refused": _texts(options["aid_refused"]),
        "aid_given": str(options.get("aid_given", "")),
        "aid_kinds": _texts(options.get("aid_kinds", ())),
        "aid_category": str(options.get("aid_category", "")),
        "rural_sources": [s.id for s in pack.sources if str(s.options.get("rural", "")) in ("是", "true")],
        # of households and their members, and of nothing else: a list of who gets 低保 may leave members out
        "member_registers": [
            s.id
            for s in pack.sources
            if set(s.records) == {"registry"} and any("registry.relation" in c.fields for c in s.columns)
        ],
        "prose_sources": [s.id for s in pack.sources if s.options.get("prose_of")],
        "disability_loaded": _loaded(ws, "listing", "cert_level") and _listed(ws, "残疾"),
        "enforcement_loaded": bool(ws.rows("select 1 from rec_enforcement limit 1")),
        "aid_loaded": _loaded(ws, "aid", "applicant_name"),
        "type_loaded": _loaded(ws, "registry", "household_type"),
        "dibao_column": _loaded(ws, "registry", "dibao"),
        "tekun_column": _loaded(ws, "registry", "tekun"),
        "dibao_loaded": _listed(ws, "低保"),
        "tekun_loaded": _listed(ws, "特困"),
        "longest_suspended": options.get("longest_suspended"),
        "own_county": _own_county(ws),
        **pack.charge_endings,
    }
    for name, value in values.items():
        ws.con.execute(f"set variable {name} = {literal(value)}")


def _field_codes(pack: Pack, relation: str, name: str) -> str:
    found = [f.codes for r in pack.relations if r.name == relation for f in r.fields if f.name == name]
    return str(found[0])


def _texts(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]


def _loaded(ws: Workspace, kind: str, field: str) -> bool:
    return bool(ws.rows("select 1 from record_column where kind = ? and field = ? limit 1", [kind, field]))


def _listed(ws: Workspace, name: str) -> bool:
    return bool(ws.rows("select 1 from rec_listing where list = ? limit 1", [name]))


def _own_county(ws: Workspace) -> str | None:
    """The county whose register this is: most rows name it; without a register, most addresses begin with it."""
    found = ws.rows(
        "select county from rec_registry where county is not null group by county "
        "order by count(*) desc, county limit 1"
    ) or ws.rows(
        "select c from (select regexp_extract(coalesce(domicile, address), "
        "'^(?:.*?(?:省|自治区))?(?:.*?(?:市|州))?(.*?[县市区旗])', 1) as c "
        "from party) where c <> '' group by c order by count(*) desc, c limit 1"
    )
    return str(found[0][0]) if found else None


def _charge_kinds(ws: Workspace, pack: Pack) -> None:
    """charge_kind and casualty: knowledge of the pack as tables, in the pack's order of weight."""
    ws.con.execute("create or replace temp table charge_kind (charge varchar, kind varchar, priority integer)")
    kinds = enumerate(pack.options["charge_kinds"].items())
    ws.add_rows("charge_kind", [(c, str(kind), n) for n, (kind, name) in kinds for c in pack.lists[str(name)].values])
    _chosen_charges(ws, pack)
    _claim_kinds(ws, pack)
    ws.con.execute("create or replace temp table casualty (word varchar, harm varchar, priority integer)")
    words = enumerate(pack.options["casualty_words"].items())
    ws.add_rows("casualty", [(str(word), str(harm), priority) for priority, (word, harm) in words])


def _claim_kinds(ws: Workspace, pack: Pack) -> None:
    """claim_kind: what is asked for by a cause of a list, or by a kind of case; a pack may know none."""
    ws.con.execute("create or replace temp table claim_kind (word varchar, kind varchar, priority integer)")
    causes = [cause for (cause,) in ws.rows("select distinct unnest(causes) as cause from legal_event order by 1")]
    for priority, (kind, where) in enumerate((pack.options.get("claim_kinds") or {}).items()):
        listed = pack.lists[str(where["list"])].values if "list" in where else ()
        forms = [cause for cause in causes if cause not in listed and chosen_from(cause, listed)]
        words = (*listed, *forms, *_texts(where.get("categories", ())))
        ws.add_rows("claim_kind", [(word, str(kind), priority) for word in words])


def _bodily_causes(ws: Workspace, pack: Pack) -> list[str]:
    """The causes of the cases at hand that are of life, body or health, in whatever choice of a selective one."""
    listed = [cause for name in _texts(pack.options.get("bodily_claims", [])) for cause in pack.lists[name].values]
    causes = [cause for (cause,) in ws.rows("select distinct unnest(causes) as cause from legal_event order by 1")]
    return [cause for cause in causes if cause in listed or chosen_from(cause, listed)]


def _chosen_charges(ws: Workspace, pack: Pack) -> None:
    """A choice from a selective charge is of the kind of that charge (of the weightiest, where there are several).

    So is a charge with a word before it (电信诈骗, 入室盗窃) or with what came of it (故意伤害致死).
    """
    listed = {charge: (kind, n) for charge, kind, n in ws.rows("select * from charge_kind order by priority desc")}
    results = _texts(pack.options.get("charge_results", ()))
    for (cause,) in ws.rows("select distinct unnest(causes) as cause from legal_event order by 1"):
        forms = [] if cause in listed else chosen_from(cause, listed) or _in(cause, listed, results)
        if found := [listed[full] for full in forms]:
            kind, priority = min(found, key=lambda one: one[1])
            ws.con.execute("insert into charge_kind values (?, ?, ?)", [cause, kind, priority])


def _in(cause: str, listed: Iterable[str], results: Sequence[str]) -> list[str]:
    """The longest listed charge with which a cause ends, once what came of it is left out."""
    bare = next((cause.removesuffix(f"{end}罪") + "罪" for end in results if cause.endswith(f"{end}罪")), cause)
    return sorted((full for full in listed if bare.endswith(full)), key=lambda full: (-len(full), full))[:1]


def _flags(ws: Workspace, pack: Pack) -> None:
    """flag_of_party and household_words: what free text says, by the word lists the pack names for each flag."""
    columns = {"event": "event_text", "own": "own_text", "violence": "violence_text", "sentence": "sentence_text"}
    parts = ["party_id"]
    for flag, where in pack.options["text_flags"].items():
        source = str(where["from"])
        said = (
            says(columns[source], pack.lists[str(where["list"])])
            if "list" in where
            else stated(str(where["fact"]), own=source == "own")
        )
        parts.append(f"{said} as {ident(str(flag))}")
    ws.con.execute(f"create or replace temp table flag_of_party as select {', '.join(parts)} from case_fact as c")
    place = pack.options["place_words"]
    ws.con.execute(
        "create or replace temp table household_words as select h.household_id, "
        f"{says('g.notes', pack.lists[str(pack.options['struck_list'])])} as struck, "
        f"{says('w.place', pack.lists[str(place['urban'])])} as urban_place, "
        f"{says('w.place', pack.lists[str(place['rural'])])} as rural_place "
        "from household as h left join register_household as g using (household_id) "
        "left join (select x.household_id, any_value(coalesce(y.domicile, y.address)) as place "
        "from household_party as x inner join party as y using (party_id) where x.tier = 'NEW' "
        "group by x.household_id) as p using (household_id), "
        "lateral (select coalesce(p.place, concat_ws('', h.town, h.village)) as place) as w"
    )


# -- Flags from free text ----------------------------------------------------------------------------------------------
# Flags from free text: words of the pack that say a fact, unless a word of denial stands right before them.
# Comes in: word lists of the pack, facts of sentences (text_fact). Goes out: SQL expressions, true where the text
# says it, false where it does not.
def says(column: str, words: WordList) -> str:
    """SQL: does ``column`` say one of ``words``? RE2 has no look-behind, so denied words are cut out first."""
    if not words.values:
        return "false"
    any_word = "|".join(re.escape(w) for w in words.values)
    text = f"coalesce({column}, '')"
    if words.not_after:
        denied = "|".join(re.escape(w) for w in words.not_after)
        text = f"regexp_replace({text}, {literal(f'(?:{denied})(?:{any_word})')}, '', 'g')"
    return f"regexp_matches({text}, {literal(any_word)})"


def stated(fact: str, *, own: bool) -> str:
    """SQL over case_fact as c: does a sentence state ``fact`` of this party?

    What is said of nobody by name (双方互殴) holds for all parties of the event, unless ``own``: then only for an
    event's only victim.
    """
    nobody = "c.victim_count = 1 and (c.claims or list_contains(c.roles, '被害人'))" if own else "true"
    return (
        f"exists (select 1 from text_fact as t where t.event_id = c.event_id and t.fact = {literal(fact)} "
        f"and t.value = '是' and (t.party_id = c.party_id or (t.party_id is null and {nobody})))"
    )


# -- selective charges -------------------------------------------------------------------------------------------------
# 生产、销售伪劣农药、兽药罪 is charged as 销售伪劣农药罪, or any other choice of its parts.
# Comes in: a charge of a case, the charges that the pack lists. Goes out: the listed ones of which it is a choice.
# By rule and not by list: what is left out reaches over at least one 、.
_SIGN, _END = "、", "罪"


def chosen_from(charge: str, listed: Iterable[str]) -> list[str]:
    """The selective charges of ``listed`` of which ``charge`` names a part."""
    return [full for full in listed if _SIGN in full and full != charge and _is_choice(charge, full)]


def _is_choice(charge: str, full: str) -> bool:
    part, whole = charge.removesuffix(_END), full.removesuffix(_END)
    if not part or len(part) >= len(whole):
        return False
    starts, ends = _starts(whole), {len(whole) - n for n in _starts(whole[::-1])}

    @cache
    def rest(i: int, j: int, cut: bool) -> bool:
        """Whether part[j:] is whole[i:] with pieces left out, each with a 、 in it. ``cut``: one ends here."""
        if i == len(whole):
            return j == len(part)
        if j < len(part) and whole[i] == part[j] and rest(i + 1, j + 1, False):
            return True
        sign = whole.find(_SIGN, i)
        if cut or sign < 0:
            return False
        behind = starts if i == 0 else range(sign + 1, len(whole))
        return any(rest(k, j, True) for k in behind) or (i in ends and j == len(part))

    return rest(0, 0, False)


def _starts(whole: str) -> set[int]:
    """Where a form may begin: behind items that hold nothing of what the others share.

    生产 of 生产、销售伪劣农药 may go; 强制猥亵 of 强制猥亵、侮辱 may not: it is longer than the item behind it, and so
    holds what both share.
    """
    found, at = set(), 0
    items = whole.split(_SIGN)
    for item, after in pairwise(items):
        if len(item) > len(after):
            break
        at += len(item) + 1
        found.add(at)
    return found
