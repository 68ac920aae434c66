"""What a run understands of a heading by its words and values, for a draft: fields of one kind with how surely.

Comes in: the sources of the pack, a heading, cells. Goes out: field name -> 0-1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clue_engine.ingest.column_fit import fit
from clue_engine.ingest.field_choice import NONE, FieldChoice, field_choices
from clue_engine.ingest.header import Heading
from clue_engine.pack.model import RecordKind, Source

UNPROVEN = 0.65  # of a heading that may mean several things: a person decides


class DraftWords:
    """What headings mean by their words and values, as a run understands them."""

    def __init__(self, sources: Sequence[Source]) -> None:
        choices = field_choices(sources)
        self._of = [(source, choices[source.id]) for source in sources if source.id in choices]
        self.outcome = self._of[0][1].words.outcome if self._of else frozenset[str]()

    def choices(self, heading: Heading, kind: RecordKind, cells: Sequence[str]) -> dict[str, float]:
        """The fields of a kind that a heading means and its values fit -> how surely."""
        found: dict[str, float] = {}
        for source, choice in self._of:
            if kind.name in source.records and heading.keys:
                for target, sure in _by_words(source, choice, heading, cells):
                    record, _, name = target.partition(".")
                    if record == kind.name:
                        found[name] = max(found.get(name, 0.0), sure)
        return found


def _by_words(
    source: Source, choice: FieldChoice, heading: Heading, cells: Sequence[str]
) -> Iterator[tuple[str, float]]:
    for one in choice.choices(heading):
        kinds = {field.partition(".")[0]: field for field in reversed(source.columns[one.column_no].fields)}
        if one.target not in kinds.values():
            continue  # of a list of heads alone the number is the head's too
        words, values = choice.words, source.columns[one.column_no].values
        like = words.rules.get(one.target, NONE).like
        fitted = fit(cells, words.record_field(one.target), values, like, words)
        if fitted.share >= words.bar("fits"):
            yield one.target, UNPROVEN if one.asked else one.strength
