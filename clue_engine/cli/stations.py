"""ingest, link, scan: the stations one by one, on a workspace that stays."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from clue_engine.cli.ask import confirmer
from clue_engine.cli.options import (
    DEFAULT_WORKSPACE,
    AsOfOption,
    JsonOption,
    LedgerOption,
    MaxRejectsOption,
    ParametersOption,
    RulesOption,
    WaitOption,
    WorkspaceOption,
    day,
    opened_ledger,
    share,
)
from clue_engine.cli.run import EncodingOption, ForceScanOption, InputsArgument, SheetOption
from clue_engine.errors import Diagnostic
from clue_engine.workspace import Workspace

ReplaceOption = Annotated[bool, typer.Option("--replace", help="先清空工作区里原有的数据再载入", show_default=False)]
ForceLoadOption = Annotated[
    bool, typer.Option("--force", help="内容相同的文件也重新载入（代替原来的，不重复）", show_default=False)
]


def ingest_command(
    inputs: InputsArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    rules: RulesOption = None,
    encoding: EncodingOption = None,
    sheet: SheetOption = None,
    max_rejects: MaxRejectsOption = "5%",
    replace: ReplaceOption = False,
    force: ForceLoadOption = False,
    wait: WaitOption = 0,
    json: JsonOption = False,
) -> int:
    """载入导出表，逐文件报告读到多少行、装载多少行、拒绝多少行。

    加到工作区已有的数据旁边；内容相同的不重复载入；同一来源的新表按案号、户编号等顶替旧表的行，并列出变化。

    例：
      clue-engine ingest 数据目录 -w 工作区
      clue-engine ingest 更正后的被害人清单.xlsx -w 工作区
    """
    load: dict[str, Any] = {
        "inputs": inputs,
        "encoding": encoding,
        "sheets": sheet or [],
        "max_rejects": share(max_rejects, "--max-rejects"),
        "add": not replace,
        "force": force,
    }
    return _stations(workspace, rules, None, None, "ingest", "clean", wait, json, **load)


def link_command(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    rules: RulesOption = None,
    parameters: ParametersOption = None,
    as_of: AsOfOption = None,
    wait: WaitOption = 0,
    ledger: LedgerOption = None,
    json: JsonOption = False,
) -> int:
    """把案件当事人与名册中的人对上号；对不准的进入人工核对名单。

    例：
      clue-engine link -w 工作区
      clue-engine review list -w 工作区
    """
    return _stations(workspace, rules, parameters, as_of, "canonical", "link", wait, json, ledger)


def scan_command(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    rules: RulesOption = None,
    parameters: ParametersOption = None,
    as_of: AsOfOption = None,
    wait: WaitOption = 0,
    force: ForceScanOption = False,
    ledger: LedgerOption = None,
    json: JsonOption = False,
) -> int:
    """按规则扫描已经关联好的工作区，生成线索。

    例：
      clue-engine scan -w 工作区 --parameters 本县口径.yaml --as-of 2025-06-30
    """
    return _stations(workspace, rules, parameters, as_of, "involvement", "clue", wait, json, ledger, force=force)


def _stations(
    workspace: Path,
    rules: Path | None,
    parameters: Path | None,
    as_of: str | None,
    first: str,
    last: str,
    wait: float,
    json: bool,
    ledger: str | None = None,
    **more: Any,
) -> int:
    from clue_engine.cli.summary import exit_code, print_summary, progress, summary, tell_sources
    from clue_engine.pack.load import load_pack
    from clue_engine.pipeline import Job, require, run

    told: list[Diagnostic] = []
    job = Job(
        pack=load_pack(rules, parameters=parameters, told=told),
        parameters=parameters.read_bytes() if parameters else None,
        as_of=day(as_of) if as_of else None,
        say=progress(),
        confirm=confirmer(json),
        **more,
    )
    with (
        Workspace.open(workspace, create=first == "ingest", wait=wait) as ws,
        opened_ledger(ledger, create=True) as job.ledger,
    ):
        require(ws, first)
        run(ws, job, first=first, last=last)
        found = summary(ws, job, last=last)
    print_summary(found, as_json=json)
    tell_sources(told)
    return exit_code(found, told)
