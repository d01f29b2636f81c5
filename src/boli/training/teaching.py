"""The stages of a run that need torch: teach the encoder (once, with other seeds, in folds), and export it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from boli.files import sha256_of_value
from boli.models.weights import sha256_of
from boli.pipeline.encoding import encode
from boli.pipeline.engines import EncoderEngine, open_session
from boli.pipeline.slots import list_tags
from boli.tokenization import load_tokenizer
from boli.training import parallel
from boli.training.boards import opening_board
from boli.training.config import FinetuneConfig
from boli.training.encoder import (
    EncoderClassifier,
    add_lora,
    build_encoder,
    load_encoder,
    merge_lora,
    save_encoder,
    shape_of,
)
from boli.training.export import compare, export_onnx
from boli.training.labels import LabelSet
from boli.training.loop import Loop, LoopState, seeded, train
from boli.training.losses import make_loss
from boli.training.machines import choose_device, describe_machine
from boli.training.objectives import Classification, Predicted, predict
from boli.training.outputs import Exported, Fitted
from boli.training.progress import Progress
from boli.training.scoring import fit_temperature
from boli.training.sources import Specials, find_specials, longest_input
from boli.training.store import Examples
from boli.training.texts import Prepared

Texts = Mapping[str, Prepared]
"""Split -> normalized texts."""


@dataclass(frozen=True)
class Lesson:
    """One encoder to teach: on which rows, with which seed, and where its checkpoints go."""

    config: FinetuneConfig
    labels: LabelSet
    folder: Path
    train: Examples
    dev: Examples
    seed: int
    name: str = "encoder"

    @property
    def tags(self) -> int:
        """The outputs for each token."""
        return len(list_tags(self.labels.slots)) if self.labels.slots else 0

    @property
    def key(self) -> str:
        """The hash of all that decides the weights."""
        config = {section: value for section, value in self.config.to_dict().items() if section not in ("evaluation",)}
        rows = [self.train.rows.tolist(), self.dev.rows.tolist()]
        gold = [self.train.gold.tolist(), self.dev.gold.tolist()]
        return sha256_of_value([config, self.seed, rows, gold, sha256_of(self.folder / "tokenizer.json")])


@dataclass(frozen=True)
class Taught:
    """A taught encoder, where it learned, and how it went."""

    model: EncoderClassifier
    device: torch.device
    specials: Specials
    state: LoopState

    def predict(self, examples: Examples) -> Predicted:
        """Return logits in the precision of serving, float32."""
        return predict(self.model, examples, self.device, pad_token=self.specials.pad)


@contextmanager
def teaching(lesson: Lesson, progress: Progress) -> Iterator[Taught]:
    """Teach an encoder, or go on from its newest whole checkpoint; the block has it in its random state.

    Raises:
        KeyboardInterrupt, RunError: as for `boli.training.loop.train`.
    """
    config, labels = lesson.config, lesson.labels
    device = choose_device(config.training.device)
    tokenizer = load_tokenizer(lesson.folder / "tokenizer.json")
    specials, vocabulary = find_specials(tokenizer), tokenizer.get_vocab_size()
    events = (
        lesson.folder / "tensorboard" / lesson.name if config.training.tensorboard and not parallel.rank() else None
    )
    with seeded(lesson.seed, device, threads=config.training.threads), opening_board(events) as board:
        model = build_encoder(
            config.model, vocabulary=vocabulary, labels=labels.names, tags=lesson.tags, several=labels.several
        )
        if config.model.lora_rank:
            add_lora(model, config.model)
        model.to(device)
        loss = make_loss(config.training, lesson.train.gold[lesson.train.rows], labels.names, several=labels.several)
        work = Classification(
            lesson.train, lesson.dev, loss, specials, config.model.token_dropout, device, config.training.precision
        )
        training = replace(config.training, seed=lesson.seed)
        place = lesson.folder / "checkpoints" / lesson.name
        state = train(Loop(model, work.objective(), training, place, lesson.key, device, board), progress)
        merge_lora(model)
        yield Taught(model, device, specials, state)


def teach_encoder(lesson: Lesson, progress: Progress) -> Fitted:
    """Teach the encoder that is kept, and write ``model.safetensors``."""
    with teaching(lesson, progress) as taught:
        model = taught.model
        if not parallel.rank():
            save_encoder(model, lesson.folder / "model.safetensors")
        parameters = sum(each.numel() for each in model.parameters())
        return Fitted(
            describe_machine(taught.device), parameters, tuple(taught.state.history), shape_of(model),
            longest_input(model.shape, lesson.config.model.max_tokens), taught.specials.pad,
        )  # fmt: skip


def export_encoder(
    config: FinetuneConfig, folder: Path, texts: Texts, gold: NDArray[np.generic], labels: LabelSet, *, limit: int
) -> Exported:
    """Write ``model.onnx``, check that it agrees with torch, and fit its temperature on dev.

    Args:
        gold: numbers of the labels of the dev texts.
        limit: the longest text that the encoder reads, in tokens.
    """
    tokenizer = load_tokenizer(folder / "tokenizer.json")
    specials, vocabulary = find_specials(tokenizer), tokenizer.get_vocab_size()
    tags = len(list_tags(labels.slots)) if labels.slots else 0
    model = load_encoder(
        folder / "model.safetensors", config.model, vocabulary=vocabulary, labels=labels.names, tags=tags,
        several=labels.several,
    )  # fmt: skip
    export_onnx(model, folder / "model.onnx", specials)
    session = open_session(folder / "model.onnx")
    engine = EncoderEngine(session, tokenizer, limit, 1.0, specials.pad, labels.several, labels.slots)
    dev, test = (
        [cut.ids for cut in encode(tokenizer, texts[split].texts, max_tokens=limit)] for split in ("dev", "test")
    )
    agreement = compare(model, engine, [*dev, *test])
    temperature = fit_temperature(engine.logits(dev), gold)
    return Exported(agreement.largest_difference, temperature)
