"""The exit codes and the codes that are not about rules, as one Markdown page: docs/代码表.md.

Comes in: the pages of the codes. Goes out: text; ``clue-engine rules explain --markdown`` prints it.
"""

from __future__ import annotations

from collections.abc import Sequence

from clue_engine import errors
from clue_engine.pack.pages import pages

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
    for letter, title in FAMILIES.items():
        rows = [(p.code, p.title, p.meaning, p.do) for p in pages().values() if p.code.startswith(f"CE-{letter}")]
        lines += ["", f"## CE-{letter}：{title}", "", *_table(("代码", "出了什么事", "说明", "怎么办"), rows)]
    return "\n".join(lines) + "\n"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    cells = [head, tuple("---" for _ in head), *rows]
    return ["| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in row) + " |" for row in cells]
