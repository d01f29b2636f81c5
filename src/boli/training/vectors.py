"""Word vectors from unlabelled text: how often words stand near each other, as positive mutual information, reduced.

A few megabytes of text of the same language teach a classifier what hundreds of labelled rows cannot: which words are
about the same thing. Counting and one singular value decomposition take seconds to a minute on one core.

Source: Levy, Goldberg and Dagan 2015, TACL 3 (smoothed context counts, subsampling, square root of singular values);
Arora, Liang and Ma 2017, ICLR (weights of words in a mean).
"""

import glob
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from boli.datasets.textfiles import read_lines
from boli.errors import ConfigError, DataError, LanguageError, require
from boli.languages import parse_tag
from boli.models.ensemble import hash_word
from boli.models.views import list_words
from boli.pipeline.texts import TextPath

_NONE = -1
_SMOOTH = 0.75


@dataclass(frozen=True)
class VectorSettings:
    """How vectors are learned.

    Args:
        window: words to each side that count as near.
        least: rarer words are left out.
        most: at most so many words.
        frequent: share of all words above which a word is thinned out.
        rarity: a word's weight in a mean is rarity / (rarity + its share of all words).
    """

    dimensions: int = 300
    window: int = 8
    least: int = 5
    most: int = 80_000
    frequent: float = 1e-4
    rarity: float = 1e-4


@dataclass(frozen=True, eq=False)
class WordVectors:
    """Hashes of words, ascending, and their vectors, each times its word's weight: (words, dimensions) float32."""

    keys: NDArray[np.uint64]
    vectors: NDArray[np.float32]


class _Sparse(Protocol):
    """What is used of SciPy's sparse matrices, whose package carries no types."""

    data: NDArray[np.float64]
    row: NDArray[np.int64]
    col: NDArray[np.int64]

    @property
    def T(self) -> "_Sparse": ...
    def __add__(self, other: "_Sparse") -> "_Sparse": ...
    def sum(self, axis: int) -> NDArray[np.float64]: ...
    def tocoo(self) -> "_Sparse": ...
    def tocsr(self) -> "_Sparse": ...


def read_corpus(spec: str, text_path: TextPath) -> list[str]:
    """Return the normalized lines of some files.

    Args:
        spec: ``tag=path`` with commas between; a path may be a glob.

    Raises:
        ConfigError: a part has another form, an unknown tag, or names no file.
    """
    lines: list[str] = []
    for tag, path in list_files(spec):
        raw = [line for line in read_lines(path) if line.strip()]
        lines += text_path.prepare(raw, [tag] * len(raw))
    return lines


def list_files(spec: str) -> Iterator[tuple[str, Path]]:
    """Return the tag and the path of each file that a specification names.

    Raises:
        ConfigError: a part has another form, an unknown tag, or names no file.

    >>> list(list_files("no equals sign"))
    Traceback (most recent call last):
    ...
    boli.errors.ConfigError: 'no equals sign' is no tag=path; write for example ur-Arab=text/*.txt, with commas between
    """
    for part in filter(None, (each.strip() for each in spec.split(","))):
        tag, equals, pattern = part.partition("=")
        if not equals:
            raise ConfigError(f"{part!r} is no tag=path; write for example ur-Arab=text/*.txt, with commas between")
        try:
            known = str(parse_tag(tag.strip()))
        except LanguageError as problem:
            raise ConfigError(f"{part!r}: {problem}") from None
        found = sorted(glob.glob(pattern.strip(), recursive=True))  # noqa: PTH207 - the pattern may be absolute
        if not found:
            raise ConfigError(f"{part!r}: there is no such file; a path starts where you run the command")
        yield from ((known, Path(name)) for name in found)


def learn_vectors(lines: Iterable[str], settings: VectorSettings | None = None, *, seed: int = 0) -> WordVectors:
    """Learn vectors of the words of some lines; words of different lines are not near each other.

    Raises:
        DataError: too few words occur often enough.
        MissingExtra: SciPy or scikit-learn is not installed.

    Cost: 10 s of one core for 2.5 million words, 25 s for 6.5 million, 300 dimensions.

    >>> lines = ["do teen chaar rupay bhejo"] * 9 + ["teen do rupay chaar do"] * 9
    >>> learn_vectors(lines, VectorSettings(dimensions=2)).vectors.shape
    (5, 2)
    """
    chosen = settings or VectorSettings()
    texts = [list_words(line) for line in lines]
    counts = Counter(word for words in texts for word in words)
    words = [word for word, count in counts.most_common(chosen.most) if count >= chosen.least]
    if len(words) <= chosen.dimensions:
        raise DataError(
            f"only {len(words):,} words occur {chosen.least} times or more in the text for word vectors; expected more "
            f"than {chosen.dimensions}: give more text, or leave baseline.vectors empty"
        )
    shares = np.array([counts[word] for word in words], np.float64)
    shares /= shares.sum()
    stream = _thin(_number(texts, words, chosen.window), shares, chosen.frequent, seed)
    near = _count_near(stream, len(words), chosen.window)
    reduced = _reduce(_inform(near, len(words)), chosen.dimensions, seed)
    weighted = reduced * (chosen.rarity / (chosen.rarity + shares))[:, None]
    keys = np.array([hash_word(word) for word in words], np.uint64)
    order = np.argsort(keys)
    return WordVectors(keys[order], np.asarray(weighted[order], np.float32))


def _number(texts: Sequence[Sequence[str]], words: Sequence[str], window: int) -> NDArray[np.int64]:
    """The words as numbers, with a gap between lines that no window reaches over."""
    places = {word: place for place, word in enumerate(words)}
    stream: list[int] = []
    for text in texts:
        stream.extend(places.get(word, _NONE) for word in text)
        stream.extend([_NONE] * window)
    return np.array(stream, np.int64)


def _thin(stream: NDArray[np.int64], shares: NDArray[np.float64], frequent: float, seed: int) -> NDArray[np.int64]:
    """Leave out most of the most frequent words, which say little about their neighbours; gaps stay."""
    kept = np.ones(len(stream), np.bool_)
    known = stream >= 0
    kept[known] = np.random.default_rng(seed).random(int(known.sum())) < np.sqrt(frequent / shares)[stream[known]]
    return stream[kept]


def _count_near(stream: NDArray[np.int64], words: int, window: int) -> _Sparse:
    sparse = require("scipy.sparse", "train")
    total: _Sparse = sparse.csr_matrix((words, words))
    for distance in range(1, window + 1):
        first, second = stream[:-distance], stream[distance:]
        both = (first >= 0) & (second >= 0)
        pairs, counts = np.unique(first[both] * words + second[both], return_counts=True)
        total = total + sparse.csr_matrix((counts.astype(np.float32), (pairs // words, pairs % words)), total.shape)  # type: ignore[attr-defined]
    return total + total.T


def _inform(near: _Sparse, words: int) -> object:
    """Positive pointwise mutual information of words that stand near each other."""
    sparse = require("scipy.sparse", "train")
    rows = np.maximum(np.asarray(near.sum(1)).ravel(), 1)
    columns = np.maximum(np.asarray(near.sum(0)).ravel(), 1) ** _SMOOTH
    columns /= columns.sum()
    cells = near.tocoo()
    information = np.log(np.maximum(cells.data, 1e-9) / rows[cells.row] / columns[cells.col])
    kept = information > 0
    data = information[kept].astype(np.float32)
    return sparse.csr_matrix((data, (cells.row[kept], cells.col[kept])), shape=(words, words))


def _reduce(matrix: object, dimensions: int, seed: int) -> NDArray[np.float64]:
    factorize = require("sklearn.utils.extmath", "train").randomized_svd
    left, values, _ = factorize(matrix, dimensions, n_iter=3, random_state=seed)
    result: NDArray[np.float64] = left * np.sqrt(values)
    return result
