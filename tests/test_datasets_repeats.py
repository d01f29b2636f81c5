"""Near-duplicates are those of an exact count; splits keep together what belongs together; weights help the rare."""

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boli.datasets import Place, Record, Rows, balance_labels, drop_repeats, load_rows, split_rows, weigh_rows
from boli.datasets.keys import make_keys
from boli.datasets.minhash import SIZE, cut_shingles, find_near_pairs, measure_jaccard, sign_shingles
from boli.datasets.repeats import find_duplicates, find_leaks, find_near_leaks
from boli.errors import ConfigError

WORDS = re.findall(r"\w+", "salam bhai mera balance paise bhejne hain account band nahi ho raha kal tak batao")


def sets(key: str) -> set[str]:
    padded = key.ljust(SIZE, "\0")
    return {padded[at : at + SIZE] for at in range(len(padded) - SIZE + 1)}


def jaccard(one: str, other: str) -> float:
    return len(sets(one) & sets(other)) / len(sets(one) | sets(other))


def rows_with(*texts: str, splits: str = "", **fields: str) -> Rows:
    records = tuple(Record(**({"text": text, "tag": "ur-Latn", "label": "x"} | fields)) for text in texts)
    names = {"t": "train", "d": "dev", "e": "test"}
    places = tuple(Place(names[splits[at]] if splits else "all", at + 1, "a.tsv") for at in range(len(texts)))
    return Rows("a", records, places)


# --- near-duplicates


@given(st.lists(st.text("abc\N{ARABIC LETTER KEHEH}\U0001f600", max_size=12), max_size=8))
def test_likeness_is_the_exact_jaccard_similarity_of_sets_of_shingles(keys: list[str]) -> None:
    pairs = [(one, other) for one in range(len(keys)) for other in range(one)]
    found = measure_jaccard(cut_shingles(keys), np.array(pairs, dtype=np.int64).reshape(-1, 2))
    assert found.tolist() == pytest.approx([jaccard(keys[one], keys[other]) for one, other in pairs])


def test_near_pairs_are_those_that_a_slow_count_finds() -> None:
    dice = np.random.default_rng(0)
    keys = ["".join(dice.choice(WORDS, 8)) for _ in range(120)]
    keys += [key[:at] + "x" + key[at + 1 :] for key, at in zip(keys, dice.integers(1, 20, len(keys)), strict=True)]
    expected = {
        (one, other)
        for other in range(len(keys))
        for one in range(other)
        if keys[one] != keys[other] and jaccard(keys[one], keys[other]) >= 0.75
    }
    found = find_near_pairs(keys)
    assert {(pair.first, pair.second) for pair in found} == expected
    assert len(expected) > 100
    assert all(pair.similarity == round(jaccard(keys[pair.first], keys[pair.second]), 4) for pair in found)


def test_signatures_are_the_same_on_every_machine() -> None:
    signatures = sign_shingles(cut_shingles(["merabalance", "بیلنس"]))
    assert signatures.shape == (2, 125)
    assert signatures[:, :2].tolist() == [[890197856, 88533665], [1461376545, 559173042]]


def test_signatures_estimate_likeness() -> None:
    one, other = "merabalancebatadobhaijaldi", "merabalancebatadobhaimeharbani"
    signatures = sign_shingles(cut_shingles([one, other]))
    assert abs((signatures[0] == signatures[1]).mean() - jaccard(one, other)) < 0.13


def test_nothing_and_one_message_have_no_pairs() -> None:
    assert find_near_pairs([]) == []
    assert find_near_pairs(["a"]) == []
    assert find_near_pairs(["a", "a", ""]) == []


def test_a_threshold_outside_the_range_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^near-duplicates need a threshold from 0\.5 to 1, got 0\.2$"):
        find_near_pairs(["a"], 0.2)


def test_a_message_repeated_with_small_changes_a_thousand_times_is_one_group() -> None:
    texts = [f"{' '.join(WORDS)} {number}" for number in range(1000)]
    kept, dropped = drop_repeats(rows_with(*texts))
    assert (len(kept.records), len(dropped)) == (1, 1)


# --- dropping repeats


def test_messages_that_differ_in_letters_of_another_keyboard_are_the_same() -> None:
    assert make_keys([Record("كتاب", "ur-Arab", ""), Record("کتاب", "ur-Arab", "")])[0] == "کتاب"
    assert len(set(make_keys([Record("ڪتاب", "sd-Arab", ""), Record("کتاب", "sd-Arab", "")]))) == 2


def test_emoji_alone_are_not_one_message() -> None:
    assert make_keys([Record("😀", "ur-Latn", ""), Record("😢", "ur-Latn", "")]) == ["😀", "😢"]


def test_a_message_in_train_and_test_stays_in_test() -> None:
    rows = rows_with("mera balance batao", "kuch aur baat hai", "Mera balance batao!", splits="tte")
    kept, dropped = drop_repeats(rows)
    assert [place.line for place in kept.places] == [2, 3]
    assert [str(place) for place in dropped[0].places] == ["a.tsv:3", "a.tsv:1"]


def test_near_duplicates_may_be_left_alone() -> None:
    rows = rows_with("mera balance kitna hai batao", "mera balance kitna hai bataao")
    assert len(drop_repeats(rows)[0].records) == 1
    assert len(drop_repeats(rows, near=None)[0].records) == 2


SENTENCES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)


@settings(max_examples=40)
@given(st.lists(st.tuples(SENTENCES, st.sampled_from("tde"), st.sampled_from("xy")), min_size=1, max_size=30))
def test_after_dropping_nothing_repeats_and_nothing_leaks(drawn: list[tuple[str, str, str]]) -> None:
    rows = rows_with(*(text for text, _, _ in drawn), splits="".join(split for _, split, _ in drawn))
    kept, dropped = drop_repeats(rows)
    keys = make_keys(kept.records)
    assert find_leaks(kept, keys) == find_near_leaks(kept, keys, find_near_pairs(keys)) == ()
    assert find_duplicates(kept, keys) == ()
    lost = len(rows.records) - len(kept.records)
    assert (lost > 0) == (len(dropped) > 0)
    assert set(kept.places) <= set(rows.places)


# --- splits


@settings(max_examples=40)
@given(
    st.lists(st.tuples(SENTENCES, st.sampled_from(["", "p1", "p2", "p3", "p4"]), st.sampled_from("xyz")), max_size=60),
    st.integers(0, 3),
)
def test_no_group_and_no_message_is_in_two_splits(drawn: list[tuple[str, str, str]], seed: int) -> None:
    records = tuple(Record(text, "ur-Latn", label, author=author) for text, author, label in drawn)
    rows = Rows("a", records, tuple(Place("all", at) for at in range(len(records))))
    parts = split_rows(rows, group_by=("author",), seed=seed)
    assert parts.records == records
    assert parts == split_rows(rows, group_by=("author",), seed=seed)
    keys = make_keys(records)
    homes: dict[tuple[str, str], set[str]] = {}
    for record, place, key in zip(records, parts.places, keys, strict=True):
        homes.setdefault(("key", key), set()).add(place.split)
        if record.author:
            homes.setdefault(("author", record.author), set()).add(place.split)
    assert all(len(splits) == 1 for splits in homes.values())
    assert find_near_leaks(parts, keys, find_near_pairs(keys)) == ()


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40), st.integers(0, 3))
def test_no_split_is_larger_than_its_share_and_one_group(sizes: list[int], seed: int) -> None:
    records = [
        Record(f"{group} {row}", "ur-Latn", "x", template=str(group))
        for group, size in enumerate(sizes)
        for row in range(size)
    ]
    rows = Rows("a", tuple(records), tuple(Place("all", at) for at in range(len(records))))
    parts = split_rows(rows, near=None, seed=seed)
    for name, share in (("train", 0.8), ("dev", 0.1), ("test", 0.1)):
        assert len(parts.split(name)) < share * len(records) + max(sizes)


def test_labels_and_forms_are_spread_evenly() -> None:
    rows = load_rows("wallet-intents")
    parts = split_rows(rows, ratios={"train": 0.5, "dev": 0.25, "test": 0.25})
    totals = Counter((row.tag, row.label) for row in rows.records)
    for name, share in (("train", 0.5), ("dev", 0.25), ("test", 0.25)):
        counts = Counter((row.tag, row.label) for row in parts.split(name))
        assert len(counts) == 250
        assert all(abs(number - share * totals[cell]) <= 1.5 for cell, number in counts.items()), counts
    assert split_rows(rows, seed=1) != split_rows(rows, seed=2)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"ratios": {"trian": 1.0}}, r"^no split 'trian'; choose from: train, dev, test \(did you mean 'train'\?\)$"),
        ({"ratios": {"train": 1.0, "dev": 0.0}}, r"^ratios must be positive, got .*; leave out a split that shall "),
        ({"group_by": ("auther",)}, r"^no field 'auther' to group by; choose from: .* \(did you mean 'author'\?\)$"),
    ],
)
def test_a_wrong_wish_is_refused(wish: dict[str, object], expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        split_rows(rows_with("a"), **wish)  # type: ignore[arg-type]


# --- balance and weights


@given(st.lists(st.sampled_from("wxyz"), min_size=1, max_size=50), st.floats(0, 1))
def test_weights_have_mean_one_and_rare_labels_weigh_no_less(labels: list[str], power: float) -> None:
    records = [Record("a", "ur-Latn", label) for label in labels]
    weights = weigh_rows(records, power=power)
    assert weights.mean() == pytest.approx(1)
    by_label = dict(zip(labels, weights.tolist(), strict=True))
    ordered = [by_label[label] for label in balance_labels(records)]
    assert ordered == sorted(ordered)


def test_at_full_power_every_group_has_the_same_total() -> None:
    records = [Record("a", tag, "x") for tag in ("ur-Latn", "ur-Latn", "ur-Latn", "bal-Latn")]
    weights = weigh_rows(records, by=("tag",))
    assert weights[:3].sum() == pytest.approx(weights[3])
    assert weigh_rows(records, by=("tag",), power=0).tolist() == [1, 1, 1, 1]
    assert weigh_rows([]).tolist() == []
    with pytest.raises(ConfigError, match=r"^power must be from 0 to 1, got 2$"):
        weigh_rows(records, power=2)
