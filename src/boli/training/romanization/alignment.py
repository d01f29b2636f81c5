"""Find which letters of one spelling stand for which letter of the other, by expectation maximisation.

Every source letter emits a chunk of the target, of 0 to `reach` letters: ``k h a n`` -> ``کھ '' ا ن``. The model is
many-to-many alignment of order zero (Jiampojamarn, Kondrak and Sherif 2007, with the source side held to one letter).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_BATCH = 8192
_NEVER = -1e30
_FLOOR = 1e-9


class Block(NamedTuple):
    """Pairs of the same source length; chunks: (pairs, target places + 1, reach + 1) codes, -1 where there is none."""

    rows: Ints
    sources: Ints
    chunks: Ints
    ends: Ints
    counts: Floats


@dataclass(frozen=True)
class Aligner:
    """Emission table of an alignment.

    sources, targets: letters, code 0 is kept for none. table: (source letters + 1, chunk codes) log-probabilities.
    """

    sources: str
    targets: str
    reach: int
    table: Floats

    def chunks_of(self, pairs: Sequence[tuple[str, str]]) -> list[list[str] | None]:
        """Return for each pair the chunk of every source letter, or None where no alignment exists."""
        found: list[list[str] | None] = [None] * len(pairs)
        for block in _blocks(pairs, np.ones(len(pairs)), self.sources, self.targets, self.reach):
            for row, cuts in zip(block.rows, _best_cuts(block, self.table), strict=True):
                target = pairs[row][1]
                if cuts is not None:
                    found[row] = [target[start:end] for start, end in pairwise(cuts)]
        return found


def fit_aligner(pairs: Sequence[tuple[str, str]], counts: Sequence[float], *, reach: int, rounds: int = 6) -> Aligner:
    """Learn the emission table; every round reads all pairs once.

    Args:
        pairs: (source, target).
        counts: how much each pair weighs.
        reach: the longest chunk, in letters.
    """
    sources = "".join(sorted({letter for source, _ in pairs for letter in source}))
    targets = "".join(sorted({letter for _, target in pairs for letter in target}))
    size = (len(targets) + 1) ** reach
    table = np.tile(_first_guess(size, len(targets) + 1), (len(sources) + 1, 1))
    blocks = list(_blocks(pairs, np.asarray(counts, float), sources, targets, reach))
    for _ in range(rounds):
        expected = np.zeros_like(table)
        for block in blocks:
            _expect(block, table, expected)
        totals = expected.sum(axis=1, keepdims=True)
        table = np.log(expected / np.maximum(totals, 1.0) + _FLOOR)
    return Aligner(sources, targets, reach, table)


def _first_guess(size: int, base: int) -> Floats:
    """One letter for one letter is likelier than none or two; three are rare."""
    codes = np.arange(size)
    lengths = np.ceil(np.log(codes + 1) / np.log(base) - 1e-9).astype(int)
    guess: Floats = np.array([-2.0, 0.0, -4.0, -7.0, -10.0])[np.minimum(lengths, 4)]
    guess -= np.log(base) * np.minimum(lengths, 2)
    return guess


def _blocks(
    pairs: Sequence[tuple[str, str]], counts: Floats, sources: str, targets: str, reach: int
) -> Iterator[Block]:
    lengths = np.array([len(source) for source, _ in pairs])
    source_code = {letter: code for code, letter in enumerate(sources, start=1)}
    target_code = {letter: code for code, letter in enumerate(targets, start=1)}
    for length in np.unique(lengths):
        of_length = np.flatnonzero(lengths == length)
        for start in range(0, len(of_length), _BATCH):
            rows = of_length[start : start + _BATCH]
            source = np.array([[source_code.get(letter, 0) for letter in pairs[row][0]] for row in rows])
            ends = np.array([len(pairs[row][1]) for row in rows])
            target = np.zeros((len(rows), int(ends.max(initial=0))), dtype=np.int64)
            for place, row in enumerate(rows):
                target[place, : ends[place]] = [target_code.get(letter, 0) for letter in pairs[row][1]]
            yield Block(rows, source, _chunk_codes(target, ends, len(targets) + 1, reach), ends, counts[rows])


def _chunk_codes(target: Ints, ends: Ints, base: int, reach: int) -> Ints:
    """Code of the chunk of each length that ends at each place; letters as digits of a number, so '' is 0."""
    pairs, width = target.shape
    codes = np.full((pairs, width + 1, reach + 1), -1, dtype=np.int64)
    codes[:, :, 0] = 0
    for length in range(1, reach + 1):
        for end in range(length, width + 1):
            letters = target[:, end - length : end]
            code = np.zeros(pairs, dtype=np.int64)
            for place in range(length):
                code = code * base + letters[:, place]
            codes[:, end, length] = np.where(letters.min(axis=1) > 0, code, -1)
    past = np.arange(width + 1)[None, :] > ends[:, None]
    codes[past] = -1
    return codes


def _emissions(block: Block, table: Floats, place: int) -> Floats:
    scores = table[block.sources[:, place, None, None], np.maximum(block.chunks, 0)]
    return np.where(block.chunks >= 0, scores, _NEVER)


def _forward(block: Block, table: Floats) -> list[Floats]:
    pairs, width, kinds = block.chunks.shape
    first = np.full((pairs, width), _NEVER)
    first[:, 0] = 0.0
    states = [first]
    for place in range(block.sources.shape[1]):
        emitted = _emissions(block, table, place)
        following = np.full((pairs, width), _NEVER)
        for length in range(kinds):
            moved = states[-1][:, : width - length] + emitted[:, length:, length]
            following[:, length:] = np.logaddexp(following[:, length:], moved)
        states.append(following)
    return states


def _expect(block: Block, table: Floats, expected: Floats) -> None:
    """Add the expected counts of a block, by forward and backward sums."""
    forward = _forward(block, table)
    pairs, width, kinds = block.chunks.shape
    total = forward[-1][np.arange(pairs), block.ends]
    possible = total > _NEVER / 2
    backward = np.full((pairs, width), _NEVER)
    backward[np.arange(pairs), block.ends] = 0.0
    for place in range(block.sources.shape[1] - 1, -1, -1):
        emitted = _emissions(block, table, place)
        before = np.full((pairs, width), _NEVER)
        for length in range(kinds):
            through = emitted[:, length:, length] + backward[:, length:]
            before[:, : width - length] = np.logaddexp(before[:, : width - length], through)
            share = np.exp(np.minimum(forward[place][:, : width - length] + through - total[:, None], 0.0))
            share = np.where(possible[:, None], share, 0.0) * block.counts[:, None]
            codes = block.chunks[:, length:, length]
            kept = (codes >= 0) & (share > 1e-6)
            keys = np.broadcast_to(block.sources[:, place, None], codes.shape)[kept] * table.shape[1] + codes[kept]
            expected += np.bincount(keys, share[kept], minlength=expected.size).reshape(expected.shape)
        backward = before


def _best_cuts(block: Block, table: Floats) -> list[list[int] | None]:
    pairs, width, kinds = block.chunks.shape
    best = np.full((pairs, width), _NEVER)
    best[:, 0] = 0.0
    taken: list[Ints] = []
    for place in range(block.sources.shape[1]):
        emitted = _emissions(block, table, place)
        options = np.full((pairs, width, kinds), _NEVER)
        for length in range(kinds):
            options[:, length:, length] = best[:, : width - length] + emitted[:, length:, length]
        taken.append(options.argmax(axis=2))
        best = options.max(axis=2)
    reached = best[np.arange(pairs), block.ends] > _NEVER / 2
    return [_trace(taken, pair, int(block.ends[pair])) if reached[pair] else None for pair in range(pairs)]


def _trace(taken: Sequence[Ints], pair: int, end: int) -> list[int]:
    cuts = [end]
    for lengths in reversed(taken):
        cuts.append(cuts[-1] - int(lengths[pair, cuts[-1]]))
    return cuts[::-1]
