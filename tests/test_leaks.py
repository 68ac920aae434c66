"""Every output joined with every input, and all outputs with each other: nobody who is restricted is found.

Once with the county of secret_county, where who is protected is known by name; once with the sample county, all rules.
"""

from __future__ import annotations

import base64
import csv
import datetime as dt
import hashlib
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import docx
import msoffcrypto
import openpyxl
import pytest
import secret_county as county
import tiny_county

from clue_engine.cli.app import main
from clue_engine.enquiry.clues import as_json, list_clues
from clue_engine.enquiry.overview import Overview, overview
from clue_engine.enquiry.page import internal_page
from clue_engine.enquiry.show import show
from clue_engine.enquiry.who import find
from clue_engine.enquiry.why_not import why_not
from clue_engine.errors import ClueError
from clue_engine.export.home import SHARED
from clue_engine.export.privacy import RESTRICTED
from clue_engine.export.restricted import deliver, purpose, restricted_rows
from clue_engine.feedback.report import Report, report_html
from clue_engine.ledger import Ledger
from clue_engine.pack.load import load_pack
from clue_engine.pipeline import Job, run
from clue_engine.workspace import Workspace

PASSWORD, AS_OF = "Correct-Horse-7", dt.date.fromisoformat(county.AS_OF)
# What a restricted line may say besides its number: place in the list, status, direction, band, the same words for all.
_SAID = re.compile(
    r"\d{1,3}|线索|待核|搁置|试行|受限-[0-9A-F]{8,20}|司法救助线索|返贫致贫风险线索|社会救助帮扶线索|[高中低]"
    r"|新增|仍在|有变化|重新列入|已办结不再列|消失"
)
_NUMBER = re.compile("[A-Z]{2}-[0-9A-F]{8,20}")
_TOLD = ("clue_id", "direction", "direction_code", "status", "restricted", "cells")
Rows = Mapping[tuple[str, int], list[str]]  # file and row -> cells


def lines(out: Path) -> Iterator[tuple[str, list[str]]]:
    """Every line of every output file, hidden sheets too."""
    for path in sorted(out.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from ((path.name, [cell for cell in record if cell]) for record in csv.reader(stream))
    for path in sorted(out.glob("*.xlsx")):
        for sheet in openpyxl.load_workbook(path):
            for record in sheet.iter_rows(values_only=True):
                yield f"{path.name} {sheet.title}", [str(cell) for cell in record if cell not in (None, "")]


def found(out: Path) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """The restricted and the open clues of clues.json by number."""
    clues = json.loads((out / "clues.json").read_text(encoding="utf-8"))["clues"]
    return tuple({c["clue_id"]: c for c in clues if c["restricted"] is kind} for kind in (True, False))  # type: ignore[return-value]


def file_rows(text: str) -> set[tuple[str, int]]:
    """Files and rows named in a line: 甲.csv第2、5行, 乙.xlsx〔Sheet1〕第4行."""
    named = re.findall(r"([^；\s\"]+?\.\w+)(?:〔[^〕]*〕)?第([\d、]+)行", text)
    return {(file, int(row)) for file, rows in named for row in rows.split("、")}


def check(out: Path, secret: Rows, everyone: Rows) -> None:
    """``secret``: the rows of those who are protected; ``everyone``: of all, for what is everybody's."""
    hidden, shown = found(out)
    assert hidden and shown
    common = "\n".join(cell for place, cells in everyone.items() if place not in secret for cell in cells)
    own = {cell for cells in secret.values() for cell in cells if len(cell) > 1}
    numbers: defaultdict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    for place, cells in lines(out):
        for number in {*hidden, *shown}.intersection(cells):
            numbers[number].append((place, cells))
    for number, clue in hidden.items():
        assert set(clue) <= set(_TOLD) and set(clue["cells"]) <= {
            "排名", "状态", "线索编号", "线索方向", "优先级", "姓名", "理由", "搁置原因",
        }, number  # fmt: skip
        assert len({place.split()[0] for place, _ in numbers[number]}) >= 2, number  # one of the lists, the workbook
        for place, cells in [*numbers[number], ("clues.json", [str(v) for v in clue["cells"].values()])]:
            rest = [cell for cell in cells if cell not in (number, RESTRICTED) and not _SAID.fullmatch(cell)]
            assert not rest, (place, number)
            assert not [cell for cell in cells if cell in own and not _SAID.fullmatch(cell)], (place, number)
    telling = {word for word in own if word not in common}  # a town or a charge of others as well tells nobody
    for place, cells in lines(out):  # a line by household holds numbers of clues among other words
        if place == "households.csv" or place.endswith(" 按户"):
            text = "\n".join(cells)
            assert not [number for number in hidden if number in text], place
            assert not [word for word in telling if not word.isdigit() and word in text], place
    for number, clue in shown.items():
        for place, cells in [*numbers[number], ("clues.json", [json.dumps(clue, ensure_ascii=False)])]:
            text = "\n".join(cells)
            assert not hidden.keys() & set(_NUMBER.findall(text)), (place, number)  # 同户的线索
            assert not file_rows(text) & secret.keys(), (place, number)
            assert not [word for word in telling if not word.isdigit() and word in text], (place, number)
            assert not telling.intersection(cells), (place, number)


# -- the county whose protected are known --------------------------------------------------------------------------
@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("secret")
    county.write(folder / "in")
    pack = load_pack(tiny_county.write_pack(folder / "pack"), folder / "本县口径.yaml")
    with Ledger.open(folder / "台账.sqlite", create=True) as own:
        with Workspace.open(folder / "ws") as ws:
            run(ws, Job(pack, [folder / "in"], as_of=dt.date(2025, 6, 1), force=True, ledger=own), last="clue")
        with Workspace.open(folder / "ws") as ws:  # the day has moved on: there is something to compare with
            day = dt.date.fromisoformat(county.AS_OF)
            run(ws, Job(pack, out=folder / "out", as_of=day, ledger=own), first="involvement")
    return folder / "out"


@pytest.fixture
def scanned(out: Path) -> Iterator[Workspace]:
    with Workspace.open(out.parent / "ws", create=False) as ws:
        yield ws


def pack_of(out: Path) -> Any:
    return load_pack(out.parent / "pack", out.parent / "本县口径.yaml")


def test_who_is_protected_and_who_is_not(scanned: Workspace) -> None:
    rows = scanned.rows("select h.head_name, c.restricted from clue as c join household as h using (household_id)")
    assert {name for name, hidden in rows if hidden} == {"童大", "柳青", "文朗", "江平", "石虎"}
    assert {name for name, hidden in rows if not hidden} == set(county.OPEN)
    heads = scanned.rows("select h.head_name from clue_protected join household as h using (household_id)")
    assert {name for (name,) in heads} == set(county.PROTECTED) - {"童小荷", "石生", "潘岭"}


def test_no_output_leads_to_the_protected(out: Path) -> None:
    folder = out.parent / "in"
    check(out, county.own_rows(folder, county.PROTECTED), county.own_rows(folder, (*county.PROTECTED, *county.OPEN)))


def test_no_town_of_the_protected_in_a_summary(out: Path) -> None:
    text = "\n".join("\t".join(cells) for place, cells in lines(out) if place.endswith("汇总"))
    assert "东河乡" in text and not re.search("荷花镇|柳林镇|文昌镇|石桥镇|江口镇|湖口镇", text)
    hidden, _ = found(out)
    assert f"受限，只列编号\t{sum(c['direction'] == '司法救助线索' for c in hidden.values())}" in text


def test_the_protected_stand_in_the_changes_by_number(out: Path) -> None:
    hidden, _ = found(out)
    rows = [cells for place, cells in lines(out) if place.endswith("变化")]
    assert {number for cells in rows for number in cells} >= set(hidden)


def test_the_report_leads_to_nobody(out: Path, scanned: Workspace) -> None:
    """With small numbers and the changes shown: no name, number, village; no town where only they live."""
    days = dt.date(2025, 6, 30), dt.date(2025, 6, 1), dt.date(2025, 7, 1)
    text = report_html(scanned, pack_of(out), None, Report(*days, small=True))
    persons = {*county.PROTECTED, *county.OPEN, *county.IDS.values()}
    numbers = [str(cell) for row in scanned.rows("select household_no, village from household") for cell in row if cell]
    assert "东河乡" in text and not [word for word in (*persons, *numbers) if word in text]
    assert not re.search("荷花镇|柳林镇|文昌镇|石桥镇|江口镇|强奸", text)


def test_the_internal_page_says_no_more_than_the_lists(out: Path, scanned: Workspace) -> None:
    """A restricted clue: number, direction, state, band. Of an open one no row, name or number of the protected."""
    pack, folder = pack_of(out), out.parent / "in"
    text, _ = internal_page(scanned, pack, None, Job(pack).day(scanned))
    pages = {page.split('"', 1)[0]: page for page in text.split('<section id="')[1:]}
    hidden, shown = found(out)
    secret = county.own_rows(folder, county.PROTECTED)
    everyone = county.own_rows(folder, (*county.PROTECTED, *county.OPEN))
    common = "\n".join(cell for place, cells in everyone.items() if place not in secret for cell in cells)
    telling = {w for cells in secret.values() for w in cells if len(w) > 1 and w not in common and not w.isdigit()}
    assert {*hidden, *shown} <= pages.keys() and len(telling) > 10
    for number, page in pages.items():
        words = " ".join(re.sub("<[^>]*>", " ", page.partition("<script>")[0].partition(">")[2]).split())
        if number in hidden:
            clue = hidden[number]
            assert words == f"{number} {clue['direction']} {clue['status']} {clue['cells']['优先级']} {RESTRICTED}"
            continue
        assert not hidden.keys() & set(_NUMBER.findall(words)) and not file_rows(words) & secret.keys(), number
        assert not [word for word in telling if word in words] and "规则" in words, number
    index = text.partition("<section")[0]
    assert not [word for word in telling if word in index]
    assert not re.search('(src|href)="(?!#)|@import|url\\(|https?:', text) and text.count("<script>") == 1
    script = re.search("<script>(.*?)</script>", text, re.S)
    assert script and base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode() in text  # its policy


def test_the_number_of_restricted_clues_is_told(out: Path) -> None:
    hidden, _ = found(out)
    told = json.loads((out / "run.json").read_text(encoding="utf-8"))["restricted"]
    assert told == {d: sum(c["direction"] == d for c in hidden.values()) for d in told} and sum(told.values()) >= 4


def test_enquiries_say_no_more_than_the_files(out: Path, scanned: Workspace) -> None:
    pack, names = pack_of(out), "|".join(county.PROTECTED)
    hidden, _ = found(out)
    rows = list_clues(scanned, pack)
    text = json.dumps([as_json(row) for row in rows], ensure_ascii=False)
    text += "".join(repr(show(scanned, pack, row.clue_id)) for row in rows)
    for row in rows:
        if row.restricted:
            view = show(scanned, pack, row.clue_id)
            assert (view.scores, view.rules, view.sources, view.row.details) == ((), (), (), {})
    assert not re.search(names, text)
    homes = scanned.rows("select household_no from household join clue_protected using (household_id)")
    for word in [*hidden, *(number for (number,) in homes)]:
        for rule in pack.rules:
            answer = why_not(scanned, pack, Job(pack).day(scanned), word, rule.id)
            assert answer.restricted and answer.tree == () and answer.failed == ()


def test_who_is_protected_is_found_by_number_only(out: Path, scanned: Workspace) -> None:
    """By name, identity number or case the answer is that of a name nobody has; an open co-victim is still found."""
    pack, day = pack_of(out), Job(pack_of(out)).day(scanned)

    def asked(word: str) -> str:
        try:
            told = find(scanned, pack, word, day)
        except ClueError as error:
            assert word not in str(error) or not word.isalpha()
            return f"{error.code} {error.message}"
        return repr([overview(scanned, pack, day, told, one) for one in told.ones])

    nobody = asked("甲乙丙")
    assert nobody.startswith("CE-U13") and "或者是受限的" in nobody
    for name in (*county.PROTECTED, "嫌疑某12", "嫌疑某13", "嫌疑某14", "嫌疑某15"):
        assert asked(name).replace("案号", "姓名") == nobody, name
    assert {asked(county.IDS[name]) for name in county.PROTECTED} == {nobody.replace("姓名", "证件号码")}
    assert {asked(county.case_no(n)) for n in (12, 13, 14, 17)} == {nobody.replace("姓名", "案号")}
    shared = find(scanned, pack, county.case_no(15), day)
    assert [(one.name, one.place) for one in shared.ones] == [("项*", "东河乡第七村")]
    secret = county.own_rows(out.parent / "in", county.PROTECTED)
    telling = telling_of(
        secret, county.own_rows(out.parent / "in", (*county.PROTECTED, *county.OPEN)), out.parent / "pack"
    )
    for name in county.OPEN:
        for word in (name, county.IDS[name]):
            told = asked(word)
            assert "线索" in told and not [w for w in telling if w in told], (name, word)
    homes = scanned.rows("select household_no from household join clue_protected using (household_id)")
    hidden, _ = found(out)
    for (word,) in [*homes, *((number,) for number in hidden)]:
        told = find(scanned, pack, word, day)
        assert told.restricted and not told.ones
        assert overview(scanned, pack, day, told, None) == Overview("（受限）", restricted=True)


def test_who_may_see_the_restricted_is_noted(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ws, pack = str(out.parent / "ws"), ["--rules", str(out.parent / "pack")]
    hidden, _ = found(out)
    number, trail = next(iter(hidden)), out.parent / "ws" / "audit.jsonl"
    before = trail.read_text(encoding="utf-8").count("\n") if trail.exists() else 0
    for words in (["童小荷"], [number, "J02"], [county.case_no(13)]):
        for purpose_said in ([], ["--restricted"], ["--restricted", "--reason", "司法救助审查"]):
            with pytest.raises(SystemExit) as ended:
                main(["why-not", *words, "-w", ws, *pack, *purpose_said])
            told = capsys.readouterr()
            seen = purpose_said[1:] != []
            assert ended.value.code == (0 if seen or (words[0] == number and not purpose_said) else 2), told.err
            assert ("已记入审计" in told.err) is seen and "童小荷" not in told.out + told.err
    lines_ = [json.loads(line) for line in trail.read_text(encoding="utf-8").splitlines()[before:]]
    assert [line["action"] for line in lines_] == ["why-not restricted"] * 3
    assert all(line["reason"] == "司法救助审查" and line["clues"] for line in lines_)


def telling_of(secret: Rows, everyone: Rows, pack: Path) -> set[str]:
    """What stands in rows of the protected only and is no word of the pack itself."""
    common = "\n".join(cell for place, cells in everyone.items() if place not in secret for cell in cells)
    common += "\n".join(path.read_text(encoding="utf-8") for path in pack.rglob("*.yaml"))
    words = {word for cells in secret.values() for word in cells if len(word) > 1 and word not in common}
    return {word for word in words if not word.isdigit() or len(word) > 6}  # a small number is in any list


def said_in(path: Path) -> str:
    """All that a person can read in a file: documents, hidden sheets and the bytes of a database too."""
    if path.suffix == ".docx":
        found = docx.Document(str(path))
        cells = [cell.text for table in found.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(p.text for p in found.paragraphs), *cells])
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        return "\n".join(str(x) for s in book for row in s.iter_rows(values_only=True) for x in row if x is not None)
    return path.read_bytes().decode("utf-8", "replace")


def test_nothing_that_is_made_from_the_lists_leads_to_them(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Parcels, letters, forms, the ledger and its tables, filtered lists, changes, answers, and the screen."""
    hidden, shown = found(out)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clue.toml").write_text(
        f"[paths]\nworkspace = '{out.parent / 'ws'}'\nledger = '{out.parent / '台账.sqlite'}'\n"
        f"rules = '{out.parent / 'pack'}'\nparameters = '{out.parent / '本县口径.yaml'}'\n", encoding="utf-8",
    )  # fmt: skip
    sending = "--date 2025-07-01 --due 2025-07-20"
    said = []
    for command in (
        f"refer --to 控告申诉检察 --split 乡镇 --out 移送件 {sending}",
        f"refer --to 妇联 {' '.join(hidden)} {sending}",  # by number only: noted, and in no parcel
        f"refer --to 民政 {' '.join([*hidden, *shown])} {sending} --out 移送件",
        "export --for 控告申诉检察 --split 乡镇 --out 件", "feedback import 移送件/控告申诉检察/东河乡 --json",
        "changes --json", "overdue --json", "ledger export --out 台账.csv", "ledger export --out 台账.xlsx",
        f"ledger show {next(iter(hidden))}", "clues --format csv", "clues --out 名单.jsonl", "clues --out 名单.xlsx",
        "report --out 六月.html --small-numbers 核对", "report --internal 核对 --out 明细.html", "quality --json",
        "rules stats --json", "review list --json",
    ):  # fmt: skip
        with pytest.raises(SystemExit) as ended:
            main(command.split())
        assert ended.value.code in (0, 1, 3), (command, capsys.readouterr().err)
        said.append(capsys.readouterr())
    folder = out.parent / "in"
    secret = county.own_rows(folder, county.PROTECTED)
    telling = telling_of(secret, county.own_rows(folder, (*county.PROTECTED, *county.OPEN)), out.parent / "pack")
    assert telling >= {*county.PROTECTED, "荷花镇", "样检刑诉受[2024]14号", county.PHONE}
    files = [p for p in tmp_path.rglob("*") if p.is_file()] + [*out.iterdir(), *out.parent.glob("台账.*")]
    made = {str(path): said_in(path) for path in files} | {f"screen {n}": f"{a}{b}" for n, (a, b) in enumerate(said)}
    assert {Path(name).suffix for name in made} >= {".docx", ".xlsx", ".csv", ".html", ".json", ".jsonl", ".sqlite"}
    assert [(name, w) for name, text in made.items() for w in sorted(telling) if w in text] == []
    assert [name for name, text in made.items() if file_rows(text) & secret.keys()] == []
    parcels = [name for name in made if "/移送件/" in name or "/件/" in name]
    assert len(parcels) >= 8 and not [name for name in parcels if hidden.keys() & set(_NUMBER.findall(made[name]))]


# -- careful: whoever did it lives in the house --------------------------------------------------------------------
def careful_file(scanned: Workspace, out: Path, file: Path, to: str) -> str:
    """What stands in the encrypted file for a receiver, all cells and paragraphs."""
    pack = pack_of(out)
    deliver(scanned, pack, restricted_rows(scanned, pack, (), to), file, AS_OF, purpose(to, "关护"), PASSWORD)
    plain = io.BytesIO()
    with file.open("rb") as stream:
        locked = msoffcrypto.OfficeFile(stream)
        locked.load_key(password=PASSWORD)
        locked.decrypt(plain)
    if file.suffix == ".xlsx":
        return "\n".join(
            "\t".join(str(cell).replace("\n", " ") for cell in row if cell)
            for sheet in openpyxl.load_workbook(plain) for row in sheet.iter_rows(values_only=True)
        )  # fmt: skip
    found = docx.Document(plain)
    cells = [cell.text for table in found.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in found.paragraphs), *cells])


def test_a_careful_line_does_not_name_whoever_did_it(scanned: Workspace, out: Path, tmp_path: Path) -> None:
    text = careful_file(scanned, out, tmp_path / "受限.xlsx", "妇联")
    line = next(line for line in text.splitlines() if "潘岭" in line)
    assert "石虎" not in text and "由专人单独约见被害人" in line and county.PHONE not in text
    assert "故意伤害" not in text and county.case_no(17) not in text and "重伤二级" in line
    of_justice = careful_file(scanned, out, tmp_path / "检.xlsx", "控告申诉检察部门")
    line = next(line for line in of_justice.splitlines() if "潘岭" in line)
    assert "故意伤害罪" in line and county.case_no(17) in line and "石虎" not in of_justice


def test_a_careful_visit_form_warns_and_tells_nothing(scanned: Workspace, out: Path, tmp_path: Path) -> None:
    text = careful_file(scanned, out, tmp_path / "受限核查表.docx", "妇联")
    assert "谨慎：由专人单独约见被害人" in text and "潘岭" in text and SHARED in text
    assert not any(word in text for word in ("石虎", county.PHONE, "故意伤害", "重伤", "强奸"))


# -- the sample county, all rules ----------------------------------------------------------------------------------
def raw_rows(ws: Workspace) -> dict[tuple[str, int], list[str]]:
    found = {}
    for file_id, name in ws.rows("select file_id, name from input_file where status = 'loaded'"):
        for row in ws.rows(f"select * from raw_{file_id}"):
            found[name, int(row[0])] = [str(cell).strip() for cell in row[1:] if cell not in (None, "")]
    return found


def protected_keys(ws: Workspace) -> set[str]:
    """Numbers of the members, parties, households and cases of whoever is protected in the sample county."""
    return {str(key) for row in ws.rows(
        "with home as (select household_id from clue_protected union"
        "  select household_id from hold_row where hold_id = 'X14' and outcome = 1),"
        " who as (select person_id from fact_involvement semi join home using (household_id)"
        "  union select person_id from fact_member semi join home using (household_id))"
        " select id from person semi join who using (person_id) where id is not null"
        " union select household_no from household semi join home using (household_id)"
        " union select k.case_no from event_case as k semi join (select event_id from fact_involvement as f"
        "  semi join hold_row as h on h.row_id = f.row_id and h.hold_id = 'X14' and h.outcome = 1) using (event_id)"
    ) for key in row if key}  # fmt: skip


def test_the_sample_county_leads_to_nobody(tmp_path: Path, sample_copy: Callable[[Path], Path]) -> None:
    """Protected: whoever X14 holds, and all members and parties of the protected households.

    That a child might be without parents (T01, open) is asked in a line by number; it makes no secret of the other
    lines of the household, which do not say so: they name an adult, and his case as the files do.
    """
    (sample_copy(tmp_path / "out") / "workspace").rename(tmp_path / "ws")
    with Workspace.open(tmp_path / "ws", create=False) as ws:
        everyone = raw_rows(ws)
        keys = protected_keys(ws)
        asked = ws.rows(
            "select c.direction, list_distinct(list(r.rule_id)) from clue as c join clue_rule as r using (clue_id)"
            " anti join clue_protected as p on p.household_id = c.household_id"
            " where c.restricted and r.rule_id in ('J10', 'T01', 'T07') and r.kind = 'unknown' group by all"
        )
        ((n_alone,),) = ws.rows(
            "select count(*) from clue anti join clue_protected using (household_id) where restricted"
        )
        ((n_child,),) = ws.rows(
            "select count(*) from clue as c join clue_person as p using (clue_id) where not c.restricted and p.seq = 1"
            " and p.minor and not exists (select 1 from household as h where h.head_person_id = p.person_id)"
        )
    assert n_child == 0
    assert asked == [("社会救助帮扶线索", ["T01"])] if n_alone else asked == []
    assert len(keys) > 10
    check(tmp_path / "out", {place: cells for place, cells in everyone.items() if keys.intersection(cells)}, everyone)
