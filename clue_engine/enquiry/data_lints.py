"""Findings about a pack beside the results of a scan: what fires never or too often, what the data do not hold.

Comes in: a scanned workspace and the pack. Goes out: diagnostics CE9xx. Nothing is written. Limits are options of the
pack: ``options.lint: {max_share: 20%, missing_share: 80%, overlap: 95%, slow_seconds: 5, least: 20}``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from clue_engine.decide.columns import Reader
from clue_engine.decide.rows import Rows, household_ids
from clue_engine.decide.verdicts import Verdicts
from clue_engine.errors import ClueError, Diagnostic, Level, Mark
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack, CheckedRule, check_pack
from clue_engine.language.compile import Compiler
from clue_engine.language.lexer import diagnose
from clue_engine.language.reads import mentioned
from clue_engine.pack.model import Field, Pack, Relation, WordList
from clue_engine.pack.parameters import limits_of
from clue_engine.workspace import Workspace, ident

_LIMITS = {
    "max_share": ("share", 0.2), "missing_share": ("share", 0.8), "overlap": ("share", 0.95),
    "slow_seconds": ("number", 5.0), "least": ("number", 20.0),
}  # fmt: skip
_SHOWN = 8  # values of a list that a message names
_Use = tuple[Relation, Field]


@dataclass(frozen=True)
class _Scan:
    """A workspace beside the pack: the rules that ran, and the limits."""

    ws: Workspace
    checked: CheckedPack
    rules: Mapping[str, CheckedRule]
    limits: Mapping[str, float]
    as_of: dt.date


def data_lints(ws: Workspace, pack: Pack) -> list[Diagnostic]:
    """All findings CE9xx, ordered by place. Raises CE-U08 when the workspace was never scanned."""
    if not ws.has_table("hit") or not ws.has_table("rule_run"):
        hint = f"先运行 clue-engine scan -w {ws.directory}"
        raise ClueError("CE-U08", "工作区里还没有扫描结果", place=str(ws.directory), hint=hint)
    checked, _ = check_pack(pack)
    ran = {row[0] for row in ws.rows("select rule_id from rule_run where error is null")}
    rules = {i: r for i, r in checked.rules.items() if i in ran}
    meta = dict(ws.rows("select key, value from run_meta")) if ws.has_table("run_meta") else {}
    scan = _Scan(
        ws, checked, rules, limits_of(pack, "lint", _LIMITS), dt.date.fromisoformat(meta.get("as_of", "2000-01-01"))
    )
    found = [*_same_pack(pack, meta), *_fires(scan), *_slow(scan), *_overlaps(scan)]
    uses = _uses(scan)
    found += [*_values(scan, uses), *_missing(scan, uses)]
    return sorted(found, key=lambda d: (d.mark, d.code))


def _say(rule: CheckedRule, code: str, message: str, hint: str, level: Level = "warning") -> Diagnostic:
    text = rule.rule.when
    return diagnose(text, 0, len(text), code, f"{rule.rule.id}“{rule.rule.title}”{message}", hint, level)


def _same_pack(pack: Pack, meta: Mapping[str, str]) -> Iterator[Diagnostic]:
    if meta.get("pack_hash") not in (None, pack.hash):
        message = "上一次扫描用的不是这份规则（或不是这份本地参数），下面对照数据的结果可能已经过时"
        where = Mark(f"{pack.root}/pack.yaml", 1, 1)
        yield Diagnostic("CE907", "note", message, where, 1, "重新扫描后再检查：clue-engine scan")


# -- rules -----------------------------------------------------------------------------------------------------------
def _fires(scan: _Scan) -> Iterator[Diagnostic]:
    """CE901 nobody, CE902 more than a set share of all households."""
    n_households = scan.ws.rows(f"select count(*) from {ident(scan.checked.vocabulary.household.table)}")[0][0]
    for rule_id, n_hit, n_unknown in scan.ws.rows("select rule_id, n_hit, n_unknown from rule_run order by rule_id"):
        rule = scan.rules.get(rule_id)
        if rule is None or not n_households:
            continue
        if not n_hit and not rule.rule.rare:
            hint = (
                f"有 {n_unknown} 户因数据缺失不能判断，看缺的是什么"
                if n_unknown
                else "检查条件；数据里本来没有时不必理会"
            )
            yield _say(rule, "CE901", "没有命中任何一户", hint)
        share = n_hit / n_households
        if share > scan.limits["max_share"] and n_hit >= scan.limits["least"]:
            message = f"命中 {n_hit} 户，占全部户的 {share:.0%}，超过 {scan.limits['max_share']:.0%}"
            yield _say(rule, "CE902", message, "条件太宽，核实不过来；加上能缩小范围的条件")


def _slow(scan: _Scan) -> Iterator[Diagnostic]:
    """CE906."""
    for rule_id, seconds in scan.ws.rows("select rule_id, seconds from rule_run order by rule_id"):
        if seconds > scan.limits["slow_seconds"] and rule_id in scan.rules:
            yield _say(
                scan.rules[rule_id], "CE906", f"扫描用了 {seconds:.0f} 秒", "把 sum、min、max 换成 any 或 count", "note"
            )


def _overlaps(scan: _Scan) -> Iterator[Diagnostic]:
    """CE905: two rules of a direction that hit nearly the same households."""
    sizes = dict(scan.ws.rows("select rule_id, count(*) from hit where outcome = 1 group by rule_id"))
    pairs = scan.ws.rows(
        "select a.rule_id, b.rule_id, count(*) from hit a join hit b using (household_id, direction) "
        "where a.rule_id < b.rule_id and a.outcome = 1 and b.outcome = 1 group by all order by all"
    )
    for left, right, both in pairs:
        a, b = scan.rules.get(left), scan.rules.get(right)
        if a is None or b is None or right in a.rule.supersedes or left in b.rule.supersedes:
            continue
        share = both / (sizes[left] + sizes[right] - both)
        if share > scan.limits["overlap"] and both >= scan.limits["least"]:
            message = f"与 {left}“{a.rule.title}”命中的户有 {share:.0%} 相同（{both} 户）"
            yield _say(b, "CE905", message, "合成一条，或用 supersedes 写明哪一条取代哪一条")


# -- fields and lists ------------------------------------------------------------------------------------------------
def _uses(scan: _Scan) -> dict[tuple[str, str], tuple[_Use, list[t.Atom], list[str]]]:
    """(relation, field) -> the field, the tests on it, the rules that use it (through definitions, too)."""
    found: dict[tuple[str, str], tuple[_Use, list[t.Atom], list[str]]] = {}
    for rule_id, rule in sorted(scan.rules.items()):
        for atom in _atoms(scan.checked, rule.when):
            for ref in t.atom_refs(atom):
                if isinstance(ref, t.FieldRef):
                    use = found.setdefault(t.fact_key(ref), ((ref.relation, ref.field), [], []))
                    use[1].append(atom)
                    if rule_id not in use[2]:
                        use[2].append(rule_id)
    return found


def _atoms(checked: CheckedPack, body: t.Bool) -> Iterator[t.Atom]:
    bodies, todo, seen = [body], list(mentioned(body)), set()
    while todo:
        key = todo.pop()
        definition = checked.definitions.get(key)
        if key not in seen and definition is not None and definition.body is not None:
            bodies.append(definition.body)
            todo += list(mentioned(definition.body))
        seen.add(key)
    while bodies:
        for node in t.walk(bodies.pop()):
            if isinstance(node, t.Test | t.InSet | t.Contains | t.IsTrue | t.Known):
                yield node
            elif isinstance(node, t.Quant) and node.body is not None:
                bodies.append(node.body)


def _values(scan: _Scan, uses: Mapping[tuple[str, str], tuple[_Use, list[t.Atom], list[str]]]) -> Iterator[Diagnostic]:
    """CE903: values of a list that occur in none of the fields it is held against."""
    seen: dict[str, set[str]] = {}
    lists: dict[object, WordList] = {w.values: w for w in scan.checked.pack.lists.values()}
    for (relation, each), atoms, _ in uses.values():
        if not scan.ws.rows(f"select 1 from {ident(relation.table)} limit 1"):
            continue  # nothing was loaded: that is said elsewhere
        for atom in dict.fromkeys(a for a in atoms if isinstance(a, t.InSet | t.Contains)):
            members = atom.members if isinstance(atom, t.InSet) else atom.words
            one = lists.get(members) if isinstance(members, tuple) else None
            if one is not None:
                seen.setdefault(one.name, set()).update(_occurring(scan, relation, each, one))
    for name in sorted(seen):
        one = scan.checked.pack.lists[name]
        absent = [v for v in one.values if v not in seen[name]]
        if absent and one.mark is not None:
            shown = "、".join(absent[:_SHOWN]) + ("……" if len(absent) > _SHOWN else "")
            message = f"名单“{name}”有 {len(absent)} 项在数据里没有出现过：{shown}"
            hint = "核对写法；本县数据里本来没有时不必理会"
            yield Diagnostic("CE903", "note", message, one.mark, len(name), hint)


def _occurring(scan: _Scan, relation: Relation, each: Field, one: WordList) -> set[str]:
    """The values of a list that occur in a column: equal, in a list of codes, or inside a text."""
    column = f"r.{ident(each.name)}"
    test = {"codes": f"list_contains({column}, v)", "text": f"contains({column}, v)"}.get(each.type, f"{column} = v")
    sql = f"select v from unnest($1) as words(v) where exists (select 1 from {ident(relation.table)} r where {test})"
    return {row[0] for row in scan.ws.rows(sql, [list(one.values)])}


def _missing(scan: _Scan, uses: Mapping[tuple[str, str], tuple[_Use, list[t.Atom], list[str]]]) -> Iterator[Diagnostic]:
    """CE904: a field that rules use and that most rows, of those it applies to, do not have."""
    for _, ((relation, each), _, rules) in sorted(uses.items(), key=lambda item: item[0]):
        if each.missing.kind in ("said", "absent") or each.mark is None:
            continue
        total, known = _filled(scan, relation, each)
        if total >= scan.limits["least"] and 1 - known / total > scan.limits["missing_share"]:
            message = f"字段“{each.label}”在 {total} 行里有 {1 - known / total:.0%} 缺失，用到它的规则多半只能待核"
            hint = f"用到它的规则：{'、'.join(rules[:_SHOWN])}；数据由{each.holder or '提供单位'}补充，或改用别的字段"
            yield Diagnostic("CE904", "warning", message, each.mark, len(each.name), hint)


def _filled(scan: _Scan, relation: Relation, each: Field) -> tuple[int, int]:
    """In how many rows a field applies, and in how many of them it is known."""
    checked = scan.checked
    tables = {r.name: ident(r.table) for r in checked.pack.relations}
    rows = Rows(
        tables, dict.fromkeys(tables, True), household_ids(scan.ws.con, ident(checked.vocabulary.household.table))
    )
    reader = Reader(Compiler(checked.vocabulary, scan.as_of), rows, relation)
    senseless = checked.vocabulary.not_applicable.get((relation.name, each.name), t.Not(t.Known(t.AsOf())))
    reader.register(senseless)
    column = reader.own.column(f"{reader.row}.{ident(each.name + ('_lo' if each.interval else ''))} is not null")
    total = known = 0
    for first, last in reader.parts():
        read = reader.read(scan.ws.con, first, last)
        fits = Verdicts(read).condition(senseless) != 1
        total += int(fits.sum())
        known += int((fits & read.own.true(column)).sum())
    return total, known
