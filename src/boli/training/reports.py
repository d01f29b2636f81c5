"""What a run found out, as plain data that goes to ``report.json`` and comes back."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from boli.errors import ModelError
from boli.evaluation import Comparison, Interval, SliceScore
from boli.files import read_json, write_json
from boli.pipeline.plain import from_plain, to_plain


class CurvePoint(NamedTuple):
    """One epoch of the training curve. Losses in nats, accuracy a share."""

    epoch: int
    step: int
    train_loss: float
    dev_loss: float
    dev_accuracy: float


class Bin(NamedTuple):
    """Answers of like confidence: their mean confidence, the share that was right, and how many they are."""

    confidence: float
    accuracy: float
    answers: int


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
        confusion: counts, rows are the truth, columns the answer, in the order of the labels.
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
    confusion: tuple[tuple[int, ...], ...]
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class Report:
    """The outcome of a run.

    Args:
        engine: the model that answers by default: the one that is worth it.
        verdict: which one that is and why, in words.
        agreement: largest difference of a logit between torch and onnxruntime.
        cut: test texts that were longer than the encoder reads.
    """

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
