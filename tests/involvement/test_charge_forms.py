"""Choices from selective charges."""

from __future__ import annotations

from pathlib import Path

import pytest

from clue_engine.involvement import chosen_from
from clue_engine.pack.load import load_pack

PACK = load_pack(Path(__file__).parents[2] / "rules")
LISTED = [charge for name in PACK.options["charge_kinds"].values() for charge in PACK.lists[str(name)].values]

CHOICES = [
    ("销售伪劣种子罪", "生产、销售伪劣农药、兽药、化肥、种子罪"),
    ("生产伪劣农药罪", "生产、销售伪劣农药、兽药、化肥、种子罪"),
    ("生产、销售伪劣化肥罪", "生产、销售伪劣农药、兽药、化肥、种子罪"),
    ("销售伪劣农药、兽药罪", "生产、销售伪劣农药、兽药、化肥、种子罪"),
    ("销售伪劣产品罪", "生产、销售伪劣产品罪"),
    ("销售有毒、有害食品罪", "生产、销售有毒、有害食品罪"),
    ("掩饰、隐瞒犯罪所得罪", "掩饰、隐瞒犯罪所得、犯罪所得收益罪"),
    ("隐瞒犯罪所得收益罪", "掩饰、隐瞒犯罪所得、犯罪所得收益罪"),
    ("贩卖、运输毒品罪", "走私、贩卖、运输、制造毒品罪"),
    ("运输毒品罪", "走私、贩卖、运输、制造毒品罪"),
    ("拐卖儿童罪", "拐卖妇女、儿童罪"),
    ("收买被拐卖的妇女罪", "收买被拐卖的妇女、儿童罪"),
    ("强制侮辱罪", "强制猥亵、侮辱罪"),
    ("虐待被看护人罪", "虐待被监护、看护人罪"),
    ("买卖国家机关证件罪", "伪造、变造、买卖国家机关公文、证件、印章罪"),
    ("虚开增值税专用发票罪", "虚开增值税专用发票、用于骗取出口退税、抵扣税款发票罪"),
    ("介绍卖淫罪", "引诱、容留、介绍卖淫罪"),
    ("非法持有弹药罪", "非法持有枪支、弹药罪"),
]


@pytest.mark.parametrize(("charge", "full"), CHOICES, ids=[c for c, _ in CHOICES])
def test_a_choice_is_known_by_its_charge(charge: str, full: str) -> None:
    assert full in chosen_from(charge, LISTED)


@pytest.mark.parametrize(
    "charge", ["销售假药罪", "种子罪", "伪造货币罪", "非法持有毒品罪", "侮辱罪", "妇女罪", "罪", ""]
)
def test_another_charge_is_no_choice(charge: str) -> None:
    assert chosen_from(charge, LISTED) == []


def test_no_listed_charge_is_taken_for_a_choice_of_another_kind() -> None:
    kinds = {
        charge: kind for kind, name in PACK.options["charge_kinds"].items() for charge in PACK.lists[str(name)].values
    }
    wrong = [(c, f) for c in LISTED for f in chosen_from(c, LISTED) if kinds[c] != kinds[f]]
    assert wrong == []
