"""Fit the weights of identification: logistic regression on hashed n-grams, by whole passes over all samples.

A text is the sum of its tokens, and a token the sum of its n-grams, so the sparse matrix of samples is kept as two
factors, samples x tokens and tokens x n-grams; a pass costs a tenth of the plain product. Deterministic.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

from boli.identification.grams import CHUNK, read_tokens
from boli.identification.model import Block

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class FitOptions:
    """bits: 2 ** bits rows. spread, power, clip: see `Block`. penalty: L2 on the weights."""

    bits: int = 17
    spread: float = 0.75
    power: float = 0.5
    clip: float = 8.0
    penalty: float = 1e-7
    rounds: int = 150


class Problem(NamedTuple):
    """samples: (samples, tokens) / tokens ** power. grams: (tokens, 2 ** bits) / n-grams ** spread. truth, weight: per
    sample."""

    samples: csr_matrix
    grams: csr_matrix
    truth: NDArray[np.int64]
    weight: Doubles


def build_problem(
    samples: Sequence[Sequence[str]], truth: Sequence[int], weight: Sequence[float], block: int, options: FitOptions
) -> Problem:
    """Factor samples (lists of tokens) into the two matrices of one block."""
    place: dict[str, int] = {}
    columns = [place.setdefault(token, len(place)) for tokens in samples for token in tokens]
    lengths = np.array([len(tokens) for tokens in samples])
    rows = np.repeat(np.arange(len(samples)), lengths)
    counts = csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), (len(samples), len(place)))
    grams = _token_matrix(list(place), block, options.bits)
    sizes = np.diff(grams.indptr)
    totals = np.maximum(counts @ (sizes > 0).astype(np.float32), 1.0)
    counts.data /= np.repeat(totals**options.power, np.diff(counts.indptr)).astype(np.float32)
    grams.data /= np.repeat(np.maximum(sizes, 1) ** options.spread, sizes).astype(np.float32)
    return Problem(counts, grams, np.array(truth), np.array(weight))


def fit_block(problem: Problem, labels: tuple[str, ...], options: FitOptions, report: Callable[[str], None]) -> Block:
    """Fit one block by L-BFGS and round its weights to whole numbers from -127 to 127."""
    shape = (problem.grams.shape[1], len(labels))
    objective = _Objective(problem, shape, options)
    start = np.zeros((shape[0] + 1) * shape[1])
    found = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": options.rounds, "maxcor": 8})
    report(f"{len(labels)} labels: loss {found.fun:.4f} after {found.nit} rounds")
    weights = found.x[: shape[0] * shape[1]].reshape(shape) * objective.stretch
    weights -= weights.mean(axis=1, keepdims=True)
    bias = found.x[shape[0] * shape[1] :]
    scale = float(np.quantile(np.abs(weights), 0.9999)) / 127
    rounded = np.clip(np.rint(weights / scale), -127, 127).astype(np.int8)
    return Block(labels, rounded, bias, scale, options.spread, options.power, options.clip)


class _Objective:
    """Mean weighted log loss and its gradient, for weights and bias laid in one vector."""

    def __init__(self, problem: Problem, shape: tuple[int, int], options: FitOptions) -> None:
        self.problem, self.shape, self.options = problem, shape, options
        self.samples_t = problem.samples.T.tocsr()
        self.grams_t = problem.grams.T.tocsr()
        self.share = (problem.weight / problem.weight.sum()).astype(np.float32)
        self.stretch = self._stretch()

    def __call__(self, flat: Doubles) -> tuple[float, Doubles]:
        cells = self.shape[0] * self.shape[1]
        weights, bias = flat[:cells].reshape(self.shape) * self.stretch, flat[cells:]
        raw = self.problem.grams @ weights.astype(np.float32)
        scores = self.problem.samples @ np.clip(raw, -self.options.clip, self.options.clip) + bias.astype(np.float32)
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        totals = chances.sum(axis=1)
        rows = np.arange(len(scores))
        losses = np.log(totals) - scores[rows, self.problem.truth]
        chances /= totals[:, None]
        chances[rows, self.problem.truth] -= 1
        chances *= self.share[:, None]
        back = self.samples_t @ chances
        back[np.abs(raw) >= self.options.clip] = 0
        slope = (self.grams_t @ back).astype(np.float64) + self.options.penalty * weights
        loss = float(losses.astype(np.float64) @ self.share) + self.options.penalty / 2 * float((weights**2).sum())
        slope *= self.stretch
        return loss, np.concatenate([slope.ravel(), chances.sum(axis=0, dtype=np.float64)])

    def _stretch(self) -> Doubles:
        """Steps for each n-gram by how often it occurs: rare ones would take a hundred more rounds."""
        squares = self.problem.samples.power(2).T @ self.share
        curvature = np.asarray(self.grams_t @ squares, np.float64) + self.options.penalty * 10 + 1e-9
        stretched: Doubles = curvature[:, None] ** -0.5
        return stretched


def _token_matrix(tokens: Sequence[str], block: int, bits: int) -> csr_matrix:
    rows, columns = [], []
    for start in range(0, len(tokens), CHUNK):
        grams = read_tokens(tokens[start : start + CHUNK], bits)
        rows.append(grams.tokens[block] + start)
        columns.append(grams.buckets[block])
    row, column = np.concatenate(rows), np.concatenate(columns)
    # Not summed where two n-grams of a token share a row: the number of entries is the number of n-grams.
    ends = np.searchsorted(row, np.arange(len(tokens) + 1))
    return csr_matrix((np.ones(len(row), np.float32), column, ends), (len(tokens), 2**bits))
