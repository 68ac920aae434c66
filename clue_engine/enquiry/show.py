"""Everything behind one clue: rules with their condition trees, persons, links, holds, missing facts, rows of files.

Comes in: a clue number. Goes out: ``ClueView``, masked. Of a restricted clue only that it is restricted, unless it is
asked for with a purpose, which the audit trail keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clue_engine.clue.number import number_now
from clue_engine.enquiry.tree import Explain, Line
from clue_engine.errors import ClueError
from clue_engine.export.audit import write_audit
from clue_engine.export.list_rows import Row, list_rows
from clue_engine.export.privacy import plain, redact
from clue_engine.pack.model import Pack
from clue_engine.values.mask import mask_id, mask_name, mask_phone
from clue_engine.workspace import Workspace, ident


@dataclass(frozen=True)
class RuleView:
    rule_id: str
    title: str
    version: int
    kind: str
    points: int
    marginal: int
    superseded: bool
    reason: str
    basis: tuple[str, ...]
    tree: tuple[Line, ...]


@dataclass(frozen=True)
class ClueView:
    row: Row
    scores: tuple[Mapping[str, Any], ...] = ()
    rules: tuple[RuleView, ...] = ()
    persons: tuple[Mapping[str, str], ...] = ()
    links: tuple[Mapping[str, str], ...] = ()
    holds: tuple[Mapping[str, str], ...] = ()
    missing: tuple[Mapping[str, Any], ...] = ()
    sources: tuple[SourceRow, ...] = field(default_factory=tuple)


def show(
    ws: Workspace, pack: Pack, clue_id: str, *, explain: Explain | None = None, reason: str | None = None
) -> ClueView:
    """The whole case for one clue; condition trees with ``explain``. Raises CE-U30 when there is no such number.

    ``reason``: why a restricted clue is looked at; it is shown in full after its line in the audit trail is written.
    """
    number = number_now(ws, clue_id)
    row = next(iter(list_rows(ws, pack, restricted=reason is not None, only=number)), None)
    if row is None:
        given = ws.has_table("number_given") and ws.rows("select 1 from number_given where clue_id = ?", [number])
        if given:
            hint = f"它的经过：clue-engine ledger show {number}    现在列出的：clue-engine clues"
            raise ClueError("CE-U30", "这次扫描没有列出这条线索", place=clue_id[:40], hint=hint)
        raise ClueError("CE-U30", "没有这个线索编号", place=clue_id[:40], hint="clue-engine clues 看全部编号")
    if row.restricted and reason is None:
        return ClueView(row)
    if row.restricted:
        write_audit(ws.directory, "show restricted", reason=redact(reason), clues=[row.clue_id])
    return view_of(ws, pack, row, explain)


def view_of(ws: Workspace, pack: Pack, row: Row, explain: Explain | None = None, *, sources: bool = True) -> ClueView:
    """Everything behind a row of the lists that may be seen in full; without ``sources`` no rows of files."""
    clue = ws.dicts("select * from clue where clue_id = ?", [row.clue_id])[0]
    return ClueView(
        row=row,
        scores=_scores(ws, pack, clue),
        rules=_rules(ws, pack, clue, explain),
        persons=_persons(ws, row.clue_id),
        links=_links(ws, clue["household_id"], row.clue_id),
        holds=_holds(ws, row.clue_id, quiet=clue["no_crime_detail"]),
        missing=tuple(row.details.get("missing", ())),
        sources=source_rows(ws, pack, row.clue_id, cells=not clue["no_crime_detail"]) if sources else (),
    )


def _scores(ws: Workspace, pack: Pack, clue: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Points per dimension."""
    own = [d for d in pack.directions if d.name == clue["direction"]]
    labels = {d.name: d.label for direction in own for d in direction.dimensions}
    return tuple(
        {"dimension": labels.get(name, name), "cap": cap, "certain": certain, "possible": possible}
        for name, cap, certain, possible in ws.rows(
            "select dimension, cap, certain, possible from clue_dimension_score"
            " where household_id = ? and direction = ? order by certain desc, possible desc, dimension",
            [clue["household_id"], clue["direction"]],
        )
    )


def _rules(ws: Workspace, pack: Pack, clue: Mapping[str, Any], explain: Explain | None) -> tuple[RuleView, ...]:
    written = {r.id: r for r in pack.rules}
    views = []
    for row in ws.dicts("select * from clue_rule where clue_id = ? order by seq", [clue["clue_id"]]):
        rule = written.get(row["rule_id"])
        basis = tuple(" ".join(str(v) for v in b.values() if v) for b in rule.basis) if rule else ()
        # the tree names the case: not for a clue that says nothing of it
        silent = clue["no_crime_detail"] or rule is None or explain is None
        tree = () if silent or explain is None else explain(clue["household_id"], row["rule_id"])
        views.append(
            RuleView(
                row["rule_id"], row["title"], row["rule_version"], row["kind"], row["points"], row["marginal"],
                row["superseded"], redact(row["reason"]), basis, tree,
            )
        )  # fmt: skip
    return tuple(views)


def _persons(ws: Workspace, clue_id: str) -> tuple[Mapping[str, str], ...]:
    rows = ws.dicts(
        "select p.name, p.id, p.sex, p.birth_lo, c.seq from clue_person as c join person as p using (person_id)"
        " where c.clue_id = ? order by c.seq",
        [clue_id],
    )
    return tuple(
        {
            "name": row["name"] if row["seq"] == 1 else mask_name(row["name"]),
            "id": mask_id(row["id"]),
            "sex": row["sex"] or "",
            "born": str(row["birth_lo"].year) if row["birth_lo"] else "",
        }
        for row in rows
    )


def _links(ws: Workspace, household_id: int, clue_id: str) -> tuple[Mapping[str, str], ...]:
    """Why a party of a case is taken for a person of the household."""
    rows = ws.dicts(
        "select distinct p.name, l.tier, l.reason, l.strength, l.n_candidates from link_party as l"
        " join clue_person as c on c.person_id = l.person_id and c.clue_id = ?"
        " left join person as p on p.person_id = l.person_id"
        " where l.household_id = ? order by all",
        [clue_id, household_id],
    )
    return tuple(
        {
            "name": mask_name(row["name"]),
            "strength": row["strength"] or "",
            "reason": redact(row["reason"]),
            "tier": row["tier"] or "",
        }
        for row in rows
    )


def _holds(ws: Workspace, clue_id: str, *, quiet: bool) -> tuple[Mapping[str, str], ...]:
    effects = {"all": "影响本线索", "some": "影响其中一部分", "aside": "不影响本线索所依据的行"}
    return tuple(
        {
            "id": row["hold_id"],
            "title": row["title"],
            "state": "成立" if row["outcome"] == 1 else "不能确定",
            "effect": effects[row["bears"]],
            "text": "" if quiet else redact(row["text"]),
        }
        for row in ws.dicts("select * from clue_hold where clue_id = ? order by hold_id, outcome", [clue_id])
        if row["action"] != "restrict"
    )


# -- the rows of the input files behind a clue, back to the cell as it was found -------------------------------------
_LONGEST = 40


@dataclass(frozen=True)
class SourceCell:
    column: int  # 1-based, as in the sheet
    header: str
    text: str


@dataclass(frozen=True)
class SourceRow:
    file: str
    sheet: str
    row_no: int
    source: str
    cells: tuple[SourceCell, ...]


def source_rows(ws: Workspace, pack: Pack, clue_id: str, *, cells: bool) -> tuple[SourceRow, ...]:
    """Each file row behind a clue; ``cells`` False leaves out what the row says."""
    found = ws.dicts(
        "select s.file_id, s.row_no, f.name, f.sheet, f.source_label from clue_source as s"
        " join input_file as f using (file_id) where s.clue_id = ? order by s.file_id, s.row_no",
        [clue_id],
    )
    return tuple(
        SourceRow(
            file=redact(row["name"]),
            sheet=row["sheet"] or "",
            row_no=row["row_no"],
            source=row["source_label"] or "",
            cells=_cells(ws, pack, row["file_id"], row["row_no"]) if cells else (),
        )
        for row in found
    )


def _cells(ws: Workspace, pack: Pack, file_id: int, row_no: int) -> tuple[SourceCell, ...]:
    """The filled cells of one raw row whose column means something to the source."""
    raw = f"raw_{int(file_id)}"
    if not ws.has_table(raw):
        return ()
    columns = ws.rows(
        "select position, any_value(header), min(field) from raw_column where file_id = ? and field is not null"
        " group by position order by position",
        [file_id],
    )
    rows = ws.dicts(f"select * from {ident(raw)} where row_no = ?", [row_no])
    if not rows:
        return ()
    types = {f"{kind.name}.{f.name}": f.type for kind in pack.records.values() for f in kind.fields}
    cells = []
    for position, header, target in columns:
        text = rows[0].get(f"c{position}")
        if text and text.strip():
            cells.append(SourceCell(position, plain(redact(header)), _shown(text, types.get(target, "text"), target)))
    return tuple(cells)


def _shown(text: str, kind: str, field: str) -> str:
    """A raw cell as it may be shown."""
    text = plain(text)
    if kind == "id":
        return mask_id(text)
    if kind == "phone":
        return mask_phone(text)
    if kind == "name" or field.rpartition(".")[2] in ("name", "head_name"):
        return mask_name(text)
    # the story of a case names people who have nothing to do with this clue
    return redact(text) if len(text) <= _LONGEST else "（长文字，见原文件）"
