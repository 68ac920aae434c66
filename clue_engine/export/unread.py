"""What of the files nobody reads: filled columns of case and party tables, values of columns that are read, rows.

Comes in: input_file, raw_column, raw_*, column_read, the issues; after a scan missing_fact. Goes out: one sentence per
file; never a value. What stands in such a column or cell counts as not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from clue_engine.export.privacy import redact
from clue_engine.export.unused import cost, place
from clue_engine.pack.model import Pack, RecordKind
from clue_engine.workspace import Workspace

_KINDS = ("case", "victim")
_NAMED = 8  # columns, fields
_LISTED = 10  # rows of a list of which it says little that a column is blank


def unread_columns(ws: Workspace, pack: Pack) -> list[str]:
    """In the order of the files."""
    found = []
    records = {source.id: source.records for source in pack.sources}
    for file_id, name, sheet, source_id in ws.rows(
        "select file_id, name, sheet, source_id from input_file where status = 'loaded' order by file_id"
    ):
        kinds = [pack.records[kind] for kind in records.get(source_id, ()) if kind in _KINDS]
        columns = _filled(ws, file_id) if kinds else []
        if columns:
            place = redact(name) + (f" [{redact(sheet)}]" if sheet else "")
            said = "、".join(f"“{redact(header)}”（{n} 格）" for header, n in columns[:_NAMED])
            more = f"等 {len(columns)} 列" if len(columns) > _NAMED else ""
            found.append(f"{place}：没有读的列{said}{more}，写在里面的都按不知道处理{_lost(ws, pack, file_id, kinds)}")
    return found


def _filled(ws: Workspace, file_id: int) -> list[tuple[str, int]]:
    """Headings that are not known, with the cells that are not empty, the fullest first."""
    places = ws.rows(
        "select distinct c.position, c.header from raw_column as c"
        " join issue as i on i.file_id = c.file_id and i.column_name = c.header and i.code = 'COLUMN_UNKNOWN'"
        " where c.file_id = ? and c.field is null order by 1",
        [file_id],
    )
    if not places:
        return []
    counts = ", ".join(f"count(*) filter (trim(c{position}) <> '')" for position, _ in places)
    (numbers,) = ws.rows(
        f"select {counts} from raw_{file_id} where row_no not in (select row_no from reject where file_id = {file_id})"
    )
    found = [(header, n) for (_, header), n in zip(places, numbers, strict=True) if n]
    return sorted(found, key=lambda one: -one[1])


def _lost(ws: Workspace, pack: Pack, file_id: int, kinds: list[RecordKind]) -> str:
    """What rules need and no column of this file gives, and how much hangs on it."""
    fed = {
        field
        for (fields,) in ws.rows("select field from raw_column where file_id = ? and field is not null", [file_id])
        for field in fields.split(",")
    }
    labels = list(dict.fromkeys(label for kind in kinds for label in _lacking(kind, fed)))
    if not labels:
        return ""
    n_rules, n_households = cost(ws, pack, labels)
    how_much = f"（影响 {n_rules} 条规则、{n_households} 户）" if n_households else ""
    return f"；这张表没有读出{'、'.join(labels[:_NAMED])}{how_much}"


def _lacking(kind: RecordKind, fed: set[str]) -> Iterator[str]:
    given = {target.partition(".")[2] for target in fed if target.partition(".")[0] == kind.name}
    numbered = any(f.type == "caseno" and f.name in given for f in kind.fields if f.name in kind.needed)
    for field in kind.fields:
        if field.name in kind.needed and field.name not in given and not (field.type == "caseno" and numbered):
            yield field.label


# -- Columns whose values no code table knows --------------------------------------------------------------------------
# Which, how many cells, what that costs (CE-D26 where rules need the field). Comes in: issue CODE_UNKNOWN, raw tables.
MOSTLY = 0.5  # from this share on the field is lost to the file
_FEW = 3  # cells that make no column


@dataclass(frozen=True)
class Unread:
    """``needed``: rules read the field, and most cells of the column are lost to them."""

    where: str
    header: str
    label: str
    n_unread: int
    n_filled: int
    n_rules: int
    n_households: int
    needed: bool
    n_prose: int = 0

    def __str__(self) -> str:
        lost = f"，影响 {self.n_rules} 条规则、{self.n_households} 户" if self.n_households else ""
        cells = f"{self.n_filled} 格中有 {self.n_unread} 格"
        said = "写的是成段的话，按备注听其中可能的事实" if self.is_prose else "的写法不在代码表内，按不明处理"
        return f"{self.where}的“{self.header}”一列（{self.label}）{cells}{said}{lost}"

    @property
    def is_prose(self) -> bool:
        """Whether most of it is running text: no list of words would help."""
        return self.n_prose * 2 > self.n_unread

    @property
    def remedy(self) -> str:
        if self.is_prose:
            return "要算数的，另设一列只写取值（如 被害人、重伤二级、未赔偿），再重新运行"
        return (
            "请在 rules/vocabulary/codes.yaml 这张代码表里写上这些写法，或改这一列的写法后重新运行；逐格见 rejects.csv"
        )


def unread_values(ws: Workspace, pack: Pack) -> list[Unread]:
    """Every column with such cells."""
    return sorted(_columns(ws, pack), key=lambda u: (not u.needed, -u.n_households, -u.n_unread, str(u)))


def unread_needed(ws: Workspace, pack: Pack) -> list[str]:
    """What must be said first."""
    return [f"CE-D26 {unread}。{unread.remedy}" for unread in unread_values(ws, pack) if unread.needed]


# A sentence in a column of codes that told something is no cell that nobody read.
_HEARD = """ and not exists (
    select 1 from text_fact as t
    where t.file_id = i.file_id and t.row_no = i.row_no
        and list_contains(string_split(c.field, ','), 'victim.' || t.field)
)"""


def _columns(ws: Workspace, pack: Pack) -> Iterator[Unread]:
    heard = _HEARD if ws.has_table("text_fact") else ""
    for file_id, name, sheet, header, position, fields, n_unread, n_prose in ws.rows(
        "select f.file_id, f.name, f.sheet, c.header, c.position, string_split(c.field, ','), count(*),"
        " count(*) filter (i.code = 'CODE_PROSE')"
        " from issue as i join input_file as f using (file_id)"
        " join raw_column as c on c.file_id = i.file_id and c.header = i.column_name and c.field is not null"
        f" where i.code in ('CODE_UNKNOWN', 'CODE_PROSE'){heard} group by all"
    ):
        ((n_filled,),) = ws.rows(f"select count(*) from raw_{file_id} where trim(c{position}) <> ''")
        known = [(kind, field) for kind in pack.records.values() for field in kind.fields]
        read = [
            (kind, f) for kind, f in known if f"{kind.name}.{f.name}" in fields and f.type in ("code", "codes", "bool")
        ]
        if not read:
            continue
        kind, field = next((pair for pair in read if pair[1].name in pair[0].needed), read[0])
        lost = n_unread >= max(_FEW, MOSTLY * n_filled) and field.name in kind.needed
        n_rules, n_households = cost(ws, pack, [field.label])
        where, said = place(name, sheet), redact(header)
        yield Unread(where, said, field.label, n_unread, n_filled, n_rules, n_households, lost, n_prose)


# -- How many cells of each column were adopted after cleaning, for the record of a run and for the screen -------------
# Comes in: column_read, input_file. Goes out: a record per column and field; one sentence per file about the
# columns of which cells were left out, one about those that are blank; never a value.
def columns_read(ws: Workspace) -> list[dict[str, object]]:
    """Every column that feeds a field: its cells that are not blank, and those that were taken."""
    if not ws.has_table("column_read"):
        return []
    return [
        {"file": redact(name), "sheet": sheet, "column": redact(header), "field": field, "filled": n, "adopted": n_read}
        for name, sheet, header, field, n, n_read in ws.rows(
            "select f.name, f.sheet, c.header, c.kind || '.' || c.field, c.n_filled, c.n_read from column_read as c"
            " join input_file as f using (file_id) order by c.file_id, c.position, c.kind, c.field"
        )
    ]


def left_out(ws: Workspace, pack: Pack) -> list[str]:
    """The columns of each file that say more than was adopted; not those that another column came before."""
    if not ws.has_table("column_read"):
        return []
    labels = {f"{kind.name}.{field.name}": field.label for kind in pack.records.values() for field in kind.fields}
    found: dict[str, list[str]] = {}
    for name, sheet, header, target, n_filled, n_read in ws.rows(
        "with one as (select file_id, position, header,"
        " max({'n': n_read, 'target': kind || '.' || field, 'known': n_known}) as best,"
        " max(n_filled) as n_filled from column_read group by all),"
        " column_best as (select one.*, best.n as n_read, best.target as target, best.known as n_known from one)"
        " select f.name, f.sheet, header, target, n_filled, c.n_read from column_best as c"
        " join input_file as f using (file_id) where c.n_read < n_filled"
        " qualify max(n_filled) over (partition by file_id, target) > n_known"
        " order by file_id, c.n_read - n_filled, position"
    ):
        said = f"“{redact(header)}”（{labels[target]}）{n_filled} 格中采用 {n_read} 格"
        found.setdefault(place(name, sheet), []).append(said)
    return [
        f"{file}{'、'.join(said[:_NAMED])}{f'，等 {len(said)} 列' if len(said) > _NAMED else ''}"
        for file, said in found.items()
    ]


def blank(ws: Workspace) -> list[str]:
    """The columns of each file that are there and blank all the way down, where no other column tells their field."""
    if not ws.has_table("column_read"):
        return []
    files = ws.rows(
        "with field as (select file_id, field, max(n_rows) as n_rows, min(position) as position,"
        " any_value(header order by position) as header from column_read group by file_id, kind, field"
        " having sum(n_filled) = 0 and any_value(n_known) = 0),"
        " one as (select file_id, header, min(position) as position from field where n_rows >= ? group by all)"
        " select f.name, f.sheet, list(header order by position) from one join input_file as f using (file_id)"
        " group by file_id, f.name, f.sheet order by file_id",
        [_LISTED],
    )
    return [
        f"{place(name, sheet)}整列空着、按没有写处理的列：{'、'.join(f'“{redact(h)}”' for h in headers)}"
        for name, sheet, headers in files
    ]
