"""The holidays of the years that somebody wrote down: rules/calendar/holidays.yaml, and a file of the office's own.

Comes in: a pack, the office's file. Goes out: ``Year`` by number. Raises CE-U41 with everything that is wrong at once.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from clue_engine.errors import ClueError
from clue_engine.pack.load import default_root
from clue_engine.pack.model import Pack
from clue_engine.pack.text import only_comments, read_yaml
from clue_engine.values.working_days import UnknownYear, Year, after_working_days

FILE = Path("calendar") / "holidays.yaml"


class _Holiday(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    first: dt.date = Field(alias="from")
    last: dt.date = Field(alias="to")

    def days(self) -> list[dt.date]:
        return [self.first + dt.timedelta(days=n) for n in range((self.last - self.first).days + 1)]


class _Year(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: str
    holidays: list[_Holiday]
    workdays: list[dt.date] = []

    @model_validator(mode="after")
    def _makes_sense(self) -> _Year:
        off = [day for h in self.holidays for day in h.days()]
        if any(h.last < h.first for h in self.holidays) or set(off) & set(self.workdays):
            raise ValueError("放假的起止倒了，或同一天既放假又上班")
        if any(day.weekday() < 5 for day in self.workdays):
            raise ValueError("调休上班日不是周末")
        return self


_FILE: TypeAdapter[dict[int, _Year]] = TypeAdapter(dict[int, _Year])


def known_years(pack: Pack, own: Path | None = None) -> dict[int, Year]:
    """By year; what the office wrote itself comes before the pack's, the pack's before the program's."""
    found: dict[int, Year] = {}
    for path in (default_root() / FILE, Path(pack.root) / FILE):
        if path.is_file():
            found |= _read(path)
    return found | (_read(own) if own else {})


def _read(path: Path) -> dict[int, Year]:
    if not path.is_file():
        raise ClueError("CE-U41", "找不到节假日文件", place=str(path), hint="检查 clue.toml 里 holidays 的路径")
    if only_comments(path):
        return {}
    value, problems = read_yaml(path)
    if problems:
        raise _wrong(path, [str(problem.message) for problem in problems])
    try:
        years = _FILE.validate_python(value or {})
    except ValidationError as error:
        raise _wrong(path, [_said(e["loc"], e["type"], e["msg"]) for e in error.errors()]) from None
    return {
        number: Year(y.source, frozenset(d for h in y.holidays for d in h.days()), frozenset(y.workdays))
        for number, y in years.items()
    }


def _said(where: tuple[int | str, ...], kind: str, message: str) -> str:
    known = {"missing": "没有写", "extra_forbidden": "不认识这一项"}
    said = known.get(kind) or (message.removeprefix("Value error, ") if kind == "value_error" else "不是要写的样子")
    return f"{' '.join(str(part) for part in where if part not in ('holidays',))}：{said}"


def _wrong(path: Path, messages: list[str]) -> ClueError:
    hint = "照规则包里 calendar/holidays.yaml 的样子改"
    return ClueError("CE-U41", "节假日文件有错：" + "；".join(messages[:8]), place=str(path), hint=hint)


def deadline(start: dt.date, n: int, years: dict[int, Year]) -> dt.date:
    """The ``n``-th working day after ``start``. Raises CE-U42 for a year without a table."""
    try:
        return after_working_days(start, n, years)
    except UnknownYear as error:
        raise ClueError(
            "CE-U42",
            f"没有 {error.year} 年的节假日安排，算不出第 {n} 个工作日",
            place="calendar/holidays.yaml",
            hint="照当年国务院办公厅的通知补写这一年（规则包里的，或 clue.toml 的 holidays），或用 --due 写明期限",
        ) from None
