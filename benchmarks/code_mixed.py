"""Read the code-mixed gold sentences and score spans; `identification.py` reports the figures.

A row's text has its words in the row's tag, but for ``[tag words]``. A span is a run of neighbouring words of one tag.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

PATH = Path(__file__).parent / "data" / "code_mixed.tsv"

_MARKED = re.compile(r"\[(\S+) ([^]]*)\]")


class Span(NamedTuple):
    """Half-open offsets in code points, and the tag of all words in them."""

    start: int
    end: int
    tag: str


class Sentence(NamedTuple):
    """One gold sentence; `words` are its words one by one, each with its tag."""

    name: str
    split: str
    text: str
    words: tuple[Span, ...]


def read_sentences(path: Path = PATH) -> list[Sentence]:
    """Read all rows."""
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()[1:]]
    return [_sentence(*row) for row in rows]


def _sentence(name: str, split: str, tag: str, marked: str) -> Sentence:
    text, words, done = "", [], 0
    for part in _MARKED.finditer(marked):
        text, words = _extend(text, words, marked[done : part.start()], tag)
        text, words = _extend(text, words, part[2], part[1])
        done = part.end()
    text, words = _extend(text, words, marked[done:], tag)
    return Sentence(name, split, text, tuple(words))


def _extend(text: str, words: list[Span], more: str, tag: str) -> tuple[str, list[Span]]:
    found = [Span(len(text) + word.start(), len(text) + word.end(), tag) for word in re.finditer(r"\S+", more)]
    return text + more, words + found


def join_words(words: Iterable[tuple[int, int, str]]) -> list[Span]:
    """Join neighbouring words of one tag into spans.

    >>> join_words([(0, 2, "a"), (3, 5, "a"), (6, 7, "b")])
    [Span(start=0, end=5, tag='a'), Span(start=6, end=7, tag='b')]
    """
    spans: list[Span] = []
    for start, end, tag in words:
        if spans and spans[-1].tag == tag:
            spans[-1] = Span(spans[-1].start, end, tag)
        else:
            spans.append(Span(start, end, tag))
    return spans


def span_f1(gold: Sequence[Sequence[Span]], found: Sequence[Sequence[Span]]) -> float:
    """Score exact spans over all sentences."""
    right = sum(len(set(a) & set(b)) for a, b in zip(gold, found, strict=True))
    total = sum(map(len, gold)) + sum(map(len, found))
    return 2 * right / total if total else 0.0
