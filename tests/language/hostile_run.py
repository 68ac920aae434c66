"""Run in a process of its own: check a pack, or scan with it, and print what it cost and which files were opened.

python hostile_run.py check FOLDER | scan FOLDER
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

OPENED: list[str] = []
WATCHED = ("open", "os.remove", "os.rename", "os.mkdir", "os.system", "subprocess.Popen", "socket.connect", "exec")


def _peak_megabytes() -> float:
    """Peak of this process alone: ru_maxrss would also know the size of the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in WATCHED and event != "exec":
        OPENED.append(f"{event} {arguments[0] if arguments else ''}")


def check(folder: Path) -> dict[str, Any]:
    from language.example_pack import check as check_pack

    from clue_engine.pack import pages
    from clue_engine.pack.render import as_values, render_all

    pages.pages()
    sys.addaudithook(watch)
    start = time.process_time()
    found = check_pack(folder)
    shown = render_all(found)
    json.dumps([as_values(d) for d in found])
    codes = sorted({d.code for d in found})
    return {"seconds": time.process_time() - start, "codes": codes, "errors": len(found), "shown": len(shown)}


def scan(folder: Path) -> dict[str, Any]:
    from language.example_data import data_lints, scanned
    from language.example_pack import PACK

    from clue_engine.language.check_pack import check_pack
    from clue_engine.pack.load import read_pack

    pack, _ = read_pack(folder)
    with scanned(read_pack(PACK)[0], folder) as ws:
        facts = [r.table for r in pack.relations] + ["fact_kin", "coverage"]

        def hashes() -> list[Any]:
            tables = ws.rows("select table_name from duckdb_tables() where not temporary order by all")
            sums = [ws.rows(f"select count(*), sum(hash(t))::varchar from {name} t")[0] for name in facts]
            return [tables, sums]

        before = hashes()
        sys.addaudithook(watch)
        start = time.process_time()
        from clue_engine.evaluate.station import evaluate_checked

        evaluate_checked(ws.con, check_pack(pack)[0], __import__("datetime").date(2025, 6, 30))
        data_lints(ws, pack)
        seconds = time.process_time() - start
        hits = dict(ws.rows("select rule_id, count(*) from hit where outcome = 1 group by rule_id order by rule_id"))
        errors = ws.rows("select rule_id, error from rule_run where error is not null")
        return {"seconds": seconds, "same": hashes() == before, "hits": hits, "errors": errors}


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent.parent.parent)]
    job, target = sys.argv[1], Path(sys.argv[2])
    done = check(target) if job == "check" else scan(target)
    done["megabytes"] = _peak_megabytes()
    done["opened"] = OPENED
    print(json.dumps(done, ensure_ascii=False))
