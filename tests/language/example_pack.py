"""The small pack in tests/language/pack with one more file laid over it, and everything that is said about it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from clue_engine.errors import Diagnostic
from clue_engine.language.lints import check_all
from clue_engine.pack.load import read_pack

PACK = Path(__file__).parent / "pack"
RULE = "judicial/J90_例.yaml"
LOCAL = "本地参数文件"
_HIDDEN = re.compile("〔U\\+([0-9A-F]{4})〕")


def rule_text(when: str, id: str = "J90") -> str:
    """A whole rule file around a condition, whatever quotes it holds."""
    lines = [f"id: {id}", f"title: 例{id}", "version: 1", "status: draft", "direction: 司法救助线索", "when: |-"]
    return "\n".join([*lines, *(f"  {line}" for line in when.split("\n")), "reason: 理由", ""])


class ExamplePack:
    """A copy of the small pack in ``folder``; every ``said`` lays its files over it and takes them away again."""

    def __init__(self, folder: Path):
        self.folder = folder / "rules"
        shutil.copytree(PACK, self.folder)

    def said(self, files: dict[str, str | bytes]) -> list[Diagnostic]:
        """All diagnostics of the pack with these files, in order of place."""
        local = self.folder.parent / "本县.yaml"
        before: dict[Path, bytes | None] = {}
        for name, content in files.items():
            path = local if name == LOCAL else self.folder / name
            before[path] = path.read_bytes() if path.exists() else None
            path.write_bytes(content if isinstance(content, bytes) else _HIDDEN.sub(_shown, content).encode())
        try:
            return check(self.folder, local if LOCAL in files else None)
        finally:
            for path, content in before.items():
                path.unlink() if content is None else path.write_bytes(content)


def check(folder: Path, parameters: Path | None = None) -> list[Diagnostic]:
    """What rules check says: of the files, then of the conditions."""
    pack, found = read_pack(folder, parameters)
    whole = not any(d.level == "error" for d in found)
    found = found + check_all(pack, whole=whole)[1]
    unique = {(d.mark, d.code, d.message): d for d in found}
    return sorted(unique.values(), key=lambda d: (d.mark, d.code))


def definitions(more: str) -> str:
    """The small pack's definitions with some more, each under its relation."""
    text = (PACK / "vocabulary" / "definitions.yaml").read_text(encoding="utf-8")
    for block in re.split(r"\n(?=\S)", more):
        head, _, rest = block.partition("\n")
        text = text.replace(f"{head}\n", f"{head}\n{rest}\n", 1)
    return text


def _shown(match: re.Match[str]) -> str:
    return chr(int(match.group(1), 16))
