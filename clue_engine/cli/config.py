"""clue.toml for every command: what it says becomes the default of options; config show says where each value is from.

Comes in: the folder in which a command is called. Goes out: defaults by command and option; options on the line win,
then environment variables, then the file, then the program.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clue_engine.cli.again import quoted
from clue_engine.cli.commands import COMMANDS, Entry, Family
from clue_engine.cli.options import DEFAULT_WORKSPACE, JsonOption

if TYPE_CHECKING:
    from clue_engine.office import Office
    from clue_engine.pack.model import Pack

FILE = "clue.toml"
_WITH_OUT = ("run", "export")  # their --out is where the lists lie
_BESIDE = ("check", "diff")  # of rules: they look at a workspace only when asked to


def defaults(folder: Path = Path()) -> dict[str, Any] | None:
    """Defaults for typer by command; None without a clue.toml. Raises CE-U43."""
    if not (folder / FILE).is_file():
        return None
    from clue_engine.office import load_office

    office = load_office(folder)
    if office is None:
        return None
    found = _of_commands(COMMANDS, _values(office))
    if not office.paths.workspace:  # run has its workspace where it writes, also with another --out
        found["run"].pop("workspace", None)
    return found


def at_office(pack: Pack) -> Pack:
    """The pack with the deadlines of clue.toml: one deadline in lists, letters and the ledger."""
    from dataclasses import replace

    from clue_engine.office import load_office

    office = load_office()
    return replace(pack, receiver_days=office.days()) if office else pack


def at(workspace: str, folder: Path = Path()) -> str:
    """`` -w 工作区`` for a command to be typed next; empty where the office folder says it already."""
    values = defaults(folder) or {}
    return "" if values.get("clues", {}).get("workspace") == workspace else f" -w {quoted(workspace)}"


def _values(office: Office) -> dict[str, Any]:
    """By the name of the parameter; only what the file says."""
    found = {name: office.path(name) for name in ("rules", "parameters", "ledger", "out")}
    own = {name: str(path) for name, path in found.items() if path is not None}
    workspace = office.path("workspace") or (office.folder / office.paths.out / "workspace" if own.get("out") else None)
    if workspace:
        own["workspace"] = str(workspace)
    inputs = [str(path) for path in office.inputs()]
    return own | ({"inputs": inputs} if inputs else {})


def _of_commands(commands: Mapping[str, Entry | Family], values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, entry in commands.items():
        if isinstance(entry, Family):
            found[name] = _of_commands(entry.commands, {k: v for k, v in values.items() if k not in ("out", "inputs")})
        else:
            without = {
                *(("workspace",) if name in _BESIDE else ()),
                *(() if name == "run" else ("inputs",)),
                *(() if name in _WITH_OUT else ("out",)),
            }
            found[name] = {k: v for k, v in values.items() if k not in without}
    return found


def show_command(json: JsonOption = False) -> int:
    """逐项列出现在用的设置和它从哪里来：环境变量、clue.toml 还是程序的默认值。

    命令里写的选项总是优先，其次环境变量，其次 clue.toml，最后是默认值。

    例：
      clue-engine config show
    """
    from clue_engine.cli.screen import print_json, print_table, say
    from clue_engine.errors import EXIT_OK
    from clue_engine.office import Office, load_office

    office = load_office()
    rows = _rows(office or Office())
    if json:
        print_json([{"name": name, "value": value, "from": origin} for name, value, origin in rows])
        return EXIT_OK
    print_table(("项目", "值", "来自"), rows)
    if office is None:
        say("这个文件夹里没有 clue.toml；建立办公目录：clue-engine init 目录")
    return EXIT_OK


def _rows(office: Office) -> list[tuple[str, str, str]]:
    """Name, value, origin: of every setting, also of those that nobody set."""
    without = {
        "inputs": "（每次写明）", "out": "clue-out", "workspace": str(DEFAULT_WORKSPACE), "rules": "程序自带的规则包",
        "parameters": "数据目录里的 parameters.yaml，没有则不用", "ledger": "不用台账", "holidays": "规则包里的",
    }  # fmt: skip
    values = _values(office)
    found = []
    for name, default in without.items():
        said = values.get(name) or (str(office.path("holidays") or "") if name == "holidays" else "")
        origin = FILE if said else "默认"
        if name == "workspace" and os.environ.get("CLUE_WORKSPACE"):
            said, origin = os.environ["CLUE_WORKSPACE"], "环境变量 CLUE_WORKSPACE"
        elif name == "workspace" and said and not office.paths.workspace:
            origin = f"{FILE}（out 里的 workspace）"
        found.append((f"paths.{name}", "、".join(said) if isinstance(said, list) else said or default, origin))
    for name, text in office.office.model_dump().items():
        found.append((f"office.{name}", text or "（函上留空）", FILE if text else "默认"))
    for receiver, own in office.receivers.items():
        days = f"{own.days} 个工作日" if own.days else "期限按线索方向"
        found.append((f"receivers.{receiver}", f"清单里的“{'、'.join(own.match) or receiver}”，{days}", FILE))
    kept = office.retention.days
    found.append(("retention.days", str(kept) if kept else "（没有写，purge 不清理）", FILE if kept else "默认"))
    return found
