"""Can a model tell what it does not know: scores of messages inside and outside of what it was taught."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boli.errors import DataError

Numbers = Sequence[float] | NDArray[np.floating]


class ScopeScore(NamedTuple):
    """How well a score tells what is out of scope.

    Args:
        rows: messages out of scope that were tried.
        auroc: chance that a message in scope scores above one out of scope; 0.5 is a coin.
        threshold: messages below it count as out of scope.
        kept: share of the messages in scope that are above it.
        caught: share of the messages out of scope that are below it.
    """

    rows: int
    auroc: float
    threshold: float
    kept: float
    caught: float


def score_scope(inside: Numbers, outside: Numbers, threshold: float) -> ScopeScore:
    """Compare the scores of messages in scope with those of messages out of scope.

    Raises:
        DataError: one of the two is empty.

    >>> score_scope([0.9, 0.8], [0.1, 0.85], 0.5)
    ScopeScore(rows=2, auroc=0.75, threshold=0.5, kept=1.0, caught=0.5)
    """
    inner, outer = np.asarray(inside, np.float64), np.asarray(outside, np.float64)
    if not len(inner) or not len(outer):
        raise DataError("no messages in scope or none out of scope; expected some of both")
    kept, caught = float((inner >= threshold).mean()), float((outer < threshold).mean())
    return ScopeScore(len(outer), auroc(inner, outer), threshold, kept, caught)


def auroc(high: NDArray[np.float64], low: NDArray[np.float64]) -> float:
    """Return the chance that one of `high` is above one of `low`; equals count half.

    >>> auroc(np.array([2.0]), np.array([1.0, 2.0]))
    0.75
    """
    ordered = np.sort(low)
    below = np.searchsorted(ordered, high, side="left")
    equal = np.searchsorted(ordered, high, side="right") - below
    return float((below + equal / 2).mean() / len(low))


def choose_threshold(scores: Numbers, keep: float) -> float:
    """Return the score that a share `keep` of some messages reach.

    >>> choose_threshold([0.1, 0.2, 0.3, 0.4], 0.75)
    0.2
    """
    ordered = np.sort(np.asarray(scores, np.float64))
    if not len(ordered):
        raise DataError("no scores; expected those of dev messages")
    return float(ordered[min(len(ordered) - 1, round((1 - keep) * len(ordered)))])
