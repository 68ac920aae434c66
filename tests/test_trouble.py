"""Zero is no success: files of use to nobody, lists that are empty for want of data. Told in the first line, exit 3."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import tiny_county as county

from clue_engine.ingest.column_read import SCHEMA, count_read
from clue_engine.ingest.layout import Feed, FileColumn, RawFile
from clue_engine.ingest.lost_keys import note_lost_keys
from clue_engine.pack.load import load_pack
from clue_engine.workspace import Workspace

VICTIMS, CASES, REGISTER = "刑事案件被害人信息.csv", "案件查询列表.csv", "监测对象信息_20250630.csv"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    pack = county.write_pack(tmp_path_factory.mktemp("pack") / "pack")
    return ["--rules", pack, "--parameters", pack.parent / "本县口径.yaml"]


Edits = dict[str, list[tuple[str, str]]]
NO_CHILD = ("^.*童小荷.*\n", "")


def edited(folder: Path, edits: Edits) -> Path:
    """The county with some files changed; one without changes is left out."""
    county.write(folder)
    for name, changes in edits.items():
        text = (folder / name).read_text("utf-8")
        for pattern, with_what in changes:
            text, n = re.subn(pattern, with_what, text, flags=re.M)
            assert n, pattern
        (folder / name).write_text(text, encoding="utf-8")
        if not changes:
            (folder / name).unlink()
    return folder


STRANGER = (
    r"白石𠮷,\d{17}[\dX]",
    f"外乡人,{county.number('19790202', 13)}",
)  # no register: income unknown
UNTOLD: Edits = {
    VICTIMS: [("重伤二级,8.5,未赔偿", ",,"), NO_CHILD, STRANGER],
    CASES: [("白石𠮷打成重伤", "外乡人打伤"), NO_CHILD],
}
LIGHT: Edits = {VICTIMS: [("重伤二级,8.5,未赔偿", "轻微伤,0.1,已足额"), NO_CHILD], CASES: [("打成重伤", "打伤")]}
OUT_OF_TOWN = [
    f"样检刑诉受[2024]{20 + n}号,T52992120240{n},外{c}郎,{county.number('19790202', 30 + n)},重伤二级,9,未赔偿,伤害罪"
    for n, c in enumerate("甲乙丙丁戊己庚辛壬癸")
]
OTHERS = [f"内{c}娘,{county.number('19680303', 60 + n)},52992110120199{n:02d},东河乡,第一村,户主,女,,,,6500,"
          for n, c in enumerate("甲乙丙丁戊己庚辛")]  # fmt: skip
STRANGERS: Edits = {
    VICTIMS: [("(?=^样检刑诉受.2024.11号)", "\n".join(OUT_OF_TOWN) + "\n"), NO_CHILD],
    REGISTER: [("^.*(童|白石).*\n", ""), ("(?=^江平)", "\n".join(OTHERS) + "\n")],
}
CASE_OF: dict[str, tuple[Edits, tuple[str, ...]]] = {
    "numbers that are none": ({VICTIMS: [(r"\d{17}[\dX]", "见卷宗")]}, ("CE-D21", VICTIMS, "证件号码")),
    "case numbers of a spreadsheet": ({CASES: [(r"^样[^,]*", "2.0240001E+15")]}, ("CE-D21", CASES, "部门受案号")),
    "roles nobody knows": (
        {VICTIMS: [(r"被害人姓名", "被害人姓名,身份"), (r"(白石𠮷|童小荷),", r"\1,甲类,")]},
        ("CE-D22", VICTIMS, "身份"),
    ),
    "no suspect in any row": ({CASES: [(r"(案),[甲乙]某", r"\1,")]}, ("CE-D22", CASES, "嫌疑人姓名")),
    "victims in a column of a list of cases": (
        {
            CASES: [
                ("案情摘要", "被害人及赔偿情况"),
                ("2024年2月3日甲某将白石𠮷打成重伤", "被害人石磊死亡、附民二十万元未付"),
                ("乙某在荷塘村侵害童小荷", "被害人马小云重伤二级、分文未赔"),
            ]
        },
        ("CE-D31", CASES, "“被害人及赔偿情况”一列有 2 格", "别的表里也没有"),
    ),
    "no register": ({REGISTER: [], **LIGHT}, ("CE-D23", VICTIMS, "名册")),
    "a register of strangers": (STRANGERS, ("CE-D27", "当事人有 11 个证件号码、名册有 10 个")),
    "no charge": (
        {CASES: [], VICTIMS: [(r",[^,\n]*(?=\n|$)", "")]},
        ("CE-D28", "2 件案件都没有案由", "受限、只列编号", "案件查询列表"),
    ),
    "no case": ({VICTIMS: [], CASES: []}, ("CE-D23", "案件表", "导出表")),
    "harm not told": (UNTOLD, ("CE-D23", VICTIMS, "不能判断", "伤情")),
}


@pytest.mark.parametrize("case", CASE_OF)
def test_the_first_line_names_file_and_column(tmp_path: Path, settings: list[object], case: str) -> None:
    edits, words = CASE_OF[case]
    folder = edited(tmp_path / "in", edits)
    result = county.run(folder, tmp_path / "out", *settings)
    out, err = result.stdout.decode(), result.stderr.decode()
    lines = [line for line in out.splitlines() if line.startswith("CE-D")]
    assert result.returncode == 3, out + err
    assert out.splitlines()[: len(lines)] == lines == [x for x in err.splitlines() if x.startswith("CE-D")], out
    assert err.startswith(lines[0])
    [line] = [line for line in lines if line.startswith(words[0])]
    assert all(word in line for word in words) and "重新运行" in line, line
    assert "先打开 clues.xlsx" not in out and "不完整" in out
    record = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert record["caveats"][: len(lines)] == lines  # whoever gets only the files is told as well
    if case == "no register":  # the stations one by one say the same
        for command in (
            ("scan", "--as-of", county.AS_OF, *settings),
            ("export", "--out", tmp_path / "b", *settings[:2]),
        ):
            again = county.clue_engine(*command, "-w", tmp_path / "out" / "workspace", "--json")
            assert again.returncode == 3 and json.loads(again.stdout)["troubles"] == lines, again.stderr.decode()


def test_an_honest_empty_list_says_what_was_looked_at(tmp_path: Path, settings: list[object]) -> None:
    folder = edited(tmp_path / "in", LIGHT)
    result = county.run(folder, tmp_path / "out", *settings)
    out = result.stdout.decode()
    assert result.returncode == 0, out + result.stderr.decode()
    first = out.splitlines()[0]
    assert first.startswith("没有发现线索：看过案件 2 件、当事人 3 名、涉案 1 户"), first
    assert "先打开 clues.xlsx" not in out and "CE-D" not in out and result.stderr == b""
    assert json.loads((tmp_path / "out" / "clues.json").read_text("utf-8"))["clues"] == []


def test_victims_whom_another_table_lists_are_no_trouble(tmp_path: Path, settings: list[object]) -> None:
    said = [("案情摘要", "被害人及赔偿情况"), ("2024年2月3日甲某将白", "被害人白"), ("乙某在荷塘村侵害", "被害人")]
    result = county.run(edited(tmp_path / "in", {CASES: said}), tmp_path / "out", *settings)
    assert "CE-D31" not in result.stdout.decode() and (tmp_path / "out" / "run.json").exists()


def test_a_good_list_has_no_trouble(tiny: Path) -> None:
    out = (tiny / "told.txt").read_text("utf-8")
    assert "先打开 clues.xlsx" in out and "CE-D" not in out and "没有发现" not in out


@pytest.mark.parametrize(
    ("cells", "read", "told"),
    [
        (
            [("甲1", "乙1"), ("甲2", "乙2"), ("甲3", "甲3")],
            ["null", "null", "'甲3'"],
            "3 行有内容，只读出 1 行，其中 2 行",
        ),
        ([("甲1", "乙1"), ("甲2", "甲2"), ("甲3", "甲3")], ["null", "'甲2'", "'甲3'"], ""),  # a minority
        ([("不详", ""), ("", "/"), ("甲3", "甲3")], ["null", "null", "'甲3'"], ""),  # nothing was said
    ],
)
def test_columns_that_contradict_each_other_on_most_rows(
    tmp_path: Path, cells: list[tuple[str, str]], read: list[str], told: str
) -> None:
    pack = load_pack()
    kind = pack.records["victim"]
    source = next(s for s in pack.sources if s.id == "victim_list")
    columns = (FileColumn(1, "部门受案号", None, 0), FileColumn(2, "关联案号", None, 0))
    field = next(f for f in kind.fields if f.name == "case_no")
    with Workspace.open(tmp_path) as ws:
        ws.con.execute("create table stage_1 (row_no bigint, part_no integer, c1 varchar, c2 varchar, case_no varchar)")
        ws.con.executemany("insert into stage_1 values (?, 1, ?, ?, '')", [[n, *row] for n, row in enumerate(cells)])
        rows = ", ".join(f"(1, {n}, 1, {value})" for n, value in enumerate(read))
        ws.con.execute(f"create table rec_victim as from (values {rows}) as t(file_id, row_no, part_no, case_no)")
        ws.con.execute("create table issue (c varchar, l varchar, f integer, r bigint, n varchar, d varchar)")
        ws.con.execute(SCHEMA)
        file, feeds = RawFile(1, source, columns), [Feed(field, (columns,), (), None, False)]
        note_lost_keys(ws, file, count_read(ws, file, kind, feeds, "stage_1"))
        found = ws.rows("select c, n, d from issue")
    assert [(code, headers) for code, headers, _ in found] == ([("KEY_LOST", "部门受案号、关联案号")] if told else [])
    assert all(told in detail for _, _, detail in found)
