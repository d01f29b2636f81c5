"""What a run found out, as plain data that goes to ``report.json`` and comes back."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from boli.errors import ModelError
from boli.evaluation import Comparison, FlipScore, Interval, ScopeScore, SliceScore
from boli.files import read_json, write_json
from boli.pipeline.plain import from_plain, to_plain


class CurvePoint(NamedTuple):
    """One epoch of the training curve. Losses in nats; the score is what was watched, a share."""

    epoch: int
    step: int
    train_loss: float
    dev_loss: float
    dev_score: float


class Bin(NamedTuple):
    """Answers of like confidence: their mean confidence, the share that was right, and how many they are."""

    confidence: float
    accuracy: float
    answers: int


class SlotScore(NamedTuple):
    """How well one kind of slot is found (``all``: all of them): how many there are, and F1 by whole span."""

    name: str
    rows: int
    interval: Interval


class Repeat(NamedTuple):
    """One more training with another seed: its score on dev (what was watched) and its accuracy on test."""

    seed: int
    dev: float
    test: float


class Folds(NamedTuple):
    """Cross-validation over train and dev: parts, rows, and the encoder against the baseline on rows it did not see."""

    parts: int
    rows: int
    encoder: Interval
    linear: Interval
    difference: Interval


@dataclass(frozen=True)
class EngineReport:
    """How one model did on the test rows.

    Args:
        name: ``encoder`` or ``linear``.
        untold: accuracy when the language of each text is not told.
        calibration_error: expected, 0 to 1.
        slices: by form (``ur-Latn``), by language and by script.
        milliseconds: median for one text, from raw text to label, on the CPU.
        size: bytes on disk.
        cost: of 1,000 texts asked one by one, at the hourly price of the configuration; 0 where none is told.
        confusion: counts, rows are the truth, columns the answer, in the order of `answers`.
        answers: the labels, and the combinations of them that occur where a text may have several.
        threshold: see `boli.pipeline.RunInfo.thresholds`.
        slots, scope, flips: empty where the data has none.
    """

    name: str
    accuracy: Interval
    macro_f1: Interval
    matthews: float
    untold: Interval
    calibration_error: float
    forms: tuple[SliceScore, ...]
    languages: tuple[SliceScore, ...]
    scripts: tuple[SliceScore, ...]
    worst_form: str
    gap: float
    milliseconds: float
    size: int
    cost: float
    confusion: tuple[tuple[int, ...], ...]
    answers: tuple[str, ...]
    bins: tuple[Bin, ...]
    threshold: float
    slots: tuple[SlotScore, ...]
    scope: tuple[ScopeScore, ...]
    flips: tuple[FlipScore, ...]


@dataclass(frozen=True)
class Report:
    """The outcome of a run.

    Args:
        task: ``intent`` or ``classifier``.
        engine: the model that answers by default: the one that is worth it.
        verdict: which one that is and why, in words.
        agreement: largest difference of a logit between torch and onnxruntime.
        cut: test texts that were longer than the encoder reads.
        hourly_price: that `cost` of the engines was counted with.
        repeats: the other seeds, and the kept one first; empty where there is one only.
        folds: of the cross-validation, if there was one.
    """

    task: str
    data_name: str
    data_sha256: str
    rows: tuple[int, int, int]
    labels: tuple[str, ...]
    encoder: EngineReport
    linear: EngineReport
    comparison: Comparison
    engine: str
    verdict: str
    agreement: float
    cut: int
    device: str
    parameters: int
    curve: tuple[CurvePoint, ...]
    hourly_price: float = 0.0
    repeats: tuple[Repeat, ...] = ()
    folds: tuple[Folds, ...] = ()


def write_report(path: Path, report: Report) -> None:
    """Write a report as JSON with named fields.

    Raises:
        RunError: the disk is full.
    """
    write_json(path, to_plain(report))


def read_report(path: Path) -> Report:
    """Read a report back.

    Raises:
        ModelError: no such file, or it is not a report of this version.
    """
    try:
        return from_plain(Report, read_json(path))
    except (OSError, ValueError) as problem:
        raise ModelError(f"{path} is not a report of this boli ({problem}); run again with --fresh") from None
