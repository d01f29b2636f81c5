"""Commands that train: the demo and `boli train`."""

from pathlib import Path
from typing import Annotated

import typer

from boli.commands.arguments import Config, Fresh, Settings


def demo(
    folder: Annotated[Path, typer.Option(help="Of the run.")] = Path("runs/demo"), fresh: Fresh = False
) -> None:
    """Do the main job from end to end on shipped data (needs boli[train]); go on where an earlier call stopped."""
    from boli.demo import run_demo

    run_demo(folder, fresh=fresh)


def train_intent(
    config: Config,
    settings: Settings = None,
    folder: Annotated[Path, typer.Option(help="Of the run.")] = Path("runs/intent"),
    fresh: Fresh = False,
) -> None:
    """Train an intent model and a cheap baseline; run it again to go on after a power cut."""
    from boli.training import read_config, run_intent

    run_intent(read_config(config, settings or ()), folder, fresh=fresh)


def train_classifier(
    config: Config,
    settings: Settings = None,
    folder: Annotated[Path, typer.Option(help="Of the run.")] = Path("runs/classifier"),
    fresh: Fresh = False,
) -> None:
    """Train a classifier (one label or several) and a cheap baseline; run it again to go on after a power cut."""
    from boli.training import read_config, run_classifier

    run_classifier(read_config(config, settings or ()), folder, fresh=fresh)


def train_encoder(
    config: Config,
    settings: Settings = None,
    folder: Annotated[Path, typer.Option(help="Of the run.")] = Path("runs/encoder"),
    fresh: Fresh = False,
) -> None:
    """Pretrain an encoder on plain text, to fine-tune it later; run it again to go on after a power cut."""
    from boli.training import read_pretraining, run_pretraining

    run_pretraining(read_pretraining(config, settings or ()), folder, fresh=fresh)


def train_transliterator(
    source: Annotated[Path, typer.Argument(metavar="DATA", help="Folder of the training data, see data_cards.")],
    folder: Annotated[Path, typer.Option(help="For the model files and stages.")] = Path("runs/transliteration"),
) -> None:
    """Teach the everyday transliterator; run it again to go on after a power cut."""
    from boli.training.romanization.course import run_course

    run_course(source, folder)
