"""Whether a pack fits this program: the format it is written in, and the words that the stations name.

Comes in: a pack (needs.yaml says what the program wants of it). Goes out: nothing, or one ClueError with the next step.
A pack is copied by ``clue-engine init`` and lives on beside newer programs: that must not end in an error of ours.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from clue_engine.errors import ClueError
from clue_engine.pack.model import Pack
from clue_engine.pack.text import read_yaml

# How the files of a pack are written; ``format`` in pack.yaml, 1 where nothing is said. Raised when a pack of the old
# format would be read wrongly or not at all; a new optional key is no new format.
PACK_FORMAT = 1
_NEEDS = Path(__file__).with_name("needs.yaml")
_SHOWN = 4
_RENEW = (
    "用 clue-engine init 新规则 --rules-only 复制本版程序的规则包，"
    "用 clue-engine rules diff 旧规则 新规则 看有哪些不同，再把自己改过的规则放进去"
)


def check_format(written: str, place: str) -> None:
    """Raise CE040 when a pack is written for another program than this one."""
    if written == str(PACK_FORMAT):
        return
    newer = written.isdecimal() and int(written) > PACK_FORMAT
    raise ClueError(
        "CE040",
        f"规则包的格式是“{written[:10]}”，本程序只认格式 {PACK_FORMAT}",
        place=place,
        hint=f"升级程序；或{_RENEW}" if newer else _RENEW,
    )


def check_fit(pack: Pack) -> None:
    """Raise CE041 when the pack lacks what the stations need; to be called before the first of them."""
    lacking = missing(pack)
    if lacking:
        more = f" 等 {len(lacking)} 项" if len(lacking) > _SHOWN else ""
        raise ClueError(
            "CE041",
            f"规则包缺少本版程序要用的内容：{'、'.join(lacking[:_SHOWN])}{more}",
            place=pack.root,
            hint=_RENEW,
        )


def missing(pack: Pack) -> list[str]:
    """What the pack lacks, as its files would name it."""
    needs = _needs()
    options = pack.options
    return [
        *_fields("vocabulary/records.yaml", needs["records"], {k: r.fields for k, r in pack.records.items()}),
        *_fields("vocabulary 的 relation", needs["relations"], {r.name: r.fields for r in pack.relations}),
        *(f"pack.yaml 的 options.{name}" for name in needs["options"] if name not in options),
        *_keys("text_flags", needs["text_flags"], options),
        *_keys("text_values", needs["text_values"], options),
        *(f"参数“{name}”" for name in needs["parameters"] if name not in pack.parameters),
    ]


@cache
def _needs() -> dict[str, Any]:
    value, problems = read_yaml(_NEEDS)
    if problems or not isinstance(value, dict):
        raise ValueError(f"needs.yaml: {problems}")
    return {str(key): one for key, one in value.items()}


def _fields(file: str, needed: dict[str, list[str]], present: dict[str, Any]) -> list[str]:
    lacking = []
    for kind, names in needed.items():
        if kind not in present:
            lacking.append(f"{file} 的 {kind}")
        else:
            known = {f.name for f in present[kind]}
            lacking += [f"{file} 的 {kind}.{name}" for name in names if name not in known]
    return lacking


def _keys(option: str, needed: list[str], options: Any) -> list[str]:
    present = options.get(option)
    if not isinstance(present, dict):
        return []  # told already
    return [f"pack.yaml 的 options.{option}.{name}" for name in needed if name not in present]
