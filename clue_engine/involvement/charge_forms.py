"""Selective charges: 生产、销售伪劣农药、兽药罪 is charged as 销售伪劣农药罪, or any other choice of its parts.

Comes in: a charge of a case, the charges that the pack lists. Goes out: the listed ones of which it is a choice.
By rule and not by list: what is left out reaches over at least one 、.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import pairwise

_SIGN, _END = "、", "罪"


def chosen_from(charge: str, listed: Iterable[str]) -> list[str]:
    """The selective charges of ``listed`` of which ``charge`` names a part."""
    return [full for full in listed if _SIGN in full and full != charge and _is_choice(charge, full)]


def _is_choice(charge: str, full: str) -> bool:
    part, whole = charge.removesuffix(_END), full.removesuffix(_END)
    if not part or len(part) >= len(whole):
        return False
    starts, ends = _starts(whole), {len(whole) - n for n in _starts(whole[::-1])}

    @cache
    def rest(i: int, j: int, cut: bool) -> bool:
        """Whether part[j:] is whole[i:] with pieces left out, each with a 、 in it. ``cut``: one ends here."""
        if i == len(whole):
            return j == len(part)
        if j < len(part) and whole[i] == part[j] and rest(i + 1, j + 1, False):
            return True
        sign = whole.find(_SIGN, i)
        if cut or sign < 0:
            return False
        behind = starts if i == 0 else range(sign + 1, len(whole))
        return any(rest(k, j, True) for k in behind) or (i in ends and j == len(part))

    return rest(0, 0, False)


def _starts(whole: str) -> set[int]:
    """Where a form may begin: behind items that hold nothing of what the others share.

    生产 of 生产、销售伪劣农药 may go; 强制猥亵 of 强制猥亵、侮辱 may not: it is longer than the item behind it, and so
    holds what both share.
    """
    found, at = set(), 0
    items = whole.split(_SIGN)
    for item, after in pairwise(items):
        if len(item) > len(after):
            break
        at += len(item) + 1
        found.add(at)
    return found
