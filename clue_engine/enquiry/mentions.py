"""Where a name or identity number stands in a file and came to nothing: in which column of which table, and why.

Comes in: the raw tables. Goes out: ``Mention``: file, heading, what became of the row; never what else it says. Tables
of cases and victims are left out: whether a row of theirs tells a secret is known only once it is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from clue_engine.export.privacy import plain, redact
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace, ident

_CASES = ("case", "victim", "court")
# A cell with remarks in brackets, several persons, a name with blanks.
_SPLIT = "string_split_regex(regexp_replace({0}, '[（(\\[【〔].*?[）)\\]】〕]', '', 'g'), '[、,，;；/\\s]+')"


@dataclass(frozen=True)
class Mention:
    """``row_no``: of a row that was not read, as rejects.csv has it; else 0."""

    file: str
    sheet: str
    source: str
    heading: str
    became: str
    row_no: int = 0


def mentions(ws: Workspace, pack: Pack, by_name: bool, key: str) -> tuple[Mention, ...]:
    """One per file and column; of rows that were not read one each."""
    kinds = {source.id: source.records for source in pack.sources}
    files = ws.rows(
        "select file_id, name, coalesce(sheet, ''), source_id, coalesce(source_label, '') from input_file"
        " where status = 'loaded' order by file_id"
    )
    found: dict[Mention, None] = {}
    for file_id, name, sheet, source_id, label in files:
        if source_id not in kinds or set(kinds[source_id]) & set(_CASES) or not ws.has_table(f"raw_{file_id}"):
            continue
        for heading, row_no, reason in _rows(ws, pack, file_id, by_name, key):
            said = (
                f"没有读入：{plain(redact(reason))}"
                if reason is not None
                else "读入了，没有与名册、案件里的任何一户对上"
            )
            place = (plain(redact(name)), plain(redact(sheet)), plain(label), plain(redact(heading)))
            found[Mention(*place, said, row_no if reason is not None else 0)] = None
    return tuple(found)


def _rows(ws: Workspace, pack: Pack, file_id: int, by_name: bool, key: str) -> Iterator[tuple[str, int, str | None]]:
    """Heading, row and why the row was not read."""
    wanted = {
        f"{kind.name}.{f.name}" for kind in pack.records.values() for f in kind.fields
        if f.type == ("name" if by_name else "id")
    }  # fmt: skip
    columns = [
        (int(position), header)
        for position, header, fields in ws.rows(
            "select position, any_value(header), any_value(field) from raw_column where file_id = ?"
            " and field is not null group by position order by position",
            [file_id],
        )
        if wanted & set(fields.split(","))
    ]
    for position, header in columns:
        cell = ident(f"c{position}")
        bare = f"regexp_replace(replace({cell}, '·', ''), '\\s', '', 'g')"
        split = _SPLIT.format(f"replace({cell}, '·', '')")
        test = f"{bare} = $1 or list_contains({split}, $1)" if by_name else f"starts_with(upper(trim({cell})), $1)"
        for row_no, reason in ws.rows(
            f"select w.row_no, (select any_value(reason) from reject as x where x.file_id = $2 and x.row_no = w.row_no)"
            f" from raw_{int(file_id)} as w where {test} order by 1",
            [key, file_id],
        ):
            yield header, row_no, reason
