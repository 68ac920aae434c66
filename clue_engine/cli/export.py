"""export: the files of a finished scan, once more or for another receiver."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clue_engine.cli.again import elsewhere, read_back
from clue_engine.cli.ask import can_ask, new_password, no_terminal
from clue_engine.cli.config import at_office
from clue_engine.cli.options import (
    DEFAULT_WORKSPACE,
    JsonOption,
    LedgerOption,
    RulesOption,
    WaitOption,
    WorkspaceOption,
    in_use,
    opened_ledger,
)
from clue_engine.cli.screen import print_json, say
from clue_engine.errors import EXIT_OK, EXIT_PARTLY, ClueError
from clue_engine.workspace import Workspace

if TYPE_CHECKING:
    from clue_engine.export.changes import Told
    from clue_engine.ledger import Event

OutOption = Annotated[Path, typer.Option("--out", "-o", metavar="目录", help="线索清单放在哪里")]
UnmaskOption = Annotated[
    str | None,
    typer.Option("--unmask", metavar="理由", help="证件号码和电话不遮盖，须写理由，并记入审计", show_default=False),
]
RestrictedOption = Annotated[
    bool, typer.Option("--restricted", help="只导出受限线索，写成加密的工作簿；在终端上输入密码", show_default=False)
]
ToOption = Annotated[
    str | None, typer.Option("--to", metavar="单位", help="受限线索交给谁，记入审计", show_default=False)
]
ReasonOption = Annotated[
    str | None, typer.Option("--reason", metavar="用途", help="受限线索作什么用，记入审计", show_default=False)
]
NumberOption = Annotated[
    list[str] | None,
    typer.Option("--number", metavar="线索编号", help="只要这几条受限线索，可以写几次", show_default=False),
]
ForOption = Annotated[
    str | None,
    typer.Option(
        "--for", metavar="单位", help="只要送这个单位的线索，写成移送件（函、清单、核查表）", show_default=False
    ),
]
SplitOption = Annotated[
    str | None, typer.Option("--split", metavar="乡镇", help="移送件按乡镇分开，写 乡镇", show_default=False)
]
UnmaskOnlyOption = Annotated[
    str | None,
    typer.Option(
        "--unmask-only", metavar="栏", help="移送件里只不遮盖这一栏：联系电话 或 证件号码", show_default=False
    ),
]
SmallOption = Annotated[
    str | None,
    typer.Option(
        "--small-numbers", metavar="理由", help="“汇总”里小的数也显示，须写理由，并记入审计", show_default=False
    ),
]


def export_command(
    ctx: typer.Context,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    out: OutOption = Path("clue-out"),
    rules: RulesOption = None,
    unmask: UnmaskOption = None,
    small: SmallOption = None,
    receiver: ForOption = None,
    split: SplitOption = None,
    unmask_only: UnmaskOnlyOption = None,
    restricted: RestrictedOption = False,
    to: ToOption = None,
    reason: ReasonOption = None,
    number: NumberOption = None,
    ledger: LedgerOption = None,
    wait: WaitOption = 0,
    json: JsonOption = False,
) -> int:
    """导出线索清单：各方向 CSV、工作簿 clues.xlsx、clues.json、搁置与拒收清单。

    文件要么完整出现，要么不出现；导出以后改过的（如填了核查情况的）不覆盖。受限线索在这些文件里都不显示个人信息；
    要交给专人的，用 --restricted 写成加密的工作簿，逐条记入审计；--out 写 .docx 的，写成加密的入户核查表。
    加害人是家庭成员的（谨慎）也在其中：不写加害人，注明怎样联系；检察机关以外的单位看不到案号、案由。

    例：
      clue-engine export -w 工作区 --out 线索清单
      clue-engine export -w 工作区 --out 入户用 --unmask "入户核查，某某批准"
      clue-engine export -w 工作区 --restricted --to 未检 --reason 司法救助审查 --out 受限/受限线索.xlsx
      clue-engine export -w 工作区 --for 民政 --split 乡镇 --out 移送件
    """
    check_combination(restricted, unmask, (to, reason, number), receiver, split, unmask_only)
    _check_small(small, restricted or receiver is not None)
    if restricted:
        return export_restricted(workspace, out, rules, to, reason, number or [], wait, json)
    if receiver is not None:
        return export_parcels(workspace, out, rules, receiver, split is not None, unmask, unmask_only, wait, json)
    from clue_engine.cli.summary import tell_troubles
    from clue_engine.clue.outlive import note_progress
    from clue_engine.enquiry.run import load_scanned, scan_date
    from clue_engine.export.bundle import check_output, export_clues
    from clue_engine.export.standing_said import told_of
    from clue_engine.export.trouble import troubles
    from clue_engine.export.written import check_unchanged, output_names

    check_output(out, unmask)
    pack = at_office(load_scanned(workspace, rules))
    check_unchanged(out, output_names(pack), elsewhere(ctx, out), read_back if in_use(ledger) else None)
    with Workspace.open(workspace, create=False, wait=wait) as ws:
        day = scan_date(ws)
        known: dict[str, Told] = {}
        events: list[Event] = []
        with opened_ledger(ledger) as own:
            if own:
                note_progress(ws, own)
                known, events = told_of(own, pack), own.events()
        told = troubles(ws, pack)
        paths = export_clues(ws, pack, out, day, unmask_reason=unmask, told=known, events=events, small_reason=small)
    tell_troubles(told, as_json=json)
    if json:
        print_json(
            {"troubles": told, "out": str(out), "files": [p.name for p in paths], "unmasked": unmask is not None}
        )
    else:
        for path in paths:
            print(path)
        say(f"已写出 {len(paths)} 个文件。清单仅供核查参考，不作为认定依据。")
    return EXIT_PARTLY if told else EXIT_OK


def _check_small(reason: str | None, elsewhere: bool) -> None:
    if reason is not None and elsewhere:
        hint = "移送件和受限线索的加密件里没有“汇总”，去掉 --small-numbers"
        raise ClueError("CE-U01", "--small-numbers 只用于线索清单", place="export", hint=hint)
    if reason is not None and not reason.strip():
        hint = "写明用途，如 --small-numbers 向分管领导汇报"
        raise ClueError("CE-X02", "没有写明显示小数的理由", place="--small-numbers", hint=hint)


def check_combination(
    restricted: bool,
    unmask: str | None,
    of_restricted: tuple[object, ...],
    receiver: str | None,
    split: str | None,
    unmask_only: str | None,
) -> None:
    """Raise CE-U01 for options that do not go together: what was meant must not be guessed where persons are shown."""
    found = ""
    if restricted and unmask is not None:
        found = "--restricted 写出的号码本来就不遮盖，不与 --unmask 同时写"
    elif restricted and receiver is not None:
        found = "--restricted 与 --for 不能同时写：移送件里没有受限线索"
    elif not restricted and any(of_restricted):
        found = "--to、--reason、--number 只与 --restricted 一起写"
    elif split is not None and receiver is None:
        found = "--split 只与 --for 一起写"
    elif split not in (None, "乡镇"):
        found = "--split 后面只能写 乡镇"
    elif unmask_only is not None and (receiver is None or unmask is None):
        found = "--unmask-only 与 --for 和 --unmask 一起写"
    elif unmask_only not in (None, "联系电话", "证件号码"):
        found = "--unmask-only 后面只能写 联系电话 或 证件号码"
    if found:
        raise ClueError("CE-U01", found, place="export", hint="clue-engine export --help")


# -- export --restricted -----------------------------------------------------------------------------------------------
# export --restricted: restricted clues in full, for one receiver, under a password that is typed on the terminal.
def export_restricted(
    workspace: Path, file: Path, rules: Path | None, to: str | None, reason: str | None, numbers: Sequence[str],
    wait: float, json: bool,
) -> int:  # fmt: skip
    from clue_engine.enquiry.run import load_scanned, scan_date
    from clue_engine.export.encrypt import STRENGTH, weakness
    from clue_engine.export.restricted import check_file, deliver, purpose, restricted_rows

    goal = purpose(to, reason)
    check_file(file)
    if not can_ask(json):
        raise no_terminal()
    pack = at_office(load_scanned(workspace, rules))
    with Workspace.open(workspace, create=False, wait=wait) as ws:
        as_of = scan_date(ws)
        rows = restricted_rows(ws, pack, numbers, goal.receiver)
    # nobody waits for the workspace while a person thinks of a password
    password = new_password(weakness, f"受限线索 {len(rows)} 条，交：{goal.receiver}。{STRENGTH}")
    with Workspace.open(workspace, create=False, wait=wait) as ws:
        deliver(ws, pack, rows, file, as_of, goal, password)
    print(file)
    what = "核查表" if file.suffix.lower() == ".docx" else "工作簿"
    say(f"已写出加密的{what}，含受限线索 {len(rows)} 条，已逐条记入审计。密码另行当面或电话告知，不与文件一起送。")
    n_careful = sum(row.careful for row in rows)
    if n_careful:
        say(f"其中谨慎 {n_careful} 条：加害人可能同住，先看“提示”栏再联系；入户核查表用 --out 写成 .docx，同样加密。")
    return EXIT_OK


# -- export --for: the letter, the list and the visit forms for one receiver, a folder per township --------------------
def export_parcels(
    workspace: Path, out: Path, rules: Path | None, receiver: str, by_town: bool, unmask: str | None,
    unmask_only: str | None, wait: float,
    json: bool,
) -> int:  # fmt: skip
    from clue_engine.cli.summary import tell_troubles
    from clue_engine.enquiry.run import load_scanned, scan_date
    from clue_engine.export.parcel import Unmask, write_parcels
    from clue_engine.export.trouble import troubles

    pack = at_office(load_scanned(workspace, rules))
    with Workspace.open(workspace, create=False, wait=wait) as ws:
        as_of = scan_date(ws)
        told = troubles(ws, pack)
        shown = None
        if unmask is not None:
            shown = Unmask(unmask, (unmask_only,)) if unmask_only else Unmask(unmask)
        folders, behind = write_parcels(ws, pack, receiver, out, as_of, by_town=by_town, unmask=shown)
    tell_troubles(told, as_json=json)
    left = {why: n for why, n in sorted(behind.items()) if n}
    if json:
        print_json({"troubles": told, "folders": [str(f) for f in folders], "left_out": left})
    else:
        for folder in folders:
            print(folder)
        say(f"已写出 {len(folders)} 份移送件，每份有移送函、清单、入户核查表和 manifest.json，已逐份记入审计。")
        if left:
            say(f"没有放进移送件的：{'、'.join(f'{why} {n} 条' for why, n in left.items())}（疑似、待核的先核实）。")
        say("函里的文号、日期、单位和联系人留空，由办公室填写。")
    return EXIT_PARTLY if told else EXIT_OK
