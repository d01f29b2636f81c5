"""The cheap models of a run: labels of whole texts (one or several), and tags of words."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boli.datasets import Record
from boli.errors import DataError, require
from boli.models.ensemble import Scorer
from boli.models.features import HashedNgrams
from boli.models.linear import LinearModel
from boli.pipeline.answers import find_words
from boli.pipeline.slots import describe_words, tag_words
from boli.pipeline.texts import TextPath
from boli.training.baseline import STRENGTHS, fit_linear, prepare_matrices
from boli.training.config import FinetuneConfig
from boli.training.labels import LabelSet
from boli.training.texts import Prepared


class Split(NamedTuple):
    """Normalized texts and the rows they come from."""

    texts: Sequence[str]
    records: Sequence[Record]

    @property
    def labels(self) -> list[str]:
        """Return the label of each row, as it stands there."""
        return [record.label for record in self.records]


def fit_baseline(config: FinetuneConfig, labels: LabelSet, train: Split, dev: Split, *, text_path: TextPath) -> Scorer:
    """Fit the cheap model that a configuration names, on one thread.

    Raises:
        DataError: as for `boli.training.baseline.fit_linear`, or a file of text is not there.
        MissingExtra: scikit-learn is not installed.
    """
    from boli.training.ensemble import fit_ensemble, vectors_from

    # Several threads make this small fit no faster on an idle machine and seven times slower on a busy one. The
    # limit holds for libraries that are loaded already, so scikit-learn comes first.
    require("sklearn.linear_model", "train")
    seed = config.training.seed
    with require("threadpoolctl", "train").threadpool_limits(1):
        if labels.several:
            return fit_several(train, dev, labels, seed=seed)
        if config.baseline.kind == "ensemble":
            vectors = vectors_from(config.baseline.vectors, text_path, seed=seed)
            return fit_ensemble(
                train.texts, train.labels, dev_texts=dev.texts, dev_labels=dev.labels, vectors=vectors, seed=seed
            )
        return fit_linear(train.texts, train.labels, dev_texts=dev.texts, dev_labels=dev.labels, seed=seed)


def fit_several(train: Split, dev: Split, labels: LabelSet, *, seed: int) -> LinearModel:
    """Fit one yes or no for each label; the strength of each is chosen by its log loss on dev.

    Scores are log odds: the sigmoid makes probabilities of them.
    """
    solver = require("sklearn.linear_model", "train").LogisticRegression(max_iter=300, tol=1e-3, random_state=seed)
    featurizer = HashedNgrams(sizes=(1, 2, 3, 4, 5))
    matrices = prepare_matrices(featurizer, train.texts, dev.texts)
    gold, truth = (labels.number(split.records).astype(np.float64) for split in (train, dev))
    weights = np.zeros((featurizer.buckets, len(labels.names)), np.float32)
    bias = np.zeros(len(labels.names), np.float32)
    for column in range(len(labels.names)):
        if gold[:, column].min() == 1:
            raise DataError(f"every training row has the label {labels.names[column]!r}; leave it out")
        best = np.inf
        for strength in STRENGTHS:
            solver.set_params(C=strength).fit(matrices.train, gold[:, column])
            scores = np.asarray(matrices.dev @ solver.coef_[0]) + solver.intercept_[0]
            loss = float(np.logaddexp(0, np.where(truth[:, column] > 0.5, -scores, scores)).mean())
            if loss < best:
                best, bias[column] = loss, solver.intercept_[0]
                weights[matrices.seen, column] = solver.coef_[0]
    return LinearModel(featurizer, labels.names, weights, bias, matrices.idf)


def fit_tagger(train: Prepared, dev: Prepared, labels: LabelSet, *, seed: int) -> tuple[LinearModel, float]:
    """Fit a model that tags each word by itself and its neighbours; return it and the share of dev tags it gets right.

    Raises:
        DataError: dev has a slot that training lacks.
    """
    words, tags = _list_words(train, labels.slots)
    dev_words, dev_tags = _list_words(dev, labels.slots)
    known = set(tags)
    kept = [row for row, tag in enumerate(dev_tags) if tag in known]
    model = fit_linear(
        words,
        tags,
        dev_texts=[dev_words[row] for row in kept],
        dev_labels=[dev_tags[row] for row in kept],
        seed=seed,
        featurizer=HashedNgrams(sizes=(1, 2, 3, 4), buckets=2**16),
    )
    found: NDArray[np.bool_] = np.array(model.predict(dev_words)) == np.array(dev_tags)
    return model, float(found.mean())


def _list_words(prepared: Prepared, names: Sequence[str]) -> tuple[list[str], list[str]]:
    words: list[str] = []
    tags: list[str] = []
    for text, slots in zip(prepared.texts, prepared.slots, strict=True):
        found = find_words(text)
        words += describe_words(text, found)
        tags += tag_words(found, [slot for slot in slots if slot.name in names])
    return words, tags
