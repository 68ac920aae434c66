"""The page of every code: what it means, a wrong and a right example, what to do.

Comes in: explain/*.yaml beside this module. Goes out: ``Page`` records by code, and pages as text.
A page's example is a condition, or the content of a pack file (``file`` says which); tests execute it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from clue_engine import errors
from clue_engine.pack.render import LEVELS
from clue_engine.pack.text import read_yaml

FOLDER = Path(__file__).with_name("explain")
CONDITION = "条件"


@dataclass(frozen=True)
class Page:
    """``file``: what the examples are, 条件 or a path in the pack; "" when the page has none."""

    code: str
    title: str
    level: str
    meaning: str
    do: str
    wrong: str = ""
    right: str = ""
    file: str = ""
    more: tuple[tuple[str, Any], ...] = ()  # for the tests that execute the examples


@cache
def pages() -> Mapping[str, Page]:
    """All pages in order of their codes."""
    found: dict[str, Page] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        value, problems = read_yaml(path)
        if problems or not isinstance(value, dict):
            raise ValueError(f"{path.name}: {problems}")
        for code, facts in value.items():
            if str(code) in found:
                raise ValueError(f"{path.name}: {code} has a page already")
            found[str(code)] = _page(str(code), facts)
    return dict(sorted(found.items()))


_KEYS = ("title", "level", "meaning", "do", "wrong", "right", "file")


def _page(code: str, facts: Mapping[str, Any]) -> Page:
    own = {str(key): value for key, value in facts.items()}
    texts = {key: str(own[key]).rstrip("\n") for key in _KEYS if key in own}
    if "wrong" in texts:
        texts.setdefault("file", CONDITION)
    more = tuple((key, value) for key, value in own.items() if key not in _KEYS)
    return Page(code=code, more=more, **{"level": "error", **texts})


def title(code: str) -> str:
    """The title of a code's page; empty for a code without one."""
    found = pages().get(code)
    return found.title if found else ""


def shown(page: Page, paint: Callable[[str, str], str] | None = None) -> str:
    """A page as text for a terminal."""
    colour = paint or (lambda text, _: text)
    lines = [colour(f"{page.code} {page.title}({LEVELS[page.level]})", "bold"), "", *_indented(page.meaning)]
    if page.file:
        where = "" if page.file == CONDITION else f"({page.file})"
        lines += ["", f"错误的写法{where}：", *_indented(page.wrong), "", "正确的写法：", *_indented(page.right)]
    return "\n".join([*lines, "", "怎么办：", *_indented(page.do)])


def _indented(text: str) -> list[str]:
    return ["  " + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line) for line in text.split("\n")]


def as_values(page: Page) -> dict[str, str]:
    """A page for JSON."""
    names = ("code", "title", "level", "meaning", "file", "wrong", "right", "do")
    return {name: getattr(page, name) for name in names}


# -- the words by which lists say where a line stands ---------------------------------------------------------------
STATES = {
    "线索": "现有数据已经符合规则，可以移送核查；仍要人工核实。",
    "待核": "缺一项事实，补上就能判断；“决定事项”写明缺什么、由谁掌握。",
    "折叠": "也是待核，只是排在后面，待核名单列不下：有编号，不占清单的行，逐户写在 pending.csv；先核清单上的，"
    "要移送的写编号（clue-engine refer 编号）。下次扫描补上了缺的事实，或者前面的办完了，会列出来。",
    "搁置": "有不予列出的情形（已救助、已获赔偿、已办结等），原因写在“搁置”表和 held.csv。",
    "试行": "试行规则找到的，不进清单，写在 trial.csv，供评价规则。",
    "疑似": "案件里的人和名册里的人可能是同一个，不能确定：先核实身份，再核实情况。",
    "受限": "涉及未成年人、性侵害或需要保护的人：只列编号，由指定的专人查看。",
}


# -- the exit codes and the codes that are not about rules, as one page: docs/代码表.md ----------------------------
EXIT_MEANINGS = {
    errors.EXIT_OK: "完成（找到线索不算错误）",
    errors.EXIT_PROBLEMS: "检查发现问题：规则包有错误、规则测试没有通过、数据与预期不符",
    errors.EXIT_USAGE: "用法或配置有误：命令、选项、路径、规则包",
    errors.EXIT_PARTLY: (
        "部分完成：有文件没有载入、有关键列读不出、有规则没有运行、来源文件有错、救助台账无人对上，或没有线索而不能说明没有，"
        "见屏幕最前面的说明和 rejects.csv"
    ),
    errors.EXIT_BUSY: "工作区正被另一个程序使用",
    errors.EXIT_STORAGE: "磁盘、权限、内存或工作区文件的故障",
    errors.EXIT_BUG: "程序内部错误",
    errors.EXIT_INTERRUPTED: "按 Ctrl-C 中断",
    errors.EXIT_TERMINATED: "被系统或别的程序终止，或终端窗口被关闭",
}
FAMILIES = {
    "F": "数据文件（没有载入的文件逐个说明，其余照常，退出码 3）",
    "E": "文字编码",
    "D": "数据的内容",
    "S": "工作区和磁盘",
    "L": "线索台账",
    "X": "导出",
    "U": "命令的用法",
    "P": "程序自身",
}


def code_table() -> str:
    """The whole page."""
    lines = [
        "# 退出码和代码表",
        "",
        "由 `clue-engine rules explain --markdown` 写出，不要手改。规则的代码（CE 加三位数字）有一百多个，各有例子，",
        "用 `clue-engine rules explain 代码` 看；下面的代码也可以这样看。",
        "",
        "## 退出码",
        "",
        *_table(("退出码", "意思"), [(str(code), text) for code, text in EXIT_MEANINGS.items()]),
    ]
    lines += ["", "## 清单上的词", "", *_table(("词", "意思"), list(STATES.items()))]
    for letter, title in FAMILIES.items():
        rows = [(p.code, p.title, p.meaning, p.do) for p in pages().values() if p.code.startswith(f"CE-{letter}")]
        lines += ["", f"## CE-{letter}：{title}", "", *_table(("代码", "出了什么事", "说明", "怎么办"), rows)]
    return "\n".join(lines) + "\n"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    cells = [head, tuple("---" for _ in head), *rows]
    return ["| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in row) + " |" for row in cells]
