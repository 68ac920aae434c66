"""What the cells of a line say in words: rules, reason, missing facts, what to check, notes.

Comes in: the rows of the clue tables that belong to one clue. Goes out: text; several sentences stand one below the
other, numbered (a CSV shows them on one line).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from clue_engine.export.privacy import plain, redact
from clue_engine.pack.model import Hold, Rule
from clue_engine.values.mask import mask_name

Rows = Sequence[Mapping[str, Any]]
NOT_REGISTERED = "名册中没有此人：先查户籍和家庭情况"
_ENDS = "。！？"


def numbered(texts: Iterable[str], end: str = "") -> str:
    """Each different text once, on a line of its own; a single one without a number. ``end`` closes a sentence."""
    lines = [plain(redact(text)) for text in texts if text]
    lines = [line if line[-1:] in _ENDS else line + end for line in dict.fromkeys(lines) if line]
    return lines[0] if len(lines) == 1 else "\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1))


def rules_text(spoken: Rows) -> str:
    return numbered(f"{r['rule_id']} {r['title']}" for r in spoken)


def missing_text(missing: Rows) -> str:
    return numbered(f"{m['field_label']}待核（{m['holder'] or '入户核实'}）" for m in missing)


def reason_text(clue: Mapping[str, Any], spoken: Rows, missing: Rows, bearing: Rows, asks: Mapping[str, str]) -> str:
    """The sentences of the rules, weightiest first; an open clue says what would decide it. ``asks`` by hold."""
    questions = [
        asks[h["hold_id"]] for h in bearing
        if h["outcome"] == 2 and h["action"] in ("suppress", "hold") and h["hold_id"] in asks
    ]  # fmt: skip
    pending = "、".join(dict.fromkeys(questions)) + "待核"
    told = [r["reason"] for r in spoken if r["kind"] in ("hit", "lost") and not (r["superseded"] or r["trial"])]
    told += [f"{r['reason']}（{pending}）" for r in spoken if r["kind"] == "pending" and not r["superseded"]]
    if clue["status"] in ("待核", "折叠"):
        told += _possible([r for r in spoken if r["kind"] == "unknown"])
    told += [f"试行规则：{r['reason']}" for r in spoken if r["kind"] == "hit" and r["trial"]]
    deciding = [m for m in missing if m["decides"] and m["field_label"] not in questions]
    if clue["status"] in ("待核", "折叠") and deciding:
        who = f"，由{deciding[0]['holder']}掌握" if deciding[0]["holder"] else ""
        told.append(f"{deciding[0]['field_label']}待核{who}")
    return numbered(_said_once(told), "。")


def _said_once(told: Iterable[str]) -> list[str]:
    """The sentences, each part (between ；) in the first only that says it: hardship is told once."""
    said: set[str] = set()
    found = []
    for sentence in dict.fromkeys(told):
        parts = [part for n, part in enumerate(sentence.split("；")) if n == 0 or part not in said]
        said.update(parts)
        found.append("；".join(parts))
    return found


def _possible(spoken: Rows) -> list[str]:
    """What is known of the case, then which rules it may meet: said once for all that know the same."""
    by_known: dict[str, list[str]] = {}
    for rule in spoken:
        by_known.setdefault(rule["reason"] or "", []).append(f"“{rule['title']}”")
    return [
        f"{known}；可能符合{'、'.join(titles)}" if known else f"可能符合{'、'.join(titles)}"
        for known, titles in by_known.items()
    ]


LEDGER = "台账："  # where a line stands, before its notes
OFFICE, FILES = "向", "案头："  # 向民政部门核对名单; 案头：核对伤情鉴定: neither is asked at the door


def check_text(
    clue: Mapping[str, Any], spoken: Rows, bearing: Rows, rules: Mapping[str, Rule], holds: Mapping[str, Hold],
    at_the_desk: Sequence[str],
) -> str:  # fmt: skip
    """What to ask: at the door first, then of offices and in the files; of the open holds before the rules.

    ``at_the_desk``: words of what is looked up in files.
    """
    asked: list[str] = ["先核实身份"] if clue["strength"] == "疑似" else []
    for hold in bearing:
        if hold["hold_id"] in holds and hold["outcome"] == 2:
            asked += holds[hold["hold_id"]].check
    for rule in spoken:
        if rule["rule_id"] in rules:
            asked += rules[rule["rule_id"]].check
    said = [FILES + a if _is_filed(a, at_the_desk) else a for a in map(str, asked)]
    return numbered(sorted(said, key=lambda text: text.startswith((OFFICE, FILES))))


def _is_filed(text: str, words: Sequence[str]) -> bool:
    return not text.startswith(OFFICE) and any(word in text for word in words)


OTHER_CASE = "本户另有"  # of a row, before whoever else is in it


def other_cases(rows: Rows, *, full: bool) -> list[str]:
    """本户另有1件：某甲，重伤二级，2026-07-06受理: of whom the row does not speak. ``full`` names a child."""
    told = []
    for row in rows:
        name = row["name"] if full or not row["minor"] else mask_name(row["name"])
        day = row["accepted_on_lo"]
        parts = [name, row["harm"], f"{day}受理" if day else None]
        told.append("，".join(plain(redact(str(part))) for part in parts if part))
    return [f"{OTHER_CASE}{len(told)}件：{'；'.join(told)}"] if told else []


def note_text(clue: Mapping[str, Any], bearing: Rows, asks: Mapping[str, str], others: Sequence[str] = ()) -> str:
    notes = ["急需先行救助"] if clue["urgent"] else []
    notes += others
    lowered = "已降一档：" if clue["downgraded"] else ""
    told = "title" if clue["no_crime_detail"] else "text"
    for hold in bearing:
        if hold["outcome"] == 1 and hold["action"] in ("downgrade", "note", "reroute"):
            notes.append((lowered if hold["action"] == "downgrade" else "") + hold[told])
    notes += [f"{asks.get(h['hold_id'], '是否' + h['title'])}待核" for h in bearing if h["outcome"] == 2]
    return numbered(notes)


def held_text(clue: Mapping[str, Any], holds: Rows) -> str:
    told = "title" if clue["no_crime_detail"] else "text"
    return numbered(h[told] for h in holds if h["action"] in ("suppress", "hold") and h["outcome"] == 1)


def match_text(clue: Mapping[str, Any], case: Mapping[str, Any]) -> str:
    """How surely the person of the case is the person of the household, and why."""
    if case.get("link_tier") == "NEW":
        return NOT_REGISTERED
    reason = plain(redact(case.get("link_reason")))
    doubt = "（先核实身份）" if clue["strength"] == "疑似" else ""
    return f"{clue['strength']}{doubt}" + (f"：{reason}" if reason else "")


def sources_text(sources: Rows) -> str:
    """File by file with its row numbers: 被害人清单.csv第2、5行."""
    files: dict[str, list[str]] = {}
    for source in sources:
        files.setdefault(source["file"], []).append(str(source["row_no"]))
    return "；".join(f"{plain(redact(file))}第{'、'.join(rows)}行" for file, rows in files.items())
