"""How good the inputs are: per file rows and doubles; per column filled, unreadable and seen values; what rules lose.

Comes in: input_file, raw_*, raw_column, issue, reject, rec_*, missing_fact. Goes out: records; no value of a person,
only counts, code values, and words that a code table lacks when they occur so often that they name nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from clue_engine.export.privacy import plain, redact
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace, ident


@dataclass(frozen=True)
class Column:
    header: str
    field: str
    n_filled: int
    n_rows: int
    n_invalid: int = 0  # cells that could not be read
    seen: tuple[tuple[str, int], ...] = ()  # code values, or states of identity numbers, most frequent first
    unknown: tuple[tuple[str, int], ...] = ()  # words that the code table lacks
    n_cells: int = 0  # cells, one person each, that are not blank, and those of them that became a value
    n_read: int = 0

    @property
    def rate(self) -> float | None:
        return self.n_filled / self.n_rows if self.n_rows else None

    @property
    def is_empty(self) -> bool:
        """Whether a column that is used holds nothing at all."""
        return bool(self.field and self.n_rows and not self.n_filled)

    @property
    def invalid_rate(self) -> float | None:
        return self.n_invalid / self.n_filled if self.n_filled else None


@dataclass(frozen=True)
class FileQuality:
    file_id: int
    name: str
    sheet: str
    source: str
    status: str
    reason: str
    snapshot_date: str
    n_read: int
    n_loaded: int
    n_rejected: int
    columns: tuple[Column, ...]
    issues: tuple[tuple[str, str, int, str], ...]  # code, column, count, what it means
    n_duplicates: int = 0  # rows that say the same as an earlier one


@dataclass(frozen=True)
class RuleLoss:
    """A rule and the involved households that it cannot decide because a fact is missing."""

    rule_id: str
    title: str
    n_involved: int
    n_hit: int
    n_missing: int
    n_deciding: int  # one fact alone would decide
    fields: tuple[tuple[str, int], ...]  # the facts most often missing, by label

    @property
    def rate(self) -> float | None:
        return self.n_missing / self.n_involved if self.n_involved else None


def file_quality(ws: Workspace, pack: Pack | None = None) -> list[FileQuality]:
    """One record per input file, in file order; with a pack also the code values that its columns hold."""
    issues: dict[int, list[tuple[str, str, int, str]]] = {}
    for file_id, code, column, n, detail in ws.rows(
        "select file_id, code, coalesce(column_name, ''), count(*), coalesce(min(detail), '')"
        " from issue group by file_id, code, column_name order by 1, 4 desc, 2, 3"
    ):
        issues.setdefault(file_id, []).append((code, redact(column), n, redact(detail)))
    invalid = {
        (file_id, column): n
        for file_id, column, n in ws.rows(
            "select file_id, column_name, count(*) from issue where level <> 'note' and row_no is not null"
            " and column_name is not null group by all"
        )
    }
    found = []
    for row in ws.dicts("select * from input_file order by file_id"):
        file_id = row["file_id"]
        values = column_values(ws, pack, file_id) if pack is not None and row["status"] == "loaded" else {}
        columns, n_duplicates = _columns(ws, file_id, invalid, values)
        found.append(
            FileQuality(
                file_id=file_id,
                name=redact(row["name"]),
                sheet=row["sheet"] or "",
                source=row["source_label"] or "",
                status=row["status"] or "",
                reason=redact(row["reason"]),
                snapshot_date=str(row["snapshot_date"] or ""),
                n_read=row["n_read"] or 0,
                n_loaded=row["n_loaded"] or 0,
                n_rejected=row["n_rejected"] or 0,
                columns=columns,
                issues=tuple(issues.get(file_id, ())),
                n_duplicates=n_duplicates,
            )
        )
    return found


def rule_losses(ws: Workspace, pack: Pack) -> list[RuleLoss]:
    """What each rule loses by missing facts, the greatest loss first; empty before a scan."""
    if not ws.has_table("missing_fact") or not ws.has_table("fact_involvement"):
        return []
    labels = {(relation.name, f.name): f.label for relation in pack.relations for f in relation.fields}
    titles = {rule.id: rule.title for rule in pack.rules}
    (n_involved,) = ws.rows("select count(distinct household_id) from fact_involvement")[0]
    hits = dict(ws.rows("select rule_id, count(*) from hit where outcome = 1 group by 1"))
    fields: dict[str, list[tuple[str, int]]] = {}
    for rule_id, relation, name, n in ws.rows(
        "select rule_id, relation, field, count(distinct household_id) as n from missing_fact group by all"
        " order by rule_id, n desc, relation, field"
    ):
        fields.setdefault(rule_id, []).append((labels.get((relation, name), name), n))
    return [
        RuleLoss(
            rule_id, titles.get(rule_id, ""), n_involved, hits.get(rule_id, 0), n, decides, tuple(fields[rule_id][:3])
        )
        for rule_id, n, decides in ws.rows(
            "select rule_id, count(distinct household_id) as n, count(distinct household_id) filter (decides)"
            " from missing_fact group by 1 order by n desc, 1"
        )
    ]


def values_said(column: Column) -> str:
    """The values of a column in one line."""
    said = "、".join(f"{value} {n}" for value, n in column.seen)
    missing = "、".join(f"{value} {n}" for value, n in column.unknown)
    return said + (f"；代码表没有：{missing}" if missing else "")


def _columns(
    ws: Workspace, file_id: int, invalid: dict[tuple[int, str], int], values: dict[str, ColumnValues]
) -> tuple[tuple[Column, ...], int]:
    """The columns of a file, and how many of its rows say the same as another one in all columns that are known."""
    raw = f"raw_{int(file_id)}"
    if not ws.has_table(raw):
        return (), 0
    heads = ws.rows(
        "select position, any_value(header), string_agg(distinct field, ',' order by field) from raw_column"
        " where file_id = ? group by position order by position",
        [file_id],
    )
    if not heads:
        return (), 0
    counts = ", ".join(f"count(nullif(trim({ident(f'c{position}')}), ''))" for position, _, _ in heads)
    known = ", ".join(ident(f"c{position}") for position, _, field in heads if field)
    distinct = f"count(distinct hash({known}))" if known else "count(*)"
    total, n_distinct, *filled = ws.rows(
        f"select count(*), {distinct}, {counts} from {ident(raw)} as r"
        f" anti join (select row_no from reject where file_id = {int(file_id)}) as j using (row_no)"
    )[0]
    columns = []
    read = _read(ws, file_id)
    for (position, header, field), n in zip(heads, filled, strict=True):
        first = (field or "").split(",")[0]
        found = values.get(first, ColumnValues())
        doubtful = invalid.get((file_id, header), 0)
        cells = read.get(position, (0, 0))
        columns.append(Column(redact(header), field or "", n, total, doubtful, found.seen, found.unknown, *cells))
    return tuple(columns), total - n_distinct


def _read(ws: Workspace, file_id: int) -> dict[int, tuple[int, int]]:
    """By column its cells and those that were taken; of several fields that it feeds the one that took most."""
    if not ws.has_table("column_read"):
        return {}
    rows = ws.rows(
        "select position, max(n_filled), max(n_read) from column_read where file_id = ? group by position", [file_id]
    )
    return {position: (n_cells, n_read) for position, n_cells, n_read in rows}


# -- Which values the columns of a file hold ---------------------------------------------------------------------------
# Which values the columns of a file hold: code values, words unknown to the code table, states of identity numbers.
# Comes in: rec_*, issue, raw_*, raw_column. Goes out: ``ColumnValues`` by record field; counts, never a person's
# value.
_MOST = 8
_OFTEN = 3  # a word that occurs so often in a column of codes is a word, not somebody's name
_LONGEST = 20
ID_STATES = {
    "ok": "有效",
    "old15": "十五位",
    "bad_checksum": "校验不符",
    "tail000": "末位丢失",
    "sci": "末位丢失",
    "masked": "有遮盖",
    "virtual": "虚拟号",
    "org": "单位代码",
    "other": "不是身份证号",
    "none": "空",
}


@dataclass(frozen=True)
class ColumnValues:
    seen: tuple[tuple[str, int], ...] = ()
    unknown: tuple[tuple[str, int], ...] = ()


def column_values(ws: Workspace, pack: Pack, file_id: int) -> dict[str, ColumnValues]:
    """By record field (kind.field); only codes and identity numbers have values that may be shown."""
    found: dict[str, ColumnValues] = {}
    if not ws.has_table("record_column"):
        return found
    unknown = _unknown_words(ws, file_id)
    for kind_name, names in ws.rows(
        "select kind, list(field order by field) from record_column where file_id = ? group by 1 order by 1", [file_id]
    ):
        kind = pack.records.get(kind_name)
        fields = [f for f in kind.fields if f.name in names and f.type in ("code", "codes", "id")] if kind else []
        if not fields:
            continue
        counted = []
        for field in fields:
            column = ident(field.name + ("_kind" if field.type == "id" else ""))
            counted.append(
                f"histogram({column})" if field.type != "codes" else f"histogram(array_to_string({column}, ','))"
            )
        rows = ws.rows(f"select {', '.join(counted)} from {ident('rec_' + kind_name)} where file_id = ?", [file_id])
        for field, counts in zip(fields, rows[0], strict=True):
            target = f"{kind_name}.{field.name}"
            found[target] = ColumnValues(_frequent(counts or {}, field.type), unknown.get(target, ()))
    return found


def _frequent(counts: dict[str, int], kind: str) -> tuple[tuple[str, int], ...]:
    merged: dict[str, int] = {}
    for text, n in counts.items():
        for value in text.split(",") if kind == "codes" else [text]:
            shown = ID_STATES.get(value, value) if kind == "id" else value
            if shown:
                merged[shown] = merged.get(shown, 0) + n
    return tuple(sorted(merged.items(), key=lambda item: (-item[1], item[0]))[:_MOST])


def _unknown_words(ws: Workspace, file_id: int) -> dict[str, tuple[tuple[str, int], ...]]:
    """Words of code columns that no table knows."""
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for position, field in ws.rows(
        "select distinct c.position, c.field from issue as i join raw_column as c on c.file_id = i.file_id"
        " and c.header = i.column_name where i.file_id = ? and i.code = 'CODE_UNKNOWN' and c.field is not null",
        [file_id],
    ):
        words = ws.rows(
            f"select trim(c{int(position)}), count(*) as n from raw_{int(file_id)} where row_no in"
            " (select i.row_no from issue as i join raw_column as c on c.file_id = i.file_id and c.header ="
            " i.column_name where i.file_id = ? and i.code = 'CODE_UNKNOWN' and c.position = ?)"
            f" group by 1 having n >= {_OFTEN} order by 2 desc, 1 limit {_MOST}",
            [file_id, position],
        )
        shown = tuple(
            (redact(plain(word)), n) for word, n in words if len(word) <= _LONGEST and not re.search(r"\d{5}", word)
        )
        for target in field.split(","):
            found[target] = shown
    return found
