"""Near-duplicates: keys that share most of their three-letter pieces.

MinHash signatures and LSH bands name candidates; each candidate is then checked by its exact Jaccard similarity, so
what is returned is never a chance collision. Only a pair that no band brings together can be missed (about one in a
thousand at the threshold). NumPy throughout, the same answer on every machine.

Source: Broder 1997, "On the resemblance and containment of documents"; Leskovec, Rajaraman and Ullman, "Mining of
Massive Datasets", chapter 3.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boli.errors import ConfigError

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Signatures = NDArray[np.uint32]
"""(texts, HASHES) uint32."""

SIZE = 3
"""Code points of a shingle."""

BANDS, IN_BAND = 25, 5
HASHES = BANDS * IN_BAND

THRESHOLD = 0.75
"""Jaccard similarity from which two messages count as near-duplicates: about one letter in fourteen is other."""

LEAST = 0.5
"""The lowest threshold for which the bands are wide enough."""

_NEIGHBOURS = 16
"""In a bucket of many, a message is compared with this many that follow it; the chain still joins them all."""

_MARGIN = 0.15
"""Candidates whose signatures say so much less than the threshold are not looked at (four standard deviations)."""

_CHUNK = 1 << 12
_PAIRS = 1 << 14
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_HIGH = np.uint64(32)


class NearPair(NamedTuple):
    """Places of two different keys in the list, the lower one first, and their exact Jaccard similarity."""

    first: int
    second: int
    similarity: float


class Shingles(NamedTuple):
    """Hashed shingles: text i has `hashes[starts[i]:starts[i + 1]]`, repeats included. starts: (texts + 1,) int64."""

    starts: Ints
    hashes: Hashes


def find_near_pairs(keys: Sequence[str], threshold: float = THRESHOLD) -> list[NearPair]:
    """Find different keys that are nearly the same; of equal keys, the first stands for all.

    Args:
        keys: folded texts, see `boli.datasets.keys`.
        threshold: lowest Jaccard similarity of sets of shingles, 0.5 to 1.

    Raises:
        ConfigError: the threshold is outside its range.

    Cost: about 100,000 messages of 60 letters a second on one core; 600 bytes of memory each.

    >>> find_near_pairs(["merabalancebatao", "paisenahimile", "merabalancebatado"], 0.7)
    [NearPair(first=0, second=2, similarity=0.8125)]
    """
    if not LEAST <= threshold <= 1:
        raise ConfigError(f"near-duplicates need a threshold from {LEAST} to 1, got {threshold}")
    firsts: dict[str, int] = {}
    for at, key in enumerate(keys):
        firsts.setdefault(key, at)
    shingles = cut_shingles(list(firsts))
    pairs = find_candidates(sign_shingles(shingles), threshold)
    likeness = measure_jaccard(shingles, pairs)
    places = np.array(list(firsts.values()), dtype=np.int64)[pairs]
    return [
        NearPair(int(first), int(second), round(float(likely), 4))
        for (first, second), likely in zip(places, likeness, strict=True)
        if likely >= threshold
    ]


def cut_shingles(keys: Sequence[str]) -> Shingles:
    """Cut keys into overlapping shingles and hash them; a key shorter than a shingle is one."""
    padded = [key.ljust(SIZE, "\0") for key in keys]
    lengths = np.array([len(key) for key in padded], dtype=np.int64)
    raw = "".join(padded).encode("utf-32-le", "surrogatepass")
    points = np.frombuffer(raw, dtype=np.uint32).astype(np.uint64)
    counts = lengths - (SIZE - 1)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    places = _ranges(np.cumsum(lengths) - lengths, counts)
    hashes = np.zeros(len(places), dtype=np.uint64)
    for step in range(SIZE):
        hashes = _mix(hashes * _PRIME + points[places + step])
    return Shingles(starts, hashes)


def sign_shingles(shingles: Shingles) -> Signatures:
    """Return the MinHash signatures of texts, (texts, HASHES) uint32."""
    texts = len(shingles.starts) - 1
    factors, shifts = _constants()
    signatures = np.empty((texts, HASHES), dtype=np.uint32)
    for low in range(0, texts, _CHUNK):
        high = min(low + _CHUNK, texts)
        begin, end = shingles.starts[low], shingles.starts[high]
        hashes = shingles.hashes[begin:end] >> _HIGH
        edges = shingles.starts[low:high] - begin
        for number in range(HASHES):
            permuted = (hashes * factors[number] + shifts[number]) >> _HIGH
            signatures[low:high, number] = np.minimum.reduceat(permuted, edges)
    return signatures


def find_candidates(signatures: Signatures, threshold: float) -> Ints:
    """Return pairs of texts that share a band and whose signatures do not speak against them, (pairs, 2), sorted."""
    texts = len(signatures)
    found = np.zeros(0, dtype=np.int64)
    for band in range(BANDS):
        keys = _band_keys(signatures[:, band * IN_BAND : (band + 1) * IN_BAND])
        found = np.union1d(found, np.concatenate([np.zeros(0, dtype=np.int64), *_bucket_pairs(keys, texts)]))
    pairs = np.stack(np.divmod(found, max(texts, 1)), axis=1)
    likely = [
        pairs[at : at + _PAIRS][_estimate(signatures, pairs[at : at + _PAIRS]) >= threshold - _MARGIN]
        for at in range(0, len(pairs), _PAIRS)
    ]
    return np.concatenate([np.zeros((0, 2), dtype=np.int64), *likely])


def measure_jaccard(shingles: Shingles, pairs: Ints) -> NDArray[np.float64]:
    """Return the exact Jaccard similarity of the sets of shingles of each pair, (pairs,) float64."""
    likeness = np.zeros(len(pairs))
    for at in range(0, len(pairs), _PAIRS):
        likeness[at : at + _PAIRS] = _jaccard(shingles, pairs[at : at + _PAIRS])
    return likeness


def _jaccard(shingles: Shingles, pairs: Ints) -> NDArray[np.float64]:
    texts, inverse = np.unique(pairs, return_inverse=True)
    sets, starts = _unique_shingles(shingles, texts)
    sizes = np.diff(starts)
    sides = inverse.reshape(pairs.shape)
    counts = sizes[sides]
    places = _ranges(starts[:-1][sides].ravel(), counts.ravel())
    owner = np.repeat(np.arange(len(pairs)), counts.sum(axis=1))
    order = np.lexsort((sets[places], owner))
    owner, hashes = owner[order], sets[places][order]
    both = (owner[1:] == owner[:-1]) & (hashes[1:] == hashes[:-1])
    shared = np.bincount(owner[1:][both], minlength=len(pairs))
    likeness: NDArray[np.float64] = shared / (counts.sum(axis=1) - shared)
    return likeness


def _unique_shingles(shingles: Shingles, texts: Ints) -> tuple[Hashes, Ints]:
    counts = shingles.starts[texts + 1] - shingles.starts[texts]
    hashes = shingles.hashes[_ranges(shingles.starts[texts], counts)]
    owner = np.repeat(np.arange(len(texts)), counts)
    order = np.lexsort((hashes, owner))
    owner, hashes = owner[order], hashes[order]
    new = np.ones(len(hashes), dtype=bool)
    new[1:] = (owner[1:] != owner[:-1]) | (hashes[1:] != hashes[:-1])
    sizes = np.bincount(owner[new], minlength=len(texts))
    return hashes[new], np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _estimate(signatures: Signatures, pairs: Ints) -> NDArray[np.float64]:
    same: NDArray[np.float64] = (signatures[pairs[:, 0]] == signatures[pairs[:, 1]]).mean(axis=1)
    return same


def _band_keys(part: Signatures) -> Hashes:
    keys = np.zeros(len(part), dtype=np.uint64)
    for column in range(part.shape[1]):
        keys = _mix(keys * _PRIME + part[:, column].astype(np.uint64))
    return keys


def _bucket_pairs(keys: Hashes, texts: int) -> Iterator[Ints]:
    """Yield pairs of texts with equal keys as first * texts + second."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    for step in range(1, min(_NEIGHBOURS, len(keys) - 1) + 1):
        equal = np.flatnonzero(ordered[step:] == ordered[:-step])
        if not len(equal):
            return
        yield order[equal].astype(np.int64) * texts + order[equal + step]


def _ranges(starts: Ints, counts: Ints) -> Ints:
    """Join the ranges ``start, start + 1, ...`` of the given lengths."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    ranges: Ints = np.arange(total, dtype=np.int64) + np.repeat(starts - (ends - counts), counts)
    return ranges


def _constants() -> tuple[Hashes, Hashes]:
    """Return odd factors and shifts of the permutations, (HASHES,) each; fixed, so that signatures never change."""
    numbers = _mix(np.arange(1, 2 * HASHES + 1, dtype=np.uint64) * _PRIME)
    return numbers[:HASHES] | np.uint64(1), numbers[HASHES:]


def _mix(values: Hashes) -> Hashes:
    """Spread every bit over the word (the finalizer of MurmurHash3)."""
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return values ^ (values >> np.uint64(33))
