"""Cut text into the units that pieces never cross, and count them in bounded memory.

Pieces are learned from counts of these units, not from running text: so a corpus is read once, in the memory of its
distinct words, and languages are weighed exactly, by factors on counts, without drawing lots.
"""

from collections import Counter
from collections.abc import Iterable

import regex

SPACE = "\N{LOWER ONE EIGHTH BLOCK}"
"""What stands for a space inside pieces, as in SentencePiece."""

_WORD = r"[\p{L}\p{M}\u200c\u200d\u06fd\u06fe]"
_UNIT = regex.compile(
    rf"{SPACE}?{_WORD}+(?:['\u2019\u02bc]{_WORD}+)*|{SPACE}?\p{{N}}+"
    rf"|{SPACE}?[^\s{SPACE}\p{{L}}\p{{M}}\p{{N}}\u200c\u200d\u06fd\u06fe]+|{SPACE}|\s"
)
"""A word with the space before it; a number; a run of anything else; a space alone.

Joiners and marks are parts of words, so is an apostrophe between letters; so are the Sindhi words U+06FD and U+06FE,
which Unicode calls symbols.
"""


def cut_words(text: str) -> list[str]:
    """Cut normalized text into units, each with the space before it written as U+2581; the first gets one too.

    >>> cut_words("don't say: 5 rupees")
    ["▁don't", '▁say', ':', '▁5', '▁rupees']
    """
    found: list[str] = _UNIT.findall(SPACE + text.replace(" ", SPACE)) if text else []
    return found


class WordCounter:
    """Count units of many texts in bounded memory.

    Beyond `limit` distinct units the rarest are forgotten, those seen once first: they would not become pieces. The
    same texts in the same order give the same counts.

    >>> counter = WordCounter()
    >>> counter.add(["salam dunya", "salam"])
    >>> counter.counts["▁salam"], counter.characters
    (2, 16)
    """

    def __init__(self, limit: int = 2_000_000) -> None:
        self.counts: Counter[str] = Counter()
        self.characters = 0
        self._limit, self._floor = limit, 1

    def add(self, texts: Iterable[str]) -> None:
        """Count the units of normalized texts."""
        for text in texts:
            self.counts.update(cut_words(text))
            self.characters += len(text)
        self.counts, self._floor = keep_commonest(self.counts, self._limit, self._floor)


def keep_commonest(counts: Counter[str], limit: int, floor: int = 1) -> tuple[Counter[str], int]:
    """Forget units counted `floor` times or fewer, then once more, until `limit` are left; return the floor too.

    >>> keep_commonest(Counter("aab"), 1)
    (Counter({'a': 2}), 2)
    """
    while len(counts) > limit:
        counts = Counter({unit: count for unit, count in counts.items() if count > floor})
        floor += 1
    return counts, floor
