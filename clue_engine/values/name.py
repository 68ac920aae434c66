"""Names of persons: one form for comparing, remarks kept apart.

Comes in: a cell with one name. Goes out: the name without blanks, every dot as ·, and what stood in brackets or
behind 等.
"""

from __future__ import annotations

import re

from clue_engine.values.text import BLANKS, cell_text

DOTS = "•．‧・∙⋅●●᛫﹒."  # seven spellings of the dot of minority names
_TO_DOT = str.maketrans(dict.fromkeys(DOTS, "·"))
_NOTE = re.compile(r"[（(〔\[【]([^（）()〔〕\[\]【】]*)[）)〕\]】]?")
_AND_OTHERS = re.compile(r"等(?:[0-9一二三四五六七八九十百]+[人名位]?|人)?$")
TITLES = ("先生", "女士", "同志", "小姐")


def clean_name(cell: str | None) -> tuple[str | None, str | None]:
    """``(name, note)``: 张 三（户主） → 张三, 户主; 张某某等3人 → 张某某, 等3人; nobody is called 0."""
    text = cell_text(cell)
    if text is None:
        return None, None
    notes = [m.strip(BLANKS) for m in _NOTE.findall(text)]
    name = "".join(c for c in _NOTE.sub("", text) if c not in BLANKS and c not in "*'")
    if others := _AND_OTHERS.search(name):
        notes.append(others[0])
        name = name[: others.start()]
    name = name.translate(_TO_DOT)
    name = re.sub("·+", "·", name).strip("·")
    for title in TITLES:
        if name.endswith(title) and len(name) > len(title):
            name = name[: -len(title)]
    note = ";".join(n for n in notes if n)
    return name if any(map(str.isalpha, name)) else None, note or None
