"""rules fmt: rule files in one form.

Comes in: files, or a pack. Goes out: the files rewritten, or with --check the names of those that would be.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clue_engine.cli.options import RulesOption
from clue_engine.cli.rules_life import own_pack
from clue_engine.cli.screen import say, style
from clue_engine.errors import EXIT_PROBLEMS, ClueError, Diagnostic

FilesArgument = Annotated[list[Path] | None, typer.Argument(metavar="文件", help="规则文件", show_default=False)]
AllOption = Annotated[bool, typer.Option("--all", help="规则包里的全部规则文件", show_default=False)]
CheckOption = Annotated[bool, typer.Option("--check", help="只检查，不改文件", show_default=False)]


def fmt_command(
    files: FilesArgument = None, every: AllOption = False, check: CheckOption = False, rules: RulesOption = None
) -> None:
    """把规则文件改成统一的写法：键的次序、引号、条件里的符号和空格。意思和注释都不变。

    例：
      clue-engine rules fmt 我的规则/judicial/J02_重伤.yaml
      clue-engine rules fmt --all --rules 我的规则
      clue-engine rules fmt --all --check
    用 --check 时，有文件要改则退出码为 1。
    """
    from clue_engine.language.format_rule import format_rule
    from clue_engine.pack.load import shown_path
    from clue_engine.pack.lock import write_whole
    from clue_engine.pack.render import render_all

    if every and not check:
        own_pack(rules, "rules fmt --all")
    todo = list(files or ()) + (_rule_files(rules) if every else [])
    if not todo:
        raise ClueError("CE-U01", "没有写文件名", place="rules fmt", hint="写上文件，或加 --all 整理全部规则文件")
    problems: list[Diagnostic] = []
    n_other = 0
    for path in todo:
        data = _read(path)
        found = format_rule(data, shown_path(path))
        problems += found.problems
        if found.text is not None and found.text.encode("utf-8") != data:
            n_other += 1
            print(f"{'要改' if check else '已改'} {shown_path(path)}")
            if not check:
                write_whole(path, found.text)
    if problems:
        print(render_all(problems, style))
        say("有错的文件没有整理，先按上面改正")
    say(f"{len(todo)} 个文件，{n_other} 个{'要整理' if check else '已整理'}")
    if problems or (check and n_other):
        raise typer.Exit(EXIT_PROBLEMS)


def _rule_files(rules: Path | None) -> list[Path]:
    from clue_engine.pack.load import rule_paths

    return rule_paths(rules)


def _read(path: Path) -> bytes:
    import os

    try:
        return path.read_bytes()
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise ClueError("CE015", f"文件读不出来（{reason}）", place=str(path), hint="检查路径和权限") from None
