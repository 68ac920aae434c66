"""Condition trees as lines: what decides is shown, what does not is left out unless asked for."""

from __future__ import annotations

from clue_engine.decide.seen import Seen, SeenRow, SeenValue
from clue_engine.enquiry.tree import lines


def leaf(text: str, verdict: bool | None, *values: SeenValue) -> Seen:
    return Seen("test", text, verdict, values)


HARM = SeenValue("involvement", "harm", "伤情", "重伤二级")
STORY = SeenValue("involvement", "summary", "案情摘要", "某某的经过", "secret")
ROW = Seen("and", "", True, parts=(
    leaf("伤情 in @重伤", True, HARM),
    Seen("or", "", True, parts=(leaf("户.困难", False), leaf("案情摘要 contains any @急救词", True, STORY))),
))  # fmt: skip
TREE = Seen("quantifier", "any 涉案 (…)", True, rows=(
    SeenRow("involvement", 1, True, False, (), leaf("伤情 in @重伤", False)),
    SeenRow("involvement", 2, True, True, (), ROW),
    SeenRow("involvement", 3, True, False, ("X01",), ROW),
))  # fmt: skip


def drawn(seen: Seen, *, full: bool = False) -> list[str]:
    marks = {True: "+", False: "-", None: "?"}
    return [f"{'  ' * x.depth}{marks[x.outcome]} {x.text} {x.value}".rstrip() for x in lines(seen, full=full)]


def test_only_what_decides() -> None:
    assert drawn(TREE) == [
        "+ any 涉案 (…)",
        "  + 第1行",
        "    + 伤情 in @重伤 伤情=重伤二级",
        "    + 案情摘要 contains any @急救词 案情摘要=（不显示）",
        "  - 第2行，因 X01 不计或待核",
    ]


def test_all_of_it() -> None:
    text = "\n".join(drawn(TREE, full=True))
    assert text.count("户.困难") == 2 and "第3行，因 X01" in text and "某某的经过" not in text


def test_a_failed_or_an_open_condition_shows_its_cause() -> None:
    parts = (leaf("a", True), leaf("b", False), leaf("c", None))
    assert drawn(Seen("and", "", False, parts=parts)) == ["- 全部满足", "  - b"]
    assert drawn(Seen("and", "", None, parts=(leaf("a", True), leaf("c", None)))) == ["? 全部满足", "  ? c"]
    assert drawn(Seen("or", "", None, parts=parts[1:])) == ["? 满足其一", "  ? c"]


def test_all_of_these_stays_visible_under_one_of_these() -> None:
    both = Seen("and", "", True, parts=(leaf("a", True), leaf("b", True)))
    assert drawn(Seen("or", "", True, parts=(both, leaf("c", True)))) == [
        "+ 满足其一", "  + 全部满足", "    + a", "    + b", "  + c",
    ]  # fmt: skip
