"""What the cells of a workbook show and their values do not say: a month, a share in %, a formula without its result.

Comes in: an xlsx file (ECMA-376 part 1: 18.3.1.4 ``c``, 18.3.1.73 ``row``, 18.8.30 ``numFmt``, 18.2.28 ``date1904``).
Goes out: ``Shown`` per worksheet; nothing for another or a damaged file, which is for the readers to say.
"""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from clue_engine.ingest.sheet_xml import UNREADABLE, hidden_rows, place, uncomputed, worksheets

_BLOCK = 1 << 20
_MONTHS = (17, 27, 36, 50, 52, 57)  # built-in formats of a Chinese Excel that show year and month only
_SHARES = (9, 10)
_MONTH, _YEAR, _SHARE, _ERROR = "month", "year", "share", "error"
_NOT_SHOWN = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.')  # of a format: words, colours and languages, widths
_FAILED = re.compile(rb'<(?:\w+:)?c ([^<>]*\bt="e"[^<>]*)>')


@dataclass
class Shown:
    """Rows and columns from 0. ``cells``: row → column → month, year, share or error; ``uncomputed``: formulas without
    result.

    ``hidden``: rows, from 1, that are hidden or filtered out.
    """

    cells: dict[int, dict[int, str]] = field(default_factory=dict)
    uncomputed: list[tuple[int, int]] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    is_1904: bool = False

    def note(self, attributes: bytes, kind: str) -> None:
        """A cell that shows something else."""
        if (found := place(attributes)) is not None:
            self.cells.setdefault(found[0], {})[found[1]] = kind

    def rows(self, rows: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
        """The rows with these cells as they are shown."""
        for number, row in enumerate(rows):
            own = self.cells.get(number)
            if own:
                changed = list(row)
                for column, kind in own.items():
                    if column < len(changed):
                        changed[column] = self._as_shown(changed[column], kind)
                row = changed
            yield row

    def _as_shown(self, value: object, kind: str) -> object:
        if isinstance(value, bool):
            return value
        if kind == _ERROR:
            return value or "#N/A"  # the reader gives no value; which error it is makes no difference
        if kind == _SHARE:
            return f"{value * 100:.10g}%" if isinstance(value, int | float) else value
        if isinstance(value, int | float) and 0 < value < 100_000:
            # 1899-12-30: day 0 once the false 29 February 1900 is allowed for
            value = dt.date(*((1904, 1, 1) if self.is_1904 else (1899, 12, 30))) + dt.timedelta(days=int(value))
        if not isinstance(value, dt.date):
            return value
        return f"{value.year}年{value.month}月" if kind == _MONTH else f"{value.year}年"


def shown(path: Path) -> dict[str, Shown]:
    """By the name of the worksheet."""
    found: dict[str, Shown] = {}
    try:
        with zipfile.ZipFile(path) as package:
            styles = _styles(package)
            properties = re.search(rb"<(?:\w+:)?workbookPr[^<>]*>", package.read("xl/workbook.xml"))
            is_1904 = properties is not None and re.search(rb'\bdate1904="(?:1|true)"', properties[0]) is not None
            for name, _, part in worksheets(package):
                with package.open(part) as stream:
                    found[name] = _look(stream, styles, is_1904)
    except UNREADABLE:
        return found
    return found


def kind_of_format(code: str) -> str | None:
    """month for yyyy"年"m"月", year for yyyy, share for 0.0%; None for every other format."""
    first = _NOT_SHOWN.sub("", code.lower().split(";")[0]).replace("general", "0")
    if "%" in first:
        return _SHARE
    signs = set(first)
    if not signs & set("ye") or signs & set("dhs0#?"):
        return None
    return _MONTH if "m" in signs else _YEAR


def _styles(package: zipfile.ZipFile) -> dict[bytes, str]:
    """The styles that show less or something else than the value: number in the file → what."""
    if "xl/styles.xml" not in package.namelist():
        return {}
    root = ET.fromstring(package.read("xl/styles.xml"))
    formats = dict.fromkeys(_MONTHS, _MONTH) | dict.fromkeys(_SHARES, _SHARE)
    own: dict[int, str | None] = dict(formats)
    for one in root.iter():
        if one.tag.endswith("}numFmt"):
            own[int(one.attrib["numFmtId"])] = kind_of_format(one.attrib.get("formatCode", ""))
    cell_formats = next((one for one in root if one.tag.endswith("}cellXfs")), ())
    kinds = [own.get(int(one.attrib.get("numFmtId", 0))) for one in cell_formats]
    return {str(number).encode(): kind for number, kind in enumerate(kinds) if kind}


def _look(stream: IO[bytes], styles: dict[bytes, str], is_1904: bool) -> Shown:
    found = Shown(is_1904=is_1904)
    styled = None
    if styles:
        styled = re.compile(rb'<(?:\w+:)?c ([^<>]*\bs="(' + b"|".join(styles) + rb')"[^<>]*)>')
    block = stream.read(_BLOCK)
    while block:
        more = stream.read(_BLOCK)
        end = max(block.rfind(b"<c "), block.rfind(b"<row"), block.rfind(b":c "), 0) if more else len(block)
        block, rest = block[:end], block[end:]
        if len(rest) > 32 * _BLOCK:  # no cell is as long
            return found
        found.hidden += hidden_rows(block)
        found.uncomputed += uncomputed(block)
        for attributes in _FAILED.findall(block) if b't="e"' in block else ():
            found.note(attributes, _ERROR)
        for attributes, style in styled.findall(block) if styled else ():
            found.note(attributes, styles[style])
        block = rest + more
    return found
