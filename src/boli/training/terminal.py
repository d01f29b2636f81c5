"""Run a training in a terminal: bars while it works, a summary at the end, Ctrl-C that saves."""

import os
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from boli.training.config import FinetuneConfig
from boli.training.finetuning import Outcome, train_classifier, train_intent
from boli.training.progress import ConsoleProgress, SilentProgress
from boli.training.summary import summarize

Train = Callable[..., Outcome]


def run_intent(config: FinetuneConfig, folder: Path, *, fresh: bool = False, console: Console | None = None) -> Outcome:
    """Train an intent model as `boli.training.train_intent` does, and show it.

    Args:
        console: where to draw; by default standard output.

    Raises:
        KeyboardInterrupt: Ctrl-C; the message says how to go on.

    >>> from boli.training import parse_config
    >>> run_intent(parse_config({"data": {"name": "walet-intents"}}), Path("runs/x"))
    Traceback (most recent call last):
    ...
    boli.errors.DataError: no data set 'walet-intents'; shipped: wallet-intents (did you mean 'wallet-intents'?); ...
    """
    return _show(train_intent, config, folder, fresh=fresh, console=console)


def run_classifier(
    config: FinetuneConfig, folder: Path, *, fresh: bool = False, console: Console | None = None
) -> Outcome:
    """Train a classifier as `boli.training.train_classifier` does, and show it.

    Args, Raises: as for `run_intent`.

    >>> from boli.training import parse_config
    >>> run_classifier(parse_config({"data": {"name": "walet-intents"}}), Path("runs/x"))
    Traceback (most recent call last):
    ...
    boli.errors.DataError: no data set 'walet-intents'; shipped: wallet-intents (did you mean 'wallet-intents'?); ...
    """
    return _show(train_classifier, config, folder, fresh=fresh, console=console)


def _show(train: Train, config: FinetuneConfig, folder: Path, *, fresh: bool, console: Console | None) -> Outcome:
    if int(os.environ.get("RANK", "0")):
        return train(config, folder, SilentProgress())  # torchrun: process 0 does the talking
    console = console or Console()
    progress = ConsoleProgress(console)
    with progress.listening():
        outcome = train(config, folder, progress, fresh=fresh)
    console.print()
    console.print(summarize(outcome))
    return outcome
