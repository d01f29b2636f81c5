"""Run a training in a terminal: bars while it works, a summary at the end, Ctrl-C that saves."""

from pathlib import Path

from rich.console import Console

from boli.training.config import IntentConfig
from boli.training.intent import Outcome, train_intent
from boli.training.progress import ConsoleProgress
from boli.training.summary import summarize


def run_intent(config: IntentConfig, folder: Path, *, fresh: bool = False, console: Console | None = None) -> Outcome:
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
    console = console or Console()
    progress = ConsoleProgress(console)
    with progress.listening():
        outcome = train_intent(config, folder, progress, fresh=fresh)
    console.print()
    console.print(summarize(outcome))
    return outcome
