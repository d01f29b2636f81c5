"""Fit an ensemble of cheap models: more than one view of a text, and what unlabelled text says about its words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boli.errors import require
from boli.evaluation import accuracy, macro_f1
from boli.models.ensemble import Ensemble, Member, WordModel, log_softmax, place_texts
from boli.models.features import HashedNgrams
from boli.models.linear import LinearModel
from boli.models.views import look
from boli.pipeline.texts import TextPath
from boli.training.baseline import Matrix, check_rows, columns_of, prepare_matrices
from boli.training.vectors import WordVectors, learn_vectors, read_corpus

STRENGTHS = (2.0, 8.0, 32.0)
"""Values of C (inverse regularization) that each member is tried with."""

_TEMPERATURES = np.geomspace(0.25, 4.0, 33)
_LATIN_SHARE = 0.5


class Look(NamedTuple):
    """What a member looks at: a view of the text, sizes of its n-grams, words or not, and word vectors or not."""

    view: str
    sizes: tuple[int, ...]
    words: bool = True
    vectors: bool = False


LOOKS = (Look("text", (1, 2, 3, 4, 5)), Look("text", (2, 3, 4, 5, 6), words=False), Look("text", (3,)))
ROMAN = Look("skeletons", (2, 3, 4))


@dataclass(frozen=True)
class _Fit:
    """One member, fitted: its parts, and its log-probabilities on dev."""

    members: tuple[Member, ...]
    dev: NDArray[np.float32]


def fit_ensemble(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    dev_texts: Sequence[str],
    dev_labels: Sequence[str],
    vectors: WordVectors | None = None,
    seed: int = 0,
) -> Ensemble:
    """Fit an ensemble: n-grams of three kinds, of spelling skeletons where texts are Roman, with vectors where given.

    On the dev rows the strength of each member is chosen (accuracy plus macro-F1) and one temperature that makes the
    probabilities honest. Members count alike.

    Args:
        texts, labels: training rows, at least two labels.
        dev_texts, dev_labels: rows to choose on, none of them in training.
        vectors: of words, learned from unlabelled text of the same languages.
        seed: recorded by callers; the solver draws nothing today.

    Raises:
        DataError: unequal lengths, no rows, one label only, or a dev label that training lacks.
        MissingExtra: scikit-learn is not installed.

    Cost: about four times `fit_linear`.

    >>> model = fit_ensemble(["balance batao", "card band karo"], ["balance", "block"],
    ...                      dev_texts=["mera balance", "card band"], dev_labels=["balance", "block"])
    >>> model.predict(["mujhe balance batao", "mera card band karo"])
    ['balance', 'block']
    """
    names = check_rows(texts, labels, dev_texts, dev_labels)
    gold, truth = (np.array([names.index(label) for label in each]) for each in (labels, dev_labels))
    fits = [_fit(each, names, texts, gold, dev_texts, truth, vectors, seed) for each in _choose_looks(texts, vectors)]
    total = sum((fit.dev for fit in fits), np.zeros((len(truth), len(names)), np.float32))
    temperature = min(_TEMPERATURES, key=lambda each: _log_loss(total / each, truth))
    members = [
        replace(member, group=place, weight=float(1 / temperature))
        for place, fit in enumerate(fits)
        for member in fit.members
    ]
    return Ensemble(names, tuple(members))


def vectors_from(spec: str, text_path: TextPath, *, seed: int) -> WordVectors | None:
    """Return vectors of the words in some files, None where no file is named.

    Args:
        spec: ``tag=path`` with commas between.

    Raises:
        ConfigError, DataError: as for `read_corpus` and `learn_vectors`.
    """
    return learn_vectors(read_corpus(spec, text_path), seed=seed) if spec else None


def _choose_looks(texts: Sequence[str], vectors: WordVectors | None) -> list[Look]:
    letters = [character for text in texts[:1000] for character in text if character.isalpha()]
    roman = sum(character < "\N{LATIN SMALL LETTER LONG S}" for character in letters) > _LATIN_SHARE * len(letters)
    looks = [*LOOKS, *((ROMAN,) if roman else ())]
    return looks if vectors is None else [*looks, LOOKS[0]._replace(vectors=True)]


def _fit(
    chosen: Look,
    names: tuple[str, ...],
    texts: Sequence[str],
    gold: NDArray[np.int64],
    dev_texts: Sequence[str],
    truth: NDArray[np.int64],
    vectors: WordVectors | None,
    seed: int,
) -> _Fit:
    featurizer = HashedNgrams(sizes=chosen.sizes, words=chosen.words)
    matrices = prepare_matrices(featurizer, look(texts, chosen.view), look(dev_texts, chosen.view))
    train, dev = matrices.train, matrices.dev
    if chosen.vectors and vectors is not None:
        train = _beside(train, place_texts(texts, vectors.keys, vectors.vectors))
        dev = _beside(dev, place_texts(dev_texts, vectors.keys, vectors.vectors))
    weights, bias, scores = _strongest(train, gold, dev, truth, seed)
    full = np.zeros((featurizer.buckets, len(names)), np.float32)
    full[matrices.seen] = weights[: len(matrices.seen)]
    linear = LinearModel(featurizer, names, full, bias.astype(np.float32), matrices.idf)
    members = [Member(chosen.view, linear, 1.0)]
    if chosen.vectors and vectors is not None:
        rest = weights[len(matrices.seen) :].astype(np.float32)
        word = WordModel(names, vectors.keys, vectors.vectors, rest, np.zeros(len(names), np.float32))
        members.append(Member(chosen.view, word, 1.0))
    return _Fit(tuple(members), log_softmax(scores.astype(np.float32)))


def _strongest(
    train: Matrix, gold: NDArray[np.int64], dev: Matrix, truth: NDArray[np.int64], seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return (features, labels) weights, (labels,) biases and dev scores of the strength that does best on dev."""
    solver = require("sklearn.linear_model", "train").LogisticRegression(
        max_iter=300, tol=1e-3, warm_start=True, random_state=seed
    )
    fits = []
    for strength in STRENGTHS:
        solver.set_params(C=strength).fit(train, gold)
        weights, bias = columns_of(solver.coef_, solver.intercept_)
        scores = np.asarray(dev @ weights) + bias
        guesses = scores.argmax(axis=1)
        fits.append((accuracy(truth, guesses) + macro_f1(truth, guesses), weights, bias, scores))
    _, weights, bias, scores = max(fits, key=lambda fit: fit[0])
    return weights, bias, scores


def _beside(matrix: Matrix, dense: NDArray[np.float32]) -> Matrix:
    sparse = require("scipy.sparse", "train")
    joined: Matrix = sparse.hstack([matrix, sparse.csr_matrix(dense)]).tocsr()
    return joined


def _log_loss(scores: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    return float(-log_softmax(scores)[np.arange(len(truth)), truth].mean())
