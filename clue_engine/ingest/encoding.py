"""Which encoding a text file has: BOM, strict UTF-8, UTF-16 by its zero bytes, strict GB18030; never a guess.

Comes in: a path. Goes out: the name of a Python codec, or ClueError CE-E18 with the first bad byte and its line.
Order measured on samples: short Chinese UTF-8 also decodes as GB18030, so UTF-8 comes first. Big5, EUC-KR and
Shift-JIS also decode as GB18030 without error: whoever uses the result must find known headings in it.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from clue_engine.errors import ClueError
from clue_engine.ingest.textscan import TextScan, first_bad_byte, line_of, scan

HINT = "用记事本打开核对后另存为 UTF-8，或用 --encoding 指定编码"
_FEW = 0.01  # share of zero bytes up to which a file is text with damaged rows


def detect_encoding(path: Path, asked: str | None = None, look: TextScan | None = None) -> str:
    """The codec of ``path``: utf-8, utf-8-sig, utf-16, utf-16-le, utf-16-be, gb18030, or ``asked`` when it fits."""
    if asked:
        return _checked(path, asked)
    with path.open("rb") as stream:
        head = stream.read(65536)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _checked(path, "utf-16")
    if (wide := utf16_without_mark(head)) is not None and first_bad_byte(path, wide) is None:
        return wide
    look = look or scan(path)
    if look.first_zero is not None and look.n_zeros > _FEW * path.stat().st_size:
        raise encoding_error(path, look.first_zero, "含有空字节，不是文本表格")
    if look.bad_utf8 is None:
        return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"
    if look.bad_gb18030 is None and not head.startswith(codecs.BOM_UTF8):
        return "gb18030"
    # The encoding of the first rows goes furthest: where it ends the rows of another one begin.
    raise encoding_error(
        path, max(look.bad_utf8, look.bad_gb18030 or 0), "既不是完整的 UTF-8，也不是完整的 GB18030(GBK)"
    )


def utf16_without_mark(head: bytes) -> str | None:
    """UTF-16 by where its zero bytes stand."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > even * 4:
        return "utf-16-le"
    return "utf-16-be" if even > odd * 4 else None


def _checked(path: Path, encoding: str) -> str:
    try:
        "".encode(encoding)
    except (LookupError, ValueError, TypeError):
        raise ClueError(
            "CE-E19", f"没有这种编码：{encoding[:20]}", place=path.name, hint="常用：utf-8、gb18030、utf-16、big5"
        ) from None
    bad = first_bad_byte(path, encoding)
    if bad is not None:
        raise encoding_error(path, bad, f"不能按 {encoding} 读出")
    return encoding


def encoding_error(path: Path, offset: int, message: str) -> ClueError:
    line = line_of(path, offset)
    return ClueError("CE-E18", f"编码有误：{message}，第 {line} 行（第 {offset} 字节）起", place=path.name, hint=HINT)
