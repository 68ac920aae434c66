"""One look at every byte of a text file: what decides how it can be read.

Comes in: a path. Goes out: ``TextScan``. In pieces: a memory map of 2 GB counts as
2 GB of memory.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHUNK = 8 * 1024**2
_WINDOW = 1024**2
_RUN = 12  # bytes: four Chinese characters in UTF-8, next to impossible in real GB18030 text


@dataclass(frozen=True)
class TextScan:
    """Offsets are bytes from 0; None when there is no such byte."""

    n_lines: int  # line feeds, and the last line when it has none
    has_quote: bool
    may_be_open: bool  # a quote may not be closed: their number is odd, in the file or in its last line
    has_long_line: bool  # of a megabyte or more
    n_lone_cr: int  # carriage returns that end a line by themselves
    n_zeros: int
    first_zero: int | None
    bad_utf8: int | None
    bad_gb18030: int | None  # also where rows of UTF-8 begin in a file of GB18030; only looked for when UTF-8 fails

    @property
    def is_plain(self) -> bool:
        """No odd line ends, no open quote. Blank lines, and quotes around line ends, show in the number of rows."""
        return not (self.has_long_line or self.n_zeros or self.n_lone_cr or self.may_be_open)


def scan(path: Path) -> TextScan:
    """Read the file once; a second time only when it is not UTF-8."""
    n_lines = n_quotes = n_lone = n_zeros = offset = 0
    has_long = False
    first_zero: int | None = None
    decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")("strict")
    bad: int | None = None
    before = b"\n"
    for chunk, last in chunks(path):
        n_lines += chunk.count(b"\n")
        n_quotes += chunk.count(b'"')
        if len(chunk) >= _WINDOW and not has_long:
            ends = range(_WINDOW, len(chunk) + 1, _WINDOW)
            has_long = any(chunk.find(b"\n", end - _WINDOW, end) < 0 for end in ends)
        if b"\r" in chunk:
            n_lone += chunk.count(b"\r") - chunk.count(b"\r\n") - (chunk[-1:] == b"\r" and not last)
            n_lone += before[-1:] == b"\r" and offset > 0 and not chunk.startswith(b"\n")
        if (zeros := chunk.count(b"\x00")) != 0:
            n_zeros += zeros
            first_zero = offset + chunk.index(b"\x00") if first_zero is None else first_zero
        if decoder is not None:
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, last)
            except UnicodeDecodeError as error:
                bad, decoder = max(offset - pending + error.start, 0), None
        offset += len(chunk)
        before = chunk
    last_quotes = before.rstrip(b"\r\n").rpartition(b"\n")[2].count(b'"')
    n_lines += offset > 0 and before[-1:] != b"\n"
    bad_gb = None
    if bad is not None:
        bad_gb = min((x for x in (first_bad_byte(path, "gb18030"), _utf8_run(path)) if x is not None), default=None)
    return TextScan(
        n_lines, n_quotes > 0, n_quotes % 2 + last_quotes % 2 > 0, has_long, n_lone, n_zeros, first_zero, bad, bad_gb
    )


def first_bad_byte(path: Path, encoding: str) -> int | None:
    """Offset of the first byte that ``encoding`` does not allow, None when there is none."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset = 0
    for chunk, last in chunks(path):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, last)
        except UnicodeDecodeError as error:
            return max(offset - pending + error.start, 0)
        offset += len(chunk)
    return None


def line_of(path: Path, offset: int) -> int:
    """The line, from 1, in which the byte at ``offset`` stands."""
    line, position = 1, 0
    for chunk, _ in chunks(path):
        line += chunk[: max(offset - position, 0)].count(b"\n")
        position += len(chunk)
        if position > offset:
            break
    return line


def chunks(path: Path) -> Iterator[tuple[bytes, bool]]:
    """The bytes of a file in pieces, each with the word whether it is the last."""
    with path.open("rb") as stream:
        chunk = stream.read(CHUNK)
        while chunk:
            following = stream.read(CHUNK)
            yield chunk, not following
            chunk = following


def _utf8_run(path: Path) -> int | None:
    """Where four Chinese characters of UTF-8 stand together; on arrays, a regular expression takes 20 s a GB."""
    import numpy as np

    kinds = np.zeros(256, np.uint8)
    kinds[0xE4:0xEA] = 1
    kinds[0x80:0xC0] = 2
    offset, tail = 0, b""
    for chunk, _ in chunks(path):
        data = tail + chunk
        if len(data) >= _RUN:
            kind = kinds[np.frombuffer(data, np.uint8)]
            one = (kind[:-2] == 1) & (kind[1:-1] == 2) & (kind[2:] == 2)
            if len(one) > 9:
                found = one[:-9] & one[3:-6] & one[6:-3] & one[9:]
                if found.any():
                    return offset - len(tail) + int(found.argmax())
        offset += len(chunk)
        tail = data[-(_RUN - 1) :]
    return None
