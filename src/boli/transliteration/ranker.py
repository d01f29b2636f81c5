"""Weigh the features of a candidate: a straight sum and a small layer of bends."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Ranker:
    """direct: (features,) weights of the sum. inner: (features, hidden), shift: (hidden,), outer: (hidden,)."""

    direct: Floats
    inner: Floats
    shift: Floats
    outer: Floats

    def scores(self, features: Floats) -> Floats:
        """Return one score for each row; differences between rows of one word are log-odds.

        >>> Ranker(*(np.ones(shape, np.float32) for shape in (2, (2, 1), 1, 1))).scores(np.zeros((1, 2), np.float32))
        array([0.7615942], dtype=float32)
        """
        bent: Floats = np.tanh(features @ self.inner + self.shift) @ self.outer
        return features @ self.direct + bent


def straight(weights: tuple[float, ...]) -> Ranker:
    """Return a ranker that only sums.

    >>> straight((2.0, 1.0)).scores(np.array([[1, 3]], np.float32)).tolist()
    [5.0]
    """
    direct = np.array(weights, np.float32)
    none = np.zeros((len(direct), 1), np.float32)
    return Ranker(direct, none, np.zeros(1, np.float32), np.zeros(1, np.float32))
