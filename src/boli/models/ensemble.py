"""Several small models that answer together: hashed n-grams of several views of a text, and word vectors; NumPy alone.

Each member scores the labels; its log-probabilities are added up with its weight. Members see different things
(letters, words, spelling skeletons, what a word means in unlabelled text), so they err on different texts.
"""

import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from boli.errors import ModelError, ModelNotFound
from boli.models.features import Floats
from boli.models.linear import LinearModel
from boli.models.views import list_words, look
from boli.models.weights import write_atomically

Array = NDArray[np.generic]

FORMAT = "boli-ensemble-1"
_ADVICE = "it is damaged or not ours: copy it again, or fit the model anew"


class Scorer(Protocol):
    """A model that scores the labels of texts."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the names of the columns."""

    def scores(self, texts: Sequence[str]) -> Floats:
        """Return (texts, labels) float32."""

    def predict(self, texts: Sequence[str]) -> list[str]:
        """Return the label with the highest score for each text."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model as one file, whole or not at all."""


@dataclass(frozen=True, eq=False)
class WordModel:
    """Scores a text by the mean of its words' vectors; no word can be read from it, only hashes.

    Args:
        keys: (words,) uint64, ascending: hashes of the known words.
        vectors: (words, dimensions) float32, each already times its word's weight (rare words count more).
        weights: (dimensions, labels) float32, for a mean that is scaled to length 1.
        bias: (labels,) float32.

    >>> keys = np.array([hash_word("acha")], np.uint64)
    >>> one, two = np.ones((1, 1), np.float32), np.array([[0, 1]], np.float32)
    >>> model = WordModel(("no", "yes"), keys, one, two, np.zeros(2, np.float32))
    >>> model.scores(["Acha!", "?"]).tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """

    labels: tuple[str, ...]
    keys: NDArray[np.uint64] = field(repr=False)
    vectors: Floats = field(repr=False)
    weights: Floats = field(repr=False)
    bias: Floats = field(repr=False)

    def scores(self, texts: Sequence[str]) -> Floats:
        """Return (texts, labels) float32."""
        return np.asarray(place_texts(texts, self.keys, self.vectors) @ self.weights + self.bias, np.float32)

    def to_arrays(self) -> dict[str, Array]:
        """Return the arrays that a file holds; vectors as float16."""
        small = self.vectors.astype(np.float16)
        return {"keys": self.keys, "vectors": small, "weights": self.weights, "bias": self.bias}


def hash_word(word: str) -> int:
    """Return 64 bits that stand for a word.

    >>> hash_word("acha") == hash_word("acha") != hash_word("achha")
    True
    """
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def place_texts(texts: Sequence[str], keys: NDArray[np.uint64], vectors: Floats) -> Floats:
    """Return the sum of the vectors of each text's words, scaled to length 1: (texts, dimensions) float32."""
    placed = np.zeros((len(texts), vectors.shape[1]), np.float32)
    for row, text in enumerate(texts):
        hashes = np.array([hash_word(word) for word in list_words(text)], np.uint64)
        at = np.minimum(np.searchsorted(keys, hashes), max(0, len(keys) - 1))
        known = at[keys[at] == hashes] if len(keys) and len(hashes) else at[:0]
        placed[row] = vectors[known].sum(axis=0)
    lengths = np.linalg.norm(placed, axis=1, keepdims=True)
    return np.asarray(placed / np.maximum(lengths, 1e-9), np.float32)


@dataclass(frozen=True, eq=False)
class Member:
    """One model of an ensemble: what it looks at, and how much its answer counts.

    Args:
        group: members of one group were fitted together: their scores are added up before they become probabilities,
            with the weight of the first.
    """

    view: str
    model: LinearModel | WordModel
    weight: float
    group: int = 0


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Scores texts by the weighted sum of the log-probabilities of its groups of members.

    Args:
        labels: names of the columns, in the order that all members have.
        members: one or more.

    >>> keys = np.array([hash_word("acha")], np.uint64)
    >>> one, two = np.ones((1, 1), np.float32), np.array([[0, 1]], np.float32)
    >>> word = WordModel(("no", "yes"), keys, one, two, np.zeros(2, np.float32))
    >>> Ensemble(("no", "yes"), (Member("text", word, 1.0),)).predict(["acha"])
    ['yes']
    """

    labels: tuple[str, ...]
    members: tuple[Member, ...]

    def __post_init__(self) -> None:
        if not self.members or any(each.model.labels != self.labels for each in self.members):
            raise ModelError("an ensemble needs members, all with its own labels in its own order")

    def scores(self, texts: Sequence[str]) -> Floats:
        """Return (texts, labels) float32; softmax makes probabilities of them."""
        total = np.zeros((len(texts), len(self.labels)), np.float32)
        groups: dict[int, list[Member]] = {}
        for member in self.members:
            groups.setdefault(member.group, []).append(member)
        for group in groups.values():
            raw = np.sum([member.model.scores(look(texts, member.view)) for member in group], axis=0)
            total += np.float32(group[0].weight) * log_softmax(raw)
        return total

    def predict(self, texts: Sequence[str]) -> list[str]:
        """Return the label with the highest score for each text; the first of equals."""
        return [self.labels[column] for column in self.scores(texts).argmax(axis=1)]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a compressed .npz without pickles, whole or not at all."""
        arrays: dict[str, Array] = {"header": np.frombuffer(json.dumps(self._header()).encode(), np.uint8)}
        for place, member in enumerate(self.members):
            model = member.model
            parts = model.to_arrays(half=True) if isinstance(model, LinearModel) else model.to_arrays()
            arrays |= {f"{place}.{name}": array for name, array in parts.items()}
        packed = io.BytesIO()
        np.savez_compressed(packed, allow_pickle=False, **arrays)
        write_atomically(path, lambda file: file.write(packed.getvalue()))

    def _header(self) -> dict[str, object]:
        kinds = {LinearModel: "linear", WordModel: "words"}
        members = [[kinds[type(each.model)], each.view, each.weight, each.group] for each in self.members]
        return {"format": FORMAT, "labels": self.labels, "members": members}


def log_softmax(scores: Floats) -> Floats:
    """Return the logarithms of the probabilities of each row.

    >>> log_softmax(np.zeros((1, 2), np.float32)).round(3).tolist()
    [[-0.693..., -0.693...]]
    """
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), np.float32)


def load_scorer(path: str | os.PathLike[str]) -> Scorer:
    """Read a saved linear model or ensemble; pickles are never opened.

    Raises:
        ModelNotFound: there is no such file.
        ModelError: the file is damaged, of another kind, or written by a later edition.

    >>> load_scorer("none.npz")
    Traceback (most recent call last):
    ...
    boli.errors.ModelNotFound: none.npz: no such file; give the .npz that a fit wrote
    """
    target = Path(path)
    if not target.is_file():
        raise ModelNotFound(f"{target}: no such file; give the .npz that a fit wrote")
    try:
        with np.load(io.BytesIO(target.read_bytes()), allow_pickle=False) as archive:
            header = json.loads(archive["header"].tobytes())
            if header["format"] == FORMAT:
                return _build(header, {name: archive[name] for name in archive.files})
    except Exception as problem:  # on damaged bytes zipfile, zlib and NumPy raise some fifteen kinds
        reason = str(problem) or type(problem).__name__
        raise ModelError(f"{target}: not a model that can be read ({reason}); {_ADVICE}") from None
    return LinearModel.load(target)


def _build(header: Mapping[str, object], arrays: Mapping[str, Array]) -> Ensemble:
    labels = tuple(str(label) for label in _list(header["labels"]))
    members = []
    for place, entry in enumerate(_list(header["members"])):
        kind, view, weight, group = _list(entry)
        prefix = f"{place}."
        parts = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
        model = LinearModel.from_arrays(parts) if kind == "linear" else _build_words(labels, parts)
        members.append(Member(str(view), model, float(str(weight)), int(str(group))))
    return Ensemble(labels, tuple(members))


def _build_words(labels: tuple[str, ...], parts: Mapping[str, Array]) -> WordModel:
    vectors, weights, bias = (parts[name].astype(np.float32) for name in ("vectors", "weights", "bias"))
    keys = parts["keys"].astype(np.uint64)
    fits = vectors.ndim == weights.ndim == 2 and len(keys) == len(vectors) and weights.shape[0] == vectors.shape[1]
    if not fits or weights.shape[1] != len(labels) or bias.shape != (len(labels),):
        raise ModelError(f"word vectors {vectors.shape}, weights {weights.shape}, bias {bias.shape} do not fit")
    return WordModel(labels, keys, vectors, weights, bias)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ModelError(f"expected a list, got {value!r}")
    return value
