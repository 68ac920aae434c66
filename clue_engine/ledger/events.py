"""What can happen to a clue, and what is kept of it: no name, no number of a person.

An event belongs to one *part* of a clue: one applicant in one case (a household may have several). The number of the
clue says the direction; what ends the one direction ends no other.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

LISTED, REFERRED, RECEIVED, VERIFIED = "listed", "referred", "received", "verified"
DECIDED, PAID, MONITORED, REVISITED = "decided", "paid", "monitored", "revisited"
RESCUED = "rescued"  # what the data said, kept for when the file that says so is not there any more
CLOSED, REOPENED = "closed", "reopened"
MERGED, SPLIT, RENUMBERED = "merged", "split", "renumbered"

LABELS: Mapping[str, str] = {
    LISTED: "列入清单",
    REFERRED: "移送",
    RECEIVED: "签收",
    VERIFIED: "核查反馈",
    DECIDED: "决定救助",
    PAID: "发放",
    MONITORED: "纳入监测",
    REVISITED: "回访",
    RESCUED: "数据中已救助",
    CLOSED: "办结",
    REOPENED: "重新列入",
    MERGED: "并号",
    SPLIT: "分号",
    RENUMBERED: "换号",
}
# What ``body`` may hold, and what it means. ``facts`` and ``changed``: values of the case, none of a person; of a
# restricted clue they are keyed hashes.
BODY: Mapping[str, str] = {
    "status": "清单里的状态",
    "band": "优先级",
    "rules": "命中的规则",
    "town": "乡镇（受限的不记）",
    "restricted": "受限",
    "facts": "列入时的案件事实，事后变化据以重新列入",
    "run": "批次",
    "receiver": "接收单位",
    "document": "文号",
    "due": "反馈期限",
    "caution": "移送时的提醒：先核实身份、待核实",
    "assist": "不是本方向的承办单位，只协助核实：它的答复不结束本方向",
    "code": "结论代码",
    "reason": "原因",
    "amount": "金额（元）",
    "note": "备注",
    "changed": "哪些事实变了，原来和现在",
    "from": "原来的编号",
    "home": "户号",
    "source": "依据的文件",
}


@dataclass(frozen=True)
class Event:
    """Something that happened to a part of a clue on a ``day``. The last four are set when it is written."""

    kind: str
    clue_id: str
    part: str
    day: dt.date
    direction: str
    body: Mapping[str, object] = field(default_factory=dict)
    seq: int = 0
    act: int = 0  # of all that was written together
    at: str = ""  # when it was written
    by: str = ""  # the login name

    def __post_init__(self) -> None:
        if self.kind not in LABELS or set(self.body) - set(BODY):
            raise ValueError(f"not an event: {self.kind} {sorted(set(self.body) - set(BODY))}")

    def text(self, key: str) -> str:
        """A value of ``body`` as text, empty where there is none."""
        value = self.body.get(key)
        return "" if value is None else str(value)


def packed(body: Mapping[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False, sort_keys=True)


# -- values of a case that the ledger keeps ----------------------------------------------------------------------------
# Comes in: facts by label. Goes out: the same, or keyed hashes where nobody may read them; whether they have changed.
HASHED = "h:"  # in front of what stands for a value of a restricted clue
Facts = Mapping[str, str]


def hashed(secret: str, facts: Facts) -> dict[str, str]:
    """The same facts where nobody may read them: enough to see that one has changed."""
    return {
        label: HASHED + hmac.new(secret.encode(), f"{label}|{value}".encode(), hashlib.sha256).hexdigest()[:16]
        for label, value in facts.items()
    }


def changed_since(listed: Event | None, now: Facts, secret: str, watched: Collection[object]) -> list[dict[str, str]]:
    """The watched facts that are known now and were another, or not known, when the line was ``listed``.

    What is not known any more is no change: a column may be missing this month.
    """
    before = listed.body.get("facts") if listed else None
    if not isinstance(before, dict):
        return []
    if any(str(value).startswith(HASHED) for value in before.values()):
        now = hashed(secret, now)
    return [
        {"fact": label, "old": str(before.get(label, "")), "new": value}
        for label, value in now.items()
        if label in watched and str(before.get(label, "")) != value
    ]
