"""The table of commands: where each is written and what it does in one line.

To add a command: write clue_engine/cli/<module>.py with a plain typer function, add its line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A command: the function ``name`` of ``clue_engine.cli.<module>``, and what it does in one line."""

    module: str
    function: str
    line: str


@dataclass(frozen=True)
class Family:
    """Commands under one word."""

    line: str
    commands: Mapping[str, Entry]


COMMANDS: dict[str, Entry | Family] = {
    "run": Entry("run", "run_command", "一步完成：载入数据、关联、扫描、导出线索清单"),
    "ingest": Entry("stations", "ingest_command", "载入导出表（xlsx、xls、csv），逐文件报告读取情况"),
    "link": Entry("stations", "link_command", "把案件当事人与在册农户对上号"),
    "scan": Entry("stations", "scan_command", "按规则扫描，生成线索"),
    "export": Entry("export", "export_command", "导出线索清单；给一个单位的移送件；受限线索的加密件"),
    "clues": Entry("clues", "clues_command", "列出线索"),
    "show": Entry("show", "show_command", "说明一条线索：命中的规则、依据、数据出处"),
    "why-not": Entry("why_not", "why_not_command", "说明一户为什么没有命中一条规则，差在哪里"),
    "changes": Entry("changes", "changes_command", "与上一次扫描对照：新增、变化、消失，各写明为什么"),
    "compare": Entry("compare", "compare_command", "与预期结果对比"),
    "report": Entry("report", "report_command", "写一页工作情况：只有数字，离线，可打印"),
    "refer": Entry("refer", "refer_command", "移送线索：记入台账，写出移送件，推算反馈期限"),
    "overdue": Entry("refer", "overdue_command", "列出过期没有反馈的移送"),
    "close": Entry("ledger", "close_command", "办结一条线索（只结束一个方向）"),
    "reopen": Entry("ledger", "reopen_command", "把办结了的线索重新打开"),
    "ledger": Family(
        "线索台账",
        {
            "show": Entry("ledger", "show_command", "一条线索的全部经过"),
            "check": Entry("ledger", "check_command", "检查台账是否完整"),
            "export": Entry("ledger", "export_command", "把台账写成 CSV 或 xlsx"),
        },
    ),
    "purge": Entry("purge", "purge_command", "清理保存期满的工作区、清单和移送件，台账留下"),
    "quality": Entry("quality", "quality_command", "列出各文件的填写率和数据疑点"),
    "review": Family(
        "人工核对身份",
        {
            "list": Entry("review", "list_command", "列出等待核对的身份"),
            "show": Entry("review", "show_command", "对照显示一对待核对的身份"),
            "decide": Entry("review", "decide_command", "记下核对结论"),
        },
    ),
    "feedback": Family(
        "交回的清单",
        {"import": Entry("feedback", "import_command", "读回填好的清单，把核查结果记入台账")},
    ),
    "carry": Entry("carry", "carry_command", "把人工核对的结论和线索编号从旧工作区带到新工作区"),
    "fields": Entry("fields", "fields_command", "查规则里能用的字段"),
    "sources": Family(
        "导出表的版式",
        {
            "list": Entry("sources", "list_command", "列出认识的导出表"),
            "show": Entry("sources", "show_command", "显示一种导出表的列与对应字段"),
            "detect": Entry("sources_detect", "detect_command", "试载入：是哪种导出表，每一列作什么用"),
            "draft": Entry("sources", "draft_command", "为不认识的导出表拟一份来源文件"),
            "accept": Entry("sources_accept", "accept_command", "确认一份表的一列是哪一项"),
            "alias": Entry("sources_accept", "alias_command", "给一种导出表的一列增加一种表头写法"),
        },
    ),
    "rules": Family(
        "规则包",
        {
            "list": Entry("rules", "list_command", "列出规则"),
            "show": Entry("rules", "show_command", "显示一条规则"),
            "check": Entry("check", "check_command", "检查规则包，一次列出全部问题"),
            "explain": Entry("check", "explain_command", "说明一个代码：意思、例子、怎么改"),
            "test": Entry("rules_test", "test_command", "运行规则自带的测试"),
            "try": Entry("rules_try", "try_command", "在上一次扫描的数据上试一条规则，不改动工作区"),
            "near-miss": Entry("rules_try", "near_miss_command", "只差一项条件就命中的有多少户、差多少"),
            "new": Entry("rules_new", "new_command", "新写一条规则：问几个问题，写出草稿"),
            "diff": Entry("rules_life", "diff_command", "说明规则改了什么，哪些户增加、减少"),
            "lock": Entry("rules_life", "lock_command", "把规则的版本和逻辑记入 pack.lock"),
            "docs": Entry("rules_docs", "docs_command", "把规则包写成一本目录（网页和 Markdown）"),
            "schema": Entry("rules_docs", "schema_command", "规则、来源文件、pack.yaml 的 JSON Schema，供编辑器提示"),
            "promote": Entry("rules_life", "promote_command", "草稿 → 试行 → 启用，逐项把关"),
            "stats": Entry("rules_stats", "stats_command", "各条规则核实了多少、属实多少、为什么不成立"),
            "retire": Entry("rules_life", "retire_command", "停用一条规则"),
        },
    ),
    "completion": Entry("completion", "completion_command", "输出命令补全的脚本（bash、zsh、fish、PowerShell）"),
    "init": Entry("init", "init_command", "建立办公目录：设置、本地规则包、台账"),
    "config": Family("办公目录的设置", {"show": Entry("config", "show_command", "逐项列出设置和它从哪里来")}),
}
