"""Rows of any source beside each other, each with its place."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from boli.datasets.cards import Card
from boli.datasets.folders import Dataset
from boli.datasets.records import Place, Record, write_record
from boli.datasets.schemas import Problem

ALL = "all"
"""The split of rows that belong to none."""

ORDER = ("train", "dev", "test", ALL)


class Row(NamedTuple):
    """A record, and where it stands."""

    record: Record
    place: Place


@dataclass(frozen=True)
class Rows:
    """Rows of a source with their places, in the same order, and what was wrong with the source.

    `sha256` signs the records; `card` is None where the source has none; `is_sealed` as in `Dataset`.
    """

    name: str
    records: tuple[Record, ...]
    places: tuple[Place, ...]
    problems: tuple[Problem, ...] = ()
    sha256: str = ""
    card: Card | None = None
    is_sealed: bool = False

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that have rows, in the order of use."""
        found = {place.split for place in self.places}
        return tuple(split for split in ORDER if split in found)

    def split(self, name: str) -> tuple[Record, ...]:
        """Return the rows of one split."""
        return tuple(row for row, place in zip(self.records, self.places, strict=True) if place.split == name)

    def take(self, at: Sequence[int]) -> "Rows":
        """Return the rows at these places of the list, signed anew."""
        records = tuple(self.records[one] for one in at)
        places = tuple(self.places[one] for one in at)
        return replace(self, records=records, places=places, sha256=sign_records(records))


def rows_of(dataset: Dataset) -> Rows:
    """Return the rows of a data set folder beside each other, train first.

    >>> from boli.datasets import load_dataset
    >>> str(rows_of(load_dataset("wallet-intents")).places[-1])
    'test.jsonl:1740'
    """
    splits = (("train", dataset.train), ("dev", dataset.dev), ("test", dataset.test))
    places = tuple(Place(name, line) for name, rows in splits for line in range(1, len(rows) + 1))
    records = (*dataset.train, *dataset.dev, *dataset.test)
    return Rows(dataset.name, records, places, (), dataset.sha256, dataset.card, dataset.is_sealed)


def sign_records(records: Iterable[Record]) -> str:
    """Return the sha256 of rows in their order: the same for the same rows in another file format."""
    digest = hashlib.sha256()
    for record in records:
        digest.update(write_record(record).encode("utf-8") + b"\n")
    return digest.hexdigest()
