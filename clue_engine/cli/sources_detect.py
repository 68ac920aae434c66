"""sources detect: files loaded for trial, as ``run`` loads them, and what became of each of their columns.

Comes in: files or folders, a pack. Goes out: per table its source and why, rows read = loaded + rejected, the use of
each column, and the codes and advice of loading; two cells of a doubtful column, masked. Nothing stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from clue_engine.cli.options import JsonOption, RulesOption
from clue_engine.cli.run import InputsArgument, SheetOption
from clue_engine.cli.screen import print_json, print_table, style, terminal_width, wrap
from clue_engine.cli.sources import EncodingOption, label_of, print_line, tolerant_pack
from clue_engine.errors import EXIT_OK, EXIT_PROBLEMS
from clue_engine.ingest.by_cells import TEXT
from clue_engine.values.mask import mask_cell

if TYPE_CHECKING:
    from clue_engine.ingest.examine import Other
    from clue_engine.ingest.table import Table
    from clue_engine.pack.model import Pack
    from clue_engine.workspace import Workspace

_NEAR = 3  # other sources that are named
_SHOWN = 2  # cells of a doubtful column
_NO_SOURCE = ("CE-F05", "CE-F08")
_OF_CODE = {
    "COLUMN_DOUBTFUL": "doubtful",
    "COLUMN_OLDER": "older",
    "COLUMN_BEATEN": "beaten",
    "COLUMN_UNKNOWN": "unknown",
}
_SAID = ("troubles", "errors", "issues", "unused_columns", "inferred_columns", "doubtful_columns", "unread_values",
         "unread_columns", "left_out")  # fmt: skip


def detect_command(
    inputs: InputsArgument,
    rules: RulesOption = None,
    encoding: EncodingOption = None,
    sheet: SheetOption = None,
    json: JsonOption = False,
) -> int:
    """试着载入：是哪种导出表、为什么、每一列作什么用、有什么要改。与 run 载入时说的一样，看完不留下任何东西。

    例：
      clue-engine sources detect 刑事案件被害人信息.xlsx
      clue-engine sources detect 数据目录
    """
    from clue_engine.cli.summary import print_issues, summary, tell_advice, tell_troubles
    from clue_engine.pipeline import Job, tried

    job = Job(tolerant_pack(rules), inputs, encoding=encoding, sheets=sheet or [])
    with tried(job) as ws:
        found = summary(ws, job, last="clean")
        looks = [_look(ws, job.pack, job.tables, file) for file in _files(ws)]
    tell_troubles(found["troubles"], as_json=json)
    if json:
        print_json({"files": [_values(look) for look in looks], **{name: found[name] for name in _SAID}})
    else:
        for look in looks:
            _print(job.pack, look)
        tell_advice(found)
        if found["issues"]:
            print()
            print_issues(found)
    if any(look.file["status"] == "loaded" for look in looks):
        return EXIT_OK
    if job.tables or not job.errors:
        return EXIT_PROBLEMS
    return job.errors[0].exit_code


@dataclass(frozen=True)
class Use:
    """What became of one column. ``how``: a key of ``_HOW``; ``shown``: cells of a doubtful one, masked."""

    position: int
    header: str
    how: str
    fields: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    unit: str = ""
    why: str = ""
    shown: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)  # that the workbook explains


_HOW = {
    "known": "{labels}",
    "accepted": "{labels}（人工确认）",
    "inferred": "{labels}（推定：{why}）",
    "heard": "{labels}（{why}）",
    "unpacked": "{labels}（从一格多人的列拆出）",
    "packed": "拆成 {labels}",
    "doubtful": "未用：{why}；如 {shown}",
    "older": "未用：{why}",
    "beaten": "未用：{why}",
    "unknown": "未用（不认识，{why}）",
    "ignored": "不用（来源文件写明）",
}


@dataclass(frozen=True)
class Look:
    """One row of input_file, its columns, the sources that its tables are near to."""

    file: Mapping[str, Any]
    uses: tuple[Use, ...]
    others: tuple[Other, ...]


def _files(ws: Workspace) -> list[dict[str, Any]]:
    return ws.dicts(
        "select file_id, name, sheet, status, kind, encoding, header_row, source_id, source_label, n_read, n_loaded,"
        " n_rejected, reason from input_file order by file_id"
    )


def _look(ws: Workspace, pack: Pack, tables: Sequence[Table], file: Mapping[str, Any]) -> Look:
    from clue_engine.ingest.examine import others

    own = [t for t in tables if t.file.name == file["name"] and file["sheet"] in ("", t.sheet)]
    loaded = file["status"] == "loaded"
    near = [] if file["status"] == "skipped" else [o for t in own for o in others(t, pack.sources, file["source_id"])]
    uses = [*_uses(ws, pack, file["file_id"]), *_packed(own)] if loaded else []
    codes = {one.position: one.codes for table in own for one in table.explained}
    uses = [replace(use, codes=codes.get(use.position, {})) for use in uses]
    return Look(file, tuple(sorted(uses, key=lambda use: use.position)), tuple(near[:_NEAR]))


def _packed(tables: Sequence[Table]) -> list[Use]:
    """The columns of several persons a cell, which are no columns of the loaded table any more."""
    return [
        Use(one.position, one.heading, "packed", labels=tuple(filter(None, one.headings)))
        for table in tables
        for one in table.packed
    ]


def _uses(ws: Workspace, pack: Pack, file_id: int) -> list[Use]:
    """Every column with a heading or a field, from raw_column and the issues of loading."""
    told: dict[tuple[str, str], str] = {
        (header, code): detail.partition("：")[2]
        for header, code, detail in ws.rows(
            f"select column_name, code, detail from issue where file_id = ? and (code in {tuple(_OF_CODE)}"
            " or code = 'COLUMN_INFERRED' and regexp_matches(detail, '”→.*，')) order by all",
            [file_id],
        )
    }
    found = []
    for position, header, fields, unit, grade in ws.rows(
        "select position, header, field, unit, grade from raw_column where file_id = ? order by 1", [file_id]
    ):
        targets = tuple(fields.split(",")) if fields else ()
        labels = tuple(dict.fromkeys(label_of(pack, target) for target in targets))
        money = any(_type(pack, target) == "money" for target in targets)
        use = Use(position, header, str(grade), targets, labels, (unit or "元") if money else "")
        if targets:
            why = told.get((header, "COLUMN_INFERRED"), "").partition("，")[2]
            found.append(replace(use, how="heard", why=why) if TEXT in why else replace(use, why=why))
        elif header.strip():
            found.append(_unused(ws, pack, file_id, use, told))
    return found


def _unused(ws: Workspace, pack: Pack, file_id: int, use: Use, told: Mapping[tuple[str, str], str]) -> Use:
    for code, how in _OF_CODE.items():
        if (why := told.get((use.header, code))) is None:
            continue
        if how == "doubtful":
            why = why.removeprefix(f"“{use.header}”")
            return replace(use, how=how, why=why, shown=_shown(ws, pack, file_id, use.position))
        return replace(use, how=how, why=_cost(ws, file_id, use) if how == "unknown" else why)
    return replace(use, how="ignored")


def _cost(ws: Workspace, file_id: int, use: Use) -> str:
    """How many cells nobody reads, and what the table lacks that they look like."""
    loaded = f"row_no not in (select row_no from reject where file_id = {file_id})"
    cell = f"c{use.position}"
    ((n_cells,),) = ws.rows(f"select count(*) from raw_{file_id} where trim({cell}) <> '' and {loaded}")
    ((looks, labels),) = ws.rows(
        "select list(distinct looks order by looks), list(distinct label order by label) from unused_column"
        " where file_id = ? and header = ?",
        [file_id, use.header],
    )
    return f"{n_cells} 格" + (f"，像{'或'.join(looks)}：表里没有认出{'、'.join(labels)}" if looks else "")


def _shown(ws: Workspace, pack: Pack, file_id: int, position: int) -> tuple[str, ...]:
    """The first different cells of a column, masked."""
    loaded = f"row_no not in (select row_no from reject where file_id = {file_id})"
    cells = ws.rows(
        f"select trim(c{position}) as cell, min(row_no) as first from raw_{file_id}"
        f" where trim(c{position}) <> '' and {loaded} group by 1 order by first limit {_SHOWN}"
    )
    codes = {word for codes in pack.codes.values() for word in (*codes.values, *codes.aliases)}
    return tuple(cell if cell in codes else mask_cell(cell) for cell, _ in cells)


def _type(pack: Pack, target: str) -> str:
    kind, _, name = target.partition(".")
    return next((f.type for f in pack.records[kind].fields if f.name == name), "")


def _print(pack: Pack, look: Look) -> None:
    file, loaded = look.file, look.file["status"] == "loaded"
    for part in wrap(file["name"] + (f" [{file['sheet']}]" if file["sheet"] else ""), terminal_width()):
        print(style(part, "bold"))
    print_line("格式", "、".join(fact for fact in (file["kind"], file["encoding"]) if fact))
    if loaded:
        print_line("认作", f"{file['source_label']}（{file['source_id']}）")
        print_line("理由", file["reason"])
        print_line("行数", f"读取 {file['n_read']} = 装载 {file['n_loaded']} + 拒绝 {file['n_rejected']}")
    else:
        if file["reason"].startswith(_NO_SOURCE):
            print_line("认作", "不认识的表")
        print_line("未装载", file["reason"])
    for other in look.others:
        print_line("相近", f"{other.source.label}（{other.source.id}）：{_why_not(other, loaded=loaded)}")
    if look.uses:
        print()
        print_table(("列", "表头", "单位", "用作"), [(u.position, u.header, u.unit, _said(u)) for u in look.uses])
    print()


def _said(use: Use) -> str:
    text = _HOW[use.how].format(labels="、".join(use.labels), why=use.why, shown="、".join(use.shown) or "空格")
    return text + ("（代码按表里的说明读）" if use.codes else "")


def _why_not(other: Other, *, loaded: bool) -> str:
    text = f"认出 {other.n_found} 列"
    if other.missing:
        return f"{text}，缺少 {'、'.join(other.missing)}"
    if other.against:
        return f"{text}，但有 {'、'.join(other.against)}"
    return f"{text}，不如所选的合适" if loaded else text


def _values(look: Look) -> dict[str, Any]:
    file = {("source" if name == "source_id" else name): value for name, value in look.file.items()}
    columns = [
        {"position": u.position, "header": u.header, "use": u.how, "fields": list(u.fields), "unit": u.unit or None,
         "why": u.why, "shown": list(u.shown), "codes": dict(u.codes)}
        for u in look.uses
    ]  # fmt: skip
    others = [
        {"source": o.source.id, "found": o.n_found, "missing": list(o.missing), "against": list(o.against)}
        for o in look.others
    ]
    return {**file, "columns": columns, "others": others}
