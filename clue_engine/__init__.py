"""clue_engine: households that a legal case made poor, found by declarative rules. A clue is a lead to verify.

The public interface, imported when used so that the command line starts at once:

- ``run(inputs, out=…, parameters=…)``: everything in one call; returns a ``Report``;
- ``report(workspace)``: the ``Report`` of a scan that was made before;
- ``Report``: ``clues()``, ``hits()``, ``missing()``, ``issues()`` as pandas or Arrow; ``COLUMNS``: what they hold;
- ``ClueError``: whatever the caller can mend, with ``code``, ``message``, ``place`` and ``hint``;
- ``load_pack``, ``Workspace``: a rule pack and the DuckDB file of a run, for whoever goes deeper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clue_engine.api import COLUMNS, Report, report, run
    from clue_engine.errors import ClueError
    from clue_engine.pack.load import load_pack
    from clue_engine.workspace import Workspace

    __version__: str

__all__ = ["COLUMNS", "ClueError", "Report", "Workspace", "__version__", "load_pack", "report", "run"]

_HOMES = {
    "COLUMNS": "clue_engine.api",
    "ClueError": "clue_engine.errors",
    "Report": "clue_engine.api",
    "Workspace": "clue_engine.workspace",
    "load_pack": "clue_engine.pack.load",
    "report": "clue_engine.api",
    "run": "clue_engine.api",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _version() -> str:
    """The installed version; of a source tree that is not installed 0."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("clue-engine")
    except PackageNotFoundError:
        return "0"
