"""A reader of workbooks that goes on from load to load, as it does within one: 0.3 s less for each.

Not where the last load has ended badly, in another folder, in a forked child, or where a test says how readers start.
"""

from __future__ import annotations

import os
import queue
import subprocess
from pathlib import Path
from typing import Any

from clue_engine.ingest import workbook

_idle: dict[object, list[tuple[subprocess.Popen[str], queue.Queue[str]]]] = {}


class KeptReader(workbook._Child):
    busy = False

    def ask(self, job: dict[str, Any], seconds: float) -> dict[str, Any]:
        self.busy = True
        answer = super().ask(job, seconds)
        self.busy = False
        return answer

    def _start(self) -> None:
        mine = _idle.get(_where(), [])
        while mine:
            self.process, self.answers = mine.pop()
            if self.process.poll() is None:
                return
        super()._start()

    def stop(self) -> None:
        over = self.closing.is_set() and not self.busy
        if over and self.process is not None and self.answers is not None and self.process.poll() is None:
            _idle.setdefault(_where(), []).append((self.process, self.answers))
            self.process = None
        else:
            super().stop()


def _where() -> object:
    return os.getpid(), Path.cwd(), workbook.WORKER, workbook.MEMORY
