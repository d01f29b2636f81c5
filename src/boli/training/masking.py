"""Masked language modelling: hide tokens, guess them; the objective of a pretraining run."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor, nn
from transformers import AutoModelForMaskedLM

from boli.files import sha256_of_value, write_bytes
from boli.models.weights import sha256_of
from boli.pipeline.encoding import pad
from boli.tokenization import load_tokenizer
from boli.training import parallel
from boli.training.boards import opening_board
from boli.training.config import ModelConfig, PretrainConfig
from boli.training.corpora import count_lines, read_back
from boli.training.encoder import describe_shape
from boli.training.loop import Batch, DevScore, Loop, Objective, seeded, train
from boli.training.machines import choose_device, describe_machine, half_precision
from boli.training.pretraining import HELD_OUT, TOKENS, TRAIN, Pretrained
from boli.training.progress import Progress
from boli.training.sources import Specials, find_specials
from boli.training.store import IGNORED, TokenStore

_CHUNK = 64


class Guesser(nn.Module):
    """A masked language model whose forward takes ids, mask and the places to guess, and returns their logits."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, mask: Tensor, places: Tensor) -> Tensor:
        """Return logits (places, vocabulary) for ids and mask (rows, tokens) and flat places in them."""
        hidden = self.model.base_model(input_ids=ids, attention_mask=mask).last_hidden_state  # type: ignore[operator]
        # Only what is hidden goes through the large last matrix: with 32,000 pieces it is most of the work.
        chosen = hidden.flatten(0, 1)[places]
        logits: Tensor = self.model.decoder(self.model.head(chosen))  # type: ignore[operator]
        return logits


@dataclass(frozen=True)
class Masking:
    """Guess hidden tokens of `train`; be judged on `dev`, whose hidden tokens are always the same.

    Args:
        rows: the text of each row of an epoch; a text may be read several times.
        share: of the tokens that are hidden: 8 in 10 by the mask, 1 by another token, 1 stays.
    """

    train: TokenStore
    dev: TokenStore
    rows: NDArray[np.int64]
    specials: Specials
    vocabulary: int
    share: float
    device: torch.device
    precision: str

    def objective(self) -> Objective:
        """Return what the loop needs to know."""
        lengths = self.train.lengths[self.rows]
        return Objective(lengths, self.collate, count_hidden, guess_losses, self.judge, "hidden tokens guessed")

    def collate(self, rows: Sequence[int], seed: int) -> Batch:
        """Return ids with some hidden, mask, and what was hidden."""
        return self.hide([self.train[int(self.rows[row])] for row in rows], seed)

    def hide(self, sequences: Sequence[NDArray[np.int32]], seed: int) -> Batch:
        """Hide a share of the tokens, the same ones for the same seed."""
        padded = pad(sequences, multiple=8 if self.device.type == "cuda" else 1, token=self.specials.pad)
        random = np.random.default_rng(seed)
        plain = (padded.mask == 1) & ~np.isin(padded.ids, self.specials.around)
        chosen = plain & (random.random(padded.ids.shape) < self.share)
        gold = np.where(chosen, padded.ids, IGNORED)
        dice = random.random(padded.ids.shape)
        others = random.integers(5, self.vocabulary, padded.ids.shape)
        ids = np.where(chosen & (dice < 0.8), self.specials.mask, padded.ids)
        ids = np.where(chosen & (dice >= 0.9), others, ids)
        return {"ids": torch.from_numpy(ids), "mask": torch.from_numpy(padded.mask), "gold": torch.from_numpy(gold)}

    def judge(self, model: nn.Module) -> DevScore:
        """Score the model on held-out lines."""
        right, loss, count = self.guess(model).sum(axis=0) if len(self.dev) else (0.0, 0.0, 1.0)
        return DevScore(float(right / max(count, 1)), float(loss / max(count, 1)))

    def guess(self, model: nn.Module) -> NDArray[np.float64]:
        """Return for each held-out line: hidden tokens guessed right, the sum of their losses, how many they are."""
        was_training = model.training
        model.eval()
        found = torch.zeros(len(self.dev), 3, dtype=torch.float64)
        order = np.argsort(self.dev.lengths, kind="stable")
        starts = range(0, len(order), _CHUNK)
        with torch.no_grad(), half_precision(self.device, self.precision):
            for start in list(starts)[parallel.rank() :: parallel.world()]:
                lines = order[start : start + _CHUNK]
                batch = self.hide([self.dev[int(line)] for line in lines], start)
                batch = {name: tensor.to(self.device) for name, tensor in batch.items()}
                found[lines] = _score(model, batch)
        model.train(was_training)
        total: NDArray[np.float64] = parallel.add_numbers(found.to(self.device)).cpu().numpy()
        return total


def count_hidden(batch: Batch) -> float:
    """Return the number of hidden tokens."""
    return float((batch["gold"] != IGNORED).sum())


def guess_losses(model: nn.Module, batch: Batch) -> Tensor:
    """Return the sum of the losses of all hidden tokens."""
    gold = batch["gold"].flatten()
    places = torch.nonzero(gold != IGNORED)[:, 0]
    logits = model(batch["ids"], batch["mask"], places)
    return nn.functional.cross_entropy(logits.float(), gold[places], reduction="sum")


def pretrain(config: PretrainConfig, folder: Path, counts: Sequence[int], progress: Progress) -> Pretrained:
    """Pretrain, or go on from the newest whole checkpoint, and write ``model.safetensors``.

    Args:
        counts: how often each training line is read in an epoch.
    """
    tokenizer = load_tokenizer(folder / "tokenizer.json")
    train_store, dev_store = (TokenStore.open(folder / name) for name in TOKENS)
    device, training, shape = choose_device(config.training.device), config.training, config.shape
    vocabulary = tokenizer.get_vocab_size()
    key = sha256_of_value([config.to_dict(), *(sha256_of(folder / name) for name in TOKENS)])
    events = folder / "tensorboard" if training.tensorboard and not parallel.rank() else None
    model_shape = ModelConfig(
        layers=shape.layers, width=shape.width, heads=shape.heads, dropout=0.0, max_tokens=shape.max_tokens
    )
    described = describe_shape(model_shape, vocabulary=vocabulary)
    with seeded(training.seed, device, threads=training.threads), opening_board(events) as board:
        built = AutoModelForMaskedLM.from_config(described)  # type: ignore[no-untyped-call]
        model = Guesser(built).to(device)
        work = Masking(
            train_store, dev_store, np.repeat(np.arange(len(counts)), counts), find_specials(tokenizer), vocabulary,
            shape.masked, device, training.precision,
        )  # fmt: skip
        state = train(
            Loop(model, work.objective(), training, folder / "checkpoints" / "encoder", key, device, board), progress
        )
        scores = work.guess(model)
    if not parallel.rank():
        weights = {name: value.detach().cpu().clone().contiguous() for name, value in built.state_dict().items()}
        write_bytes(folder / "model.safetensors", save(_halve(_untie(weights)), metadata={"format": "pt"}))
    plain = json.loads(described.to_json_string(use_diff=False)) | {"architectures": ["ModernBertForMaskedLM"]}
    tags = [line.tag for line in read_back(folder / HELD_OUT)]
    return Pretrained(
        lines=count_lines(read_back(folder / TRAIN)),
        parameters=sum(each.numel() for each in model.parameters()),
        device=describe_machine(device),
        guessed=state.best[0],
        by_tag={tag: _share(scores[[tag == each for each in tags]]) for tag in sorted(set(tags))},
        curve=tuple(state.history),
        shape=plain,
    )


def _score(model: nn.Module, batch: Batch) -> Tensor:
    gold = batch["gold"]
    places = torch.nonzero(gold.flatten() != IGNORED)[:, 0]
    logits = model(batch["ids"], batch["mask"], places).float()
    hidden = gold.flatten()[places]
    rows = places // gold.shape[1]
    kinds = torch.stack(
        [
            (logits.argmax(1) == hidden).double(),
            nn.functional.cross_entropy(logits, hidden, reduction="none").double(),
            torch.ones(len(hidden), dtype=torch.float64, device=hidden.device),
        ],
        dim=1,
    )
    return torch.zeros(len(gold), 3, dtype=torch.float64, device=gold.device).index_add_(0, rows, kinds).cpu()


def _untie(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Leave out the last matrix where it is the embeddings; `transformers` ties it again."""
    return {name: value for name, value in weights.items() if name != "decoder.weight"}


def _halve(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Half the size on disk; fine-tuning reads it as float32."""
    return {name: value.half() if value.dtype == torch.float32 else value for name, value in weights.items()}


def _share(scores: NDArray[np.float64]) -> float:
    right, _, count = scores.sum(axis=0)
    return float(right / max(count, 1))
