"""The regular form of each type in SQL, over whole columns; any other text goes, once, to readings.py.

Comes in: an SQL expression for the trimmed text. Goes out: a test "is regular" and the typed values of a regular
text. Each form is a subset on which SQL and the reference function agree (tests/test_ingest_regular.py holds them
together).
"""

from __future__ import annotations

import re

from clue_engine.values.identity import _WEIGHTS
from clue_engine.values.name import LOOK_ALIKE, TITLES
from clue_engine.values.text import APOSTROPHES, BLANKS, FLOAT, FORMULA, NULL_WORDS
from clue_engine.workspace import literal

_NULLS = "|".join(re.escape(word) for word in NULL_WORDS)  # anchored: most texts fail at their first byte
# Titles, 等N人, words like 不详 and characters that only look like the usual ones are for the reference function.
_ENDINGS = "|".join([*TITLES, "[人名位等]", *(w for w in NULL_WORDS if len(w) > 1 and w.isalpha())])
_NO_NAME = f"(?:{_ENDINGS})$|[{LOOK_ALIKE}]"


def trimmed(cell: str) -> str:
    """``values.text.strip`` in SQL."""
    return f"ltrim(rtrim({cell}, {literal(BLANKS)}), {literal(BLANKS + APOSTROPHES)})"


def says_nothing(text: str) -> str:
    """True for an empty text and for words like 不详."""
    return f"regexp_full_match({text}, {literal('|' + _NULLS)})"


def said(cell: str) -> str:
    """The trimmed text of a cell; NULL when it says nothing."""
    return f"case when {says_nothing(trimmed(cell))} then null else {trimmed(cell)} end"


_EDGE = "[" + re.escape(BLANKS + APOSTROPHES) + "]"
_SAYS_NOTHING_OR_LOST = f"{_EDGE}*(?:{_NULLS}|{FLOAT}|{FORMULA}){_EDGE}*"
_BLANK_AT_END = f"^{_EDGE}|{_EDGE}$"


def is_regular(kind: str, text: str, unit_limit: float | None = None) -> str:
    """The test for a type; NULL-free for a text that is not NULL. But for texts, true only without blanks around."""
    if kind == "text":
        return f"not regexp_full_match({text}, {literal(_SAYS_NOTHING_OR_LOST)})"
    if kind == "name":
        person = f"regexp_full_match({text}, '\\p{{Han}}{{2,6}}(·\\p{{Han}}{{1,8}})*')"
        return f"({person} and not regexp_matches({text}, {literal(_NO_NAME)}))"
    if kind == "id":
        return f"(regexp_full_match({text}, '[1-9][0-9]{{16}}[0-9Xx]') and {_id_valid(text)})"
    if kind == "money":
        plain = f"regexp_full_match({text}, '[0-9]{{1,12}}(\\.[0-9]{{1,4}})?')"
        return (
            f"({plain} and cast(case when {plain} then {text} else '0' end as double) <= {unit_limit})"
            if unit_limit is not None
            else plain
        )
    if kind == "number":
        return f"regexp_full_match({text}, '[0-9]{{1,12}}(\\.[0-9]{{1,4}})?')"
    if kind == "phone":
        return f"regexp_full_match({text}, '1[0-9]{{10}}')"
    if kind == "caseno":
        plain = f"regexp_full_match({text}, '[\\p{{Han}}\\[\\]0-9A-Z]+')"
        named = f"(contains({text}, '号') and not suffix({text}, '号'))"  # the name of the case may stand behind it
        nothing = f"{says_nothing(text)} or regexp_full_match({text}, {literal(FLOAT)})"
        return f"({plain} and not {named} and not ({nothing}))"
    return "false"


def regular_values(kind: str, text: str, factor: float = 1.0) -> tuple[str, ...]:
    """The columns of a regular text or of NULL, in the order of ``readings.SHAPES``."""
    if kind == "text":  # one search finds the few cells that do not stay as they are
        said = f"case when regexp_matches({text}, {literal(_BLANK_AT_END)}) then {trimmed(text)} else {text} end"
        return (f"nullif({said}, '')",)
    if kind == "name":
        return (text, "null")
    if kind == "id":
        return (f"upper({text})", f"case when {text} is null then 'none' else 'ok' end", "null", "null", "null")
    if kind == "money":
        value = f"try_cast({text} as double)"
        return (value if factor == 1.0 else f"round({value} * {factor}, 2)", "null")
    if kind == "number":
        return (f"try_cast({text} as double)",)
    return (text,)


def _id_valid(text: str) -> str:
    """Check digit and birth date of GB 11643-1999, unrolled: list functions are many times slower (measured)."""
    digits = " + ".join(f"{w} * (ascii(substr({text}, {i}, 1)) - 48)" for i, w in enumerate(_WEIGHTS, 1))
    born = f"try_cast(substr({text}, 7, 4) || '-' || substr({text}, 11, 2) || '-' || substr({text}, 13, 2) as date)"
    return (
        f"substr({text}, 1, 6) <> '999999'"
        f" and coalesce({born} between date '1880-01-01' and date '2100-12-31', false)"
        f" and substr('10X98765432', cast(1 + ({digits}) % 11 as bigint), 1) = upper(substr({text}, 18, 1))"
    )
