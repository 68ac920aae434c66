"""Resident identity numbers as they stand in exports (GB 11643-1999): the kind of a text, the number if whole.

Comes in: a cell. Goes out: ``Identity``; ``id`` is set only when nothing had to be guessed. A number that went
through a float, is masked or fails its check digit is never repaired: its readable part is kept in ``partial``.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from clue_engine.values.text import cell_text, compact

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
CERT_KINDS = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")  # digit 19 of a disability card
CERT_LEVELS = ("一级", "二级", "三级", "四级")  # digit 20

_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_CARD = re.compile(r"([0-9]{17}[0-9X])([1-7])([1-4])(B[0-9])?")
_SCIENTIFIC = re.compile(r"([0-9])(?:\.([0-9]+))?E\+?[0-9]{1,2}")
_MASKED = re.compile(r"[0-9]{0,14}\*{3,16}[0-9X]{0,6}")
_ORGANISATION = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


@dataclass(frozen=True)
class Identity:
    """kind: ok | old15 | bad_checksum | tail000 | sci | masked | virtual | org | other | none."""

    kind: str
    id: str | None = None
    partial: str | None = None
    cert_kind: str | None = None
    cert_level: str | None = None


def check_digit(first17: str) -> str:
    """The 18th character (GB 11643-1999, ISO 7064 MOD 11-2)."""
    return _CHECK[sum(int(d) * w for d, w in zip(first17, _WEIGHTS, strict=True)) % 11]


def is_valid(text: str) -> bool:
    """18 characters with a possible region, a possible birth date and the right check digit."""
    return (
        bool(_EIGHTEEN.fullmatch(text))
        and text[0] != "0"
        and _birth(text) is not None
        and check_digit(text[:17]) == text[17]
    )


def sex(number: str) -> str:
    """男 or 女 by the 17th digit."""
    return "男" if int(number[16]) % 2 else "女"


def identity(cell: str | None) -> Identity:
    """Read a cell of an ID column."""
    text = cell_text(cell)
    if text is None:
        return Identity("none")
    key = compact(text).upper().replace("'", "").replace('"', "").replace("-", "").replace("×", "*")
    if not key or key in ("无", "没有", "未提供", "无证件"):
        return Identity("none")
    if key[0] == "G" and _EIGHTEEN.fullmatch(key[1:]):  # 学籍号
        key = key[1:]
    if key.startswith("999999") and len(key) in (18, 20, 22):
        return Identity("virtual")
    if card := _CARD.fullmatch(key):
        holder = _eighteen(card[1])
        return Identity(
            holder.kind, holder.id, holder.partial, CERT_KINDS[int(card[2]) - 1], CERT_LEVELS[int(card[3]) - 1]
        )
    if _EIGHTEEN.fullmatch(key):
        return _eighteen(key)
    if re.fullmatch(r"[0-9]{15}", key):
        return _fifteen(key)
    if scientific := _SCIENTIFIC.fullmatch(key):
        return Identity("sci", partial=_known_digits(scientific[1] + (scientific[2] or "")) + "*")
    if re.fullmatch(r"[0-9]{18}\.0*", key):  # the text of a float: the last digits are not those of the card
        return Identity("sci", partial=key[:15] + "*")
    masked = re.sub(r"X{3,}", lambda m: "*" * len(m[0]), key)
    if _MASKED.fullmatch(masked):
        return Identity("masked", partial=masked)
    if re.fullmatch(r"[0-9]{17}[?□]", key):
        return Identity("masked", partial=key[:17] + "*")
    if _ORGANISATION.fullmatch(key):
        return Identity("org")
    return Identity("other")


def _known_digits(digits: str) -> str:
    """The digits that survived: a float keeps 15 and drops zeros at their end."""
    return digits[:15] if len(digits) < 12 else digits[:15].ljust(15, "0")


def _eighteen(key: str) -> Identity:
    if is_valid(key):
        return Identity("ok", key)
    if key.endswith("000"):  # Excel keeps 15 digits
        return Identity("tail000", partial=key[:15] + "*")
    return Identity("bad_checksum")


def _fifteen(key: str) -> Identity:
    # 15 digits were given out until 1999: the century is 19. (A person over 100 years is read 100 too young.)
    full = key[:6] + "19" + key[6:]
    if key[0] == "0" or _birth(full) is None:
        return Identity("other")
    return Identity("old15", full + check_digit(full))


def _birth(number: str) -> dt.date | None:
    try:
        born = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born if 1880 <= born.year <= 2100 else None
