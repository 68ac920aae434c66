"""Persons with their numbers in one cell: 韦秀英（配偶）52…；覃小花，女，52… → name, relation and number of each.

Comes in: a cell, and a test for words of kinship. Goes out: the persons, or None for a cell of which a part is not
understood: who is left out of a household would change what is judged of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from clue_engine.values.text import cell_text, half_width

IsRelation = Callable[[str], bool]
NUMBER = re.compile(r"(?<![0-9])(?:[0-9]{17}[0-9Xx]|[0-9]{15})(?![0-9Xx])")
_TELEPHONE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
_LABELS = re.compile(
    "(?:近亲属|家属|亲属)(?=[:：])|(?:居民|公民)?身份证(?:件)?号?码?|证件号码?|公民身份号码|姓名|(?:与)?(?:户主|被害人)?(?:的)?关系(?=[:：])|联系?电话|电话"
)
_BORN = re.compile(
    r"(?<![0-9])(?P<born>(?:19|20)[0-9]{2}(?:年[0-9]{1,2}月(?:[0-9]{1,2}日)?|年|[.\-/][0-9]{1,2}(?:[.\-/][0-9]{1,2})?)?)(?:出?生)"
)
_AGE = re.compile(r"(?:现?年)?(?<![0-9])[0-9]{1,3}(?:周?岁|个月大)")
_STATE = re.compile(  # beside a name and a relation: 某甲（子，已故，52…）
    "(?:已故|已亡|死亡|去世|病故|学龄前|幼儿园|小学|初中|高中|职高|中专|大专|大学|初[一二三]|高[一二三]|[一二三四五六]年级|在读|学生"
    "|健康|患病|慢性病|残疾|务工|在外|打工|务农|服刑|在押)+"
)
_CUTS = re.compile(r"[（）()\[\]【】\s,，、:：;；/。]+")
NAME = re.compile(r"[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]{1,8}(?:[·•][\u3400-\u9fff]{1,8})+")
_HURT = re.compile(r"([^()]+)\(([^()]*(?:[死伤残瘫]|骨折|昏迷|亡)[^()]*)\)")
_BETWEEN = re.compile("[、；;\n]")
_BETWEEN_LISTED = re.compile("[；;\n]")
_LONGEST_RELATION, _FULL = 4, 3  # letters of a relation, of a whole name behind a relation that is a surname too
_SURNAMES = frozenset("孙祖公")
_NOBODY = ("无", "没有", "无成员", "无其他成员", "本人", "自己", "独居", "单身", "一人户", "无联系人")
_LONGEST = 2000  # letters: more are no list of a household


@dataclass(frozen=True)
class Named:
    """``said``: what stands behind the number of a person and is not taken over (健康、打零工); ``born``: 2014年;
    ``address``: of a victim."""

    name: str
    relation: str
    number: str
    said: str = ""
    born: str = ""
    address: str = ""


def persons_in(cell: str | None, is_relation: IsRelation) -> list[Named] | None:
    """The persons of a cell, in their order; [] for a cell that says nothing."""
    text = cell_text(cell)
    if text is None or text in _NOBODY:
        return []
    text = half_width(text)
    if len(text) > _LONGEST:
        return None
    if (listed := _in_columns(text, is_relation) or _one_each(text, is_relation)) is not None:
        return listed
    parts = _with_numbers(text) if NUMBER.search(text) else [(part, "") for part in _parts(text, is_relation)]
    found = []
    for said, number in parts:
        born = _BORN.search(said)
        words = _words(_AGE.sub(" ", _BORN.sub(" ", said)))
        if not words and not number:
            continue
        person = _person(words, number, is_relation, born["born"] if born else "")
        if person is None or not (person.number or person.relation):
            return None
        found.append(person)
    return found or None


def _parts(text: str, is_relation: IsRelation) -> list[str]:
    """A part a person; commas part them where each piece has a relation and a name (妻某某53岁，孙某某11岁)."""
    parts = _BETWEEN.split(text)
    pieces = [piece for piece in re.split("[、；;,，\n]", text) if piece.strip()]
    each = (_person(_words(_AGE.sub(" ", _BORN.sub(" ", piece))), "", is_relation) for piece in pieces)
    return pieces if len(pieces) > len(parts) and all(one and one.relation for one in each) else parts


def numbered_kin(cell: str | None, is_relation: IsRelation) -> list[Named]:
    """Who stands in running text as relation, name and number: 母亲某某52…、女某某52…随外婆，低保."""
    text = half_width(cell_text(cell) or "")[:_LONGEST]
    found = []
    for match in NUMBER.finditer(text):
        word = re.search("([\u3400-\u9fff]{3,8})[（(:：,，]?$", text[: match.start()])
        glued = _glued(word[1], is_relation) if word else None
        if glued:
            found.append(Named(glued[1], glued[0], match[0].upper()))
    return found


def hurt_in(cell: str | None) -> list[Named] | None:
    """Who is hurt in a cell of who met in an accident: 某甲（重伤一级）；某乙 → 某甲, 重伤一级 as what is said."""
    text = half_width(cell_text(cell) or "")
    parts = _BETWEEN_LISTED.split(text) if len(text) <= _LONGEST else []
    found = [m for part in parts if (m := _HURT.fullmatch(part.strip())) and NAME.fullmatch(m[1])]
    return [Named(m[1], m[2], "") for m in found] or None


def _in_columns(text: str, is_relation: IsRelation) -> list[Named] | None:
    """A small table in a cell, a line a person: 某甲|52…|户主|务工. None where a line is otherwise."""
    found = []
    for line in (line for line in re.split("[\n;]", text) if line.strip()):
        name, *others = (part.strip() for part in line.split("|"))
        numbers = [part for part in others if NUMBER.fullmatch(part)]
        relations = [part for part in others if is_relation(part)]
        if len(others) < 2 or not NAME.fullmatch(name) or len(numbers) > 1 or len(relations) != 1:
            return None
        said = "、".join(part for part in others if part and part not in (*numbers, *relations))
        found.append(Named(name, relations[0], numbers[0].upper() if numbers else "", said))
    return found or None


def _one_each(text: str, is_relation: IsRelation) -> list[Named] | None:
    """妻某某，52…，健康；子某某，52…，初三: in each part one number, relation and name before it, a remark behind it.

    None where a part is otherwise, or a remark may name one more person.
    """
    found = []
    for part in (part for part in _BETWEEN_LISTED.split(text) if _CUTS.sub("", part)):
        numbers = list(NUMBER.finditer(part))
        if len(numbers) != 1:
            return None
        before, behind = part[: numbers[0].start()], part[numbers[0].end() :]
        person = _person(_words(before), numbers[0][0].upper(), is_relation)
        remark = _words(behind)
        if person is None or not person.relation or any(_may_name(word, is_relation) for word in remark):
            return None
        found.append(Named(person.name, person.relation, person.number, "、".join(remark)))
    return found or None


def _words(text: str) -> list[str]:
    return [word for word in _CUTS.split(_TELEPHONE.sub(" ", _LABELS.sub(" ", text))) if word]


def _may_name(word: str, is_relation: IsRelation) -> bool:
    """Whether a word of a remark may speak of one more person of the household: 儿某某三岁, 女儿."""
    ends = range(1, min(_LONGEST_RELATION, len(word)) + 1)
    return any(is_relation(word[:n]) and len(word) - n != 1 for n in ends) and word[0] != "其"


def _glued(word: str, is_relation: IsRelation) -> tuple[str, str] | None:
    """Relation and name of 女某某某; 孙某某 is a family name as well as a grandson and stays a name."""
    for length in range(min(_LONGEST_RELATION, len(word) - 2), 0, -1):
        relation, name = word[:length], word[length:]
        surname = relation in _SURNAMES and len(name) < _FULL
        if relation[0] != "其" and is_relation(relation) and NAME.fullmatch(name) and not surname:
            return relation, name
    return None


def _with_numbers(text: str) -> list[tuple[str, str]]:
    """What stands before each number; behind the last one only what says nothing of anybody."""
    parts, end = [], 0
    for match in NUMBER.finditer(text):
        parts.append((text[end : match.start()], match[0].upper()))
        end = match.end()
    rest = text[end:]
    return [*parts, (rest, "")] if _CUTS.sub("", _TELEPHONE.sub("", rest)) else parts


def _person(words: list[str], number: str, is_relation: IsRelation, born: str = "") -> Named | None:
    relations = [word for word in words if is_relation(word)]
    others = [word for word in words if not is_relation(word)]
    if number and relations:
        others = others[:1] + [word for word in others[1:] if not _STATE.fullmatch(word)]
    if len(others) == 1 and not relations and (parts := _glued(others[0], is_relation)):
        relations, others = [parts[0]], [parts[1]]
    if len(others) == 1 and not relations and not NAME.fullmatch(others[0]):
        return None
    if len(others) != 1 or len(relations) > 1 or not NAME.fullmatch(others[0]):
        return None
    return Named(others[0], relations[0] if relations else "", number, born=born)
