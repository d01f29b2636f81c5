"""Slots by word: spans of a text to one tag for each word and back, in training and in serving alike.

A word has one tag, whatever number of tokens it is cut into: ``O``, ``B-amount`` (begins) or ``I-amount`` (goes on).
"""

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from boli.datasets import Slot
from boli.pipeline.answers import Word

OUTSIDE = "O"


def list_tags(names: Sequence[str]) -> tuple[str, ...]:
    """Return the tags of some slot names, in the order of a model's outputs.

    >>> list_tags(["amount"])
    ('O', 'B-amount', 'I-amount')
    """
    return (OUTSIDE, *(f"{place}-{name}" for name in names for place in "BI"))


def tag_words(words: Sequence[Word], slots: Sequence[Slot]) -> list[str]:
    """Return the tag of each word; a word that a slot touches belongs to it.

    >>> tag_words([Word(0, 3), Word(4, 8), Word(9, 12)], [Slot(0, 8, "amount")])
    ['B-amount', 'I-amount', 'O']
    """
    tags = [OUTSIDE] * len(words)
    for slot in slots:
        touched = [place for place, word in enumerate(words) if word.start < slot.end and slot.start < word.end]
        for rank, place in enumerate(touched):
            tags[place] = f"{'I' if rank else 'B'}-{slot.name}"
    return tags


def join_tags(words: Sequence[Word], tags: Sequence[str]) -> tuple[Slot, ...]:
    """Return the slots that the tags of the words say; an ``I`` without its ``B`` begins one.

    >>> join_tags([Word(0, 3), Word(4, 8), Word(9, 12)], ["B-amount", "I-amount", "O"])
    (Slot(start=0, end=8, name='amount'),)
    """
    slots: list[Slot] = []
    before = OUTSIDE
    for word, tag in zip(words, tags, strict=True):
        if tag.startswith("I-") and before[2:] == tag[2:]:
            slots[-1] = slots[-1]._replace(end=word.end)
        elif tag != OUTSIDE:
            slots.append(Slot(word.start, word.end, tag[2:]))
        before = tag
    return tuple(slots)


def place_tokens(offsets: Sequence[tuple[int, int]], words: Sequence[Word]) -> list[int]:
    """Return for each token the number of the word that its last character is in; -1 for none.

    >>> place_tokens([(0, 0), (0, 2), (2, 5), (5, 9), (0, 0)], [Word(0, 5), Word(6, 9)])
    [-1, 0, 0, 1, -1]
    """
    starts = [word.start for word in words]
    found = [bisect_right(starts, end - 1) - 1 if end > start else -1 for start, end in offsets]
    return [at if at >= 0 and end <= words[at].end else -1 for at, (_, end) in zip(found, offsets, strict=True)]


def decode_words(logits: NDArray[np.float32], places: Sequence[int], words: int, tags: Sequence[str]) -> list[str]:
    """Return the tag of each word: the best of the mean of its tokens; ``O`` for a word that no token is in.

    Args:
        logits: (tokens, tags).
        places: what `place_tokens` returns for these tokens.
        words: how many there are.
    """
    sums = np.zeros((words, len(tags)), np.float32)
    for place, row in zip(places, logits, strict=False):
        if place >= 0:
            sums[place] += row
    return [tags[int(row.argmax())] if row.any() else OUTSIDE for row in sums]


def describe_words(text: str, words: Sequence[Word]) -> list[str]:
    """Write each word with its neighbours as a small text of its own, for a linear model that tags words.

    >>> describe_words("500 bhejo", [Word(0, 3), Word(4, 9)])
    ['500 <# >bhejo', 'bhejo <500 >#']
    """
    plain = ["#", *(text[word.start : word.end] for word in words), "#"]
    return [f"{plain[at]} <{plain[at - 1]} >{plain[at + 1]}" for at in range(1, len(words) + 1)]
