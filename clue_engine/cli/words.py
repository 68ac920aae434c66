"""The help and usage errors of typer in Chinese, laid out by the width of Chinese characters.

Comes in: a command and its context, or a usage error. Goes out: text.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import Any

from clue_engine.cli.screen import pad, terminal_width, wrap
from clue_engine.values.text import width

HELP_OPTION = "显示这份说明"
_LEFT = 30  # widest left column of a list
_EXTRAS = (
    (re.compile(r"\bdefault: "), "默认："),
    (re.compile(r"\benv var: "), "环境变量："),
    (re.compile(r"\brequired\b"), "必填"),
)
_TYPES = {
    "TEXT": "文字",
    "INTEGER": "整数",
    "FLOAT": "数",
    "PATH": "路径",
    "FILE": "文件",
    "DIRECTORY": "目录",
    "BOOLEAN": "是否",
}
_ERRORS = (
    (re.compile(r"No such option: (\S+?)\.?(?: .*)?$"), "没有 {0} 这个选项"),
    (re.compile(r"No such command '(.*)'\.?.*"), "没有“{0}”这个命令"),
    (re.compile(r"Option '?(\S+?)'? requires an argument\.?"), "选项 {0} 后面要写一个值"),
    (re.compile(r"Option '?(\S+?)'? requires (\d+) arguments\.?"), "选项 {0} 后面要写 {1} 个值"),
    (re.compile(r"Option '?(\S+?)'? does not take a value\.?"), "选项 {0} 后面不写值"),
    (re.compile(r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)\.?"), "多余的参数：{0}"),
    (re.compile(r"Missing argument '?(.*?)'?\."), "缺少参数 {0}"),
    (re.compile(r"Missing option '?(.*?)'?\."), "缺少选项 {0}"),
    (re.compile(r"Missing command\.?"), "缺少命令"),
    (re.compile(r"Invalid value for '?(.*?)'?: '(.*)' is not a valid integer\.?"), "{0} 应是整数，写的是“{1}”"),
    (re.compile(r"Invalid value for '?(.*?)'?: '(.*)' is not a valid float\.?"), "{0} 应是数，写的是“{1}”"),
    (re.compile(r"Invalid value for '?(.*?)'?: (?:Path|File|Directory) '(.*)' does not exist\.?"), "{0}：“{1}”不存在"),
    (re.compile(r"Invalid value for '?(.*?)'?: '(.*)' is not one of (.*?)\.?"), "{0} 不能是“{1}”，可用：{2}"),
    (re.compile(r"Invalid value for '?(.*?)'?: (.*)"), "{0}：{1}"),
)


def usage_error(message: str) -> str:
    """A usage error of typer in Chinese; an unknown one stays as it is."""
    for pattern, words in _ERRORS:
        found = pattern.fullmatch(message)
        if found:
            return words.format(*found.groups())
    return message


def did_you_mean(word: str, names: Sequence[str]) -> str:
    from clue_engine.pack.suggest import nearest

    found = nearest(word, names, limit=2)
    return "是否想写 " + " 或 ".join(found) + "？" if found else "可用：" + "、".join(names)


def help_text(command: Any, ctx: Any, more: Sequence[tuple[str, str]] = ()) -> str:
    """The help of a command: what it does, examples, usage, arguments, options or commands."""
    lines = inspect.cleandoc(command.help or "").split("\n") if command.help else []
    commands = []
    if hasattr(command, "list_commands"):
        commands = [(name, command.one_line(name)) for name in command.list_commands(ctx)]
    arguments, options = [], []
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is None:
            continue
        name, text = record
        if param.param_type_name == "argument":
            arguments.append((param.metavar or name, _extras(text)))
        else:
            options.append((_option(name), _extras(text)))
    options += more
    pieces = [ctx.command_path, *(_usage_word(p) for p in command.get_params(ctx) if p.param_type_name == "argument")]
    if options:
        pieces.insert(1, "[选项]")
    if commands:
        pieces.append("命令 ...")
    out = [*lines, "", f"用法：{' '.join(pieces)}"]
    for title, pairs in (("命令", commands), ("参数", arguments), ("选项", options)):
        if pairs:
            out += ["", f"{title}：", *_pairs(pairs)]
    return "\n".join(out).strip("\n")


def _usage_word(param: Any) -> str:
    word = param.metavar or param.name.upper()
    several = param.nargs == -1 or getattr(param, "multiple", False)
    word = f"{word}..." if several and not word.endswith("...") else word
    return word if param.required else f"[{word}]"


def _option(name: str) -> str:
    name = name.replace(", --data", "")  # the former name of --workspace, still understood
    return re.sub(r"\b[A-Z]{4,9}\b", lambda m: _TYPES.get(m.group(), m.group()), name)


def _extras(text: str) -> str:
    for pattern, words in _EXTRAS:
        text = pattern.sub(words, text)
    return text


def _pairs(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Two columns; a long left one takes a line of its own."""
    left = min(max(width(name) for name, _ in pairs), _LEFT)
    room = max(min(terminal_width(), 100) - left - 4, 20)
    lines = []
    for name, text in pairs:
        first, *more = wrap(" ".join(text.split()), room)
        if width(name) > left:
            lines.append(f"  {name}")
            name = ""
        lines.append(f"  {pad(name, left)}  {first}".rstrip())
        lines += [" " * (left + 4) + line for line in more]
    return lines
