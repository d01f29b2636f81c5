"""The labels and slots of a data set as numbers, in the order of a model's outputs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boli.datasets import Dataset, Record
from boli.errors import DataError, suggest
from boli.training.config import FinetuneConfig


@dataclass(frozen=True)
class LabelSet:
    """What a model can answer.

    Args:
        names: labels in alphabetical order.
        several: a text may have several of them, or none.
        separator, none: how rows write that.
        slots: names of the slots that are found, in alphabetical order.
    """

    names: tuple[str, ...]
    several: bool = False
    separator: str = "|"
    none: str = "none"
    slots: tuple[str, ...] = ()

    def split(self, label: str) -> tuple[str, ...]:
        """Return the labels that a row's label names.

        >>> LabelSet(("a", "b"), several=True).split("b|a")
        ('a', 'b')
        """
        return _split(label, self.separator, self.none) if self.several else (label,)

    def join(self, labels: Sequence[str]) -> str:
        """Write labels as a row would, in alphabetical order.

        >>> LabelSet(("a", "b"), several=True).join([])
        'none'
        """
        return self.separator.join(sorted(labels)) or self.none

    def number(self, records: Sequence[Record]) -> NDArray[np.generic]:
        """Return (rows,) int64, or (rows, labels) float32 of 0 and 1 where a text may have several."""
        places = {name: place for place, name in enumerate(self.names)}
        if not self.several:
            return np.array([places[record.label] for record in records], np.int64)
        gold = np.zeros((len(records), len(self.names)), np.float32)
        for row, record in enumerate(records):
            gold[row, [places[label] for label in self.split(record.label)]] = 1
        return gold

    def canonical(self, records: Sequence[Record]) -> list[str]:
        """Return the label of each row, several of them in alphabetical order."""
        return [self.join(self.split(record.label)) if self.several else record.label for record in records]


def read_labels(dataset: Dataset, config: FinetuneConfig) -> LabelSet:
    """Return the labels and slots of a data set.

    Raises:
        DataError: fewer than two labels, one in dev or test that training lacks, or no slots where they are asked for.
    """
    data = config.data
    found = {
        name
        for record in dataset.train
        for name in (_split(record.label, data.separator, data.none) if data.multi_label else (record.label,))
    }
    slots = sorted({slot.name for record in dataset.train for slot in record.slots}) if config.model.slots else []
    labels = LabelSet(tuple(sorted(found)), data.multi_label, data.separator, data.none, tuple(slots))
    _check(dataset, labels, wants_slots=config.model.slots)
    return labels


def _check(dataset: Dataset, labels: LabelSet, *, wants_slots: bool) -> None:
    if len(labels.names) < (1 if labels.several else 2):
        only = f"the only label in train is {labels.names[0]!r}" if labels.names else "no row of train has a label"
        raise DataError(f"{dataset.name}: {only}; expected two or more: add rows")
    if wants_slots and not labels.slots:
        raise DataError(f"{dataset.name}: no row of train has a slot; mark some, or set model.slots=false")
    for split in ("dev", "test"):
        for row, record in enumerate(dataset.split(split), start=1):
            unknown = [name for name in labels.split(record.label) if name not in labels.names]
            if unknown:
                raise DataError(
                    f"{dataset.name}/{split}.jsonl:{row}: label {unknown[0]!r} has no row in train; "
                    f"train has: {', '.join(labels.names)}{suggest(unknown[0], labels.names)}; add rows or mend it"
                )


def _split(label: str, separator: str, none: str) -> tuple[str, ...]:
    parts = sorted({part.strip() for part in label.split(separator)} - {"", none})
    return tuple(parts)
