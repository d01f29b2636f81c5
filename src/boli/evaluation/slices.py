"""Who is left out: the score of each slice (language, script, dialect, length), the worst one, and the gap."""

from collections.abc import Sequence
from dataclasses import dataclass

from boli.errors import DataError
from boli.evaluation.intervals import Interval, bootstrap_interval, wilson_interval
from boli.evaluation.metrics import Metric, accuracy


@dataclass(frozen=True)
class SliceScore:
    """The score of one slice; `small` says that it has too few rows to rank it, and it is shown all the same."""

    name: str
    count: int
    interval: Interval
    small: bool


def slice_scores(
    gold: Sequence[str],
    predicted: Sequence[str],
    groups: Sequence[str],
    metric: Metric = accuracy,
    minimum: int = 30,
    *,
    samples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[SliceScore, ...]:
    """Score each group of rows, in the order of their names.

    Accuracy gets Wilson's interval, which stays honest in small slices; other metrics get the bootstrap's.

    Args:
        groups: for each row, the slice it belongs to.
        minimum: slices with fewer rows are marked `small`.

    Raises:
        DataError: no rows, or unequal lengths.

    >>> scores = slice_scores(["a", "b", "a"], ["a", "b", "b"], ["ur-Arab", "ur-Arab", "sd-Latn"])
    >>> [(score.name, score.count, score.interval.value, score.small) for score in scores]
    [('sd-Latn', 1, 0.0, True), ('ur-Arab', 2, 1.0, True)]
    """
    if not len(gold) == len(predicted) == len(groups) or not len(gold):
        raise DataError(
            f"{len(gold)} gold rows, {len(predicted)} predictions, {len(groups)} groups; expected one of each per row"
        )
    scores = []
    for name in sorted(set(groups)):
        rows = [row for row, group in enumerate(groups) if group == name]
        truth, guess = [gold[row] for row in rows], [predicted[row] for row in rows]
        if metric is accuracy:
            interval = _share(truth, guess, level)
        else:
            interval = bootstrap_interval(truth, guess, metric, samples=samples, level=level, seed=seed)
        scores.append(SliceScore(name, len(rows), interval, len(rows) < minimum))
    return tuple(scores)


def worst_slice(scores: Sequence[SliceScore]) -> SliceScore | None:
    """Return the lowest slice that is not small; None if all are small.

    >>> high, low = (SliceScore(name, 50, Interval(value, 0, 1), False) for name, value in [("a", 0.9), ("b", 0.5)])
    >>> worst_slice([high, low]).name
    'b'
    """
    return min(_large(scores), key=lambda score: score.interval.value, default=None)


def slice_gap(scores: Sequence[SliceScore]) -> float:
    """Return the highest minus the lowest score of the slices that are not small; 0 if there are fewer than two.

    >>> scores = [SliceScore(name, 50, Interval(value, 0, 1), False) for name, value in [("a", 0.75), ("b", 0.5)]]
    >>> slice_gap(scores)
    0.25
    """
    values = [score.interval.value for score in _large(scores)] or [0.0]
    return max(values) - min(values)


def _large(scores: Sequence[SliceScore]) -> list[SliceScore]:
    return [score for score in scores if not score.small]


def _share(gold: Sequence[str], predicted: Sequence[str], level: float) -> Interval:
    right = sum(truth == guess for truth, guess in zip(gold, predicted, strict=True))
    return wilson_interval(right, len(gold), level=level)
