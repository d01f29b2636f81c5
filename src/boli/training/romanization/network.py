"""The letter tagger: a small convolutional network that gives every source letter a chunk of the target.

It reads the whole word at once, in any of the languages, and is taught with the alignments of `alignment`. What it
learns runs in NumPy (`boli.transliteration.tagger`).
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from boli.transliteration.tagger import EDGE, TaggerShape


@dataclass(frozen=True)
class Example:
    """One aligned pair: language number, letters (codes), tags (one for each letter), weight."""

    language: int
    letters: tuple[int, ...]
    tags: tuple[int, ...]
    weight: float


@dataclass(frozen=True)
class Schedule:
    """How long and how fast: `rate` falls from its peak to nothing along a cosine, after a short warm-up."""

    epochs: int = 12
    batch: int = 512
    rate: float = 2e-3
    smoothing: float = 0.0
    dropout: float = 0.1
    seed: int = 7
    first_epoch: int = 0


class TaggerNetwork(nn.Module):
    """Embeddings of letters and language, residual blocks of dilated convolution, one score for each tag."""

    def __init__(self, shape: TaggerShape, dropout: float) -> None:
        super().__init__()
        width = shape.width
        self.letters = nn.Embedding(shape.letters, width)
        self.languages = nn.Embedding(shape.languages, width)
        self.spread = nn.ModuleList(
            nn.Conv1d(width, width, 3, dilation=step, padding=step) for step in shape.dilations
        )
        self.merge = nn.ModuleList(nn.Conv1d(width, width, 1) for _ in shape.dilations)
        self.dropout = nn.Dropout(dropout)
        self.tags = nn.Linear(width, shape.tags)
        for layer in self.merge:
            nn.init.zeros_(layer.weight)  # type: ignore[arg-type]

    def forward(self, letters: Tensor, languages: Tensor) -> Tensor:
        """letters: (words, places) int64 with an edge at both ends; returns (words, places - 2, tags) scores."""
        states = (self.letters(letters) + self.languages(languages)[:, None, :]).transpose(1, 2)
        for spread, merge in zip(self.spread, self.merge, strict=True):
            states = states + merge(self.dropout(torch.relu(spread(states))))
        return self.tags(self.dropout(states[:, :, 1:-1].transpose(1, 2)))  # type: ignore[no-any-return]


def fit_network(
    network: TaggerNetwork,
    examples: Sequence[Example],
    schedule: Schedule,
    *,
    report: Callable[[str], object],
    keep: Callable[[int, TaggerNetwork], object] = lambda _epoch, _network: None,
) -> TaggerNetwork:
    """Teach the network; `keep` gets it after every epoch."""
    torch.manual_seed(schedule.seed)
    optimizer = torch.optim.AdamW(network.parameters(), lr=schedule.rate, weight_decay=0.01)
    total = schedule.epochs * math.ceil(len(examples) / schedule.batch)
    planner = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, total))
    for epoch in range(schedule.epochs):
        started, losses = time.monotonic(), []
        network.train()
        for letters, languages, tags, weights in _batches(examples, schedule.batch, schedule.seed + epoch):
            scores = network(letters, languages)
            loss = nn.functional.cross_entropy(
                scores.flatten(0, 1), tags.flatten(), reduction="none", label_smoothing=schedule.smoothing
            ).view(tags.shape)
            mean = (loss * weights[:, None]).sum() / (weights.sum() * tags.shape[1])
            optimizer.zero_grad(set_to_none=True)
            mean.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            planner.step()
            losses.append(float(mean.detach()))
        report(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}, {time.monotonic() - started:.0f} s")
        keep(epoch, network)
    return network


def _rate(step: int, total: int) -> float:
    warm = max(1, total // 50)
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warm) / max(1, total - warm))))


def _batches(
    examples: Sequence[Example], size: int, seed: int
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """Batches of words of one length, in random order."""
    random = np.random.default_rng(seed)
    lengths = np.array([len(example.letters) for example in examples])
    batches: list[NDArray[np.int64]] = []
    for length in np.unique(lengths):
        rows = random.permutation(np.flatnonzero(lengths == length))
        batches += np.array_split(rows, math.ceil(len(rows) / size))
    for place in random.permutation(len(batches)):
        chosen = [examples[row] for row in batches[place]]
        letters = torch.tensor([(EDGE, *example.letters, EDGE) for example in chosen])
        tags = torch.tensor([example.tags for example in chosen])
        yield (
            letters, torch.tensor([example.language for example in chosen]), tags,
            torch.tensor([example.weight for example in chosen]),
        )  # fmt: skip


def weights_of(network: TaggerNetwork) -> dict[str, NDArray[np.float32]]:
    """Return the arrays that `boli.transliteration.tagger.Tagger` reads."""
    state = {name: value.detach().numpy().astype(np.float32) for name, value in network.state_dict().items()}
    found = {"letters": state["letters.weight"], "languages": state["languages.weight"]}
    for block in range(len(network.spread)):
        spread = state[f"spread.{block}.weight"]  # (out, in, 3)
        found[f"spread_{block}"] = spread.transpose(2, 1, 0).reshape(-1, spread.shape[0])
        found[f"spread_bias_{block}"] = state[f"spread.{block}.bias"]
        found[f"merge_{block}"] = state[f"merge.{block}.weight"][:, :, 0].T.copy()
        found[f"merge_bias_{block}"] = state[f"merge.{block}.bias"]
    found["tags"] = state["tags.weight"].T.copy()
    found["tags_bias"] = state["tags.bias"]
    return found
