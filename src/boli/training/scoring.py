"""Test the exported models, the way an app will run them, and write the report."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from boli.datasets import Record
from boli.evaluation import (
    Comparison,
    Cost,
    Interval,
    Metric,
    SliceScore,
    accuracy,
    bootstrap_interval,
    calibration_error,
    confusion,
    macro_f1,
    matthews,
    paired_bootstrap,
    slice_gap,
    slice_scores,
    verdict,
    worst_slice,
)
from boli.languages import SCRIPT_NAMES, load_language, parse_tag
from boli.pipeline.engines import Engine
from boli.pipeline.texts import UNKNOWN, TextPath
from boli.training.config import EvaluationConfig
from boli.training.reports import Bin, EngineReport

_TIMED = 40  # single texts timed for the latency
_MINIMUM_GAIN = 0.01


@dataclass(frozen=True)
class TestSet:
    """The rows a model is judged on, and the labels in the order of the outputs."""

    records: Sequence[Record]
    labels: Sequence[str]

    __test__ = False  # a pytest that sees this name must not collect it

    @property
    def gold(self) -> list[str]:
        """Return the true labels."""
        return [record.label for record in self.records]

    @property
    def clusters(self) -> list[str]:
        """Return what is drawn together in a bootstrap: rows of one template, else each row by itself."""
        return [record.template or f"row {place}" for place, record in enumerate(self.records)]


@dataclass(frozen=True)
class Answers:
    """The answers of one model: labels, the probability of each, and the report on them."""

    predicted: tuple[str, ...]
    report: EngineReport
    cut: int


def judge(
    name: str, engine: Engine, text_path: TextPath, rows: TestSet, config: EvaluationConfig, *, size: int, seed: int
) -> Answers:
    """Run one model over the test rows and score its answers.

    Args:
        size: bytes on disk.
        seed: of the bootstrap.
    """
    texts, tags = [record.text for record in rows.records], [record.tag for record in rows.records]
    scored = engine.score(text_path.prepare(texts, tags))
    predicted = _best(scored.probabilities, rows.labels)
    untold = _best(engine.score(text_path.prepare(texts, [UNKNOWN] * len(texts))).probabilities, rows.labels)
    gold, drawn = rows.gold, rows.clusters
    right = np.array([one == two for one, two in zip(gold, predicted, strict=True)])
    confidence = scored.probabilities.max(axis=1)
    slices = {kind: _slices(rows, predicted, kind, config) for kind in ("form", "language", "script")}
    worst = worst_slice(slices["form"])
    counts = confusion(gold, predicted, list(rows.labels))

    def interval(metric: Metric, answers: Sequence[str]) -> Interval:
        return bootstrap_interval(
            gold, answers, metric, samples=config.samples, level=config.level, seed=seed, clusters=drawn
        )

    report = EngineReport(
        name=name,
        accuracy=interval(accuracy, predicted),
        macro_f1=interval(macro_f1, predicted),
        matthews=matthews(gold, predicted),
        untold=interval(accuracy, untold),
        calibration_error=calibration_error(confidence, right),
        forms=slices["form"],
        languages=slices["language"],
        scripts=slices["script"],
        worst_form=worst.name if worst else "",
        gap=slice_gap(slices["form"]),
        milliseconds=_time(engine, text_path, texts[:_TIMED], tags[:_TIMED]),
        size=size,
        confusion=tuple(tuple(int(cell) for cell in row) for row in counts),
        bins=_bins(confidence, right),
    )
    return Answers(tuple(predicted), report, int(scored.cut.sum()))


def compare_answers(
    encoder: Answers, linear: Answers, rows: TestSet, config: EvaluationConfig, *, seed: int
) -> tuple[Comparison, str, str]:
    """Return the paired comparison, the engine that is worth it, and the sentence that says so."""
    comparison = paired_bootstrap(
        rows.gold,
        encoder.predicted,
        linear.predicted,
        accuracy,
        samples=config.samples,
        level=config.level,
        seed=seed,
        clusters=rows.clusters,
    )
    first, second = (
        Cost(name, each.report.milliseconds, each.report.size)
        for name, each in (("encoder", encoder), ("linear baseline", linear))
    )
    sentence = verdict(comparison, first, second, measure="accuracy", minimum_gain=_MINIMUM_GAIN)
    better = comparison.better == "first" and comparison.difference.value >= _MINIMUM_GAIN
    return comparison, "encoder" if better else "linear", sentence


def fit_temperature(logits: NDArray[np.float32], gold: NDArray[np.int64]) -> float:
    """Return what logits must be divided by so that the probabilities are honest (least log loss).

    Args:
        logits: (rows, labels) of rows that were not trained on.
        gold: (rows,) numbers of the true labels.

    >>> fit_temperature(np.array([[9.0, 0.0], [9.0, 0.0]], dtype=np.float32), np.array([0, 1])) > 1
    True
    """
    choices = np.geomspace(0.25, 16.0, 49)
    return round(float(min(choices, key=lambda choice: _log_loss(logits / choice, gold))), 4)


def _log_loss(logits: NDArray[np.float32], gold: NDArray[np.int64]) -> float:
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(gold)), gold].mean())


def _best(probabilities: NDArray[np.float32], labels: Sequence[str]) -> list[str]:
    return [labels[place] for place in probabilities.argmax(axis=1)]


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


def _bins(confidence: NDArray[np.float32], right: NDArray[np.bool_]) -> tuple[Bin, ...]:
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
