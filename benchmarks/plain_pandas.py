"""Five of the rules as a plain pandas script, with what such scripts do to missing values.

Comes in: fact_involvement, fact_household, fact_hardship as data frames. Goes out: rule -> set of households.
There is no "not known": a comparison with a missing value is False, and under ``~`` it is True; an empty flag is False.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

RULES = ("J02", "J05", "J16", "N01", "T04")
LOW_LISTS = ("低保", "低保边缘", "特困", "低收入", "刚性支出困难")
BADLY_HURT = ("重伤一级", "重伤二级", "重伤(级别不明)")


def scan(rows: pd.DataFrame, homes: pd.DataFrame, lists: pd.DataFrame, values: dict[str, Any]) -> dict[str, set[int]]:
    """Households per rule, holds X01, X02, X04, X07, X13 applied as filters."""
    listed = set(lists.loc[lists["list"].isin(LOW_LISTS), "household_id"])
    homes = homes[homes["household_id"].isin(rows["household_id"])]
    table = rows.merge(homes, on="household_id", suffixes=("", "_home"))
    victim = table["roles"].map(lambda r: "被害人" in r)
    suspect = table["roles"].map(lambda r: "嫌疑人" in r)
    suffered = victim & (table["party_kind"] == "自然人")

    def said(column: str) -> pd.Series[bool]:
        return table[column].astype("boolean").fillna(False).astype(bool)

    income = table["reference_income_pc"].fillna(table["income_pc"])
    low = income < values["income_limit"]
    on_list = table["household_id"].isin(listed) | said("dibao") | said("tekun")
    watched = table["monitoring_kind"].isin(("脱贫不稳定户", "边缘易致贫户", "突发严重困难户"))
    said_poor = said("hardship_said")
    hard = (watched & ~said("risk_removed")) | on_list | low | said_poor

    disabled = table["disability"].isin(values["heavy_grades"])
    badly_hurt = table["harm"].isin(BADLY_HURT)
    base = table["income"].fillna(values["usual_income"]) * values["loss_ratio"]
    rest = table["loss"] - table["paid"].fillna(0)
    taking = table["cause"].map(
        lambda causes: bool(set(() if causes is None else causes) & set(values["taking_charges"]))
    )
    unhurt = table["harm"].isna() | (table["harm"] == "无人身伤害")
    property_loss = suffered & ((table["cause_kind"] == "财产") | (taking & unhurt)) & (rest >= base)
    serious = (suffered & badly_hurt) | property_loss

    share = table["paid"].fillna(0) / table["due"]
    paid_full = (
        (table["exe_state"] == "执行完毕")
        | (table["exe_ratio"] >= values["full_share"])
        | (share >= values["full_share"])
        | ((table["pay_state"] == "已足额") & table["due"].isna())
    )
    unit = victim & (table["party_kind"] == "单位")
    aided = table["applicants_open_hi"] == 0
    waived = said("waived")
    judicial = ~(paid_full | unit | aided | waived | (suspect & ~victim))
    poverty = ~(paid_full | unit)
    met = {
        "J02": suffered & (badly_hurt | disabled) & hard & judicial,
        "J05": property_loss & hard & judicial,
        "J16": (serious | (suffered & (table["cause_kind"] == "性侵"))) & (on_list | low | said_poor) & judicial,
        "N01": serious
        & (hard | disabled)
        & (table["monitoring_kind"] == "未纳入")
        & (table["rural"] == "农村")
        & ~said("struck")
        & poverty,
        "T04": suffered & disabled & (table["cert_level"] == "无证") & ~paid_full & (table["registration"] == "在册"),
    }
    return {rule: set(table.loc[mask, "household_id"]) for rule, mask in met.items()}
