"""What holds for every test: no clock decides, and numbers of clues come from one secret.

A busy machine makes any example of hypothesis slow once; without the secret every new workspace would make its own.
"""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import settings

settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")
os.environ["CLUE_SITE_KEY_FILE"] = str(Path(__file__).parent / "site.key")
