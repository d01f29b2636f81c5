"""Let the neighbours decide: a model of word pairs, and the best path through the candidates of a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boli.transliteration.alphabet import Keys
from boli.transliteration.hashing import HashedTable, mix

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

STEP = 1 / 16
"""Boosts are kept in whole steps, in one byte, with `ZERO` for none."""

ZERO = 128
START = np.uint64(0x5BD1E9955BD1E995)
"""Key of what stands before the first word of a text."""

PRUNED = 7.0
"""Candidates so many nats below the best one of their word are left out: no neighbour brings them back."""

_ALONE = np.uint64(0)


@dataclass(frozen=True)
class ContextModel:
    """How much likelier a word is after another than by itself, from counts of word pairs.

    table: pair of word keys -> log P(second | first) - log P(second), in steps; and, under `alone_key`, what a word
    gives to those that were not counted after it. weight: how much a boost counts beside the words' own scores.
    """

    table: HashedTable
    weight: float

    def boosts(self, left: Keys, right: Keys) -> Floats:
        """Return the boosts of pairs; the arrays have one shape, which is that of the result."""
        return self._boosts(left, right, self._backs(left))

    def _backs(self, keys: Keys) -> Floats:
        found, values = self.table.find(alone_key(keys))
        return np.where(found, values[..., 0].astype(np.float32) - ZERO, np.float32(0))

    def _boosts(self, left: Keys, right: Keys, backs: Floats) -> Floats:
        found, values = self.table.find(mix(left, right))
        steps = np.where(found, values[..., 0].astype(np.float32) - ZERO, backs)
        return steps * np.float32(STEP * self.weight)

    def best_paths(self, keys: Keys, scores: Floats, starts: Sequence[int]) -> Ints:
        """Choose one candidate for every word: (words,) candidate numbers.

        Sentences go side by side, so a thousand cost little more than one.

        Args:
            keys: (words, candidates).
            scores: (words, candidates), -inf where there is none.
            starts: the first word of every sentence, ascending.
        """
        words, count = keys.shape
        chosen = np.zeros(words, np.int64)
        if not words:
            return chosen
        first = np.asarray(starts)
        lengths = np.diff(np.append(first, words))
        scores = np.where(scores >= scores.max(axis=1, keepdims=True) - PRUNED, scores, -np.inf)
        boosts = self._all_boosts(keys, np.isfinite(scores), first)
        total = scores + boosts[:, 0, :]
        back = np.zeros((words, count), np.int64)
        longest = int(lengths.max())
        for step in range(1, longest):
            live = first[lengths > step] + step
            through = total[live - 1][:, :, None] + boosts[live]
            back[live] = through.argmax(axis=1)
            total[live] = scores[live] + through.max(axis=1)
        for step in range(longest - 1, -1, -1):
            live = first[lengths > step] + step
            last = lengths[lengths > step] == step + 1
            chosen[live[last]] = total[live[last]].argmax(axis=1)
            inner = live[~last]
            chosen[inner] = back[inner + 1, chosen[inner + 1]]
        return chosen

    def _all_boosts(self, keys: Keys, valid: NDArray[np.bool_], first: Ints) -> Floats:
        """Boosts of every candidate of the word before with every candidate: (words, before, candidates).

        The first word of a sentence has those after `START`, in the row of the first candidate before it.
        """
        words, count = keys.shape
        boosts = np.zeros((words, count, count), np.float32)
        backs = np.zeros((words, count), np.float32)
        backs[valid] = self._backs(keys[valid])
        opens = np.zeros(words, bool)
        opens[first[first < words]] = True
        pairs = valid[:-1, :, None] & valid[1:, None, :] & ~opens[1:, None, None]
        word, left, right = np.nonzero(pairs)
        boosts[word + 1, left, right] = self._boosts(keys[word, left], keys[word + 1, right], backs[word, left])
        opening = np.flatnonzero(opens)
        boosts[opening, 0] = self.boosts(np.full((len(opening), count), START), keys[opening])
        return boosts


def alone_key(keys: Keys) -> Keys:
    """Return under which key the table keeps what a word gives to words not counted after it."""
    return mix(keys, np.broadcast_to(_ALONE, keys.shape))
