"""The visit form: one page per household, with nothing on it that must not be said at the door.

Comes in: ledger rows and homes. Goes out: values for the template 入户核查表.docx.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from clue_engine.export import columns as c
from clue_engine.export.home import Home
from clue_engine.export.ledger import Row
from clue_engine.export.privacy import plain

_NUMBERED = re.compile(r"^\d+\. ")
_AT_A_DESK = "向"  # 向民政部门核对名单: asked in an office, not in the house
_JOINED = "\u2060"  # no line break between a box and its word
EMPTY = Home("", "", "", "", "", "", ())


def visits(rows: Sequence[Row], known: Mapping[str, Home]) -> list[dict[str, str]]:
    """The values of each page, in the order of the list."""
    return [_page(row, known.get(row.clue_id, EMPTY)) for row in rows]


def _page(row: Row, home: Home) -> dict[str, str]:
    cells = row.cells
    doubts = sentences(cells.get(c.MISSING)) + sentences(cells.get(c.NOTE))
    return {
        "编号": row.clue_id,
        "优先级": str(cells.get(c.BAND) or ""),
        "找谁谈": home.talk_to,
        "电话": home.phone or "（名册里没有）",
        "住址": home.address,
        "户主": home.head,
        "成员": home.members or "（名册里没有）",
        "现有帮扶": home.has,
        "来由": listed(without_charges(text, home.causes) for text in sentences(cells.get(c.REASON))),
        "待核": listed(without_charges(text, home.causes) for text in doubts) or "无",
        "看什么": listed([*in_the_house(row), "家庭实际困难和现有帮扶是否落实"]),
        "结果选项": boxes(c.RESULTS),
        "去向选项": boxes(c.OUTCOMES),
    }


def sentences(cell: object) -> list[str]:
    """The numbered sentences of a cell, without their numbers."""
    return [plain(_NUMBERED.sub("", line)) for line in str(cell or "").split("\n") if line.strip()]


def in_the_house(row: Row) -> list[str]:
    """What can be seen or asked at home."""
    return [text for text in sentences(row.cells.get(c.CHECK)) if not text.startswith(_AT_A_DESK)]


def listed(texts: Iterable[str]) -> str:
    lines = list(dict.fromkeys(texts))
    return lines[0] if len(lines) == 1 else "\n".join(f"{n}.{line}" for n, line in enumerate(lines, 1))


def boxes(choices: Sequence[str]) -> str:
    return "　".join(f"□{_JOINED}{choice}" for choice in choices)


def without_charges(text: str, causes: Sequence[str]) -> str:
    """A sentence that names no charge: the case is only a case."""
    for cause in sorted(causes, key=len, reverse=True):
        text = text.replace(cause, "案件")
    return re.sub(r"“案件(?:、案件)*”案?", "案件", text)
