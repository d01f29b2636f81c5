"""Counts: rows by split, language form and label, and how long the messages are."""

import statistics
from collections import Counter
from itertools import product
from typing import NamedTuple

from boli.datasets.records import ABOUT, Record
from boli.datasets.rows import Rows


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


class Group(NamedTuple):
    """How many rows say that they are of this dialect, source or gender; value "" for those that do not say.

    >>> Group("gender", "f", 12).rows
    12
    """

    field: str
    value: str
    rows: int


def count_cells(rows: Rows) -> tuple[Cell, ...]:
    """Count rows for every split x tag x label, the empty cells included.

    Tags are those on the card and in rows, labels those of any row: a label that one form lacks is an empty cell.
    """
    pairs = zip(rows.records, rows.places, strict=True)
    found = Counter((place.split, row.tag, row.label) for row, place in pairs)
    labels = sorted({label for _, _, label in found})
    tags = sorted({*(rows.card.languages if rows.card else ()), *(tag for _, tag, _ in found)})
    places = product(rows.splits, tags, labels)
    return tuple(Cell(*place, rows=found[place]) for place in places)


def count_groups(rows: Rows) -> tuple[Group, ...]:
    """Count rows by dialect (with its language), source and gender, commonest first; authors are counted, not named.

    A field that no row fills in is left out.
    """
    groups: list[Group] = []
    for field in ABOUT:
        counts = Counter(_value(row, field) for row in rows.records)
        if set(counts) == {""}:
            continue
        if field == "author":
            counts = Counter({"": counts[""], f"{len(set(counts) - {''})} authors": len(rows.records) - counts[""]})
        listed = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        groups += [Group(field, value, number) for value, number in listed if number]
    return tuple(groups)


def measure_lengths(rows: Rows) -> tuple[Lengths, ...]:
    """Measure the messages of every form that has rows; the median is the lower one of two."""
    lengths: dict[str, list[int]] = {}
    for row in rows.records:
        lengths.setdefault(row.tag, []).append(len(row.text))
    return tuple(Lengths(tag, min(n), int(statistics.median_low(n)), max(n)) for tag, n in sorted(lengths.items()))


def _value(row: Record, field: str) -> str:
    value = str(getattr(row, field))
    return f"{row.tag.partition('-')[0]}: {value}" if field == "dialect" and value else value
