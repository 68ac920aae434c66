"""A rule file in its one form: key order, quoting, one line per test. Comments stay with what they speak of.

Comes in: the text of a rule file that can be read, and how to write its condition. Goes out: the text in one form.

Why not a round-trip library: it keeps an author's quoting and order too, which is what a formatter must not; and it
is a third YAML reader beside the two that the program has. Here PyYAML's nodes tell where each value stands, and
comments are what remains between them. A comment line belongs to the key or list item below it, one behind a value to
that value; a comment inside a value that is written on one line moves above it. None is ever dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

WIDTH = 120  # columns of a line, a Chinese character counts two
ITEM_WIDTH = 160  # of a test: rows of a table are read across; a longer one is written one key per line
RULE_ORDER = (
    "id", "title", "version", "status", "column", "provider", "capped", "direction", "receiver", "also", "urgent",
    "restrict", "no_crime_detail",
    "basis", "when", "points", "supersedes", "reason", "check", "false_positives", "misses", "rare", "tests",
)  # fmt: skip
HOLD_ORDER = (
    "id", "title", "version", "status", "action", "to", "direction", "relation", "basis", "when", "unknown",
    "not_loaded", "reason", "ask", "holder", "check", "tests",
)  # fmt: skip
_ITEMS = ("basis", "tests")  # always a list below its key
_QUOTED = ("when", "reason")
_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`](?:[^,\[\]{}#:\n\t]|:(?=\w)|(?<=\S)#)*")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Breaks = Callable[[str], Sequence[str]]  # a condition -> its lines


@dataclass
class _Slot:
    """A place that comments can belong to: a key with its value, or an item of a list written one per line."""

    key: str
    node: Any
    start: int
    end: int
    before: list[str] = field(default_factory=list)
    behind: str = ""
    items: list[_Slot] = field(default_factory=list)


def layout(text: str, order: Sequence[str], breaks: Breaks) -> str:
    """The file in one form. ``text``: a readable rule file (``read_yaml`` found nothing), lines ended by \\n."""
    root: Any = yaml.compose(text, Loader=_LOADER)
    slots = [_key_slot(key, value) for key, value in root.value]
    header, footer = _attach(text, slots)
    place = {key: n for n, key in enumerate(order)}
    slots.sort(key=lambda slot: place.get(slot.key, len(place)))  # stable: unknown keys keep their order, at the end
    lines = list(header)
    for slot in slots:
        lines += _key_lines(slot, breaks)
    return "\n".join([*lines, *footer]) + "\n"


def _key_slot(key: Any, value: Any) -> _Slot:
    if isinstance(value, yaml.SequenceNode) and not value.flow_style:
        slot = _Slot(str(key.value), value, key.start_mark.index, key.end_mark.index)
        slot.items = [_Slot("", one, one.start_mark.index, _content_end(one)) for one in value.value]
        return slot
    return _Slot(str(key.value), value, key.start_mark.index, max(_content_end(value), key.end_mark.index))


def _content_end(node: Any) -> int:
    """Where the last character of a value stands; the end mark of a block is that of the next token."""
    if isinstance(node, yaml.ScalarNode):
        block = node.style in ("|", ">")
        return int(node.end_mark.index) - (1 if block else 0)
    if node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _content_end(last[1] if isinstance(last, tuple) else last)


# -- comments ----------------------------------------------------------------------------------------------------------
def _attach(text: str, slots: list[_Slot]) -> tuple[list[str], list[str]]:
    """Give every comment to its slot; what stands above the first key and below the last value comes back."""
    flat = sorted((s for slot in slots for s in (slot, *slot.items)), key=lambda s: s.start)
    header: list[str] = []
    footer: list[str] = []
    for start, end in comments(text):
        words = text[start + 1 : end].rstrip()  # an item that is commented out keeps its indentation
        comment = f"#{words}" if words[:1] in ("", " ") else f"# {words.lstrip()}"
        own_line = not text[text.rfind("\n", 0, start) + 1 : start].strip()
        current = next((s for s in reversed(flat) if s.start <= start), None)
        following = next((s for s in flat if s.start > start), None)
        if current is None:
            header.append(comment)
        elif start < current.end:
            current.before.append(comment)
        elif not own_line and not current.behind:
            current.behind = comment
        elif following is not None:
            # "- # why" and the item on the next line: the item is what follows
            following.before.append(comment)
        else:
            footer.append(comment)
    return header, footer


def comments(text: str) -> list[tuple[int, int]]:
    """Start and end of every comment of a YAML text: a # after white space that no value contains."""
    taken: list[tuple[int, int]] = []
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.ScalarEvent):
            start, end = event.start_mark.index, event.end_mark.index
            if event.style in ("|", ">"):  # its first line may carry a comment
                line_end = text.find("\n", start)
                start = line_end if line_end >= 0 else end
            taken.append((start, end))
    found = []
    position = n = 0
    while (position := text.find("#", position)) >= 0:
        while n < len(taken) and taken[n][1] <= position:
            n += 1
        if n < len(taken) and taken[n][0] <= position:
            position = max(taken[n][1], position + 1)
            continue
        if position == 0 or text[position - 1].isspace():
            line_end = text.find("\n", position)
            end = line_end if line_end >= 0 else len(text)
            found.append((position, end))
            position = end
        else:
            position += 1
    return found


# -- writing -----------------------------------------------------------------------------------------------------------
def _key_lines(slot: _Slot, breaks: Breaks) -> list[str]:
    node, key = slot.node, scalar(slot.key)
    if isinstance(node, yaml.SequenceNode) and node.value:
        items = slot.items or [_Slot("", one, 0, 0) for one in node.value]
        one_line = f"{key}: {flow(node)}"
        commented = any(i.before or i.behind for i in items)
        if slot.key in _ITEMS or commented or width(one_line) > WIDTH:
            lines = _with_comments(slot, [f"{key}:"], "")
            for item in items:
                lines += _with_comments(item, _item_lines(item.node), "  ")
            return lines
        return _with_comments(slot, [one_line], "")
    if isinstance(node, yaml.ScalarNode) and slot.key in _QUOTED:
        parts = list(breaks(node.value)) if slot.key == "when" else [node.value]
        written = quoted("\x00".join(parts)).split("\x00")
        return _with_comments(slot, [f"{key}: {written[0]}", *written[1:]], "")
    if slot.key in _ITEMS and isinstance(node, yaml.ScalarNode) and not node.value:
        return _with_comments(slot, [f"{key}:"], "")  # its items are still commented out
    return _with_comments(slot, [f"{key}: {flow(node)}".rstrip()], "")


def _item_lines(node: Any) -> list[str]:
    one_line = f"  - {flow(node)}"
    if not isinstance(node, yaml.MappingNode) or not node.value or width(one_line) <= ITEM_WIDTH:
        return [one_line]
    return [f"  {'-' if n == 0 else ' '} {flow(key)}: {flow(value)}" for n, (key, value) in enumerate(node.value)]


def _with_comments(slot: _Slot, lines: list[str], indent: str) -> list[str]:
    above = list(slot.before)
    if slot.behind and len(lines) > 1:
        above.append(slot.behind)
    elif slot.behind:
        lines = [f"{lines[0]}  {slot.behind}"]
    return [indent + comment for comment in above] + lines


def flow(node: Any) -> str:
    """A value on one line."""
    if isinstance(node, yaml.ScalarNode):
        return scalar(node.value)
    if isinstance(node, yaml.SequenceNode):
        return "[" + ", ".join(flow(one) for one in node.value) + "]"
    return "{" + ", ".join(f"{flow(key)}: {flow(value)}" for key, value in node.value) + "}"


def scalar(text: str) -> str:
    """A text as it may stand anywhere in a file: plain where that is safe, else in double quotes."""
    safe = _PLAIN.fullmatch(text) and not text.endswith((" ", ":")) and " #" not in text and text.isprintable()
    return text if safe and not text.startswith(("---", "...")) else quoted(text)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def width(text: str) -> int:
    """Columns on a terminal (pack/render.py and cli/screen.py have the same for their lines)."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
