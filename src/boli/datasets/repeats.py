"""Messages that are there more than once: in one split (duplicates), in two (leaks), under two labels (conflicts)."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from boli.datasets.folders import SPLITS, Dataset
from boli.datasets.records import Record

# Sindhi's "and" and "in" are words, but Unicode puts them among the symbols.
_SIGNS_THAT_ARE_WORDS = frozenset("\N{ARABIC SIGN SINDHI AMPERSAND}\N{ARABIC SIGN SINDHI POSTPOSITION MEN}")
_IGNORED = frozenset("PSZC")
"""Unicode general categories that `fold_message` drops: punctuation, symbols, separators, controls."""


class Place(NamedTuple):
    """A line of a split's file, counted from 1.

    >>> Place("train", 12).line
    12
    """

    split: str
    line: int


class Repeat(NamedTuple):
    """A message (or a template id) and every place where it is.

    >>> len(Repeat("salam", (Place("train", 1), Place("test", 9))).places)
    2
    """

    text: str
    places: tuple[Place, ...]


def fold_message(text: str) -> str:
    """Fold what does not make a message new: case, width, spaces, punctuation and emoji.

    >>> fold_message("Balance, kitna HAI??") == fold_message("balance kitna hai")
    True
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if _counts(char))


def find_duplicates(dataset: Dataset) -> tuple[Repeat, ...]:
    """Find messages that one form has more than once in one split."""
    groups = _group(dataset, lambda split, row: (split, row.tag, fold_message(row.text)))
    return tuple(_repeat(group) for group in groups)


def find_leaks(dataset: Dataset) -> tuple[Repeat, ...]:
    """Find messages that are in two splits, in whatever language: a model meets them as one text."""
    groups = _group(dataset, lambda _, row: (fold_message(row.text),))
    return tuple(_repeat(group) for group in groups if len({place.split for place, _ in group}) > 1)


def find_split_templates(dataset: Dataset) -> tuple[Repeat, ...]:
    """Find template ids whose rows are in two splits; `Repeat.text` is the id."""
    groups = _group(dataset, lambda _, row: (row.template,))
    split = [group for group in groups if group[0][1].template and len({place.split for place, _ in group}) > 1]
    return tuple(Repeat(group[0][1].template, tuple(place for place, _ in group)) for group in split)


def find_conflicts(dataset: Dataset) -> tuple[Repeat, ...]:
    """Find messages of one form that have two labels."""
    groups = _group(dataset, lambda _, row: (row.tag, fold_message(row.text)))
    return tuple(_repeat(group) for group in groups if len({row.label for _, row in group}) > 1)


def _group(dataset: Dataset, key: Callable[[str, Record], tuple[str, ...]]) -> list[list[tuple[Place, Record]]]:
    groups: dict[tuple[str, ...], list[tuple[Place, Record]]] = defaultdict(list)
    for split in SPLITS:
        for line, row in enumerate(dataset.split(split), start=1):
            groups[key(split, row)].append((Place(split, line), row))
    return [group for group in groups.values() if len(group) > 1]


def _repeat(group: list[tuple[Place, Record]]) -> Repeat:
    return Repeat(group[0][1].text, tuple(place for place, _ in group))


def _counts(char: str) -> bool:
    return char in _SIGNS_THAT_ARE_WORDS or unicodedata.category(char)[0] not in _IGNORED
