"""What loading these files in place of others would take away.

Comes in: a workspace, paths. Goes out: names of loaded files that are neither among the paths nor come in a new
version. A new version has the same file name; the same content under another name is the same file.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from clue_engine.ingest.inputs import list_inputs
from clue_engine.workspace import Workspace


def would_go(ws: Workspace, inputs: Iterable[Path]) -> list[str]:
    """The names, sorted; two files of one name count as two."""
    if not ws.has_table("input_file"):
        return []
    loaded = ws.rows("select distinct name, sha256 from input_file where status = 'loaded' order by all")
    if not loaded:
        return []
    paths, _ = list_inputs(inputs)
    names = Counter(path.name for path in paths)
    if not Counter(name for name, _ in loaded) - names:
        return []
    contents = {path: _hash(path) for path in paths}
    again = {digest for _, digest in loaded} & set(contents.values())
    new = Counter(path.name for path, digest in contents.items() if digest not in again)
    return sorted((Counter(name for name, digest in loaded if digest not in again) - new).elements())


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
