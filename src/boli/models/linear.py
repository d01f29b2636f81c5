"""A linear classifier on hashed n-grams: a few megabytes, NumPy alone, about a tenth of a millisecond per message."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from boli.errors import ModelError, ModelNotFound, suggest
from boli.models.features import HASH_VERSION, Features, Floats, HashedNgrams, Stream, check_texts, lay_out, reweight
from boli.models.weights import write_atomically

Array = NDArray[np.generic]

FORMAT = "boli-linear-1"
"""The first field of a saved model; another format is refused by name."""

_ARRAYS = ("bias", "header", "idf", "rows", "weights")
_PRODUCTS = 1 << 20
_MOST_WEIGHTS = 1 << 28
_ADVICE = "it is damaged or not ours: copy it again, or fit the model anew"


class WordWeight(NamedTuple):
    """What one word (half-open span, code points of the text) adds to the score of a label."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, eq=False)
class LinearModel:
    """Scores texts: hashed n-grams times `idf`, scaled to length 1, times `weights`, plus `bias`.

    Args:
        featurizer: how texts become buckets.
        labels: the names of the columns, all different.
        weights: (buckets, labels) float32.
        bias: (labels,) float32.
        idf: (buckets,) float32, or None for all ones. Zero for a bucket that training never saw: an unseen n-gram must
            not shrink the others when the row is scaled (worth 2 to 4 points on short messages).

    Raises:
        ModelError: shapes, types or labels that do not fit together, or a number that is not finite.

    >>> ngrams = HashedNgrams(sizes=(1,), buckets=2, words=False)
    >>> model = LinearModel(ngrams, ("no", "yes"), np.eye(2, dtype=np.float32), np.zeros(2, np.float32))
    >>> model.scores(["", "aa"]).shape, model.predict(["", "aa"])[0]
    ((2, 2), 'no')
    """

    featurizer: HashedNgrams
    labels: tuple[str, ...]
    weights: Floats = field(repr=False)
    bias: Floats = field(repr=False)
    idf: Floats | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.labels or len(set(self.labels)) < len(self.labels):
            raise ModelError(f"labels {self.labels}; expected one or more, all different")
        buckets, columns = self.featurizer.buckets, len(self.labels)
        _check_array("weights", self.weights, (buckets, columns))
        _check_array("bias", self.bias, (columns,))
        if self.idf is not None:
            _check_array("idf", self.idf, (buckets,))

    def features(self, texts: Sequence[str]) -> Features:
        """Return the sparse rows that the weights are multiplied with.

        Raises:
            TextError: `texts` is one text, or holds something that is not `str`.
        """
        features = self.featurizer.transform(texts)
        return features if self.idf is None else reweight(features, self.idf)

    def scores(self, texts: Sequence[str]) -> Floats:
        """Return (texts, labels) float32; a text's scores do not depend on the texts beside it, to the last bit."""
        return _multiply(self.features(texts), self.weights) + self.bias

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Return (texts, labels) float32, each row adding up to 1 (softmax of the scores)."""
        scores = self.scores(texts)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)

    def predict(self, texts: Sequence[str]) -> list[str]:
        """Return the label with the highest score for each text; the first of equals."""
        return [self.labels[column] for column in self.scores(texts).argmax(axis=1)]

    def contributions(self, text: str, label: str) -> NDArray[np.float64]:
        """Share the score of a label out over the text's characters; with the bias they add up to the score.

        Each n-gram's part is split evenly over the places where it occurs and over the characters (spaces aside) that
        it covers. Add up a span to get what the span says for the label.

        Returns:
            (code points of text,) float64.

        Raises:
            ModelError: no such label.

        >>> ngrams = HashedNgrams(sizes=(1,), buckets=2, words=False)
        >>> model = LinearModel(ngrams, ("no", "yes"), np.ones((2, 2), np.float32), np.zeros(2, np.float32))
        >>> model.contributions("a a", "yes").tolist()
        [0.5, 0.0, 0.5]
        """
        column = self._column(label)
        features, stream = self.features([text]), lay_out(check_texts([text]))
        blocks = [(grams, np.searchsorted(features.indices, grams.buckets)) for grams in self.featurizer.grams(stream)]
        counts = sum(np.bincount(places, minlength=len(features.indices)) for _, places in blocks)
        parts = features.values * self.weights[features.indices, column].astype(np.float64) / counts
        letters = np.concatenate([[0], np.cumsum(~stream.spaces)])
        changes = np.zeros(len(stream.points) + 1)
        for grams, places in blocks:
            shares = parts[places] / (letters[grams.ends] - letters[grams.starts])
            np.add.at(changes, grams.starts, shares)
            np.subtract.at(changes, grams.ends, shares)
        return np.where(stream.spaces, 0.0, np.cumsum(changes[:-1]))[1:-1]

    def explain(self, text: str, label: str | None = None) -> tuple[WordWeight, ...]:
        """Say what each word adds to the score of a label, by default the predicted one.

        The weights of the words and the label's bias add up to its score. A word is what spaces set apart; the
        punctuation at its ends counts, but lies outside the span.

        Raises:
            ModelError: no such label.

        >>> ngrams = HashedNgrams(sizes=(1,), buckets=2, words=False)
        >>> model = LinearModel(ngrams, ("no", "yes"), np.ones((2, 2), np.float32), np.zeros(2, np.float32))
        >>> model.explain("a, a", "yes")[1]
        WordWeight(start=3, end=4, weight=...)
        """
        label = self.predict([text])[0] if label is None else label
        totals = np.concatenate([[0.0], np.cumsum(self.contributions(text, label))])
        spans = _tokens(lay_out([text]))
        return tuple(WordWeight(*inner, float(totals[end] - totals[start])) for (start, end), inner in spans)

    def save(self, path: str | os.PathLike[str], *, half: bool = False) -> None:
        """Write a compressed .npz without pickles, whole or not at all; only rows that are not zero are kept.

        Args:
            path: the file; its folder must exist.
            half: store the weights as float16: half the size, scores change in the fourth digit.
        """
        arrays = self.to_arrays(half=half)
        write_atomically(path, lambda file: _save_arrays(file, arrays))

    def to_arrays(self, *, half: bool = False) -> dict[str, Array]:
        """Return what `save` writes, so that a larger model can hold this one; `from_arrays` reads it."""
        kept = self.weights.any(axis=1) | (np.ones(1) if self.idf is None else self.idf).astype(bool)
        rows = np.flatnonzero(kept).astype(np.int32)
        return {
            "header": np.frombuffer(json.dumps(self._header(), ensure_ascii=True).encode(), np.uint8),
            "rows": rows,
            "weights": _as_stored(self.weights[rows], half=half),
            "bias": self.bias,
            "idf": np.zeros(0, np.float32) if self.idf is None else self.idf[rows],
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> "LinearModel":
        """Build what `to_arrays` took apart.

        Raises:
            KeyError, ValueError, ModelError: something is missing or does not fit.
        """
        return _build(arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "LinearModel":
        """Read what `save` wrote; pickles are never opened.

        Raises:
            ModelNotFound: there is no such file.
            ModelError: the file is damaged, of another kind, or written by a later edition.
        """
        try:
            arrays = _read_arrays(Path(path))
            return _build(arrays)
        except FileNotFoundError:
            raise ModelNotFound(f"{path}: no such file; give the .npz that LinearModel.save wrote") from None
        except Exception as problem:  # on damaged bytes zipfile, zlib and NumPy raise some fifteen kinds
            raise ModelError(f"{path}: not a linear model that can be read ({_reason(problem)}); {_ADVICE}") from None

    def _header(self) -> dict[str, object]:
        featurizer = self.featurizer
        return {
            "format": FORMAT, "hash": HASH_VERSION, "labels": self.labels, "sizes": featurizer.sizes,
            "buckets": featurizer.buckets, "words": featurizer.words, "idf": self.idf is not None,
        }  # fmt: skip

    def _column(self, label: str) -> int:
        if label not in self.labels:
            near = suggest(label, self.labels)
            raise ModelError(f"no label {label!r}; this model knows: {', '.join(self.labels)}{near}")
        return self.labels.index(label)


def _multiply(features: Features, weights: Floats) -> Floats:
    """Sparse rows times dense weights: sum each row's entries in order, in blocks that bound the memory."""
    count = len(features.indptr) - 1
    product = np.zeros((count, weights.shape[1]), np.float32)
    filled = np.flatnonzero(np.diff(features.indptr))
    for rows in _blocks(features.indptr, filled, max(1, _PRODUCTS // weights.shape[1])):
        low, high = features.indptr[rows[0]], features.indptr[rows[-1] + 1]
        terms = weights[features.indices[low:high]] * features.values[low:high, None]
        product[rows] = np.add.reduceat(terms, features.indptr[rows] - low, axis=0)
    return product


def _blocks(indptr: NDArray[np.int64], rows: NDArray[np.int64], most: int) -> Iterator[NDArray[np.int64]]:
    """Cut rows into runs of at most `most` entries; a longer row stands alone."""
    start = 0
    while start < len(rows):
        last = np.searchsorted(indptr[rows + 1], indptr[rows[start]] + most, side="right")
        end = max(start + 1, int(last))
        yield rows[start:end]
        start = end


def _tokens(stream: Stream) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """For each run of non-spaces of a one-text stream: its span, and the span without separators at its ends."""
    edges = np.flatnonzero(stream.spaces[1:] != stream.spaces[:-1]) + 1
    for start, end in edges.reshape(-1, 2).tolist():
        letters = np.flatnonzero(~stream.separators[start:end]).tolist() or [0, end - start - 1]
        yield (start - 1, end - 1), (start + letters[0] - 1, start + letters[-1])


def _check_array(name: str, array: NDArray[np.float32], shape: tuple[int, ...]) -> None:
    if array.shape != shape or array.dtype != np.float32:
        raise ModelError(f"{name} is {array.dtype} {array.shape}; expected float32 {shape}")
    if not np.isfinite(array).all():
        raise ModelError(f"{name} holds numbers that are not finite; fit the model anew")


def _as_stored(weights: Floats, *, half: bool) -> NDArray[np.float16] | Floats:
    if not half:
        return weights
    limit = np.finfo(np.float16).max
    if np.abs(weights).max(initial=0) > limit:
        raise ModelError(f"weights beyond {limit} do not fit float16; save with half=False")
    return weights.astype(np.float16)


def _save_arrays(file: BinaryIO, arrays: Mapping[str, Array]) -> None:
    np.savez_compressed(file, allow_pickle=False, **arrays)


def _read_arrays(path: Path) -> dict[str, Array]:
    # Opened here, not by NumPy, which leaves a damaged file open.
    with path.open("rb") as file:
        archive = np.load(file, allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ModelError("a bare array, not an .npz")
        if sorted(archive.files) != list(_ARRAYS):
            raise ModelError(f"holds {sorted(archive.files)}, expected {list(_ARRAYS)}")
        return {name: archive[name] for name in _ARRAYS}


def _build(arrays: Mapping[str, Array]) -> LinearModel:
    header = json.loads(arrays["header"].tobytes())
    if header["format"] != FORMAT or header["hash"] != HASH_VERSION:
        got = f"format {header['format']}, hash {header['hash']}"
        raise ModelError(f"{got}; this boli reads format {FORMAT}, hash {HASH_VERSION}: use the boli that wrote it")
    featurizer = HashedNgrams(tuple(header["sizes"]), header["buckets"], header["words"])
    labels = tuple(header["labels"])
    if featurizer.buckets * len(labels) > _MOST_WEIGHTS or not all(isinstance(label, str) for label in labels):
        raise ModelError(f"{featurizer.buckets} buckets x {len(labels)} labels")
    rows = _check_rows(arrays["rows"], featurizer.buckets)
    stored = arrays["weights"]
    if stored.dtype not in (np.float16, np.float32) or stored.shape != (len(rows), len(labels)):
        raise ModelError(f"weights are {stored.dtype} {stored.shape}, expected floats {(len(rows), len(labels))}")
    weights = _spread(stored, rows, featurizer.buckets)
    idf = _spread(_floats(arrays["idf"], len(rows)), rows, featurizer.buckets) if header["idf"] else None
    return LinearModel(featurizer, labels, weights, _floats(arrays["bias"], len(labels)), idf)


def _check_rows(rows: Array, buckets: int) -> NDArray[np.int32]:
    if rows.dtype != np.int32 or rows.ndim != 1:
        raise ModelError(f"rows are {rows.dtype} {rows.shape}, expected int32 in one dimension")
    checked = rows.astype(np.int32)
    if len(rows) and (checked[0] < 0 or checked[-1] >= buckets or (np.diff(checked) <= 0).any()):
        raise ModelError(f"rows are not ascending bucket numbers below {buckets}")
    return checked


def _floats(array: Array, length: int) -> Floats:
    if array.dtype != np.float32 or array.shape != (length,):
        raise ModelError(f"an array is {array.dtype} {array.shape}, expected float32 {(length,)}")
    return array.astype(np.float32)


def _spread(stored: Array, rows: NDArray[np.int32], buckets: int) -> Floats:
    full = np.zeros((buckets, *stored.shape[1:]), np.float32)
    full[rows] = stored
    return full


def _reason(problem: Exception) -> str:
    return f"no field {problem}" if isinstance(problem, KeyError) else str(problem) or type(problem).__name__
