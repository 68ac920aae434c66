"""The page of every code: what it means, a wrong and a right example, what to do.

Comes in: explain/*.yaml beside this module. Goes out: ``Page`` records by code, and a page as text.
A page's example is a condition, or the content of a pack file (``file`` says which); tests execute it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from clue_engine.pack.text import read_yaml

FOLDER = Path(__file__).with_name("explain")
LEVELS = {"error": "错误", "warning": "提醒", "note": "说明"}
CONDITION = "条件"


@dataclass(frozen=True)
class Page:
    """``file``: what the examples are, 条件 or a path in the pack; "" when the page has none."""

    code: str
    title: str
    level: str
    meaning: str
    do: str
    wrong: str = ""
    right: str = ""
    file: str = ""
    more: tuple[tuple[str, Any], ...] = ()  # for the tests that execute the examples


@cache
def pages() -> Mapping[str, Page]:
    """All pages in order of their codes."""
    found: dict[str, Page] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        value, problems = read_yaml(path)
        if problems or not isinstance(value, dict):
            raise ValueError(f"{path.name}: {problems}")
        for code, facts in value.items():
            if str(code) in found:
                raise ValueError(f"{path.name}: {code} has a page already")
            found[str(code)] = _page(str(code), facts)
    return dict(sorted(found.items()))


_KEYS = ("title", "level", "meaning", "do", "wrong", "right", "file")


def _page(code: str, facts: Mapping[str, Any]) -> Page:
    own = {str(key): value for key, value in facts.items()}
    texts = {key: str(own[key]).rstrip("\n") for key in _KEYS if key in own}
    if "wrong" in texts:
        texts.setdefault("file", CONDITION)
    more = tuple((key, value) for key, value in own.items() if key not in _KEYS)
    return Page(code=code, more=more, **{"level": "error", **texts})


def title(code: str) -> str:
    """The title of a code's page; empty for a code without one."""
    found = pages().get(code)
    return found.title if found else ""


def shown(page: Page, paint: Callable[[str, str], str] | None = None) -> str:
    """A page as text for a terminal."""
    colour = paint or (lambda text, _: text)
    lines = [colour(f"{page.code} {page.title}({LEVELS[page.level]})", "bold"), "", *_indented(page.meaning)]
    if page.file:
        where = "" if page.file == CONDITION else f"({page.file})"
        lines += ["", f"错误的写法{where}：", *_indented(page.wrong), "", "正确的写法：", *_indented(page.right)]
    return "\n".join([*lines, "", "怎么办：", *_indented(page.do)])


def _indented(text: str) -> list[str]:
    return ["  " + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line) for line in text.split("\n")]


def as_values(page: Page) -> dict[str, str]:
    """A page for JSON."""
    names = ("code", "title", "level", "meaning", "file", "wrong", "right", "do")
    return {name: getattr(page, name) for name in names}
