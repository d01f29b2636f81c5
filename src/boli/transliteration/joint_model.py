"""How well two spellings go together, letter by letter: n-grams of a source letter with its chunk of the target."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boli.transliteration.hashing import HashedTable

Ints = NDArray[np.int64]

BITS = 20
"""A unit takes so many bits of a key: 8 for the source letter, 12 for the tag."""

ORDER = 3
STEP = 1 / 16
_LEAST = 255


@dataclass(frozen=True)
class JointModel:
    """Joint n-grams of order 3 (Bisani and Ney 2008, with the source side held to one letter), Witten-Bell smoothed.

    table: n-gram of units -> (log-probability, back-off), in steps.
    """

    table: HashedTable

    def scores(self, letters: Ints, tags: Ints) -> NDArray[np.float32]:
        """Return the log-probability of every row of units, its end included: (rows,).

        Args:
            letters: (rows, places) codes of the source letters.
            tags: (rows, places) the tag of each.
        """
        framed = frame(letters, tags)
        total = np.zeros(len(framed), np.float32)
        for place in range(ORDER - 1, framed.shape[1]):
            total += self._step(framed, place)
        return total

    def _step(self, framed: NDArray[np.uint64], place: int) -> NDArray[np.float32]:
        score = np.zeros(len(framed), np.float32)
        left = np.arange(len(framed))
        for size in range(ORDER, 0, -1):
            found, values = self.table.find(unit_keys(framed[left], place, size))
            hit = found | (size == 1)
            score[left[hit]] -= np.where(found, values[:, 0], _LEAST)[hit].astype(np.float32) * STEP
            left = left[~hit]
            if size == 1 or not len(left):
                break
            seen, backs = self.table.find(unit_keys(framed[left], place - 1, size - 1))
            score[left[seen]] -= backs[seen, 1].astype(np.float32) * STEP
        return score


def frame(letters: Ints, tags: Ints) -> NDArray[np.uint64]:
    """Join letters and tags to units, with edges (unit 0) around them."""
    units = (letters.astype(np.uint64) << np.uint64(12)) | tags.astype(np.uint64)
    return np.pad(units, ((0, 0), (ORDER - 1, 1)))


def unit_keys(framed: NDArray[np.uint64], place: int, size: int) -> NDArray[np.uint64]:
    """Return the keys of the n-grams of `size` units that end at `place`: (rows,)."""
    keys = np.full(len(framed), size, np.uint64)
    for step in range(place - size + 1, place + 1):
        keys = (keys << np.uint64(BITS)) | framed[:, step]
    return keys
