"""What every reader of a run must know because the data does not say it: one sentence each, for all outputs.

Comes in: evaluate_caveat, clue and the pack. Goes out: sentences, in a fixed order; how many clues are restricted.
"""

from __future__ import annotations

from clue_engine.export.trouble import troubles
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace

_SHOWN = 3  # rules that are named


def caveats(ws: Workspace, pack: Pack, told: list[str] | None = None) -> list[str]:
    """The limits of the last scan in words, its troubles first (``told``: where they were asked for already)."""
    if not ws.has_table("evaluate_caveat"):
        return []
    titles = {hold.id: hold.title for hold in pack.holds} | {m.id: m.title for m in pack.measures}
    relations = {relation.name: relation for relation in pack.relations}
    hold_relation = {hold.id: hold.relation for hold in pack.holds}
    found = list(troubles(ws, pack) if told is None else told)
    for code, owner, detail in ws.rows("select distinct code, rule_id, detail from evaluate_caveat order by all"):
        title = titles.get(owner, owner)
        if code == "HOLD_FIELD_EMPTY":
            relation = next((r for r in pack.relations if hold_relation.get(owner) in (r.name, r.label)), None)
            field = next((f for f in relation.fields if f.name == detail), None) if relation else None
            who = f"（由{field.holder}掌握）" if field and field.holder else ""
            label = field.label if field else detail
            found.append(f"导出表里没有“{label}”一栏，是否有“{title}”的情形，请核查时问明{who}，清单上不逐条注明。")
        elif code == "HOLD_NOT_LOADED":
            found.append(f"没有载入“{title}”所需的数据，这种情形没有排除，核查时请一并了解。")
        elif code in ("HOLD_WRONG", "MEASURE_WRONG"):
            found.append(f"“{title}”写法有误，没有使用：{detail}")
        elif code == "PARAMETER_NO_VALUE":
            ids = owner.split(",")
            few = "、".join(ids[:_SHOWN]) + ("等" if len(ids) > _SHOWN else "")
            said = f"用到它的 {len(ids)} 条规则（{few}）不能确定，多列为待核；写进本县口径文件就能判断。"
            found.append(f"参数“{detail}”在扫描日没有取值，{said}")
        elif code == "COLUMN_ABSENT" and owner in relations:
            label = next((f.label for f in relations[owner].fields if f.name == detail), detail)
            found.append(f"载入的数据没有“{relations[owner].label}.{label}”。")
    return found


def restricted_counts(ws: Workspace) -> dict[str, int]:
    """How many clues of each direction stand by their number only."""
    return dict(ws.rows("select direction, count(*) from clue where restricted group by direction order by direction"))
