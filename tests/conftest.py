"""What holds for every test: no clock decides, numbers of clues come from one secret; the sample county, scanned once.

A busy machine makes any example of hypothesis slow once; without the secret every new workspace would make its own.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from clue_engine.pack import load, sources, text
from tests.called import called

settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")
os.environ["CLUE_SITE_KEY_FILE"] = str(Path(__file__).parent / "site.key")
# A command reads the pack once; here hundreds of commands do, one after another, and nearly all of them the same files.
text.parse_yaml = lru_cache(maxsize=1000)(text.parse_yaml)


def _read_once(read: Callable[..., Any]) -> Callable[..., Any]:
    """``read`` of a pack folder, perhaps with parameters; of the same bytes it gives the same, which is frozen."""

    @lru_cache(maxsize=32)
    def of(content: bytes, here: Path, *given: Path | None) -> Any:
        return read(*given)

    def once(*given: Path | None) -> Any:
        content, folder = sha256(), Path(given[0] or load.default_root())
        try:
            for path in [*sorted(p for p in folder.rglob("*") if p.is_file()), *filter(None, given[1:])]:
                content.update(f"{path}\n".encode() + sha256(Path(path).read_bytes()).digest())
        except OSError:
            return read(*given)
        return of(content.digest(), Path.cwd(), *given)

    return once


load._read = _read_once(load._read)
sources.load_layouts = _read_once(sources.load_layouts)

_SAMPLE = Path(__file__).parent.parent / "sample_data"


_LONGEST = ("test_the_tutorial", "test_every_console_block_is_what_the_command_prints")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin first: at the end one worker would wait for the other's."""
    items.sort(key=lambda item: item.name not in _LONGEST)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of the sample county's run, with its workspace and the summary; one for all workers: not to
    be written to, nor its workspace opened."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    out = base / "sample_county"
    with (base / "sample_county.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (out / "summary.json").exists():
            done = called("run", _SAMPLE / "input", "--parameters", _SAMPLE / "parameters.yaml",
                          "--as-of", "2026-06-30", "--out", out, "--json")  # fmt: skip
            assert done.returncode == 0, done.stderr.decode()
            (out / "summary.json").write_bytes(done.stdout)
    return out


@pytest.fixture(scope="session")
def sample_copy(sample: Path) -> Callable[[Path], Path]:
    """Makes a copy of that folder of one's own."""
    return lambda folder: Path(shutil.copytree(sample, folder))
