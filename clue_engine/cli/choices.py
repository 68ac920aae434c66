"""A word of an option that must be one of some: itself, or an error with what may have been meant."""

from __future__ import annotations

from collections.abc import Iterable

from clue_engine.errors import ClueError


def one_of(word: str, names: Iterable[str], option: str, what: str) -> str:
    """The name that is meant. Raises CE-U02 with suggestions: a list of nothing would be taken for an answer."""
    from clue_engine.export.privacy import plain, redact
    from clue_engine.pack.suggest import fold, hint

    known = [name for name in dict.fromkeys(names) if name]
    for name in known:
        if fold(name) == fold(word):
            return name
    said = redact(plain(word))[:20]
    more = hint(word, known) or (f"这里有：{'、'.join(known[:12])}等 {len(known)} 个" if known else "这里一个也没有")
    raise ClueError("CE-U02", f"没有“{said}”这个{what}", place=option, hint=more)
