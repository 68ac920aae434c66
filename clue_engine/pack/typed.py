"""Typed values out of texts: integers, yes/no, dates, lists, and the keys of a mapping, each complaint at its place.

Comes in: what ``text.read_yaml`` gave. Goes out: Python values, or a default plus a finding. Nothing raises.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from clue_engine.errors import Diagnostic, Level, Mark
from clue_engine.pack.model import Text
from clue_engine.pack.places import Places
from clue_engine.pack.suggest import hint as suggestion

_YES = {"是": True, "true": True, "否": False, "false": False}
_DATES = (
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"),
    re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"),
)
_KEY_WORDS = {
    "编号": "id", "名称": "title", "标题": "title", "版本": "version", "状态": "status", "方向": "direction",
    "条件": "when", "分值": "points", "理由": "reason", "依据": "basis", "核实": "check", "核实要点": "check",
    "误报": "false_positives", "遗漏": "misses", "测试": "tests", "取代": "supersedes", "处理": "action",
}  # fmt: skip
_CHOICE_WORDS = {
    "草稿": "draft", "试行": "trial", "启用": "active", "停用": "retired",
    "金额": "money", "比例": "share", "数": "number", "数字": "number", "时长": "duration", "代码": "code",
}  # fmt: skip
MANY = 20  # unknown keys of one mapping that are told one by one
_SHOWN = 40  # characters of a value that a message repeats


class Findings(list[Diagnostic]):
    """What was found wrong, in order of discovery, each once."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[Diagnostic] = set()

    def add(self, code: str, message: str, where: Text | Mark, *, hint: str = "", level: Level = "error") -> None:
        """A finding at a text (underlined as far as it goes on its line) or at a mark."""
        mark = where.at(0) if isinstance(where, Text) else where
        found = Diagnostic(code, level, message, mark, _width(where), hint, _line(where))
        if found not in self.seen:  # a value that is read twice is told once
            self.seen.add(found)
            self.append(found)

    @property
    def errors(self) -> list[Diagnostic]:
        return [d for d in self if d.level == "error"]


def _width(where: Text | Mark) -> int:
    if isinstance(where, Mark) or not where:
        return 1
    first, last = where.at(0), where.at(len(where) - 1)
    return last.column - first.column + 1 if first.line == last.line else max(len(where.split("\n")[0]), 1)


def _line(where: Text | Mark) -> str:
    if isinstance(where, Text) and isinstance(where.marks, Places):
        return where.marks.source.line(where.at(0).line)[:2000]
    return ""


def place(value: Any, default: Text | Mark) -> Text | Mark:
    """Where a value stands: a text itself, a mapping or list by its first text."""
    while isinstance(value, (dict, list)) and value:
        value = next(iter(value))
    return value if isinstance(value, Text) else default


def mark_of(where: Text | Mark) -> Mark:
    return where.at(0) if isinstance(where, Text) else where


def bare(value: Any) -> Any:
    """A value of YAML, texts as str all the way down: options are read by stations, never pointed at."""
    if isinstance(value, dict):
        return {str(key): bare(item) for key, item in value.items()}
    return [bare(item) for item in value] if isinstance(value, list) else str(value)


def shown(text: str) -> str:
    """A value as a message repeats it: one line, not endless."""
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def plain(text: str) -> str:
    """Half-width form without outer space, for numbers and yes/no."""
    return unicodedata.normalize("NFKC", text).strip()


def as_text(value: Any, findings: Findings, key: Text | Mark, label: str) -> Text | None:
    if isinstance(value, Text):
        return value
    findings.add("CE013", f"“{label}”应是一段文字", place(value, key), hint="以 { 或 [ 开头的文字要加引号")
    return None


def as_int(value: Any, findings: Findings, key: Text | Mark, label: str) -> int | None:
    text = as_text(value, findings, key, label)
    if text is None:
        return None
    if re.fullmatch(r"[+-]?[0-9]{1,15}", plain(text)):
        return int(plain(text))
    findings.add("CE013", f"“{label}”应是整数，写的是“{shown(text)}”", text, hint="只写整数，如 2")
    return None


def as_number(text: str) -> float | None:
    """A plain decimal number; not 1e5, nan, inf, 0x10 or 1_000, which Python would take."""
    text = plain(text).replace(",", "")
    return float(text) if re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,12})?", text) else None


def as_bool(value: Any, findings: Findings, key: Text | Mark, label: str) -> bool | None:
    text = as_text(value, findings, key, label)
    if text is None:
        return None
    known = _YES.get(plain(text).lower())
    if known is None:
        findings.add(
            "CE013", f"“{label}”应写是或否，写的是“{shown(text)}”", text, hint="写 是 或 否（也可写 true、false）"
        )
    return known


def as_date(value: Any, findings: Findings, key: Text | Mark, label: str) -> dt.date | None:
    text = as_text(value, findings, key, label)
    if text is None:
        return None
    found = read_date(text)
    if found is None:
        findings.add("CE013", f"“{label}”应是日期，写的是“{shown(text)}”", text, hint="如 2024-01-31")
    return found


def read_date(text: str) -> dt.date | None:
    """2024-01-31, 2024/1/31 or 2024年1月31日; None when it is no such day."""
    for pattern in _DATES:
        found = pattern.fullmatch(plain(text))
        if found:
            try:
                return dt.date(*(int(part) for part in found.groups()))
            except ValueError:
                return None
    return None


def as_list(value: Any, findings: Findings, key: Text | Mark, label: str) -> list[Text]:
    """A list of texts; a single text counts as a list of one."""
    if isinstance(value, Text):
        return [value] if value.strip() else []
    if not isinstance(value, list):
        findings.add("CE013", f"“{label}”应是一个列表", place(value, key), hint="写成 [甲, 乙]")
        return []
    texts: list[Text] = []
    for item in value:
        text = as_text(item, findings, key, label)
        if text is not None and not text.strip():
            findings.add("CE013", f"“{label}”里有空项", text, hint="删去多余的逗号或短横")
        elif text is not None:
            texts.append(text)
    return texts


def as_names(value: Any, findings: Findings, key: Text | Mark, label: str) -> list[Text]:
    """A list of names: no two alike, and a full-width comma inside one is a slip of the input method."""
    names: dict[str, Text] = {}
    for text in as_list(value, findings, key, label):
        if "\uff0c" in text:
            message = f"“{label}”里“{shown(text)}”用了全角逗号，会被当成一项"
            findings.add("CE013", message, text, hint="改用半角逗号隔开")
        elif text in names:
            findings.add("CE004", f"“{label}”里“{shown(text)}”重复", text, hint="删去一个", level="warning")
        else:
            names[text] = text
    return list(names.values())


class Section:
    """One mapping of a file with the keys it may and must have. Unknown and missing keys are told at once."""

    def __init__(
        self,
        value: dict[str, Any],
        findings: Findings,
        where: Text | Mark,
        what: str,
        keys: Sequence[str],
        required: Sequence[str] = (),
    ):
        self.value = value
        self.findings = findings
        self.where = place(value, where)
        self.what = what
        unknown = [key for key in value if key not in keys]
        if len(unknown) > MANY:
            message = f"{what}有 {len(unknown)} 个不认识的键"
            findings.add("CE005", message, place(unknown, self.where), hint="可用：" + "、".join(keys))
        else:
            for key in unknown:
                # {meaning: 元,每年}: the comma cut the sentence and made a key without a value
                cut = value[key] == "" and len(value) > 1
                words = "若是上一项文字的一部分，那段文字含有逗号，要整段加引号" if cut else _key_hint(key, keys)
                findings.add("CE005", f"{what}没有“{shown(key)}”这个键", place([key], self.where), hint=words)
        self.missing = [key for key in required if key not in value or value[key] == ""]
        if self.missing:
            names = "、".join(self.missing)
            findings.add("CE006", f"{what}缺少 {names}", self.where, hint=f"补上 {names}")

    def at(self, key: str) -> Text | Mark:
        """Where ``key`` stands, or the section when it has none."""
        return next((k for k in self.value if k == key and isinstance(k, Text)), self.where)

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def raw(self, key: str) -> Any:
        return self.value.get(key)

    def text(self, key: str, default: str = "") -> Text:
        """The text as written, with its place."""
        value = as_text(self.value[key], self.findings, self.at(key), key) if key in self.value else None
        return value if value is not None else Text(default, (mark_of(self.at(key)),))

    def word(self, key: str, default: str = "") -> str:
        """The text without outer space, as a plain str."""
        return str(self.text(key, default)).strip()

    def integer(self, key: str, default: int = 0) -> int:
        value = as_int(self.value[key], self.findings, self.at(key), key) if key in self.value else None
        return default if value is None else value

    def boolean(self, key: str) -> bool:
        return key in self.value and bool(as_bool(self.value[key], self.findings, self.at(key), key))

    def date(self, key: str) -> dt.date | None:
        return as_date(self.value[key], self.findings, self.at(key), key) if key in self.value else None

    def texts(self, key: str) -> list[Text]:
        """A list of sentences."""
        return as_list(self.value[key], self.findings, self.at(key), key) if key in self.value else []

    def names(self, key: str) -> tuple[str, ...]:
        """A list of names (see ``as_names``)."""
        found = as_names(self.value[key], self.findings, self.at(key), key) if key in self.value else []
        return tuple(str(name).strip() for name in found)

    def choice(self, key: str, options: Sequence[str], default: str) -> str:
        """One of ``options``."""
        if key not in self.value:
            return default
        text = self.text(key, default)
        if str(text) in options:
            return str(text)
        said = _CHOICE_WORDS.get(text.strip())
        words = f"{text.strip()}写 {said}。" if said in options else suggestion(text, options)
        listing = "可用：" + "、".join(options)
        hint = words if words.startswith("可用") else f"{words} {listing}".strip()
        self.findings.add("CE014", f"“{key}”不能是“{shown(text)}”", text, hint=hint)
        return default

    def mapping(self, key: str) -> dict[str, Any]:
        """A nested mapping; empty when absent or something else (told)."""
        if key not in self.value:
            return {}
        return as_mapping(self.value[key], self.findings, self.at(key), key) or {}


def as_mapping(value: Any, findings: Findings, key: Text | Mark, label: str, form: str = "") -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    slip = isinstance(value, Text) and "\uff1a" in value
    hint = "冒号是全角的，改成半角冒号加一个空格" if slip else form or "写成 键: 值，冒号后有一个空格"
    findings.add("CE003" if slip else "CE013", f"“{label}”下面应是“键: 值”", place(value, key), hint=hint)
    return None


def _key_hint(key: str, keys: Sequence[str]) -> str:
    own = _KEY_WORDS.get(key.strip(), "")
    return f"是否想写 {own}？" if own in keys else suggestion(key, keys)
