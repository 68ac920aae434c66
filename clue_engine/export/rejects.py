"""rejects.csv and rejects.xlsx: every file, row and cell that was not read, with reason and advice, without its value.

Comes in: input_file, reject, issue. Goes out: the two files; the workbook holds the first rows only when there are
very many.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from clue_engine.export.privacy import cell_text, csv_text, redact
from clue_engine.workspace import Workspace

HEADINGS = ("文件", "工作表", "行号", "列", "级别", "代码", "原因", "建议")
_WIDTHS = (34, 14, 9, 20, 8, 24, 44, 60)
_MOST_IN_WORKBOOK = 50_000
_LEVELS = {"error": "不符预期", "warning": "疑点", "note": "提示", "reject": "未装载", "refused": "整份未载"}
ADVICE = {
    "RAGGED": "检查该行是否多了或少了分隔符（如数字里没加引号的逗号），改好后重新导出",
    "ROW_MENDED": "对照原表核对该行；数字里的逗号要加引号，或导出为 xlsx",
    "ROW_END_EMPTY": "不用处理",
    "MERGED_FILLED": "核对合并的范围是否正是这几行；最好取消合并，逐行填写",
    "MERGED_KEPT": "取消合并，逐行填写",
    "QUOTE": "检查该行的引号是否成对",
    "SHIFTED": "该行内容可能错了一列，对照原表改正后重新导出",
    "NUL": "该行有损坏的字符，从原系统重新导出",
    "LONG": "该行过长，多为引号或换行有误，从原系统重新导出",
    "EMPTY": "不用处理",
    "TITLE": "不用处理",
    "HEADER": "不用处理",
    "FOOTER": "不用处理；确是数据的，把首列改成不以合计、注、说明等词开头",
    "NOTE": "不用处理；确是数据的，补上姓名等必填列",
    "PARTY_ORGANIZATION": "不用处理；其实是个人的，在清单的被害人类型列写自然人",
    "ID_CHECKSUM": "核对证件号码后改正；改正前不用它对人",
    "ID_PRECISION_LOST": "证件号码列设为文本格式后从原系统重新导出",
    "ID_MASKED": "请提供单位给出完整号码，或由人工核对",
    "ID_VIRTUAL": "本人没有身份证件，只能按姓名和住地核对",
    "ID_UNREADABLE": "核对是否填错了列",
    "ID_MISSING": "尽量补上证件号码，否则只能按姓名和住地核对",
    "NAME_UNREADABLE": "多为查找公式没有查到（0）；补上姓名",
    "DATE_UNREADABLE": "改成 2025-06-30 的写法",
    "MONEY_UNREADABLE": "改成数字，单位写在表头",
    "MONEY_NEGATIVE": "核对正负号；是退款、冲销的，写清是哪一笔",
    "NUMBER_UNREADABLE": "改成数字",
    "PHONE_UNREADABLE": "核对电话号码",
    "CODE_UNKNOWN": "核对取值；确属新的写法，加到代码表的别名里",
    "CODE_PROSE": "要算数的，另设一列只写取值（如 被害人、重伤二级、未赔偿）；不必逐格改",
    "UNIT_ASSUMED": "核对该格的单位是元还是万元",
    "PERSONS_ONE_ID": "确是几个人的，一人一行，各写各的号码；是一人的，姓名写在一行里",
    "PERSONS_UNPAIRED": "一格多人时各列的个数要一致，最好一人一行",
    "COLUMN_DOUBLE_CONFLICT": "两列作同一项而内容不同，确认用哪一列",
    "COLUMN_BEATEN": "核对用的是不是该用的一列；不是的，删去另一列后重新载入",
    "KEY_LOST": "核对这一列；两列写同一内容的删去一列，改好后重新载入",
    "COLUMN_INFERRED": "核对这一列是不是该项；不是的，改表头后重新载入；是的，可加到来源文件的表头写法里",
    "COLUMN_DOUBTFUL": "确是该项的，用 clue-engine sources accept（或 alias）记下再载入；不是的不必管",
    "COLUMN_OLDER": "不用处理；要用这一年的，只留这一年的列再载入",
    "FILE_UNDATED": "在文件名或表头写上数据日期（如 _20260531）再载入；其实更新的，会按它的说法",
    "LISTS_APART": "其实是同一份名单的新旧两期的，只载入新的一期",
    "PERSONS_UNREAD": "一人一格或一人一行写明姓名、关系、证件号码，再载入",
    "COLUMN_UNKNOWN": "需要这一列时，加到来源文件的表头写法里",
    "SOURCE_AMBIGUOUS": "核对认作的来源是否正确",
    "CELL_ERROR": "改正原表的公式，或从原系统重新导出",
    "CELL_NO_VALUE": "在 WPS 或 Excel 中打开、保存一次，让公式算出结果后重新载入",
    "BLOCK_ALIGNED": "核对这一行以下各列；最好把两张表分成两个文件或工作表",
    "BLOCK": "把这张表单独存成一个文件或工作表后载入",
    "ROW_HIDDEN": "核对隐藏或筛选掉的行该不该算；不该算的删去后重新载入",
    "DATES_1904": "核对日期；差四年的，从原系统重新导出",
    "CELL_OUTSIDE": "打开工作簿，删去表外的单元格",
    "SOURCES_APART": "请提供单位给出日期相近的新表",
    "EXPECT_ROWS": "核对导出是否完整；确认无误时加 --force",
    "EXPECT_FILL": "核对导出时是否漏选了列；确认无误时加 --force",
    "EXPECT_CHANGE": "核对导出范围是否与上次相同；确认无误时加 --force",
    "CE-F01": "重新导出",
    "CE-F02": "在 WPS 或 Excel 中去掉密码后另存",
    "CE-F03": "重新导出",
    "CE-F05": "补上缺的列；只是表头写法不同的，用 clue-engine sources alias 记下",
    "CE-F08": "确认是导出的原表；新的表样用 clue-engine sources draft 起草来源文件",
    "CE-F09": "检查分隔符和引号，或重新导出为 xlsx",
    "CE-F11": "检查路径和权限；打开着的文件请先关闭",
    "CE-F12": "另存为 xlsx 或 csv",
    "CE-F14": "确认文件来源；正常的表请另存为新的 xlsx",
    "CE-F18": "删去不用的一列，或改它的表头",
    "CE-F15": "在 WPS 或 Excel 中另存为新的 xlsx 或 csv",
    "CE-E18": "另存为 UTF-8，或用 --encoding 指定编码",
    "CE-E19": "检查 --encoding 的写法",
    "RISK_REMOVED_CONFLICT": "同一户各行应当一致，请提供单位核对",
}
_SQL = """
select f.name, f.sheet, x.row_no, x.column_name, x.level, x.code, x.reason
from (
    select file_id, row_no, null as column_name, 'reject' as level, code, reason from reject
    union all
    select file_id, row_no, column_name, level, code, detail from issue where code <> 'CODE_PROSE'
    union all  -- running text under a heading of codes is told once for the column
    select file_id, null, column_name, level, code, any_value(detail) || '：' || count(*) || ' 格' from issue
    where code = 'CODE_PROSE' group by all
    union all
    select file_id, null, null, 'refused', split_part(reason, ' ', 1), reason from input_file where status = 'refused'
) as x
left join input_file as f on f.file_id = x.file_id
order by x.file_id, x.row_no nulls first, x.level = 'reject' desc, x.column_name nulls first, x.code, x.reason
"""


def write_rejects(out: Path, ws: Workspace, as_of: dt.date) -> int:
    """Write both files; the number of rows that were not loaded."""
    import xlsxwriter

    path = out / "rejects.xlsx"
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": str(out)}
    with (
        (out / "rejects.csv").open("w", encoding="utf-8-sig", newline="", errors="replace") as stream,
        xlsxwriter.Workbook(str(path), options) as book,
    ):
        book.set_properties({"title": "未读入和存疑清单", "created": dt.datetime.combine(as_of, dt.time(), dt.UTC)})
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(HEADINGS)
        sheet = book.add_worksheet("未读入和存疑")
        for place, width in enumerate(_WIDTHS):
            sheet.set_column(place, place, width)
        sheet.write_row(0, 0, HEADINGS, book.add_format({"bold": True, "bottom": 1}))
        sheet.freeze_panes(1, 0)
        line = 0
        for line, record in enumerate(reject_records(ws), 1):
            writer.writerow([csv_text(v) if isinstance(v, str) else v for v in record])
            if line < _MOST_IN_WORKBOOK:
                for place, cell in enumerate(record):
                    if isinstance(cell, int):
                        sheet.write_number(line, place, cell)
                    elif cell:
                        sheet.write_string(line, place, cell_text(str(cell)))
        if line >= _MOST_IN_WORKBOOK:
            sheet.write_string(_MOST_IN_WORKBOOK, 0, f"共 {line} 处，这里只列前一部分，全部见 rejects.csv")
        sheet.autofilter(0, 0, max(min(line, _MOST_IN_WORKBOOK), 1), len(HEADINGS) - 1)
    return int(ws.rows("select count(*) from reject")[0][0])


def reject_records(ws: Workspace) -> Iterator[list[str | int | None]]:
    """The lines of both files, by file, row and column."""
    safe: dict[str | None, str] = {None: ""}  # few texts, repeated on many rows

    def shown(text: str | None) -> str:
        if text not in safe:
            safe[text] = redact(text)
        return safe[text]

    found = ws.con.execute(_SQL)
    while part := found.fetchmany(20_000):
        for name, sheet, row_no, column, level, code, reason in part:
            words = (_LEVELS.get(level, level), code, shown(reason), ADVICE.get(code, ""))
            yield [shown(name), shown(sheet), row_no, shown(column), *words]
