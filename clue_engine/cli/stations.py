"""ingest, link, scan: the stations one by one, on a workspace that stays."""

from __future__ import annotations

from pathlib import Path

from clue_engine.cli.options import (
    DEFAULT_WORKSPACE,
    AsOfOption,
    JsonOption,
    ParametersOption,
    RulesOption,
    WaitOption,
    WorkspaceOption,
    day,
)
from clue_engine.cli.run import EncodingOption, InputsArgument


def ingest_command(
    inputs: InputsArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    rules: RulesOption = None,
    encoding: EncodingOption = None,
    wait: WaitOption = 0,
    json: JsonOption = False,
) -> int:
    """载入导出表,逐文件报告读到多少行、装载多少行、拒绝多少行。

    例:
      clue-engine ingest 数据目录 -w 工作区
    """
    return _stations(workspace, rules, None, None, inputs, encoding, "ingest", "clean", wait, json)


def link_command(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    rules: RulesOption = None,
    parameters: ParametersOption = None,
    as_of: AsOfOption = None,
    wait: WaitOption = 0,
    json: JsonOption = False,
) -> int:
    """把案件当事人与名册中的人对上号;对不准的进入人工核对名单。

    例:
      clue-engine link -w 工作区
      clue-engine review list -w 工作区
    """
    return _stations(workspace, rules, parameters, as_of, (), None, "canonical", "link", wait, json)


def scan_command(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    rules: RulesOption = None,
    parameters: ParametersOption = None,
    as_of: AsOfOption = None,
    wait: WaitOption = 0,
    json: JsonOption = False,
) -> int:
    """按规则扫描已经关联好的工作区,生成线索。

    例:
      clue-engine scan -w 工作区 --parameters 本县口径.yaml --as-of 2025-06-30
    """
    return _stations(workspace, rules, parameters, as_of, (), None, "involvement", "clue", wait, json)


def _stations(
    workspace: Path,
    rules: Path | None,
    parameters: Path | None,
    as_of: str | None,
    inputs: tuple[Path, ...] | list[Path],
    encoding: str | None,
    first: str,
    last: str,
    wait: float,
    json: bool,
) -> int:
    from clue_engine.cli.summary import print_summary, progress, summary
    from clue_engine.errors import EXIT_OK, EXIT_PARTLY
    from clue_engine.pack.load import load_pack
    from clue_engine.pipeline import Job, require, run
    from clue_engine.workspace import Workspace

    job = Job(
        pack=load_pack(rules, parameters=parameters),
        inputs=inputs,
        as_of=day(as_of) if as_of else None,
        encoding=encoding,
        say=progress(),
    )
    with Workspace.open(workspace, create=first == "ingest", wait=wait) as ws:
        require(ws, first)
        run(ws, job, first=first, last=last)
        found = summary(ws, job, last=last)
    print_summary(found, as_json=json)
    return EXIT_PARTLY if job.errors or found["rule_errors"] else EXIT_OK
