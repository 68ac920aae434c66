"""Evaluate: facts -> hits, holds, witnesses, missing facts."""

from clue_engine.evaluate.station import evaluate, evaluate_checked

__all__ = ["evaluate", "evaluate_checked"]
