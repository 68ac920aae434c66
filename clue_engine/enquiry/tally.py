"""How many households a rule leaves unknown or loses to holds, in the same words wherever a rule is tried.

Comes in: counts. Goes out: words.
"""

from __future__ import annotations


def unknown(n: int, decidable: int) -> str:
    """2 户（知道一项事实即可判断 0 户）"""
    return f"{n} 户（知道一项事实即可判断 {decidable} 户）" if n else "0 户"


def held(n: int, maybe: int) -> str:
    """Those that satisfy the condition; beside them those of which that is not known either."""
    return f"{n} 户" + (f"（另有 {maybe} 户本来就不能确定）" if maybe else "")
