"""Rows that a rule test gives in words -> fact rows with typed values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clue_engine.language.codes import is_open, open_fault
from clue_engine.language.lexer import tokenize
from clue_engine.language.types import EVENT
from clue_engine.language.vocabulary import HOUSEHOLD, Vocabulary, suggest
from clue_engine.pack.model import Field, Relation

MISSING = "缺失"
PERSON, KIN, WHO = "是", "亲属", "谁"
_RESERVED = ("name", "like", "expect", "missing", "as_of", "title")


@dataclass
class Given:
    """One test once its likes are followed: rows by relation label, kin lines, problems found on the way."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    kin: list[Mapping[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def given(test: Mapping[str, Any], tests: Mapping[str, Mapping[str, Any]], depth: int = 0) -> Given:
    """The rows of a test: those of ``like`` first, then its own on top. 涉案.0 patches one row, or adds the next."""
    found = Given()
    like = test.get("like")
    if like is not None:
        if str(like) not in tests or depth > 20:
            found.problems.append(f"like 的测试“{like}”不存在或绕成了圈")
        else:
            found = given(tests[str(like)], tests, depth + 1)
    for key, value in test.items():
        word = str(key)
        relation, dot, number = word.partition(".")
        if word in _RESERVED:
            continue
        if word == KIN:
            found.kin = list(value)
        elif dot and number.isdigit() and isinstance(value, Mapping):
            rows = found.rows.setdefault(relation, [])
            while len(rows) <= int(number):
                rows.append({})
            rows[int(number)] = {**rows[int(number)], **{str(k): v for k, v in value.items()}}
        elif isinstance(value, Mapping):
            before = found.rows.get(relation) or [{}]
            found.rows[relation] = [{**before[0], **{str(k): v for k, v in value.items()}}]
        elif isinstance(value, list | tuple) and all(isinstance(v, Mapping) for v in value):
            found.rows[relation] = [{str(k): v for k, v in row.items()} for row in value]
        else:
            found.problems.append(f"测试里不认识“{word}”")
    return found


def typed(each: Field, raw: Any, vocabulary: Vocabulary) -> tuple[Any, str]:
    """A value as the fact table holds it, or a problem in words. 缺失 is None."""
    if each.type == "codes":
        words = [str(v) for v in raw] if isinstance(raw, list | tuple) else [str(raw)]
        if words == [MISSING]:
            return None, ""
        faults = [open_fault(each, vocabulary.pack, w) for w in words] if is_open(each) else []
        never = next((f"{f[1]}。{f[2]}" for f in faults if f is not None and f[0] == "error"), "")
        if never:
            return words, never
        wrong = [w for w in words if _code(each, w, vocabulary) is None]
        return [_code(each, w, vocabulary) for w in words], _no_code(each, wrong, vocabulary)
    if isinstance(raw, list | tuple):
        return None, f"{each.label} 只能有一个值"
    word = str(raw).strip()
    if word == MISSING:
        return None, ""
    if each.type == "text":
        return word, ""
    if each.type == "code":
        code = _code(each, word, vocabulary)
        return code, _no_code(each, [word], vocabulary) if code is None else ""
    return _scalar(each, word)


def _scalar(each: Field, word: str) -> tuple[Any, str]:
    negative = word.startswith("-")
    tokens, _ = tokenize(word.removeprefix("-"))
    token = tokens[0] if len(tokens) == 2 else None
    kind = token.kind.removeprefix("literal:") if token else ""
    wrong = f"{each.label} 的值“{word}”看不懂"
    if token is None or token.value is None:
        return None, wrong
    if each.type in ("bool", "date"):
        return (token.value, "") if kind == each.type else (None, wrong)
    if not isinstance(token.value, float) or (each.type == "money" and kind != "money" and token.value):
        return None, wrong + ("，金额要带单位" if each.type == "money" else "")
    value = -token.value if negative else token.value
    if each.type == "duration" and kind == "duration" and token.unit != each.unit:
        if token.unit == "年" and each.unit == "月":
            value *= 12
        else:
            return None, f"{each.label} 的单位是{each.unit}"
    return value, ""


def _code(each: Field, word: str, vocabulary: Vocabulary) -> str | None:
    codes = vocabulary.codes.get(each.codes or "")
    if codes is None or word in codes.values:
        return word
    return codes.aliases.get(word)


def _no_code(each: Field, words: list[str], vocabulary: Vocabulary) -> str:
    if not words:
        return ""
    codes = vocabulary.codes[each.codes or ""]
    return f"{each.label} 没有取值“{words[0]}”。{suggest(words[0], [*codes.values, *codes.aliases])}"


@dataclass
class FactRow:
    relation: Relation
    values: dict[str, Any]
    stated: set[str]  # names of fields that the test gives or states as missing


def fact_rows(
    found: Given, household_id: int, defaults: Mapping[str, Mapping[str, Any]], vocabulary: Vocabulary
) -> tuple[list[FactRow], list[tuple[Any, ...]]]:
    """Rows of the fact tables for one test, and its kin lines. Problems go to ``found``."""
    persons: dict[str, int] = {}
    # Rows that name no event are of one and the same.
    events: dict[str, int | None] = {"": household_id * 1000, MISSING: None}
    rows: list[FactRow] = []
    own: dict[str, list[dict[str, Any]]] = {HOUSEHOLD: [{}], **found.rows}
    first_case: int | None = None
    for label, given_rows in own.items():
        relation = vocabulary.relations.get(label)
        if relation is None:
            found.problems.append(f"没有关系“{label}”。{suggest(label, vocabulary.relations)}")
            continue
        for n, given_row in enumerate(given_rows):
            key = str(given_row.get(PERSON) or f"{label}·{n}")
            person = persons.setdefault(key, household_id * 1000 + len(persons))
            row = _fact_row(relation, {**defaults.get(label, {}), **given_row}, found, vocabulary)
            row.values |= {"household_id": household_id, "certain": True}
            event = str(given_row.get(EVENT) or "")
            row.values["event_id"] = events.setdefault(event, household_id * 1000 + len(events))
            if label == HOUSEHOLD:
                row.values |= {"row_id": household_id, "person_id": None, "event_id": None}
            elif PERSON not in given_row and "救助" in label and first_case is not None:
                row.values["person_id"] = first_case
            else:
                row.values["person_id"] = person
            first_case = person if label == "涉案" and n == 0 else first_case
            rows.append(row)
    return rows, _kin(found, household_id, persons)


def _fact_row(relation: Relation, given_row: Mapping[str, Any], found: Given, vocabulary: Vocabulary) -> FactRow:
    values: dict[str, Any] = {}
    stated: set[str] = set()
    fields = vocabulary.fields[relation.name]
    for word, raw in given_row.items():
        each = fields.get(str(word))
        if each is None:
            if word not in (PERSON, EVENT):
                found.problems.append(f"{relation.label}没有字段“{word}”。{suggest(str(word), fields)}")
            continue
        value, problem = typed(each, raw, vocabulary)
        if problem:
            found.problems.append(problem)
        stated.add(each.name)
        for column in (each.name + "_lo", each.name + "_hi") if each.interval else (each.name,):
            values[column] = value
    for each in relation.fields:  # what an empty cell means there, it means here
        if each.name not in stated and each.missing.kind == "value" and each.missing.value is not None:
            value, _ = typed(each, each.missing.value, vocabulary)
            for column in (each.name + "_lo", each.name + "_hi") if each.interval else (each.name,):
                values[column] = value
    return FactRow(relation, values, stated)


def _kin(found: Given, household_id: int, persons: Mapping[str, int]) -> list[tuple[Any, ...]]:
    lines: list[tuple[Any, ...]] = []
    for line in found.kin:
        who = str(line.get(WHO, ""))
        for link, others in line.items():
            if str(link) == WHO:
                continue
            for other in others if isinstance(others, list | tuple) else [others]:
                if who not in persons or str(other) not in persons:
                    found.problems.append(f"亲属里的“{who}”或“{other}”没有对应的行（在行里写 是：{other}）")
                else:
                    lines.append((household_id, persons[who], str(link), persons[str(other)]))
    return lines


def day(raw: Any) -> dt.date | None:
    tokens, _ = tokenize(str(raw))
    value = tokens[0].value if tokens else None
    return value if isinstance(value, dt.date) else None
