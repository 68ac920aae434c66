"""What a file really is, told by its bytes and never by its name.

Comes in: a path. Goes out: xlsx | xls | html | parquet | text, or a ClueError (CE-F01 cut short, F02 password, F03
empty, F12 other).
"""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Literal

from clue_engine.errors import ClueError, system_reason
from clue_engine.ingest.encoding import utf16_without_mark

Kind = Literal["xlsx", "xls", "html", "parquet", "text"]

MAX_UNPACKED = 4 * 1024**3
MAX_RATIO = 400
MAX_ENTRIES = 10_000
_PROLOG = 64 * 1024  # bytes of an XML part in which a declaration could stand
_DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_FEW = 0.01  # share of control characters that a damaged text may have
_TEXT = bytes(b for b in range(256) if b >= 32 or b in b"\t\r\n\x0b\x0c\x1a\x1b")
# What unpacking raises on damaged bytes: each of the four compressors has its own error.
DAMAGED: tuple[type[Exception], ...] = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error)
DAMAGED += (EOFError, OSError, NotImplementedError, RuntimeError, ValueError, LookupError)
_END, _FREE = 0xFFFFFFFE, 0xFFFFFFFF  # marks in the sector table of a compound file
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def detect(path: Path) -> Kind:
    """The kind of ``path`` by content; raises ClueError for a file that cannot be read at all."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(8192)
    except OSError as error:
        raise ClueError(
            "CE-F11",
            f"文件打不开（{system_reason(error.errno)}）",
            place=path.name,
            hint="检查路径和权限；在 WPS 或 Excel 中打开着的请先关闭",
        ) from None
    if not head.strip(b"\x00\r\n\t "):
        raise ClueError("CE-F03", "文件是空的" if size == 0 else "文件没有内容", place=path.name, hint="请重新导出")
    if head.startswith(b"PK"):
        return check_package(path, path.name)
    if head.startswith(_OLE):
        return _ole(path)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"%PDF", b"{\\rtf")) or _is_binary(head):
        raise _unsupported(path.name)
    text = head.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").lower().replace(b"\x00", b"")
    if re.match(rb"<(!doctype html|html|table|meta|head|body|div)", text) or (
        text.startswith(b"<?xml") and b"<html" in text
    ):
        return "html"
    if text.startswith(b"<?xml"):
        raise _unsupported(path.name)
    return "text"


def check_package(source: Path | BinaryIO, name: str) -> Kind:
    """A zip that is a workbook and nothing worse; raises CE-F01, F12, F14."""
    try:
        with zipfile.ZipFile(source) as package:
            entries = package.infolist()
            if len(entries) > MAX_ENTRIES or _is_bomb(entries):
                raise ClueError(
                    "CE-F14",
                    "压缩内容异常（展开后过大），已拒绝读取",
                    place=name,
                    hint="确认文件来源；正常的表请另存为新的 xlsx 再试",
                )
            names = {entry.filename for entry in entries}
            if not any(one.startswith("xl/workbook") for one in names):
                raise _unsupported(name)
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    with package.open(entry) as part:
                        if _DECLARES.search(part.read(_PROLOG).replace(b"\x00", b"")):
                            raise ClueError(
                                "CE-F14",
                                "文件内含外部引用，已拒绝读取",
                                place=name,
                                hint="在 WPS 或 Excel 中另存为新的 xlsx",
                            )
    except DAMAGED:
        raise incomplete(name) from None
    return "xlsx"


def _is_bomb(entries: list[zipfile.ZipInfo]) -> bool:
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    return total > MAX_UNPACKED or (total > 200 * 1024**2 and total / packed > MAX_RATIO)


def _ole(path: Path) -> Kind:
    names = _streams(path)
    if names & {"EncryptedPackage", "EncryptionInfo", "\x06DataSpaces"}:
        raise password(path.name)
    if names & {"WordDocument", "PowerPoint Document"}:
        raise _unsupported(path.name)
    return "xls"


def _streams(path: Path) -> set[str]:
    """The names in the directory of a compound file, as far as it can be followed."""
    names: set[str] = set()
    with suppress(OSError, OverflowError):  # a damaged directory leads anywhere
        _follow(path, names)
    return names


def _follow(path: Path, names: set[str]) -> None:
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(512)
        sector = _sector(head)

        def at(number: int) -> bytes:
            stream.seek((number + 1) * sector)
            return stream.read(sector)

        fats = struct.unpack_from("<109I", head, 76) if len(head) == 512 else ()
        here = struct.unpack_from("<I", head, 48)[0] if len(head) == 512 else _END
        for _ in range(size // sector + 1):
            if here >= _END:
                break
            block = at(here)
            for start in range(0, len(block) - 127, 128):
                (length,) = struct.unpack_from("<H", block, start + 64)
                names.add(block[start : start + max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace"))
            table = here // (sector // 4)
            if table >= len(fats) or fats[table] >= _END:
                break
            entry = at(fats[table])[here % (sector // 4) * 4 :][:4]
            here = struct.unpack("<I", entry)[0] if len(entry) == 4 else _END


def _sector(head: bytes) -> int:
    """Bytes of a sector: 512 or 4096, no other size exists."""
    return 4096 if head[30:32] == b"\x0c\x00" else 512


def is_cut(path: Path) -> bool:
    """Whether a compound file ends before the sectors that its tables speak of."""
    try:
        return _is_cut(path)
    except (OSError, OverflowError):  # its tables point nowhere
        return True


def _is_cut(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(512)
        if len(head) < 512:
            return True
        sector = _sector(head)
        last = -1
        for n, place in enumerate(struct.unpack_from("<109I", head, 76)):
            if place >= _END:
                break
            stream.seek((place + 1) * sector)
            block = stream.read(sector)
            if len(block) < sector:
                return True
            used: list[int] = [i for i, (x,) in enumerate(struct.iter_unpack("<I", block)) if x != _FREE]
            last = n * (sector // 4) + used[-1] if used else last
    return bool(path.stat().st_size <= (last + 1) * sector)


def _is_binary(head: bytes) -> bool:
    """Pictures, programs, archives: many control characters, also when read as UTF-16."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    if (wide := utf16_without_mark(head)) is not None:
        text = head.decode(wide, "replace")
        return sum(c == "\ufffd" or (c < " " and c not in "\t\r\n") for c in text) > _FEW * len(text) + 2
    return len(head.translate(None, _TEXT)) > _FEW * len(head) + 2


def incomplete(name: str) -> ClueError:
    return ClueError("CE-F01", "文件不完整或已损坏", place=name, hint="多为传输、导出中断，请重新导出")


def password(name: str) -> ClueError:
    return ClueError(
        "CE-F02",
        "文件有打开密码",
        place=name,
        hint="请在 WPS 或 Excel 中去掉密码后另存；只有 feedback import 会问密码（xlsx）",
    )


def _unsupported(name: str) -> ClueError:
    return ClueError(
        "CE-F12",
        "不是能读取的表格",
        place=name,
        hint="支持 xlsx、xls、csv、tsv、txt、parquet，以及网页表格另存的 xls",
    )
