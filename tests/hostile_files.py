"""Damaged, disguised and hostile files, made on the spot: bytes by name."""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
from collections.abc import Callable

import xlsxwriter
import xlwt

HEAD = ["部门受案号", "被害人姓名", "证件号码", "损失数额（万元）", "备注"]
ROWS: list[list[object]] = [[f"某院诉受[2024]{i}号", f"甲某{i}", "", 1.5, "注"] for i in range(40)]
TEXT = "\n".join(",".join(str(cell) for cell in row) for row in [HEAD, *ROWS])
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def xlsx(write: Callable[[xlsxwriter.Workbook, xlsxwriter.worksheet.Worksheet], object] | None = None) -> bytes:
    """The table as a workbook; ``write`` adds to it."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("数据")
        for number, row in enumerate([HEAD, *ROWS]):
            sheet.write_row(number, 0, row)
        if write is not None:
            write(book, sheet)
    return stream.getvalue()


def xls() -> bytes:
    stream = io.BytesIO()
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("数据")
    for number, row in enumerate([HEAD, *ROWS]):
        for place, cell in enumerate(row):
            sheet.write(number, place, cell)
    book.save(stream)
    return stream.getvalue()


def xls_with_password() -> bytes:
    """The record INTERFACEHDR turned into FILEPASS, as in an encrypted workbook."""
    data = xls()
    place = data.index(struct.pack("<HH", 0xE1, 2))
    return data[:place] + struct.pack("<HH", 0x2F, 2) + data[place + 4 :]


def compound(*names: str) -> bytes:
    """A compound file with empty streams of these names: what a password makes of an xlsx."""
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0, 0) + struct.pack("<I", free) * 108
    table = struct.pack("<II", free - 2, end) + struct.pack("<I", free) * 126
    entries = b""
    for number, name in enumerate(["Root Entry", *names]):
        raw = name.encode("utf-16-le") + b"\0\0"
        entries += raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), 2 if number else 5, 1)
        entries += struct.pack("<III", free, free, free if number else 1) + bytes(36) + struct.pack("<IQ", end, 0)
    return head + table + entries.ljust(512, b"\0")[:512]


def repacked(part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part changed."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx())) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            body = old.read(entry)
            new.writestr(entry.filename, change(body) if entry.filename == part else body)
    return stream.getvalue()


def broken_part(part: str) -> bytes:
    """The workbook with the packed bytes of one part spoilt, so that they cannot be unpacked."""
    data = bytearray(xlsx())
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        start = package.getinfo(part).header_offset + 30 + len(part)
    data[start : start + 40] = b"\xff" * 40
    return bytes(data)


def zip_of(names: list[str], start: bytes = b"") -> bytes:
    stream = io.BytesIO(start)
    with zipfile.ZipFile(stream, "a") as package:
        for name in names:
            package.writestr(name, "<a/>")
    return stream.getvalue()


def declared(prolog: bytes, entity: bytes) -> bytes:
    """A part that begins with declarations and uses an entity."""
    text = "部门受案号".encode()
    return repacked(STRINGS, lambda b: b'<?xml version="1.0"?>' + prolog + b.split(b"?>", 1)[1].replace(text, entity))


def _billion_laughs() -> bytes:
    steps = b"".join(b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 10))
    return declared(b" " * 3000 + b'<!DOCTYPE a [<!ENTITY a0 "ha">' + steps + b"]>", b"&a9;")


def _far(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
    sheet.write(1_048_575, 16_383, "x")


def _styled(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
    yellow = book.add_format({"bg_color": "yellow"})
    for row in range(len(ROWS) + 1, 40_000):
        sheet.write_blank(row, 0, None, yellow)


def _html() -> bytes:
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in [HEAD, *ROWS])
    return f"<html><meta charset=gb2312><table>{rows}</table></html>".encode("gb18030")


def with_row(line: str | bytes) -> bytes:
    """The text table with one more line at its end."""
    return TEXT.encode() + b"\n" + (line.encode() if isinstance(line, str) else line) + b"\n"


EVERY_BYTE = bytes(range(256)) * 20
MANY = TEXT.encode().split(b"\n", 1)

# name → (content, code of the refusal)
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "半截.xlsx": (lambda: xlsx()[:3000], "CE-F01"),
    "缺尾.xlsx": (lambda: xlsx()[:-1024], "CE-F01"),
    "半截.xls": (lambda: xls()[:5000], "CE-F01"),
    "缺尾.xls": (lambda: xls()[:-1024], "CE-F01"),
    "乱码.xls": (lambda: xls()[:8] + random.Random(1).randbytes(20_000), "CE-F01"),
    "密码.xlsx": (lambda: compound("EncryptionInfo", "EncryptedPackage"), "CE-F02"),
    "密码.xls": (xls_with_password, "CE-F02"),
    "零字节.xlsx": (bytes, "CE-F03"),
    "只有空字节.csv": (lambda: bytes(5000), "CE-F03"),
    "图片.xlsx": (lambda: b"\x89PNG\r\n\x1a\n" + EVERY_BYTE, "CE-F12"),
    "动图.xlsx": (lambda: b"GIF89a" + EVERY_BYTE, "CE-F12"),
    "程序.csv": (lambda: b"MZ\x90\x00" + EVERY_BYTE, "CE-F12"),
    "文档.xlsx": (lambda: zip_of(["word/document.xml", "[Content_Types].xml"]), "CE-F12"),
    "文档.xls": (lambda: compound("WordDocument", "1Table"), "CE-F12"),
    "炸弹.xlsx": (
        lambda: repacked(SHEET, lambda b: b.replace(b"</sheetData>", b" " * 201 * 1024**2 + b"</sheetData>")),
        "CE-F14",
    ),
    "一万个.xlsx": (lambda: zip_of([f"xl/media/{n}" for n in range(10_001)], xlsx()), "CE-F14"),
    "外部实体.xlsx": (
        lambda: declared(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>', b"&x;"),
        "CE-F14",
    ),
    "十亿笑.xlsx": (_billion_laughs, "CE-F14"),
    "宽字符实体.xlsx": (
        lambda: repacked(
            STRINGS, lambda b: '\ufeff<?xml version="1.0"?><!DOCTYPE a SYSTEM "x"><sst/>'.encode("utf-16-le")
        ),
        "CE-F14",
    ),
    "宽窄不一.txt": (lambda: "甲,,乙\n丙,丁,戊,己\n子,丑,寅\n卯,辰,巳\n".encode(), "CE-F08"),
    "万列.csv": (lambda: TEXT.replace("备注", "备注" + ",列" * 5000).encode(), "CE-F16"),
    "翻位.xlsx": (lambda: broken_part(SHEET), "CE-F01"),
    "头坏.xls": (lambda: compound("x")[:30] + b"\0\0" + compound("x")[32:], "CE-F01"),
    "没有表.html": (lambda: "<html><body>没有表格</body></html>".encode(), "CE-F03"),
    "繁体.csv": (lambda: "案號,被害人姓名,證件號碼,損失數額\n1,甲,,2\n".encode("big5") * 9, "CE-F08"),
    "韩文.csv": (lambda: "사건번호,이름,번호\n1,김철수,2\n".encode("euc-kr") * 9, "CE-F08"),
    "一半乱.csv": (lambda: MANY[0] + b"\n" + b"a,b\n" * 30 + MANY[1], "CE-F09"),
    "长引号.csv": (lambda: with_row(b'9,x,,1,"' + b"x\n" * 60_000 + b'"'), "CE-F09"),
}

# name → (content, rows read, rows loaded, codes of the rejected rows)
LOADED: dict[str, tuple[Callable[[], bytes], int, int, dict[str, int]]] = {
    "其实是.xlsx": (xls, 40, 40, {}),
    "其实是文本.xlsx": (TEXT.encode, 40, 40, {}),
    "其实是工作簿.csv": (xlsx, 40, 40, {}),
    "文字.et": (xlsx, 40, 40, {}),
    "网页.xls": (_html, 40, 40, {}),
    "制表符.xls": (lambda: TEXT.replace(",", "\t").encode("gb18030"), 40, 40, {}),
    "最远的格.xlsx": (lambda: xlsx(_far), 40, 40, {}),
    "空格式.xlsx": (lambda: xlsx(_styled), 40, 40, {}),
    "尺寸有误.xlsx": (
        lambda: repacked(SHEET, lambda b: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', b)),
        40,
        40,
        {},
    ),
    "回车.csv": (lambda: TEXT.replace("\n", "\r").encode(), 40, 40, {}),
    "空字节.csv": (lambda: with_row(b"9,\0\0,,1,x"), 41, 40, {"NUL": 1}),
    "未关引号.csv": (lambda: MANY[0] + b'\n1,"abc,,,\n' + (MANY[1] + b"\n") * 51, 2041, 2040, {"QUOTE": 1}),
    "长行.csv": (lambda: with_row(b"9,x,,1," + b"x" * 3_000_000), 41, 40, {"LONG": 1}),
    "缺列多列.csv": (lambda: with_row("9,乙,,1\n9,丙,,1,a,b"), 42, 40, {"RAGGED": 2}),
    "换行.csv": (lambda: with_row('9,乙,,1,"两\n行"'), 41, 41, {}),
    "多列跨行.csv": (lambda: with_row('9,"两\n\n行",丙,,1,注'), 43, 40, {"QUOTE": 2, "EMPTY": 1}),
    "错位.csv": (lambda: with_row("9,乙,某,529921199003070014,1.5"), 41, 40, {"SHIFTED": 1}),
    "空行.csv": (lambda: with_row("\n,,,,\n9,乙,,1,"), 43, 41, {"EMPTY": 2}),
}
