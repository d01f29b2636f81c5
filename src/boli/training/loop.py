"""The training loop: plain torch, resumable to the bit, for whatever an encoder learns.

What decides the next step is the step number, the weights and the optimizer, and all of them are in the checkpoint. The
order of the data, the learning rate and the random numbers of a step are functions of the seed and the step, so they
need no saving. On one kind of device with the same number of threads a resumed run ends with the same weights as one
that never stopped.
"""

import contextlib
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from boli.errors import RunError
from boli.pipeline.plain import from_plain, to_plain
from boli.training import parallel
from boli.training.batches import plan_epoch, split_rows
from boli.training.boards import Board
from boli.training.checkpoints import Checkpoint, load_newest_checkpoint, save_checkpoint
from boli.training.config import LoopConfig
from boli.training.machines import half_precision, is_out_of_memory, make_faster, release_memory, turn_on_recomputing
from boli.training.optimizing import build_optimizer, rate_of, set_rate
from boli.training.progress import Progress
from boli.training.reports import CurvePoint
from boli.training.store import prefetch

Batch = Mapping[str, Tensor]
"""Names are the objective's business; every tensor has the rows of the batch as its first axis."""


class DevScore(NamedTuple):
    """How the model does on dev: a share that should rise, a loss in nats that should fall."""

    score: float
    loss: float


@dataclass(frozen=True)
class Objective:
    """What is learned.

    Args:
        lengths: (rows,) tokens of each training row.
        collate: rows -> their batch, on the CPU; the second argument is a seed for what is random in it.
        weigh: batch -> how many units (rows, hidden tokens) its loss is a sum over.
        losses: model and batch -> the sum of the losses of its units, as a tensor.
        judge: model -> how it does on dev; called on every process.
        measure: what the score is, in words.
    """

    lengths: NDArray[np.int64]
    collate: Callable[[Sequence[int], int], Batch]
    weigh: Callable[[Batch], float]
    losses: Callable[[nn.Module, Batch], Tensor]
    judge: Callable[[nn.Module], DevScore]
    measure: str = "dev accuracy"


@dataclass
class LoopState:
    """Where the loop stands; plain numbers, so that it fits into JSON."""

    step: int = 0
    epoch: int = 0
    batch: int = 0
    epoch_loss: float = 0.0
    best: tuple[float, float] = (-1.0, -1e30)
    best_epoch: int = -1
    micro_tokens: int = 0
    recompute: bool = False
    history: list[CurvePoint] = field(default_factory=list)


@dataclass
class Held:
    """Two copies of the weights: their running average, if any, and the weights when dev was best."""

    average: dict[str, Tensor]
    best: dict[str, Tensor]

    @classmethod
    def start(cls, model: nn.Module, averaging: float) -> "Held":
        """Return copies of the weights as they are."""
        return cls(_clone(model.state_dict()) if averaging else {}, _to_cpu(model.state_dict()))

    def follow(self, model: nn.Module, averaging: float, step: int) -> None:
        """Move the average towards the model; quickly in the first steps, when the model is still far from good."""
        if not averaging:
            return
        stays = min(averaging, (step + 1) / (step + 10))
        with torch.no_grad():
            for name, value in model.state_dict().items():
                if value.is_floating_point():
                    self.average[name].mul_(stays).add_(value, alpha=1 - stays)


@dataclass(frozen=True)
class Loop:
    """One training run: the model, what it learns, the settings and the folder of its checkpoints.

    Args:
        key: hash of everything that decides the outcome; a checkpoint with another key is not used.
        board: where the curves go beside the checkpoints.
    """

    model: nn.Module
    objective: Objective
    config: LoopConfig
    checkpoints: Path
    key: str
    device: torch.device
    board: Board = field(default_factory=Board)


def count_steps(loop: Loop) -> int:
    """Return the steps of all epochs, as if nothing stopped early."""
    return sum(len(_plan(loop, epoch)) for epoch in range(loop.config.epochs))


def train(loop: Loop, progress: Progress) -> LoopState:
    """Train until dev stops improving or the epochs are over; leave the best weights in the model.

    Raises:
        KeyboardInterrupt: somebody asked to stop; the last step is saved.
        RunError: the loss is not a number any more, memory or the disk is full; earlier checkpoints are still there.
    """
    optimizer = build_optimizer(loop.model, loop.config, fused=loop.device.type == "cuda")
    saved = load_newest_checkpoint(loop.checkpoints, loop.key)
    state, held = _restore(loop, optimizer, saved) if saved else _start(loop)
    total = count_steps(loop)
    teacher = Teacher(loop, optimizer, state, make_faster(loop.model, loop.config, loop.device, total))
    progress.expect(total)
    progress.advance(state.step, f"goes on at step {state.step}" if saved else "")
    while not _is_over(state, loop.config):
        _run_epoch(teacher, held, total, progress)
        _end_epoch(loop, state, held)
    loop.model.load_state_dict(held.best)
    return state


def _run_epoch(teacher: "Teacher", held: Held, total: int, progress: Progress) -> None:
    loop, state = teacher.loop, teacher.state
    steps = list(enumerate(_plan(loop, state.epoch)))[state.batch :]
    epoch = state.epoch
    made = prefetch(
        steps, lambda at: (at[1], teacher.collate(at[1], epoch, at[0])), depth=2 if loop.device.type == "cuda" else 0
    )
    with contextlib.closing(made) if isinstance(made, Iterator) else contextlib.nullcontext():  # type: ignore[type-var]
        for rows, batches in made:
            rate = rate_of(loop.config, state.step, total)
            loss = teacher.step(rows, batches, rate)
            held.follow(loop.model, loop.config.averaging, state.step)
            loop.board.write("train/loss", loss, state.step)
            loop.board.write("train/rate", rate, state.step)
            state.epoch_loss += loss
            state.step, state.batch = state.step + 1, state.batch + 1
            stopping = parallel.any_of(progress.stopping(), loop.device)
            if stopping or state.step % loop.config.checkpoint_steps == 0:
                _save(loop, teacher.optimizer, state, held)
            progress.advance(1, _note(loop, state))
            if stopping:
                raise KeyboardInterrupt(f"stopped and saved at step {state.step}; run the same command again to go on")


@dataclass
class Teacher:
    """Does steps: shares out rows, adds up gradients, and makes parts smaller when memory runs out."""

    loop: Loop
    optimizer: torch.optim.Optimizer
    state: LoopState
    forward: nn.Module

    def collate(self, rows: Sequence[Sequence[int]], epoch: int, step: int) -> list[Batch]:
        """Return this process's share of each batch of a step, on the CPU, pinned where there is a GPU."""
        seeds = [_mix(self.loop.config.seed, epoch, step, place) for place in range(len(rows))]
        pairs = zip(rows, seeds, strict=True)
        made = [self.loop.objective.collate(each, seed) for each, seed in pairs]
        if self.loop.device.type != "cuda":
            return made
        return [{name: tensor.pin_memory() for name, tensor in batch.items()} for batch in made]

    def step(self, rows: Sequence[Sequence[int]], batches: Sequence[Batch], rate: float) -> float:
        """Do one step of the optimizer and return the mean loss of its units.

        Raises:
            RunError: the loss is not a number, or one text alone does not fit into memory.
        """
        set_rate(self.optimizer, rate)
        whole = sum(self.loop.objective.weigh(batch) for batch in batches) or 1.0
        while True:
            try:
                loss = self._gradients(rows, batches, whole)
                break
            except (RuntimeError, MemoryError) as problem:
                if not is_out_of_memory(problem):
                    raise
                self._shrink(rows)
        parallel.add_gradients(self.loop.model)
        value = float(parallel.add_numbers(torch.tensor([loss], dtype=torch.float64, device=self.loop.device)).item())
        if not math.isfinite(value):
            raise RunError(
                f"the loss is {value} at step {self.state.step}; start over with --fresh and a lower --set "
                f"training.learning_rate={self.loop.config.learning_rate / 3:.0e}"
            )
        nn.utils.clip_grad_norm_([each for each in self.loop.model.parameters() if each.requires_grad], 1.0)
        self.optimizer.step()
        return value

    def _gradients(self, rows: Sequence[Sequence[int]], batches: Sequence[Batch], whole: float) -> float:
        self.optimizer.zero_grad(set_to_none=True)
        lengths, total = self.loop.objective.lengths, 0.0
        torch.manual_seed(_mix(self.loop.config.seed, self.state.step, parallel.rank()))
        for held, batch in zip(rows, batches, strict=True):
            for part in split_rows([int(lengths[row]) for row in held], self.state.micro_tokens):
                mine = part[parallel.rank() :: parallel.world()]
                if mine:
                    total += self._learn(_select(batch, mine, len(held)), whole)
        return total

    def _learn(self, batch: Batch, whole: float) -> float:
        on_device = {name: tensor.to(self.loop.device, non_blocking=True) for name, tensor in batch.items()}
        with half_precision(self.loop.device, self.loop.config.precision):
            loss = self._losses(on_device) / whole
        torch.autograd.backward(loss)
        return float(loss.detach())

    def _losses(self, batch: Batch) -> Tensor:
        if self.forward is self.loop.model:
            return self.loop.objective.losses(self.loop.model, batch)
        try:
            return self.loop.objective.losses(self.forward, batch)
        except Exception as problem:  # compilers fail in many ways; the plain model is always there
            if is_out_of_memory(problem):
                raise
            warnings.warn(f"torch.compile failed ({type(problem).__name__}); going on without it", stacklevel=2)
            self.forward = self.loop.model
            return self.loop.objective.losses(self.loop.model, batch)

    def _shrink(self, rows: Sequence[Sequence[int]]) -> None:
        """Halve the tokens that go through the model at once; then recompute instead of keeping; then give up."""
        self.optimizer.zero_grad(set_to_none=True)
        release_memory(self.loop.device)
        lengths = self.loop.objective.lengths
        largest = max(len(part) * max(int(lengths[row]) for row in part) for part in rows if part)
        longest = max(int(lengths[row]) for part in rows for row in part)
        now = self.state.micro_tokens or largest
        if now > longest:
            self.state.micro_tokens = max(longest, min(now, largest) // 2)
            warnings.warn(f"out of memory: going on with {self.state.micro_tokens} tokens at once", stacklevel=3)
        elif not self.state.recompute and self.loop.config.recompute == "auto" and turn_on_recomputing(self.loop.model):
            self.state.recompute = True
            warnings.warn("out of memory with one text at a time: recomputing layers instead of keeping", stacklevel=3)
        else:
            raise RunError(
                f"one text of {longest} tokens does not fit into memory; go on with a smaller model.max_tokens, "
                "model.lora_rank=8, or a smaller model"
            ) from None


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


def _plan(loop: Loop, epoch: int) -> list[list[list[int]]]:
    """The steps of an epoch, each with the batches that it adds up."""
    config = loop.config
    batches = plan_epoch(loop.objective.lengths.tolist(), budget=config.batch_tokens, seed=config.seed, epoch=epoch)
    return [batches[start : start + config.accumulate] for start in range(0, len(batches), config.accumulate)]


def _is_over(state: LoopState, config: LoopConfig) -> bool:
    stale = state.epoch - 1 - state.best_epoch
    return state.epoch >= config.epochs or (state.epoch > 0 and stale >= config.patience)


def _end_epoch(loop: Loop, state: LoopState, held: Held) -> None:
    tested = held.average or loop.model.state_dict()
    with _weights(loop.model, held.average):
        score, loss = loop.objective.judge(loop.model)
        if (score, -loss) > state.best:
            state.best, state.best_epoch = (score, -loss), state.epoch
            held.best = _to_cpu(tested)
    train_loss = state.epoch_loss / max(1, state.batch)
    state.history.append(CurvePoint(state.epoch, state.step, round(train_loss, 6), round(loss, 6), round(score, 6)))
    loop.board.write("dev/loss", loss, state.step)
    loop.board.write("dev/score", score, state.step)
    state.epoch, state.batch, state.epoch_loss = state.epoch + 1, 0, 0.0


@contextlib.contextmanager
def _weights(model: nn.Module, weights: Mapping[str, Tensor]) -> Iterator[None]:
    """Put other weights into the model for the length of a block; none: leave its own."""
    if not weights:
        yield
        return
    own = _clone(model.state_dict())
    model.load_state_dict(weights)
    try:
        yield
    finally:
        model.load_state_dict(own)


def _save(loop: Loop, optimizer: torch.optim.Optimizer, state: LoopState, held: Held) -> None:
    if parallel.rank():
        return
    moments = optimizer.state_dict()["state"]
    flat = {f"{place}.{name}": value for place, held in moments.items() for name, value in held.items()}
    tensors = {"model": loop.model.state_dict(), "average": held.average, "best": held.best, "optimizer": flat}
    facts = {"key": loop.key, "threads": torch.get_num_threads(), "loop": to_plain(state)}
    save_checkpoint(loop.checkpoints, Checkpoint(state.step, tensors, facts), keep=loop.config.keep_checkpoints)


def _start(loop: Loop) -> tuple[LoopState, Held]:
    return LoopState(micro_tokens=loop.config.micro_tokens), Held.start(loop.model, loop.config.averaging)


def _restore(loop: Loop, optimizer: torch.optim.Optimizer, saved: Checkpoint) -> tuple[LoopState, Held]:
    loop.model.load_state_dict(dict(saved.tensors["model"]))
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in saved.tensors["optimizer"].items():
        place, _, key = name.partition(".")
        moments.setdefault(int(place), {})[key] = value
    optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
    average = {name: each.to(loop.device) for name, each in saved.tensors.get("average", {}).items()}
    state = from_plain(LoopState, saved.state["loop"])
    if state.recompute:
        turn_on_recomputing(loop.model)
    return state, Held(average, dict(saved.tensors["best"]))


def _select(batch: Batch, rows: Sequence[int], size: int) -> Batch:
    if len(rows) == size:
        return batch
    chosen = torch.tensor(rows)
    return {name: tensor[chosen] for name, tensor in batch.items()}


def _mix(*numbers: int) -> int:
    """Make one seed of several numbers."""
    return int(np.random.SeedSequence([each & 0xFFFFFFFF for each in numbers]).generate_state(1, np.uint64)[0] >> 1)


def _clone(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in weights.items()}


def _to_cpu(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies that take no memory of the GPU."""
    return {name: value.detach().to("cpu", copy=True) for name, value in weights.items()}


def _note(loop: Loop, state: LoopState) -> str:
    words = f"epoch {state.epoch + 1} of at most {loop.config.epochs}"
    return f"{words}, {loop.objective.measure} {100 * state.best[0]:.1f} %" if state.history else words
