"""Load a model and ask it: label, score, reason. numpy alone, or onnxruntime and tokenizers; never torch."""

from boli.pipeline.answers import Explanation, LabelScore, Prediction, WordWeight
from boli.pipeline.loading import Installed, load, pipelines
from boli.pipeline.predictor import Pipeline
from boli.pipeline.runs import RunInfo

__all__ = [
    "Explanation",
    "Installed",
    "LabelScore",
    "Pipeline",
    "Prediction",
    "RunInfo",
    "WordWeight",
    "load",
    "pipelines",
]
