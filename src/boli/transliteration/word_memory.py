"""Words met before: the table that comes with the model, the user's own words, and what was worked out earlier."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from boli.transliteration.alphabet import Keys, word_keys
from boli.transliteration.model_files import Table, load_direction
from boli.transliteration.word_model import WordModel

Floats = NDArray[np.float32]

MOST = 1 << 17
"""Words kept; after that the memory starts again from the table that came with the model."""

WIDTH = 5
"""Candidates of a word that a sentence chooses from."""

_BATCH = 4096


@dataclass
class _Rows:
    """Growing arrays. places: word -> row; texts: candidates of the rows after the table's; keys, scores: (capacity,
    WIDTH)."""

    places: dict[str, int]
    texts: list[tuple[str, ...]]
    keys: Keys
    scores: Floats


@dataclass(frozen=True)
class WordMemory:
    """Candidates of words, each worked out once.

    model: works out new words. table: words that come worked out.
    """

    model: WordModel
    table: Table
    _rows: _Rows = field(init=False, repr=False, compare=False)
    _lock: Lock = field(init=False, repr=False, compare=False, default_factory=Lock)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_rows", self._fresh())

    def look_up(self, words: Sequence[str]) -> tuple[list[tuple[str, ...]], Keys, Floats]:
        """Return candidate texts, keys (words, WIDTH) and scores (words, WIDTH) of every word."""
        with self._lock:
            rows = self._rows
            new = [word for word in dict.fromkeys(words) if word not in rows.places]
            if new and len(rows.texts) + len(new) > MOST:
                rows = self._fresh()
                object.__setattr__(self, "_rows", rows)
                new = [word for word in dict.fromkeys(words) if word not in rows.places]
            for start in range(0, len(new), _BATCH):
                self._work_out(rows, new[start : start + _BATCH])
            places = [rows.places[word] for word in words]
            return [self._texts(rows, place) for place in places], rows.keys[places], rows.scores[places]

    def _texts(self, rows: _Rows, place: int) -> tuple[str, ...]:
        own = place - len(self.table.words)
        return rows.texts[own] if own >= 0 else self.table.candidates(place)

    def _work_out(self, rows: _Rows, words: Sequence[str]) -> None:
        ranking = self.model.rank(words, WIDTH)
        texts = self.model.alphabet.decode(ranking.codes.reshape(-1, ranking.codes.shape[2]))
        start = len(rows.places)
        end = start + len(words)
        if end > len(rows.keys):
            _grow(rows, start, 2 * end)
        rows.keys[start:end], rows.scores[start:end] = ranking.keys, ranking.scores
        rows.texts.extend(tuple(filter(None, texts[at : at + WIDTH])) for at in range(0, len(texts), WIDTH))
        rows.places.update(zip(words, range(start, end), strict=True))

    def _fresh(self) -> _Rows:
        table = self.table
        size = len(table.words)
        rows = _Rows(
            dict(zip(table.words, range(size), strict=True)), [],
            np.zeros((size, WIDTH), np.uint64), np.full((size, WIDTH), -np.inf, np.float32),
        )  # fmt: skip
        word = np.repeat(np.arange(size), table.counts)
        rank = np.arange(len(word)) - np.repeat(table.starts, table.counts)
        kept = rank < WIDTH
        rows.keys[word[kept], rank[kept]] = word_keys(self.model.alphabet.encode(table.texts))[kept]
        rows.scores[word[kept], rank[kept]] = table.scores[kept]
        return rows


def _grow(rows: _Rows, used: int, size: int) -> None:
    keys, scores = np.zeros((size, WIDTH), np.uint64), np.full((size, WIDTH), -np.inf, np.float32)
    keys[:used], scores[:used] = rows.keys[:used], rows.scores[:used]
    rows.keys, rows.scores = keys, scores


@cache
def shared_memory(native: str, *, is_reading: bool) -> WordMemory:
    """Return the memory that all callers in this process share.

    Args:
        native: tag of the native side.
        is_reading: from Roman letters; otherwise to them.
    """
    way = load_direction(native, "reading" if is_reading else "writing")
    return WordMemory(way.model, way.table)
