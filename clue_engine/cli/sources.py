"""sources list | show | detect | draft: the layouts of export tables, what a file is, a proposal for a new one.

Comes in: a pack and perhaps a file. Goes out: tables, JSON or a source file; no value of a cell is shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clue_engine.cli.options import JsonOption, RulesOption
from clue_engine.cli.screen import pad, print_json, print_table, say, style, terminal_width, wrap
from clue_engine.cli.words import did_you_mean
from clue_engine.errors import EXIT_OK, EXIT_PROBLEMS, ClueError

if TYPE_CHECKING:
    from clue_engine.ingest.draft import Draft
    from clue_engine.ingest.examine import Sheet
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
    pack = _pack(rules)
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
    pack = _pack(rules)
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
    _line("内容", _records(pack, source))
    _line("标题里有", "、".join(clues.get("title", ())))
    _line("有其中一列", "、".join(_clue(pack, word) for word in clues.get("any", ())))
    _line("不能有的列", "、".join(_clue(pack, word) for word in clues.get("none", ())))
    _line("固定为", "、".join(f"{_label(pack, target)}={value}" for target, value in source.constants.items()))
    _line("一格多人", "可以" if source.persons else "")
    _line("不用的列", "、".join(source.options.get("ignore", ())))
    print()
    rows = [
        ("*" if c.required else "", "、".join(_label(pack, f) for f in c.fields), c.unit or "", "、".join(c.headers))
        for c in source.columns
    ]
    print_table(("必", "字段", "单位", "表头写法"), rows)


def detect_command(
    file: FileArgument, rules: RulesOption = None, encoding: EncodingOption = None, json: JsonOption = False
) -> int:
    """判断一个文件是哪种导出表，说明理由和每列的用处；什么也不载入。

    例：
      clue-engine sources detect 刑事案件被害人信息.xlsx
    """
    from clue_engine.ingest.examine import examine
    from clue_engine.ingest.sheets import unknown

    pack = _pack(rules)
    sheets = examine(existing(file), pack.sources, encoding)
    if json:
        print_json([_sheet_values(pack, sheet) for sheet in sheets])
    else:
        for sheet in sheets:
            _print_sheet(pack, sheet)
    if any(sheet.match is not None for sheet in sheets):
        return EXIT_OK
    problem = unknown([(sheet.table, sheet.miss) for sheet in sheets if sheet.miss is not None])
    say(f"{problem.message}\n下一步：{problem.hint}")
    return EXIT_PROBLEMS


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
    from clue_engine.ingest.examine import read_tables
    from clue_engine.ingest.sheets import instead

    pack = _pack(rules)
    drafts = [(t, propose(t, pack.records, pack.codes, pack.sources)) for t in read_tables(existing(file), encoding)]
    good = [(table, draft) for table, draft in drafts if draft is not None and draft.proposed]
    if not good:
        raise ClueError("CE-F08", "没有找到像表头的一行", place=file.name, hint="确认表格前 15 行里有列名")
    table, draft = max(good, key=lambda pair: sum(c.confidence for c in pair[1].proposed))
    if pointer := instead(table, pack.sources):
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


def _pack(rules: Path | None) -> Pack:
    from clue_engine.pack.load import read_pack

    pack, found = read_pack(rules)
    errors = sum(d.level == "error" for d in found)
    if errors:
        say(f"规则包有 {errors} 处错误，用 clue-engine rules check 查看")
    return pack


def existing(file: Path) -> Path:
    if not file.is_file():
        raise ClueError("CE-U11", "找不到这个文件", place=str(file), hint="检查路径；名称里有空格或括号时加引号")
    return file


def _label(pack: Pack, target: str) -> str:
    kind, _, name = target.partition(".")
    record = pack.records.get(kind)
    return next((f.label for f in record.fields if f.name == name), target) if record else target


def _clue(pack: Pack, word: str) -> str:
    if word.startswith("~"):
        return f"含“{word[1:]}”的列"
    return _label(pack, word) if "." in word and word.isascii() else word


def _records(pack: Pack, source: Source) -> str:
    labels = [pack.records[r].label for r in source.records if r in pack.records]
    return "、".join(label.partition("（")[0].removesuffix("行") for label in labels)


def _required(source: Source) -> list[str]:
    return [column.headers[0] for column in source.columns if column.required]


def _line(label: str, text: str) -> None:
    if text:
        for number, part in enumerate(wrap(text, terminal_width() - 14)):
            print(f"  {pad(label if number == 0 else '', 10)}  {part}")


def _summary(pack: Pack, source: Source) -> dict[str, Any]:
    return {"id": source.id, "label": source.label, "records": list(source.records), "required": _required(source)}


def _column(pack: Pack, column: SourceColumn) -> dict[str, Any]:
    return {
        "fields": list(column.fields),
        "labels": [_label(pack, f) for f in column.fields],
        "headers": list(column.headers),
        "unit": column.unit,
        "required": column.required,
        "values": dict(column.values),
    }


def _print_sheet(pack: Pack, sheet: Sheet) -> None:
    table, match = sheet.table, sheet.match
    name = f"{table.file.name} [{table.sheet}]" if table.sheet else table.file.name
    facts = [table.file.kind, table.encoding, "" if table.visible else "隐藏", "" if table.preview else "空表"]
    for part in wrap(name, terminal_width()):
        print(style(part, "bold"))
    _line("格式", "、".join(fact for fact in facts if fact))
    if match is not None:
        known = [c for c in match.columns if c.column_no is not None]
        rows = (
            f"{match.header.first_row}–{match.header.row}"
            if match.header.first_row < match.header.row
            else match.header.row
        )
        _line("认作", f"{match.source.label}（{match.source.id}）")
        _line("理由", f"表头在第 {rows} 行，{len(match.columns)} 列里认出 {len(known)} 列，必须有的列都在")
        if match.ties:
            _line("同样合适", "、".join(match.ties))
    elif table.preview:
        _line("认作", "不认识的表")
    for other in sheet.others[:3]:
        _line("相近", f"{other.source.label}（{other.source.id}）：{_why_not(other)}")
    if match is not None:
        print()
        print_table(("列", "表头", "单位", "对应字段"), _columns(pack, sheet))
    print()


def _why_not(other: Any) -> str:
    text = f"认出 {other.n_found} 列"
    if other.missing:
        return f"{text}，缺少 {'、'.join(other.missing)}"
    if other.against:
        return f"{text}，但有 {'、'.join(other.against)}"
    return f"{text}，不如所选的合适"


def _columns(pack: Pack, sheet: Sheet) -> list[tuple[object, ...]]:
    assert sheet.match is not None
    rows: list[tuple[object, ...]] = []
    for column in sheet.match.columns:
        if not column.header.strip():
            continue
        if column.column_no is None:
            rows.append((column.position, column.header, "", "未用" if column.ignored else "未用（不认识）"))
            continue
        source = sheet.match.source.columns[column.column_no]
        money = any(_type(pack, f) == "money" for f in source.fields)
        unit = (column.unit or source.unit or "元") if money else ""
        rows.append(
            (column.position, column.header, unit, "、".join(dict.fromkeys(_label(pack, f) for f in source.fields)))
        )
    return rows


def _type(pack: Pack, target: str) -> str:
    kind, _, name = target.partition(".")
    return next((f.type for f in pack.records[kind].fields if f.name == name), "")


def _sheet_values(pack: Pack, sheet: Sheet) -> dict[str, Any]:
    match = sheet.match
    columns: list[dict[str, Any]] = []
    for c in match.columns if match else ():
        fields = list(match.source.columns[c.column_no].fields) if match and c.column_no is not None else []
        values = {"position": c.position, "header": c.header, "unit": c.unit, "fields": fields, "ignored": c.ignored}
        columns.append(values)
    return {
        "file": sheet.table.file.name,
        "sheet": sheet.table.sheet,
        "kind": sheet.table.file.kind,
        "encoding": sheet.table.encoding,
        "source": match.source.id if match else None,
        "header_row": match.header.row if match else None,
        "columns": columns,
        "others": [
            {"source": o.source.id, "found": o.n_found, "missing": list(o.missing), "against": list(o.against)}
            for o in sheet.others
        ],
    }  # fmt: skip


def _draft_values(draft: Draft) -> list[dict[str, Any]]:
    return [
        {"header": c.heading.text, "field": f"{draft.kind.name}.{c.field}" if c.field else None,
         "type": c.type, "confidence": c.confidence, "why": c.why}
        for c in draft.columns
    ]  # fmt: skip
