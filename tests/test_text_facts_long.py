"""Long cells: what sentences say is the same as by the letter, and twice the text costs twice the work."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_text_facts import read_plainly

from clue_engine.involvement.text_fact import _patterns, _Sentence, read_text
from clue_engine.pack.load import load_pack

RULES = load_pack(Path(__file__).parent.parent / "rules").text_facts
VICTIMS, SUSPECTS = ("某甲", "某丙"), ("某乙",)
NO_SUBJECT = tuple(fact for fact in RULES.facts if not fact.subject)
SAYINGS = [text.rstrip("。") for fact in RULES.facts for text in (*fact.yes, *fact.no, *fact.not_before)]
WORDS = [*RULES.denied, *RULES.between, *RULES.doubtful, *RULES.refuted, *RULES.kin_words, *RULES.victim_words]
WORDS += [*RULES.suspect_words, *(word for fact in RULES.facts for word in (*fact.not_after, *fact.says))]
PIECES = st.one_of(
    st.sampled_from(SAYINGS),
    st.sampled_from(WORDS),
    st.sampled_from(
        [*VICTIMS, *SUSPECTS, "被", "由", "、", "和", "以及", "分别", "致", "将", "，", "：", ",", "。", "\n", " "]
    ),
    st.sampled_from(
        ["重伤二级", "轻伤一级", "死亡", "未赔偿", "已赔偿", "取得谅解", "在逃", "未投保", "案发后", "3万元"]
    ),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_the_same_as_by_the_letter(text: str) -> None:
    said = read_text(text, replace(RULES, facts=NO_SUBJECT), VICTIMS, SUSPECTS)
    found = [(s.fact, s.value, s.sentence, s.names) for s in said]
    assert found == read_plainly(text, replace(RULES, facts=NO_SUBJECT), VICTIMS, SUSPECTS)


class Counted(str):
    """A text that counts how many of its characters are copied or looked through."""

    looked = 0

    def __getitem__(self, place: Any) -> str:
        part = super().__getitem__(place)
        Counted.looked += len(part)
        return part

    def find(self, *words: Any) -> int:
        at = super().find(*words)
        Counted.looked += (len(self) if at < 0 else at + 1) - (words[1] if len(words) > 1 else 0)
        return at

    def rfind(self, *words: Any) -> int:
        at = super().rfind(*words)
        Counted.looked += (words[2] if len(words) > 2 else len(self)) - max(at, 0)
        return at


def looked(text: str) -> int:
    """Characters looked at for all that the sayings of one sentence are asked."""
    Counted.looked = 0
    sentence = _Sentence(Counted(text), RULES, ("某丁",), SUSPECTS, n_victims=1)
    n_asked = 0
    for fact, pattern in _patterns(RULES).facts:
        for match in pattern.finditer(text):
            n_asked += sentence.holds(match, fact)
            sentence.of_whom(match.start())
            sentence.beside(match.start())
            sentence.whose(match, fact, None)
    assert n_asked >= len(text) // 50
    return Counted.looked


@pytest.mark.parametrize(
    "unit",
    [
        "某乙致其重伤二级",
        "某丙轻伤一级，",
        "被害人死亡、",
        "父亲某乙将其打成重伤",
        "分别已赔偿",
        "某乙负全部责任",
        "双方互殴，",
    ],
)
def test_twice_the_text_is_twice_the_work(unit: str) -> None:
    once, twice = looked(unit * 400), looked(unit * 800)
    assert twice <= 2.1 * once
