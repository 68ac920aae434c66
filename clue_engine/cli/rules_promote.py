"""rules promote | retire: a rule goes one step further in its life, or ends it.

Comes in: a pack folder of one's own, a rule id, a scanned workspace. Goes out: the gates in words; the rule file and
pack.lock with the new status when all are passed.
"""

from __future__ import annotations

from typing import Annotated

import typer

from clue_engine.cli.options import DEFAULT_WORKSPACE, JsonOption, ParametersOption, RulesOption, ScannedOption
from clue_engine.cli.rules_life import own_pack
from clue_engine.cli.screen import pad, print_json, style
from clue_engine.errors import EXIT_PROBLEMS, ClueError
from clue_engine.pack.labels import STATUSES

IdArgument = Annotated[str, typer.Argument(metavar="编号", help="规则编号，如 J02")]
ToOption = Annotated[
    str, typer.Option("--to", metavar="状态", help="trial（试行）或 active（启用）；不写则是下一步", show_default=False)
]
NoneOption = Annotated[
    str,
    typer.Option(
        "--accept-none", metavar="理由", help="一户也没有命中仍要启用时，写明理由，记入规则文件", show_default=False
    ),
]
DryOption = Annotated[bool, typer.Option("--dry-run", help="只看能不能通过，不写文件", show_default=False)]
_LEAST_REASON = 6  # characters: 少见 explains nothing


def promote_command(
    rule_id: IdArgument,
    to: ToOption = "",
    workspace: ScannedOption = DEFAULT_WORKSPACE,
    rules: RulesOption = None,
    parameters: ParametersOption = None,
    accept_none: NoneOption = "",
    dry_run: DryOption = False,
    json: JsonOption = False,
) -> None:
    """让规则进一步：草稿 → 试行 → 启用。逐项把关，都通过才写进规则文件和 pack.lock。

    例：
      clue-engine rules promote J20 -w 工作区 --rules 我的规则
      clue-engine rules promote J20 --to active -w 工作区 --rules 我的规则 --parameters 本县口径.yaml
    试行的规则照常扫描，结果单独一张表，不计分，不移送。
    启用时要在这个工作区的数据上有命中、待核或被排除的户。条件没有写错、这种情况确属少见的，用 --accept-none 写明理由。
    """
    from clue_engine.enquiry.promotion import NEXT, find, gates, write_status
    from clue_engine.pack.load import read_pack
    from clue_engine.workspace import kept_parameters

    if to and to not in ("trial", "active"):
        message = f"--to 不能是“{to[:20]}”"
        raise ClueError("CE-U01", message, place="rules promote", hint="可用：trial、active；停用写 rules retire 编号")
    if accept_none and len(accept_none.strip()) < _LEAST_REASON:
        message = f"--accept-none 的理由太短：“{accept_none.strip()[:_LEAST_REASON]}”"
        hint = f"至少 {_LEAST_REASON} 个字，写明为什么现有数据里没有，如 本县今年还没有这样的案件"
        raise ClueError("CE-U01", message, place="rules promote", hint=hint)
    if not dry_run:
        own_pack(rules, "rules promote")
    owner = find(read_pack(rules)[0], rule_id)
    target = to or NEXT.get(owner.status, "active")
    parameters = parameters or kept_parameters(workspace)
    found = gates(rules, owner.id, target, workspace, parameters, rare=accept_none.strip())
    passed = all(gate.passed for gate in found)
    versions = (owner.version, owner.version)
    if passed and not dry_run:
        versions = write_status(rules, owner.id, target, accept_none.strip() if target == "active" else "")
    if json:
        shown = [vars(gate) for gate in found]
        print_json({"id": owner.id, "to": target, "passed": passed, "version": versions[1], "gates": shown})
    else:
        print(style(f"{owner.id} {owner.title}：{STATUSES[owner.status]} → {STATUSES[target]}", "bold"))
        for gate in found:
            sign, tone = ("✓", "green") if gate.passed else ("✗", "red")
            print(f"  {style(sign, tone)} {pad(gate.name, 12)}  {gate.words}")
        print(_outcome(passed, dry_run, target, versions))
    if not passed:
        raise typer.Exit(EXIT_PROBLEMS)


def _outcome(passed: bool, dry_run: bool, target: str, versions: tuple[int, int]) -> str:
    if not passed:
        return "没有通过，规则没有改动"
    if dry_run:
        return "可以通过；没有写文件（--dry-run）"
    version = f"版本 {versions[0]} → {versions[1]}" if versions[0] != versions[1] else f"版本 {versions[1]}"
    return f"已{STATUSES[target]}，{version}，已记入 pack.lock"


def retire_command(rule_id: IdArgument, rules: RulesOption = None) -> None:
    """停用一条规则：不再扫描，编号保留，以后不再使用。

    例：
      clue-engine rules retire J20 --rules 我的规则
    """
    from clue_engine.enquiry.promotion import find, write_status
    from clue_engine.pack.load import read_pack

    own_pack(rules, "rules retire")
    pack = read_pack(rules)[0]
    owner = find(pack, rule_id)
    if owner.status == "retired":
        print(f"{owner.id} {owner.title}：早已停用")
        return
    write_status(rules, owner.id, "retired")
    print(f"{owner.id} {owner.title}：{STATUSES[owner.status]} → 停用，已记入 pack.lock")
    others = [r.id for r in pack.rules if owner.id in r.supersedes]
    if others:
        print(f"提醒：{'、'.join(others)} 写着取代 {owner.id}，可以删去")
