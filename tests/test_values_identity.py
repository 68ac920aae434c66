"""Identity numbers: what each spelling becomes. All numbers are invented (region 529921 does not exist)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clue_engine.values.identity import check_digit, identity, is_valid

ID = "529921199003070017"
ID = ID[:17] + check_digit(ID[:17])
WITH_X = next(n + "X" for n in (f"52992119900101{i:03}" for i in range(1000)) if check_digit(n) == "X")


@pytest.mark.parametrize(
    ("cell", "kind", "number", "partial"),
    [
        (ID, "ok", ID, None),
        (ID + "\t", "ok", ID, None),
        ("'" + ID, "ok", ID, None),
        (" " + ID + "\n", "ok", ID, None),
        ("".join(chr(ord(c) + 0xFEE0) for c in ID), "ok", ID, None),
        (WITH_X.lower(), "ok", WITH_X, None),
        (WITH_X[:17] + "Ｘ ", "ok", WITH_X, None),
        ("G" + ID, "ok", ID, None),
        (ID[:6] + ID[8:17], "old15", ID, None),
        (ID[:17] + ("0" if ID[17] != "0" else "1"), "bad_checksum", None, None),
        ("529921199013070010", "bad_checksum", None, None),
        ("529921199003070000", "tail000", None, "529921199003070*"),
        ("5.29921E+17", "sci", None, "529921*"),
        ("5.2992119900307e+17", "sci", None, "529921199003070*"),
        ("5.29921199511059e+17", "sci", None, "529921199511059*"),
        (ID + ".0", "sci", None, ID[:15] + "*"),
        ("5299**********1234", "masked", None, "5299**********1234"),
        ("529921********123X", "masked", None, "529921********123X"),
        ("529921XXXXXXXX1234", "masked", None, "529921********1234"),
        (ID[:17] + "?", "masked", None, ID[:17] + "*"),
        ("999999199003070011", "virtual", None, None),
        ("91529921MA6IIIII1T", "other", None, None),
        ("91529921MA6AB12C1T", "org", None, None),
        ("E12345678", "other", None, None),
        ("", "none", None, None),
        ("/", "none", None, None),
        ("无", "none", None, None),
        ("不详", "none", None, None),
    ],
)
def test_identity(cell: str, kind: str, number: str | None, partial: str | None) -> None:
    found = identity(cell)
    assert (found.kind, found.id, found.partial) == (kind, number, partial)


@pytest.mark.parametrize("birth", ["19900230", "19901301", "18790101"])
def test_a_number_of_no_possible_day_is_no_number(birth: str) -> None:
    first = f"529921{birth}001"
    assert identity(first + check_digit(first)).kind == "bad_checksum"


def test_disability_card_gives_id_kind_and_level() -> None:
    found = identity(ID + "42")
    assert (found.kind, found.id, found.cert_kind, found.cert_level) == ("ok", ID, "肢体", "二级")
    assert identity(ID + "14B1").cert_level == "四级"
    assert identity("9" * 6 + ID[6:] + "42").kind == "virtual"


@pytest.mark.parametrize("zero", ["\u0660", "\u06f0", "\u0966", "\u0e50"])
def test_digits_of_other_scripts_are_no_number(zero: str) -> None:
    other = "".join(chr(ord(zero) + int(c)) if c.isdigit() else c for c in ID)
    assert not is_valid(other)
    assert identity(other).kind == "other"
    assert identity(other[:15]).kind == "other"


@given(st.from_regex("[1-9][0-9]{5}19[5-9][0-9](0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[0-9]{3}", fullmatch=True))
def test_only_one_check_digit_is_right(first17: str) -> None:
    assert sum(is_valid(first17 + c) for c in "0123456789X") == 1


@given(st.text())
def test_no_text_breaks_it_and_an_id_is_always_valid(text: str) -> None:
    found = identity(text)
    assert found.id is None or is_valid(found.id)
