"""The catalogue of faults fits the program: each can be put in. Whether it is noticed tells python -m tests.faults."""

from __future__ import annotations

import pytest

from tests.faults.catalogue import Fault, complaint, faults, tenth

FAULTS = faults()


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.id for fault in FAULTS])
def test_fault_can_be_put_in(fault: Fault) -> None:
    assert complaint(fault) == ""
    assert len(fault.breaks) > 5


def test_no_fault_stands_twice() -> None:
    assert len({fault.id for fault in FAULTS}) == len(FAULTS) >= 100
    changes = {(fault.file, fault.text, fault.replacement) for fault in FAULTS}
    assert len(changes) == len(FAULTS)


def test_ten_tenths_are_the_whole() -> None:
    parts = [tenth(FAULTS, number) for number in range(10)]
    assert sorted(f.id for part in parts for f in part) == sorted(f.id for f in FAULTS)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize("wrong", [{"text": "这里没有这句"}, {"text": "select"}, {"tests": ("tests/没有.py",)}])
def test_a_fault_that_does_not_fit_is_told(wrong: dict[str, object]) -> None:
    fault = next(f for f in FAULTS if f.file.endswith("pair.sql"))
    assert complaint(Fault(**{**fault.__dict__, **wrong}))  # type: ignore[arg-type]
