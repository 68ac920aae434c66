"""The visit form: one page per household, with nothing on it that must not be said at the door.

Comes in: rows of the lists and homes. Goes out: values for the template 入户核查表.docx.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from clue_engine.export import columns as c
from clue_engine.export.home import Home
from clue_engine.export.list_rows import Row
from clue_engine.export.measures import later
from clue_engine.export.privacy import plain
from clue_engine.export.sentences import FILES, LEDGER, OFFICE, OTHER_CASE
from clue_engine.pack.answers import Feedback
from clue_engine.pack.model import Pack

VISITS = "入户核查表.docx"
_NUMBERED = re.compile(r"^\d+\. ")
IN_THE_LIST = "（不写在这张表上，见加密清单）"
_JOINED = "\u2060"  # no line break between a box and its word


def households(rows: Sequence[Row], known: Mapping[str, Home]) -> list[list[Row]]:
    """The clues of each household together, in the order of the list: one visit serves all."""
    found: dict[object, list[Row]] = {}
    for row in rows:
        found.setdefault(known[row.clue_id].key, []).append(row)
    return list(found.values())


def visits(
    rows: Sequence[Row], known: Mapping[str, Home], answers: Feedback, care: Sequence[str] = ()
) -> list[dict[str, str]]:
    """The values of each page. ``care``: what to mind where whoever did it may live in the house."""
    return [_page(own, known[own[0].clue_id], answers, care) for own in households(rows, known)]


def _page(rows: Sequence[Row], home: Home, answers: Feedback, care: Sequence[str]) -> dict[str, str]:
    def said(*headings: str) -> list[str]:
        texts = [text for heading in headings for row in rows for text in sentences(row.cells.get(heading))]
        return [without_charges(text, home.causes) for text in texts]

    hidden = any(row.restricted for row in rows)
    to_know = [text for text in said(c.MISSING, c.NOTE) if not text.startswith((LEDGER, OTHER_CASE))]
    return {
        "编号": "、".join(row.clue_id for row in rows),
        "优先级": str(rows[0].cells.get(c.BAND) or ""),
        "找谁谈": home.talk_to,
        "电话": home.phone or "（名册里没有）",
        "住址": home.address,
        "户主": home.head,
        "成员": home.members or "（名册里没有）",
        "现有帮扶": home.has,
        "提醒": "谨慎：" + "；".join(care) if home.careful else "",
        "来由": IN_THE_LIST if hidden else listed(said(c.REASON)),
        "待核": IN_THE_LIST if hidden else "；".join(dict.fromkeys(to_know)) or "无",
        "帮扶建议": IN_THE_LIST if home.careful else supports(rows) or "无",
        "看什么": IN_THE_LIST if home.careful else listed([*in_the_house(rows), "家庭实际困难和现有帮扶是否落实"]),
        "结果选项": boxes(answers.visit),
        "去向选项": boxes(answers.outcomes),
    }


def supports(rows: Sequence[Row]) -> str:
    """What could help this household: what fits in one line, what may fit in another."""
    own = {m.id: m for row in rows for m in row.measures}
    named = "；".join(f"{own[key].title}（{own[key].provider}）" for key in sorted(own) if own[key].sure)
    return "\n".join(plain(text) for text in (named, *later([own[key] for key in sorted(own)])) if text)


def sentences(cell: object) -> list[str]:
    """The numbered sentences of a cell, without their numbers."""
    return [plain(_NUMBERED.sub("", line)) for line in str(cell or "").split("\n") if line.strip()]


def in_the_house(rows: Sequence[Row]) -> list[str]:
    """What can be seen or asked at home."""
    asked = [text for row in rows for text in sentences(row.cells.get(c.CHECK))]
    return [text for text in asked if not text.startswith((OFFICE, FILES))]


def listed(texts: Iterable[str]) -> str:
    lines = list(dict.fromkeys(texts))
    return lines[0] if len(lines) == 1 else "\n".join(f"{n}.{line}" for n, line in enumerate(lines, 1))


def boxes(choices: Sequence[str]) -> str:
    return "　".join(f"□{_JOINED}{choice}" for choice in choices)


def reads_cases(pack: Pack, receiver: str) -> bool:
    """Whether a receiver is told charges and case numbers; all others learn what they need to help."""
    words = pack.options.get("case_readers", ["检察"])
    return any(str(word) in receiver for word in (words if isinstance(words, list | tuple) else [words]))


def without_charges(text: str, causes: Sequence[str]) -> str:
    """A sentence that names no charge: the case is only a case."""
    for cause in sorted(causes, key=len, reverse=True):
        text = text.replace(cause, "案件")
    return re.sub(r"“案件(?:、案件)*”案?", "案件", text)
