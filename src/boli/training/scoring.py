"""Test the exported models, the way an app will run them, and write the report."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from boli.datasets import Record, Slot
from boli.evaluation import (
    Comparison,
    Cost,
    FlipScore,
    Interval,
    Metric,
    ScopeScore,
    SliceScore,
    accuracy,
    bootstrap_interval,
    calibration_error,
    choose_threshold,
    confusion,
    flip_rates,
    macro_f1,
    macro_f1_of_sets,
    matthews,
    paired_bootstrap,
    score_scope,
    slice_gap,
    slice_scores,
    span_f1,
    verdict,
    worst_slice,
)
from boli.languages import SCRIPT_NAMES, load_language, parse_tag
from boli.pipeline.engines import Engine, Scored
from boli.pipeline.texts import TextPath, tell_tags
from boli.training.config import EvaluationConfig
from boli.training.extras import NOTHING, Extras
from boli.training.labels import LabelSet
from boli.training.reports import Bin, EngineReport, SlotScore
from boli.training.texts import place_slots

_TIMED = 40  # single texts timed for the latency
_MINIMUM_GAIN = 0.01
_THRESHOLDS = np.linspace(0.1, 0.9, 33)


@dataclass(frozen=True)
class TestSet:
    """The rows a model is judged on, those its thresholds are chosen on, and the labels in the order of the outputs."""

    records: Sequence[Record]
    dev: Sequence[Record]
    labels: LabelSet
    extras: Extras = NOTHING

    __test__ = False  # a pytest that sees this name must not collect it

    @property
    def gold(self) -> list[str]:
        """Return the true labels."""
        return self.labels.canonical(self.records)

    @property
    def clusters(self) -> list[str]:
        """Return what is drawn together in a bootstrap: rows of one template, else each row by itself."""
        return [record.template or f"row {place}" for place, record in enumerate(self.records)]


@dataclass(frozen=True)
class Answers:
    """The answers of one model: labels, the report on them, and how many texts were cut."""

    predicted: tuple[str, ...]
    report: EngineReport
    cut: int


@dataclass(frozen=True)
class Judge:
    """Runs a model over the test rows, the way an app will, and scores its answers.

    Args:
        seed: of the bootstrap.
    """

    text_path: TextPath
    rows: TestSet
    config: EvaluationConfig
    seed: int

    def judge(self, engine: Engine, *, size: int) -> Answers:
        """Score one model; `size` in bytes on disk."""
        rows, config, gold = self.rows, self.config, self.rows.gold
        scored = self._score(engine, rows.records)
        threshold = self._choose(self._score(engine, rows.dev))
        predicted = self._answer(scored, threshold)
        untold = self._answer(engine.score(self._untold()), threshold)
        confidence, right = self._confidence(scored)
        slices = {kind: _slices(rows, predicted, kind, config) for kind in ("form", "language", "script")}
        worst = worst_slice(slices["form"])
        names = list(dict.fromkeys([*rows.labels.names, *gold, *predicted]))
        counts = confusion(gold, predicted, names)
        texts, tags = _columns(rows.records[:_TIMED])
        milliseconds = _time(engine, self.text_path, texts, tags)
        report = EngineReport(
            name=engine.name,
            accuracy=self._interval(accuracy, predicted),
            macro_f1=self._interval(self.macro_f1(gold, predicted), predicted),
            matthews=matthews(gold, predicted),
            untold=self._interval(accuracy, untold),
            calibration_error=calibration_error(confidence, right),
            forms=slices["form"],
            languages=slices["language"],
            scripts=slices["script"],
            worst_form=worst.name if worst else "",
            gap=slice_gap(slices["form"]),
            milliseconds=milliseconds,
            size=size,
            cost=round(1000 * milliseconds / 3.6e6 * config.hourly_price, 6),
            confusion=tuple(tuple(int(cell) for cell in row) for row in counts),
            answers=tuple(names),
            bins=_bins(confidence, right),
            threshold=threshold,
            slots=self._slots(scored),
            scope=self._scope(engine, scored, threshold),
            flips=self._flips(engine, threshold),
        )
        return Answers(tuple(predicted), report, int(scored.cut.sum()))

    def macro_f1(self, *sequences: Sequence[str]) -> Metric:
        """Return macro-F1 as it is meant for these labels."""
        labels = self.rows.labels
        return macro_f1_of_sets(labels.separator, labels.none, *sequences) if labels.several else macro_f1

    def _score(self, engine: Engine, records: Sequence[Record]) -> Scored:
        return engine.score(self.text_path.prepare(*_columns(records)))

    def _untold(self) -> list[str]:
        texts, _ = _columns(self.rows.records)
        return self.text_path.prepare(texts, tell_tags(texts))

    def _interval(self, metric: Metric, answers: Sequence[str]) -> Interval:
        how = self.config
        return bootstrap_interval(
            self.rows.gold, answers, metric, samples=how.samples, level=how.level, seed=self.seed,
            clusters=self.rows.clusters,
        )  # fmt: skip

    def _answer(self, scored: Scored, threshold: float) -> list[str]:
        labels = self.rows.labels
        if not labels.several:
            return [labels.names[place] for place in scored.probabilities.argmax(axis=1)]
        chosen = scored.probabilities >= threshold
        return [labels.join([labels.names[place] for place in np.flatnonzero(row)]) for row in chosen]

    def _choose(self, scored: Scored) -> float:
        """The score from which a label counts (best micro-F1 on dev), or below which a message is out of scope."""
        if not self.rows.labels.several:
            return round(choose_threshold(scored.probabilities.max(axis=1), self.config.keep), 4)
        gold = self.rows.labels.number(self.rows.dev).astype(np.float32) > 0.5

        def quality(threshold: float) -> float:
            guess = scored.probabilities >= threshold
            return float(2 * (guess & gold).sum() / max(1, guess.sum() + gold.sum()))

        return round(float(max(_THRESHOLDS, key=quality)), 4)

    def _confidence(self, scored: Scored) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """How sure each answer is and whether it is right; of several labels, each yes or no is an answer."""
        probabilities, gold = scored.probabilities.astype(np.float64), self.rows.labels.number(self.rows.records)
        if not self.rows.labels.several:
            return np.minimum(probabilities.max(axis=1), 1.0), probabilities.argmax(axis=1) == gold
        sure = np.minimum(np.maximum(probabilities, 1 - probabilities), 1.0)
        return sure.ravel(), ((probabilities >= 0.5) == (gold.astype(np.float32) > 0.5)).ravel()

    def _slots(self, scored: Scored) -> tuple[SlotScore, ...]:
        if not self.rows.labels.slots:
            return ()
        gold = [place_slots(self.text_path, record) for record in self.rows.records]
        names = ("all", *self.rows.labels.slots)
        return tuple(SlotScore(name, *self._span_f1(name, gold, scored.slots)) for name in names)

    def _span_f1(
        self, name: str, gold: Sequence[Sequence[Slot]], found: Sequence[Sequence[Slot]]
    ) -> tuple[int, Interval]:
        truth, guess = (
            [[slot for slot in row if name in ("all", slot.name)] for row in rows] for rows in (gold, found)
        )
        how = self.config
        interval = span_f1(
            truth, guess, samples=how.samples, level=how.level, seed=self.seed, clusters=self.rows.clusters
        )
        return sum(map(len, truth)), interval

    def _scope(self, engine: Engine, scored: Scored, threshold: float) -> tuple[ScopeScore, ...]:
        outside = self.rows.extras.outside
        if not outside:
            return ()
        inner, outer = (each.probabilities.max(axis=1) for each in (scored, self._score(engine, outside)))
        return (score_scope(inner, outer, threshold),)

    def _flips(self, engine: Engine, threshold: float) -> tuple[FlipScore, ...]:
        pairs = self.rows.extras.pairs
        if not pairs:
            return ()
        texts = [pair.text for pair in pairs], [pair.other for pair in pairs]
        tags = [pair.tag for pair in pairs], [pair.other_tag for pair in pairs]
        first, second = (
            self._answer(engine.score(self.text_path.prepare(*side)), threshold)
            for side in zip(texts, tags, strict=True)
        )
        return flip_rates(first, second, [pair.kind for pair in pairs], level=self.config.level)


def compare_answers(encoder: Answers, linear: Answers, judge: Judge) -> tuple[Comparison, str, str]:
    """Return the paired comparison, the engine that is worth it, and the sentence that says so.

    The measure is accuracy, and macro-F1 where a text may have several labels.
    """
    rows, config, several = judge.rows, judge.config, judge.rows.labels.several
    metric = judge.macro_f1(rows.gold, encoder.predicted, linear.predicted) if several else accuracy
    comparison = paired_bootstrap(
        rows.gold, encoder.predicted, linear.predicted, metric, samples=config.samples, level=config.level,
        seed=judge.seed, clusters=rows.clusters,
    )  # fmt: skip
    first, second = (
        Cost(name, each.report.milliseconds, each.report.size)
        for name, each in (("encoder", encoder), ("linear baseline", linear))
    )
    measure = "macro-F1" if several else "accuracy"
    sentence = verdict(comparison, first, second, measure=measure, minimum_gain=_MINIMUM_GAIN)
    better = comparison.better == "first" and comparison.difference.value >= _MINIMUM_GAIN
    return comparison, "encoder" if better else "linear", sentence + _say_costs(encoder.report, linear.report, config)


def _say_costs(encoder: EngineReport, linear: EngineReport, config: EvaluationConfig) -> str:
    if not config.hourly_price:
        return ""
    return (
        f" At {config.hourly_price:g} an hour, 1,000 texts one by one cost {encoder.cost:.2g} with the encoder and "
        f"{linear.cost:.2g} with the baseline."
    )


def fit_temperature(logits: NDArray[np.float32], gold: NDArray[np.generic]) -> float:
    """Return what logits must be divided by so that the probabilities are honest (least log loss).

    Args:
        logits: (rows, labels) of rows that were not trained on.
        gold: (rows,) numbers of the true labels, or (rows, labels) of 0 and 1.

    >>> fit_temperature(np.array([[9.0, 0.0], [9.0, 0.0]], dtype=np.float32), np.array([0, 1])) > 1
    True
    """
    choices = np.geomspace(0.25, 16.0, 49)
    return round(float(min(choices, key=lambda choice: _log_loss(logits / choice, gold))), 4)


def _log_loss(logits: NDArray[np.float32], gold: NDArray[np.generic]) -> float:
    if gold.ndim == 2:
        signed = np.where(gold.astype(np.float32) > 0.5, logits, -logits).astype(np.float64)
        return float(np.logaddexp(0, -signed).mean())
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(gold)), gold.astype(np.int64)].mean())


def _columns(records: Sequence[Record]) -> tuple[list[str], list[str]]:
    return [record.text for record in records], [record.tag for record in records]


def _slices(rows: TestSet, predicted: Sequence[str], kind: str, config: EvaluationConfig) -> tuple[SliceScore, ...]:
    groups = [_group(record.tag, kind) for record in rows.records]
    return slice_scores(
        rows.gold, predicted, groups, accuracy, config.minimum, samples=config.samples, level=config.level
    )


def _group(tag: str, kind: str) -> str:
    parsed = parse_tag(tag)
    if kind == "language":
        return load_language(tag).name
    return SCRIPT_NAMES[parsed.script] if kind == "script" else str(parsed)


def _bins(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Bin, ...]:
    places = np.minimum((confidence * 10).astype(np.int64), 9)
    groups = [np.flatnonzero(places == place) for place in range(10)]
    return tuple(
        Bin(float(confidence[rows].mean()), float(right[rows].mean()), len(rows)) for rows in groups if len(rows)
    )


def _time(engine: Engine, text_path: TextPath, texts: Sequence[str], tags: Sequence[str]) -> float:
    seconds = []
    for text, tag in zip(texts, tags, strict=True):
        began = time.perf_counter()
        engine.score(text_path.prepare([text], [tag]))
        seconds.append(time.perf_counter() - began)
    return round(1000 * median(seconds), 3)
