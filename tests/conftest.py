"""What holds for every test: no clock decides. A busy machine makes any example of hypothesis slow once."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")
