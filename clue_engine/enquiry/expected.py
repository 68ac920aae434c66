"""The file of expected results, as the README of the sample exports describes it.

Comes in: a CSV with 记录类型，户编号，证件号码，线索方向，要求，陷阱种类，说明. Goes out: ``Expected`` records.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from clue_engine.errors import ClueError

MUST, OPEN, MAY, TRAP = "应列", "待核", "可列可不列", "陷阱"
NOT_LISTED, LISTED, LISTED_ONCE = "不得列出", "必须列出", "必须列出且只列一次"
LISTED_OPEN, NOT_SHOWN = "列出并标明赔偿情况待核", "不得显示姓名或完整证件号"
_COLUMNS = ("记录类型", "户编号", "证件号码", "线索方向", "要求", "陷阱种类")


@dataclass(frozen=True)
class Expected:
    """One line. ``person`` is an ID number, or the name of an organisation."""

    line: int
    kind: str
    household_no: str
    person: str
    directions: tuple[str, ...]
    requirement: str
    trap: str


def read_expected(path: Path) -> list[Expected]:
    """All lines. Raises CE-F30 when the file cannot be read, CE-F31 when it is another kind of file."""
    try:
        data = path.read_bytes()
    except OSError:
        raise ClueError("CE-F30", "预期结果文件打不开", place=str(path), hint="检查路径和权限") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [c for c in _COLUMNS if c not in (reader.fieldnames or [])]
    if missing:
        raise ClueError(
            "CE-F31", f"不是预期结果文件：缺少列 {'、'.join(missing)}", place=str(path), hint="列名见样例数据的说明"
        )
    found = []
    for row in reader:
        cell = {c: (row.get(c) or "").strip() for c in _COLUMNS}
        if not cell["记录类型"]:
            continue
        directions = tuple(d.strip() for d in cell["线索方向"].split("、") if d.strip())
        found.append(
            Expected(
                reader.line_num, cell["记录类型"], cell["户编号"], cell["证件号码"].upper(), directions,
                cell["要求"], cell["陷阱种类"],
            )
        )  # fmt: skip
    return found
