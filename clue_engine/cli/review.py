"""review list | show | decide: identities that a person must decide; decisions are read by the next link run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from clue_engine.cli.config import at
from clue_engine.cli.options import DEFAULT_WORKSPACE, JsonOption, LedgerOption, WorkspaceOption, opened_ledger
from clue_engine.cli.screen import print_json, print_table, say
from clue_engine.errors import EXIT_OK
from clue_engine.workspace import Workspace

KeyArgument = Annotated[str, typer.Argument(metavar="核对编号", help="review list 里的编号")]
ChoiceArgument = Annotated[str, typer.Argument(metavar="选择", help="候选的编号，或 none（都不是）")]
NoteOption = Annotated[str, typer.Option("--note", metavar="说明", help="依据，如 电话核实", show_default=False)]
AllOption = Annotated[bool, typer.Option("--all", help="也列出已经核对过的", show_default=False)]


def list_command(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE, everything: AllOption = False, json: JsonOption = False
) -> int:
    """列出等待核对的身份。

    例：
      clue-engine review list -w 工作区
    """
    from clue_engine.enquiry.review import review_items

    with Workspace.open(workspace, create=False) as ws:
        items = review_items(ws, undecided_only=not everything)
    if json:
        print_json([asdict(item) for item in items])
        return EXIT_OK
    print_table(
        ("核对编号", "类型", "姓名", "案号", "候选", "结论"),
        [
            (i.review_key, i.kind, "受限", "", "", i.decision or "待核对")
            if i.restricted
            else (i.review_key, i.kind, i.party["姓名"], i.party["案号"], len(i.candidates), i.decision or "待核对")
            for i in items
        ],
    )
    say(f"共 {len(items)} 件。对照查看：clue-engine review show 核对编号{at(str(workspace))}")
    return EXIT_OK


def show_command(
    review_key: KeyArgument, workspace: WorkspaceOption = DEFAULT_WORKSPACE, json: JsonOption = False
) -> int:
    """对照显示案件当事人与名册里的候选人，个人信息遮盖。

    例：
      clue-engine review show 核对编号 -w 工作区
    """
    from clue_engine.enquiry.review import review_item

    with Workspace.open(workspace, create=False) as ws:
        item = review_item(ws, review_key)
    if json:
        print_json(asdict(item))
        return EXIT_OK
    print(f"{item.review_key}  {item.kind}:{item.reason}")
    if item.restricted:
        return EXIT_OK
    party = item.party
    lines = [
        ("姓名", party["姓名"], [c.name for c in item.candidates]),
        ("证件号码", party["证件号码"], [c.number for c in item.candidates]),
        ("性别", party["性别"], [c.sex for c in item.candidates]),
        ("出生日期", party["出生日期"], [c.birth for c in item.candidates]),
        ("联系电话", party["联系电话"], [c.phone for c in item.candidates]),
        ("住址", party["住址"], [c.place for c in item.candidates]),
    ]
    print_table(
        ("", "案件当事人", *(f"候选 {c.ref}" for c in item.candidates)),
        [(label, said, *found) for label, said, found in lines],
    )
    print(f"案号：{party['案号']}  案由：{party['案由']}")
    if item.decision:
        print(f"已有结论：{item.decision}")
    say(f"记下结论（都不是写 none）：clue-engine review decide 核对编号 候选编号{at(str(workspace))}")
    return EXIT_OK


def decide_command(
    review_key: KeyArgument,
    choice: ChoiceArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    note: NoteOption = "",
    ledger: LedgerOption = None,
    json: JsonOption = False,
) -> int:
    """记下核对结论。只追加，不改以前的；重新关联、扫描后起作用。有台账的同时记入台账，以后每个月都用。

    例：
      clue-engine review decide 核对编号 候选编号 --note 电话核实 -w 工作区
    """
    from clue_engine.enquiry.review import decide
    from clue_engine.export.privacy import redact

    with Workspace.open(workspace, create=False) as ws:
        decide(ws, review_key, choice, note)
        with opened_ledger(ledger) as own:
            if own:
                own.append(rows={"decision": [(review_key, choice, redact(note))]})
    if json:
        print_json({"review_key": review_key, "choice": choice})
    where = at(str(workspace))
    say(f"已记下。再运行 clue-engine link{where} 和 clue-engine scan{where} 后起作用")
    return EXIT_OK
