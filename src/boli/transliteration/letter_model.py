"""How word-like a string of letters is: an n-gram model of letters with back-off, for many words at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boli.transliteration.alphabet import Codes
from boli.transliteration.hashing import HashedTable

BITS = 7
"""A letter takes so many bits of a key, so an alphabet has at most 126 letters."""

STEP = 1 / 16
"""Log-probabilities and back-off weights are kept as whole steps below zero, in one byte each."""

_LEAST = 255


@dataclass(frozen=True)
class LetterModel:
    """Counts of letter n-grams, smoothed (Witten-Bell) when they were built, with the weights of back-off.

    order: letters of the longest n-gram. table: n-gram -> (log-probability, back-off), in steps.
    """

    order: int
    table: HashedTable

    def scores(self, rows: Codes) -> NDArray[np.float32]:
        """Return the natural log-probability of every word, its end included: (words,)."""
        framed = frame(rows, self.order)
        ends = (rows > 0).sum(axis=1)
        total = np.zeros(len(rows), np.float32)
        for place in range(rows.shape[1] + 1):
            live = np.flatnonzero(ends >= place)
            if len(live):
                total[live] += self._step(framed[live], place + self.order - 1)
        return total

    def _step(self, framed: NDArray[np.uint64], place: int) -> NDArray[np.float32]:
        """Log-probability of the letter at `place` after those before it."""
        score = np.zeros(len(framed), np.float32)
        left = np.arange(len(framed))
        for size in range(self.order, 0, -1):
            found, values = self.table.find(ngram_keys(framed[left], place, size))
            hit = found | (size == 1)
            steps = np.where(found, values[:, 0], _LEAST)[hit]
            score[left[hit]] -= steps.astype(np.float32) * STEP
            left = left[~hit]
            if size == 1 or not len(left):
                break
            seen, backs = self.table.find(ngram_keys(framed[left], place - 1, size - 1))
            score[left[seen]] -= backs[seen, 1].astype(np.float32) * STEP
        return score


def frame(rows: Codes, order: int) -> NDArray[np.uint64]:
    """Put `order - 1` edges (code 0) before the letters and one after them."""
    return np.pad(rows.astype(np.uint64), ((0, 0), (order - 1, 1)))


def ngram_keys(framed: NDArray[np.uint64], place: int, size: int) -> NDArray[np.uint64]:
    """Return the keys of the n-grams of `size` letters that end at `place`: (words,)."""
    keys = np.full(len(framed), size, np.uint64)
    for step in range(place - size + 1, place + 1):
        keys = (keys << np.uint64(BITS)) | framed[:, step]
    return keys
