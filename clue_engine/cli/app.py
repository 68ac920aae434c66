"""The command line: the table of commands, each imported only when it is called, and one place where errors end.

Comes in: arguments. Goes out: an exit code (see errors.py). ``--help`` must feel instant: nothing heavy is imported.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from clue_engine.cli import words
from clue_engine.cli.options import DEFAULT_WORKSPACE
from clue_engine.cli.screen import print_json, style
from clue_engine.errors import EXIT_INTERRUPTED, EXIT_OK, EXIT_STORAGE, ClueError, Problems

EXIT_BUG = 70  # sysexits EX_SOFTWARE
EXIT_TERMINATED = 128 + signal.SIGTERM
_ENDING: list[int] = []  # signals that came: an interrupted query does not say which one it was


@dataclass(frozen=True)
class Entry:
    """A command: the function ``name`` of ``clue_engine.cli.<module>``, and what it does in one line."""

    module: str
    function: str
    line: str


@dataclass(frozen=True)
class Family:
    """Commands under one word."""

    line: str
    commands: Mapping[str, Entry]


# To add a command: write clue_engine/cli/<module>.py with a plain typer function, add its line here.
COMMANDS: dict[str, Entry | Family] = {
    "run": Entry("run", "run_command", "一步完成：载入数据、关联、扫描、导出线索清单"),
    "ingest": Entry("stations", "ingest_command", "载入导出表（xlsx、xls、csv），逐文件报告读取情况"),
    "link": Entry("stations", "link_command", "把案件当事人与在册农户对上号"),
    "scan": Entry("stations", "scan_command", "按规则扫描，生成线索"),
    "export": Entry("export", "export_command", "导出线索清单、报告、移送函"),
    "clues": Entry("clues", "clues_command", "列出线索"),
    "show": Entry("show", "show_command", "说明一条线索：命中的规则、依据、数据出处"),
    "why-not": Entry("why_not", "why_not_command", "说明一户为什么没有命中一条规则，差在哪里"),
    "compare": Entry("compare", "compare_command", "与预期结果或上一次扫描对比"),
    "quality": Entry("quality", "quality_command", "列出各文件的填写率和数据疑点"),
    "review": Family(
        "人工核对身份",
        {
            "list": Entry("review", "list_command", "列出等待核对的身份"),
            "show": Entry("review", "show_command", "对照显示一对待核对的身份"),
            "decide": Entry("review", "decide_command", "记下核对结论"),
        },
    ),
    "fields": Entry("fields", "fields_command", "查规则里能用的字段"),
    "sources": Family(
        "导出表的版式",
        {
            "list": Entry("sources", "list_command", "列出认识的导出表"),
            "show": Entry("sources", "show_command", "显示一种导出表的列与对应字段"),
            "detect": Entry("sources", "detect_command", "判断一个文件是哪种导出表"),
            "draft": Entry("sources", "draft_command", "为不认识的导出表拟一份来源文件"),
        },
    ),
    "rules": Family(
        "规则包",
        {
            "list": Entry("rules", "list_command", "列出规则"),
            "show": Entry("rules", "show_command", "显示一条规则"),
            "check": Entry("check", "check_command", "检查规则包，一次列出全部问题"),
            "explain": Entry("check", "explain_command", "说明一个代码：意思、例子、怎么改"),
            "test": Entry("rules_test", "test_command", "运行规则自带的测试"),
            "try": Entry("rules_try", "try_command", "在上一次扫描的数据上试一条规则，不改动工作区"),
            "near-miss": Entry("rules_try", "near_miss_command", "只差一项条件就命中的有多少户、差多少"),
            "new": Entry("rules_new", "new_command", "新写一条规则：问几个问题，写出草稿和测试"),
            "fmt": Entry("rules_edit", "fmt_command", "把规则文件改成统一的写法，意思不变"),
            "diff": Entry("rules_life", "diff_command", "说明规则改了什么，哪些户增加、减少"),
            "lock": Entry("rules_life", "lock_command", "把规则的版本和逻辑记入 pack.lock"),
            "docs": Entry("rules_docs", "docs_command", "把规则包写成一本目录（网页和 Markdown）"),
            "schema": Entry("rules_docs", "schema_command", "规则文件的 JSON Schema，供编辑器提示"),
            "promote": Entry("rules_promote", "promote_command", "草稿 → 试行 → 启用，逐项把关"),
            "retire": Entry("rules_promote", "retire_command", "停用一条规则"),
        },
    ),
    "init": Entry("init", "init_command", "把规则包复制一份供本地修改"),
}

HELP = """因案致困线索发现：把防返贫监测、低保等名册与检察业务导出表对照，按规则列出可能因案致困的家庭。
结果只是供人核实的线索，不是认定结论。

例：
  clue-engine run 数据目录 --as-of 2025-06-30 -w 工作区    载入、关联、扫描、导出，一步完成
  clue-engine show 线索编号 -w 工作区                      看一条线索的依据
  clue-engine rules check --rules 我的规则                 改过规则后检查
"""
# Options that ``main`` takes before typer sees the arguments.
ALWAYS = (("--version", "显示版本"), ("--debug", "程序出错时在屏幕上显示经过（证件号码已遮盖）"))


class Command(TyperCommand):
    """A command with Chinese help."""

    def get_help(self, ctx: Any) -> str:
        return words.help_text(self, ctx)


class Group(TyperGroup):
    """A group whose commands are imported when called. ``table`` is set by ``_group``."""

    table: Mapping[str, Entry | Family]

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
            return _group(cmd_name, entry.commands, entry.line)
        return _command(cmd_name, entry) if entry else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.table:
            place = ctx.command_path
            if args[0].startswith("-"):
                raise ClueError("CE-U01", f"没有 {args[0]} 这个选项", place=place, hint=f"{place} --help")
            hint = words.did_you_mean(args[0], list(self.table))
            raise ClueError("CE-U01", f"没有“{args[0]}”这个命令", place=place, hint=hint)
        return super().resolve_command(ctx, args)


def _command(name: str, entry: Entry) -> Any:
    """Import the module of a command and let typer read its function."""
    module = f"clue_engine.cli.{entry.module}"
    try:
        function = getattr(importlib.import_module(module), entry.function)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise ClueError("CE-U03", f"这个版本还没有命令 {name}", hint="clue-engine --help 看可用的命令") from None
    app = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
    app.command(name, cls=Command)(function)
    command = typer.main.get_command(app)
    command.name = name
    command.help = function.__doc__ or entry.line
    return command


def _group(name: str, table: Mapping[str, Entry | Family], text: str) -> Group:
    group = Group(name=name, help=text, rich_markup_mode=None, no_args_is_help=False)
    group.table = table
    return group


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: run and leave with an exit code. No traceback ever reaches the screen without --debug."""
    args = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):  # ascii and GBK consoles cannot show every character of a name
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    os.umask(0o077)  # whatever is written is about victims and children
    signal.signal(signal.SIGTERM, _terminate)
    code = _run(args)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_stdout()
    sys.exit(code)


def _terminate(number: int, _: object) -> None:
    """SIGTERM: leave as after Ctrl-C, so that temporary files are swept."""
    _ENDING.append(number)
    raise KeyboardInterrupt


def _run(args: list[str]) -> int:
    debug = "--debug" in args
    args = [a for a in args if a != "--debug"]
    if args in (["--version"], ["-V"]):
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"clue-engine {version('clue-engine')}")
        except PackageNotFoundError:
            print("clue-engine （未安装）")
        return EXIT_OK
    try:
        result = _group("clue-engine", COMMANDS, HELP).main(args, prog_name="clue-engine", standalone_mode=False)
        if result == EXIT_INTERRUPTED:  # typer makes this of Ctrl-C
            return _interrupted()
        return result if isinstance(result, int) else EXIT_OK
    except typer.Exit as error:
        return error.exit_code
    except SystemExit as error:
        if isinstance(error.__context__, OSError) and error.__context__.errno == errno.EPIPE:  # typer caught it first
            _drop_stdout()
            return EXIT_OK
        raise
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except BrokenPipeError:
        _drop_stdout()
        return EXIT_OK
    except ClueError as error:
        return _tell(error, args)
    except MemoryError:
        return _tell(ClueError("CE-S31", "内存不足", hint="关闭其他程序后再运行", exit_code=EXIT_STORAGE), args)
    except Exception as error:
        if hasattr(error, "format_message"):  # typer's usage errors; their classes moved between its versions
            ctx = getattr(error, "ctx", None)
            place = ctx.command_path if ctx is not None else "clue-engine"
            hint = f"{place} --help"
            names = getattr(error, "possibilities", None)
            if names:
                hint = f"是否想写 {' 或 '.join(sorted(names))}? 全部选项见 {hint}"
            message = words.usage_error(str(error.format_message()))
            return _tell(ClueError("CE-U01", message, place=place, hint=hint), args)
        return _bug(error, args, debug)


def _interrupted() -> int:
    print("\n已中断，没有写出未完成的结果", file=sys.stderr)
    return EXIT_TERMINATED if _ENDING else EXIT_INTERRUPTED


def _tell(error: ClueError, args: Sequence[str]) -> int:
    """Show an error that the user can mend."""
    if "--json" in args:
        problem = {"code": error.code, "message": error.message, "place": error.place, "hint": error.hint}
        print_json({"error": problem})
    if isinstance(error, Problems):
        from clue_engine.pack.render import render_all

        print(render_all(error.diagnostics), file=sys.stderr)
    print(style("错误", "red", sys.stderr) + f" {error}", file=sys.stderr)
    return error.exit_code


def _bug(error: BaseException, args: Sequence[str], debug: bool) -> int:
    """An error of ours: one line on the screen, the traceback in the workspace's debug.log, numbers of IDs masked."""
    import traceback

    trace = re.sub(r"\d(?=[\dXx]{3})", "*", "".join(traceback.format_exception(error)))
    kept = "用 --debug 重新运行可看到经过"
    log = _workspace(args) / "debug.log"
    if log.parent.is_dir():
        try:
            descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace") as stream:
                stream.write(f"clue-engine {args[0] if args else ''}\n{trace}\n")
            kept = f"经过已记入 {log}"
        except OSError:
            pass
    if debug:
        print(trace, file=sys.stderr)
    problem = ClueError(
        "CE-P00", f"程序内部错误（{type(error).__name__}）", hint=f"{kept}，请报告给维护人员", exit_code=EXIT_BUG
    )
    return _tell(problem, args)


def _workspace(args: Sequence[str]) -> Path:
    """The workspace the command was given, without parsing its options again."""
    for i, arg in enumerate(args):
        if arg in ("--workspace", "-w") and i + 1 < len(args):
            return Path(args[i + 1])
        if arg.startswith("--workspace="):
            return Path(arg.partition("=")[2])
    return Path(os.environ.get("CLUE_WORKSPACE") or DEFAULT_WORKSPACE)


def _drop_stdout() -> None:
    """The reader of our pipe has left: the rest goes nowhere, silently."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
