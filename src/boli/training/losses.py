"""What a classifier is taught by: the loss of each row, so that batches of any size add up to the same step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from boli.training.store import IGNORED

if TYPE_CHECKING:
    from boli.training.config import TrainingConfig

@dataclass(frozen=True)
class RowLoss:
    """The loss of each row of a batch.

    Args:
        weights: (labels,) how much a row of each label counts; for several labels, how much its presence does.
        several: a text may have several labels; `gold` is then (rows, labels) of 0 and 1.
        focal: 0, or the exponent that makes rows count less which are right already.
        smoothing: share of the truth that is spread over all labels.
    """

    weights: Tensor
    several: bool = False
    focal: float = 0.0
    smoothing: float = 0.0

    def __call__(self, logits: Tensor, gold: Tensor) -> Tensor:
        """Return (rows,) float32."""
        return self._several(logits.float(), gold) if self.several else self._one(logits.float(), gold)

    def _one(self, logits: Tensor, gold: Tensor) -> Tensor:
        losses = nn.functional.cross_entropy(logits, gold, reduction="none", label_smoothing=self.smoothing)
        if self.focal:
            right = torch.softmax(logits, 1).gather(1, gold[:, None])[:, 0]
            losses = losses * (1 - right) ** self.focal
        return losses * self.weights.to(logits.device)[gold]

    def _several(self, logits: Tensor, gold: Tensor) -> Tensor:
        soft = gold * (1 - self.smoothing) + self.smoothing / 2
        losses = nn.functional.binary_cross_entropy_with_logits(
            logits, soft, reduction="none", pos_weight=self.weights.to(logits.device)
        )
        if self.focal:
            right = torch.where(gold > 0.5, torch.sigmoid(logits), torch.sigmoid(-logits))
            losses = losses * (1 - right) ** self.focal
        return losses.mean(1)


def slot_loss(logits: Tensor, tags: Tensor) -> Tensor:
    """Return (rows,) float32: the mean loss of the tokens of each row that are in a word.

    Args:
        logits: (rows, tokens, tags).
        tags: (rows, tokens) int64, `IGNORED` outside words.
    """
    losses = nn.functional.cross_entropy(
        logits.float().flatten(0, 1), tags.flatten(), reduction="none", ignore_index=IGNORED
    )
    counted = (tags != IGNORED).sum(1).clamp(min=1)
    return losses.view(tags.shape).sum(1) / counted


def make_loss(config: "TrainingConfig", gold: NDArray[np.generic], labels: Sequence[str], *, several: bool) -> RowLoss:
    """Make the loss that a configuration describes; class weights are counted in `gold`, the training rows.

    A row counts 1 on average, whatever the weights.
    """
    weights = weigh_labels(gold, len(labels), config.class_weights, several=several)
    focal = config.focal_gamma if config.loss == "focal" else 0.0
    return RowLoss(torch.tensor(weights, dtype=torch.float32), several, focal, config.label_smoothing)


def weigh_labels(gold: NDArray[np.generic], labels: int, kind: str, *, several: bool) -> NDArray[np.float64]:
    """Return how much each label counts.

    >>> weigh_labels(np.array([0, 0, 0, 1]), 2, "balanced", several=False).round(3).tolist()
    [0.667, 2.0]
    """
    if kind == "none":
        return np.ones(labels)
    power = 1.0 if kind == "balanced" else 0.5
    if several:
        present = np.maximum(gold.astype(np.float64).sum(axis=0), 1)
        return np.asarray(np.clip((len(gold) - present) / present, 0.1, 50.0) ** power)
    counts = np.bincount(gold.astype(np.int64), minlength=labels)
    raw = (len(gold) / labels / np.maximum(counts, 1)) ** power
    return np.asarray(raw * len(gold) / (raw * counts).sum())
