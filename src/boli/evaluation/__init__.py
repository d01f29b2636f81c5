"""Scores with intervals, slices and a verdict in plain words; pure functions, no files."""

from boli.evaluation.intervals import (
    Comparison,
    Interval,
    bootstrap_interval,
    paired_bootstrap,
    resamples,
    wilson_interval,
)
from boli.evaluation.metrics import (
    Labels,
    Metric,
    accuracy,
    calibration_error,
    confusion,
    encode,
    macro_f1,
    matthews,
)
from boli.evaluation.slices import SliceScore, slice_gap, slice_scores, worst_slice
from boli.evaluation.verdicts import Cost, verdict

__all__ = [
    "Comparison",
    "Cost",
    "Interval",
    "Labels",
    "Metric",
    "SliceScore",
    "accuracy",
    "bootstrap_interval",
    "calibration_error",
    "confusion",
    "encode",
    "macro_f1",
    "matthews",
    "paired_bootstrap",
    "resamples",
    "slice_gap",
    "slice_scores",
    "verdict",
    "wilson_interval",
    "worst_slice",
]
