"""The training loop: plain torch, resumable to the bit.

What decides the next step is the step number, the weights, the optimizer and torch's random state, and all of them
are in the checkpoint. The order of the data and the learning rate are functions of the seed and the step, so they need
no saving. On one device with the same number of threads a resumed run ends with the same weights as one that never
stopped.
"""

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from boli.errors import RunError
from boli.pipeline.encoding import pad
from boli.pipeline.plain import from_plain, to_plain
from boli.training.batches import plan_epoch
from boli.training.checkpoints import Checkpoint, load_newest_checkpoint, save_checkpoint
from boli.training.config import TrainingConfig
from boli.training.encoder import EncoderClassifier, drop_tokens
from boli.training.progress import Progress
from boli.training.reports import CurvePoint


class Encoded(NamedTuple):
    """Token ids of each text and the number of its label."""

    sequences: Sequence[Sequence[int]]
    labels: Sequence[int]


@dataclass
class LoopState:
    """Where the loop stands; plain numbers, so that it fits into JSON."""

    step: int = 0
    epoch: int = 0
    batch: int = 0
    epoch_loss: float = 0.0
    best: tuple[float, float] = (-1.0, -1e30)
    best_epoch: int = -1
    history: list[CurvePoint] = field(default_factory=list)


@dataclass
class Held:
    """Two copies of the weights: their running average, and that average when dev was best."""

    average: dict[str, Tensor]
    best: dict[str, Tensor]

    @classmethod
    def start(cls, model: nn.Module) -> "Held":
        """Return copies of the weights as they are."""
        return cls(_clone(model.state_dict()), _clone(model.state_dict()))

    def follow(self, model: nn.Module, averaging: float, step: int) -> None:
        """Move the average towards the model; quickly in the first steps, when the model is still far from good."""
        stays = min(averaging, (step + 1) / (step + 10))
        with torch.no_grad():
            for name, value in model.state_dict().items():
                self.average[name].mul_(stays).add_(value, alpha=1 - stays)


@dataclass(frozen=True)
class Loop:
    """One training run: the model, the data, the settings and the folder of its checkpoints.

    Args:
        key: hash of everything that decides the outcome; a checkpoint with another key is not used.
        token_dropout: share of the tokens replaced by [MASK] while training.
    """

    model: EncoderClassifier
    train: Encoded
    dev: Encoded
    config: TrainingConfig
    token_dropout: float
    checkpoints: Path
    key: str
    device: torch.device


def choose_device(name: str) -> torch.device:
    """Return the device that a configuration names; ``auto`` takes a GPU where there is one.

    Raises:
        RunError: ``cuda`` is asked for and torch sees no GPU.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise RunError("training.device is 'cuda' but torch sees no GPU; use --set training.device=cpu or auto")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def count_steps(loop: Loop) -> int:
    """Return the steps of all epochs, as if nothing stopped early."""
    return sum(len(_plan(loop, epoch)) for epoch in range(loop.config.epochs))


def train(loop: Loop, progress: Progress) -> LoopState:
    """Train until dev stops improving or the epochs are over; leave the best weights in the model.

    Raises:
        KeyboardInterrupt: somebody asked to stop; the last step is saved.
        RunError: the loss is not a number any more, or the disk is full; earlier checkpoints are still there.
    """
    optimizer = _build_optimizer(loop)
    saved = load_newest_checkpoint(loop.checkpoints, loop.key)
    state, held = _restore(loop, optimizer, saved) if saved else (LoopState(), Held.start(loop.model))
    total = count_steps(loop)
    progress.expect(total)
    progress.advance(state.step, f"goes on at step {state.step}" if saved else "")
    while not _is_over(state, loop.config):
        for rows in _plan(loop, state.epoch)[state.batch :]:
            state.epoch_loss += _step(loop, optimizer, rows, _rate(loop.config, state.step, total), state.step)
            held.follow(loop.model, loop.config.averaging, state.step)
            state.step, state.batch = state.step + 1, state.batch + 1
            stopping = progress.stopping()
            if stopping or state.step % loop.config.checkpoint_steps == 0:
                _save(loop, optimizer, state, held)
            progress.advance(1, _note(state, loop.config))
            if stopping:
                raise KeyboardInterrupt(f"stopped and saved at step {state.step}; run the same command again to go on")
        _end_epoch(loop, state, held)
    loop.model.load_state_dict(held.best)
    return state


def predict_logits(
    model: EncoderClassifier, sequences: Sequence[Sequence[int]], device: torch.device
) -> NDArray[np.float32]:
    """Return logits (texts, labels) float32 in the order of the texts."""
    was_training = model.training
    model.eval()
    order = sorted(range(len(sequences)), key=lambda row: len(sequences[row]))
    rows: dict[int, NDArray[np.float32]] = {}
    with torch.no_grad(), _half_precision(device):
        for start in range(0, len(order), 64):
            chunk = order[start : start + 64]
            ids, mask = _tensors([sequences[row] for row in chunk], device)
            rows |= dict(zip(chunk, model(ids, mask).float().cpu().numpy(), strict=True))
    model.train(was_training)
    return np.stack([rows[row] for row in range(len(sequences))])


@contextlib.contextmanager
def seeded(seed: int, device: torch.device, *, threads: int = 0) -> Iterator[None]:
    """Give the block its own random numbers, threads and deterministic kernels; leave the caller's as they were.

    Args:
        threads: of the CPU; 0 leaves them as they are.
    """
    threads_before = torch.get_num_threads()
    devices = [torch.cuda.current_device()] if device.type == "cuda" else []
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        torch.set_num_threads(threads or threads_before)
        torch.use_deterministic_algorithms(device.type == "cpu" or before[0], warn_only=before[1])
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(before[0], warn_only=before[1])
            torch.set_num_threads(threads_before)


def _plan(loop: Loop, epoch: int) -> list[list[int]]:
    lengths = [len(each) for each in loop.train.sequences]
    return plan_epoch(lengths, budget=loop.config.batch_tokens, seed=loop.config.seed, epoch=epoch)


def _is_over(state: LoopState, config: TrainingConfig) -> bool:
    stale = state.epoch - 1 - state.best_epoch
    return state.epoch >= config.epochs or (state.epoch > 0 and stale >= config.patience)


def _rate(config: TrainingConfig, step: int, total: int) -> float:
    """Rise for the warmup share of all steps, then fall along a cosine to a tenth."""
    warm = max(1, round(config.warmup * total))
    if step < warm:
        return config.learning_rate * (step + 1) / warm
    done = (step - warm) / max(1, total - warm)
    return config.learning_rate * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * done)))


def _build_optimizer(loop: Loop) -> torch.optim.AdamW:
    named = list(loop.model.named_parameters())
    matrices = [each for _, each in named if each.ndim > 1]
    vectors = [each for _, each in named if each.ndim <= 1]
    groups = [
        {"params": matrices, "weight_decay": loop.config.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=loop.config.learning_rate, fused=loop.device.type == "cuda")


def _step(loop: Loop, optimizer: torch.optim.AdamW, rows: Sequence[int], rate: float, step: int) -> float:
    for group in optimizer.param_groups:
        group["lr"] = rate
    ids, mask = _tensors([loop.train.sequences[row] for row in rows], loop.device)
    gold = torch.tensor([loop.train.labels[row] for row in rows], device=loop.device)
    with _half_precision(loop.device):
        logits = loop.model(drop_tokens(ids, mask, loop.token_dropout), mask)
        loss = nn.functional.cross_entropy(logits.float(), gold)
    value = float(loss.detach())
    if not math.isfinite(value):
        raise RunError(
            f"the loss is {value} at step {step}; start over with --fresh and a lower --set training.learning_rate="
            f"{loop.config.learning_rate / 3:.0e}"
        )
    optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    nn.utils.clip_grad_norm_(loop.model.parameters(), 1.0)
    optimizer.step()
    return value


def _end_epoch(loop: Loop, state: LoopState, held: Held) -> None:
    with _weights(loop.model, held.average):
        logits = torch.from_numpy(predict_logits(loop.model, loop.dev.sequences, loop.device))
    gold = torch.tensor(loop.dev.labels)
    loss = float(nn.functional.cross_entropy(logits, gold))
    accuracy = float((logits.argmax(1) == gold).float().mean())
    train_loss = state.epoch_loss / max(1, state.batch)
    state.history.append(CurvePoint(state.epoch, state.step, round(train_loss, 6), round(loss, 6), round(accuracy, 6)))
    if (accuracy, -loss) > state.best:
        state.best, state.best_epoch = (accuracy, -loss), state.epoch
        held.best = _clone(held.average)
    state.epoch, state.batch, state.epoch_loss = state.epoch + 1, 0, 0.0


@contextlib.contextmanager
def _weights(model: nn.Module, weights: Mapping[str, Tensor]) -> Iterator[None]:
    """Put other weights into the model for the length of a block."""
    own = _clone(model.state_dict())
    model.load_state_dict(weights)
    try:
        yield
    finally:
        model.load_state_dict(own)


def _save(loop: Loop, optimizer: torch.optim.AdamW, state: LoopState, held: Held) -> None:
    moments = optimizer.state_dict()["state"]
    flat = {f"{place}.{name}": value for place, held in moments.items() for name, value in held.items()}
    random = {"cpu": torch.get_rng_state()}
    if loop.device.type == "cuda":
        random["cuda"] = torch.cuda.get_rng_state(loop.device)
    tensors = {"model": loop.model.state_dict(), "average": held.average, "best": held.best}
    tensors |= {"optimizer": flat, "random": random}
    facts = {"key": loop.key, "threads": torch.get_num_threads(), "loop": to_plain(state)}
    save_checkpoint(loop.checkpoints, Checkpoint(state.step, tensors, facts), keep=loop.config.keep_checkpoints)


def _restore(loop: Loop, optimizer: torch.optim.AdamW, saved: Checkpoint) -> tuple[LoopState, Held]:
    loop.model.load_state_dict(dict(saved.tensors["model"]))
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in saved.tensors["optimizer"].items():
        place, _, key = name.partition(".")
        moments.setdefault(int(place), {})[key] = value
    optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
    torch.set_rng_state(saved.tensors["random"]["cpu"])
    if loop.device.type == "cuda" and "cuda" in saved.tensors["random"]:
        torch.cuda.set_rng_state(saved.tensors["random"]["cuda"], loop.device)
    average, best = (
        {name: each.to(loop.device) for name, each in saved.tensors[of].items()} for of in ("average", "best")
    )
    return from_plain(LoopState, saved.state["loop"]), Held(average, best)


def _clone(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in weights.items()}


def _tensors(sequences: Sequence[Sequence[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    padded = pad(sequences, multiple=8 if device.type == "cuda" else 1)
    ids, mask = torch.from_numpy(padded.ids), torch.from_numpy(padded.mask)
    if device.type == "cuda":
        ids, mask = ids.pin_memory(), mask.pin_memory()
    return ids.to(device, non_blocking=True), mask.to(device, non_blocking=True)


def _half_precision(device: torch.device) -> contextlib.AbstractContextManager[object]:
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda")


def _note(state: LoopState, config: TrainingConfig) -> str:
    words = f"epoch {state.epoch + 1} of at most {config.epochs}"
    return f"{words}, dev accuracy {100 * state.best[0]:.1f} %" if state.history else words
