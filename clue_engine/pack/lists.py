"""Named lists of codes or words: ``名称: [甲, 乙]`` or, for words in free text, ``名称: {any: […], not_after: […]}``.

Comes in: parsed YAML of one file. Goes out: ``WordList`` by name.
"""

from __future__ import annotations

from typing import Any

from clue_engine.errors import Mark
from clue_engine.pack.model import Text, WordList
from clue_engine.pack.typed import Findings, Section, as_mapping, as_names, shown


def lists(root: Any, findings: Findings, top: Mark) -> dict[str, WordList]:
    """One file of lists/."""
    found = {}
    for name, value in (as_mapping(root, findings, top, "名单文件") or {}).items():
        assert isinstance(name, Text)
        not_after: tuple[str, ...] = ()
        if isinstance(value, dict):
            section = Section(value, findings, name, f"名单“{shown(name)}”", ("any", "not_after"), ("any",))
            values, not_after = section.names("any"), section.names("not_after")
        else:
            values = tuple(str(text).strip() for text in as_names(value, findings, name, name))
        for text in value if isinstance(value, list) else ():
            if isinstance(text, Text) and text[:1] in ("@", "\uff20"):
                message = f"名单里不能引用别的名单“{shown(text)}”"
                findings.add("CE013", message, text, hint="把那个名单的各项写在这里；两个名单都要时条件里用 or 连接")
        if not values and not (isinstance(value, list) and value):  # wrong items have been told
            findings.add("CE006", f"名单“{shown(name)}”是空的", name, hint="写上各项，或删去这个名单")
        found[str(name)] = WordList(str(name), values, not_after, name.at(0))
    return found
