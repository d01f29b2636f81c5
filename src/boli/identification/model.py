"""The weights of identification, and a memory of the tokens that were added up before.

A token (what stands between white space) is added up once: the weights of its n-grams, rounded to whole steps. A text
is the sum of its tokens, so one text and many texts give the same numbers, in any order.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from os import PathLike
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boli.errors import ModelError
from boli.identification.grams import BLOCKS, CHUNK, GROUPS, HASH_VERSION, read_tokens
from boli.models.weights import write_atomically

Ints = NDArray[np.int64]
Rows = NDArray[np.int16]

STEP = 1 / 1024
"""The scores of tokens are whole multiples of this, so that a sum is exact in any order."""

_LINE = 32
"""Columns come in this number, 64 bytes: to fetch a row is to wait for memory, once per line of the cache."""

_REMEMBERED = 1 << 16
_SLICE = 1 << 14


@dataclass(frozen=True)
class Block:
    """The weights of one script.

    labels: tags; "und" is text of other languages. weights: (2 ** bits, labels) int8, in steps of `scale`.
    bias: (labels,) float64. spread: a token's sums are divided by its n-grams ** spread, so that a long name does not
    outweigh the short words of grammar. power: a text's sums are divided by its tokens ** power. clip: a token's
    scores are held within -clip and clip, so that no token decides alone.
    """

    labels: tuple[str, ...]
    weights: NDArray[np.int8]
    bias: NDArray[np.float64]
    scale: float
    spread: float
    power: float
    clip: float


class Layout(NamedTuple):
    """Columns of a row: for each block the scores of its labels in steps of `STEP`, then for each block whether the
    token speaks in it, then the letters of each of `GROUPS`."""

    scores: tuple[slice, ...]
    speaks: int
    letters: slice
    width: int


class _Memory(NamedTuple):
    """Tokens met before: token -> its row of `rows`."""

    places: dict[str, int]
    rows: Rows


@dataclass(frozen=True)
class Weights:
    """All blocks, with what turns their scores into answers.

    blocks: one for each of `BLOCKS`. roman_words: instead of the Roman block for single words, taught to know English
    words in texts of other languages, which the Roman block is taught not to mind.
    thresholds: the probability below which a text of 1, 2, ... words is `und`; the last holds for all longer ones.
    facts: how it was trained; strings only.
    """

    blocks: tuple[Block, ...]
    roman_words: Block
    thresholds: tuple[float, ...]
    facts: Mapping[str, str] = field(hash=False)
    _memory: list[_Memory] = field(default_factory=list, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @cached_property
    def for_words(self) -> "Weights":
        """The same weights, for single words."""
        return Weights((self.blocks[0], self.roman_words), self.roman_words, self.thresholds, self.facts)

    @cached_property
    def floors(self) -> NDArray[np.float64]:
        """`thresholds` as an array."""
        return np.array(self.thresholds)

    @cached_property
    def layout(self) -> Layout:
        """Say which column holds what."""
        edges = np.cumsum([0, *(len(block.labels) for block in self.blocks)]).tolist()
        sums = tuple(slice(first, last) for first, last in pairwise(edges))
        letters = edges[-1] + len(self.blocks)
        width = -(-(letters + len(GROUPS)) // _LINE) * _LINE
        return Layout(sums, edges[-1], slice(letters, letters + len(GROUPS)), width)

    def add_up(self, texts: Sequence[Sequence[str]]) -> Ints:
        """Add up the tokens of each text: (texts, `layout.width`) int64."""
        lengths = [len(tokens) for tokens in texts]
        flat = [token for tokens in texts for token in tokens]
        if len(flat) <= _SLICE:
            return _sum_rows(self.token_rows(flat), lengths)
        totals = np.zeros((len(texts), self.layout.width), np.int64)
        owner = np.repeat(np.arange(len(texts)), lengths)
        for start in range(0, len(flat), _SLICE):
            part = owner[start : start + _SLICE]
            first = int(part[0])
            counts = np.bincount(part - first).tolist()
            totals[first : first + len(counts)] += _sum_rows(self.token_rows(flat[start : start + _SLICE]), counts)
        return totals

    def token_rows(self, tokens: Sequence[str]) -> Rows:
        """Give the row of each token, from memory where it can: (tokens, `layout.width`) int16; at most 16,384."""
        memory = self._held()
        places = list(map(memory.places.get, tokens))
        if None in places:
            memory = self._learn(tokens)
            places = [memory.places[token] for token in tokens]
        return memory.rows.take(np.array(places, np.intp), axis=0)

    def _learn(self, tokens: Sequence[str]) -> _Memory:
        with self._lock:
            memory = self._held()
            if len(memory.places) > _REMEMBERED:
                memory = self._nothing()
            used = len(memory.places)
            fresh = [token for token in dict.fromkeys(tokens) if token not in memory.places]
            for start in range(0, len(fresh), CHUNK):
                part = fresh[start : start + CHUNK]
                memory.rows[used + start : used + start + len(part)] = self._read(part)
            # Last, so that a thread which finds a place finds its row filled.
            memory.places.update(zip(fresh, range(used, used + len(fresh)), strict=True))
            self._memory[:] = [memory]
            return memory

    def _held(self) -> _Memory:
        return self._memory[0] if self._memory else self._nothing()

    def _nothing(self) -> _Memory:
        # Untouched rows take no memory: the system gives pages when they are written.
        return _Memory({}, np.empty((_REMEMBERED + _SLICE + 1, self.layout.width), np.int16))

    def _read(self, tokens: Sequence[str]) -> Rows:
        grams = read_tokens(tokens, _bits(self.blocks[0].weights))
        layout = self.layout
        rows = np.zeros((len(tokens), layout.width), np.int16)
        for place, block in enumerate(self.blocks):
            token, bucket = grams.tokens[place], grams.buckets[place]
            if len(token) == 0:
                continue
            counts = np.bincount(token)
            owners = counts.nonzero()[0]
            counts = counts[owners]
            starts = counts.cumsum() - counts
            sums = np.add.reduceat(block.weights.take(bucket, axis=0), starts, dtype=np.int32)
            scores = sums * (block.scale / STEP / counts**block.spread)[:, None]
            most = block.clip / STEP
            rows[owners, layout.scores[place]] = np.rint(np.minimum(np.maximum(scores, -most), most))
            rows[owners, layout.speaks + place] = 1
        rows[:, layout.letters] = grams.letters
        return rows

    def scores(self, sums: Ints, place: int) -> NDArray[np.float64]:
        """Turn the sums of texts into scores of one block's labels: (texts, labels) float64, the best of a text 0."""
        block, layout = self.blocks[place], self.layout
        tokens = np.maximum(sums[:, layout.speaks + place], 1)
        scores = sums[:, layout.scores[place]] * (STEP / tokens**block.power)[:, None] + block.bias
        scores -= scores.max(axis=1, keepdims=True)
        return scores

    def log_probabilities(self, sums: Ints, place: int) -> NDArray[np.float64]:
        """Turn the sums of texts into log-probabilities of one block's labels: (texts, labels) float64."""
        scores = self.scores(sums, place)
        logs: NDArray[np.float64] = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return logs


def save_weights(weights: Weights, path: str | PathLike[str]) -> None:
    """Write the weights as a compressed npz: whole or not at all."""
    arrays: dict[str, NDArray[np.generic]] = {}
    heads: list[dict[str, object]] = []
    for place, block in enumerate((*weights.blocks, weights.roman_words)):
        # One label after the other: neighbours in a column are alike, so the file is smaller.
        arrays[f"weights_{place}"] = np.ascontiguousarray(block.weights.T)
        arrays[f"bias_{place}"] = block.bias
        heads.append(
            {
                "labels": block.labels,
                "scale": block.scale,
                "spread": block.spread,
                "power": block.power,
                "clip": block.clip,
            }
        )
    head = {"hash": HASH_VERSION, "blocks": heads, "thresholds": weights.thresholds, "facts": dict(weights.facts)}
    arrays["head"] = np.frombuffer(json.dumps(head).encode("utf-8"), np.uint8)
    write_atomically(path, lambda file: np.savez_compressed(file, allow_pickle=False, **arrays))


def load_weights(path: str | PathLike[str]) -> Weights:
    """Read what `save_weights` wrote.

    Raises:
        ModelError: the weights were made for another version of the n-grams.
    """
    with np.load(path, allow_pickle=False) as arrays:
        head = json.loads(arrays["head"].tobytes())
        if head["hash"] != HASH_VERSION:
            raise ModelError(f"{path}: n-grams of version {head['hash']}, expected {HASH_VERSION}; train it again")
        blocks = tuple(
            Block(
                labels=tuple(each["labels"]),
                weights=np.ascontiguousarray(arrays[f"weights_{place}"].T),
                bias=arrays[f"bias_{place}"],
                scale=float(each["scale"]),
                spread=float(each["spread"]),
                power=float(each["power"]),
                clip=float(each["clip"]),
            )
            for place, each in enumerate(head["blocks"])
        )
    if len(blocks) != len(BLOCKS) + 1:
        raise ModelError(f"{path}: {len(blocks)} blocks, expected {len(BLOCKS) + 1}; train it again")
    return Weights(blocks[:-1], blocks[-1], tuple(head["thresholds"]), head["facts"])


def _sum_rows(rows: Rows, lengths: Sequence[int]) -> Ints:
    """Add up neighbouring rows: the first `lengths[0]`, the next `lengths[1]`, ..."""
    counts = np.array(lengths, np.int64)
    totals = np.zeros((len(counts), rows.shape[1]), np.int64)
    filled = counts.nonzero()[0]
    if len(filled):
        starts = (counts.cumsum() - counts)[filled]
        totals[filled] = np.add.reduceat(rows, starts, axis=0, dtype=np.int32)
    return totals


def _bits(weights: NDArray[np.int8]) -> int:
    return len(weights).bit_length() - 1
