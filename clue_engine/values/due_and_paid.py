"""What is due and what was paid of it in one cell: 判11万/未付, 105万/已付, 应赔29000元/付8000元.

Comes in: a cell. Goes out: the amount due, how it was paid in words, the amount paid; None for a cell of another form.
"""

from __future__ import annotations

import re

from clue_engine.values.text import cell_text, half_width

_AMOUNT = re.compile(
    r"(?:[判应需共约已实赔付给执行到位领取]|判决|判赔|协议|约定|部分|垫付)*([0-9][0-9,]*(?:\.[0-9]+)?(?:万|千)?元?)(?:左右|余)?"
)
_ALL = frozenset({"已付", "已赔", "付清", "全部", "已付清", "全付", "全部付清", "已兑现", "两清", "已结清", "已全付", "已赔付", "已赔清", "足额", "已到位", "全部到位", "已领"})  # fmt: skip
_NONE = frozenset({"未付", "未赔", "没付", "没赔", "分文未付", "分文未赔", "未兑现", "未到位", "未执行", "未履行", "0", "0元", "0万", "0万元", "无"})  # fmt: skip
_LONGEST = 40


def due_and_paid(cell: str | None) -> tuple[str, str, str] | None:
    """``(due, state, paid)``; "" for what the cell does not say."""
    text = cell_text(cell)
    parts = [part.strip() for part in half_width(text).split("/")] if text is not None and len(text) <= _LONGEST else []
    if len(parts) != 2 or not all(parts):
        return None
    due, paid = (_AMOUNT.fullmatch(part) for part in parts)
    if parts[1] in _NONE:
        state, amount = "未赔偿", ""
    elif parts[1] in _ALL:
        state, amount = "已足额", ""
    else:
        state, amount = ("", paid[1]) if paid else (parts[1], "")
    return (due[1] if due else ""), state, amount
