"""The catalogue of faults: catalogue.yaml read and checked.

Comes in: catalogue.yaml, the files of the program. Goes out: ``Fault`` per entry, in the order of the file, and what
is wrong with an entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import clue_engine

ROOT = Path(__file__).parent.parent.parent
PROGRAM = Path(clue_engine.__file__).parent.parent  # the checkout, or where the wheel is installed
CATALOGUE = Path(__file__).parent / "catalogue.yaml"
_OF_GROUP = {"file", "tests", "faults"}
_OF_FAULT = {"id", "text", "replacement", "breaks", "tests", "unnoticed"}


@dataclass(frozen=True)
class Fault:
    """``text`` of ``file`` becomes ``replacement``. ``unnoticed``: why no test can be asked to notice it, or ""."""

    id: str
    file: str
    text: str
    replacement: str
    breaks: str
    tests: tuple[str, ...]
    unnoticed: str = ""

    @property
    def station(self) -> str:
        return Path(self.file).parts[1].removesuffix(".py")


def faults() -> list[Fault]:
    """All entries, each with the tests of its group or with its own."""
    found = []
    for group in yaml.safe_load(CATALOGUE.read_text(encoding="utf-8")):
        assert set(group) == _OF_GROUP, group["file"]
        for entry in group["faults"]:
            assert set(entry) <= _OF_FAULT, entry["id"]
            own: dict[str, Any] = {"tests": group["tests"], **entry, "file": group["file"]}
            found.append(Fault(**{**own, "tests": tuple(own["tests"])}))
    return found


def complaint(fault: Fault, program: Path = PROGRAM, root: Path = ROOT) -> str:
    """What is wrong with an entry; "" when it can be put into the program. ``root``: where tests/ is."""
    path = program / fault.file
    if not path.is_file():
        return f"no such file: {fault.file}"
    times = path.read_text(encoding="utf-8").count(fault.text)
    if times != 1:
        return f"its text stands {times} times in {fault.file}"
    if fault.text == fault.replacement:
        return "its replacement is its text"
    missing = [name for name in fault.tests if not (root / name.partition("::")[0]).is_file()]
    return f"no such test: {missing[0]}" if missing else ""


def tenth(all_faults: list[Fault], number: int) -> list[Fault]:
    """Every tenth fault, so that a tenth holds some of each station."""
    return all_faults[number % 10 :: 10]
