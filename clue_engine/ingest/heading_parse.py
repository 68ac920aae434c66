"""A heading taken apart into words of the pack: 加害方已赔偿金额（元） → 嫌疑人, 得, 赔偿, 金额.

Comes in: a heading key, the words of rules/vocabulary/field_words.yaml. Goes out: bags of concepts, one per way to
take the brackets; letters that no word covers stay as a word of their own, so that nothing is guessed from a part.
"""

from __future__ import annotations

import re
from functools import lru_cache

from clue_engine.ingest.header import heading_key
from clue_engine.pack.field_words import FieldWords

Bag = frozenset[str]
LONGEST = 40
WEAK = frozenset({"情况", "是否"})  # say nothing of their own beside another word
_MARKS = re.compile("[【】《》「」『』“”‘’\"'*?※★#□■●◆☆~!]")
_NUMBERED = re.compile(r"^(?:\(?[一二三四五六七八九十]{1,3}[)、.]|\(\d{1,2}\)|\d{1,2}[、.)]|\d{1,2}(?=[^\d年月]))")
_YEAR = re.compile(
    r"^(?:19|20)\d{2}(?:年度|年)?|(?<=\()(?:19|20)\d{2}(?:年度|年)?(?=\))|(?<=/)(?:19|20)\d{2}年(?:度)?(?=$|/)"
)
_FIRST = re.compile(r"(?<=[^\d])1(?=\D|$)")  # 近亲属1姓名; a second one is another column
_BRACKETS = re.compile(r"\(([^()]*)\)")


class HeadingParser:
    """Taking headings apart with the words of one pack."""

    def __init__(self, words: FieldWords) -> None:
        self.words = words
        spellings = {**dict.fromkeys(words.noise, ()), **words.words}
        self._meant = {heading_key(word)[0] or word: concepts for word, concepts in spellings.items()}
        ordered = sorted(self._meant, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(word) for word in ordered)) if ordered else None
        self.bag = lru_cache(maxsize=20_000)(self._bag)
        self.ways = lru_cache(maxsize=20_000)(self._ways)

    def _ways(self, key: str) -> tuple[Bag, ...]:
        """The heading as a whole, without what stands in brackets, and what stands there alone (身份（与户主关系）)."""
        if len(key) > LONGEST:
            return ()  # a sentence is no heading
        plain = undecorated(key)
        bags = [self.bag(plain)]
        if inner := _BRACKETS.findall(plain):
            outer = self.bag(_BRACKETS.sub("", plain))
            bags.append(outer)
            if not unknown(outer):
                bags += [self.bag(text) for text in inner]
        return tuple(dict.fromkeys(bag for bag in bags if bag))

    def _bag(self, text: str) -> Bag:
        found: set[str] = set()
        end = 0
        for match in self._pattern.finditer(text) if self._pattern else ():
            found |= {f"?{text[end : match.start()]}"} if match.start() > end else set()
            found.update(self._meant[match[0]])
            end = match.end()
        rest = text[end:]
        bag = frozenset(found | ({f"?{rest}"} if rest else set()))
        return bag - {"?(", "?)", "?()"}


def undecorated(key: str) -> str:
    """The heading without signs, numbering and year: 【2025年家庭人均纯收入】 → 家庭人均纯收入."""
    plain = _MARKS.sub("", key)
    plain = _YEAR.sub("", plain).replace("()", "")
    return _FIRST.sub("", _NUMBERED.sub("", plain))


def year_of(key: str) -> int | None:
    """The year that a heading names."""
    found = _YEAR.search(_MARKS.sub("", key))
    return int(found[0].rstrip("年度")) if found else None


def unknown(bag: Bag) -> bool:
    """Whether a word is in it that the pack does not know."""
    return any(word.startswith("?") for word in bag)
