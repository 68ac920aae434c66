"""What could not be read, one row of table issue per doubtful cell; never the cell itself.

Comes in: a view ``texts`` (the cells of one file by field), the dictionaries of its texts, the record table. Goes
out: rows of issue.
"""

from __future__ import annotations

from collections.abc import Sequence

from clue_engine.ingest.agreement import texts_key
from clue_engine.ingest.land import insert
from clue_engine.ingest.layout import Feed, RawFile, differ, twins
from clue_engine.ingest.regular import said
from clue_engine.pack.model import RecordKind
from clue_engine.workspace import Workspace, ident, literal

LEVELS = {"ID_MISSING": "note", "ID_VIRTUAL": "note", "CODE_PROSE": "note"}
DETAILS = {
    "ID_CHECKSUM": "证件号码校验位或日期不对",
    "ID_PRECISION_LOST": "号码按数字存过，末几位已丢失",
    "ID_MASKED": "证件号码被遮盖或缺位",
    "ID_VIRTUAL": "999999 开头的虚拟号码",
    "ID_UNREADABLE": "不是居民身份证号码",
    "ID_MISSING": "有姓名而没有证件号码",
    "NAME_UNREADABLE": "姓名栏里没有姓名",
    "DATE_UNREADABLE": "日期认不出",
    "MONEY_UNREADABLE": "金额认不出",
    "MONEY_NEGATIVE": "金额是负数，未采用",
    "NUMBER_UNREADABLE": "数字认不出",
    "PHONE_UNREADABLE": "电话号码认不出",
    "CODE_UNKNOWN": "取值不在代码表内",
    "CODE_PROSE": "写的是成段的话，不是取值，按备注听其中可能的事实",
    "UNIT_ASSUMED": "万元列里的数过大，按元理解",
    "PERSONS_ONE_ID": "一格像有几个姓名而只有一个证件号码，按一人读入",
    "PERSONS_UNPAIRED": "一格多人而并列的格子个数不等，该项未采用",
    "COLUMN_DOUBLE_CONFLICT": "同一项的两列内容不同，该项未采用",
    "COLUMN_BEATEN": "两列争一项，一列没有用上",
}
LOADING = (
    "COLUMN_UNKNOWN",
    "COLUMN_INFERRED",
    "COLUMN_DOUBTFUL",
    "COLUMN_OLDER",
    "SOURCE_AMBIGUOUS",
    "CELL_OUTSIDE",
    "ROW_MENDED",
    "ROW_END_EMPTY",
    "MERGED_FILLED",
    "MERGED_KEPT",
    "CELL_ERROR",
    "CELL_NO_VALUE",
    "ROW_HIDDEN",
    "BLOCK_ALIGNED",
    "PERSONS_UNREAD",
    "DATES_1904",
    "SOURCES_APART",
    "EXPECT_ROWS",
    "EXPECT_FILL",
    "EXPECT_CHANGE",
)  # issues of loading: cleaning keeps them

# A sentence, not a word that a table of codes lacks.
_PROSE = (
    "(length(regexp_replace(d.text, '[^一-鿿]', '', 'g')) >= 24"
    " or (length(d.text) >= 12 and regexp_matches(d.text, '[，。；！？]')))"
)


def note_cells(ws: Workspace, code: str, file: RawFile, cells: Sequence[tuple[int, str]]) -> None:
    """One issue at each cell, given by row number and heading."""
    level = LEVELS.get(code, "warning")
    insert(ws, "issue", [(code, level, file.file_id, row_no, header, DETAILS[code]) for row_no, header in cells])


def note_doubtful(ws: Workspace, file: RawFile, texts: str, doubtful: Sequence[tuple[Feed, str]]) -> None:
    """Cells whose text could not be read, or only in part; given with the name of the dictionary of the field."""
    for feed, dictionary in doubtful:
        read = ident(dictionary)
        for (code,) in ws.rows(f"select distinct issue from {read} where issue is not null order by 1"):
            cells = f"{texts} as t join {read} as d on d.text = t.{ident(feed.field.name)}"
            found = {code: "true"} if code != "CODE_UNKNOWN" else {code: f"not {_PROSE}", "CODE_PROSE": _PROSE}
            for kind, test in found.items():
                where = f"where d.issue = {literal(code)} and {test} order by t.row_no, t.part_no"
                _insert(ws, kind, file, feed.header, f"{cells} {where}")


def note_conflicts(ws: Workspace, file: RawFile, feeds: Sequence[Feed]) -> None:
    """Doubled columns that differ."""
    for feed in feeds:
        for group, meant in zip(feed.groups, feed.meant, strict=True):
            if len(group) == 1 or feed.field.type == "codes" or feed.joined:
                continue
            texts = [said(f"c{column.position}") for column in group]
            where = f"{file.stage} as t where {differ(texts, twins(group))}"
            if meant:
                where += f" and {texts_key(texts)} not in (select key from {ident(meant)})"
            where += " order by t.row_no, t.part_no"
            _insert(ws, "COLUMN_DOUBLE_CONFLICT", file, feed.header, where)


def note_missing_ids(ws: Workspace, file: RawFile, kind: RecordKind, feeds: Sequence[Feed]) -> None:
    """A name without a number, where the file has a column for the number."""
    headers = {feed.field.name: feed.header for feed in feeds if feed.groups}
    for field in kind.fields:
        partner = field.name.removesuffix("id") + "name"
        if field.type != "id" or field.name not in headers or partner not in headers:
            continue
        missing = f"t.{ident(partner)} is not null and t.{ident(field.name + '_kind')} = 'none'"
        rows = f"{ident('rec_' + kind.name)} as t where t.file_id = {file.file_id} and {missing}"
        _insert(ws, "ID_MISSING", file, headers[field.name], f"{rows} order by t.row_no, t.part_no")


def keep_one_each(ws: Workspace) -> None:
    """A cell is doubtful once, however many records and persons it feeds."""
    ws.con.execute("create or replace table issue as select distinct * from issue order by all")


def _insert(ws: Workspace, code: str, file: RawFile, header: str, rows: str) -> None:
    level, detail = literal(LEVELS.get(code, "warning")), literal(DETAILS[code])
    values = f"{literal(code)}, {level}, {file.file_id}, t.row_no, {literal(header)}, {detail}"
    ws.con.execute(f"insert into issue select {values} from {rows}")
