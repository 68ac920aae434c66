"""The columns of the list, in the order the receivers read them; what a restricted or a crime-free clue may show."""

from __future__ import annotations

RANK, STATUS, NUMBER, DIRECTION, BAND, SCORE, POSSIBLE = (
    "排名", "状态", "线索编号", "线索方向", "优先级", "得分", "可能得分",
)  # fmt: skip
HOUSEHOLD_NO, NAME, ID, PHONE, HEAD, TOWN, VILLAGE = "户编号", "姓名", "证件号码", "联系电话", "户主", "乡镇", "村"
MATCH, RULES, REASON, MISSING, HOLDER, CHECK, NOTE = (
    "匹配方式", "命中规则", "理由", "缺失项", "缺失项掌握单位", "建议核查", "提示",
)  # fmt: skip
CASE_NO, CAUSE, ACCEPTED, HARM, LOSS, PAID, CASES = (
    "案号", "案由", "受理日期", "伤情", "损失(元)", "已赔偿(元)", "涉及案件数",
)  # fmt: skip
HOUSEHOLD_TYPE, MONITORING, RISK_REMOVED, INCOME = "户类型", "监测对象类别", "风险是否已消除", "人均纯收入(元)"
RECEIVER, ALSO, DEADLINE, SOURCE, DATA_DATE, VERSION = (
    "建议承办单位", "抄送单位", "反馈期限", "数据来源", "数据日期", "规则版本",
)  # fmt: skip
RESULT, OUTCOME, CHECKED_BY, CHECKED_ON, REMARK = "核查结果", "处理去向", "核查人", "核查日期", "备注"
REFUSED, AMOUNT, PAID_ON, MONITORED_ON, REVISITED_ON = (
    "不成立原因", "救助金额(元)", "发放日期", "纳入监测日期", "回访日期",
)  # fmt: skip
HELD_REASON, SCANNED = "搁置原因", "扫描日"
HOME, SAME_HOME, MEASURES, CAP = "户号", "同户线索", "帮扶建议", "救助上限参考"

FEEDBACK = (RESULT, OUTCOME, CHECKED_BY, CHECKED_ON, REMARK, REFUSED, AMOUNT, PAID_ON, MONITORED_ON, REVISITED_ON)
LIST = (
    RANK, STATUS, NUMBER, DIRECTION, BAND, SCORE, POSSIBLE, HOME, SAME_HOME, HOUSEHOLD_NO, NAME, ID, PHONE, HEAD, TOWN,
    VILLAGE, MATCH, RULES, REASON, MISSING, HOLDER, CHECK, NOTE, MEASURES, CAP, CASE_NO, CAUSE, ACCEPTED,
    HARM, LOSS, PAID, CASES, HOUSEHOLD_TYPE, MONITORING, RISK_REMOVED, INCOME, RECEIVER, ALSO, DEADLINE, SOURCE,
    DATA_DATE, VERSION, SCANNED, *FEEDBACK,
)  # fmt: skip
HELD = (
    NUMBER, DIRECTION, HELD_REASON, HOUSEHOLD_NO, NAME, ID, TOWN, VILLAGE, RULES, CASE_NO, CAUSE, HARM, LOSS, PAID,
    RECEIVER, SOURCE, DATA_DATE, VERSION, SCANNED, REMARK,
)  # fmt: skip

# A list about a suspect's family carries nothing of the case.
CRIME = frozenset({CASE_NO, CAUSE, ACCEPTED, HARM, LOSS, PAID, CASES, CAP})
# A restricted clue stands by its number. Everything else stays empty: to whoever made the files a row, a town or a date
# is a name, and a rule title, a score or a receiver can tell the secret.
SHOWN_RESTRICTED = frozenset({RANK, STATUS, NUMBER, DIRECTION, BAND})

# fact table column -> heading
OF_HOUSEHOLD = {
    "household_type": HOUSEHOLD_TYPE, "monitoring_kind": MONITORING, "risk_removed": RISK_REMOVED, "income_pc": INCOME,
}  # fmt: skip
OF_CASE = {
    "case_no": CASE_NO, "cause": CAUSE, "accepted_on": ACCEPTED, "harm": HARM, "loss": LOSS, "paid": PAID,
}  # fmt: skip
