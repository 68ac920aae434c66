"""docs/数据字典.md: every table of a workspace, its columns, types and meaning.

``python -m tests.data_dictionary`` writes it. Comes in: table_layouts.txt (held by test_layouts), the heads of the
.sql files (held by test_sql_heads), the words of the shipped pack. What Python writes has its meaning here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import clue_engine
from clue_engine.pack.load import load_pack

PACKAGE = Path(clue_engine.__file__).parent
ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "数据字典.md"
LAYOUTS = Path(__file__).parent / "table_layouts.txt"
_MADE = re.compile(r"(?:create or replace (?:table|view)|create table if not exists|insert into) (\w+)")
ROOMS = {
    "ingest": "读入：文件、原文、疑问",
    "canonical": "规整：案件、当事人、名册",
    "link": "关联：人与户",
    "involvement": "事实：规则看到的表",
    "evaluate": "判定：规则的结果",
    "clue": "线索",
    "export": "导出",
    "enquiry": "人的决定",
    "workspace": "工作区本身",
}
# Tables that no .sql file makes: who writes them, and what one row is.
WRITTEN = {
    "input_file": ("ingest/manifest.py", "一行是一个读到的文件（工作簿是一张表）：怎样读的、认作什么、读了多少行。"),
    "raw_column": ("ingest/manifest.py", "一行是一个文件的一列：表头、认作的字段、怎样认的（grade）。"),
    "reject": ("ingest/manifest.py", "一行是没有载入的一行和原因；载入加拒绝等于读到。"),
    "issue": ("ingest/manifest.py", "一行是一处疑问：代码、文件、行、列；行照常载入。"),
    "record_column": ("ingest/clean.py", "一行是一个文件给出的一个记录字段。"),
    "told_of": (
        "ingest/told_of.py",
        "一行是村里的表（一户一行文字）的一行：那里用什么话称呼案件说的那个人（儿子、丈夫某某）；当事人已改记为他。",
    ),
    "kind_column": (
        "ingest/kind_column.py",
        "一行是一个没有监测对象类别一列、由户类别一列说明谁在监测的文件：同一列里写一般户、脱贫户的为未纳入。",
    ),
    "column_read": (
        "ingest/column_read.py",
        "一行是一个文件的一列供一个记录字段：n_rows 行里知道这一项的 n_known 行，n_filled 格里采用了 n_read 格。",
    ),
    "unused_column": ("ingest/needed_columns.py", "一行是像规则要的字段而没有用上的一列。"),
    "superseded_row": ("ingest/supersede.py", "一行是被较新导出取代的一行。"),
    "snapshot_change": ("ingest/supersede.py", "一行是前后两次导出之间的一处变化。"),
    "text_fact": ("involvement/text_table.py", "一行是文字里的一句话说到的一件事，在哪个文件哪一行。"),
    "text_value": ("involvement/text_table.py", "一行是一个当事人由文字得出的值；说法不一的为空。"),
    "part_fact": (
        "involvement/closed.py",
        "一行是一户在一案里的一项已知事实（规则包指定的几项）：办结后它变了才重新列出。",
    ),
    "part_reopened": ("involvement/closed.py", "一行是已经办结而事实变了、重新列出的一户一案一方向，和变了什么。"),
    "hit": (
        "evaluate/tables.py",
        "一行是一户对一条规则：outcome 1 命中，2 不能确定；pending 表示取决于一条未定的排除规则。",
    ),
    "lost_hit": ("evaluate/tables.py", "一行是排除规则拿掉的一个结果；outcome 是没有排除规则时的结果。"),
    "hold_row": (
        "evaluate/tables.py",
        "一行是排除规则说到的一行：outcome 1 成立，2 不能确定；direction 为 * 的各方向都算。",
    ),
    "witness": ("evaluate/tables.py", "一行是使规则成立（outcome 1）或可能成立（2）的一行事实。"),
    "missing_fact": ("evaluate/tables.py", "一行是使规则不能确定的一项缺失；decides 表示知道这一项就能判断。"),
    "measure": ("evaluate/tables.py", "一行是一户可能用得上的一项帮扶措施：outcome 1 符合，2 不能确定。"),
    "measure_witness": ("evaluate/tables.py", "一行是使措施符合或可能符合的一行事实；rule_id 是措施的编号。"),
    "measure_missing": ("evaluate/tables.py", "一行是使措施不能确定的一项缺失；rule_id 是措施的编号。"),
    "rule_run": ("evaluate/tables.py", "一行是一条运行的规则：用时、户数、错误。"),
    "evaluate_caveat": ("evaluate/tables.py", "一行是整次扫描要说一次的话：排除规则的来源没有载入、参数没有值。"),
    "clue_numbered": ("clue/number.py", "一行是一户一个方向这次所用的线索编号。"),
    "clue_reason": ("clue/reasons.py", "一行是一条规则或排除规则对一户说的一句话。"),
    "number_secret": ("clue/number.py", "一行：给编号和键加密的密钥，第一次扫描时产生。"),
    "run_meta": ("pipeline.py", "键和值：这次扫描用的扫描日、规则包、各部分的指纹、地区。没有时钟。"),
    "workspace_meta": ("workspace.py", "键和值：表的格式版本。"),
}
KEYS = {
    "household_id": "户（本工作区内的序号）",
    "household_key": "户的键",
    "household_no": "户编号",
    "person_id": "人（本工作区内的序号）",
    "party_id": "当事人",
    "event_id": "案件（逮捕、起诉、上诉合为一件）",
    "row_id": "事实表的一行",
    "certain": "这一行是否确定",
    "file_id": "文件",
    "row_no": "文件里的行号",
    "part_no": "一行里的第几份",
    "clue_id": "线索编号",
    "rule_id": "规则编号",
    "hold_id": "排除规则编号",
    "relation": "关系（事实表）",
    "direction": "线索方向",
    "source_id": "来源版式",
}
_LEAD = """# 数据字典

由 `python -m tests.data_dictionary` 写出，不要手改。工作区是一个 DuckDB 文件，每次运行按站依次重建下面的表；
`raw_数字` 是每个文件的原文，一列不改。表的说明取自写它的 .sql 文件的头（英文），列的含义取自规则包。

- 以 `_lo`、`_hi` 结尾的是一段区间的两头：只知道年月的日期、只知道范围的金额；两头相同就是一个值，都空就是不知道。
- 空值一律是“不知道”，不是否，也不是零。
- 格式版本 {version}。表变了而版本没有升，或这一页没有重写，测试不通过。
"""


def tables() -> dict[str, list[tuple[str, str]]]:
    """Table → its columns with types, in their order."""
    found = {}
    for line in LAYOUTS.read_text(encoding="utf-8").splitlines():
        name, _, columns = line.partition(": ")
        if columns:
            found[name] = [tuple(c.split(" ", 1)) for c in re.split(r", (?![^(]*\))", columns)]
    return found  # type: ignore[return-value]


def heads() -> dict[str, tuple[str, str]]:
    """Table → the .sql file that writes it and the comment at its head. A file of its name is its maker."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(PACKAGE.rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        head = []
        for line in text.splitlines():
            if not line.startswith("-- "):
                break
            head.append(line.removeprefix("-- "))
        made = (f"{path.parent.name}/{path.name}", " ".join(head))
        for name in dict.fromkeys(_MADE.findall(text)):
            if name not in found or path.stem == name or f"create or replace table {name} " in text:
                found[name] = made
    return found


def meanings() -> dict[tuple[str, str], str]:
    """(table, column) → what the pack calls it."""
    pack = load_pack()
    found = {}
    for kind in pack.records.values():
        for field in kind.fields:
            found[f"rec_{kind.name}", field.name] = field.label
    for relation in pack.relations:
        for one in relation.fields:
            found[relation.table, one.name] = f"{one.label}：{one.meaning}" if one.meaning else one.label
    for (_, name), text in list(found.items()):
        found.setdefault(("", name), text.partition("：")[0])  # what is carried through other tables
    return found


def without_meaning() -> list[str]:
    known = {*heads(), *WRITTEN}
    return [name for name in tables() if name not in known and not name.startswith(("rec_", "clue_pack_"))]


def page() -> str:
    """The whole page."""
    version = re.findall(r"^version (\d+)", LAYOUTS.read_text(encoding="utf-8"), re.MULTILINE)[-1]
    lines = [_LEAD.format(version=version)]
    every, known, words = tables(), heads(), meanings()
    labels = {f"rec_{kind.name}": kind.label for kind in load_pack().records.values()}
    made = {name: WRITTEN.get(name) or known.get(name) for name in every}
    for name in every:
        if name.startswith("rec_"):
            made[name] = (
                "ingest/clean.py",
                f"一行是一份“{labels[name]}”记录，值已按类型读出；键 file_id、row_no、part_no。",
            )
        elif name.startswith("clue_pack_"):
            made[name] = ("clue/pack_tables.py", "规则包的一部分，供线索各步使用。")
    for room, title in ROOMS.items():
        own = {n: m for n, m in made.items() if m is not None and _room(m[0]) == room}
        lines += [f"## {title}", ""] if own else []
        for maker in dict.fromkeys(m for m in own.values()):
            lines += [f"`{maker[0]}`：{maker[1].replace('*', chr(92) + '*').replace('<', '&lt;')}", ""]
            for name in (n for n, m in own.items() if m == maker):
                lines += [f"### {name}", "", *_columns(name, every[name], maker[1], words), ""]
    return "\n".join(lines).rstrip() + "\n"


def _room(maker: str) -> str:
    folder = maker.split("/")[0]
    return folder if folder in ROOMS else "workspace"


def _columns(table: str, columns: list[tuple[str, str]], head: str, words: dict[tuple[str, str], str]) -> Iterator[str]:
    yield "| 列 | 类型 | 含义 |"
    yield "|---|---|---|"
    for name, kind in columns:
        base = re.sub(r"_(lo|hi)$", "", name)
        said = re.search(rf"(?:^|[.;] ){name}: ([^.;]+)", head)
        named = [words.get((where, word)) for where in (table, "") for word in (name, base)]
        text = named[0] or named[1] or KEYS.get(name) or (said[1] if said else "") or named[2] or named[3] or ""
        yield f"| {name} | {kind} | {text.replace('|', chr(92) + '|')} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
