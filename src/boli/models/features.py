"""Hashed n-grams of characters and words: text -> sparse rows, in NumPy, the same on every machine.

No vocabulary is stored: an n-gram's bucket is a hash of its code points. All texts of a call are laid in one stream of
code points, and each n-gram size is one pass over it, so the cost is about 0.1 us per n-gram and no Python loop runs
over characters.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boli.errors import ConfigError, TextError, check_text

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Floats = NDArray[np.float32]

HASH_VERSION = 1
"""Goes into saved models; raised when any bucket of any text would change."""

_MULTIPLIER = 0x9E3779B97F4A7C15
_KIND_STEP = 0xD1B54A32D192ED03
_MIX = (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53)
_WORD, _WORD_PAIR = 101, 102
_LONGEST = 100
_CHUNK = 1 << 18
_SPACE = 0x20

# Our own closed lists, not `str.isspace` or `\w`: those change with the interpreter's Unicode version, and `\w` drops
# the Sindhi words U+06FD and U+06FE. Above _LIMIT everything is a letter of a word (emoji too).
_LIMIT = 0x3100
_SPACES = ((0x09, 0x0D), (0x20, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200B), (0x2028, 0x2029),
           (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000))  # fmt: skip
_SEPARATORS = (
    (0x00, 0x08), (0x0E, 0x1F), (0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x5E), (0x60, 0x60), (0x7B, 0x84), (0x86, 0x9F),
    (0xA1, 0xA9), (0xAB, 0xB1), (0xB4, 0xB4), (0xB6, 0xB8), (0xBB, 0xBB), (0xBF, 0xBF),
    (0x060C, 0x060D), (0x061B, 0x061B), (0x061D, 0x061F), (0x066A, 0x066D), (0x06D4, 0x06D4), (0x0964, 0x0965),
    (0x200E, 0x2027), (0x202A, 0x202E), (0x2030, 0x205E), (0x2060, 0x206F), (0x2E00, 0x2E7F), (0x3001, 0x3003),
)  # fmt: skip
_LATIN = ((0x41, 0x24F), (0x1E00, 0x1EFF))
_DIGITS = (0x0660, 0x06F0)


class Features(NamedTuple):
    """Sparse rows: row i holds `indices[indptr[i]:indptr[i + 1]]`, sorted, with `values` of Euclidean length 1.

    indptr: (texts + 1,) int64.  indices: (entries,) int32, buckets.  values: (entries,) float32.
    """

    indptr: Ints
    indices: NDArray[np.int32]
    values: Floats


class Grams(NamedTuple):
    """Each n-gram as it occurs: buckets, and half-open offsets in the code points of the padded stream."""

    starts: Ints
    ends: Ints
    buckets: Ints


class Stream(NamedTuple):
    """Texts laid end to end with one space before, between and after them.

    points: (length,) uint64, folded.  spaces, separators: (length,) bool.  rows: (length,) int64, the text of each
    point; the space before a text counts as its own.
    """

    points: Hashes
    spaces: NDArray[np.bool_]
    separators: NDArray[np.bool_]
    rows: Ints


@dataclass(frozen=True)
class HashedNgrams:
    """Turn texts into hashed counts of character n-grams (inside space-separated tokens), words and word pairs.

    Latin letters are lower-cased and the two Arabic digit rows read as 0-9; nothing else is normalized here.

    Args:
        sizes: lengths of the character n-grams, in code points; a token's border counts as one.
        buckets: how many columns; a power of two.
        words: also count words and pairs of neighbouring words.

    Raises:
        ConfigError: no sizes, a size below 1, or buckets that are not a power of two.

    >>> ngrams = HashedNgrams()
    >>> features = ngrams.transform(["mera balance", "", "MERA  BALANCE"])
    >>> features.indptr.tolist()
    [0, 44, 44, 88]
    >>> (features.indices[:44] == features.indices[44:]).all().item()
    True
    """

    sizes: tuple[int, ...] = (1, 2, 3, 4)
    buckets: int = 2**18
    words: bool = True

    def __post_init__(self) -> None:
        if not self.sizes or min(self.sizes) < 1 or max(self.sizes) > _LONGEST:
            raise ConfigError(f"n-gram sizes {self.sizes}; expected some from 1 to {_LONGEST}, such as (1, 2, 3, 4)")
        if self.buckets < 2 or self.buckets & (self.buckets - 1) or self.buckets > 2**30:
            raise ConfigError(f"{self.buckets} buckets; expected a power of two from 2 to 2**30, such as 2**18")

    def transform(self, texts: Sequence[str]) -> Features:
        """Count the n-grams of each text: log(1 + count), each row scaled to length 1; an empty text is an empty row.

        Raises:
            TextError: `texts` is one text, or holds something that is not `str`.
        """
        parts = [self._transform(chunk) for chunk in _chunks(check_texts(texts))]
        lengths = np.concatenate([np.zeros(1, np.int64), *(np.diff(part.indptr) for part in parts)])
        indices = np.concatenate([np.zeros(0, np.int32), *(part.indices for part in parts)])
        values = np.concatenate([np.zeros(0, np.float32), *(part.values for part in parts)])
        return Features(np.cumsum(lengths), indices, values)

    def grams(self, stream: Stream) -> Iterator[Grams]:
        """List the n-grams of a stream, one block per kind; `transform` counts exactly these."""
        for kind, starts, ends, hashes in self._hashes(stream):
            mixed = _mix(hashes + np.uint64(kind * _KIND_STEP & (2**64 - 1)))
            yield Grams(starts, ends, (mixed & np.uint64(self.buckets - 1)).astype(np.int64))

    def _hashes(self, stream: Stream) -> Iterator[tuple[int, Ints, Ints, Hashes]]:
        for size, starts, hashes in _character_hashes(stream, max(self.sizes)):
            if size in self.sizes:
                yield size, starts, starts + size, hashes[starts]
        if self.words:
            yield from _word_hashes(stream)

    def _transform(self, texts: Sequence[str]) -> Features:
        stream = lay_out(texts)
        # A character n-gram may start on the space before its text, never on the one after it.
        keys = [stream.rows[grams.starts] * self.buckets + grams.buckets for grams in self.grams(stream)]
        distinct, counts = _count(np.concatenate([np.zeros(0, np.int64), *keys]))
        rows, indices = np.divmod(distinct, self.buckets)
        indptr = np.searchsorted(rows, np.arange(len(texts) + 1))
        values = _scale_rows(indptr, np.log1p(counts.astype(np.float64)))
        return Features(indptr.astype(np.int64), indices.astype(np.int32), values)


def check_texts(texts: Sequence[str]) -> Sequence[str]:
    """Return `texts` if it is a sequence of `str`.

    Raises:
        TextError: it is one text, or holds something that is not `str`.

    >>> check_texts("abc")
    Traceback (most recent call last):
    ...
    boli.errors.TextError: expected a list of texts, got one text; write [text]
    """
    if isinstance(texts, str | bytes):
        raise TextError("expected a list of texts, got one text; write [text]")
    for text in texts:
        check_text(text)
    return texts


def reweight(features: Features, idf: Floats) -> Features:
    """Multiply each entry by its bucket's weight and scale the rows to length 1 again.

    >>> features = HashedNgrams(sizes=(1,), buckets=4, words=False).transform(["aab"])
    >>> reweight(features, np.ones(4, np.float32)).values.round(3).tolist() == features.values.round(3).tolist()
    True
    """
    weighted = features.values.astype(np.float64) * idf[features.indices]
    return Features(features.indptr, features.indices, _scale_rows(features.indptr, weighted))


def lay_out(texts: Sequence[str]) -> Stream:
    """Lay texts in one stream of folded code points; lone surrogates are points like any other.

    >>> stream = lay_out(["Ab", "c"])
    >>> "".join(map(chr, stream.points.tolist())), stream.rows.tolist()
    (' ab c ', [0, 0, 0, 1, 1, 2])
    """
    joined = " " + "".join(f"{text} " for text in texts)
    raw = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.int64)
    folds, kinds = _tables()
    low = np.minimum(raw, _LIMIT - 1)
    points = np.where(raw < _LIMIT, folds[low], raw)
    lengths = np.array([len(text) + 1 for text in texts] + [1], np.int64)
    rows = np.repeat(np.arange(len(texts) + 1), lengths)
    return Stream(points.astype(np.uint64), kinds[low] == 2, kinds[low] > 0, rows)


def _character_hashes(stream: Stream, longest: int) -> Iterator[tuple[int, Ints, Hashes]]:
    """For each size: where an n-gram starts (its inside holds no space, and it is not all space), and all hashes."""
    hashes = stream.points
    whole = ~stream.spaces
    yield 1, np.flatnonzero(whole), hashes
    valid = whole[1:] | whole[:-1]
    for size in range(2, min(longest, len(stream.points)) + 1):
        hashes = hashes[:-1] * np.uint64(_MULTIPLIER) + stream.points[size - 1 :]
        valid = valid if size == 2 else valid[:-1] & whole[size - 2 : -1]
        yield size, np.flatnonzero(valid), hashes


def _word_hashes(stream: Stream) -> Iterator[tuple[int, Ints, Ints, Hashes]]:
    """Words are the longest runs without separators; a pair is two neighbours of one text."""
    edges = np.flatnonzero(stream.separators[1:] != stream.separators[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    if not len(starts):
        return
    letters = np.flatnonzero(~stream.separators)
    lengths = ends - starts
    first = np.cumsum(lengths) - lengths
    places = (np.arange(len(letters)) - np.repeat(first, lengths)).astype(np.uint64)
    mixed = _mix(stream.points[letters] * np.uint64(_MULTIPLIER) + places * np.uint64(_KIND_STEP))
    hashes = np.add.reduceat(mixed, first)
    yield _WORD, starts, ends, hashes
    pairs = np.flatnonzero(stream.rows[starts[1:]] == stream.rows[starts[:-1]])
    together = _mix(hashes[pairs]) * np.uint64(_MULTIPLIER) + hashes[pairs + 1]
    yield _WORD_PAIR, starts[pairs], ends[pairs + 1], together


def _mix(hashes: Hashes) -> Hashes:
    """Spread every bit over all 64. Source: the finalizer of MurmurHash3 (public domain)."""
    mixed = hashes ^ (hashes >> np.uint64(33))
    for factor in _MIX:
        mixed *= np.uint64(factor)
        mixed ^= mixed >> np.uint64(33)
    return mixed


def _count(keys: Ints) -> tuple[Ints, Ints]:
    keys.sort()
    firsts = np.flatnonzero(np.concatenate([np.ones(min(1, len(keys)), np.bool_), keys[1:] != keys[:-1]]))
    return keys[firsts], np.diff(np.append(firsts, len(keys)))


def _scale_rows(indptr: Ints, values: NDArray[np.float64]) -> Floats:
    lengths = np.diff(indptr)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    norms = np.sqrt(np.bincount(rows, values * values, len(lengths)))
    return (values / np.maximum(norms, 1e-12)[rows]).astype(np.float32)


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut into runs of at most about 262,144 code points, so that memory does not grow with the number of texts."""
    start = size = 0
    for place, text in enumerate(texts):
        if size and size + len(text) > _CHUNK:
            yield texts[start:place]
            start, size = place, 0
        size += len(text) + 1
    if start < len(texts):
        yield texts[start:]


@cache
def _tables() -> tuple[Ints, NDArray[np.uint8]]:
    """Folded code point, and kind (0 letter, 1 separator, 2 space), of each code point below _LIMIT."""
    folds = np.arange(_LIMIT)
    for low, high in _LATIN:
        # The first character only: U+0130 lower-cases to two. Case of these blocks is frozen by Unicode's policy.
        folds[low : high + 1] = [ord(chr(point).lower()[0]) for point in range(low, high + 1)]
    for zero in _DIGITS:
        folds[zero : zero + 10] = np.arange(ord("0"), ord("9") + 1)
    kinds = np.zeros(_LIMIT, np.uint8)
    for kind, ranges in ((1, _SEPARATORS), (2, _SPACES)):
        for low, high in ranges:
            kinds[low : high + 1] = kind
            folds[low : high + 1] = _SPACE if kind == 2 else folds[low : high + 1]
    return folds, kinds
