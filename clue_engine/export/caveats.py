"""What every reader of a run must know because the data does not say it: one sentence each, for all outputs.

Comes in: evaluate_caveat and the pack. Goes out: sentences, in a fixed order.
"""

from __future__ import annotations

from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace


def caveats(ws: Workspace, pack: Pack) -> list[str]:
    """The limits of the last scan in words."""
    found = unmatched_aid(ws)
    if not ws.has_table("evaluate_caveat"):
        return found
    titles = {hold.id: hold.title for hold in pack.holds}
    relations = {relation.name: relation for relation in pack.relations}
    hold_relation = {hold.id: hold.relation for hold in pack.holds}
    for code, owner, detail in ws.rows("select distinct code, rule_id, detail from evaluate_caveat order by all"):
        title = titles.get(owner, owner)
        if code == "HOLD_FIELD_EMPTY":
            relation = next((r for r in pack.relations if hold_relation.get(owner) in (r.name, r.label)), None)
            field = next((f for f in relation.fields if f.name == detail), None) if relation else None
            who = f"（由{field.holder}掌握）" if field and field.holder else ""
            label = field.label if field else detail
            found.append(
                f"载入的数据都没有“{label}”，“{title}”只能按其他事实判断；核查时请一并了解{who}，清单上不逐条注明。"
            )
        elif code == "HOLD_NOT_LOADED":
            found.append(f"没有载入“{title}”所需的数据，这种情形没有排除，核查时请一并了解。")
        elif code == "HOLD_WRONG":
            found.append(f"“{title}”写法有误，没有使用：{detail}")
        elif code == "PARAMETER_NO_VALUE":
            found.append(f"参数“{detail}”在扫描日没有取值，用到它的规则（{owner.replace(',', '、')}）不能确定。")
        elif code == "COLUMN_ABSENT" and owner in relations:
            label = next((f.label for f in relations[owner].fields if f.name == detail), detail)
            found.append(f"载入的数据没有“{relations[owner].label}.{label}”。")
    return found


def unmatched_aid(ws: Workspace) -> list[str]:
    """Files of aid that name nobody of any case: whoever they helped stands on the lists as if never helped."""
    if not ws.has_table("aid_unmatched"):
        return []
    found = []
    for name, sheet, n_rows, no_id, no_case, no_day in ws.rows(
        "select name, sheet, n_rows, no_id, no_case, no_day from aid_unmatched "
        "join input_file using (file_id) order by all"
    ):
        lacks = {"证件号码": no_id, "原案案号": no_case, "救助日期": no_day}
        missing = "、".join(label for label, lacking in lacks.items() if lacking)
        found.append(
            f"{name}{f' [{sheet}]' if sheet else ''} 的 {n_rows} 行救助，"
            "没有一行能与案件当事人对上，已经救助过的人没有排除" + (f"；这张表没有读到{missing}" if missing else "")
        )
    return found
