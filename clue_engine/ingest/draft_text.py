"""The YAML text of a draft: a source file with a comment per column, ready to be corrected and saved.

Comes in: a ``Draft``. Goes out: text that load_layouts reads without findings. No value of a person is in it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from clue_engine.ingest.draft import LIVE, Draft, Proposal
from clue_engine.ingest.table import Table
from clue_engine.pack.model import Source

TYPES = {
    "id": "证件号码", "date": "日期", "money": "金额", "number": "数", "phone": "电话", "bool": "是否", "code": "代码",
    "codes": "代码", "name": "姓名", "caseno": "案号", "text": "文字", "": "全空",
}  # fmt: skip
_CHINESE = re.compile(r"[一-鿿]{2}")
_PLAIN = re.compile(r"[一-鿿A-Za-z_][一-鿿\w/（）]*")


def draft_text(draft: Draft, table: Table, sources: Sequence[Source]) -> str:
    """The whole file."""
    identifier = _identifier(table.file.path, sources)
    title = _title(draft, table)
    lines = [
        f"# 由 sources draft 拟定,来自“{table.file.name}”。请逐列核对,改好后放进规则包的 sources/ 目录。",
        "# 每列后面的数是把握(0–1);0.7 以下的没有采用、写成注释,对照原表确认后去掉行首的 #。",
    ]
    if draft.nearest is not None:
        lines.append(
            f"# 与已有的来源 {draft.nearest.id}({draft.nearest.label})最像;只差几种表头写法的,加到那个文件里更好。"
        )
    lines += [f"id: {identifier}", f"label: {_scalar(title)}", f"records: [{draft.kind.name}]"]
    lines += ["recognise:", f"  title: [{_scalar(title)}]"] if _CHINESE.search(title) else ["recognise:"]
    lines += [f"  any: {_list(_telling(draft, sources))}", "columns:"]
    required = _required(draft)
    if required is None:
        lines.insert(2, "# 没有认出是谁、是哪件案的列:这样的表没有用处,先确认下面哪一列是姓名、证件号码或案号。")
    for column in draft.proposed:
        parts = [f"headers: {_list([_heading(column)])}"]
        if column.type == "money":
            parts.append(f"unit: {column.heading.unit or draft.unit or '元'}")
        parts.append(f"to: {draft.kind.name}.{column.field}")
        if column is required:
            parts.append("required: true")
        comment = f"{column.confidence:.2f} {column.why},值像{TYPES.get(column.shape.best, '')}"
        if column.type == "money" and not (column.heading.unit or draft.unit):
            comment += ",单位未写,按元,请确认"
        sign = "  -" if column.confidence >= LIVE and required is not None else "  # -"
        lines.append(f"{sign} {{{', '.join(parts)}}}  # {comment}")
    unused = [c for c in draft.columns if c.field is None and c.heading.keys]
    if unused:
        lines.append("# 下面的列没有找到对应的字段;有用的请移到 columns,写上 to;确实不用的写进 ignore,以后不再提示")
        lines += [f"#   {_one_line(c.heading.text)}:值像{TYPES.get(c.shape.best, '')}" for c in unused]
        lines.append(f"# ignore: {_list([_heading(c) for c in unused])}")
    if constants := _said(draft, table):
        lines.append(f"constants: {{{', '.join(f'{target}: {value}' for target, value in constants.items())}}}")
    lines += [
        f"# 整张表都是同一身份或同一名单的,写明,如 constants: {{{target}: {value}}}"
        for target, value in _constants(draft, sources).items()
        if target not in constants
    ]
    lines.append("footer: [合计, 总计, 小计, 注, 说明, 填表人, 制表人, 审核人]")
    return "\n".join(lines) + "\n"


def _said(draft: Draft, table: Table) -> dict[str, str]:
    """What the source that is most alike says for the whole table, where its title or a heading says so too."""
    if draft.nearest is None:
        return {}
    above = [" ".join(row) for row in table.preview[: draft.header.first_row - 1]]
    heads = [c.heading.text for c in draft.proposed if c.confidence >= LIVE]
    words = " ".join([table.file.name, table.sheet, *above, *heads])
    titles = draft.nearest.options.get("recognise", {}).get("title", ())
    given = {f"{draft.kind.name}.{c.field}" for c in draft.proposed}
    known = {t: v for t, v in draft.nearest.constants.items() if t.startswith(f"{draft.kind.name}.")}
    return {t: v for t, v in known.items() if t not in given and any(title in words for title in titles)}


def _constants(draft: Draft, sources: Sequence[Source]) -> dict[str, str]:
    """What most other sources of this kind say for the whole table, as an example: one value for each field."""
    given = {c.field for c in draft.proposed}
    said: dict[str, Counter[str]] = {}
    for source in sources:
        for target, value in source.constants.items():
            kind, _, name = target.partition(".")
            if kind == draft.kind.name and name not in given:
                said.setdefault(target, Counter())[value] += 1
    return {target: values.most_common(1)[0][0] for target, values in said.items()}


def _title(draft: Draft, table: Table) -> str:
    """A name for the layout: the file's name up to a date or bracket, else the title above the header."""
    titles = [next((cell for cell in row if cell.strip()), "") for row in table.preview[: draft.header.first_row - 1]]
    for text in (table.file.path.stem, *titles):
        words = [part for part in re.split(r"[_\-（()）0-9.年月日号\s]+", text) if _CHINESE.search(part)]
        if words:
            return max(words, key=len)[:20]
    return table.file.path.stem


def _heading(column: Proposal) -> str:
    return column.heading.keys[0]


def _required(draft: Draft) -> Proposal | None:
    """The column without which the table would mean nothing: the person's name, else the number of the case."""
    names, numbers = ("name", "suspect_name", "applicant_name"), ("id", "suspect_id", "applicant_id")
    order = (*names, *numbers, "case_no", "household_no", "enforcement_no", "aid_no")
    found = {c.field: c for c in draft.proposed if c.confidence >= LIVE}
    return next((found[name] for name in order if name in found), None)


def _telling(draft: Draft, sources: Sequence[Source]) -> list[str]:
    """Headings that tell this table from others: those no source has, else the rarest ones."""
    from clue_engine.ingest.header import heading_key

    known: dict[str, int] = {}
    for source in sources:
        for heading in {heading_key(h)[0] for column in source.columns for h in column.headers}:
            known[heading] = known.get(heading, 0) + 1
    common = {heading_key(str(h))[0] for source in sources for h in source.options.get("ignore", ())}
    keys = [key for c in draft.columns if c.heading.keys and (key := _heading(c)) not in common]
    rare = sorted(keys, key=lambda key: (known.get(key, 0), keys.index(key)))
    return list(dict.fromkeys(rare))[:3]


def _identifier(path: Path, sources: Sequence[Source]) -> str:
    taken = {source.id for source in sources}
    stem = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_")
    name = stem if stem and not stem[0].isdigit() else "new_source"
    number = 2
    while name in taken:
        name, number = f"{name.rstrip('0123456789_')}_{number}", number + 1
    return name


def _list(words: Sequence[str]) -> str:
    return "[" + ", ".join(_scalar(word) for word in words) + "]"


def _scalar(word: str) -> str:
    """A word as YAML: plain where that is safe, else in double quotes (JSON is YAML)."""
    return word if _PLAIN.fullmatch(word) else json.dumps(word, ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join(text.split())
