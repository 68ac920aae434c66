"""What clerks say and how a rule says it: 逃逸 → 有嫌疑人在逃. For searching and for “did you mean”, never for a scan.

Comes in: parsed YAML of vocabulary/words.yaml (``说法、别的说法: [关系.字段, "@词表", 参数.名称]``), or a word that
somebody wrote. Goes out: ``Saying`` records, the closest first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from clue_engine.errors import Mark
from clue_engine.pack.model import Parameter, Relation, Saying, Text, WordList
from clue_engine.pack.suggest import fold, hint
from clue_engine.pack.typed import Findings, as_list, as_mapping, as_text

_TARGET = re.compile(r"(?:not )?(?:@(?P<list>[\w·]+)|(?P<head>\w+)\.(?P<name>[\w·]+))(?P<rest>.*)", re.DOTALL)


def sayings(
    root: Any, findings: Findings, top: Mark, relations: Iterable[Relation], lists: Mapping[str, WordList],
    parameters: Mapping[str, Parameter],
) -> tuple[Saying, ...]:  # fmt: skip
    """words.yaml; what it points at must be there."""
    known: dict[str, Collection[str]] = {
        r.label: {w for f in r.fields for w in (f.label, *f.aliases)} | {d.label for d in r.definitions}
        for r in relations
    }
    known["参数"] = parameters
    found: list[Saying] = []
    for key, value in (as_mapping(root, findings, top, "说法文件") or {}).items():
        assert isinstance(key, Text)
        words = tuple(word.strip() for word in key.split("、") if word.strip())
        for raw in as_list(value, findings, key, key):
            text = as_text(raw, findings, key, key)
            target = _TARGET.fullmatch(text) if text is not None else None
            if text is None:
                continue
            if target is None:
                findings.add("CE013", f"“{text[:40]}”应写成 关系.字段、@词表 或 参数.名称", text)
                continue
            head, name = ("@", target["list"]) if target["list"] else (target["head"], target["name"])
            names = lists if head == "@" else known.get(head)
            if names is None or name not in names:
                advice = hint(name, names) if names is not None else hint(head, known)
                findings.add("CE014", f"说法“{words[0]}”指向的“{text[:40]}”不存在", text, hint=advice, level="warning")
                continue
            found.append(Saying(words, str(text), head, name))
    return tuple(found)


def said_as(word: str, known: Iterable[Saying]) -> list[Saying]:
    """What a word may mean: said just so; only else with a saying inside it or inside a saying."""
    own = fold(word)
    ranked: list[tuple[int, int, Saying]] = []
    for n, saying in enumerate(known):
        ranks = [_rank(own, fold(w)) for w in saying.words]
        if min(ranks) < 100:
            ranked.append((min(ranks), n, saying))
    exact = any(rank == 0 for rank, _, _ in ranked)
    return [saying for rank, _, saying in sorted(ranked, key=lambda r: r[:2]) if rank == 0 or not exact]


def _rank(own: str, saying: str) -> int:
    if own == saying:
        return 0
    if len(saying) > 1 and saying in own:  # 肇事逃逸 has 逃逸 in it; the longer the closer
        return 50 - len(saying)
    return 60 if len(own) > 1 and own in saying else 100


def written(saying: Saying, at: Collection[str]) -> str:
    """How to write it where rows of ``at`` are at hand: bare there, with a quantifier elsewhere."""
    if saying.head in ("@", "参数"):
        return saying.text
    bare = saying.text.replace(f"{saying.head}.", "", 1)
    if saying.head in at:
        return bare
    return f"户.{bare}" if saying.head == "户" else f"any {saying.head} ({bare})"
