"""How long ``rules check`` takes on packs made with bad intent: those of tests/test_hostile.py, each in a process.

python -m benchmarks.hostile_speed

Processor time of the check itself. Exit code 1 when one takes more than five seconds.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests"
LIMIT_SECONDS = 5.0


def main() -> int:
    sys.path.insert(0, str(TESTS))
    from language.example_pack import PACK
    from test_hostile import PACKS, run

    worst = 0.0
    for name, (build, _) in PACKS.items():
        with tempfile.TemporaryDirectory() as place:
            folder = Path(shutil.copytree(PACK, Path(place) / "rules"))
            build(folder)
            seconds = run("check", folder)["seconds"]
        worst = max(worst, seconds)
        print(f"{seconds:6.2f} 秒  {name}")
    return int(worst > LIMIT_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
