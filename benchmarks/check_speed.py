"""How long ``rules check`` takes on 100, 1,000 and 2,500 rules, whole command with start-up, in processes of their own.

python -m benchmarks.check_speed [--json]

The rules are random but well formed, over the shipped vocabulary, each with the tests of a shipped rule: distinct
conditions of four to six tests, a third of them with an or. Time is wall-clock and processor time of the child, the
best of three. Exit code 1 when a limit is missed: 100 rules in 0.6 s, 1,000 in 4 s.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
LIMITS = {100: 0.6, 1000: 4.0, 2500: None}
TESTS = (
    "受害", "重害", "亡故", "生活困难", "主要劳动力", "家庭暴力", "有嫌疑人在逃", "伤情 in @重伤", "伤情 = '轻伤一级'",
    "损失金额 >= {n}元", "应赔金额 > {n}元", "已赔金额 < {n}元", "案发时年龄 >= {a}岁", "案发时年龄 < {a}岁",
    "距今(事件日期) <= {d}天", "残疾证等级 in ('一级', '二级')", "案件性质 = '财产'",
    "案件性质 in ('人身', '道路交通')",
    "案由 contains any @诈骗罪",
)  # fmt: skip


def conditions(r: Random, n_tests: int) -> str:
    chosen = [t.format(n=r.randrange(1, 300) * 1000, a=r.randrange(5, 80), d=r.randrange(10, 900)) for t in TESTS]
    return " and ".join(r.sample(chosen, n_tests))


def make(folder: Path, n_rules: int) -> None:
    """A copy of the shipped pack with rules added until there are ``n_rules``."""
    r = Random(n_rules)
    shutil.copytree(ROOT / "rules", folder)
    models = sorted(p for d in ("judicial", "poverty", "social") for p in (folder / d).glob("*.yaml"))
    for k in range(n_rules - len(models)):
        model = models[k % len(models)]
        text, own = model.read_text(encoding="utf-8"), model.stem.split("_")[0]
        when = conditions(r, 4)
        if k % 3 == 0:
            when = f"({when}) or ({conditions(r, 2)})"
        text = text.replace(f"id: {own}", f"id: {own}-{k:05d}", 1).replace("title: ", f"title: {k} ", 1)
        text = re.sub(r"^when: .*?(?=^\w)", f'when: "any 涉案 ({when})"\n', text, flags=re.MULTILINE | re.DOTALL)
        (model.parent / f"{own}-{k:05d}_x.yaml").write_text(text, encoding="utf-8")


def measure(folder: Path) -> dict[str, float]:
    """The best of three runs of the command."""
    command = [sys.executable, "-m", "clue_engine", "rules", "check", "--rules", str(folder), "--format", "json"]
    best = {"seconds": float("inf"), "processor": float("inf")}
    for _ in range(3):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(command, capture_output=True, cwd=ROOT, check=False, env={**os.environ, "COLUMNS": "80"})
        seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode not in (0, 1):
            raise SystemExit(done.stderr.decode())
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = {"seconds": min(best["seconds"], seconds), "processor": min(best["processor"], used)}
    return {**best, "findings": len(json.loads(done.stdout)["diagnostics"])}


def main() -> int:
    results = {}
    with tempfile.TemporaryDirectory() as place:
        for n_rules in LIMITS:
            folder = Path(place) / str(n_rules)
            make(folder, n_rules)
            results[n_rules] = measure(folder)
    if "--json" in sys.argv:
        print(json.dumps(results))
    else:
        for n_rules, found in results.items():
            limit = LIMITS[n_rules]
            told = f"(界限 {limit} 秒)" if limit else ""
            print(f"{n_rules} 条规则:{found['seconds']:.2f} 秒,处理器 {found['processor']:.2f} 秒{told}")
    return int(any(limit and results[n]["seconds"] > limit for n, limit in LIMITS.items()))


if __name__ == "__main__":
    sys.exit(main())
