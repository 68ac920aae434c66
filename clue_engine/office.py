"""The office folder: clue.toml, read and checked.

Comes in: a folder. Goes out: ``Office``, paths made from the folder of the file. Raises CE-U43 with everything that is
wrong at once. What a command is told on its line comes first, then this file, then what the program would do without.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clue_engine.errors import ClueError

FILE = "clue.toml"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Sender(_Part):
    """Who writes the letters: 移送单位, contact, the stamp line."""

    name: str = ""
    contact: str = ""
    phone: str = ""
    stamp: str = ""


class Receiver(_Part):
    """``match``: the words by which the lists call this office; ``days``: working days until it answers."""

    match: list[str] = []
    contact: str = ""
    phone: str = ""
    days: int | None = Field(default=None, ge=1, le=250)


class Places(_Part):
    """Relative to the folder of the file."""

    inputs: list[str] = []
    out: str = ""
    workspace: str = ""
    rules: str = ""
    parameters: str = ""
    ledger: str = ""
    holidays: str = ""


class Retention(_Part):
    """For how many days after its scan a workspace, its lists and parcels are kept."""

    days: int | None = Field(default=None, ge=30)


class Office(_Part):
    """What clue.toml says. ``folder``: where it lies."""

    folder: Path = Field(default=Path(), exclude=True, strict=False)
    office: Sender = Sender()
    paths: Places = Places()
    receivers: dict[str, Receiver] = {}
    retention: Retention = Retention()

    def path(self, name: str) -> Path | None:
        """One of ``paths``, from here; None where the file does not say."""
        said = getattr(self.paths, name)
        return self.folder / said if said else None

    def inputs(self) -> list[Path]:
        return [self.folder / said for said in self.paths.inputs]

    def days(self) -> dict[str, int]:
        """Working days by the words that call an office in the lists."""
        return {word: one.days for name, one in self.receivers.items() if one.days for word in one.match or [name]}

    def receiver(self, word: str) -> tuple[str, Receiver]:
        """The receiver that ``word`` calls; one the file does not name goes by the word. Raises CE-U02 (several)."""
        for name, receiver in self.receivers.items():
            if word == name or word in receiver.match:
                return name, receiver
        found = [name for name in self.receivers if word in name]
        if len(found) > 1:
            hint = f"写明是哪一个：{'、'.join(found)}"
            raise ClueError("CE-U02", f"“{word[:20]}”可以是几个单位", place="--to", hint=hint)
        return (found[0], self.receivers[found[0]]) if found else (word, Receiver())


def load_office(folder: Path = Path()) -> Office | None:
    """The file in ``folder``; None without one. Raises CE-U43."""
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        value = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        raise _wrong(path, ["读不出来；要存为 UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise _wrong(path, [f'写法有错（{_place(error)}）；中文的名称要加引号，如 [receivers."民政局"]']) from None
    try:
        return Office.model_validate({**value, "folder": folder})
    except ValidationError as error:
        raise _wrong(path, [_said(e) for e in error.errors()]) from None


def _place(error: Exception) -> str:
    """Where the reader stopped; its message is English."""
    words = str(error).split("at line ")
    return f"第 {words[1].split(',')[0]} 行" if len(words) > 1 else "文件末尾"


_TYPES = {
    "string_type": "要写成加引号的文字",
    "int_type": "要写成整数",
    "list_type": "要写成方括号里的几项",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
    "model_type": "下面要分项写",
    "dict_type": "下面要分项写",
}


def _said(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{where}：没有这一项{_known(error['loc'])}"
    return f"{where}：{_TYPES.get(error['type'], '不是要写的样子')}"


def _known(where: tuple[int | str, ...]) -> str:
    models: dict[str, type[BaseModel]] = {
        "office": Sender, "paths": Places, "receivers": Receiver, "retention": Retention,
    }  # fmt: skip
    model = models.get(str(where[0])) if len(where) > 1 else Office
    names = [name for name in (model or Office).model_fields if name != "folder"]
    return f"，可以写 {'、'.join(names)}"


def _wrong(path: Path, messages: list[str]) -> ClueError:
    hint = "照提示改；样子见 clue-engine init 写出的文件"
    return ClueError("CE-U43", "；".join(messages[:8]), place=str(path), hint=hint)
