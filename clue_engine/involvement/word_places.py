"""Where words stand in a text, found once, so that "is one of them between here and there?" costs no second look.

Comes in: a text and words. Goes out: ``WordPlaces``. A sentence may be 100,000 characters long and say something
60,000 times: looking back through it each time takes minutes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence


class WordPlaces:
    """All occurrences of some words in a text, overlapping ones too."""

    def __init__(self, text: str, words: Iterable[str]) -> None:
        found = sorted((start, start + len(word)) for word in set(words) for start in _starts(text, word))
        self._starts = [start for start, _ in found]
        self._ends = [end for _, end in found]
        for i in range(len(found) - 2, -1, -1):  # from here on: the end of whichever is complete first
            self._ends[i] = min(self._ends[i], self._ends[i + 1])

    def within(self, low: int, high: int) -> bool:
        """Whether one of the words stands in ``text[low:high]`` as a whole."""
        i = bisect_left(self._starts, low)
        return i < len(self._ends) and self._ends[i] <= high

    def before(self, at: int) -> int:
        """Where the last word begins that begins before ``at``; -1 without one."""
        i = bisect_left(self._starts, at)
        return self._starts[i - 1] if i else -1

    def since(self, at: int, without: int) -> int:
        """Where the first word begins that does not begin before ``at``; ``without`` when there is none."""
        i = bisect_left(self._starts, at)
        return self._starts[i] if i < len(self._starts) else without


class Without:
    """A text with spans cut out, and where each place of the text is in what is left."""

    def __init__(self, text: str, spans: Sequence[tuple[int, int]]) -> None:
        self._ends = [end for _, end in spans]
        self._spans = spans
        self._cut = [0]
        pieces, last = [], 0
        for start, end in spans:
            pieces.append(text[last:start])
            self._cut.append(self._cut[-1] + end - start)
            last = end
        self.text = "".join([*pieces, text[last:]]) if spans else text

    def place(self, at: int) -> int:
        """The place of ``at``: inside a span that was cut out, where it stood."""
        n = bisect_right(self._ends, at)
        if n < len(self._spans) and self._spans[n][0] < at:
            at = self._spans[n][0]
        return at - self._cut[n]


def _starts(text: str, word: str) -> Iterator[int]:
    at = text.find(word) if word else -1
    while at >= 0:
        yield at
        at = text.find(word, at + 1)
