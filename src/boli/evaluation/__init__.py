"""Scores with intervals, slices and a verdict in plain words; pure functions, no files."""

from boli.evaluation.flips import FlipScore, flip_rates
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
    macro_f1_of_sets,
    matthews,
)
from boli.evaluation.scopes import ScopeScore, auroc, choose_threshold, score_scope
from boli.evaluation.slices import SliceScore, slice_gap, slice_scores, worst_slice
from boli.evaluation.spans import span_f1
from boli.evaluation.verdicts import Cost, verdict

__all__ = [
    "Comparison",
    "Cost",
    "FlipScore",
    "Interval",
    "Labels",
    "Metric",
    "ScopeScore",
    "SliceScore",
    "accuracy",
    "auroc",
    "bootstrap_interval",
    "calibration_error",
    "choose_threshold",
    "confusion",
    "encode",
    "flip_rates",
    "macro_f1",
    "macro_f1_of_sets",
    "matthews",
    "paired_bootstrap",
    "resamples",
    "score_scope",
    "slice_gap",
    "slice_scores",
    "span_f1",
    "verdict",
    "wilson_interval",
    "worst_slice",
]
