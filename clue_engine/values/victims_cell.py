"""Victims in one cell, each with a number, what befell him and his family: 某甲，男，52…，重伤二级；近亲属：子某乙.

Comes in: a cell of victims, or of the parties of an accident (甲：…；乙：…，死亡。家属：…), and a test for words of
kinship. Goes out: the victims, or None for a cell of which a part is not understood. The claimants of
某甲（52…）、某乙， 系死者某丙之妻、子 are the family of the victim 某丙.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from clue_engine.values.persons_cell import NAME, NUMBER, IsRelation, Named, persons_in
from clue_engine.values.text import cell_text, half_width

_LONGEST = 500
_FAMILY = re.compile(r"[。;,\s]*(?:近亲属|家属|亲属)[:：]")
_LABEL = re.compile(r"(?:^|[;。])\s*([甲乙丙丁戊])方?[:：]")
_HARM = re.compile("[死伤残瘫亡]|骨折|昏迷|截肢|失明|毁损")
_UNHURT = re.compile("(?:未|无|没有?)(?:人)?(?:受伤|伤亡|死伤|伤)")
_OF_THE_DEAD = re.compile(
    r"(?:^|[,、(])(?:均|分别)?(?:系|为|是)?(?:死者|亡者|被害人|受害人)(?P<name>[\u3400-\u9fff]{2,4}?)(?:之|的)(?P<kin>[\u3400-\u9fff、]{1,20})\)?$"
)
_BEHIND = re.compile(
    rf"([\u3400-\u9fff]{{2,4}})\(({NUMBER.pattern})\)\(([\u3400-\u9fff]{{1,4}})\)"
)  # 某丁（52…）（妻）
_WRAPPED = re.compile(r"\(([^()]*)\)")
_PLACE = re.compile("(?:[住家]?[住在:])?[\\u3400-\\u9fff0-9]{2,20}(?:县|乡|镇|村|组|屯|寨|社区|街道?)")
_WHOSE = re.compile(r"[\u3400-\u9fff]{2,4}[之的][\u3400-\u9fff]{1,2}")  # 某甲之妻: what he is to the suspect
_APART = re.compile(r"^([\u3400-\u9fff]) +([\u3400-\u9fff])(?=$|[,(])")  # 潘 燕
_SEX_OR_ROLE = re.compile("男|女|被害人|受害人|被害人本人|本人|原告人?|附带民事诉讼原告人?|附民原告人?|身份证号?码?")
_KIN_OF = re.compile(r"[\u3400-\u9fff]{2,4}之[\u3400-\u9fff]?[妻夫父母子女儿兄弟姐妹孙](?P<name>[\u3400-\u9fff]{2,3})")
_UNIT = re.compile(
    r"[\u3400-\u9fff0-9A-Za-z·()]{3,30}(?:公司|超市|商店|店|厂|场|单位|合作社|银行|信用社|局|学校|医院|村委会|集团)"
)
_NOBODY = ("无", "没有", "无被害人", "不涉及")


@dataclass(frozen=True)
class Victim:
    """``harm``: what else is said of him (重伤二级，六级伤残). ``claimed``: his family stands in his place, and a
    number beside the cell is theirs."""

    name: str
    number: str
    harm: str
    kin: tuple[Named, ...] = ()
    claimed: bool = False
    address: str = ""


def victims_in(cell: str | None, is_relation: IsRelation) -> list[Victim] | None:
    """The victims of a cell; [] for a cell that says that there is none."""
    text = half_width(cell_text(cell) or "").strip("。; ")
    if not text.strip("-—") or text in _NOBODY:
        return []
    if len(text) > _LONGEST:
        return None
    text, kin = _family(text, is_relation)
    if kin is None:
        return None
    if (found := _OF_THE_DEAD.search(text)) is not None:
        return _victim_of(text[: found.start()], found["name"], found["kin"].split("、"), is_relation)
    victims = _parties(text) if _LABEL.search(text) else _listed(text)
    if victims is None or (kin and len(victims) != 1):
        return None
    return [replace(v, kin=tuple(kin)) for v in victims]


def is_labelled(cell: str) -> bool:
    """Whether the parties of a cell are called 甲 and 乙: who is 甲 is then the other side of who was hurt."""
    return _LABEL.search(half_width(cell)) is not None


def _family(text: str, is_relation: IsRelation) -> tuple[str, list[Named] | None]:
    """What stands before the family, and the family."""
    head, *rest = _FAMILY.split(text)
    if not rest:
        return text, []
    family = _BEHIND.sub(r"\1(\3)\2", rest[0])
    return (head, persons_in(family, is_relation)) if len(rest) == 1 and head else (text, None)


def _victim_of(before: str, dead: str, relations: list[str], is_relation: IsRelation) -> list[Victim] | None:
    """Who claims for somebody dead: as many relations as names, or one for all."""
    names = [part for part in re.split("[、,]", before.strip(",、(")) if part]
    said = [(re.sub(r"[(（].*|" + NUMBER.pattern, "", part), NUMBER.search(part)) for part in names]
    if not said or len(relations) not in (1, len(said)) or not all(map(is_relation, relations)):
        return None
    if not all(NAME.fullmatch(name) for name, _ in said):
        return None
    words = relations if len(relations) == len(said) else relations * len(said)
    kin = [
        Named(name, word, number[0].upper() if number else "") for (name, number), word in zip(said, words, strict=True)
    ]
    return [Victim(dead, "", "死亡", tuple(kin), claimed=True)]


def _parties(text: str) -> list[Victim] | None:
    """Who of 乙 and those after him is hurt; where 甲 is hurt beside another it is open who bears the fault."""
    labels = list(_LABEL.finditer(text))
    ends = [*[label.start() for label in labels[1:]], len(text)]
    sides = [(label[1], text[label.end() : end]) for label, end in zip(labels, ends, strict=True)]
    hurt = [(who, said) for who, said in sides if _HARM.search(_UNHURT.sub("", said))]
    if len(sides) == 1 or not hurt:  # nobody else was there
        return []
    if any(who == "甲" for who, _ in hurt):
        return None
    found = [_one(said) for _, said in hurt]
    return [one for one in found if one] if all(found) else None


def _listed(text: str) -> list[Victim] | None:
    if all(map(NAME.fullmatch, names := text.split("、"))) and len(names) > 1:
        return [Victim(name, "", "") for name in names]
    parts = [part for part in re.split("[;；\n]", text) if part.strip()]
    if len(parts) == 1 and len(NUMBER.findall(text)) > 1:
        parts = [part for part in re.split(r"、(?=[\u3400-\u9fff]{2,4}[(,])", text) if part.strip()]
    found = [_one(part) for part in parts]
    return [one for one in found if one] if found and all(found) else None


def _one(text: str) -> Victim | None:
    """One person: the name first, a number anywhere behind it, the rest is what befell him."""
    numbers = NUMBER.findall(text)
    rest = _APART.sub(r"\1\2", NUMBER.sub("", text).strip())
    words = [word for word in re.split(r"[,()]+|\s+", rest) if word]
    own = kin["name"] if words and (kin := _KIN_OF.fullmatch(words[0])) else words[0] if words else ""  # 某甲之妻某乙
    if not words or len(numbers) > 1 or not (NAME.fullmatch(own) or _UNIT.fullmatch(rest)):
        return None
    said = rest.removeprefix(words[0]).replace("()", "").strip(" ,")
    said = wrapped[1] if (wrapped := _WRAPPED.fullmatch(said)) else said
    others = [inner[1] if (inner := _WRAPPED.fullmatch(word)) else word for word in said.split(",") if word.strip()]
    address = next((word for word in others if _PLACE.fullmatch(word)), "")
    no_harm = (_SEX_OR_ROLE, _PLACE, _WHOSE)
    harm = ",".join(word for word in others if not any(pattern.fullmatch(word) for pattern in no_harm))
    name = own if NAME.fullmatch(own) else rest
    return Victim(name, numbers[0].upper() if numbers else "", harm, address=address)
