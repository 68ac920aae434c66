"""Evaluate: facts -> hits, holds, witnesses, missing facts."""

from clue_engine.evaluate.explain import Seen, SeenRow, SeenValue, explain
from clue_engine.evaluate.station import evaluate, evaluate_checked

__all__ = ["Seen", "SeenRow", "SeenValue", "evaluate", "evaluate_checked", "explain"]
