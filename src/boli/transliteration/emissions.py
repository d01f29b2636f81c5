"""What the tagger's scores say of a given spelling: the best way to cut it into one chunk for each source letter."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boli.transliteration.alphabet import FIRST, Alphabet, Codes

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

LEAST = -14.0
"""Log-probability of a single letter that no tag of the tagger is."""

_NEVER = -1e9


class ChunkTable:
    """From letter codes of an alphabet to the tags of a tagger, for chunks of 0 to `reach` letters."""

    def __init__(self, tags: Sequence[str], alphabet: Alphabet) -> None:
        self.reach = max(map(len, tags))
        self.none = len(tags)
        self._base = len(alphabet.letters) + FIRST
        self._tables = [np.full(self._base**size, self.none, np.int32) for size in range(self.reach + 1)]
        self.spelled = np.zeros((len(tags), self.reach), np.uint8)
        for number, tag in enumerate(tags):
            codes = [alphabet.known.get(letter, -1) for letter in tag]
            if min(codes, default=0) >= 0:
                self.spelled[number, : len(tag)] = codes
                self._tables[len(tag)][self._key(codes)] = number
        self.empty = int(self._tables[0][0])

    def _key(self, codes: Sequence[int]) -> int:
        key = 0
        for code in codes:
            key = key * self._base + code
        return key

    def chunks(self, rows: Codes, size: int) -> Ints:
        """Return the tag of the chunk that starts at each place: (words, places - size + 1)."""
        places = rows.shape[1] - size + 1
        key = np.zeros((len(rows), places), np.int64)
        for step in range(size):
            key = key * self._base + rows[:, step : step + places]
        found: Ints = self._tables[size][key]
        return found


class Cuts(NamedTuple):
    """Best cut of every row. scores: (rows,) log-probability; tags: (rows, letters) the tag of every source letter."""

    scores: Floats
    tags: Ints


def best_cuts(scores: Floats, owners: Ints, rows: Codes, table: ChunkTable) -> Cuts:
    """Return the best way to cut every row into one chunk for each letter of its word.

    Args:
        scores: (words, letters, tags) of the tagger.
        owners: (rows,) the word whose scores a row is held against.
        rows: candidate spellings.
        table: of the tagger's tags and the rows' alphabet.
    """
    words, letters, tags = scores.shape
    count, places = rows.shape
    padded = np.concatenate([scores, np.full((words, letters, 1), LEAST, np.float32)], axis=2).reshape(-1)
    chunks = [table.chunks(rows, size) for size in range(1, min(table.reach, places) + 1)]
    state = np.full((count, places + 1), _NEVER, np.float32)
    state[:, 0] = 0.0
    taken = np.zeros((letters, count, places + 1), np.int8)
    for letter in range(letters):
        base = ((owners * letters + letter) * (tags + 1))[:, None]
        following = state + padded[base + table.empty]
        for size, chunk in enumerate(chunks, start=1):
            emitted = padded[base + chunk]
            if size > 1:
                emitted[chunk == table.none] = _NEVER
            through = state[:, : places + 1 - size] + emitted
            better = through > following[:, size:]
            following[:, size:] = np.where(better, through, following[:, size:])
            taken[letter, :, size:][better] = size
        state = following
    ends = (rows > 0).sum(axis=1)
    return Cuts(np.maximum(state[np.arange(count), ends], np.float32(-40.0)), _trace(taken, ends, chunks, table))


def _trace(taken: NDArray[np.int8], ends: Ints, chunks: Sequence[Ints], table: ChunkTable) -> Ints:
    letters, count, _ = taken.shape
    tags = np.full((count, letters), table.empty, np.int64)
    row, end = np.arange(count), ends.copy()
    for letter in range(letters - 1, -1, -1):
        size = taken[letter, row, end]
        for width, chunk in enumerate(chunks, start=1):
            of_width = size == width
            tags[of_width, letter] = chunk[row[of_width], end[of_width] - width]
        end -= size
    return tags


def likely_spellings(scores: Floats, table: ChunkTable, *, choices: int, width: int) -> tuple[Floats, Codes]:
    """Return the best spellings of each word, freely put together: scores (words, width), codes (words, width, places).

    Args:
        scores: (words, letters, tags) of the tagger.
        table: of the tagger's tags.
        choices: tags tried for every letter.
        width: spellings kept.
    """
    words, letters, _ = scores.shape
    best = np.argpartition(-scores, choices - 1, axis=2)[:, :, :choices]
    gains = np.take_along_axis(scores, best, 2)
    total = np.zeros((words, 1), np.float32)
    history = np.zeros((words, 1, 0), np.int64)
    for letter in range(letters):
        grown = (total[:, :, None] + gains[:, letter, None, :]).reshape(words, -1)
        kept = np.argsort(-grown, axis=1, kind="stable")[:, :width]
        total = np.take_along_axis(grown, kept, 1)
        before = np.take_along_axis(history, (kept // choices)[:, :, None], 1)
        tag = np.take_along_axis(best[:, letter], kept % choices, 1)
        history = np.concatenate([before, tag[:, :, None]], axis=2)
    spelled = table.spelled[history].reshape(words, history.shape[1], -1)
    return total, _close_gaps(spelled)


def _close_gaps(rows: Codes) -> Codes:
    """Move the letters of every row to its start, and cut off the places that no row needs."""
    order = np.argsort(rows == 0, axis=-1, kind="stable")
    longest = int((rows > 0).sum(axis=-1).max(initial=1))
    return np.take_along_axis(rows, order[..., :longest], axis=-1)
