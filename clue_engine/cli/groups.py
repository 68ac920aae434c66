"""Commands and groups of commands for typer, made from the table; a command is imported when it is called.

``--help`` must feel instant: nothing heavy is imported.
"""

from __future__ import annotations

import importlib
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from clue_engine.cli import words
from clue_engine.cli.commands import Entry, Family
from clue_engine.errors import ClueError

# Options that ``main`` takes before typer sees the arguments.
ALWAYS = (
    ("--version, -V", "显示版本"),
    ("--quiet, -q", "不显示进度和提示，只输出结果和错误"),
    ("--verbose, -v", "多显示一些：各步骤和用时，不在终端上也显示"),
    ("--debug", "程序出错时在屏幕上显示经过（姓名、号码已遮盖）"),
)
_SETTINGS = {"help_option_names": ["--help", "-h"]}


class Command(TyperCommand):
    """A command with Chinese help."""

    def get_help_option(self, ctx: Any) -> Any:
        return _in_chinese(super().get_help_option(ctx))

    def get_help(self, ctx: Any) -> str:
        return words.help_text(self, ctx)

    def invoke(self, ctx: Any) -> Any:
        for value in ctx.params.values():
            for path in value if isinstance(value, list | tuple) else [value]:
                if isinstance(path, Path):
                    _refuse_pipe(path)
        return super().invoke(ctx)


def _in_chinese(option: Any) -> Any:
    if option is not None:
        option.help = words.HELP_OPTION
    return option


def _refuse_pipe(path: Path) -> None:
    """Nobody waits for ever for a pipe that is named where a file should be."""
    with suppress(OSError):
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            hint = "先存成文件，再写文件名"
            raise ClueError("CE-F11", "这是管道或设备，不是文件，没有读", place=str(path), hint=hint)


class Group(TyperGroup):
    """A group whose commands are imported when called. ``table`` is set by ``group``."""

    table: Mapping[str, Entry | Family]

    def get_help_option(self, ctx: Any) -> Any:
        return _in_chinese(super().get_help_option(ctx))

    def get_help(self, ctx: Any) -> str:
        return words.help_text(self, ctx, ALWAYS if ctx.parent is None else ())

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            print(ctx.get_help())
            ctx.exit()
        return super().parse_args(ctx, args)

    def one_line(self, name: str) -> str:
        return self.table[name].line

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        entry = self.table.get(cmd_name)
        if isinstance(entry, Family):
            return group(cmd_name, entry.commands, entry.line)
        return _command(cmd_name, entry) if entry else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.table and not ctx.resilient_parsing:  # while the shell completes, ask nothing
            place = ctx.command_path
            if args[0].startswith("-"):
                raise ClueError("CE-U01", f"没有 {args[0]} 这个选项", place=place, hint=f"{place} --help")
            hint = words.did_you_mean(args[0], list(self.table))
            raise ClueError("CE-U01", f"没有“{args[0]}”这个命令", place=place, hint=hint)
        return super().resolve_command(ctx, args)


def _command(name: str, entry: Entry) -> Any:
    """Import the module of a command and let typer read its function."""
    function = getattr(importlib.import_module(f"clue_engine.cli.{entry.module}"), entry.function)
    app = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
    app.command(name, cls=Command, context_settings=_SETTINGS)(function)
    command = typer.main.get_command(app)
    command.name = name
    command.help = function.__doc__ or entry.line
    command.short_help = entry.line  # what a shell shows beside it when it completes
    return command


def group(name: str, table: Mapping[str, Entry | Family], text: str) -> Group:
    group = Group(name=name, help=text, rich_markup_mode=None, no_args_is_help=False, context_settings=_SETTINGS)
    group.table = table
    return group
