"""Train models: configuration, baseline, encoder, run folder. The only place for torch, which is loaded when needed."""

from boli.training.baseline import fit_linear
from boli.training.config import IntentConfig, parse_config, read_config
from boli.training.intent import Outcome, train_intent
from boli.training.progress import ConsoleProgress, Progress, SilentProgress
from boli.training.terminal import run_intent

__all__ = [
    "ConsoleProgress",
    "IntentConfig",
    "Outcome",
    "Progress",
    "SilentProgress",
    "fit_linear",
    "parse_config",
    "read_config",
    "run_intent",
    "train_intent",
]
