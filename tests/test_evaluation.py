"""Metrics against scikit-learn, intervals against SciPy, verdicts word for word."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as oracle
from sklearn.calibration import calibration_curve

from boli.errors import DataError
from boli.evaluation import (
    Comparison,
    Cost,
    Interval,
    SliceScore,
    accuracy,
    bootstrap_interval,
    calibration_error,
    confusion,
    encode,
    macro_f1,
    matthews,
    paired_bootstrap,
    resamples,
    slice_gap,
    slice_scores,
    verdict,
    wilson_interval,
    worst_slice,
)

LABELS = ["balance", "block", "ہاں", "\ud800", "a\x00", "a"]
pairs = st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1, max_size=40)


def columns(rows):
    gold, predicted = zip(*rows, strict=True)
    return list(gold), list(predicted)


# ---- metrics


@settings(max_examples=100, deadline=None)
@given(pairs)
def test_metrics_equal_those_of_scikit_learn(rows):
    gold, predicted = columns(rows)
    numbers = [LABELS.index(label) for label in gold], [LABELS.index(label) for label in predicted]
    assert accuracy(gold, predicted) == pytest.approx(oracle.accuracy_score(*numbers))
    assert macro_f1(gold, predicted) == pytest.approx(oracle.f1_score(*numbers, average="macro", zero_division=0))
    assert confusion(gold, predicted, LABELS).tolist() == oracle.confusion_matrix(*numbers, labels=range(6)).tolist()


@settings(max_examples=100, deadline=None)
@given(pairs)
def test_matthews_equals_that_of_scikit_learn(rows):
    gold, predicted = columns(rows)
    if len(set(gold)) == len(set(predicted)) == 1:
        # scikit-learn warns of a one-celled table, where the correlation is 0/0; ours says 0.
        assert matthews(gold, predicted) == 0
        return
    assert matthews(gold, predicted) == pytest.approx(oracle.matthews_corrcoef(*map(np.array, encode(gold, predicted))))


@pytest.mark.parametrize("metric", [accuracy, macro_f1, matthews])
def test_a_metric_gives_the_same_for_names_and_for_their_numbers(metric):
    gold, predicted = ["b", "a", "b", "c"], ["b", "b", "a", "c"]
    assert metric(gold, predicted) == metric(*encode(gold, predicted))


def test_calibration_error_equals_one_made_of_scikit_learns_curve():
    random = np.random.default_rng(1)
    confidence = random.uniform(0.02, 1, 500)
    correct = random.random(500) < confidence**2
    right, mean = calibration_curve(correct, confidence, n_bins=15)
    filled = np.unique(np.minimum((confidence * 15).astype(int), 14), return_counts=True)[1]
    assert calibration_error(confidence, correct) == pytest.approx(float((np.abs(right - mean) * filled).sum() / 500))


def test_perfect_confidence_is_calibrated_and_wrong_certainty_is_not():
    assert calibration_error([1.0, 1.0, 0.0], [True, True, False]) == 0
    assert calibration_error([1.0, 1.0], [False, False]) == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: accuracy([], []), "no rows"),
        (lambda: macro_f1(["a"], ["a", "b"]), "1 gold rows and 2 predicted ones"),
        (lambda: calibration_error([3.2], [True]), "not its score"),
        (lambda: calibration_error([float("nan")], [True]), "outside 0 to 1"),
        (lambda: calibration_error([0.5], [True], bins=0), "such as 15"),
        (lambda: confusion(["balanse"], ["block"], ["balance", "block"]), "did you mean 'balance'?"),
        (lambda: bootstrap_interval([], [], accuracy), "no rows"),
        (lambda: bootstrap_interval(["a"], ["a"], accuracy, samples=0), "such as 1000"),
        (lambda: bootstrap_interval(["a"], ["a"], accuracy, level=95), "such as 0.95"),
        (lambda: paired_bootstrap(["a"], ["a"], [], accuracy), "1 gold rows and 0 predicted ones"),
        (lambda: bootstrap_interval(["a"], ["a"], accuracy, clusters=["x", "y"]), "2 cluster names for 1 rows"),
        (lambda: wilson_interval(3, 2), "3 of 2 rows"),
        (lambda: wilson_interval(0, 0), "at least one row"),
        (lambda: slice_scores(["a"], ["a"], []), "one of each per row"),
    ],
)
def test_input_that_cannot_be_scored_says_why(call, message):
    with pytest.raises(DataError) as caught:
        call()
    assert message in str(caught.value)


# ---- intervals


@pytest.mark.parametrize(("right", "count"), [(0, 5), (5, 5), (1, 7), (80, 100), (499, 1000)])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_wilsons_interval_equals_scipys(right, count, level):
    expected = stats.binomtest(right, count).proportion_ci(level, method="wilson")
    got = wilson_interval(right, count, level=level)
    assert got == pytest.approx((right / count, expected.low, expected.high), abs=1e-9)


def make_rows(count=400, quality=0.8, seed=3):
    random = np.random.default_rng(seed)
    gold = random.choice(["a", "b", "c"], count)
    predicted = np.where(random.random(count) < quality, gold, random.choice(["a", "b", "c"], count))
    return gold.tolist(), predicted.tolist()


@pytest.mark.parametrize("metric", [accuracy, macro_f1, matthews])
def test_the_bootstrap_agrees_with_scipys(metric):
    gold, predicted = make_rows()
    codes = encode(gold, predicted)
    expected = stats.bootstrap(
        codes, metric, paired=True, vectorized=False, method="percentile", n_resamples=1000, rng=5
    ).confidence_interval
    got = bootstrap_interval(gold, predicted, metric)
    assert got.value == metric(gold, predicted)
    assert (got.low, got.high) == pytest.approx((expected.low, expected.high), abs=0.01)


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    gold, predicted = make_rows()
    first, again = (bootstrap_interval(gold, predicted, macro_f1) for _ in range(2))
    assert first == again
    assert bootstrap_interval(gold, predicted, macro_f1, seed=1) != first


def test_clusters_are_drawn_whole_and_widen_the_interval():
    clusters = [f"template {row // 10}" for row in range(400)]
    for rows in resamples(400, samples=20, clusters=clusters):
        drawn = np.bincount(rows, minlength=400).reshape(40, 10)
        assert (drawn == drawn[:, :1]).all()
    right = [row // 10 % 2 == 0 for row in range(400)]
    gold, predicted = ["a"] * 400, ["a" if good else "b" for good in right]
    apart = bootstrap_interval(gold, predicted, accuracy)
    together = bootstrap_interval(gold, predicted, accuracy, clusters=clusters)
    assert together.high - together.low > 2.5 * (apart.high - apart.low)


def test_a_paired_comparison_sees_what_two_separate_intervals_hide():
    gold, base = make_rows(600, 0.7)
    better = [truth if row % 20 == 0 else guess for row, (truth, guess) in enumerate(zip(gold, base, strict=True))]
    one, two = (bootstrap_interval(gold, each, accuracy) for each in (better, base))
    assert one.low < two.high
    comparison = paired_bootstrap(gold, better, base, accuracy)
    assert comparison.better == "first"
    assert comparison.difference.value == pytest.approx(comparison.first - comparison.second)
    assert paired_bootstrap(gold, base, better, accuracy).better == "second"


def test_a_model_beside_itself_is_neither_better_nor_worse():
    gold, predicted = make_rows()
    comparison = paired_bootstrap(gold, predicted, predicted, macro_f1)
    assert comparison.difference == (0, 0, 0)
    assert comparison.better == "neither"
    assert comparison.count == 400


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    random = np.random.default_rng(11)
    held = 0
    for seed in range(200):
        right = random.random(150) < 0.8
        interval = bootstrap_interval(["a"] * 150, np.where(right, "a", "b").tolist(), accuracy, samples=200, seed=seed)
        held += interval.low <= 0.8 <= interval.high
    assert 0.89 <= held / 200 <= 0.99


# ---- slices


def test_slices_are_scored_named_in_order_and_flagged_when_small():
    gold = ["a"] * 100
    predicted = ["a"] * 60 + ["b"] * 20 + ["a"] * 20
    groups = ["ur-Arab"] * 50 + ["sd-Latn"] * 45 + ["bal-Latn"] * 5
    scores = slice_scores(gold, predicted, groups)
    assert [(score.name, score.count, score.small) for score in scores] == [
        ("bal-Latn", 5, True),
        ("sd-Latn", 45, False),
        ("ur-Arab", 50, False),
    ]
    assert scores[1].interval == wilson_interval(25, 45)
    worst = worst_slice(scores)
    assert worst is not None
    assert worst.name == "sd-Latn"
    assert slice_gap(scores) == pytest.approx(1 - 25 / 45)


def test_a_perfect_small_slice_still_has_a_wide_interval():
    (score,) = slice_scores(["a"] * 5, ["a"] * 5, ["bal-Latn"] * 5)
    assert score.interval.value == 1
    assert score.interval.low < 0.6


def test_other_metrics_are_bootstrapped_in_each_slice():
    gold, predicted = make_rows(100)
    (score,) = slice_scores(gold, predicted, ["ur"] * 100, macro_f1, seed=4)
    assert score.interval == bootstrap_interval(gold, predicted, macro_f1, seed=4)


def test_where_every_slice_is_small_none_is_called_worst():
    scores = [SliceScore("a", 3, Interval(0, 0, 1), True)]
    assert worst_slice(scores) is None
    assert slice_gap(scores) == 0


# ---- verdicts

ENCODER, BASELINE = Cost("encoder", 8.0, 12_000_000), Cost("baseline", 0.2, 1_000_000)


def compare(first, second, low, high, count=500):
    better = "first" if low > 0 else "second" if high < 0 else "neither"
    return Comparison(first, second, Interval(first - second, low, high), better, count)


@pytest.mark.parametrize(
    ("comparison", "first", "second", "expected"),
    [
        (
            compare(0.712, 0.789, -0.110, -0.044),
            ENCODER._replace(size=1_100_000),
            BASELINE,
            "The encoder is not worth it here: 71.2 % against 78.9 % for the baseline "
            "(difference -7.7, 95 % interval -11.0 to -4.4), and it is 40 times slower.",
        ),
        (
            compare(0.831, 0.789, 0.011, 0.073),
            ENCODER,
            BASELINE,
            "The encoder is worth it here: 83.1 % against 78.9 % for the baseline "
            "(difference +4.2, 95 % interval +1.1 to +7.3), although it is 40 times slower and 12 times larger.",
        ),
        (
            compare(0.793, 0.789, 0.001, 0.007),
            ENCODER,
            BASELINE,
            "The encoder is not worth it here: it gains less than 1 point, 79.3 % against 78.9 % for the baseline "
            "(difference +0.4, 95 % interval +0.1 to +0.7), and it is 40 times slower and 12 times larger.",
        ),
        (
            compare(0.793, 0.789, -0.02, 0.03),
            ENCODER,
            BASELINE,
            "The encoder is not worth it here: no difference can be shown, 79.3 % against 78.9 % for the baseline "
            "(difference +0.4, 95 % interval -2.0 to +3.0), and it is 40 times slower and 12 times larger.",
        ),
        (
            compare(0.785, 0.789, -0.02, 0.03, count=60),
            Cost("small encoder", 2.0, 500_000),
            Cost("encoder", 3.0, 1_000_000),
            "The small encoder is worth it here: no difference can be shown, 78.5 % against 78.9 % for the encoder "
            "(difference -0.4, 95 % interval -2.0 to +3.0), and it is 1.5 times faster and 2.0 times smaller; "
            "60 test rows are few, so more of them may change this.",
        ),
        (
            compare(0.789, 0.789, -0.02, 0.02),
            ENCODER,
            ENCODER._replace(name="other"),
            "Either the encoder or the other will do here: no difference can be shown, 78.9 % against 78.9 % for the "
            "other (difference 0.0, 95 % interval -2.0 to +2.0).",
        ),
        (
            compare(0.70, 0.78, -0.1, -0.02),
            BASELINE,
            ENCODER,
            "The baseline is not worth it here: 70.0 % against 78.0 % for the encoder "
            "(difference -8.0, 95 % interval -10.0 to -2.0), although it is 40 times faster and 12 times smaller.",
        ),
    ],
)
def test_the_verdict_says_which_model_is_worth_it(comparison, first, second, expected):
    assert verdict(comparison, first, second) == expected


def test_a_slight_but_sure_gain_for_the_same_price_is_worth_it():
    text = verdict(compare(0.793, 0.789, 0.001, 0.007), BASELINE._replace(name="new baseline"), BASELINE)
    assert text.startswith("The new baseline is worth it here: 79.3 %")


def test_the_measure_is_named_when_it_is_given():
    text = verdict(compare(0.7, 0.6, 0.05, 0.15), ENCODER, BASELINE, measure="macro-F1", minimum_gain=0.02)
    assert "here: macro-F1 70.0 % against 60.0 %" in text


def test_a_cost_that_was_not_measured_is_refused():
    with pytest.raises(DataError, match="measure them"):
        verdict(compare(0.7, 0.6, 0.05, 0.15), ENCODER, BASELINE._replace(milliseconds=0.0))
