"""sources list | show | draft: the layouts of export tables, a proposal for a new one.

Comes in: a pack and perhaps a file. Goes out: tables, JSON or a source file; no value of a cell is shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clue_engine.cli.options import JsonOption, RulesOption
from clue_engine.cli.screen import pad, print_json, print_table, say, style, terminal_width, wrap
from clue_engine.cli.words import did_you_mean
from clue_engine.errors import ClueError

if TYPE_CHECKING:
    from clue_engine.ingest.draft import Draft
    from clue_engine.pack.model import Pack, Source, SourceColumn

FileArgument = Annotated[Path, typer.Argument(metavar="文件", help="导出表文件")]
EncodingOption = Annotated[
    str | None, typer.Option("--encoding", metavar="编码", help="csv 的编码，如 gb18030", show_default=False)
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="文件", help="写到这个文件；不写则显示在屏幕上", show_default=False)
]


def list_command(rules: RulesOption = None, json: JsonOption = False) -> None:
    """列出认识的导出表：编号、名称、内容、必须有的列。

    例：
      clue-engine sources list
      clue-engine sources list --json
    """
    pack = tolerant_pack(rules)
    if json:
        print_json([_summary(pack, source) for source in pack.sources])
        return
    rows = [(s.id, f"{s.label} [{_records(pack, s)}]", "、".join(_required(s))) for s in pack.sources]
    print_table(("编号", "名称 [内容]", "必须有的列"), rows)


def show_command(
    source_id: Annotated[str, typer.Argument(metavar="编号", help="导出表编号，如 victim_list")],
    rules: RulesOption = None,
    json: JsonOption = False,
) -> None:
    """显示一种导出表：怎样认出、每列的表头写法、单位和对应字段。

    例：
      clue-engine sources show victim_list
    """
    pack = tolerant_pack(rules)
    by_id = {source.id: source for source in pack.sources}
    source = by_id.get(source_id) or next((s for s in pack.sources if s.label == source_id), None)
    if source is None:
        hint = did_you_mean(source_id, list(by_id)) or "先用 clue-engine sources list 查看"
        raise ClueError("CE-U15", f"没有导出表“{source_id}”", place="sources show", hint=hint)
    if json:
        print_json({**_summary(pack, source), "columns": [_column(pack, c) for c in source.columns]})
        return
    clues = source.options.get("recognise", {})
    print(style(f"{source.label}({source.id})", "bold"))
    print_line("内容", _records(pack, source))
    print_line("标题里有", "、".join(clues.get("title", ())))
    print_line("有其中一列", "、".join(_clue(pack, word) for word in clues.get("any", ())))
    print_line("不能有的列", "、".join(_clue(pack, word) for word in clues.get("none", ())))
    print_line("固定为", "、".join(f"{label_of(pack, target)}={value}" for target, value in source.constants.items()))
    print_line("一格多人", "可以" if source.persons else "")
    print_line("不用的列", "、".join(source.options.get("ignore", ())))
    print()
    rows = [
        ("*" if c.required else "", "、".join(label_of(pack, f) for f in c.fields), c.unit or "", "、".join(c.headers))
        for c in source.columns
    ]
    print_table(("必", "字段", "单位", "表头写法"), rows)


def draft_command(
    file: FileArgument,
    out: OutOption = None,
    rules: RulesOption = None,
    encoding: EncodingOption = None,
    json: JsonOption = False,
) -> None:
    """为不认识的导出表拟一份来源文件：逐列给出对应字段和把握，供人核对修改。

    例：
      clue-engine sources draft 新表.xlsx
      clue-engine sources draft 新表.xlsx --out 新表.yaml
    """
    from clue_engine.ingest.draft import propose
    from clue_engine.ingest.draft_text import draft_text
    from clue_engine.ingest.sheets import instead
    from clue_engine.pipeline import Job, tried

    pack = tolerant_pack(rules)
    job = Job(pack, [existing(file)], encoding=encoding)
    with tried(job) as ws:
        loaded = ws.rows(
            "select sheet, source_label, source_id, n_loaded from input_file where status = 'loaded' order by file_id"
        )
    if not job.tables:
        raise job.errors[0]
    drafts = [(t, propose(t, pack.records, pack.codes, pack.sources)) for t in job.tables]
    good = [(table, draft) for table, draft in drafts if draft is not None and draft.proposed]
    if not good:
        raise ClueError("CE-F08", "没有找到像表头的一行", place=file.name, hint="确认表格前 15 行里有列名")
    table, draft = max(good, key=lambda pair: sum(c.confidence for c in pair[1].proposed))
    for sheet, label, source_id, n_loaded in loaded:
        name = f"{file.name} [{sheet}]" if sheet else file.name
        say(
            f"{name} 已经能读入，是“{label}”（{source_id}），装载 {n_loaded} 行，不必另拟来源文件；"
            f"各列的用处看 clue-engine sources detect {file.name}"
        )
    if not loaded and (pointer := instead(table, pack.sources)):
        say(pointer)
    text = draft_text(draft, table, pack.sources)
    if json:
        print_json(
            {"kind": draft.kind.name, "header_row": draft.header.row, "columns": _draft_values(draft), "yaml": text}
        )
        return
    if out is None:
        print(text, end="")
        return
    if out.exists():
        raise ClueError("CE-U07", "文件已经存在", place=str(out), hint="换一个名字，或先移走旧文件")
    out.write_text(text, encoding="utf-8")
    say(f"已写出 {out}：{len(draft.columns)} 列中拟定 {len(draft.proposed)} 列。核对后放进规则包的 sources/ 目录")


def tolerant_pack(rules: Path | None) -> Pack:
    from clue_engine.pack.load import read_pack

    pack, found = read_pack(rules)
    errors = sum(d.level == "error" for d in found)
    if errors:
        say(f"规则包有 {errors} 处错误，用 clue-engine rules check 查看")
    return pack


def existing(file: Path) -> Path:
    """The file itself. Raises CE-U11 where there is none or a folder, CE-F11 for a pipe."""
    from clue_engine.ingest.inputs import refuse_pipe

    refuse_pipe(file)
    if file.is_dir():
        hint = "这里只看一个文件，写上里面的一个；整个文件夹用 clue-engine sources detect 看"
        raise ClueError("CE-U11", "这是文件夹，不是文件", place=str(file), hint=hint)
    if not file.is_file():
        raise ClueError("CE-U11", "找不到这个文件", place=str(file), hint="检查路径；名称里有空格或括号时加引号")
    return file


def label_of(pack: Pack, target: str) -> str:
    kind, _, name = target.partition(".")
    record = pack.records.get(kind)
    return next((f.label for f in record.fields if f.name == name), target) if record else target


def _clue(pack: Pack, word: str) -> str:
    if word.startswith("~"):
        return f"含“{word[1:]}”的列"
    return label_of(pack, word) if "." in word and word.isascii() else word


def _records(pack: Pack, source: Source) -> str:
    labels = [pack.records[r].label for r in source.records if r in pack.records]
    return "、".join(label.partition("（")[0].removesuffix("行") for label in labels)


def _required(source: Source) -> list[str]:
    return [column.headers[0] for column in source.columns if column.required]


def print_line(label: str, text: str) -> None:
    if text:
        for number, part in enumerate(wrap(text, terminal_width() - 14)):
            print(f"  {pad(label if number == 0 else '', 10)}  {part}")


def _summary(pack: Pack, source: Source) -> dict[str, Any]:
    return {"id": source.id, "label": source.label, "records": list(source.records), "required": _required(source)}


def _column(pack: Pack, column: SourceColumn) -> dict[str, Any]:
    return {
        "fields": list(column.fields),
        "labels": [label_of(pack, f) for f in column.fields],
        "headers": list(column.headers),
        "unit": column.unit,
        "required": column.required,
        "values": dict(column.values),
    }


def _draft_values(draft: Draft) -> list[dict[str, Any]]:
    return [
        {"header": c.heading.text, "field": f"{draft.kind.name}.{c.field}" if c.field else None,
         "type": c.type, "confidence": c.confidence, "why": c.why}
        for c in draft.columns
    ]  # fmt: skip
