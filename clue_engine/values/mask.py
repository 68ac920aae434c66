"""What is shown instead of a value of a person: its masked form (GB/T 35273: 6 + 8×* + 4)."""

from __future__ import annotations

import re

_AMOUNT = re.compile(r"[+-]?[0-9]{1,7}(?:\.[0-9]{1,4})?(?:元|万元|%)?")
_DAY = re.compile(r"(?:19|20)[0-9]{2}[-/.年][0-9]{1,2}(?:[-/.月][0-9]{0,2})?日?(?: [0-9:]+)?")


def mask_id(number: str | None) -> str:
    """529921********1234; anything that is not 18 long keeps its ends only."""
    if not number:
        return ""
    if len(number) == 18:
        return number[:6] + "*" * 8 + number[14:]
    return number[:2] + "*" * max(len(number) - 4, 3) + number[-2:] if len(number) > 6 else "*" * len(number)


def mask_name(name: str | None) -> str:
    """张三 → 张*, 张小三 → 张*三, 阿某曼·图某 → 阿*."""
    if not name:
        return ""
    if "·" in name:
        return name[0] + "*"
    if len(name) <= 2:
        return name[0] + "*" * (len(name) - 1)
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_phone(number: str | None) -> str:
    """199****1234."""
    if not number:
        return ""
    return number[:3] + "*" * (len(number) - 7) + number[-4:] if len(number) >= 8 else "*" * len(number)


def mask_cell(text: str) -> str:
    """A cell of which nobody knows what it is: 张*, 5***, 案***; amounts and days stay. At most eight characters."""
    text = " ".join(text.split())
    if _AMOUNT.fullmatch(text) or _DAY.fullmatch(text):
        return text
    return text[:1] + "*" * (min(len(text), 8) - 1)
