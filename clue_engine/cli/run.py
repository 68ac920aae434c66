"""run: exports in, ranked clue lists out, in one step. Progress on stderr, the summary on stdout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clue_engine.cli.again import elsewhere, read_back, with_options
from clue_engine.cli.ask import ask, can_ask, confirmer
from clue_engine.cli.carry import carried
from clue_engine.cli.config import at_office
from clue_engine.cli.options import (
    AsOfOption,
    JsonOption,
    LedgerOption,
    MaxRejectsOption,
    ParametersOption,
    RulesOption,
    WaitOption,
    day,
    in_use,
    opened_ledger,
    share,
)
from clue_engine.errors import ClueError, Diagnostic
from clue_engine.workspace import Workspace

if TYPE_CHECKING:
    import typer


COUNTY_FILE = "parameters.yaml"

InputsArgument = Annotated[
    list[Path], typer.Argument(metavar="数据...", help="导出表文件，或放导出表的目录（只看这一层）")
]
OutOption = Annotated[Path, typer.Option("--out", "-o", metavar="目录", help="线索清单放在哪里")]
RunWorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", "-w", metavar="目录", help="工作区目录；不写则在输出目录里新建", show_default=False),
]
UnmaskOption = Annotated[
    str | None,
    typer.Option("--unmask", metavar="理由", help="证件号码和电话不遮盖，须写理由，并记入审计", show_default=False),
]
EncodingOption = Annotated[
    str | None,
    typer.Option("--encoding", metavar="编码", help="CSV 的编码，程序认不出时才需要，如 gb18030", show_default=False),
]
SheetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--sheet",
        metavar="名称",
        help="工作簿里有几张同类的工作表时用哪一张，可写多次；写 全部 则都载入",
        show_default=False,
    ),
]
ForceScanOption = Annotated[
    bool,
    typer.Option("--force", help="数据与来源文件里的预期不符、扫描日与数据的日期不合时仍然扫描", show_default=False),
]

AddOption = Annotated[bool, typer.Option("--add", help="加在工作区已有的文件旁边，一起扫描", show_default=False)]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="只用这次写的文件，工作区里别的文件不再用", show_default=False)
]
CarryOption = Annotated[
    Path | None,
    typer.Option(
        "--carry",
        metavar="旧工作区",
        help="先从旧工作区带来核对结论和线索编号：同一条线索还是原来的编号",
        show_default=False,
    ),
]


def run_command(
    ctx: typer.Context,
    inputs: InputsArgument,
    out: OutOption = Path("clue-out"),
    as_of: AsOfOption = None,
    workspace: RunWorkspaceOption = None,
    rules: RulesOption = None,
    parameters: ParametersOption = None,
    unmask: UnmaskOption = None,
    encoding: EncodingOption = None,
    sheet: SheetOption = None,
    wait: WaitOption = 0,
    max_rejects: MaxRejectsOption = "5%",
    add: AddOption = False,
    replace: ReplaceOption = False,
    force: ForceScanOption = False,
    carry: CarryOption = None,
    ledger: LedgerOption = None,
    json: JsonOption = False,
) -> int:
    """一步完成：载入、关联、扫描、导出线索清单。

    工作区里有这次没有写的文件时先问；不在终端上运行时停下，写 --add 或 --replace 说明怎么办。

    例：
      clue-engine run sample_data
      clue-engine run 数据目录 --out 七月 --carry 六月
      clue-engine run 数据目录 --parameters 本县口径.yaml --as-of 2025-06-30 --out 线索清单
    """
    from clue_engine.cli.summary import exit_code, print_summary, progress, summary, tell_sources
    from clue_engine.enquiry.carry import carry as carry_over
    from clue_engine.enquiry.carry import earlier_workspace
    from clue_engine.export.bundle import check_output
    from clue_engine.export.written import check_unchanged, output_names
    from clue_engine.pack.load import load_pack
    from clue_engine.pipeline import Job, run

    parameters = parameters or _county_file(inputs)
    told: list[Diagnostic] = []
    job = Job(
        pack=at_office(load_pack(rules, parameters=parameters, told=told)),
        parameters=parameters.read_bytes() if parameters else None,
        inputs=inputs,
        out=out,
        as_of=day(as_of) if as_of else None,
        encoding=encoding,
        sheets=sheet or [],
        max_rejects=share(max_rejects, "--max-rejects"),
        force=force,
        unmask=unmask,
        say=progress(),
        confirm=confirmer(json),
    )
    check_output(out, unmask)
    own = out / "workspace"
    earlier = earlier_workspace(carry) if carry else None
    back = read_back if in_use(ledger) else None
    check_unchanged(out, output_names(job.pack), elsewhere(ctx, out, None if workspace else own), back)
    with (
        Workspace.open(workspace or own, wait=wait) as ws,
        opened_ledger(ledger, create=True) as job.ledger,
        ws.kept(),
    ):
        if earlier:
            brought = carry_over(ws, earlier)
            job.notices.append(carried(brought.decisions, brought.numbers))
        job.add = add_to_others(ws, inputs, ctx, add=add, replace=replace, json=json)
        run(ws, job)
        found = summary(ws, job) | {"parameters": _said(parameters) if parameters else None}
    print_summary(found, as_json=json)
    tell_sources(told)
    return exit_code(found, told)


def _said(parameters: Path) -> str:
    from clue_engine.pack.text import only_comments

    return str(parameters) + ("（还没有写，只有说明）" if only_comments(parameters) else "")


def _county_file(inputs: list[Path]) -> Path | None:
    """The county's own parameters, where they lie in the folder that was named; the summary says so."""
    found = [folder / COUNTY_FILE for folder in inputs if (folder / COUNTY_FILE).is_file()]
    return found[0] if len(found) == 1 else None


# -- run: what becomes of files that the workspace holds and the command does not name ---------------------------------
# Comes in: an open workspace, the inputs, what was typed. Goes out: whether the inputs stand beside what is there.
_SHOWN = 8


def add_to_others(
    ws: Workspace, inputs: Sequence[Path], ctx: typer.Context, *, add: bool, replace: bool, json: bool
) -> bool:
    """True: beside what is there; False: in its place. Raises CE-U16 where that would lose files and nobody said so."""
    from clue_engine.ingest.removal import would_go

    if add and replace:
        raise ClueError("CE-U01", "--add 和 --replace 只能写一个", place="run", hint="clue-engine run --help")
    gone = [] if add or replace else would_go(ws, inputs)
    if not gone:
        return add
    said = _said_of(ws, gone)
    if can_ask(json):
        answer = ask(f"{said}\n  1 加在原有文件旁边  2 只用这次的文件  其他键取消：")
        if answer in ("1", "2"):
            return answer == "1"
    raise ClueError(
        "CE-U16",
        f"{said}；没有载入，什么也没有改动",
        place=str(ws.directory),
        hint=f"原来的也要用，加在旁边：{with_options(ctx, '--add')}\n"
        f"          换了新一批数据，只用这次的文件：{with_options(ctx, '--replace')}",
    )


def _said_of(ws: Workspace, gone: Sequence[str]) -> str:
    from clue_engine.export.privacy import redact

    n_clues = ws.rows("select count(*) from clue")[0][0] if ws.has_table("clue") else 0
    named = "、".join(str(redact(name)) for name in gone[:_SHOWN]) + ("等" if len(gone) > _SHOWN else "")
    clues = f"；上次扫描有 {n_clues} 条线索" if n_clues else ""
    return f"工作区里有 {len(gone)} 个文件这次没有写，照此载入就没有了：{named}{clues}"
