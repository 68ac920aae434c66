"""rules check | explain: every problem of a rule pack at once, and the page of a code.

Comes in: a pack folder, perhaps a scanned workspace. Goes out: diagnostics with carets, or JSON; exit code 1 as
``--fail-on`` says.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clue_engine.cli.options import BesideOption, JsonOption, ParametersOption, RulesOption
from clue_engine.cli.screen import print_json, style
from clue_engine.cli.words import did_you_mean
from clue_engine.errors import EXIT_PROBLEMS, ClueError, Diagnostic
from clue_engine.workspace import Workspace, kept_parameters

if TYPE_CHECKING:
    from clue_engine.pack.model import Pack

FORMATS = ("text", "json")
FAIL_ON: dict[str, tuple[str, ...]] = {"never": (), "warn": ("error", "warning"), "error": ("error",)}
FormatOption = Annotated[str, typer.Option("--format", metavar="格式", help="text 或 json")]
FailOption = Annotated[
    str, typer.Option("--fail-on", metavar="级别", help="never、warn 或 error：有这一级及以上的问题时退出码为 1")
]
MarkdownOption = Annotated[
    bool, typer.Option("--markdown", help="退出码和规则以外的全部代码，写成一张表", show_default=False)
]


def check_command(
    rules: RulesOption = None,
    parameters: ParametersOption = None,
    form: FormatOption = "text",
    fail_on: FailOption = "error",
    workspace: BesideOption = None,
    json: JsonOption = False,
) -> None:
    """检查规则包：写法、字段、取值、分值、条件的逻辑，一次列出全部问题。

    例：
      clue-engine rules check
      clue-engine rules check --rules 我的规则 --parameters 本县口径.yaml
      clue-engine rules check --rules 我的规则 -w 工作区
    没有错误时退出码 0，有错误时 1。代码的意思：clue-engine rules explain 代码
    """
    form = "json" if json else form
    _one_of(form, FORMATS, "--format")
    _one_of(fail_on, tuple(FAIL_ON), "--fail-on")
    with _without_collector():
        pack, found, whole = _found(rules, parameters, workspace)
    if form == "text":
        from clue_engine.pack.render import render_all

        counts = f"{len(pack.rules)} 条规则、{len(pack.holds)} 条排除规则、"
        counts += f"{len(pack.measures)} 项帮扶措施、{len(pack.sources)} 种导出表"
        print(
            f"{render_all(found, style)}（{counts}）" if whole else f"{render_all(found, style)}。其余检查待改好后再做"
        )
    else:
        from clue_engine.pack.render import as_values

        errors = sum(d.level == "error" for d in found)
        shown = [as_values(d) for d in found]
        print_json({"errors": errors, "complete": whole, "hash": pack.hash, "diagnostics": shown})
    if any(d.level in FAIL_ON[fail_on] for d in found):
        raise typer.Exit(EXIT_PROBLEMS)


def explain_command(
    code: Annotated[
        str | None, typer.Argument(metavar="代码", help="如 CE203，或清单上的词，如 折叠；不写则列出全部代码")
    ] = None,
    json: JsonOption = False,
    markdown: MarkdownOption = False,
) -> None:
    """说明一个代码：什么意思，错的写法，对的写法，怎么改。

    例：
      clue-engine rules explain CE203
      clue-engine rules explain 折叠
      clue-engine rules explain
      clue-engine rules explain --markdown > 代码表.md
    """
    if markdown:
        from clue_engine.pack.pages import code_table

        print(code_table(), end="")
        return
    from clue_engine.pack.pages import STATES, as_values, pages, shown

    known = pages()
    if code is not None and (meaning := STATES.get(code.strip())):
        print_json({"word": code.strip(), "meaning": meaning}) if json else print(f"{code.strip()}：{meaning}")
        return
    if code is None:
        if json:
            print_json([as_values(page) for page in known.values()])
        for page in () if json else known.values():
            print(f"{page.code:8}{page.title}")
        return
    found = known.get(code.strip().upper())
    if found is None:
        raise ClueError("CE-U09", f"没有代码“{code[:20]}”", place="rules explain", hint=did_you_mean(code, list(known)))
    if json:
        print_json(as_values(found))
    else:
        print(shown(found, style))


def _found(rules: Path | None, parameters: Path | None, data: Path | None) -> tuple[Pack, list[Diagnostic], bool]:
    """The pack and all findings: files, conditions, data. Not whole: what all rules use is unreadable."""
    from clue_engine.pack.load import read_pack, unread

    if data is not None:
        parameters = parameters or kept_parameters(data)
    pack, found = read_pack(rules, parameters)
    first = unread(rules, found)
    if first:
        return pack, first, False
    if any(r.label == "户" for r in pack.relations):
        from clue_engine.language.lints import check_all
        from clue_engine.language.locking import lock_findings

        whole = not any(d.level == "error" for d in found)
        checked, more = check_all(pack, whole=whole)
        found = found + more + lock_findings(checked, local=parameters is not None, whole=whole)
        if data is not None:
            from clue_engine.enquiry.data_lints import data_lints

            with Workspace.open(data, create=False) as ws:
                found = found + data_lints(ws, pack)
    unique = {(d.mark, d.code, d.message): d for d in found}
    return pack, sorted(unique.values(), key=lambda d: (d.mark, d.code)), True


@contextmanager
def _without_collector() -> Iterator[None]:
    """Reading makes a hundred thousand small objects and no cycles: the collector took a quarter of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _one_of(value: str, options: Sequence[str], option: str) -> None:
    if value not in options:
        message = f"{option} 不能是“{value[:20]}”"
        raise ClueError("CE-U01", message, place="rules check", hint="可用：" + "、".join(options))
