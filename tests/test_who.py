"""Whom a word means, and how he stands: on a list or not, in a register, a case, a file only, or nowhere."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_county
from test_cli_rules import columns, run

from clue_engine.clue.number import number_now
from clue_engine.enquiry.overview import NOT_LISTED, Near, Overview, overview
from clue_engine.enquiry.who import Found, Several, find, one_of
from clue_engine.errors import ClueError
from clue_engine.pack.load import load_pack
from clue_engine.pack.model import Pack
from clue_engine.pipeline import Job
from clue_engine.pipeline import run as run_all
from clue_engine.workspace import Workspace

number = tiny_county.number
IDS = {
    **tiny_county.IDS,
    "另一江平": number("19720101", 56), "陆明": number("19900101", 71), "丙某": number("19910101", 73),
    "方士": number("19650101", 75), "于成": number("19880101", 91),
}  # fmt: skip
_REGISTRY = """江平,{另一江平},5299211012010005,东河乡,第五村,户主,男,1972-01-01,突发严重困难户,否,6000,
于成,{于成},5299211012010006,东河乡,第六村,户主,男,1988-01-01,突发严重困难户,否,6000,
"""
# 文朗: hurt too lightly, and not poor; 陆明: in no register; 于成: by the other two numbers of his case, harm not said
_VICTIMS = """样检刑诉受[2024]13号,T529921202400013,文朗,{文朗},轻微伤,0.1,未赔偿,故意伤害罪
样检刑诉受[2024]13号,T529921202400013,陆明,{陆明},轻微伤,0.1,未赔偿,故意伤害罪
样检刑诉受[2024]14号,T529921202400014,于成,{于成},,1,未赔偿,故意伤害罪
样检刑诉受[2024]14号,T529921202400014,某某有限公司,,,1,未赔偿,故意伤害罪
"""
_CASES = """样检刑诉受[2024]13号,T529921202400013,某某故意伤害案,丙某,2024-03-06,故意伤害罪,略
样检刑捕受[2024]130号,T529921202400013,某某故意伤害案,丙某,2024-02-06,故意伤害罪,略
样检刑诉受[2024]14号,T529921202400014,某某故意伤害案,丁某,2024-03-07,故意伤害罪,略
"""
_DISABLED = "姓名,残疾人证号,残疾类别,残疾等级,乡镇,村\n方士,{方士}43,肢体,三级,东河乡,第一村\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("who")
    tiny_county.write(folder / "in")
    more = {"监测对象信息_20250630.csv": _REGISTRY, "刑事案件被害人信息.csv": _VICTIMS, "案件查询列表.csv": _CASES}
    for name, text in more.items():
        with (folder / "in" / name).open("a", encoding="utf-8") as stream:
            stream.write(text.format(**IDS))
    (folder / "in" / "持证残疾人名单.csv").write_text(_DISABLED.format(**IDS), encoding="utf-8")
    tiny_county.write_pack(folder / "pack")
    source = Path(tiny_county.__file__).parent.parent / "rules" / "sources" / "disability_list.yaml"
    shutil.copy(source, folder / "pack" / "sources")
    with Workspace.open(folder / "ws") as ws:
        run_all(ws, Job(pack_of(folder), [folder / "in"]), last="clue")
    return folder


def pack_of(folder: Path) -> Pack:
    return load_pack(folder / "pack", folder / "本县口径.yaml")


@pytest.fixture(scope="module")
def ws(place: Path) -> Iterator[Workspace]:
    with Workspace.open(place / "ws", create=False) as opened:
        yield opened


def asked(ws: Workspace, place: Path, word: str, pick: int | None = None) -> tuple[Found, Overview]:
    pack = pack_of(place)
    day = Job(pack).day(ws)
    found = find(ws, pack, word, day)
    return found, overview(ws, pack, day, found, None if found.restricted else one_of(found, pick))


WORDS = [  # word, what it is, who is found
    ("白石𠮷", "姓名", ["白**"] if len("白石𠮷") == 4 else ["白*𠮷"]), ("文 朗", "姓名", ["文*"]),
    ("江平", "姓名", ["江*", "江*"]), ("朗", "姓名", ["文*"]),
    (IDS["文朗"], "证件号码", ["文*"]), (f" {IDS['文朗'].lower()} ", "证件号码", ["文*"]),
    (IDS["文朗"] + "43", "证件号码", ["文*"]),  # a disability card
    ("5299211012010004", "户编号", ["文*"]),
    ("样检刑诉受[2024]13号", "案号", ["文*", "陆*", "丙*"]), ("样检刑诉受（2024）13号", "案号", ["文*", "陆*", "丙*"]),
    ("样检刑捕受〔2024〕130号", "案号", ["文*", "陆*", "丙*"]), ("T529921202400013", "案号", ["文*", "陆*", "丙*"]),
    ("丙某", "姓名", ["丙*"]), ("方士", "姓名", []),
]  # fmt: skip


@pytest.mark.parametrize(("word", "by", "names"), WORDS)
def test_whom_a_word_means(ws: Workspace, place: Path, word: str, by: str, names: list[str]) -> None:
    pack = pack_of(place)
    found = find(ws, pack, word, Job(pack).day(ws))
    assert (found.by, sorted(one.name for one in found.ones)) == (by, sorted(names))


NOBODY = [  # word, code, what the message repeats
    ("甲乙丙", "CE-U13", ""), ("童小荷", "CE-U13", ""), ("乙某", "CE-U13", ""),
    ("样检刑诉受[2024]12号", "CE-U13", "12号"),
    ("样检刑诉受[2024]99号", "CE-U13", "99号"), (IDS["童小荷"], "CE-U13", "529921********"),
    (IDS["文朗"][:-1] + ("1" if IDS["文朗"][-1] != "1" else "2"), "CE-U13", "校验位不对"),
    ("JU-00000000", "CE-U30", "JU-"),
    ("12345", "CE-U13", "12345"), ("  ", "CE-U01", ""),
]  # fmt: skip


@pytest.mark.parametrize(("word", "code", "repeated"), NOBODY)
def test_nobody(ws: Workspace, place: Path, word: str, code: str, repeated: str) -> None:
    with pytest.raises(ClueError) as raised:
        asked(ws, place, word)
    assert raised.value.code == code and repeated in str(raised.value)
    assert word.strip() == "" or word not in str(raised.value) or not (word.isalpha() or word in IDS.values())


def test_several_are_told_masked_and_chosen_by_place(ws: Workspace, place: Path) -> None:
    with pytest.raises(Several) as raised:
        asked(ws, place, "江平")
    told = [(one.name, one.place, one.kept, one.number) for one in raised.value.ones]
    assert told == [
        ("江*", "西山镇第三村", "名册", "5299211012010003"), ("江*", "东河乡第五村", "名册", "5299211012010005"),
    ]  # fmt: skip
    assert raised.value.code == "CE-U14" and raised.value.exit_code == 2 and "--pick" in raised.value.hint
    assert asked(ws, place, "江平", 2)[1].number == "5299211012010005"
    with pytest.raises(ClueError, match="只有 2 处"):
        asked(ws, place, "江平", 3)


def near(seen: Overview, rule_id: str) -> Near:
    return next(n for s in seen.standings for n in s.near if rule_id in n.rules)


def test_listed_with_number_and_band(ws: Workspace, place: Path) -> None:
    _, seen = asked(ws, place, "白石𠮷")
    own = seen.standings[0]
    assert (
        own.status == "线索" and own.clue_id.startswith("JU-") and own.band and own.rules == ("J02",) and not own.near
    )
    assert asked(ws, place, own.clue_id.lower())[1].standings == seen.standings
    assert number_now(ws, own.clue_id) == own.clue_id


def test_not_listed_and_what_is_lacking(ws: Workspace, place: Path) -> None:
    _, seen = asked(ws, place, "文朗")
    assert [s.status for s in seen.standings] == [NOT_LISTED] * 3
    assert [c.roles for c in seen.cases] == [("被害人",)] and seen.cases[0].day == "2024-02-06"
    assert [(f.condition, f.value) for f in near(seen, "J02").failed] == [("伤情 in @重伤", "伤情=轻微伤")]


def test_a_fact_that_decides_and_who_holds_it(ws: Workspace, place: Path) -> None:
    _, seen = asked(ws, place, "于成")
    own = seen.standings[0]
    if own.status == "待核":  # the list asks it
        assert next((f.label, f.holder) for f in own.asks) == ("伤情", "承办检察官")
    else:
        assert [f.label for f in near(seen, "J02").missing if f.decides]


def test_in_a_case_and_in_no_register(ws: Workspace, place: Path) -> None:
    _, seen = asked(ws, place, "陆明")
    assert any("名册中没有此人" in note for note in seen.notes) and seen.number == ""
    assert "户主 陆*" in seen.who


@pytest.mark.parametrize(
    ("word", "said"),
    [("丙某", "没有与任何一户对上"), ("某某有限公司", "是单位"), ("方士", "不在名册的任何一户里")],
)
def test_who_is_no_victim_or_in_a_file_only(ws: Workspace, place: Path, word: str, said: str) -> None:
    _, seen = asked(ws, place, word)
    assert said in "".join(seen.notes) and seen.standings == ()
    if word == "方士":
        assert [(m.file, m.heading, m.row_no) for m in seen.also] == [("持证残疾人名单.csv", "姓名", 0)]


def test_in_no_case(ws: Workspace, place: Path) -> None:
    _, seen = asked(ws, place, "江平", 1)
    assert "没有一件案件" in "".join(seen.notes) and not any(s.near for s in seen.standings)


@pytest.mark.parametrize("word", ["5299211012010002", "童大"])
def test_the_restricted_by_number_only(ws: Workspace, place: Path, word: str) -> None:
    if word == "童大":
        with pytest.raises(ClueError, match="或者是受限的"):
            asked(ws, place, word)
    else:
        assert asked(ws, place, word)[1] == Overview("（受限）", restricted=True)


# -- as typed ---------------------------------------------------------------------------------------------------------
def test_as_typed(place: Path, ws: Workspace) -> None:
    ws.con.execute("checkpoint")
    ws.close()
    common = ("-w", str(place / "ws"), "--rules", str(place / "pack"))
    shown = run("why-not", "文朗", *common)
    assert shown.returncode == 0 and "文朗" not in shown.stdout + shown.stderr
    assert max(map(columns, shown.stdout.splitlines())) <= 80 and len(shown.stdout.splitlines()) <= 24
    told = json.loads(run("why-not", "文朗", *common, "--json").stdout)
    assert [s["status"] for s in told["standings"]] == [NOT_LISTED] * 3
    assert run("why-not", "文朗", "j02", *common).stdout.startswith("J02 ")
    several = run("why-not", "江平", *common, "--json")
    assert several.returncode == 2 and [c["pick"] for c in json.loads(several.stdout)["choices"]] == [1, 2]
    assert run("why-not", "江平", "J02", *common).returncode == 2
    assert run("why-not", "江平", "J02", *common, "--pick", "2").returncode == 0
    case = run("why-not", "样检刑诉受[2024]13号", *common)
    assert case.returncode == 0 and case.stdout.count("\n") == 5 and "被害人" in case.stdout
    assert run("why-not", "样检刑诉受[2024]13号", "J02", *common).returncode == 2
    assert "CE-U37" in run("why-not", "丙某", "J02", *common).stderr
    shown = run("show", "白石𠮷", *common)
    assert shown.returncode == 0 and shown.stdout == run("show", "5299211012010001", *common).stdout
    assert shown.stdout == run("show", IDS["白石𠮷"], *common).stdout
    unlisted = run("show", "文朗", *common)
    assert unlisted.returncode == 2 and "CE-U30" in unlisted.stderr and "why-not" in unlisted.stderr


def test_an_identity_number_is_never_repeated(place: Path) -> None:
    common = ("-w", str(place / "ws"), "--rules", str(place / "pack"))
    for name in ("文朗", "童小荷", "丙某", "陆明"):
        own = IDS[name]
        for words in (("why-not", own), ("why-not", own, "J02"), ("show", own), ("why-not", name, "J02", own)):
            said = run(*words, *common)
            assert own not in said.stdout + said.stderr and "Traceback" not in said.stderr
    assert not [p for p in (place / "ws").glob("*.log") if IDS["文朗"] in p.read_text(encoding="utf-8")]
