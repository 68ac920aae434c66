"""Change one value of a rule file and nothing else: comments, order and spacing stay byte for byte.

Comes in: a file that can be read, a key, a new value. Goes out: the new text.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from clue_engine.errors import ClueError
from clue_engine.pack.load import shown_path
from clue_engine.pack.lock import write_whole

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`](?:[^,\[\]{}#:\n\t]|:(?=\w)|(?<=\S)#)*")


def with_value(text: str, key: str, value: str) -> str:
    """``text`` with another value for a top-level key; a key that is not there is written below ``id``."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix("\ufeff")
    root: Any = yaml.compose(text, Loader=_LOADER)
    for name, node in root.value:
        if name.value == key:
            start, end = node.start_mark.index, node.end_mark.index
            written = scalar(value)
            gap = " " if start == end and text[start - 1 : start] == ":" else ""  # "status:" without a value
            return mark + text[:start] + gap + written + text[end:]
    first = root.value[0][1].end_mark.index
    line_end = text.find("\n", first)
    line_end = len(text) if line_end < 0 else line_end
    return mark + text[:line_end] + f"\n{key}: {scalar(value)}" + text[line_end:]


def set_values(path: Path, values: dict[str, str]) -> bool:
    """Write new values into a rule file; False when it said so already."""
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise ClueError("CE015", "规则文件读不出来", place=shown_path(path), hint="检查路径、权限和编码") from None
    for key, value in values.items():
        text = with_value(text, key, value)
    return write_whole(path, text)


# -- texts -----------------------------------------------------------------------------------------------------------
def scalar(text: str) -> str:
    """A text as it may stand anywhere in a file: plain where that is safe, else in double quotes."""
    safe = _PLAIN.fullmatch(text) and not text.endswith((" ", ":")) and " #" not in text and text.isprintable()
    return text if safe and not text.startswith(("---", "...")) else quoted(text)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
