"""Fit an ensemble of cheap models: more than one view of a text, and what unlabelled text says about its words."""

from collections.abc import Sequence
from dataclasses import replace
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
from boli.training.baseline import Matrix, check_rows, prepare_matrices
from boli.training.vectors import WordVectors, learn_vectors, read_corpus

STRENGTHS = (0.1, 0.3, 1.0)
"""Values of C (inverse regularization) that each member is tried with, and each with and without label weights."""

_SCALES = np.geomspace(0.5, 16.0, 31)
_TEMPERATURES = np.geomspace(0.25, 8.0, 41)
_ROMAN_SHARE = 0.5
_FIRST_BEYOND_LATIN = "\N{LATIN SMALL LETTER TURNED A}"


class Rows(NamedTuple):
    """Texts and their labels."""

    texts: Sequence[str]
    labels: Sequence[str]


class Look(NamedTuple):
    """What a member looks at.

    Args:
        view: of the text, a name of `boli.models.views.VIEWS`.
        sizes, words: of its n-grams.
        vectors: word vectors beside the n-grams, or None.
        wide: whether it learns from the rows of other languages too.
        ratios: weigh each n-gram, for each label, by how much more often the label's texts have it than others
            (Wang and Manning 2012, ACL: NB-SVM). Pays where spelling is free and n-grams are rare.
    """

    view: str
    sizes: tuple[int, ...]
    words: bool = True
    vectors: WordVectors | None = None
    wide: bool = False
    ratios: bool = False


LOOKS = (Look("text", (1, 2, 3, 4, 5)), Look("text", (2, 3, 4, 5, 6), words=False), Look("text", (3,)))
ROMAN = Look("skeletons", (2, 3, 4))
_RATIO_STRENGTH = 4.0
_LARGE = 2_000_000
"""Entries of a matrix from which one strength is tried only: with so many rows it matters little, and costs much."""


class _Fit(NamedTuple):
    """One group of members, fitted together, and its log-probabilities on dev."""

    members: tuple[Member, ...]
    dev: NDArray[np.float32]


class _Solution(NamedTuple):
    """Weights (features, labels), biases (labels,), and scores on dev."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    scores: NDArray[np.float64]


def fit_ensemble(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    dev_texts: Sequence[str],
    dev_labels: Sequence[str],
    vectors: Sequence[WordVectors] = (),
    also: Rows | None = None,
    seed: int = 0,
) -> Ensemble:
    """Fit an ensemble: n-grams of three kinds, of spelling skeletons where texts are Roman, with vectors where given.

    On the dev rows the strength of each member and its label weights are chosen (accuracy plus macro-F1, so that rare
    labels count), and a temperature that makes the probabilities honest. Members count alike.

    Args:
        texts, labels: training rows, at least two labels.
        dev_texts, dev_labels: rows to choose on, none of them in training.
        vectors: sets of word vectors, each learned from unlabelled text; each makes a member of its own.
        also: labelled rows of related languages; more members learn from both, with the last of the vectors.
        seed: of the solver.

    Raises:
        DataError: unequal lengths, no rows, one label only, or a dev label that training lacks.
        MissingExtra: scikit-learn is not installed.

    Cost: 5 to 60 s of one core for 800 to 12,000 short texts.

    >>> model = fit_ensemble(["balance batao", "card band karo"], ["balance", "block"],
    ...                      dev_texts=["mera balance", "card band"], dev_labels=["balance", "block"])
    >>> model.predict(["mujhe balance batao", "mera card band karo"])
    ['balance', 'block']
    """
    names = check_rows(texts, labels, dev_texts, dev_labels)
    dev = Rows(dev_texts, dev_labels)
    extra = also or Rows((), ())
    wide = Rows([*texts, *extra.texts], [*labels, *extra.labels])
    looks = choose_looks(texts, vectors, wide=also is not None)
    fits = [_fit(each, names, wide if each.wide else Rows(texts, labels), dev, seed) for each in looks]
    truth = np.array([names.index(label) for label in dev_labels])
    total = np.sum([fit.dev for fit in fits], axis=0)
    temperature = min(_TEMPERATURES, key=lambda each: _log_loss(total / each, truth))
    members = [
        replace(member, group=place, weight=float(1 / temperature))
        for place, fit in enumerate(fits)
        for member in fit.members
    ]
    return Ensemble(names, tuple(members))


def vectors_from(spec: str, text_path: TextPath, *, seed: int) -> tuple[WordVectors, ...]:
    """Return vectors of the words in some files, none where no file is named.

    Args:
        spec: ``tag=path`` with commas between.

    Raises:
        ConfigError, DataError: as for `read_corpus` and `learn_vectors`.
    """
    return (learn_vectors(read_corpus(spec, text_path), seed=seed),) if spec else ()


def choose_looks(texts: Sequence[str], vectors: Sequence[WordVectors], *, wide: bool) -> list[Look]:
    """Return what the members look at, by the script of the texts and by what there is to learn from.

    >>> [each.view for each in choose_looks(["acha hai"], (), wide=False) if not each.ratios]
    ['text', 'text', 'text', 'skeletons']
    """
    letters = [character for text in texts[:1000] for character in text if character.isalpha()]
    roman = sum(character < _FIRST_BEYOND_LATIN for character in letters) > _ROMAN_SHARE * len(letters)
    looks = [*LOOKS]
    if roman:
        looks += [ROMAN, *(each._replace(ratios=True) for each in (LOOKS[0], LOOKS[1], ROMAN))]
    looks += [LOOKS[0]._replace(vectors=each) for each in vectors]
    if wide:
        looks += [LOOKS[0]._replace(wide=True), LOOKS[0]._replace(wide=True, vectors=vectors[-1] if vectors else None)]
    return looks


def _fit(chosen: Look, names: tuple[str, ...], rows: Rows, dev: Rows, seed: int) -> _Fit:
    featurizer = HashedNgrams(sizes=chosen.sizes, words=chosen.words)
    matrices = prepare_matrices(featurizer, look(rows.texts, chosen.view), look(dev.texts, chosen.view))
    train, held = matrices.train, matrices.dev
    if chosen.vectors is not None:
        train = _beside(train, place_texts(rows.texts, chosen.vectors.keys, chosen.vectors.vectors))
        held = _beside(held, place_texts(dev.texts, chosen.vectors.keys, chosen.vectors.vectors))
    gold, truth = (np.array([names.index(label) for label in each.labels]) for each in (rows, dev))
    solve = _solve_ratios if chosen.ratios else _solve
    found = solve(train, gold, held, truth, len(names), seed)
    full = np.zeros((featurizer.buckets, len(names)), np.float32)
    full[matrices.seen] = found.weights[: len(matrices.seen)]
    linear = LinearModel(featurizer, names, full, found.bias.astype(np.float32), matrices.idf)
    members = [Member(chosen.view, linear, 1.0)]
    if chosen.vectors is not None:
        rest = found.weights[len(matrices.seen) :].astype(np.float32)
        nothing = np.zeros(len(names), np.float32)
        members.append(
            Member(chosen.view, WordModel(names, chosen.vectors.keys, chosen.vectors.vectors, rest, nothing), 1.0)
        )
    return _Fit(tuple(members), log_softmax(found.scores.astype(np.float32)))


def _solve(
    train: Matrix, gold: NDArray[np.int64], dev: Matrix, truth: NDArray[np.int64], labels: int, seed: int
) -> _Solution:
    """One support vector machine for each label against all others; its scores are scaled to be log odds."""
    best, quality = None, -1.0
    strengths = STRENGTHS if train.nnz < _LARGE else STRENGTHS[1:2]
    for weights in (None, "balanced"):
        for strength in strengths:
            made = _machines(train, gold, labels, strength, weights, seed)
            scores = np.asarray(dev @ made[0]) + made[1]
            guesses = scores.argmax(axis=1)
            score = accuracy(truth, guesses) + macro_f1(truth, guesses)
            if score > quality + 1e-9:
                best, quality = _Solution(made[0], made[1], scores), score
    assert best is not None
    return _scaled(best, truth)


def _solve_ratios(
    train: Matrix, gold: NDArray[np.int64], dev: Matrix, truth: NDArray[np.int64], labels: int, seed: int
) -> _Solution:
    """Logistic regression on n-grams weighed by the ratios of each label; the ratios go into the weights."""
    sparse = require("scipy.sparse", "train")
    solver = require("sklearn.linear_model", "train").LogisticRegression(
        C=_RATIO_STRENGTH, solver="liblinear", dual=True, class_weight="balanced", random_state=seed
    )
    pairs = []
    for label in range(1, 2) if labels == 2 else range(labels):
        inside, outside = (1 + np.asarray(train[rows].sum(axis=0)).ravel() for rows in (gold == label, gold != label))
        ratios = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
        solver.fit(train @ sparse.diags(ratios), gold == label)
        pairs.append((solver.coef_[0] * ratios, float(solver.intercept_[0])))
    weights, bias = _stack(pairs)
    return _scaled(_Solution(weights, bias, np.asarray(dev @ weights) + bias), truth)


def _scaled(best: _Solution, truth: NDArray[np.int64]) -> _Solution:
    """Scale the scores so that they are log odds on dev."""
    losses = [_log_loss((best.scores * scale).astype(np.float32), truth) for scale in _SCALES]
    scale = float(_SCALES[int(np.argmin(losses))])
    return _Solution(best.weights * scale, best.bias * scale, best.scores * scale)


def _machines(
    train: Matrix, gold: NDArray[np.int64], labels: int, strength: float, weights: str | None, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (features, labels) weights and (labels,) biases; two labels mirror each other."""
    solver = require("sklearn.svm", "train").LinearSVC(C=strength, class_weight=weights, random_state=seed)
    pairs = []
    for label in range(1, 2) if labels == 2 else range(labels):
        solver.fit(train, gold == label)
        pairs.append((solver.coef_[0].copy(), float(solver.intercept_[0])))
    return _stack(pairs)


def _stack(pairs: list[tuple[NDArray[np.float64], float]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if len(pairs) == 1:
        pairs = [(-pairs[0][0], -pairs[0][1]), pairs[0]]
    return np.stack([each for each, _ in pairs], axis=1), np.array([each for _, each in pairs])


def _beside(matrix: Matrix, dense: NDArray[np.float32]) -> Matrix:
    sparse = require("scipy.sparse", "train")
    joined: Matrix = sparse.hstack([matrix, sparse.csr_matrix(dense)]).tocsr()
    return joined


def _log_loss(scores: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    return float(-log_softmax(scores)[np.arange(len(truth)), truth].mean())
