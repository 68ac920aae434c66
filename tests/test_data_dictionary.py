"""docs/数据字典.md names every table of a workspace and is what the tables are."""

from __future__ import annotations

from tests.data_dictionary import PAGE, WRITTEN, heads, page, tables, without_meaning


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.data_dictionary"


def test_every_table_has_a_meaning_and_no_meaning_is_left_over() -> None:
    assert without_meaning() == []
    assert set(WRITTEN) <= set(tables())
    assert not set(WRITTEN) & set(heads()) - {"issue"}


def test_what_the_pack_says_of_a_column_stands_there() -> None:
    text = page()
    assert "| harm | varchar | 伤情 |" in text.partition("### fact_involvement")[2]
    assert "| marginal | integer | what the score loses without the rule, under the caps |" in text
