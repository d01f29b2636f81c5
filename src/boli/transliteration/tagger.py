"""The letter tagger at work: NumPy alone, words of one length at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

UNKNOWN = 0
"""Code of a letter that the tagger has not met."""
EDGE = 1
"""Code of what stands before and after a word."""
FIRST_LETTER = 2

_AT_ONCE = 64
"""Words whose states fit the processor's cache together."""


@dataclass(frozen=True)
class TaggerShape:
    """Sizes of the network; `dilations` has one step for each block."""

    letters: int
    languages: int
    tags: int
    width: int = 128
    dilations: tuple[int, ...] = (1, 2, 1, 2)


@dataclass(frozen=True)
class Tagger:
    """The network's weights with what its codes mean.

    letters: source letters, their codes start at `FIRST_LETTER`. languages: tags. tags: target chunks, '' among them.
    weights: arrays as `boli.training.romanization.network.weights_of` returns them.
    """

    letters: str
    languages: tuple[str, ...]
    tags: tuple[str, ...]
    dilations: tuple[int, ...]
    weights: Mapping[str, Floats]

    def codes(self, words: Sequence[str]) -> Ints:
        """Return the codes of words of one length, with edges: (words, length + 2)."""
        known = {letter: code for code, letter in enumerate(self.letters, start=FIRST_LETTER)}
        rows = [[EDGE, *(known.get(letter, UNKNOWN) for letter in word), EDGE] for word in words]
        return np.array(rows, dtype=np.int64)

    def scores(self, codes: Ints, language: str) -> Floats:
        """Return log-probabilities of the tags of every letter: (words, length, tags)."""
        count, places = codes.shape
        scores = np.empty((count, places - 2, len(self.tags)), np.float32)
        for start in range(0, count, _AT_ONCE):
            scores[start : start + _AT_ONCE] = self._scores(codes[start : start + _AT_ONCE], language)
        return scores

    def _scores(self, codes: Ints, language: str) -> Floats:
        states = self.weights["letters"][codes] + self.weights["languages"][self.languages.index(language)]
        count, places, width = states.shape
        for block, step in enumerate(self.dilations):
            # Two axes, not three: NumPy multiplies a stack of small matrices one by one.
            hidden = _around(states, step).reshape(-1, 3 * width) @ self.weights[f"spread_{block}"]
            hidden += self.weights[f"spread_bias_{block}"]
            np.maximum(hidden, 0, out=hidden)
            states += (hidden @ self.weights[f"merge_{block}"]).reshape(count, places, width)
            states += self.weights[f"merge_bias_{block}"]
        raw: Floats = states[:, 1:-1].reshape(-1, width) @ self.weights["tags"]
        raw += self.weights["tags_bias"]
        raw -= raw.max(axis=1, keepdims=True)
        raw -= np.log(np.exp(raw).sum(axis=1, keepdims=True))
        return raw.reshape(count, places - 2, -1)


def _around(states: Floats, step: int) -> Floats:
    """Put beside every place the places `step` before and after it; zeros past the ends: (words, places, 3 width)."""
    words, places, width = states.shape
    wide = np.zeros((words, places, 3 * width), dtype=states.dtype)
    wide[:, step:, :width] = states[:, :-step]
    wide[:, :, width : 2 * width] = states
    wide[:, :-step, 2 * width :] = states[:, step:]
    return wide
