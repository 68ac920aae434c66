"""clue_engine: households that a legal case made poor, found by declarative rules. A clue is a lead to verify.

The public interface, imported when used so that the command line starts at once:

- ``load_pack(root=None, parameters=None)``: a rule pack (``clue_engine.pack.model.Pack``);
- ``Workspace.open(directory)``: the DuckDB file of a run, as a context manager;
- ``Job(pack, inputs, out, as_of)`` and ``run(workspace, job, first=…, last=…)``: the stations in order;
- ``clues(workspace)``: the listed clues as a pandas DataFrame, one row per clue, without numbers of persons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from clue_engine.pack.load import load_pack
    from clue_engine.pipeline import Job, run
    from clue_engine.workspace import Workspace

__all__ = ["Job", "Workspace", "clues", "load_pack", "run"]

_HOMES = {
    "Job": "clue_engine.pipeline",
    "Workspace": "clue_engine.workspace",
    "load_pack": "clue_engine.pack.load",
    "run": "clue_engine.pipeline",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def clues(workspace: Workspace) -> pd.DataFrame:
    """Listed clues in rank order, one row per clue: number, direction, status, band, scores, receiver, rank.

    Of a restricted clue the scores, the strength and the receiver are empty, as in the files.
    """
    told = ", ".join(f"if(restricted, null, {c}) as {c}" for c in ("score", "possible_score", "strength", "receiver"))
    columns = f"clue_id, direction, status, band, {told}, restricted, rank"
    listed: pd.DataFrame = workspace.con.sql(f"select {columns} from clue order by direction_seq, rank").df()
    return listed
