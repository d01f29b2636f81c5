"""An audit: who is represented in a data set and who is left out, as numbers, as sentences and as JSON."""

import json
from dataclasses import asdict, dataclass

from boli.datasets.cells import Cell, Lengths, count_cells, measure_lengths
from boli.datasets.census import read_census
from boli.datasets.folders import Dataset
from boli.datasets.repeats import Repeat, find_conflicts, find_duplicates, find_leaks, find_split_templates
from boli.datasets.sentences import say_absent, say_cells, say_forms, say_lengths, say_repeats, say_size
from boli.errors import DataError


@dataclass(frozen=True)
class Audit:
    """What `audit_dataset` found; `sha256` names the data it is about.

    `cells` holds every split x form x label, with 0 where there are no rows. Lengths are in code points.

    >>> from boli.datasets import load_dataset
    >>> audit = audit_dataset(load_dataset("wallet-intents"))
    >>> audit.leaks
    ()
    """

    name: str
    sha256: str
    cells: tuple[Cell, ...]
    duplicates: tuple[Repeat, ...]
    leaks: tuple[Repeat, ...]
    split_templates: tuple[Repeat, ...]
    conflicts: tuple[Repeat, ...]
    lengths: tuple[Lengths, ...]
    sentences: tuple[str, ...]

    @property
    def empty_cells(self) -> tuple[Cell, ...]:
        """The cells without a row."""
        return tuple(cell for cell in self.cells if not cell.rows)

    def count_rows(self, *, split: str | None = None, tag: str | None = None, label: str | None = None) -> int:
        """Add up the cells that have this split, tag and label; None takes them all.

        >>> from boli.datasets import load_dataset
        >>> audit = audit_dataset(load_dataset("wallet-intents"))
        >>> audit.count_rows(tag="bal-Latn", split="test") < audit.count_rows(tag="bal-Latn")
        True
        """
        wanted = (split, tag, label)
        return sum(
            cell.rows for cell in self.cells if all(w in (None, got) for w, got in zip(wanted, cell[:3], strict=True))
        )

    def to_json(self) -> str:
        """Write the audit as JSON: the fields of this class, named tuples as objects.

        >>> from boli.datasets import load_dataset
        >>> audit = audit_dataset(load_dataset("wallet-intents"))
        >>> json.loads(audit.to_json())["leaks"]
        []
        """
        found = asdict(self) | {
            "cells": [cell._asdict() for cell in self.cells],
            "lengths": [one._asdict() for one in self.lengths],
        }
        for kind in ("duplicates", "leaks", "split_templates", "conflicts"):
            found[kind] = [_repeat(repeat) for repeat in getattr(self, kind)]
        return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def audit_dataset(dataset: Dataset) -> Audit:
    """Count who is in a data set, and find empty cells, repeated messages and leaks between splits.

    Repeats are found with case, spaces, punctuation and emoji folded away; near-duplicates are not looked for.

    Raises:
        DataError: the data set has no rows.

    >>> from boli.datasets import load_dataset
    >>> print(audit_dataset(load_dataset("wallet-intents")).sentences[2])
    Balochi in Roman script: 168 rows of 1,680 (10.0 %); mother tongue of 3.4 % of Pakistan.
    """
    if not (dataset.train or dataset.dev or dataset.test):
        raise DataError(f"{dataset.name} has no rows; an audit needs at least one")
    cells, lengths = count_cells(dataset), measure_lengths(dataset)
    repeats = find_duplicates(dataset), find_leaks(dataset), find_split_templates(dataset), find_conflicts(dataset)
    sentences = (
        *say_size(dataset.name, cells),
        *say_forms(cells, read_census()),
        *say_absent(cells, read_census()),
        *say_cells(cells),
        *say_repeats(*repeats),
        *say_lengths(lengths),
    )
    return Audit(dataset.name, dataset.sha256, cells, *repeats, lengths, sentences)


def _repeat(repeat: Repeat) -> dict[str, object]:
    return {"text": repeat.text, "places": [place._asdict() for place in repeat.places]}
