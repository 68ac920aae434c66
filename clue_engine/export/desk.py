"""What goes with the visit forms of a parcel: the household's consent to be looked into, and slips for other offices.

Comes in: rows of a parcel and homes. Goes out: values for the templates 授权承诺书.docx and 办理单.docx.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from clue_engine.export import columns as c
from clue_engine.export.home import Home
from clue_engine.export.list_rows import Row
from clue_engine.export.privacy import plain
from clue_engine.export.visit import households, listed, reads_cases, sentences, without_charges
from clue_engine.pack.model import Pack

CONSENTS, SLIPS = "授权承诺书.docx", "办理单.docx"
_OPTION = "consent_directions"  # of pack.yaml: where the household agrees that its income and property are looked into
# 向民政部门核对名单: asked in an office, and what there
_ASKED = re.compile(r"向(?P<office>[^，。；]{2,16}?)(?P<fact>(?:核对|核实|核查|查询|了解|调取|确认|询问).+)")


def consents(rows: Sequence[Row], known: Mapping[str, Home], pack: Pack) -> list[dict[str, str]]:
    """A page per household with a line of such a direction."""
    named = pack.options.get(_OPTION, ())
    directions = {str(word) for word in (named if isinstance(named, list | tuple) else [named])}
    own = [r for r in rows if r.direction in directions]
    return [_consent(found, known[found[0].clue_id]) for found in households(own, known)]


def _consent(rows: Sequence[Row], home: Home) -> dict[str, str]:
    return {
        "编号": "、".join(row.clue_id for row in rows), "户主": home.head, "住址": home.address,
        "电话": home.phone or "（名册里没有）", "成员": home.members or "（名册里没有）",
    }  # fmt: skip


def slips(rows: Sequence[Row], known: Mapping[str, Home], receiver: str, pack: Pack) -> list[dict[str, object]]:
    """A slip per office other than the receiver: of each household what this office knows, and nothing else."""
    found: dict[str, list[dict[str, str]]] = {}
    names: dict[str, str] = {}
    for own in households(rows, known):
        home, asked = known[own[0].clue_id], _asked(own)
        for stem, facts in asked.items():
            if stem in receiver:
                continue
            office = names.setdefault(stem, facts[0][0])
            told = [fact if reads_cases(pack, office) else without_charges(fact, home.causes) for _, fact in facts]
            lines = found.setdefault(office, [])
            lines.append(
                {"序号": str(len(lines) + 1), "编号": "、".join(row.clue_id for row in own),
                 "姓名": "\n".join(str(v) for h in (c.NAME, c.ID) if (v := own[0].cells.get(h))),
                 "住址": home.address, "事项": listed(told)}
            )  # fmt: skip
    return [{"单位": office, "各行": found[office]} for office in sorted(found)]


def _stem(office: str) -> str:
    """农业农村 of 农业农村局 and 农业农村部门: one office, and the one that reads the parcel needs no slip."""
    return re.sub("(?:局|部门|机关|机构|委员会|联合会)$", "", office)


def _asked(rows: Sequence[Row]) -> dict[str, list[tuple[str, str]]]:
    """By office: its name and what it is asked, from what is to be checked and from the facts that are missing."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        for text in sentences(row.cells.get(c.CHECK)):
            if asked := _ASKED.fullmatch(plain(text)):
                found.setdefault(_stem(asked["office"]), []).append((asked["office"], asked["fact"]))
        for missing in row.details.get("missing", ()):
            if office := str(missing["holder"] or ""):
                found.setdefault(_stem(office), []).append((office, f"核实{missing['field']}"))
    return found
