"""``python -m clue_engine``: the same as ``clue-engine``."""

from clue_engine.cli import main

main()
