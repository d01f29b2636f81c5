"""Learn how much each feature of a candidate counts: a softmax over the candidates of every word."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from boli.transliteration.ranker import Ranker
from boli.transliteration.word_model import WordModel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_RATE = 0.01
_BATCH = 256
_CHUNK = 512


class Sample(NamedTuple):
    """Candidates of many words. features: (rows, columns); right: (rows,); owners: (rows,) word; words: how many."""

    features: Floats
    right: NDArray[np.bool_]
    owners: Ints
    words: int


def collect(model: WordModel, attested: Mapping[str, frozenset[str]]) -> Sample:
    """Return the candidates that a model finds for words with known answers."""
    words = sorted(attested, key=len)
    features, right, owners = [], [], []
    start = 0
    while start < len(words):
        end = start + 1
        while end < min(len(words), start + _CHUNK) and len(words[end]) == len(words[start]):
            end += 1
        chunk = words[start:end]
        found = model.find(chunk)
        features.append(model.features(chunk, found).astype(np.float64))
        texts = model.alphabet.decode(found.rows)
        judged = zip(texts, found.owners.tolist(), strict=True)
        right.append(np.array([text in attested[chunk[owner]] for text, owner in judged]))
        owners.append(found.owners + start)
        start = end
    return Sample(np.concatenate(features), np.concatenate(right), np.concatenate(owners), len(words))


def fit_ranker(sample: Sample, *, hidden: int = 32, epochs: int = 40, seed: int = 0) -> Ranker:
    """Return the ranker under which right candidates are most probable (the log-probability of any of them)."""
    centre, scale = sample.features.mean(axis=0), sample.features.std(axis=0) + 1e-9
    features, exists, right = _padded(sample, centre, scale)
    torch.manual_seed(seed)
    network = _Network(features.shape[2], hidden)
    optimizer = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=0.01)
    solvable = right.any(dim=1).nonzero()[:, 0]
    for epoch in range(epochs):
        for rows in torch.split(solvable[torch.randperm(len(solvable))], _BATCH):
            scores = network(features[rows]).masked_fill(~exists[rows], -1e9)
            among = torch.logsumexp(scores.masked_fill(~right[rows], -1e9), dim=1)
            loss = (torch.logsumexp(scores, dim=1) - among).mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        for group in optimizer.param_groups:
            group["lr"] = _RATE * (1 - (epoch + 1) / epochs) + 1e-4
    return network.plain(centre, scale)


class _Network(nn.Module):
    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.direct = nn.Linear(features, 1, bias=False)
        self.inner = nn.Linear(features, hidden)
        self.outer = nn.Linear(hidden, 1, bias=False)
        nn.init.zeros_(self.outer.weight)

    def forward(self, features: Tensor) -> Tensor:
        scores = self.direct(features) + self.outer(torch.tanh(self.inner(features)))
        return scores[..., 0]  # type: ignore[no-any-return]

    def plain(self, centre: Floats, scale: Floats) -> Ranker:
        """The same in NumPy, for features that are not brought to one scale."""
        direct = self.direct.weight.detach().numpy()[0] / scale
        inner = self.inner.weight.detach().numpy().T / scale[:, None]
        shift = self.inner.bias.detach().numpy() - centre @ inner
        outer = self.outer.weight.detach().numpy()[0]
        return Ranker(*(array.astype(np.float32) for array in (direct, inner, shift, outer)))


def _padded(sample: Sample, centre: Floats, scale: Floats) -> tuple[Tensor, Tensor, Tensor]:
    """Features (words, candidates, columns), which candidates exist, and which are right."""
    order = np.argsort(sample.owners, kind="stable")
    _, word, counts = np.unique(sample.owners[order], return_inverse=True, return_counts=True)
    place = np.arange(len(order)) - np.searchsorted(word, word)
    shape = (len(counts), int(counts.max()))
    features = np.zeros((*shape, sample.features.shape[1]), np.float32)
    exists, right = np.zeros(shape, bool), np.zeros(shape, bool)
    features[word, place] = (sample.features[order] - centre) / scale
    exists[word, place] = True
    right[word, place] = sample.right[order]
    return torch.from_numpy(features), torch.from_numpy(exists), torch.from_numpy(right)


def accuracy(sample: Sample, ranker: Ranker) -> tuple[float, float]:
    """Return the shares of words whose first answer, and one of whose first five, is right."""
    order = np.lexsort((-ranker.scores(sample.features.astype(np.float32)), sample.owners))
    owners = sample.owners[order]
    rank = np.arange(len(order)) - np.searchsorted(owners, owners)
    right = sample.right[order]
    first = float(right[rank == 0].sum()) / sample.words
    return first, len(np.unique(owners[(rank < 5) & right])) / sample.words


def cross_validate(sample: Sample, folds: int = 2, seed: int = 0) -> tuple[float, float]:
    """Return the same shares with a ranker learned on other words than they are measured on."""
    fold = np.random.default_rng(seed).integers(0, folds, sample.words)[sample.owners]
    totals = np.zeros(2)
    for one in range(folds):
        others, own = _part(sample, fold != one), _part(sample, fold == one)
        totals += np.array(accuracy(own, fit_ranker(others)))
    # each part counts all words below the line, so the parts add up
    return float(totals[0]), float(totals[1])


def _part(sample: Sample, rows: NDArray[np.bool_]) -> Sample:
    return Sample(sample.features[rows], sample.right[rows], sample.owners[rows], sample.words)


def attested_answers(pairs: Sequence[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Gather (word, answer) pairs: word -> all its answers."""
    found: dict[str, set[str]] = {}
    for word, answer in pairs:
        found.setdefault(word, set()).add(answer)
    return {word: frozenset(answers) for word, answers in found.items()}
