"""The cheap model that every large one must beat: hashed n-grams and logistic regression, fitted in seconds."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from boli.errors import DataError, require
from boli.evaluation.metrics import accuracy, macro_f1
from boli.models.features import Features, Floats, HashedNgrams, reweight
from boli.models.linear import LinearModel

STRENGTHS = (1.0, 4.0, 16.0, 64.0, 256.0)
"""Values of C (inverse regularization), tried in this order until two in a row are no better."""

_TEMPERATURES = np.geomspace(0.25, 4.0, 33)
_MOST_STEPS = 1000
# scikit-learn divides the loss by the rows: at its 1e-4 a warm start counts as converged before it has moved.
_TOLERANCE = 3e-5
_PATIENCE = 2


class Matrix(Protocol):
    """What is used of SciPy's sparse matrix, whose package carries no types."""

    @property
    def nnz(self) -> int: ...
    def __getitem__(self, rows: NDArray[np.bool_]) -> "Matrix": ...
    def sum(self, axis: int) -> NDArray[np.float64]: ...
    def __matmul__(self, other: NDArray[np.float64]) -> NDArray[np.float64]: ...


class _Fit(NamedTuple):
    """One strength: (seen buckets, labels) and (labels,) float64; on dev: accuracy plus macro-F1, minus log loss."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    quality: tuple[float, float]


def fit_linear(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    dev_texts: Sequence[str],
    dev_labels: Sequence[str],
    seed: int = 0,
    featurizer: HashedNgrams | None = None,
) -> LinearModel:
    """Fit the linear baseline.

    On the dev rows the strength of regularization is chosen (by accuracy plus macro-F1, so that rare labels count) and
    a temperature that makes the probabilities honest (by log loss). The weights come from the training rows alone: dev
    scores are a little hopeful, test scores fair.

    Args:
        texts, labels: training rows, at least two labels.
        dev_texts, dev_labels: rows to choose on, none of them in training.
        seed: recorded by callers; the solver draws nothing today.
        featurizer: by default characters 1 to 5, words and word pairs, in 2**18 buckets.

    Raises:
        DataError: unequal lengths, no rows, one label only, or a dev label that training lacks.
        MissingExtra: scikit-learn is not installed.

    Cost: 2 to 10 s of one core for 2,000 short texts and 14 labels, most where labels are noisy.

    >>> model = fit_linear(["balance batao", "card band karo"], ["balance", "block"],
    ...                    dev_texts=["mera balance", "card band"], dev_labels=["balance", "block"])
    >>> model.predict(["mujhe balance batao", "mera card band karo"])
    ['balance', 'block']
    """
    names = check_rows(texts, labels, dev_texts, dev_labels)
    chosen = featurizer or HashedNgrams(sizes=(1, 2, 3, 4, 5))
    matrices = prepare_matrices(chosen, texts, dev_texts)
    truth = np.array([names.index(label) for label in dev_labels])
    best = _best_fit(matrices.train, [names.index(label) for label in labels], matrices.dev, truth, seed)
    weights = np.zeros((chosen.buckets, len(names)), np.float32)
    weights[matrices.seen] = best.weights
    return LinearModel(chosen, names, weights, best.bias.astype(np.float32), matrices.idf)


class Matrices(NamedTuple):
    """Weighted n-grams of the training and the dev texts, (texts, seen buckets); which buckets; weights of all."""

    train: Matrix
    dev: Matrix
    seen: NDArray[np.int64]
    idf: Floats


def prepare_matrices(featurizer: HashedNgrams, texts: Sequence[str], dev_texts: Sequence[str]) -> Matrices:
    """Count the n-grams of texts and weigh them by how rare they are in the training texts."""
    counted = featurizer.transform(texts)
    idf = _document_weights(counted, featurizer.buckets)
    seen = np.flatnonzero(idf)
    train = _matrix(reweight(counted, idf), seen)
    return Matrices(train, _matrix(reweight(featurizer.transform(dev_texts), idf), seen), seen, idf)


def check_rows(
    texts: Sequence[str], labels: Sequence[str], dev_texts: Sequence[str], dev_labels: Sequence[str]
) -> tuple[str, ...]:
    """Return the labels in alphabetical order.

    Raises:
        DataError: unequal lengths, no rows, one label only, or a dev label that training lacks.
    """
    for name, rows, marks in (("training", texts, labels), ("dev", dev_texts, dev_labels)):
        if len(rows) != len(marks):
            raise DataError(f"{len(rows)} {name} texts and {len(marks)} labels; give one label for each text")
        if not len(rows):
            raise DataError(f"no {name} rows; the baseline needs some to fit on and some to choose its strength on")
    names = tuple(sorted(set(labels)))
    if len(names) < 2:
        raise DataError(f"every training row has the label {names[0]!r}; a classifier needs two labels or more")
    unseen = sorted(set(dev_labels) - set(names))
    if unseen:
        raise DataError(f"dev labels {', '.join(unseen)} are not in the training rows; move some of their rows there")
    return names


def _document_weights(counted: Features, buckets: int) -> Floats:
    """Rare n-grams count more (smoothed inverse document frequency); 0 for those that no text has."""
    documents = np.bincount(counted.indices, minlength=buckets)
    rarity = np.log(len(counted.indptr) / (1 + documents)) + 1
    return np.where(documents > 0, rarity, 0).astype(np.float32)


def _matrix(features: Features, seen: NDArray[np.int64]) -> Matrix:
    """The rows as (texts, seen buckets); a narrower matrix makes each step of the solver cheaper."""
    sparse = require("scipy.sparse", "train")
    kept = features.values > 0
    columns = np.searchsorted(seen, features.indices[kept])
    indptr = np.concatenate([[0], np.cumsum(kept)])[features.indptr]
    shape = (len(features.indptr) - 1, len(seen))
    matrix: Matrix = sparse.csr_matrix((features.values[kept].astype(np.float64), columns, indptr), shape=shape)
    return matrix


def _best_fit(train: Matrix, labels: Sequence[int], dev: Matrix, truth: NDArray[np.int64], seed: int) -> _Fit:
    solver = require("sklearn.linear_model", "train").LogisticRegression(
        max_iter=_MOST_STEPS, tol=_TOLERANCE, warm_start=True, random_state=seed
    )
    fits: list[_Fit] = []
    for strength in STRENGTHS:
        solver.set_params(C=strength).fit(train, labels)
        fits.append(_calibrated(*columns_of(solver.coef_, solver.intercept_), dev, truth))
        best = max(range(len(fits)), key=lambda place: fits[place].quality)
        if len(fits) - best > _PATIENCE:
            break
    return fits[best]


def columns_of(
    coefficients: NDArray[np.float64], intercepts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (features, labels) weights and (labels,) biases; scikit-learn gives one row for two labels."""
    if len(coefficients) > 1:
        return coefficients.T.copy(), intercepts.copy()
    half = coefficients[0] / 2, intercepts[0] / 2
    return np.stack([-half[0], half[0]], axis=1), np.array([-half[1], half[1]])


def _calibrated(weights: NDArray[np.float64], bias: NDArray[np.float64], dev: Matrix, truth: NDArray[np.int64]) -> _Fit:
    scores = np.asarray(dev @ weights) + bias
    losses = [_log_loss(scores / temperature, truth) for temperature in _TEMPERATURES]
    place = int(np.argmin(losses))
    temperature = float(_TEMPERATURES[place])
    guesses = scores.argmax(axis=1)
    quality = accuracy(truth, guesses) + macro_f1(truth, guesses), -losses[place]
    return _Fit(weights / temperature, bias / temperature, quality)


def _log_loss(scores: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    top = scores.max(axis=1, keepdims=True)
    totals = top[:, 0] + np.log(np.exp(scores - top).sum(axis=1))
    return float((totals - scores[np.arange(len(truth)), truth]).mean())
