"""What a file really is, told by its bytes and never by its name.

Comes in: a path. Goes out: xlsx | xls | html | parquet | text, or a ClueError (CE-F01 cut short, F02 password, F03
empty, F12 other).
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Literal

from clue_engine.errors import ClueError

Kind = Literal["xlsx", "xls", "html", "parquet", "text"]

MAX_UNPACKED = 4 * 1024**3
MAX_RATIO = 400
MAX_ENTRIES = 10_000
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
            f"文件打不开({error.strerror})",
            place=path.name,
            hint="检查路径和权限;在 WPS 或 Excel 中打开着的请先关闭",
        ) from None
    if not head.strip(b"\x00\r\n\t "):
        raise ClueError("CE-F03", "文件是空的" if size == 0 else "文件没有内容", place=path.name, hint="请重新导出")
    if head.startswith(b"PK"):
        return _zip(path)
    if head.startswith(_OLE):
        return _ole(path)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf", b"{\\rtf")):
        raise _unsupported(path)
    text = head.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").lower().replace(b"\x00", b"")
    if re.match(rb"<(!doctype html|html|table|meta|head|body|div)", text) or (
        text.startswith(b"<?xml") and b"<html" in text
    ):
        return "html"
    if text.startswith(b"<?xml"):
        raise _unsupported(path)
    return "text"


def _zip(path: Path) -> Kind:
    incomplete = ClueError("CE-F01", "文件不完整或已损坏", place=path.name, hint="多为传输、导出中断,请重新导出")
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
            if len(entries) > MAX_ENTRIES or _is_bomb(entries):
                raise ClueError(
                    "CE-F14",
                    "压缩内容异常(展开后过大),已拒绝读取",
                    place=path.name,
                    hint="确认文件来源;正常的表请另存为新的 xlsx 再试",
                )
            names = {entry.filename for entry in entries}
            if not any(name.startswith("xl/workbook") for name in names):
                raise _unsupported(path)
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    with package.open(entry) as part:
                        if b"<!DOCTYPE" in part.read(1024) or b"<!ENTITY" in part.read(1024):
                            raise ClueError(
                                "CE-F14",
                                "文件内含外部引用,已拒绝读取",
                                place=path.name,
                                hint="在 WPS 或 Excel 中另存为新的 xlsx",
                            )
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        raise incomplete from None
    return "xlsx"


def _is_bomb(entries: list[zipfile.ZipInfo]) -> bool:
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    return total > MAX_UNPACKED or (total > 200 * 1024**2 and total / packed > MAX_RATIO)


def _ole(path: Path) -> Kind:
    with path.open("rb") as stream:
        data = stream.read(4 * 1024**2)
        stream.seek(0, 2)
        stream.seek(max(stream.tell() - 1024**2, 0))
        data += stream.read()
    if "EncryptedPackage".encode("utf-16-le") in data or "EncryptionInfo".encode("utf-16-le") in data:
        raise password(path.name)
    if "WordDocument".encode("utf-16-le") in data or "PowerPoint Document".encode("utf-16-le") in data:
        raise _unsupported(path)
    return "xls"


def password(name: str) -> ClueError:
    return ClueError("CE-F02", "文件有打开密码", place=name, hint="请在 WPS 或 Excel 中去掉密码后另存;本程序不接收密码")


def _unsupported(path: Path) -> ClueError:
    return ClueError(
        "CE-F12",
        "不是能读取的表格",
        place=path.name,
        hint="支持 xlsx、xls、csv、tsv、txt、parquet,以及网页表格另存的 xls",
    )
