"""The invented county: names and codes of places. Nothing comes in; constants and two helpers go out."""

from random import Random

PROVINCE = "南屏省"
CITY = "桐江市"
COUNTY = "澜水县"
CODE = "538821"  # does not exist in GB/T 2260
NEIGHBOUR = ("邻市汀阳县", "538841")
OUTSIDE = ("外省沙洲县", "548861")
DATA_DATE = "2026-06-30"

TOWNS = ("芦溪镇", "云台乡", "双桂镇", "石臼乡", "梅坪镇", "官渡乡", "铜鼓镇", "鹿鸣乡", "茶亭乡")
STREET = "云汀街道"
COMMUNITIES = ("水门社区", "文昌社区", "码头社区", "南园社区")
VILLAGE_HEADS = ("枫香", "白鹤", "马蹄", "三棵树", "油榨", "磨刀", "老鹰", "桂花", "七星")
VILLAGE_TAILS = ("岭", "冲", "垭", "塘")


def villages(town_index: int) -> list[str]:
    """The nine villages of one township; the names differ from township to township."""
    tail = VILLAGE_TAILS[town_index % len(VILLAGE_TAILS)]
    extra = VILLAGE_TAILS[(town_index + 1) % len(VILLAGE_TAILS)] if town_index >= len(VILLAGE_TAILS) else ""
    return [f"{head}{tail}{extra}村" for head in VILLAGE_HEADS]


def village_code(town_index: int, village_index: int) -> str:
    """12 digits: county 6 + township 3 + village 3 (statistical division code)."""
    return f"{CODE}{101 + town_index:03d}{201 + village_index:03d}"


def rural_place(rng: Random) -> tuple[int, int, str, str]:
    """A random township and village: both indexes and both names."""
    town_index = rng.randrange(len(TOWNS))
    names = villages(town_index)
    village_index = rng.randrange(len(names))
    return town_index, village_index, TOWNS[town_index], names[village_index]
