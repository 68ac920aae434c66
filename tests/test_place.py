"""Places of one cell become town, village and hamlet; what is no such place stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from clue_engine.workspace import Workspace
from tests.record_world import record_world

PLACES = {  # the cell of the village → town, village, hamlet
    "红石乡岭背村3组": ("红石乡", "岭背村", "3组"),
    "桐木村3组": (None, "桐木村", "3组"),
    "青峪县柳林镇后岗村": ("柳林镇", "后岗村", None),
    "河口镇上渡村民委员会五组": ("河口镇", "上渡村", "五组"),
    "白沙街道办事处新民社区2号": ("白沙街道", "新民社区", "2号"),
    "上渡村委会": (None, "上渡村", None),
    "东村镇西村": ("东村镇", "西村", None),
    "大坝村": (None, "大坝村", None),
    "新村村": (None, "新村村", None),
    "城关镇金水湾小区": (None, "城关镇金水湾小区", None),
}


@pytest.mark.parametrize("own_town", [None, "茶亭乡"])
def test_a_place_in_one_cell(own_town: str | None, tmp_path: Path) -> None:
    rows = [{"household_no": f"H{n}", "name": f"农{n}", "town": own_town, "village": v} for n, v in enumerate(PLACES)]
    with record_world(tmp_path, {"registry": rows}) as ws:
        found = places(ws)
    assert found == [(own_town or town, village, hamlet) for town, village, hamlet in PLACES.values()]


def test_a_town_that_holds_the_village(tmp_path: Path) -> None:
    rows = [{"household_no": "H1", "name": "农一", "town": "红石乡岭背村", "village": None}]
    with record_world(tmp_path, {"registry": rows}) as ws:
        assert places(ws) == [("红石乡", "岭背村", None)]


def places(ws: Workspace) -> list[tuple[str | None, ...]]:
    ws.run_sql_file("clue_engine.canonical", "place_read.sql")
    return ws.rows("select town, village, hamlet from rec_registry order by household_no")
