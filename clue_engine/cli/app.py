"""The command line: arguments in, exit code out, and one place where errors end.

No traceback ever reaches the screen without --debug.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Sequence

import typer

from clue_engine.cli import completion, words
from clue_engine.cli.commands import COMMANDS
from clue_engine.cli.config import defaults
from clue_engine.cli.endings import bug, drop_stdout, interrupted, patient, tell
from clue_engine.cli.groups import group
from clue_engine.cli.screen import talk
from clue_engine.errors import EXIT_INTERRUPTED, EXIT_OK, EXIT_STORAGE, ClueError

HELP = """因案致困线索发现：把防返贫监测、低保等名册与检察业务导出表对照，按规则列出可能因案致困的家庭。
结果只是供人核实的线索，不是认定结论。

例：
  clue-engine run 数据目录 --as-of 2025-06-30 -w 工作区    载入、关联、扫描、导出，一步完成
  clue-engine show 线索编号 -w 工作区                      看一条线索的依据
  clue-engine rules check --rules 我的规则                 改过规则后检查
  clue-engine rules explain CE-F01                         看一个代码的意思和办法

退出码：0 完成，1 检查发现问题，2 用法或配置有误，3 部分完成（有文件、列或规则没有用上），4 工作区被占用，
5 磁盘、权限或工作区故障，70 程序内部错误，130 Ctrl-C。
"""
_ALWAYS = frozenset({"--debug", "--quiet", "-q", "--verbose", "-v"})
_ENDING: list[int] = []  # signals that came: an interrupted query does not say which one it was


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: run and leave with an exit code."""
    args = list(sys.argv[1:] if arguments is None else arguments)
    sys.stdout = patient(sys.stdout)
    for stream in (sys.stdout, sys.stderr):  # ascii and GBK consoles cannot show every character of a name
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.unraisablehook = _ignored
    os.umask(0o077)  # whatever is written is about victims and children
    for ending in ("SIGTERM", "SIGHUP"):  # the terminal is closed; Windows has no SIGHUP
        number = getattr(signal, ending, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:  # nohup asked to go on
            signal.signal(number, _terminate)
    code = _run(args)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        drop_stdout()
    sys.exit(code)


def _ignored(error: sys.UnraisableHookArgs) -> None:
    """A file that could not be closed behind an error that is told already (disk full) puts no traceback beside it."""
    if not isinstance(error.exc_value, OSError):
        sys.__unraisablehook__(error)


def _terminate(number: int, _: object) -> None:
    """Told to end: leave as after Ctrl-C, so that temporary files are swept."""
    _ENDING.append(number)
    raise KeyboardInterrupt


def _run(args: list[str]) -> int:
    args, always = _taken_out(args)
    debug = "--debug" in always
    talk.quiet, talk.verbose = bool(always & {"--quiet", "-q"}), bool(always & {"--verbose", "-v"})
    if os.environ.get(completion.COMPLETE):
        completion.ready()
    if args in (["--version"], ["-V"]):
        return _version()
    try:
        result = group("clue-engine", COMMANDS, HELP).main(
            list(args), prog_name="clue-engine", standalone_mode=False, obj=args, default_map=defaults()
        )
        if result == EXIT_INTERRUPTED:  # typer makes this of Ctrl-C
            return interrupted(terminated=bool(_ENDING))
        return result if isinstance(result, int) else EXIT_OK
    except typer.Exit as error:
        return error.exit_code
    except SystemExit as error:
        if isinstance(error.__context__, OSError) and error.__context__.errno == errno.EPIPE:  # typer caught it first
            drop_stdout()
            return EXIT_OK
        raise
    except (KeyboardInterrupt, typer.Abort):
        return interrupted(terminated=bool(_ENDING))
    except BrokenPipeError:
        drop_stdout()
        return EXIT_OK
    except ClueError as error:
        return tell(error, args)
    except MemoryError:
        return tell(ClueError("CE-S31", "内存不足", hint="关闭其他程序后再运行", exit_code=EXIT_STORAGE), args)
    except Exception as error:
        usage = _usage(error)
        return tell(usage, args) if usage else bug(error, args, debug=debug)


def _taken_out(args: list[str]) -> tuple[list[str], set[str]]:
    """The arguments without those that every command takes, and those; what stands behind ``--`` is a name."""
    end = args.index("--") if "--" in args else len(args)
    always = {a for a in args[:end] if a in _ALWAYS}
    return [a for n, a in enumerate(args) if n >= end or a not in _ALWAYS], always


def _version() -> int:
    from importlib.metadata import PackageNotFoundError, version

    try:
        print(f"clue-engine {version('clue-engine')}")
    except PackageNotFoundError:
        print("clue-engine （未安装）")
    return EXIT_OK


def _usage(error: Exception) -> ClueError | None:
    """A usage error of typer as one of ours; its classes moved between typer's versions."""
    if not hasattr(error, "format_message"):
        return None
    ctx = getattr(error, "ctx", None)
    place = ctx.command_path if ctx is not None else "clue-engine"
    hint = f"{place} --help"
    names = getattr(error, "possibilities", None)
    if names:
        hint = f"是否想写 {' 或 '.join(sorted(names))}? 全部选项见 {hint}"
    from clue_engine.export.privacy import redact  # a word too many may be the number of a person

    return ClueError("CE-U01", redact(words.usage_error(str(error.format_message()))), place=place, hint=hint)
