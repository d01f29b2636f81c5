"""What a classifier learns: the labels of whole texts, and the slots of their words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from boli.pipeline.encoding import pad
from boli.training import parallel
from boli.training.encoder import drop_tokens, split_outputs
from boli.training.loop import Batch, DevScore, Objective
from boli.training.losses import RowLoss, slot_loss
from boli.training.machines import half_precision
from boli.training.sources import Specials
from boli.training.store import IGNORED, Examples, TokenStore

_CHUNK = 64


class Predicted(NamedTuple):
    """Logits (texts, labels) float32, and (tokens, tags) float32 of each text where slots are found."""

    logits: NDArray[np.float32]
    tokens: list[NDArray[np.float32]]


@dataclass(frozen=True)
class Classification:
    """Learn labels (and slots) from `train`, be judged on `dev`.

    Args:
        token_dropout: share of the tokens hidden while training.
    """

    train: Examples
    dev: Examples
    loss: RowLoss
    specials: Specials
    token_dropout: float
    device: torch.device
    precision: str = "auto"

    def objective(self) -> Objective:
        """Return what the loop needs to know."""
        lengths = self.train.tokens.lengths[self.train.rows]
        measure = "dev micro-F1" if self.loss.several else "dev accuracy"
        if self.train.tags is not None:
            measure = "dev accuracy and slot accuracy, halved"
        return Objective(lengths, self.collate, weigh_rows, self.losses, self.judge, measure)

    def collate(self, rows: Sequence[int], _seed: int) -> Batch:
        """Return ids, mask, gold (and tags) of some rows."""
        at = self.train.rows[list(rows)].tolist()
        multiple = 8 if self.device.type == "cuda" else 1
        padded = pad([self.train.tokens[row] for row in at], multiple=multiple, token=self.specials.pad)
        batch = {"ids": torch.from_numpy(padded.ids), "mask": torch.from_numpy(padded.mask)}
        batch["gold"] = torch.from_numpy(np.ascontiguousarray(self.train.gold[at]))
        if self.train.tags is not None:
            tags = pad([self.train.tags[row] for row in at], multiple=multiple, token=IGNORED)
            batch["tags"] = torch.from_numpy(tags.ids)
        return batch

    def losses(self, model: nn.Module, batch: Batch) -> Tensor:
        """Return the sum of the rows' losses."""
        ids = drop_tokens(batch["ids"], batch["mask"], self.token_dropout, self.specials)
        logits, tokens = split_outputs(model(ids, batch["mask"]))
        rows = self.loss(logits, batch["gold"])
        return (rows if tokens is None else rows + slot_loss(tokens, batch["tags"])).sum()

    def judge(self, model: nn.Module) -> DevScore:
        """Score the model on dev."""
        found = predict(model, self.dev, self.device, pad_token=self.specials.pad, precision=self.precision)
        gold = self.dev.gold[self.dev.rows]
        plain = RowLoss(torch.ones_like(self.loss.weights), self.loss.several)
        loss = float(plain(torch.from_numpy(found.logits), torch.from_numpy(np.ascontiguousarray(gold))).mean())
        score = score_labels(found.logits, gold, several=self.loss.several)
        if self.dev.tags is None:
            return DevScore(score, loss)
        return DevScore((score + score_tags(found.tokens, self.dev)) / 2, loss)


def weigh_rows(batch: Batch) -> float:
    """Return the number of rows."""
    return float(len(batch["ids"]))


def score_labels(logits: NDArray[np.float32], gold: NDArray[np.generic], *, several: bool) -> float:
    """Return accuracy, or micro-F1 at 0.5 where a text may have several labels.

    >>> score_labels(np.array([[1.0, 0.0]], np.float32), np.array([0]), several=False)
    1.0
    """
    if not several:
        return float((logits.argmax(axis=1) == gold).mean())
    guess, truth = logits > 0, gold.astype(np.float32) > 0.5
    return float(2 * (guess & truth).sum() / max(1, guess.sum() + truth.sum()))


def score_tags(tokens: Sequence[NDArray[np.float32]], dev: Examples) -> float:
    """Return the F1 of the tags of tokens in words, those outside slots left out."""
    assert dev.tags is not None
    right = guessed = true = 0
    for row, logits in zip(dev.rows.tolist(), tokens, strict=True):
        gold, guess = dev.tags[row], logits.argmax(axis=1)
        inside = gold != IGNORED
        right += int(((guess == gold) & inside & (gold > 0)).sum())
        guessed, true = guessed + int(((guess > 0) & inside).sum()), true + int((gold > 0).sum())
    return 2 * right / (guessed + true) if guessed + true else 1.0


def predict(
    model: nn.Module,
    examples: Examples,
    device: torch.device,
    *,
    pad_token: int = 0,
    precision: str = "fp32",
    alone: bool = False,
) -> Predicted:
    """Return the logits of the rows of `examples`, in their order; several processes share the work.

    Args:
        alone: this process does all of it; the others are elsewhere, and waiting for them would never end.
    """
    was_training = model.training
    model.eval()
    lengths = examples.tokens.lengths[examples.rows]
    chunks = [
        order.tolist() for order in np.array_split(np.argsort(lengths, kind="stable"), -(-len(lengths) // _CHUNK))
    ]
    mine = chunks if alone else chunks[parallel.rank() :: parallel.world()]
    rows: dict[int, NDArray[np.float32]] = {}
    tokens: dict[int, NDArray[np.float32]] = {}
    with torch.no_grad(), half_precision(device, precision):
        for chunk in mine:
            sequences = [examples.tokens[int(examples.rows[place])] for place in chunk]
            padded = pad(sequences, multiple=8 if device.type == "cuda" else 1, token=pad_token)
            ids, mask = torch.from_numpy(padded.ids).to(device), torch.from_numpy(padded.mask).to(device)
            logits, tagged = split_outputs(model(ids, mask))
            rows |= dict(zip(chunk, logits.float().cpu().numpy(), strict=True))
            if tagged is not None:
                kept = (row[: len(ids)] for row, ids in zip(tagged.float().cpu().numpy(), sequences, strict=True))
                tokens |= dict(zip(chunk, kept, strict=True))
    model.train(was_training)
    gathered, tags = (rows, tokens) if alone else (parallel.gather(rows), parallel.gather(tokens))
    return Predicted(np.stack([gathered[at] for at in range(len(lengths))]), [tags[at] for at in sorted(tags)])


def predict_logits(
    model: nn.Module, sequences: Sequence[Sequence[int]], device: torch.device, *, pad_token: int = 0
) -> Predicted:
    """Return the logits of some token lists, in float32; this process alone does the work."""
    store = TokenStore.collect(sequences)
    everything = Examples(store, np.zeros(len(store), np.int64), None, np.arange(len(store)))
    return predict(model, everything, device, pad_token=pad_token, alone=True)
