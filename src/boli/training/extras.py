"""Files that a data set may bring beside its splits: messages out of scope, and pairs whose answers should agree."""

import json
from pathlib import Path
from typing import NamedTuple

from boli.datasets import Dataset, Record, read_records
from boli.datasets.sealing import find_file
from boli.datasets.textfiles import read_lines
from boli.errors import DataError, LanguageError
from boli.languages import parse_tag

OUTSIDE, PAIRS = "outside.jsonl", "pairs.jsonl"
_KEYS = ("text", "tag", "other", "other_tag", "kind")


class Pair(NamedTuple):
    """Two texts that should get one answer, and what they differ in: ``name``, ``place``, ``script``, ``spelling``."""

    text: str
    tag: str
    other: str
    other_tag: str
    kind: str


class Extras(NamedTuple):
    """What was found beside the splits; both may be empty."""

    outside: tuple[Record, ...]
    pairs: tuple[Pair, ...]


NOTHING = Extras((), ())


def read_extras(dataset: Dataset) -> Extras:
    """Read ``outside.jsonl`` (rows as in the splits; labels are not looked at) and ``pairs.jsonl`` where they are.

    Raises:
        DataError: a row is wrong; the message starts with file:line.
    """
    folder = dataset.card.path.parent
    outside, pairs = find_file(folder / OUTSIDE), find_file(folder / PAIRS)
    return Extras(
        tuple(read_records(outside)) if outside.is_file() else (), read_pairs(pairs) if pairs.is_file() else ()
    )


def read_pairs(path: Path) -> tuple[Pair, ...]:
    """Read pairs, one JSON object a line with the keys text, tag, other, other_tag and kind.

    Raises:
        DataError: a row is wrong; the message starts with file:line.
    """
    return tuple(_read_pair(line, f"{path}:{number}") for number, line in enumerate(read_lines(path), start=1))


def _read_pair(line: str, place: str) -> Pair:
    try:
        row = json.loads(line)
        first, tag, other, other_tag, kind = (row[key] for key in _KEYS)
        pair = Pair(first, str(parse_tag(tag)), other, str(parse_tag(other_tag)), kind)
    except (ValueError, KeyError, TypeError, LanguageError) as problem:
        raise DataError(f"{place}: not a pair ({problem}); expected an object with {', '.join(_KEYS)}") from None
    if not all(isinstance(part, str) and part.strip() for part in pair):
        raise DataError(f"{place}: a part of the pair is empty or no text; fill it in or delete the row")
    return pair
