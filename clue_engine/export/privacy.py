"""What may leave the workspace: masks in free text, inert cells for spreadsheets, the words shown for restricted clues.

Comes in: text of any origin. Goes out: text without personal numbers, control characters or formulas.
"""

from __future__ import annotations

import re
import unicodedata

from clue_engine.values.mask import mask_id, mask_phone

# A resident number may hide in a file name, a cause or a note, in full-width digits or inside a longer card number.
_NUMBER = re.compile(r"[0-9０-９]{17,}[0-9０-９XxＸｘ]?|(?<![0-9０-９])[0-9０-９]{15}(?![0-9０-９])")
_PHONE = re.compile(r"(?<![0-9０-９])[1１][3-9３-９][0-9０-９]{9}(?![0-9０-９])")
# Digits that a spreadsheet, opening a CSV, turns into a number: from 16 on it loses the last ones (a household number
# ends in 30 where it was 25), from 12 on it shows and saves them as 5.3E+15, and a leading nought goes.
_LOST_AS_NUMBER = re.compile(r"0[0-9]+|[0-9]{11,}|[0-9]+[eE][0-9]+")
_FORMULA = "=+-@＝＋－＠|"
XLSX_CELL = 32_767
_CUT = "…（过长，已截断）"

WHO_SEES = "只列编号，由检察机关指定的专人（待定）查看"
RESTRICTED = f"受限，{WHO_SEES}"


def redact(text: str | None) -> str:
    """Free text with resident numbers and telephone numbers masked."""
    if not text:
        return ""
    masked = _NUMBER.sub(lambda m: mask_id(unicodedata.normalize("NFKC", m.group())), text)
    return _PHONE.sub(lambda m: mask_phone(unicodedata.normalize("NFKC", m.group())), masked)


def plain(text: str) -> str:
    """One line without control and direction characters: what a cell or a terminal can show safely."""
    if text.isprintable():  # no separator but the space, nothing that does not show: nearly all cells
        return text.strip()
    spaced = re.sub(r"[\t\r\n\x0b\x0c\x85\u2028\u2029]+", " ", text)
    if spaced.isprintable():
        return spaced.strip()
    return "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")).strip()


def cell_text(text: str, *, lines: bool = False) -> str:
    """Plain text no longer than a workbook cell holds; ``lines`` keeps its line breaks."""
    line = "\n".join(plain(part) for part in text.split("\n")) if lines else plain(text)
    return line if len(line) <= XLSX_CELL else line[: XLSX_CELL - len(_CUT)] + _CUT


def csv_text(text: str) -> str:
    """Cell text that no spreadsheet takes for a formula or a number.

    An apostrophe stands before = + - @ and the like. A tab, which does not show, stands before digits that would be
    lost; whoever reads the file strips it. Measured in LibreOffice 7.4, opened and saved: a tab keeps all digits, a
    space before does not, and groups (5299 2110 …) would no longer be found by the number.
    """
    line = cell_text(text)
    if line[:1] and line[0] in _FORMULA:
        return "'" + line
    return "\t" + line if _LOST_AS_NUMBER.fullmatch(line) else line


def internal_number(clue_id: str) -> str:
    """What stands for the name of a restricted clue."""
    return "受限-" + clue_id.rpartition("-")[2]
