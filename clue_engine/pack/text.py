"""YAML as text with places: nothing is typed here, `no`, `0123` and `2026-01-02` stay the strings that were written.

Comes in: a file or its bytes. Goes out: ``(value, diagnostics)`` where value is made of plain dict, list and ``Text``
(keys of a dict are ``Text`` too, so a dict knows its place by its keys). With any finding the value is None. Never
another exception, whatever stands in the file.

PyYAML is used for its *events* only (libyaml, 14 times as fast as ruamel.yaml or PyYAML in Python on the same file): a
tree built here from events cannot recurse, expand an alias or construct an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from clue_engine.errors import Diagnostic, Mark
from clue_engine.pack.model import Text
from clue_engine.pack.places import MAX_SHOWN, Places, SourceFile
from clue_engine.pack.slips import explain_syntax

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20

Value = Text | list[Any] | dict[str, Any]

# C0/C1 controls, line separators that YAML counts as line ends, zero-width and text-direction characters: an author
# cannot see them, and two names that look alike would differ.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_JOINT = re.compile(r"(\uff1a|:)(?=\S)")  # between a key and its value
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path, name: str | None = None) -> tuple[Value | None, list[Diagnostic]]:
    """Read one file; ``name`` is how diagnostics call it (default: the path as given)."""
    name = name or str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = {
            "FileNotFoundError": "文件不存在",
            "PermissionError": "没有读取权限",
            "IsADirectoryError": "这是一个目录",
        }
        message = f"文件读不出来：{reason.get(type(error).__name__, '系统拒绝读取')}"
        return None, [Diagnostic("CE015", "error", message, Mark(name, 1, 1), hint="检查路径和权限")]
    return parse_yaml(data, name)


def only_comments(path: Path) -> bool:
    """Whether nothing is written in a file yet but remarks: a form that waits to be filled in."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    return bool(lines) and all(line.lstrip().startswith("#") or not line.strip() for line in lines)


def parse_yaml(data: bytes | str, name: str) -> tuple[Value | None, list[Diagnostic]]:
    """Parse the content of a file called ``name``."""
    if len(data) > MAX_BYTES:
        message = f"文件超过 {MAX_BYTES // 1024} KB"
        return None, [Diagnostic("CE009", "error", message, Mark(name, 1, 1), hint="规则、名单按用途分成几个文件")]
    text = _decode(data, name) if isinstance(data, bytes) else data
    if isinstance(text, Diagnostic):
        return None, [text]
    source = SourceFile(name, text.removeprefix("\ufeff"))
    found = _INVISIBLE.search(source.text)
    if found:
        return None, [_invisible(source, found.start(), found.group())]
    return _Tree(source).build()


def _decode(data: bytes, name: str) -> str | Diagnostic:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        hint = "用记事本或 WPS 文本打开，“另存为”时编码选 UTF-8"
        kind = ""
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            line, kind = 1, "，看来是 UTF-16"
        else:
            try:
                data.decode("gb18030")
                kind = "，看来是 GBK(ANSI)"
            except UnicodeDecodeError:
                pass
        shown = _line_as(data, line, "utf-16" if line == 1 and "16" in kind else "gb18030" if kind else "")
        return Diagnostic("CE001", "error", f"文件不是 UTF-8 编码{kind}", Mark(name, line, 1), 1, hint, shown)


def _line_as(data: bytes, line: int, encoding: str) -> str:
    """The line as its author sees it; a blank where nobody knows, so that nobody is shown rubbish."""
    lines = data.decode(encoding, "replace").splitlines() if encoding else []
    return lines[line - 1][:MAX_SHOWN] if 0 < line <= len(lines) else " "


def _invisible(source: SourceFile, offset: int, character: str) -> Diagnostic:
    message = f"有看不见的字符 U+{ord(character):04X}"
    return source.diagnostic("CE011", message, offset, hint="删掉它重新输入这一处（常由网页或聊天软件粘贴带来）")


class _Tree:
    """Builds the tree of one file from parser events, with a stack instead of recursion."""

    def __init__(self, source: SourceFile):
        self.source = source
        self.problems: list[Diagnostic] = []
        self.root: Value | None = None
        self.open: list[dict[str, Any] | list[Any]] = []
        self.keys: list[Text | None] = []  # per open container: the key that waits for its value

    def build(self) -> tuple[Value | None, list[Diagnostic]]:
        opened, keys = self.open, self.keys
        for event in self._events():
            if type(event) is yaml.ScalarEvent and event.anchor is None and event.tag is None:  # nine of ten
                text = self._scalar(event)
                if (
                    keys and keys[-1] is not None and (text or event.style)
                ):  # the value of a key: the shortest way, of half of all events
                    opened[-1].setdefault(keys[-1], text)  # type: ignore[union-attr]
                    keys[-1] = None
                else:
                    self._add(text, event.start_mark.index)
                continue
            self._take(event)
            if self.problems and self.problems[-1].code in ("CE009", "CE010"):
                break  # going on would only repeat the same complaint
        if self.root is None and not self.problems:
            self._say("CE012", "文件是空的", 0, hint="写入内容，或删除这个文件")
        if isinstance(self.root, Text) and not self.problems:
            self.problems.extend(explain_syntax(self.source, None, "文件里没有“键: 值”"))
        return (None, self.problems) if self.problems else (self.root, [])

    def _events(self) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(self.source.text, Loader=_PARSER)
        except yaml.MarkedYAMLError as error:
            at = error.problem_mark or error.context_mark
            if "nesting depth" in str(error.problem):  # libyaml 0.2.6 looks ahead and stops at a limit of its own
                self._too_deep(at.index if at else 0)
                return
            self.problems.extend(
                explain_syntax(self.source, at.line if at else 0, str(error.problem), at.column if at else 0)
            )
        except RecursionError:
            self._too_deep(0)
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            self._say("CE002", f"不是合法的 YAML({type(error).__name__})", 0)

    def _too_deep(self, at: int) -> None:
        self._say("CE009", f"嵌套超过 {MAX_DEPTH} 层", at, hint="检查方括号、花括号是否成对")

    def _take(self, event: yaml.Event) -> None:
        kind = type(event)
        if kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self.open.pop()
            self.keys.pop()
            return
        start = event.start_mark.index
        if isinstance(event, yaml.AliasEvent):
            self._say(
                "CE010", f"不支持引用（*{event.anchor}）", start, hint="把内容直接写在这里；共用的条件写成定义或词表"
            )
        elif getattr(event, "anchor", None):
            self._say("CE010", f"不支持锚点（&{event.anchor}）", start, hint="删去 & 记号；以 & 开头的文字请加引号")
        elif getattr(event, "tag", None):
            self._say("CE010", f"不支持类型标记（{event.tag}）", start, hint="删去 ! 记号；以 ! 开头的文字请加引号")
        elif isinstance(event, yaml.DocumentStartEvent):
            if self.root is not None:
                self._say("CE010", "一个文件里只能有一份内容", start, hint="删去“---”以下的部分，或另存为一个文件")
            elif event.version or event.tags:
                self._say("CE010", "不支持 % 开头的指令", start, hint="删去这一行")
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            container: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
            self._add(container, start)
            self.open.append(container)
            self.keys.append(None)
            if len(self.open) > MAX_DEPTH:
                self._too_deep(start)

    def _scalar(self, event: yaml.ScalarEvent) -> Text:
        value: str = event.value
        start, end = event.start_mark.index, event.end_mark.index
        found = _INVISIBLE.search(value) if event.style == '"' else None
        if found:
            self.problems.append(_invisible(self.source, start, found.group()))
        return Text(value, Places(self.source, None, (value, start, end, event.style)))

    def _add(self, value: Value, start: int) -> None:
        if not self.open:
            if self.root is None:
                self.root = value
            return
        parent, key = self.open[-1], self.keys[-1]
        if isinstance(parent, list):
            parent.append(value)
        elif key is not None:
            self._joined(key, value)
            parent.setdefault(key, value)
            self.keys[-1] = None
        elif not isinstance(value, Text):
            self._say("CE002", "键只能是一个词", start, hint="像 {名称} 这样的占位文字要加引号")
            self.keys[-1] = Text("", (self.source.mark(start),))
        else:
            self.keys[-1] = value
            if value in parent:
                first = next(k for k in parent if k == value)
                assert isinstance(first, Text)
                hint = f"第 {first.at(0).line} 行已经有“{value}”，两处合成一处"
                self._say("CE004", f"键“{value}”重复", start, length=len(value), hint=hint)

    def _joined(self, key: Text, value: Value) -> None:
        """{harm：8, focus:6}: key and value written as one word, which YAML takes for a key without a value."""
        found = _JOINT.search(key)
        places = key.marks
        plain = isinstance(places, Places) and places.span is not None and not places.span[3]
        if isinstance(value, Text) and not value and found and plain:
            wide = found.group(1) == "\uff1a"
            message = f"“{key}”里的冒号是全角的" if wide else f"“{key}”的冒号后面缺一个空格"
            comma = "，逗号也用半角" if "\uff0c" in key else ""
            name, rest = key[: found.start()], key[found.end() :].split("\uff0c")[0].strip()
            hint = f"写成 {name}: {rest}{comma}；若都是一段文字，整段加引号"
            assert isinstance(places, Places)
            self._say("CE003", message, places.offsets[found.start()], hint=hint)

    def _say(self, code: str, message: str, offset: int, *, length: int = 1, hint: str = "") -> None:
        self.problems.append(self.source.diagnostic(code, message, offset, length=length, hint=hint))
