"""Which files a user means: files as named, a folder's files one level deep.

Comes in: paths. Goes out: ``(files, skipped)``; skipped names what is no export and why.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from clue_engine.errors import ClueError

TABLES = {".xlsx", ".xls", ".xlsm", ".et", ".csv", ".tsv", ".txt", ".parquet", ".htm", ".html"}
# Files that stand beside exports and are none: their names say so.
_BESIDE = {"readme", "license", "说明", "填表说明"}


def list_inputs(paths: Iterable[Path]) -> tuple[list[Path], list[tuple[str, str]]]:
    """All files to read, sorted by name. A folder without exports but with a sub-folder ``input`` means that one."""
    paths = list(paths)
    files: dict[Path, None] = {}
    skipped: list[tuple[str, str]] = []
    for path in paths:
        path = Path(path)
        if path.is_dir():
            for file in _folder(path, skipped):
                files[file] = None
        elif path.exists():
            refuse_pipe(path)
            files[path] = None
        else:
            raise ClueError(
                "CE-U11", "找不到这个文件或文件夹", place=str(path), hint="检查路径；名称里有空格或括号时加引号"
            )
    if not files:
        raise ClueError(
            "CE-U12",
            "这里没有可以载入的文件",
            place="、".join(str(path) for path in paths),
            hint="放入从系统导出的表（xlsx、xls、csv、parquet）后再运行；子文件夹不读",
        )
    return sorted(files, key=lambda f: (f.name, str(f))), skipped


def refuse_pipe(path: Path) -> None:
    """Raise CE-F11 for a pipe or device: it can be read once or never ends, and a file is read several times."""
    if path.exists() and not path.is_file() and not path.is_dir():
        hint = "先存成文件，再写文件名"
        raise ClueError("CE-F11", "这是管道或设备，不是文件，没有读", place=str(path), hint=hint)


def _folder(folder: Path, skipped: list[tuple[str, str]]) -> list[Path]:
    entries = sorted(folder.iterdir(), key=lambda f: f.name)
    tables = [e for e in entries if e.is_file() and e.suffix.lower() in TABLES and not _is_beside(e)]
    inner = folder / "input"
    if inner.is_dir() and all(e.suffix.lower() in (".csv", ".txt") and _is_ours(e) for e in tables):
        skipped.extend((e.name, "不是导出文件") for e in entries if e.is_file())
        return _folder(inner, skipped)
    for entry in entries:
        if entry.is_dir():
            skipped.append((entry.name + "/", "子文件夹不读，要读请单独写出"))
        elif entry not in tables:
            skipped.append((entry.name, "不是导出文件"))
    return tables


def _is_beside(file: Path) -> bool:
    return file.name.startswith((".", "~$")) or file.stem.lower() in _BESIDE


def _is_ours(file: Path) -> bool:
    return file.stem.lower().startswith("expected")  # the list of expected results beside a sample
