"""Counts: rows by split, language form and label, and how long the messages are."""

import statistics
from collections import Counter
from itertools import product
from typing import NamedTuple

from boli.datasets.folders import SPLITS, Dataset


class Cell(NamedTuple):
    """How many rows a split has of one label in one language form; 0 is a finding too.

    >>> Cell("test", "bal-Latn", "cash_out", 0).rows
    0
    """

    split: str
    tag: str
    label: str
    rows: int


class Lengths(NamedTuple):
    """Lengths of the messages of one language form, in code points.

    >>> Lengths("ur-Arab", shortest=4, median=31, longest=120).median
    31
    """

    tag: str
    shortest: int
    median: int
    longest: int


def count_cells(dataset: Dataset) -> tuple[Cell, ...]:
    """Count rows for every split x tag x label, the empty cells included.

    Tags are those on the card and in rows, labels those of any row: a label that one form lacks is an empty cell.
    """
    found = Counter((split, row.tag, row.label) for split in SPLITS for row in dataset.split(split))
    labels = sorted({label for _, _, label in found})
    tags = sorted({*dataset.card.languages, *(tag for _, tag, _ in found)})
    places = product(SPLITS, tags, labels)
    return tuple(Cell(*place, rows=found[place]) for place in places)


def measure_lengths(dataset: Dataset) -> tuple[Lengths, ...]:
    """Measure the messages of every form that has rows; the median is the lower one of two."""
    lengths: dict[str, list[int]] = {}
    for row in (*dataset.train, *dataset.dev, *dataset.test):
        lengths.setdefault(row.tag, []).append(len(row.text))
    return tuple(Lengths(tag, min(n), int(statistics.median_low(n)), max(n)) for tag, n in sorted(lengths.items()))
