"""Fields of codes without a code table: is a word one of those that lists name, and which is near.

Comes in: a field, a pack and a word. Goes out: what is wrong with the word. The vocabulary says in which file of lists/
the known words stand (``listed``) and how every word of the data ends (``ending``): what ends otherwise never hits.
"""

from __future__ import annotations

from pathlib import PurePath

from clue_engine.errors import Level
from clue_engine.language.vocabulary import suggest
from clue_engine.pack.model import Field, Pack, WordList


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


def _near(each: Field, pack: Pack, word: str, known: list[str]) -> str:
    """The words that hold this one or stand in it, and the lists of that name."""
    core = word.removesuffix(each.ending)
    cores = {k.removesuffix(each.ending): k for k in known}
    values = [cores[core]] if core in cores else []
    values += sorted((k for c, k in cores.items() if len(core) > 1 and core != c and c in core), key=len, reverse=True)
    values = values or [k for c, k in cores.items() if len(core) > 1 and core in c][:2]
    lists = [w.name for w in _lists(each, pack) if w.name in values or (len(core) > 1 and core in w.name)]
    if not values and not lists:
        return suggest(word, known) or (f"写法都以“{each.ending}”收尾" if each.ending else "核对写法")
    told = [*(f"'{v}'" for v in values[:2]), *(f"词表 @{w}" for w in lists[:1])]
    return f"是否想写 {'，或'.join(told)}？"
