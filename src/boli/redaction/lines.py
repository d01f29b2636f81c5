"""One line while it is searched: as it came, folded, and with barriers where something was found."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from boli.redaction.folding import BARRIER, fold

GAP = "[ \\-.\u200c_/]"
"""What may stand between the digits of one number, in folded text."""

_NOT_DIGIT = re.compile("[^0-9]")


_TOKEN = re.compile(r"[^\W\d_]+")


class Line(NamedTuple):
    """A line as it came and folded, of the same length; and the runs of letters in it, to skip searches by."""

    raw: str
    folded: str
    words: frozenset[str]

    @classmethod
    def of(cls, raw: str) -> "Line":
        """Fold a line."""
        return cls._of_folded(raw, fold(raw))

    @classmethod
    def _of_folded(cls, raw: str, folded: str) -> "Line":
        return cls(raw, folded, frozenset(_TOKEN.findall(folded)))

    def cover(self, spans: Iterable[tuple[int, int]]) -> "Line":
        """Return the line with barriers over spans that are in order and do not overlap."""
        pieces, at = [], 0
        for start, end in spans:
            pieces += [self.folded[at:start], BARRIER * (end - start)]
            at = end
        return Line._of_folded(self.raw, "".join([*pieces, self.folded[at:]]))


class Found(NamedTuple):
    """A piece of personal data: half-open code points of the line, and its value in one spelling."""

    start: int
    end: int
    value: str


Finder = Callable[[Line], Iterator[Found]]
"""Finds one kind in a line; what it yields may overlap."""


def digits_of(text: str) -> str:
    """Return the ASCII digits of folded text.

    >>> digits_of("0300-123 4567")
    '03001234567'
    """
    return _NOT_DIGIT.sub("", text)


def without_overlaps(found: Iterable[Found]) -> list[Found]:
    """Return what was found in order; of two that overlap the one that begins first, then the longer one."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept
