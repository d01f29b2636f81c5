"""The linear baseline: learns, is calibrated, equals scikit-learn's own scores, and refuses rows it cannot use."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union

from boli.errors import DataError
from boli.evaluation import accuracy, calibration_error
from boli.models import HashedNgrams, LinearModel
from boli.training import baseline
from boli.training.baseline import fit_linear

WORDS = {
    "balance": ["balance", "baqaya", "paise kitne", "بیلنس", "رقم کتنی"],
    "block": ["card band", "block", "chori", "کارڈ بند", "گم"],
    "send": ["bhejo", "transfer", "raqam bhejni", "بھیجو", "منتقل"],
}
FILL = ["mera", "meharbani", "jaldi", "yaar", "میرا", "براہ مہربانی", "جلدی", "ab", "kal", "please", "آج"]


def make_rows(count, seed, noise=0.0):
    random = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(count):
        label = str(random.choice(list(WORDS)))
        words = [*random.choice(FILL, 3), random.choice(WORDS[label])]
        random.shuffle(words)
        texts.append(" ".join(words))
        labels.append(str(random.choice(list(WORDS))) if random.random() < noise else label)
    return texts, labels


def fit(train, dev, **more):
    return fit_linear(*train, dev_texts=dev[0], dev_labels=dev[1], **more)


def test_the_baseline_learns_what_words_mean():
    model = fit(make_rows(200, 1), make_rows(60, 2))
    texts, labels = make_rows(200, 3)
    assert accuracy(labels, model.predict(texts)) >= 0.98
    assert model.labels == ("balance", "block", "send")


def test_it_is_as_good_as_tf_idf_with_logistic_regression_from_scikit_learn():
    train, dev, (texts, labels) = make_rows(120, 1, 0.2), make_rows(60, 2, 0.2), make_rows(400, 3)
    union = make_union(TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4)), TfidfVectorizer(ngram_range=(1, 2)))
    rival = make_pipeline(union, LogisticRegression(C=4)).fit(*train)
    ours = accuracy(labels, fit(train, dev).predict(texts))
    assert ours >= accuracy(labels, rival.predict(texts).tolist()) - 0.02


def test_two_labels_work_like_many():
    train, dev = make_rows(150, 1), make_rows(50, 2)

    def two(rows):
        return rows[0], ["block" if label == "block" else "other" for label in rows[1]]

    model = fit(two(train), two(dev))
    texts, labels = two(make_rows(100, 3))
    assert accuracy(labels, model.predict(texts)) >= 0.97
    assert np.allclose(model.scores(texts).sum(axis=1), 0, atol=1e-4)


@pytest.mark.parametrize("count", [2, 3])
def test_scores_equal_those_of_the_solver_they_came_from(monkeypatch, count):
    monkeypatch.setattr(baseline, "STRENGTHS", (4.0,))
    monkeypatch.setattr(baseline, "_TEMPERATURES", np.ones(1))
    texts, labels = make_rows(150, 1)
    rows = [row for row, label in enumerate(labels) if label in list(WORDS)[:count]]
    train = [texts[row] for row in rows], [labels[row] for row in rows]
    model = fit(train, train)
    features = model.features(train[0])
    matrix = csr_matrix((features.values, features.indices, features.indptr), (len(rows), model.featurizer.buckets))
    solver = LogisticRegression(C=4.0, tol=1e-5, max_iter=1000).fit(matrix.astype(np.float64), train[1])
    assert np.allclose(model.probabilities(train[0]), solver.predict_proba(matrix), atol=0.002)


def test_probabilities_are_honest_on_noisy_labels():
    model = fit(make_rows(400, 1, 0.4), make_rows(200, 2, 0.4))
    texts, labels = make_rows(600, 3, 0.4)
    confidence = model.probabilities(texts).max(axis=1)
    correct = [one == two for one, two in zip(labels, model.predict(texts), strict=True)]
    assert calibration_error(confidence, correct) < 0.09


def test_the_same_rows_give_the_same_model(tmp_path):
    for name in ("one", "two"):
        fit(make_rows(100, 1), make_rows(40, 2), seed=7).save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_unseen_n_grams_do_not_weaken_the_seen_ones():
    model = fit(make_rows(200, 1), make_rows(60, 2))
    plain, padded = model.scores(["card band", "card band 龍龍 龜龜"])
    assert model.idf is not None
    assert (model.idf == 0).mean() > 0.9
    assert np.allclose(plain, padded, atol=0.25)


def test_a_fitted_model_survives_saving_in_half_precision(tmp_path):
    model = fit(make_rows(200, 1), make_rows(60, 2))
    model.save(tmp_path / "baseline.npz", half=True)
    texts, _ = make_rows(200, 4)
    again = LinearModel.load(tmp_path / "baseline.npz")
    assert again.predict(texts) == model.predict(texts)
    assert (tmp_path / "baseline.npz").stat().st_size < 60_000


def test_the_word_that_decides_gets_the_largest_weight():
    model = fit(make_rows(200, 1), make_rows(60, 2))
    text = "yaar please میرا balance"
    words = model.explain(text)
    best = max(words, key=lambda word: word.weight)
    assert text[best.start : best.end] == "balance"


def test_another_featurizer_can_be_given():
    ngrams = HashedNgrams((2, 3), 2**14, words=False)
    assert fit(make_rows(60, 1), make_rows(30, 2), featurizer=ngrams).featurizer == ngrams


def test_empty_texts_among_the_rows_do_no_harm():
    texts, labels = make_rows(60, 1)
    model = fit((["", *texts], ["balance", *labels]), make_rows(30, 2))
    assert np.isfinite(model.scores([""])).all()


@pytest.mark.parametrize(
    ("train", "dev", "message"),
    [
        ((["a"], []), (["a"], ["x"]), "1 training texts and 0 labels"),
        (([], []), (["a"], ["x"]), "no training rows"),
        ((["a", "b"], ["x", "y"]), ([], []), "no dev rows"),
        ((["a", "b"], ["x", "x"]), (["a"], ["x"]), "every training row has the label 'x'"),
        ((["a", "b"], ["x", "y"]), (["a"], ["z"]), "dev labels z are not in the training rows"),
    ],
)
def test_rows_that_cannot_be_used_are_refused_with_advice(train, dev, message):
    with pytest.raises(DataError) as caught:
        fit(train, dev)
    assert message in str(caught.value)
