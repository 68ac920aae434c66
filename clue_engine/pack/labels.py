"""What the keys of a rule file are called on screen and on paper."""

from __future__ import annotations

STATUSES = {"draft": "草稿", "trial": "试行", "active": "启用", "retired": "停用"}
OUTCOMES = {"hit": "命中", "no_hit": "未命中", "unknown": "待核"}  # of a test
ACTIONS = {
    "suppress": "排除", "hold": "搁置", "downgrade": "降级", "reroute": "转办", "restrict": "限制知悉", "note": "附注",
}  # fmt: skip
TYPES = {
    "text": "文字", "code": "代码", "codes": "代码（可多个）", "bool": "是否", "number": "数", "money": "金额",
    "share": "比例", "duration": "时长", "date": "日期",
}  # fmt: skip
