"""A heading added to a layout of the local pack: every table of this layout that has it is understood from then on.

Comes in: a file, its headings with the field of each, the pack. Goes out: the source file with the headings in it,
everything else byte for byte; raises CE-U44 when the file has no such column, the layout no such field, the heading is
another column's or the values are clearly something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from clue_engine.errors import ClueError
from clue_engine.ingest.accept import Acceptance, accept
from clue_engine.ingest.header import heading_key
from clue_engine.pack.lock import write_whole
from clue_engine.pack.model import Source
from clue_engine.pack.rule_edit import scalar

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Alias:
    """A heading and the field of the layout that it is: what was judged of it."""

    heading: str
    target: str
    judged: Acceptance


def aliases(
    path: Path, pairs: Sequence[tuple[str, str]], sources: Sequence[Source], encoding: str | None = None
) -> list[Alias]:
    """Judge each column of the file by its values."""
    found = []
    for heading, wanted in pairs:
        judged = accept(path, heading, wanted, sources, encoding)
        (target,) = judged.entry.columns.values()
        _refuse_taken(judged.source, heading, target, f"{path.name} {heading}")
        found.append(Alias(heading, target, judged))
    return found


def _refuse_taken(source: Source, heading: str, target: str, place: str) -> None:
    key = heading_key(heading)[0]
    for column in source.columns:
        if key in {heading_key(known)[0] for known in column.headers} and target not in column.fields:
            said = f"“{source.label}”的“{heading}”已经作“{column.fields[0]}”用"
            hint = f"确是写错的，先从 sources/{source.id}.yaml 那一列的 headers 里删去"
            raise ClueError("CE-U44", said, place=place, hint=hint)
    if key in {heading_key(str(known))[0] for known in source.options.get("ignore", ())}:
        hint = f"确实要用的，先从 sources/{source.id}.yaml 的 ignore 里删去"
        raise ClueError("CE-U44", f"“{source.label}”写明不用“{heading}”这一列", place=place, hint=hint)


def add(found: Sequence[Alias], pack: Path) -> Path:
    """Write the headings into the file of their layout in the local pack."""
    source = found[0].judged.source
    path = _file(pack, source.id)
    text = path.read_text(encoding="utf-8")
    for one in found:
        text = with_heading(text, one.target, " ".join(one.heading.split()))
    write_whole(path, text)
    return path


def _file(pack: Path, source_id: str) -> Path:
    for path in sorted((pack / "sources").glob("*.yaml")):
        root = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
        if isinstance(root, dict) and str(root.get("id", path.stem)) == source_id:
            return path
    hint = "本地规则包是旧的或不全的，换一个目录再试"
    raise ClueError("CE-U44", f"本地规则包里没有来源“{source_id}”", place=str(pack), hint=hint)


def with_heading(text: str, target: str, heading: str) -> str:
    """The text of a source file with one more heading for a field; of a column of its own where it has none."""
    root: Any = yaml.compose(text, Loader=_LOADER)
    columns = next((node for name, node in root.value if name.value == "columns"), None)
    for entry in columns.value if columns is not None else ():
        parts = {name.value: node for name, node in entry.value}
        to = parts["to"]
        fields = [one.value for one in to.value] if isinstance(to.value, list) else [to.value]
        headers = parts["headers"]
        if fields != [target] or not headers.value:
            continue
        if heading in [one.value for one in headers.value]:
            return text
        at = headers.value[-1].end_mark.index
        return text[:at] + f", {scalar(heading)}" + text[at:]
    line = f"  - {{headers: [{scalar(heading)}], to: {target}}}\n"
    if columns is None:
        return text.rstrip("\n") + f"\ncolumns:\n{line}"
    at = text.rfind("\n", 0, columns.start_mark.index) + 1
    return text[:at] + line + text[at:]
