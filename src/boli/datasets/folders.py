"""A data set on disk: a folder with train.jsonl, dev.jsonl, test.jsonl and README.md, the card.

Each data file may be sealed (``train.jsonl.sealed``, see `boli.datasets.sealing`).
"""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from boli.datasets.cards import Card, check_card
from boli.datasets.records import Record, read_records
from boli.datasets.sealing import find_file, is_sealed, plain_path
from boli.datasets.textfiles import read_bytes
from boli.errors import DataError, suggest

SPLITS = ("train", "dev", "test")
"""Names of the three parts, in the order in which they are used."""


@dataclass(frozen=True)
class Dataset:
    """Three splits and their card; row number i of a split is line i + 1 of its file.

    `sha256` signs the three data files, so that a number can name the data it came from; the card is not part of it.
    It is the same for sealed files. `is_sealed`: one is sealed, so nothing that quotes rows belongs on a disk.

    >>> dataset = load_dataset("wallet-intents")
    >>> dataset.name, len(dataset.sha256)
    ('wallet-intents', 64)
    """

    name: str
    train: tuple[Record, ...]
    dev: tuple[Record, ...]
    test: tuple[Record, ...]
    card: Card
    sha256: str
    is_sealed: bool = False

    def split(self, name: str) -> tuple[Record, ...]:
        """Return the rows of ``train``, ``dev`` or ``test``.

        >>> dataset = load_dataset("wallet-intents")
        >>> dataset.split("dev") is dataset.dev
        True
        """
        if name not in SPLITS:
            raise DataError(f"no split {name!r}; choose from: {', '.join(SPLITS)}{suggest(name, SPLITS)}")
        return {"train": self.train, "dev": self.dev, "test": self.test}[name]


def load_dataset(name_or_folder: str | Path) -> Dataset:
    """Load a data set that ships with boli, or one from a folder.

    Args:
        name_or_folder: the name of a shipped data set, or a folder (a `Path`, or text that is no shipped name).

    Raises:
        DataError: there is no such data set, a file is missing or wrong, the card is incomplete, or a row is in a
            language or script that the card does not name.

    >>> load_dataset("wallet-intents").card.licence
    'cc0-1.0'
    >>> load_dataset("walet-intents")
    Traceback (most recent call last):
    ...
    boli.errors.DataError: no data set 'walet-intents'; shipped: wallet-intents (did you mean 'wallet-intents'?); or
    give a folder with train.jsonl, dev.jsonl, test.jsonl and README.md
    """
    folder = _find_folder(name_or_folder)
    card = check_card(folder)
    paths = [find_file(folder / f"{split}.jsonl") for split in SPLITS]
    train, dev, test = (_read_split(path, card) for path in paths)
    sealed = any(is_sealed(path) for path in paths)
    return Dataset(folder.resolve().name, train, dev, test, card, _sign(paths), sealed)


def shipped_names() -> tuple[str, ...]:
    """Name the data sets inside the package, sorted.

    >>> shipped_names()
    ('wallet-intents',)
    """
    return tuple(sorted(entry.name for entry in (files("boli") / "data" / "datasets").iterdir() if entry.is_dir()))


def _find_folder(name_or_folder: str | Path) -> Path:
    shipped = shipped_names()
    if isinstance(name_or_folder, str) and name_or_folder in shipped:
        return Path(str(files("boli") / "data" / "datasets" / name_or_folder))
    folder = Path(name_or_folder)
    if folder.is_dir():
        return folder
    raise DataError(
        f"no data set {str(name_or_folder)!r}; shipped: {', '.join(shipped)}{suggest(str(name_or_folder), shipped)};"
        " or give a folder with train.jsonl, dev.jsonl, test.jsonl and README.md"
    )


def _read_split(path: Path, card: Card) -> tuple[Record, ...]:
    rows = tuple(read_records(path))
    if not rows:
        raise DataError(f"{path}:1: the file has no rows; every split needs at least one")
    for number, row in enumerate(rows, start=1):
        if row.tag not in card.languages:
            raise DataError(
                f"{path}:{number}: tag {row.tag!r} is not on the card;"
                f" {card.path.name} names: {', '.join(card.languages)}; add it there or mend the row"
            )
    return rows


def _sign(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        raw = read_bytes(path)
        digest.update(f"{plain_path(path).name} {len(raw)}\n".encode())
        digest.update(raw)
    return digest.hexdigest()
