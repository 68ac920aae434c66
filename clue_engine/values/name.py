"""Names of persons: one form for comparing, remarks kept apart.

Comes in: a cell with one name. Goes out: the name without blanks and invisible signs, every dot as ·, every character
as its usual one where another looks the same, and what stood in brackets or behind 等.
"""

from __future__ import annotations

import re
import unicodedata

from clue_engine.values.text import BLANKS, cell_text

DOTS = "•．‧・∙⋅●●᛫﹒."  # seven spellings of the dot of minority names
_TO_DOT = str.maketrans(dict.fromkeys(DOTS, "·"))
_NOTE = re.compile(r"[（(〔\[【]([^（）()〔〕\[\]【】]*)[）)〕\]】]?")
_AND_OTHERS = re.compile(r"等(?:[0-9一二三四五六七八九十百]+[人名位]?|人)?$")
# Soft hyphens, joiners, variation selectors; _x000D_: a line end as a spreadsheet writes it
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u2066-\u2069\ufe00-\ufe0f\U000e0100-\U000e01ef]|_x[0-9A-Fa-f]{4}_"
)
# Radicals and compatibility forms look like the characters they stand for: ⾼ is 高. Regular names have none (SQL).
LOOK_ALIKE = "\u2e80-\u2fdf\uf900-\ufaff\U0002f800-\U0002fa1f"
_LOOK_ALIKE = re.compile(f"[{LOOK_ALIKE}]")
_RADICALS = dict(
    zip(
        "⺠⻁⻅⻆⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
        "民虎见角车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
        strict=True,
    )
)
# Old GBK fonts kept 80 characters in the private area, in the order of their bytes in GB 18030: U+E863 is 䶮.
_PRIVATE = {
    chr(0xE815 + i): bytes((0xFE, trail)).decode("gb18030")
    for i, trail in enumerate((*range(0x50, 0x7F), *range(0x80, 0xA1)))
}
_OTHER_FORMS = str.maketrans(_PRIVATE | _RADICALS)
_AND_SEX = re.compile(r"([\u3400-\u9fff·]{2,6})[\s,，、/]+[男女](?![\u3400-\u9fff])")
_A_NUMBER = re.compile("[0-9]{15}")
TITLES = ("先生", "女士", "同志", "小姐")


def clean_name(cell: str | None) -> tuple[str | None, str | None]:
    """``(name, note)``: 张 三（户主） → 张三, 户主; 张某某等3人 → 张某某, 等3人.

    Nobody is called 0, and a cell that also holds somebody's number is no name.
    """
    text = cell_text(cell)
    if text is None:
        return None, None
    text = _one_form(text)
    if told := _AND_SEX.match(text):  # 某甲 女 2011.3
        return clean_name(told[1])[0], text[told.end(1) :].strip(f"{BLANKS},，、/") or None
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
    is_name = any(map(str.isalpha, name)) and not _A_NUMBER.search(name)
    return name if is_name else None, note or None


def _one_form(text: str) -> str:
    """Without signs that nobody sees, and with the usual one of two characters that look the same."""
    shown = _UNSEEN.sub("", text).translate(_OTHER_FORMS)
    return _LOOK_ALIKE.sub(lambda m: unicodedata.normalize("NFKC", m[0]), shown)
