"""Which encoding a text file has: BOM, strict UTF-8, UTF-16 by its zero bytes, strict GB18030; never a guess.

Comes in: a path. Goes out: the name of a Python codec, or ClueError CE-E18 with the first bad byte and its line.
Order measured on samples: short Chinese UTF-8 also decodes as GB18030, so UTF-8 comes first. Big5, EUC-KR and
Shift-JIS also decode as GB18030 without error: whoever uses the result must find known headings in it.
"""

from __future__ import annotations

import codecs
import mmap
import re
from collections.abc import Iterator
from pathlib import Path

from clue_engine.errors import ClueError

_CHUNK = 8 * 1024**2
_WHOLE = (
    8 * 1024**2
)  # larger files: only both ends now, the rest is checked while it is loaded (decoding twice costs 18 s a GB)
# Four Chinese characters in UTF-8 are next to impossible in real GB18030 text: rows of another encoding were appended.
_UTF8_RUN = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){4}")
HINT = "用记事本打开核对后另存为 UTF-8,或用 --encoding 指定编码"


def detect_encoding(path: Path, asked: str | None = None) -> str:
    """The codec of ``path``: utf-8, utf-8-sig, utf-16, utf-16-le, utf-16-be, gb18030, or ``asked`` when it fits."""
    if asked:
        return _checked(path, asked)
    with path.open("rb") as stream:
        head = stream.read(65536)
    if head.startswith(codecs.BOM_UTF8):
        return _checked(path, "utf-8-sig")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _checked(path, "utf-16")
    if b"\x00" in head:
        return _by_zeros(path, head)
    bad = first_bad_byte(path, "utf-8")
    if bad is None:
        return "utf-8"
    bad_gb = first_bad_byte(path, "gb18030", _WHOLE)
    mixed = _utf8_run(path) if bad_gb is None else None
    if bad_gb is None and mixed is None:
        return "gb18030"
    raise encoding_error(
        path, min(x for x in (bad_gb, mixed) if x is not None), "既不是完整的 UTF-8,也不是完整的 GB18030(GBK)"
    )


def first_bad_byte(path: Path, encoding: str, up_to: int | None = None) -> int | None:
    """Offset of the first byte that ``encoding`` does not allow, None when there is none (in ``up_to`` bytes)."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset = 0
    for chunk, last in _chunks(path):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, last)
        except UnicodeDecodeError as error:
            return max(offset - pending + error.start, 0)
        offset += len(chunk)
        if up_to is not None and offset >= up_to:
            return None
    return None


def _chunks(path: Path) -> Iterator[tuple[bytes, bool]]:
    with path.open("rb") as stream:
        chunk = stream.read(_CHUNK)
        while chunk:
            following = stream.read(_CHUNK)
            yield chunk, not following
            chunk = following


def _checked(path: Path, encoding: str) -> str:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise ClueError(
            "CE-E19", f"没有这种编码:{encoding}", place=path.name, hint="常用:utf-8、gb18030、utf-16、big5"
        ) from None
    bad = first_bad_byte(path, encoding)
    if bad is not None:
        raise encoding_error(path, bad, f"不能按 {encoding} 读出")
    return encoding


def _by_zeros(path: Path, head: bytes) -> str:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    for encoding, ours, other in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if ours > other * 4 and first_bad_byte(path, encoding) is None:
            return encoding
    raise encoding_error(path, head.index(0), "含有空字节,不是文本表格")


def _utf8_run(path: Path) -> int | None:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = _UTF8_RUN.search(data, 0, _WHOLE)
        if not found and len(data) > _WHOLE:
            found = _UTF8_RUN.search(data, len(data) - _CHUNK)  # appended rows stand at the end
        return found.start() if found else None


def encoding_error(path: Path, offset: int, message: str) -> ClueError:
    with path.open("rb") as stream:
        line = (
            sum(
                chunk.count(b"\n")
                for chunk in iter(lambda: stream.read(min(_CHUNK, max(offset - stream.tell(), 0))), b"")
            )
            + 1
        )
    return ClueError("CE-E18", f"编码有误:{message},第 {line} 行(第 {offset} 字节)起", place=path.name, hint=HINT)
