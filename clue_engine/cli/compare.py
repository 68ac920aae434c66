"""compare: how far a scan agrees with a file of expected results. Prints counts only, no number of a person."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clue_engine.cli.options import JsonOption, RulesOption
from clue_engine.cli.screen import print_json, print_table, say, wrap
from clue_engine.errors import EXIT_OK, EXIT_PROBLEMS, ClueError
from clue_engine.workspace import Workspace

if TYPE_CHECKING:
    from clue_engine.enquiry.compare import Comparison, DirectionScore

WorkspaceArgument = Annotated[Path, typer.Argument(metavar="工作区", help="扫描过的工作区目录")]
ExpectedArgument = Annotated[Path, typer.Argument(metavar="预期结果", help="预期结果 CSV（列名见样例数据说明）")]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="目录", help="同一次扫描导出的清单；不写则临时导出一份", show_default=False),
]
AtLeastOption = Annotated[
    str | None,
    typer.Option(
        "--at-least",
        metavar="要求",
        help="如 recall=0.9,precision=0.9,open=0.9,traps=1；任一方向达不到则退出码为 1",
        show_default=False,
    ),
]
_MEASURES = ("recall", "precision", "open", "top", "traps")


def compare_command(
    workspace: WorkspaceArgument,
    expected: ExpectedArgument,
    out: OutOption = None,
    rules: RulesOption = None,
    at_least: AtLeastOption = None,
    json: JsonOption = False,
) -> int:
    """与预期结果对比：各方向的找回率、准确率、待核，以及逐类陷阱。只显示计数，不显示证件号码。

    例：
      clue-engine compare 工作区 expected.csv
      clue-engine compare 工作区 expected.csv --at-least recall=0.9,precision=0.9
    """
    from clue_engine.enquiry.compare import compare
    from clue_engine.enquiry.run import load_scanned, scan_date
    from clue_engine.export.bundle import export_clues

    wanted = _wanted(at_least)
    with Workspace.open(workspace, create=False) as ws:
        day = scan_date(ws)
        if out is not None:
            found = compare(ws, expected, out)
        else:
            with tempfile.TemporaryDirectory(dir=workspace / "tmp") as place:
                export_clues(ws, load_scanned(workspace, rules), Path(place), day)
                found = compare(ws, expected, Path(place))
    missed = _missed(found, wanted)
    if json:
        print_json({**_as_json(found), "missed_requirements": missed})
    else:
        _print(found)
    for line in missed:
        say(f"未达要求：{line}")
    return EXIT_PROBLEMS if missed else EXIT_OK


def _wanted(text: str | None) -> dict[str, float]:
    """The requirements of --at-least, or CE-U02."""
    wanted = {}
    for part in (text or "").split(","):
        name, equals, value = (p.strip() for p in part.partition("="))
        if not name and not equals:
            continue
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if name not in _MEASURES or not 0 <= number <= 1:
            raise ClueError(
                "CE-U02", f"看不懂要求“{part[:30]}”", place="--at-least", hint="写成 recall=0.9,precision=0.9"
            )
        wanted[name] = number
    return wanted


def _missed(found: Comparison, wanted: dict[str, float]) -> list[str]:
    missed = []
    for name, least in wanted.items():
        if name == "traps":
            share = found.trap_share
            if share is not None and share < least:
                missed.append(f"traps {share:.3f} < {least:g}")
            continue
        for d in found.directions:
            value = _measures(d)[name]
            if value is not None and value < least:
                missed.append(f"{d.direction} {name} {value:.3f} < {least:g}")
    return missed


def _measures(d: DirectionScore) -> dict[str, float | None]:
    return {"recall": d.recall, "precision": d.precision, "open": d.open_recall, "top": d.top_share}


def _print(found: Comparison) -> None:
    from clue_engine.enquiry.compare import NOTE

    print_table(
        ("方向", "找回率", "准确率", "待核找回", "待核数", "前N条含应列", "确定/应列"),
        [
            (
                d.direction,
                f"{_percent(d.recall)} {d.n_found}/{d.n_expected}",
                f"{_percent(d.precision)} {d.n_right}/{d.n_right + d.n_wrong}",
                f"{d.n_open_found}/{d.n_open_expected}",
                d.n_open_listed,
                f"{d.n_top_found}/{d.n_expected}(N={d.n_top})",
                "" if d.length_ratio is None else f"{d.length_ratio:.2f}",
            )
            for d in found.directions
        ],
    )
    for line in wrap(NOTE, 78):
        print(line)
    for d in found.directions:
        if d.wrong:
            print(f"{d.direction} 错列：" + "、".join(f"{why} {n}" for why, n in d.wrong.most_common()))
    if found.traps:
        print()
        print_table(
            ("陷阱", "要求", "通过", "未通过的行"),
            [
                (t.trap, t.requirement, f"{t.n_passed}/{t.n_lines}", "、".join(map(str, t.failed_lines)))
                for t in found.traps
            ],
        )
        print(f"陷阱通过 {sum(t.n_passed for t in found.traps)}/{sum(t.n_lines for t in found.traps)}")


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"


def _as_json(found: Comparison) -> dict[str, Any]:
    from clue_engine.enquiry.compare import NOTE

    return {
        "directions": [
            {
                "direction": d.direction,
                **_measures(d),
                "length_ratio": d.length_ratio,
                "expected": d.n_expected,
                "found": d.n_found,
                "certain": d.n_certain,
                "right": d.n_right,
                "wrong": d.n_wrong,
                "wrong_reasons": dict(d.wrong),
                "uncounted": d.n_uncounted,
                "open_expected": d.n_open_expected,
                "open_found": d.n_open_found,
                "open_listed": d.n_open_listed,
                "top_n": d.n_top,
                "top_found": d.n_top_found,
                "missed_lines": found.missed_lines.get(d.direction, []),
            }
            for d in found.directions
        ],
        "traps": [
            {
                "trap": t.trap,
                "requirement": t.requirement,
                "passed": t.n_passed,
                "total": t.n_lines,
                "failed_lines": list(t.failed_lines),
            }
            for t in found.traps
        ],
        "trap_share": found.trap_share,
        "note": NOTE,
    }
