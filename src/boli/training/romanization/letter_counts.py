"""Build letter models from words and how much each weighs."""

from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np

from boli.transliteration.alphabet import Alphabet
from boli.transliteration.hashing import build_table
from boli.transliteration.letter_model import STEP, LetterModel, frame, ngram_keys


def fit_letter_model(
    words: Mapping[str, float], alphabet: Alphabet, *, order: int = 5, least: float = 2.0
) -> LetterModel:
    """Count letter n-grams of words, smooth them by Witten and Bell's rule, keep those counted `least` times or more.

    Args:
        words: word -> weight; weights may be fractions.
        alphabet: of the words.
        order: letters of the longest n-gram.
        least: rarer n-grams of two letters and more are left to back-off.
    """
    counts = _count(words, alphabet, order)
    probabilities, backs = _smooth(counts, order, least)
    keys = sorted(probabilities, key=lambda key: (key.bit_length(), -counts[key]))
    values = np.array([(_steps(probabilities[key]), _steps(backs.get(key, 1.0))) for key in keys], np.uint8)
    return LetterModel(order, build_table(np.array(keys, np.uint64), values))


def _count(words: Mapping[str, float], alphabet: Alphabet, order: int) -> Counter[int]:
    counts: Counter[int] = Counter()
    listed = list(words)
    weights = np.array([words[word] for word in listed])
    rows = alphabet.encode(listed)
    framed, ends = frame(rows, order), (rows > 0).sum(axis=1)
    for place in range(rows.shape[1] + 1):
        live = ends >= place
        for size in range(1, order + 1):
            keys, inverse = np.unique(ngram_keys(framed[live], place + order - 1, size), return_inverse=True)
            for key, count in zip(keys.tolist(), np.bincount(inverse, weights[live]), strict=True):
                counts[key] += float(count)  # type: ignore[assignment]
    return counts


def _smooth(counts: Counter[int], order: int, least: float) -> tuple[dict[int, float], dict[int, float]]:
    by_size: defaultdict[int, list[int]] = defaultdict(list)
    for key in counts:
        by_size[(key.bit_length() - 1) // 7].append(key)
    probabilities: dict[int, float] = {}
    backs: dict[int, float] = {}
    ones = by_size[_size_slot(1)]
    total = sum(counts[key] for key in ones)
    kinds = len(ones) + 1
    for key in ones:
        probabilities[key] = (counts[key] + kinds / 120) / (total + kinds)
    for size in range(2, order + 1):
        kept = [key for key in by_size[_size_slot(size)] if counts[key] >= least]
        _interpolate(kept, size, counts, probabilities, backs)
    return probabilities, backs


def _size_slot(size: int) -> int:
    """Where keys of n-grams of `size` letters lie by their number of bits."""
    return (size.bit_length() - 1 + 7 * size) // 7


def _interpolate(
    kept: list[int], size: int, counts: Counter[int], probabilities: dict[int, float], backs: dict[int, float]
) -> None:
    seen: defaultdict[int, list[int]] = defaultdict(list)
    for key in kept:
        seen[_context(key, size)].append(key)
    for context, keys in seen.items():
        total = sum(counts[key] for key in keys)
        new = len(keys) / (total + len(keys))
        backs[context] = new
        for key in keys:
            shorter = probabilities.get(_shorter(key, size), 1e-6)
            probabilities[key] = (1 - new) * counts[key] / total + new * shorter


def _context(key: int, size: int) -> int:
    """The key of the letters before the last one."""
    body = (key & ((1 << (7 * size)) - 1)) >> 7
    return ((size - 1) << (7 * (size - 1))) | body


def _shorter(key: int, size: int) -> int:
    """The key without its first letter."""
    return ((size - 1) << (7 * (size - 1))) | (key & ((1 << (7 * (size - 1))) - 1))


def _steps(probability: float) -> int:
    return int(min(255, max(0, round(-np.log(max(probability, 1e-12)) / STEP))))
