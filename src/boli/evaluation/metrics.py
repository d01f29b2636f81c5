"""How well predictions agree with the truth, as one number: pure NumPy, equal to scikit-learn's definitions.

Every metric takes `(gold, predicted)`: two sequences of labels of the same length. Inside a bootstrap they are arrays
of label numbers, so a metric of your own must not look at the names.
"""

from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from boli.errors import DataError, suggest

Labels = Sequence[str] | NDArray[np.int64]
Metric = Callable[[Labels, Labels], float]


def accuracy(gold: Labels, predicted: Labels) -> float:
    """Return the share of rows that are right, 0 to 1.

    Raises:
        DataError: no rows, or unequal lengths.

    >>> accuracy(["a", "b", "b", "a"], ["a", "b", "a", "a"])
    0.75
    """
    first, second = encode(gold, predicted)
    return float((first == second).mean())


def macro_f1(gold: Labels, predicted: Labels) -> float:
    """Return the mean F1 of the labels that occur in either sequence, 0 to 1; every label counts the same.

    Raises:
        DataError: no rows, or unequal lengths.

    >>> round(macro_f1(["a", "b", "b", "a"], ["a", "b", "a", "a"]), 3)
    0.733
    """
    first, second = encode(gold, predicted)
    count = int(max(first.max(), second.max())) + 1
    right = np.bincount(first[first == second], minlength=count)
    total = np.bincount(first, minlength=count) + np.bincount(second, minlength=count)
    present = total > 0
    return float((2 * right[present] / total[present]).mean())


def macro_f1_of_sets(separator: str, none: str, *sequences: Sequence[str]) -> Metric:
    """Return a metric for texts that have several labels: the mean F1 of the labels, each judged by itself.

    Args:
        separator: between the labels of a row.
        none: the label of a row that has none.
        sequences: all labels and predictions that the metric will see, in the order in which they are numbered.

    >>> gold, predicted = ["a|b", "none"], ["a", "none"]
    >>> macro_f1_of_sets("|", "none", gold, predicted)(gold, predicted)
    0.5
    """
    rows = list(dict.fromkeys(row for sequence in sequences for row in sequence))
    sets = [set(row.split(separator)) - {none, ""} for row in rows]
    names = sorted(set().union(*sets))
    held = np.array([[name in each for name in names] for each in sets], np.bool_).reshape(len(rows), len(names))
    places = {row: place for place, row in enumerate(rows)}

    def number(labels: Labels) -> NDArray[np.int64]:
        return labels if isinstance(labels, np.ndarray) else np.array([places[label] for label in labels], np.int64)

    def measure(gold: Labels, predicted: Labels) -> float:
        truth, guess = held[number(gold)], held[number(predicted)]
        total = truth.sum(axis=0) + guess.sum(axis=0)
        present = total > 0
        return float((2 * (truth & guess).sum(axis=0)[present] / total[present]).mean()) if present.any() else 1.0

    return measure


def matthews(gold: Labels, predicted: Labels) -> float:
    """Return Matthews' correlation, -1 to 1: 0 is chance, and a constant prediction gets 0.

    Raises:
        DataError: no rows, or unequal lengths.

    Source: Gorodkin 2004, Computational Biology and Chemistry 28, for more than two labels.

    >>> round(matthews(["a", "b", "b", "a"], ["a", "b", "a", "a"]), 3)
    0.577
    """
    first, second = encode(gold, predicted)
    count = int(max(first.max(), second.max())) + 1
    size = float(len(first))
    truth = np.bincount(first, minlength=count).astype(np.float64)
    guess = np.bincount(second, minlength=count).astype(np.float64)
    covariance = size * float((first == second).sum()) - float(truth @ guess)
    spread = (size**2 - float(truth @ truth)) * (size**2 - float(guess @ guess))
    return covariance / float(np.sqrt(spread)) if spread > 0 else 0.0


def calibration_error(
    probabilities: Sequence[float] | NDArray[np.floating], correct: Sequence[bool] | NDArray[np.bool_], bins: int = 15
) -> float:
    """Return the expected calibration error, 0 to 1: how far confidence is from the share that is right.

    Args:
        probabilities: (rows,) of the predicted label, 0 to 1.
        correct: (rows,) whether the prediction was right.
        bins: equal steps of probability.

    Raises:
        DataError: no rows, unequal lengths, or a probability outside 0 to 1.

    >>> round(calibration_error([0.9, 0.9, 0.6, 0.6], [True, True, True, False]), 3)
    0.1
    """
    confidence, right = np.asarray(probabilities, np.float64), np.asarray(correct, np.bool_)
    _check_lengths(len(confidence), len(right))
    if not ((confidence >= 0) & (confidence <= 1)).all():
        raise DataError("a probability outside 0 to 1; give the probability of the predicted label, not its score")
    if bins < 1:
        raise DataError(f"{bins} bins; expected 1 or more, such as 15")
    places = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    gaps = np.bincount(places, confidence - right, minlength=bins)
    return float(np.abs(gaps).sum() / len(right))


def confusion(gold: Sequence[str], predicted: Sequence[str], labels: Sequence[str]) -> NDArray[np.int64]:
    """Count pairs: (gold, predicted) int64, rows and columns in the order of `labels`.

    Raises:
        DataError: no rows, unequal lengths, or a label that is not listed.

    >>> confusion(["a", "b", "b"], ["a", "b", "a"], ["a", "b"]).tolist()
    [[1, 0], [1, 1]]
    """
    _check_lengths(len(gold), len(predicted))
    places = {label: place for place, label in enumerate(labels)}
    for label in (*gold, *predicted):
        if label not in places:
            raise DataError(f"label {label!r} is not among {', '.join(labels)}{suggest(str(label), labels)}")
    size = len(labels)
    cells = [places[truth] * size + places[guess] for truth, guess in zip(gold, predicted, strict=True)]
    return np.bincount(np.array(cells, np.int64), minlength=size * size).reshape(size, size).astype(np.int64)


def encode(*sequences: Labels) -> tuple[NDArray[np.int64], ...]:
    """Number the labels of some sequences alike, in the order in which they come; int64 arrays are numbered already.

    Raises:
        DataError: no rows, or unequal lengths.

    >>> encode(["b", "a"], ["b", "b"])
    (array([0, 1]), array([0, 0]))
    """
    for sequence in sequences:
        _check_lengths(len(sequences[0]), len(sequence))
    arrays = tuple(each for each in sequences if isinstance(each, np.ndarray) and each.dtype == np.int64)
    if len(arrays) == len(sequences):
        return arrays
    numbers: dict[Hashable, int] = {}
    return tuple(
        np.array([numbers.setdefault(label, len(numbers)) for label in sequence], np.int64) for sequence in sequences
    )


def _check_lengths(first: int, second: int) -> None:
    if first != second:
        raise DataError(f"{first} gold rows and {second} predicted ones; give one prediction for each row")
    if first == 0:
        raise DataError("no rows; a metric needs at least one")
