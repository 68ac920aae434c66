"""Columns whose values no code table knows: which, how many cells, what that costs (CE-D26 where rules need the field).

Comes in: issue CODE_UNKNOWN, the raw tables. Goes out: one ``Unread`` per column, the most costly first; never a value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from clue_engine.export.privacy import redact
from clue_engine.export.unused import cost, place
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace

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

    def __str__(self) -> str:
        lost = f"，影响 {self.n_rules} 条规则、{self.n_households} 户" if self.n_households else ""
        cells = f"{self.n_filled} 格中有 {self.n_unread} 格"
        return f"{self.where}的“{self.header}”一列（{self.label}）{cells}的写法不在代码表内，按不明处理{lost}"


def unread_values(ws: Workspace, pack: Pack) -> list[Unread]:
    """Every column with such cells."""
    return sorted(_columns(ws, pack), key=lambda u: (not u.needed, -u.n_households, -u.n_unread, str(u)))


def unread_needed(ws: Workspace, pack: Pack) -> list[str]:
    """What must be said first."""
    do = "请在 rules/vocabulary/codes.yaml 这张代码表里写上这些写法，或改这一列的写法后重新运行；逐格见 rejects.csv"
    return [f"CE-D26 {unread}。{do}" for unread in unread_values(ws, pack) if unread.needed]


def _columns(ws: Workspace, pack: Pack) -> Iterator[Unread]:
    for file_id, name, sheet, header, position, fields, n_unread in ws.rows(
        "select f.file_id, f.name, f.sheet, c.header, c.position, string_split(c.field, ','), count(*)"
        " from issue as i join input_file as f using (file_id)"
        " join raw_column as c on c.file_id = i.file_id and c.header = i.column_name and c.field is not null"
        " where i.code = 'CODE_UNKNOWN' group by all"
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
        yield Unread(place(name, sheet), redact(header), field.label, n_unread, n_filled, n_rules, n_households, lost)
