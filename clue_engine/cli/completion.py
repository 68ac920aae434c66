"""completion: the script by which a shell completes commands and options."""

from __future__ import annotations

import importlib
from typing import Annotated, Any

import typer

from clue_engine.errors import EXIT_OK

COMPLETE = "_CLUE_ENGINE_COMPLETE"  # in the environment while a shell asks
SHELLS = ("bash", "zsh", "fish", "powershell")
ShellArgument = Annotated[str, typer.Argument(metavar="终端", help="bash、zsh、fish 或 powershell")]


def completion_command(shell: ShellArgument = "bash") -> int:
    """输出补全脚本：装上以后，按 Tab 补全命令和选项。不联网。

    例：
      eval "$(clue-engine completion bash)"                          写进 ~/.bashrc 则每次都有
      clue-engine completion zsh > ~/.zfunc/_clue-engine             目录要在 fpath 里
      clue-engine completion powershell | Out-String | Invoke-Expression
    """
    from clue_engine.cli.choices import one_of

    name = one_of(shell, SHELLS, "completion", "终端")
    print(_typer().get_completion_script(prog_name="clue-engine", complete_var=COMPLETE, shell=name))
    return EXIT_OK


def ready() -> None:
    """Before a shell is answered."""
    _typer().completion_init()


def _typer() -> Any:
    """What typer does for its own --install-completion; it names no type."""
    return importlib.import_module("typer.completion")
