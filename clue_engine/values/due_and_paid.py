"""What is due and what was paid of it in one cell: 判11万/未付, 105万/已付, 应赔29000元/付8000元.

Comes in: a cell. Goes out: the amount due, how it was paid in words, the amount paid; None for a cell of another form.
"""

from __future__ import annotations

import re

from clue_engine.values.text import cell_text, half_width

_AMOUNT = re.compile(
    r"(?:[判应需共约已实赔付给执行到位领取]|判决|判赔|协议|约定|部分|垫付)*([0-9][0-9,]*(?:\.[0-9]+)?(?:万|千)?元?)(?:左右|余)?"
)
_ALL = re.compile("已?(?:全部?|足额)?(?:付|赔|赔付|兑现|到位|结清|领)?(?:清|完|到位)?|两清")
_NONE = re.compile("(?:未|没|没有|分文未|分文没)(?:付|赔|赔付|兑现|到位|执行|履行|给)|0(?:万?元|万)?|无")
_YEAR = re.compile("(?:19|20)[0-9]{2}年?")
_LONGEST = 40


def says_sums(cell: str) -> bool:
    """Whether a cell tells what was due or paid (判11万/未付); a heading names it (判赔/实赔)."""
    text = _YEAR.sub("", half_width(cell))
    return re.search("[0-9]", text) is not None or any(map(_NONE.fullmatch, text.split("/")))


def due_and_paid(cell: str | None) -> tuple[str, str, str] | None:
    """``(due, state, paid)``; "" for what the cell does not say."""
    text = cell_text(cell)
    parts = [part.strip() for part in half_width(text).split("/")] if text is not None and len(text) <= _LONGEST else []
    if len(parts) != 2 or not all(parts):
        return None
    due, paid = (_AMOUNT.fullmatch(part) for part in parts)
    if _NONE.fullmatch(parts[1]):
        state, amount = "未赔偿", ""
    elif _ALL.fullmatch(parts[1]):
        state, amount = "已足额", ""
    else:
        state, amount = ("", paid[1]) if paid else (parts[1], "")
    return (due[1] if due else ""), state, amount
