"""rules docs | schema: the pack for people and for editors.

Comes in: a pack. Goes out: the catalogue as HTML and Markdown; a JSON Schema of rules, sources, pack.yaml.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from clue_engine.cli.choices import one_of
from clue_engine.cli.options import RulesOption
from clue_engine.cli.rules_life import load
from clue_engine.cli.screen import say
from clue_engine.errors import EXIT_STORAGE, ClueError, system_reason

OutOption = Annotated[Path, typer.Option("--out", "-o", metavar="目录", help="放在哪里")]
FileOption = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="文件", help="写到文件；不写则输出到屏幕", show_default=False)
]
KindOption = Annotated[
    str, typer.Option("--of", metavar="种类", help="rule 规则、排除规则 | source 来源文件 | pack 是 pack.yaml")
]
NAME = "规则目录"


def docs_command(out: OutOption = Path(), rules: RulesOption = None) -> None:
    """把规则包写成一本目录：全部规则、字段、定义、代码表、词表、参数。一个网页（不用联网，可打印）和一个 Markdown。

    例：
      clue-engine rules docs --rules 我的规则 --out 资料
    """
    from clue_engine.language.catalogue import catalogue, html, markdown

    checked = load(rules)
    pack = checked.pack
    title = f"{pack.name}：规则目录"
    lead = f"版本 {pack.version}。由 clue-engine rules docs 写出，改规则请改规则文件。"
    parts = catalogue(checked)
    for name, text in ((f"{NAME}.md", markdown(title, lead, parts)), (f"{NAME}.html", html(title, lead, parts))):
        _write(out / name, text)


def schema_command(of: KindOption = "rule", out: FileOption = None, rules: RulesOption = None) -> None:
    """写出规则、来源文件或 pack.yaml 的 JSON Schema，编辑器据此提示键、字段、代码。

    例：
      clue-engine rules schema --rules 我的规则 --out 规则.schema.json
      clue-engine rules schema --of source --rules 我的规则 --out 来源.schema.json
    VS Code 装 YAML 插件后，在规则文件第一行写：# yaml-language-server: $schema=../规则.schema.json
    """
    from clue_engine.pack.schema import pack_schema, rule_schema, source_schema

    kinds = {"rule": rule_schema, "source": source_schema, "pack": pack_schema}
    text = json.dumps(kinds[one_of(of, kinds, "--of", "种类")](load(rules).pack), ensure_ascii=False, indent=1) + "\n"
    if out is None:
        print(text, end="")
    else:
        _write(out, text)


def _write(path: Path, text: str) -> None:
    from clue_engine.pack.lock import write_whole

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = system_reason(error.errno)
        raise ClueError(
            "CE-S28", f"不能写入（{reason}）", place=str(path), hint="换一个目录", exit_code=EXIT_STORAGE
        ) from None
    written = write_whole(path, text)
    say(f"{'已写出' if written else '没有变化'} {path}")
