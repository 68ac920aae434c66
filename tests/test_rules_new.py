"""rules new, schema, docs: a new rule passes the check, with the form of its tests; what is generated is up to date."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_cli_rules import PROGRAM, ROOT, SMALL, run

from clue_engine.enquiry.new_rule import Answers, condition_problems, free_id, new_rule
from clue_engine.language.catalogue import catalogue, html, markdown
from clue_engine.language.check_pack import check_pack
from clue_engine.pack.load import load_pack, rule_paths
from clue_engine.pack.lock import Entry, Lock
from clue_engine.pack.schema import pack_schema, rule_schema, source_schema
from clue_engine.pack.text import parse_yaml

PACK = load_pack()
DIRECTION = "司法救助线索"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "rules", tmp_path / "我的规则"))


# -- new ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "when",
    [
        "any 涉案 (受害 and 案由 contains any @诈骗罪 and 案发时年龄 >= 参数.老年起点) and 家庭人口 = 1",
        "any 涉案 (身份 contains '被害人' and 伤情 in @重伤 and 距今(事件日期) <= 2年)",
        "count 成员 (在世未成年) >= 1 and any 涉案 (亡故)",
        "any 困难名单 (名单 = '特困')",
        "户享受低保 = 否 and 人均纯收入 between 1000元 and 9000元 and 快照日期 > 2024-01-01",
        "any 涉案 (遗属需扶养) and not 户享受低保",
        "count 成员 (在世未成年) >= 2 and any 涉案 (亡故)",
        "any 成员 (父母受害 and 在世未成年)",
        "户.劳动力人数 = 1 and any 涉案 (重伤)",
        "any 涉案 (受害 and 唯一劳动力 and 残疾证等级 in ('一级', '二级'))",
        "风险是否已消除 = 是 and any 涉案 (受害 and 事件日期 > 户.消除监测时间)",
        "any 涉案 (因案受损 and 户.快照日期 > 事件日期 and 户.人均纯收入 < 参数.监测范围)",
        "any 涉案 (重伤 and 间隔(事件日期, 户.快照日期) between 0个月 and 参数.医疗窗口)",
        "sum 救助.救助金额 < 5万元 and any 涉案 (重伤)",
    ],
)  # fmt: skip
def test_a_draft_and_the_form_of_three_tests(when: str) -> None:
    """As the file says: the # goes, the blanks stay; also when only the last is taken."""
    assert [d for d in condition_problems(PACK, when) if d.level == "error"] == []
    made = new_rule(PACK, Answers("J90", "试 / 一条:新规则?", DIRECTION, when, {"harm": 10}))
    assert made.path.name == "J90_试一条新规则.yaml"
    value, problems = parse_yaml(made.text, "J90.yaml")
    assert problems == [] and not value["tests"]
    filled, problems = parse_yaml(re.sub(r"^#(  - \{)", r"\1", made.text, flags=re.MULTILINE), "J90.yaml")
    assert problems == []
    assert [str(t["expect"]) for t in filled["tests"]] == ["hit", "no_hit", "unknown"]
    one = made.text[: made.text.rindex("#  - {")] + made.text[made.text.rindex("#  - {") + 1 :]
    value, problems = parse_yaml(one, "J90.yaml")
    assert problems == [] and len(value["tests"]) == 1


def test_the_form_names_what_the_condition_looks_at() -> None:
    """Through definitions and along kin, too."""
    made = new_rule(PACK, Answers("J90", "试", DIRECTION, "any 成员 (父母皆失能) and 家庭人口 = 1", {}))
    hit, miss, unknown = (line for line in made.text.splitlines() if line.startswith("#  - {"))
    for field in ("残疾证等级", "生存状态", "家庭人口"):
        assert f"{field}: 值" in hit and f"{field}: 值" in miss and f"{field}: 缺失" in unknown
    assert "like: 命中" in miss and "like: 命中" in unknown


def test_a_condition_is_shown_with_its_fault(mine: Path) -> None:
    args = ("rules", "new", "--rules", str(mine), "--title", "试", "--direction", DIRECTION)
    said = run(*args, "--when", "any 涉案 (受害 and 逃逸)").stdout.splitlines()
    assert said[0] == "CE101 条件:1:16 错误 涉案、户没有字段或定义“逃逸”"
    assert said[1:4] == ["  any 涉案 (受害 and 逃逸)", " " * 21 + "^^^^", said[3]]
    assert "有嫌疑人在逃" in said[3]


def test_free_ids_were_never_used() -> None:
    retired = Entry(1, "retired", "", "")
    assert free_id(PACK, DIRECTION, Lock("1", {"J77": retired})) == "J90"  # J78 may be shipped one day
    assert free_id(PACK, DIRECTION, Lock("1", {"J93": retired})) == "J94"
    assert free_id(load_pack(SMALL), DIRECTION, None) == "J90"


def test_the_command_with_options(mine: Path) -> None:
    args = ("rules", "new", "--rules", str(mine), "--title", "独居老人被诈骗", "--direction", DIRECTION)
    when = "any 涉案（受害 且 案由 contains any @诈骗罪 且 案发时年龄≥60岁）且 家庭人口=1"
    result = run(*args, "--when", when, "--points", "focus＝8", "--points", "损害后果=10")
    assert result.returncode == 0, result.stderr
    path = next(mine.glob("judicial/*_独居老人被诈骗.yaml"))
    rule_id = path.name.split("_")[0]
    text = path.read_text(encoding="utf-8")
    assert "points: {focus: 8, harm: 10}" in text and "status: draft" in text
    assert run("rules", "check", "--rules", str(mine)).returncode == 0
    assert "0 个测试" in run("rules", "test", rule_id, "--rules", str(mine)).stderr
    assert "CE802" in run(*args, "--when", when, "--id", rule_id).stderr
    result = run(*args, "--when", "any 涉案 (伤情 = '重')")
    assert result.returncode == 1 and "CE203" in result.stdout
    assert run(*args, "--when", when, "--points", "harm=99").returncode == 2
    assert "--when" in run(*args).stderr


def test_the_questions(mine: Path) -> None:
    """The command in a terminal, answered by somebody who mistypes once."""
    answers = ["两名未成年人的家庭", "1", "涉案", "受害", "伤亡", "伤情", "1", "", "35", "", "", "", ""]
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "clue_engine", "rules", "new", "--rules", str(mine)],
        stdin=child, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(PROGRAM), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    os.write(parent, ("\n".join(answers) + "\n").encode("utf-8"))
    out, err = process.communicate(timeout=60)
    os.close(child)
    os.close(parent)
    assert process.returncode == 0, err.decode()
    text = next(mine.glob("judicial/*_两名未成年人的家庭.yaml")).read_text(encoding="utf-8")
    assert "when: \"any 涉案 (受害 and 伤情 = '死亡')\"" in text
    assert "points: {harm: 35}" in text
    assert "涉案没有字段“伤亡”" in err.decode() and "已写出" in out.decode()


# -- schema ------------------------------------------------------------------------------------------------------------
def objections(value: Any, schema: dict[str, Any], root: dict[str, Any], where: str = "") -> list[str]:
    """A small validator for the parts of JSON Schema that rule_schema uses."""
    if "$ref" in schema:
        return objections(value, root["definitions"][schema["$ref"].removeprefix("#/definitions/")], root, where)
    if "anyOf" in schema:
        tried = [objections(value, one, root, where) for one in schema["anyOf"]]
        return [] if any(not t for t in tried) else min(tried, key=len)
    if "if" in schema:
        holds = not objections(value, schema["if"], root, where)
        return objections(value, schema["then" if holds else "else"], root, where)
    found = []
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool}
    kinds["null"] = type(None)
    wanted = schema.get("type", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted
    if wanted and not any(isinstance(value, kinds[w]) for w in wanted):
        return [f"{where}: {value!r} is not {wanted}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where}: {value!r} is none of {schema['enum'][:5]}")
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        found.append(f"{where}: {value!r} does not match")
    if isinstance(value, list) and "items" in schema:
        for n, item in enumerate(value):
            found += objections(item, schema["items"], root, f"{where}[{n}]")
    if isinstance(value, dict):
        found += [f"{where}: {key} is missing" for key in schema.get("required", ()) if key not in value]
        for key, item in value.items():
            patterns = [s for p, s in schema.get("patternProperties", {}).items() if re.search(p, key)]
            own = schema.get("properties", {}).get(key) or (patterns[0] if patterns else None)
            rest = schema.get("additionalProperties", True)
            if own is not None:
                found += objections(item, own, root, f"{where}.{key}")
            elif rest is False:
                found.append(f"{where}: {key} is not known")
            elif isinstance(rest, dict):
                found += objections(item, rest, root, f"{where}.{key}")
    return found


SCHEMA = rule_schema(PACK)


def as_editors_read(text: str) -> Any:
    """YAML 1.2 core: 是 and no are texts, dates are texts, whole numbers and true are not."""

    def typed(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: typed(v) for k, v in value.items()}
        if isinstance(value, list):
            return [typed(v) for v in value]
        return int(value) if re.fullmatch(r"\d+", value) else {"true": True, "false": False}.get(value, value)

    return typed(yaml.load(text, Loader=yaml.BaseLoader))


@pytest.mark.parametrize("path", rule_paths(), ids=lambda p: p.stem)
def test_shipped_rules_conform(path: Path) -> None:
    assert objections(as_editors_read(path.read_text(encoding="utf-8")), SCHEMA, SCHEMA) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("伤情: 轻伤一级", "伤情: 轻伤3级"),
        ("伤情: 轻伤一级", "伤势: 轻伤一级"),
        ("status: active", "status: 启用"),
        ("expect: hit", "expect: 命中"),
        ("points: {harm: 30}", "points: {harms: 30}"),
        ("direction: 司法救助线索", "direction: 司法"),
        ("title:", "名称:"),
    ],
)
def test_slips_are_seen_by_an_editor(old: str, new: str) -> None:
    path = next(p for p in rule_paths() if p.name.startswith("J02"))
    text = path.read_text(encoding="utf-8")
    assert old in text
    assert objections(as_editors_read(text.replace(old, new)), SCHEMA, SCHEMA)


def test_shipped_sources_and_the_pack_conform_and_their_slips_do_not() -> None:
    of_sources, of_pack = source_schema(PACK), pack_schema(PACK)
    paths = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "rules" / "sources").glob("*.yaml")}
    assert len(paths) > 20
    for name, text in paths.items():
        assert objections(as_editors_read(text), of_sources, of_sources) == [], name
    victims, pack = paths["victim_list"], (ROOT / "rules" / "pack.yaml").read_text(encoding="utf-8")
    assert objections(as_editors_read(pack), of_pack, of_pack) == []
    for text, schema, old, new in (
        (victims, of_sources, "records: [victim, case]", "records: [victims, case]"),
        (victims, of_sources, "to: victim.loss}", "to: victim.lost}"),
        (victims, of_sources, "unit: 万元", "unit: 萬元"),
        (victims, of_sources, "label:", "title:"),
        (victims, of_sources, "headers:", "heads:"),
        (pack, of_pack, "deadline_days: 5", "deadline_days: 五天"),
        (pack, of_pack, "receiver:", "reciever:"),
        (pack, of_pack, "events: [verified]", "events: [varified]"),
        (pack, of_pack, "floor: 60, ", ""),
        (pack, of_pack, "version:", "versions:"),
    ):
        assert old in text
        assert objections(as_editors_read(text.replace(old, new)), schema, schema), new


def test_the_schema_command(tmp_path: Path) -> None:
    shown = json.loads(run("rules", "schema", "--rules", str(SMALL)).stdout)
    assert shown["definitions"]["row involvement"]["properties"]["伤情等级"]["enum"][0] == "死亡"
    run("rules", "schema", "--rules", str(SMALL), "--out", str(tmp_path / "s" / "规则.json"))
    assert json.loads((tmp_path / "s" / "规则.json").read_text(encoding="utf-8")) == shown
    of_sources = json.loads(run("rules", "schema", "--of", "source", "--rules", str(SMALL)).stdout)
    assert of_sources["title"].endswith("的来源文件") and "headers" in json.dumps(of_sources)
    assert "source" in run("rules", "schema", "--of", "sourse", "--rules", str(SMALL)).stderr


def test_a_draft_whose_tests_are_not_yet_written_conforms() -> None:
    when = "any 涉案 (受害 and 案情摘要 contains any @诈骗罪 and 损失金额 / 户.家庭纯收入 >= 30%)"
    made = new_rule(PACK, Answers("J90", "试", DIRECTION, when, {}))
    value = as_editors_read(made.text)
    assert value["tests"] == ""  # how BaseLoader says null
    assert objections({**value, "tests": None}, SCHEMA, SCHEMA) == []


# -- docs --------------------------------------------------------------------------------------------------------------
def test_the_catalogue_in_the_repository_is_up_to_date(tmp_path: Path) -> None:
    result = run("rules", "docs", "--out", str(tmp_path))
    assert result.returncode == 0, result.stderr
    made = (tmp_path / "规则目录.md").read_text(encoding="utf-8")
    kept = (ROOT / "docs" / "规则目录.md").read_text(encoding="utf-8")
    assert made == kept, "run: clue-engine rules docs --out docs, and keep 规则目录.md"


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        own = dict(attrs)
        self.ids += [own["id"] or ""] if "id" in own else []
        self.links += [v or "" for k, v in attrs if k in ("href", "src")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone() -> None:
    checked, _ = check_pack(PACK)
    text = html("目录", "版本", catalogue(checked))
    page = _Page()
    page.feed(text)
    assert page.open == []
    assert "default-src 'none'" in text
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert "http://" not in text and "https://" not in text and "url(" not in text
    assert len(page.ids) == len(set(page.ids)) > 30
    assert {link.removeprefix("#") for link in page.links} == set(page.ids)
    for rule in PACK.rules:
        assert f"{rule.id} {rule.title}" in text


def test_names_are_escaped() -> None:
    pack = load_pack(SMALL)
    nasty = "<script>alert(1)</script>|*a*"
    made = replace(pack, rules=(replace(pack.rules[0], title=nasty, check=(nasty,)),))
    parts = catalogue(check_pack(made)[0])
    assert "<script>" not in html("x", "y", parts)
    assert "- 核实要点:\\<script\\>alert(1)\\</script\\>\\|\\*a\\*" in markdown("x", "y", parts)


def test_what_is_wrong_is_asked_again(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from clue_engine.cli import rules_new

    answers = ["", "涉案", "家庭人口", "=", "1", "案发时年龄", "≥", "60", "≥", "60岁", "在校生状况", ""]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(answers) + "\n"))
    assert rules_new._condition(PACK) == "any 涉案 (户.家庭人口 = 1 and 案发时年龄 >= 60岁)"
    told = capsys.readouterr().err
    assert "这一项不能空" in told and "写成 户.家庭人口" in told
    assert "请再写一次" in told and "成员的字段" in told
