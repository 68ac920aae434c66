"""Limits of processor time. The suite looks at no clock: on a busy machine it would fail for nothing.

``CLUE_CLOCK=1 pytest -n0 tests/test_{mutate,pack_load,check_command,cli_rules,faults}.py`` on an idle machine looks.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

LOOKS = bool(os.environ.get("CLUE_CLOCK"))
only_with_clock = pytest.mark.skipif(not LOOKS, reason="no clock in a test: CLUE_CLOCK=1")


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """What happens inside costs no more processor time than this."""
    began = time.process_time()
    yield
    assert not LOOKS or time.process_time() - began <= seconds
