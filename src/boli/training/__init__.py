"""Train models: configuration, baseline, encoder, run folder. The only place for torch, which is loaded when needed."""

from boli.training.baseline import fit_linear
from boli.training.config import FinetuneConfig, PretrainConfig
from boli.training.finetuning import Outcome, train_classifier, train_intent
from boli.training.pretraining import run_pretraining, train_encoder
from boli.training.progress import ConsoleProgress, Progress, SilentProgress
from boli.training.settings import parse_config, read_config, read_pretraining
from boli.training.terminal import run_classifier, run_intent

__all__ = [
    "ConsoleProgress",
    "FinetuneConfig",
    "Outcome",
    "PretrainConfig",
    "Progress",
    "SilentProgress",
    "fit_linear",
    "parse_config",
    "read_config",
    "read_pretraining",
    "run_classifier",
    "run_intent",
    "run_pretraining",
    "train_classifier",
    "train_encoder",
    "train_intent",
]
