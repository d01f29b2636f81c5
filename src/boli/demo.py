"""The main job from end to end, on data that comes with the package: what `boli demo` runs."""

from dataclasses import replace
from pathlib import Path

from rich.console import Console

from boli.training.config import FinetuneConfig
from boli.training.finetuning import Outcome
from boli.training.terminal import run_intent

INTRODUCTION = (
    "boli demo: teach a computer what messages to a mobile wallet want, in five languages and two scripts.\n"
    "The messages are machine-written and unreviewed by native speakers: scores show that the path works, no more.\n"
)

EPOCHS = 12
"""At most, of the demo; `FinetuneConfig` has 40. More gain little on dev here, and take minutes on a busy machine."""


def choose_settings() -> FinetuneConfig:
    """Return the settings of the demo: the shipped data, fewer and larger steps than by default, all rows.

    On dev they score no lower than the defaults (50.8 and 48.8 % right), in about half the time.

    >>> choose_settings().training.epochs
    12
    """
    config = FinetuneConfig()
    return replace(config, training=replace(config.training, epochs=EPOCHS, batch_tokens=1024, learning_rate=2e-3))


def run_demo(
    folder: Path = Path("runs/demo"),
    *,
    fresh: bool = False,
    config: FinetuneConfig | None = None,
    console: Console | None = None,
) -> Outcome:
    """Audit, normalize, train, compare, export, save, load in a new process, and say what came out.

    A second call goes on where the first one stopped, or says that there is nothing to do.

    Args:
        folder: of the run; made if it does not exist.
        fresh: throw away what an earlier run left in the folder.
        config: what to do; by default `choose_settings`, which takes one to three minutes without a GPU.
        console: where to draw; by default standard output.

    Raises:
        MissingExtra: a package of ``boli[train]`` is not installed.
        RunError: the folder cannot be continued, or the disk is full.
        KeyboardInterrupt: Ctrl-C; the message says how to go on.

    >>> run_demo(Path(__file__))  # a file where a folder should be
    Traceback (most recent call last):
    ...
    boli.errors.RunError: ...demo.py is a file; expected a folder for the run: use another --folder
    """
    console = console or Console()
    console.print(INTRODUCTION)
    return run_intent(config or choose_settings(), Path(folder), fresh=fresh, console=console)
