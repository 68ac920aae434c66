"""What somebody with bad intent, or a broken editor, may put into a pack: it ends in diagnostics or inert literals.

Each pack is checked in a process of its own: at most 300 MB, and no file opened but those of the pack. How long it
takes, ``python -m benchmarks.hostile_speed`` says; a clock is no part of a test.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from language.example_pack import PACK, definitions, rule_text

import clue_engine

RUN = Path(__file__).parent / "language" / "hostile_run.py"
MEGABYTES = 300.0
INERT = {  # every one is a value: compared with, found nowhere
    "S01": '户备注 contains "x\' OR 1=1--"',
    "S02": 'any 涉案 (案由 contains "\'; drop table hit; --罪")',
    "S03": "any 涉案 (案情摘要 contains \"read_csv('CANARY')\")",
    "S04": "any 救助 (救助类型 = \"(select content from read_text('CANARY'))\")",
    "S05": "户备注 contains '$1 ? {0} {{7*7}} %s \\\\ \\x00'",
    "S07": '户备注 contains "^(a+)+$"',
    "S08": '户备注 contains "(?<=x)\\\\1(a{1000}){1000}"',
    "S06": "行政区划 in (\"520000') or ('1'='1\", \"copy hit to 'CANARY'\")",
}
REFUSED = {  # no such thing in the language
    "R01": "read_csv('CANARY') = 3",
    "R02": "家庭人口 > (select count(*) from hit)",
    "R03": "户享受低保; drop table hit",
    "R04": "getenv('HOME') = 'x'",
    "R05": "query('select 1') = 1",
    "R06": '"household_id" = 1',
    "R07": "any duckdb_settings() (name = 'x')",
    "R08": "家庭人口::varchar = '3'",
    "R09": "家庭人口 > 3 -- and 困难",
    "R10": "户享受低保 /* 注释 */",
    "R11": "户备注 matches '^(a+)+$'",  # there are no patterns: nothing can run for ever
    "R12": "户备注 ~ '(?<=x)1'",
    "R13": "regexp_matches(户备注, '(a{1000}){1000}')",
}


def run(job: str, folder: Path, *, trace: Path | None = None) -> dict[str, Any]:
    command = [sys.executable, str(RUN), job, str(folder)]
    if trace is not None:
        command = ["strace", "-f", "-qq", "-e", "trace=open,openat,connect,execve", "-o", str(trace), *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def bounded(found: dict[str, Any], folder: Path) -> None:
    assert found["megabytes"] <= MEGABYTES
    own = (str(folder), str(Path(clue_engine.__file__).parent), str(Path(sys.base_prefix)), sys.prefix)
    own = (*own, "/proc/self/status")  # its own memory
    alien = [o for o in found["opened"] if not o.removeprefix("open ").startswith(own)]
    assert alien == []


def many_rules(folder: Path) -> None:
    for n in range(10_000):
        text = rule_text("any 涉案 (受害)", f"M{n:05d}")
        (folder / "judicial" / f"M{n:05d}_x.yaml").write_text(text, encoding="utf-8")


def one(name: str, content: str | bytes) -> Callable[[Path], None]:
    data = content.encode() if isinstance(content, str) else content
    return lambda folder: (folder / name).write_bytes(data) and None


def refused(folder: Path) -> None:
    for number, when in REFUSED.items():
        (folder / "judicial" / f"{number}_x.yaml").write_text(rule_text(when, number), encoding="utf-8")


def doubling(folder: Path) -> None:
    """Twenty short definitions, each twice the one before: a billion tests once opened."""
    lines = ["户:", "  甲0: 困难", *(f"  甲{n}: 甲{n - 1} or not 甲{n - 1}" for n in range(1, 30))]
    lines += [
        "成员:",
        "  乙0: 失能",
        *(f"  乙{n}: any 成员 of 本人 (乙{n - 1} or not 乙{n - 1})" for n in range(1, 30)),
    ]
    (folder / "vocabulary" / "definitions.yaml").write_text(definitions("\n".join(lines)), encoding="utf-8")
    (folder / "judicial" / "J90_x.yaml").write_text(rule_text("甲29 or any 成员 (乙29)"), encoding="utf-8")


def circle(folder: Path, size: int = 20) -> None:
    lines = ["户:", *(f"  圈{n}: 圈{(n + 1) % size} or 困难" for n in range(size))]
    (folder / "vocabulary" / "definitions.yaml").write_text(definitions("\n".join(lines)), encoding="utf-8")


def brackets(folder: Path) -> None:
    """Each 50 levels deep and one upon the other."""
    lines = ["户:", "  深0: 困难", *(f"  深{n}: {'not (困难 or ' * 25}深{n - 1}{')' * 25}" for n in range(1, 24))]
    (folder / "vocabulary" / "definitions.yaml").write_text(definitions("\n".join(lines)), encoding="utf-8")


def names(folder: Path) -> None:
    """SQL where names stand: fields, tables, parameters, ids."""
    path = folder / "vocabulary" / "relation_aid.yaml"
    text = path.read_text(encoding="utf-8").replace("kind:", "'kind; drop table hit':")
    path.write_text(text.replace("table: fact_aid", 'table: "fact_aid; drop table hit"'), encoding="utf-8")
    one("judicial/J90_x.yaml", rule_text("困难", "'; drop table hit; --"))(folder)
    one("parameters/x.yaml", '"x\'; drop table hit": {type: number, label: 甲, values: []}')(folder)


TWICE = rule_text("户备注 contains any @大 or 户备注 contains any @大")
WORDS = ", ".join(f"词{n}" for n in range(25_000))
PACKS: dict[str, tuple[Callable[[Path], object], set[str]]] = {
    "refused": (refused, {"CE102", "CE104"}),
    "names": (names, {"CE013"}),
    "scalar of 1 MB": (one("judicial/J90_x.yaml", "when: " + "户" * 350_000), {"CE009"}),
    "condition of 200 KB": (one("judicial/J90_x.yaml", rule_text("困难 or " * 20_000 + "困难")), {"CE106"}),
    "reason of 200 KB": (one("judicial/J90_x.yaml", rule_text("困难") + "check: ['" + "{" * 200_000 + "']"), set()),
    "brackets 900 deep": (one("judicial/J90_x.yaml", rule_text("(" * 900 + "困难" + ")" * 900)), {"CE106"}),
    "not 900 deep": (one("judicial/J90_x.yaml", rule_text("not " * 900 + "困难")), {"CE106"}),
    "YAML 900 deep": (one("judicial/J90_x.yaml", "a: " + "[" * 900 + "]" * 900), {"CE009"}),
    "alias bomb": (one("judicial/J90_x.yaml", "a: &a [x]\n" + "b: [*a, *a]\n" * 9), {"CE010"}),
    "python object": (one("judicial/J90_x.yaml", "a: !!python/object/apply:os.system [ls]"), {"CE010"}),
    "control characters": (one("judicial/J90_x.yaml", rule_text("困难\x00\x1b[31m\x07")), {"CE011"}),
    "escaped control characters": (one("judicial/J90_x.yaml", 'id: "J90\\x1b[2J"'), {"CE011"}),
    "invisible characters": (one("judicial/J90_x.yaml", rule_text("困\u200b难")), {"CE011"}),
    "random bytes": (one("judicial/J90_x.yaml", bytes(range(256)) * 400), {"CE001"}),
    "definitions in a circle": (circle, {"CE109"}),
    "definitions in a wide circle": (lambda folder: circle(folder, 300), {"CE106"}),
    "definitions in deep brackets": (brackets, {"CE106"}),
    "definitions that double": (doubling, {"CE106"}),
    "list that names itself": (one("lists/x.yaml", "圈: ['@圈', 甲]"), {"CE013"}),
    "list of 25,000 words": (
        lambda folder: (one("lists/x.yaml", f"大: [{WORDS}]")(folder), one("judicial/J90_x.yaml", TWICE)(folder)),
        {"CE413"},
    ),
    "10,000 rules": (many_rules, {"CE009"}),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACK, tmp_path / "rules"))


@pytest.mark.parametrize("name", PACKS)
def test_ends_in_diagnostics(name: str, folder: Path) -> None:
    build, codes = PACKS[name]
    build(folder)
    found = run("check", folder)
    bounded(found, folder)
    assert codes <= set(found["codes"]), found["codes"]
    assert found["shown"] < 1_000_000


def test_every_refused_condition_is_refused_alone(folder: Path) -> None:
    from language.example_pack import check

    refused(folder)
    wrong = {Path(d.mark.file).name.split("_")[0] for d in check(folder) if d.level == "error"}
    assert wrong == set(REFUSED)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace shows which files DuckDB opens")
def test_hostile_values_are_inert(folder: Path, tmp_path: Path) -> None:
    """Scanned together with the good rules: nothing is hit, nothing changed, the named file is never opened."""
    canary = tmp_path / "canary.csv"
    canary.write_text("a\n1\n")
    for number, when in {**INERT, **REFUSED}.items():
        text = rule_text(when.replace("CANARY", str(canary)), number).replace("status: draft", "status: active")
        (folder / "judicial" / f"{number}_x.yaml").write_text(text, encoding="utf-8")
    trace = tmp_path / "trace"
    found = run("scan", folder, trace=trace)
    bounded(found, folder)
    assert found["same"]
    assert found["hits"] == {"J01": 8, "J02": 3, "J03": 3, "N01": 3}
    assert {rule for rule, _ in found["errors"]} == set(REFUSED)
    assert not [line for line in trace.read_text().splitlines() if "canary" in line or "passwd" in line]
