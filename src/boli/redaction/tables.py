"""What redaction knows, read from ``data/redaction``: lists of words by role, kinds, ranges of numbers."""

import csv
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from boli.errors import TableError
from boli.redaction.folding import HIDDEN, fold
from boli.redaction.lines import Line

WORD_GAP = f"[ \\-_.'{HIDDEN}]{{1,3}}"
"""Between the words of one phrase."""


@dataclass(frozen=True)
class Kind:
    """A kind of personal data: its name, the word in the placeholder, whether it is looked for by default."""

    name: str
    placeholder: str
    default: bool
    about: str


@cache
def load_kinds() -> Mapping[str, Kind]:
    """Return the kinds by name, in the order in which they are looked for."""
    text = (files("boli") / "data" / "redaction" / "kinds.toml").read_text("utf-8")
    return {name: Kind(name, **fields) for name, fields in tomllib.loads(text).items()}


def read_rows(name: str, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """Return the rows of a table.

    Raises:
        TableError: the columns are others, or a cell is empty; the message names file and line.
    """
    shown = f"redaction/{name}.tsv"
    text = (files("boli") / "data" / "redaction" / f"{name}.tsv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    if not rows or tuple(rows[0]) != columns:
        found = ", ".join(rows[0]) if rows else "no rows"
        raise TableError(f"{shown}:1: {found}; expected the columns {', '.join(columns)}")
    for number, row in enumerate(rows, start=2):
        if not all(row.values()):
            raise TableError(f"{shown}:{number}: a cell is empty; fill in {', '.join(columns)}")
    return rows


@cache
def read_words(name: str) -> Mapping[str, tuple[str, ...]]:
    """Return the words of a list by role, folded, without repeats.

    Raises:
        TableError: a row is not complete.
    """
    found: dict[str, dict[str, None]] = {}
    for row in read_rows(name, ("word", "role", "tag", "source")):
        found.setdefault(row["role"], {})[fold(row["word"])] = None
    return {role: tuple(words) for role, words in found.items()}


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for whole words and phrases, the longest first.

    >>> any_of(["a b", "c"])
    "(?:a[ \\\\-_.'\u200c]{1,3}b|c)(?!\\\\w)"
    """
    longest = sorted(set(words), key=lambda word: (-len(word), word))
    return f"(?:{'|'.join(WORD_GAP.join(map(re.escape, word.split())) for word in longest)})(?!\\w)"


_TOKEN = re.compile(r"(?<![^\W\d_])[^\W\d_]+")
_HEAD = re.compile(r"[^\W\d_]*")


@dataclass(frozen=True)
class Cues:
    """Phrases that are looked for at the starts of words only, by their first letters: linear and fast."""

    heads: frozenset[str]
    pattern: re.Pattern[str]

    def find(self, line: Line, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
        """Yield the phrases of a line; they may overlap."""
        if self.heads.isdisjoint(line.words):
            return
        stop = len(line.folded) if end is None else end
        for token in _TOKEN.finditer(line.folded, start, stop):
            if token[0] in self.heads and (found := self.pattern.match(line.folded, token.start(), stop)):
                yield found


def make_cues(words: Iterable[str], then: str = "") -> Cues:
    """Return cues for phrases that begin with letters, with a pattern that has to follow."""
    chosen = list(words)
    heads = frozenset(match[0] for word in chosen if (match := _HEAD.match(word)) and match[0])
    return Cues(heads, re.compile(any_of(chosen) + then))
