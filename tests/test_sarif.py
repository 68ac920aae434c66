"""SARIF 2.1.0: the essentials of the schema (which is not to be fetched), and places that are right.

The published schema (sarif-2.1.0-rtm.5, checked once by hand) found no fault with a log of every code that there is.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from language.example_pack import PACK, RULE, check, rule_text

from clue_engine.pack.sarif import sarif

LEVELS = ("none", "note", "warning", "error")


def log_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(sarif(check(folder)), ensure_ascii=False))
    return found


def valid(log: dict[str, Any]) -> dict[str, Any]:
    """Assert what the schema asks of the parts that we write; the run."""
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert set(run) <= {"tool", "columnKind", "results"}
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    driver = run["tool"]["driver"]
    assert driver["name"] and len({r["id"] for r in driver["rules"]}) == len(driver["rules"])
    for rule in driver["rules"]:
        assert set(rule) == {"id", "shortDescription", "fullDescription", "help", "defaultConfiguration"}
        assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription", "help"))
        assert rule["defaultConfiguration"]["level"] in LEVELS
    for result in run["results"]:
        assert set(result) == {"ruleId", "ruleIndex", "level", "message", "locations"}
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in LEVELS and result["message"]["text"]
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert re.fullmatch(r"[\x21-\x7e]+", place["artifactLocation"]["uri"])
        region = place["region"]
        assert set(region) <= {"startLine", "startColumn", "endColumn", "snippet"}
        assert region["startLine"] >= 1 and region["endColumn"] > region["startColumn"] >= 1
    return run


def test_findings(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(PACK, tmp_path / "rules"))
    when = "人均收人 < 7000元 and 家庭人口 > '三' and any 涉案 (伤情 = '重伤3级')"
    (folder / RULE).write_text(rule_text(when), encoding="utf-8")
    (folder / "lists" / "坏.yaml").write_text("甲\uff1a乙", encoding="utf-8")
    results = valid(log_of(folder))["results"]
    assert [r["ruleId"] for r in results] == ["CE101", "CE201", "CE203", "CE003"]
    region = results[2]["locations"][0]["physicalLocation"]["region"]
    line = (folder / RULE).read_text(encoding="utf-8").splitlines()[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "'重伤3级'"
    assert region["snippet"]["text"] == line


def test_nothing(tmp_path: Path) -> None:
    assert valid(log_of(PACK))["results"] == []
