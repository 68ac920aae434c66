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

from clue_engine.ingest import workbook
from clue_engine.pack import load, sources, text
from tests import tiny_county as county
from tests.document_blocks import blocks, prepare, run_block
from tests.kept_reader import KeptReader

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
workbook._Child = KeptReader  # type: ignore[misc]

_LONGEST = ("test_the_tutorial", "test_every_console_block_is_what_the_command_prints")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin first: at the end one worker would wait for the other's."""
    items.sort(key=lambda item: item.name not in _LONGEST)


def _once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that is made once for all workers: not to be written to, nor its workspace opened."""
    base = factory.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (base / f"{name}.made").exists():
            make(base / name)
            (base / f"{name}.made").touch()
    return base / name


def _run_sample(folder: Path) -> None:
    prepare(folder)
    first = blocks((Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8"))[0]
    assert first.command == "clue-engine run sample_data"
    (folder / "told.txt").write_text(run_block(first, folder), encoding="utf-8")


def _run_tiny(folder: Path) -> None:
    county.write(folder / "in")
    settings = ["--rules", county.write_pack(folder / "pack"), "--parameters", folder / "本县口径.yaml"]
    done = county.run(folder / "in", folder / "done", *settings)
    assert done.returncode == 0, done.stderr.decode()
    (folder / "told.txt").write_bytes(done.stdout)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of the README's first command, workspace and all; beside it told.txt, what was printed."""
    return _once(tmp_path_factory, "sample_county", _run_sample) / "clue-out"


@pytest.fixture(scope="session")
def sample_copy(sample: Path) -> Callable[[Path], Path]:
    """Makes a copy of that folder of one's own."""
    return lambda folder: Path(shutil.copytree(sample, folder))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny county: in, pack, 本县口径.yaml, the folder of its run in ``done`` and what that run printed."""
    return _once(tmp_path_factory, "tiny_county", _run_tiny)


@pytest.fixture(scope="session")
def tiny_copy(tiny: Path) -> Callable[[Path], Path]:
    """Makes a copy of that folder of one's own."""
    return lambda folder: Path(shutil.copytree(tiny, folder))
