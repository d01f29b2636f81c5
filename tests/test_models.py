"""Featurizer and linear model: against slow plain Python, worked examples and damaged files."""

import itertools
import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boli.errors import ConfigError, ModelError, ModelNotFound, TextError
from boli.models import HashedNgrams, LinearModel, features, linear, sha256_of

FROZEN = [17761, 51517, 61579, 103593, 196435, 225872, 227330, 236178, 249817, 260345]
MASK = 2**64 - 1

anything = st.text(
    st.one_of(
        st.sampled_from("ab A9۹ک\u200c۽۔,'\n\t \N{NO-BREAK SPACE}😀\ud800İ\x00"),
        st.characters(codec=None, exclude_categories=()),
    ),
    max_size=30,
)


def fold(text: str) -> str:
    def one(letter: str) -> str:
        point = ord(letter)
        if kind(letter) == 2:
            return " "
        if 0x41 <= point <= 0x24F or 0x1E00 <= point <= 0x1EFF:
            return letter.lower()[0]
        if 0x660 <= point <= 0x669 or 0x6F0 <= point <= 0x6F9:
            return str(point & 15)
        return letter

    return "".join(map(one, text))


def kind(letter: str) -> int:
    for value, ranges in ((2, features._SPACES), (1, features._SEPARATORS)):
        if any(low <= ord(letter) <= high for low, high in ranges):
            return value
    return 0


def slow_mix(value: int) -> int:
    value ^= value >> 33
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        value = value * factor & MASK
        value ^= value >> 33
    return value


def slow_gram(letters: str) -> int:
    value = 0
    for letter in letters:
        value = (value * 0x9E3779B97F4A7C15 + ord(letter)) & MASK
    return value


def slow_word(word: str) -> int:
    terms = (
        slow_mix((ord(letter) * 0x9E3779B97F4A7C15 + place * 0xD1B54A32D192ED03) & MASK)
        for place, letter in enumerate(word)
    )
    return sum(terms) & MASK


def slow_words(text: str) -> list[str]:
    return "".join("\n" if kind(letter) else letter for letter in text).split("\n")


def slow_buckets(text: str, sizes: tuple[int, ...], buckets: int) -> Counter[int]:
    """The definition, one n-gram at a time in Python's own integers."""
    folded = [(kind_, slow_gram(gram)) for kind_, gram in slow_grams(fold(text), sizes)]
    words = [fold(word) for word in slow_words(text) if word]
    folded += [(101, slow_word(word)) for word in words]
    pairs = itertools.pairwise(words)
    folded += [(102, (slow_mix(slow_word(one)) * 0x9E3779B97F4A7C15 + slow_word(two)) & MASK) for one, two in pairs]
    step = 0xD1B54A32D192ED03
    return Counter(slow_mix((value + kind_ * step) & MASK) & (buckets - 1) for kind_, value in folded)


def slow_grams(folded: str, sizes: tuple[int, ...]) -> list[tuple[int, str]]:
    grams = []
    for token in filter(None, folded.split(" ")):
        padded = f" {token} "
        for size in sizes:
            runs = [padded[start : start + size] for start in range(len(padded) - size + 1)]
            grams += [(size, run) for run in runs if run.strip(" ")]
    return grams


@settings(max_examples=150, deadline=None)
@given(st.lists(anything, max_size=4), st.sets(st.integers(1, 6), min_size=1), st.sampled_from([2, 64, 2**18]))
def test_the_featurizer_equals_its_definition_in_plain_python(texts, sizes, buckets):
    ngrams = HashedNgrams(tuple(sorted(sizes)), buckets)
    got = ngrams.transform(texts)
    assert len(got.indptr) == len(texts) + 1
    for row, text in enumerate(texts):
        low, high = got.indptr[row], got.indptr[row + 1]
        counts = slow_buckets(text, ngrams.sizes, buckets)
        assert got.indices[low:high].tolist() == sorted(counts)
        norm = math.sqrt(sum(math.log1p(count) ** 2 for count in counts.values()))
        expected = [math.log1p(counts[bucket]) / norm for bucket in sorted(counts)]
        assert np.allclose(got.values[low:high], expected, rtol=1e-6)


def test_buckets_do_not_change_between_machines_and_releases():
    got = HashedNgrams((2,), 2**18).transform(["ہاں ji"])
    assert sorted(got.indices.tolist()) == FROZEN


def test_texts_beside_a_text_do_not_change_its_row():
    texts = ["mera balance", "", "کارڈ بند کرو", "\ud800😀"] * 3
    ngrams = HashedNgrams()
    together = ngrams.transform(texts)
    for row, text in enumerate(texts):
        alone = ngrams.transform([text])
        low, high = together.indptr[row], together.indptr[row + 1]
        assert together.indices[low:high].tolist() == alone.indices.tolist()
        assert together.values[low:high].tobytes() == alone.values.tobytes()


def test_many_texts_are_cut_into_chunks_without_a_trace(monkeypatch):
    texts = ["mera balance batao", "", "کارڈ"] * 20
    whole = HashedNgrams().transform(texts)
    monkeypatch.setattr(features, "_CHUNK", 7)
    parts = HashedNgrams().transform(texts)
    assert all(one.tobytes() == two.tobytes() for one, two in zip(whole, parts, strict=True))


def test_no_texts_and_empty_texts_give_no_entries():
    assert HashedNgrams().transform([]).indptr.tolist() == [0]
    assert HashedNgrams((9,), words=False).transform(["", " \n", "ab"]).indptr.tolist() == [0, 0, 0, 0]


def test_case_and_digit_rows_are_folded_but_letters_are_not():
    ngrams = HashedNgrams()

    def row(text):
        return ngrams.transform([text]).indices.tolist()

    assert row("BALANCE 12") == row("balance ۱۲") == row("balance ١٢")
    assert row("ہے") != row("هے")


def test_sindhi_words_of_one_letter_are_words():
    ngrams = HashedNgrams((100,))
    assert len(ngrams.transform(["۽"]).indices) == 1
    assert len(ngrams.transform(["\N{ARABIC FULL STOP}"]).indices) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"sizes": ()}, "n-gram sizes ()"), ({"sizes": (0, 1)}, "from 1 to 100"), ({"buckets": 1000}, "power of two")],
)
def test_a_featurizer_that_cannot_work_says_what_it_expects(arguments, message):
    with pytest.raises(ConfigError) as caught:
        HashedNgrams(**arguments)
    assert message in str(caught.value)


def test_one_text_or_bytes_in_place_of_a_list_is_refused():
    with pytest.raises(TextError, match=r"write \[text\]"):
        HashedNgrams().transform("salaam")
    with pytest.raises(TextError, match="decode it first"):
        HashedNgrams().transform([b"salaam"])


# ---- the linear model


def make_model(*, idf=True, labels=("balance", "block", "ہاں"), buckets=2**12, seed=0):
    random = np.random.default_rng(seed)
    kept = random.random(buckets) < 0.7
    weights = (random.normal(size=(buckets, len(labels))) * kept[:, None]).astype(np.float32)
    rarity = (kept * random.uniform(1, 5, buckets)).astype(np.float32) if idf else None
    bias = random.normal(size=len(labels)).astype(np.float32)
    return LinearModel(HashedNgrams(buckets=buckets), labels, weights, bias, rarity)


TEXTS = ["mera balance batao", "", "کارڈ بند کرو، جلدی!", "ho ho ho 😀 ۽", "؟", "\ud800 ok"]


@pytest.mark.parametrize("idf", [True, False])
def test_scores_equal_a_dense_product_in_plain_numpy(idf):
    model = make_model(idf=idf)
    for text, got in zip(TEXTS, model.scores(TEXTS), strict=True):
        row = np.zeros(2**12)
        for bucket, count in slow_buckets(text, (1, 2, 3, 4), 2**12).items():
            row[bucket] = math.log1p(count) * (1 if model.idf is None else model.idf[bucket])
        row /= np.linalg.norm(row) or 1
        assert np.allclose(got, row @ model.weights + model.bias, atol=1e-5)


def test_an_empty_text_is_scored_by_the_bias_alone():
    model = make_model()
    assert model.scores([""])[0].tolist() == model.bias.tolist()
    assert model.scores([]).shape == (0, 3)


def test_a_batch_is_the_single_texts_to_the_last_bit_and_blocks_leave_no_trace(monkeypatch):
    model = make_model()
    texts = TEXTS * 5
    whole = model.scores(texts)
    assert whole.tobytes() == np.concatenate([model.scores([text]) for text in texts]).tobytes()
    monkeypatch.setattr(linear, "_PRODUCTS", 30)
    assert model.scores(texts).tobytes() == whole.tobytes()


def test_probabilities_add_up_to_one_even_for_huge_scores():
    model = make_model()
    huge = LinearModel(model.featurizer, model.labels, model.weights * 1e6, model.bias, model.idf)
    assert np.allclose(huge.probabilities(TEXTS).sum(axis=1), 1)
    assert huge.predict(TEXTS) == [model.labels[place] for place in huge.probabilities(TEXTS).argmax(axis=1)]


@settings(max_examples=100, deadline=None)
@given(anything)
def test_word_weights_and_bias_add_up_to_the_score(text):
    model = make_model()
    words = model.explain(text)
    place = int(model.scores([text])[0].argmax())
    assert math.isclose(
        sum(word.weight for word in words) + model.bias[place], model.scores([text])[0, place], abs_tol=1e-4
    )
    assert all(0 <= word.start < word.end <= len(text) for word in words)
    assert all(one.end <= two.start for one, two in itertools.pairwise(words))
    assert model.contributions(text, "block").shape == (len(text),)


def test_a_word_that_alone_carries_the_label_gets_the_weight():
    ngrams = HashedNgrams((100,))
    weights = np.zeros((ngrams.buckets, 2), np.float32)
    weights[ngrams.transform(["band"]).indices[0], 1] = 1
    model = LinearModel(ngrams, ("other", "block"), weights, np.zeros(2, np.float32))
    text = "card «band», karo"
    found = {text[word.start : word.end]: round(word.weight, 3) for word in model.explain(text)}
    assert found == {"card": 0.0, "band": 0.447, "karo": 0.0}


def test_an_unknown_label_is_named_with_the_nearest():
    with pytest.raises(ModelError, match=r"no label 'blok'; .*did you mean 'block'\?"):
        make_model().explain("card band", "blok")


@pytest.mark.parametrize("idf", [True, False])
def test_a_saved_model_comes_back_the_same_to_the_last_bit(tmp_path, idf):
    model = make_model(idf=idf)
    model.save(tmp_path / "model.npz")
    again = LinearModel.load(tmp_path / "model.npz")
    assert again.labels == model.labels
    assert again.featurizer == model.featurizer
    assert again.scores(TEXTS).tobytes() == model.scores(TEXTS).tobytes()
    assert [path.name for path in tmp_path.iterdir()] == ["model.npz"]


def test_saving_twice_gives_the_same_bytes(tmp_path):
    make_model().save(tmp_path / "one.npz")
    make_model().save(tmp_path / "two.npz")
    assert sha256_of(tmp_path / "one.npz") == sha256_of(tmp_path / "two.npz")


def test_half_precision_is_smaller_and_nearly_the_same(tmp_path):
    model = make_model()
    model.save(tmp_path / "full.npz")
    model.save(tmp_path / "half.npz", half=True)
    again = LinearModel.load(tmp_path / "half.npz")
    assert (tmp_path / "half.npz").stat().st_size < 0.7 * (tmp_path / "full.npz").stat().st_size
    assert again.weights.dtype == np.float32
    assert np.abs(again.scores(TEXTS) - model.scores(TEXTS)).max() < 0.01


def test_half_precision_is_refused_where_it_would_overflow(tmp_path):
    model = make_model()
    huge = LinearModel(model.featurizer, model.labels, model.weights * 1e6, model.bias, model.idf)
    with pytest.raises(ModelError, match="half=False"):
        huge.save(tmp_path / "half.npz", half=True)
    assert not list(tmp_path.iterdir())


def test_a_model_needs_no_pickle(tmp_path):
    make_model().save(tmp_path / "model.npz")
    with np.load(tmp_path / "model.npz", allow_pickle=False) as archive:
        assert all(archive[name].dtype != object for name in archive.files)


def test_a_pickle_is_never_opened(tmp_path):
    fields = {name: np.array([{}], dtype=object) for name in ("bias", "header", "idf", "rows", "weights")}
    np.savez(tmp_path / "bad.npz", **fields)
    with pytest.raises(ModelError, match="allow_pickle=False"):
        LinearModel.load(tmp_path / "bad.npz")


def test_a_missing_file_and_a_damaged_file_are_told_apart(tmp_path):
    with pytest.raises(ModelNotFound, match="no such file"):
        LinearModel.load(tmp_path / "none.npz")
    for name, body in {"empty": b"", "text": b"hello", "zip": b"PK\x03\x04junk"}.items():
        (tmp_path / name).write_bytes(body)
        with pytest.raises(ModelError, match="copy it again, or fit the model anew"):
            LinearModel.load(tmp_path / name)
    np.save(tmp_path / "bare.npy", np.zeros(3))
    with pytest.raises(ModelError, match=r"not an \.npz"):
        LinearModel.load(tmp_path / "bare.npy")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_file_with_a_changed_or_missing_byte_is_refused_or_harmless(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("damaged")
    model = make_model(buckets=64)
    model.save(folder / "model.npz")
    whole = bytearray((folder / "model.npz").read_bytes())
    place = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        whole[place] ^= data.draw(st.integers(1, 255))
    else:
        del whole[place:]
    (folder / "model.npz").write_bytes(whole)
    try:
        again = LinearModel.load(folder / "model.npz")
    except ModelError:
        return
    assert again.scores(TEXTS).tobytes() == model.scores(TEXTS).tobytes()


def rewrite(path: Path, **changes):
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    header = json.loads(arrays["header"].tobytes()) | changes.pop("header", {})
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    np.savez(path, **(arrays | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"header": {"format": "boli-linear-9"}}, "use the boli that wrote it"),
        ({"header": {"hash": 2}}, "use the boli that wrote it"),
        ({"header": {"labels": ["a", "b"]}}, "weights are float32"),
        ({"header": {"labels": ["a", "a", "b"]}}, "all different"),
        ({"header": {"labels": [1, 2, 3]}}, "labels"),
        ({"header": {"buckets": 2**29}}, "536870912 buckets x 3 labels"),
        ({"header": {"buckets": 63}}, "power of two"),
        ({"header": {"buckets": 32}}, "ascending bucket numbers below 32"),
        ({"rows": np.zeros(64, np.int32)}, "ascending"),
        ({"rows": np.zeros(64, np.int64)}, "expected int32"),
        ({"bias": np.zeros(3)}, "expected float32"),
        ({"bias": np.full(3, np.nan, np.float32)}, "not finite"),
        ({"extra": np.zeros(1)}, "holds"),
    ],
)
def test_a_file_whose_fields_do_not_fit_is_refused_with_the_reason(tmp_path, changes, message):
    path = tmp_path / "model.npz"
    model = make_model(buckets=64, idf=False)
    LinearModel(model.featurizer, model.labels, np.ones((64, 3), np.float32), model.bias).save(path)
    rewrite(path, **changes)
    with pytest.raises(ModelError) as caught:
        LinearModel.load(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_arrays_of_the_wrong_shape_are_refused_when_the_model_is_made():
    with pytest.raises(ModelError, match=r"weights is float64 \(4, 2\); expected float32 \(8, 2\)"):
        LinearModel(HashedNgrams(buckets=8), ("a", "b"), np.zeros((4, 2)), np.zeros(2, np.float32))
