"""Score, bands, rank and evidence of clues: reads hits and facts, writes the clue tables."""

from clue_engine.clue.scoring import make_clues as make_clues
