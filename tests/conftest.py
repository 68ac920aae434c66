"""One secret for numbers of clues in all tests: without it every new workspace would make its own."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["CLUE_SITE_KEY_FILE"] = str(Path(__file__).parent / "site.key")
