"""How well named spans are found: F1 by whole span, with an interval."""

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from boli.errors import DataError
from boli.evaluation.intervals import Interval, resamples


def span_f1(
    gold: Sequence[Sequence[Hashable]],
    predicted: Sequence[Sequence[Hashable]],
    *,
    samples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
    clusters: Sequence[str] | None = None,
) -> Interval:
    """Return the F1 of spans over all rows; a span counts as right only whole, with both ends and its name.

    Args:
        gold, predicted: for each row its spans, such as ``(start, end, name)``.
        clusters: for each row, the name of the group that is drawn as one in the bootstrap.

    Raises:
        DataError: no rows, or unequal lengths.

    >>> span_f1([[(0, 3, "amount")], []], [[(0, 3, "amount")], [(0, 1, "name")]]).value.__round__(3)
    0.667
    """
    if len(gold) != len(predicted) or not len(gold):
        raise DataError(f"{len(gold)} gold rows and {len(predicted)} predicted ones; expected as many, and some")
    counts = np.array([_count(*pair) for pair in zip(gold, predicted, strict=True)], np.int64)
    drawn = resamples(len(gold), samples=samples, seed=seed, clusters=clusters)
    values = np.array([_f1(counts[rows]) for rows in drawn])
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(_f1(counts), float(low), float(high))


def _count(gold: Sequence[Hashable], predicted: Sequence[Hashable]) -> tuple[int, int]:
    """Twice the right ones, and all of both."""
    right = sum((Counter(gold) & Counter(predicted)).values())
    return 2 * right, len(gold) + len(predicted)


def _f1(counts: NDArray[np.int64]) -> float:
    right, both = counts.sum(axis=0)
    return float(right / both) if both else 1.0
