"""Code tables and open lists of words: what a bound on a scale stands for, which word is none, what is near.

Comes in: a code table or a field of the pack, a bound or a word. Goes out: the codes that certainly fit and those of
which one cannot say (重伤(级别不明) beside 重伤一级: it is either of two grades); what is in neither does not fit. Of a
field without a table, what is wrong with a word: the vocabulary says in which file of lists/ the known words stand
(``listed``) and how every word of the data ends (``ending``): what ends otherwise never hits.
"""

from __future__ import annotations

from pathlib import PurePath

from clue_engine.errors import Level
from clue_engine.language import types as t
from clue_engine.language.vocabulary import suggest
from clue_engine.pack.model import CodeSet, Field, Pack, WordList

NOT_LIGHTER, NOT_GRAVER = "不轻于", "不重于"
OPERATORS = (NOT_LIGHTER, NOT_GRAVER)
MIRROR = {NOT_LIGHTER: NOT_GRAVER, NOT_GRAVER: NOT_LIGHTER}


def grades(codes: CodeSet) -> list[str]:
    """The codes that are one grade each, worst first."""
    return [v for v in codes.values if v not in codes.unordered and v not in (codes.spans or {})]


def sets(codes: CodeSet, op: str, bound: str, *, strict: bool = False) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The codes that fit, and those that may: a span fits when all its grades do, may when some do."""
    scale = grades(codes)
    at = scale.index(bound)
    near = scale[:at] if op == NOT_LIGHTER else scale[at + 1 :]
    fitting = {*near, *(() if strict else (bound,))}
    sure, perhaps = [], []
    for code in codes.values:
        own = (codes.spans or {}).get(code, (code,))
        if code in codes.unordered:
            perhaps += [code] if code not in codes.outside else []
        elif all(grade in fitting for grade in own):
            sure.append(code)
        elif any(grade in fitting for grade in own):
            perhaps.append(code)
    return tuple(sure), tuple(perhaps)


def scale_text(codes: CodeSet) -> str:
    """The values of a table as every page shows them; of a scale, which end is the worst and what is not on it."""
    if not codes.ordered:
        return "、".join(codes.values)
    parts = ["从重到轻：" + "、".join(v for v in codes.values if v not in codes.unordered)]
    parts += [f"{code}可能是{'或'.join(own)}" for code, own in (codes.spans or {}).items()]
    unknown = [v for v in codes.unordered if v not in codes.outside]
    parts += [f"轻重不明：{'、'.join(unknown)}"] if unknown else []
    return "；".join([*parts, *([f"不分轻重：{'、'.join(codes.outside)}"] if codes.outside else [])])


def spelled_out(body: t.Bool) -> list[str]:
    """What every 不轻于, 不重于 of a condition stands for, each once: shown wherever the condition is."""
    found: dict[str, None] = {}
    for node in t.walk(body):
        if isinstance(node, t.Quant) and node.body is not None:
            found |= dict.fromkeys(spelled_out(node.body))
        elif isinstance(node, t.InSet) and node.spelled:
            found[t.shown(node)] = None
    return list(found)


# -- words of lists ----------------------------------------------------------------------------------------------------
def is_open(each: Field) -> bool:
    return bool(each.listed or each.ending)


def open_fault(each: Field, pack: Pack, word: str, *, in_list: bool = False) -> tuple[Level, str, str] | None:
    """Level, message and hint; None when the word is known. A list may name what no other list names."""
    never = bool(each.ending) and not word.endswith(each.ending)
    known = _known(each, pack)
    if not never and (in_list or not known or word in known):
        return None
    message = f"{each.label}没有取值“{word}”" if never else f"各词表都没有{each.label}“{word}”"
    return "error" if never else "warning", message, _near(each, pack, word, known)


def _known(each: Field, pack: Pack) -> list[str]:
    return list(dict.fromkeys(v for found in _lists(each, pack) for v in found.values))


def _lists(each: Field, pack: Pack) -> list[WordList]:
    own = [w for w in pack.lists.values() if w.mark is not None and PurePath(w.mark.file).stem == each.listed]
    return own if each.listed else []


def _core(each: Field, word: str) -> str:
    return next((word.removesuffix(e) for e in each.ending if word.endswith(e)), word)


def _near(each: Field, pack: Pack, word: str, known: list[str]) -> str:
    """The words that hold this one or stand in it, and the lists of that name."""
    core = _core(each, word)
    cores = {_core(each, k): k for k in known}
    values = [cores[core]] if core in cores else []
    values += sorted((k for c, k in cores.items() if len(core) > 1 and core != c and c in core), key=len, reverse=True)
    values = values or [k for c, k in cores.items() if len(core) > 1 and core in c][:2]
    lists = [w.name for w in _lists(each, pack) if w.name in values or (len(core) > 1 and core in w.name)]
    if not values and not lists:
        return suggest(word, known) or (f"写法都以“{'”“'.join(each.ending)}”收尾" if each.ending else "核对写法")
    told = [*(f"'{v}'" for v in values[:2]), *(f"词表 @{w}" for w in lists[:1])]
    return f"是否想写 {'，或'.join(told)}？"
