"""Count word pairs in running text and turn them into a context model.

Only hashed pairs are kept, so texts that may not be shipped may be counted here: nothing can be read back.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from boli.training.romanization.wordlists import words_of
from boli.transliteration.alphabet import Alphabet, word_keys
from boli.transliteration.context import START, STEP, ZERO, ContextModel, alone_key
from boli.transliteration.forms import native_form
from boli.transliteration.hashing import build_table, mix

TEXTS = {
    "ur-Arab": (
        "restricted/ur-Arab/makhzan.txt", "text/ur-Arab/dakshina_wikipedia.txt", "text/ur-Arab/common_voice.txt",
        "text/ur-Arab/pali.txt",
    ),
    "sd-Arab": (
        "text/sd-Arab/dakshina_wikipedia_train.txt", "text/sd-Arab/dakshina_wikipedia_valid.txt",
        "text/sd-Arab/ud_isra.txt", "text/sd-Arab/legal.txt",
    ),
    "pa-Guru": ("text/contrast/pa-Guru/common_voice.txt",),
    "pa-Arab": ("text/contrast/pa-Guru/common_voice.txt", "text/pa-Arab/udhr_pnb.txt"),
    "ps-Arab": ("text/ps-Arab/leipzig_news_2020.txt", "text/ps-Arab/voa.txt", "restricted/ps-Arab/oscar.txt"),
    "bal-Arab": ("text/bal-Arab/newspapers.txt", "text/bal-Arab/pali.txt"),
}  # fmt: skip
"""Tag -> files of running text, under the folder of the training data."""

_DISCOUNT = 0.75
_BATCH = 20_000


def read_sentences(paths: Iterable[Path], tag: str) -> Iterator[list[str]]:
    """Yield the words of every line, in native form."""
    form = native_form(tag)
    for path in paths:
        lines = path.read_text("utf-8").splitlines()
        for start in range(0, len(lines), _BATCH):
            for line in form.batch(lines[start : start + _BATCH]):
                yield words_of(line, tag)


def fit_context(
    sentences: Iterable[Sequence[str]], alphabet: Alphabet, *, most: int, weight: float, least: int = 2
) -> ContextModel:
    """Count word pairs and keep the `most` telling ones (absolute discounting; boosts over the words' own frequency).

    Args:
        sentences: lists of words.
        alphabet: of the words; others break a pair.
        most: pairs to keep, by count times size of the boost.
        weight: of the model beside the words' own scores.
        least: pairs counted less often are left out.
    """
    numbers: dict[str, int] = {"": 0}
    pairs: Counter[int] = Counter()
    singles: Counter[int] = Counter()
    for words in sentences:
        last = 0
        for word in words:
            this = numbers.setdefault(word, len(numbers))
            pairs[(last << 24) | this] += 1
            singles[this] += 1
            last = this
    return _build(list(numbers), pairs, singles, alphabet, most, weight, least)


def _build(
    words: list[str], pairs: Counter[int], singles: Counter[int], alphabet: Alphabet, most: int, weight: float,
    least: int,
) -> ContextModel:  # fmt: skip
    codes = np.fromiter(pairs.keys(), np.int64, len(pairs))
    counts = np.fromiter(pairs.values(), np.float64, len(pairs))
    left, right = codes >> 24, codes & 0xFFFFFF
    totals = np.bincount(left, counts, minlength=len(words))
    kept_of = np.bincount(left, np.where(counts >= least, counts - _DISCOUNT, 0.0), minlength=len(words))
    own = np.zeros(len(words))
    for word, count in singles.items():
        own[word] = count
    own /= own.sum()
    rest = np.maximum(1 - kept_of / np.maximum(totals, 1), 1e-3)
    kept = counts >= least
    left, right, counts = left[kept], right[kept], counts[kept]
    chance = (counts - _DISCOUNT) / totals[left] + rest[left] * own[right]
    boosts = np.log(chance / own[right])
    telling = counts * np.abs(boosts - np.log(rest[left]))
    best = np.argsort(-telling, kind="stable")[:most]
    keys = word_keys(alphabet.encode(words))
    keys[0] = START
    alone = np.flatnonzero(totals >= 2 * least)
    pair_keys = mix(keys[left[best]], keys[right[best]])
    all_keys = np.concatenate([alone_key(keys[alone]), pair_keys])
    values = np.concatenate([np.log(rest[alone]), boosts[best]])
    steps = np.clip(np.round(values / STEP) + ZERO, 0, 255).astype(np.uint8)
    _, first = np.unique(all_keys, return_index=True)
    first.sort()
    return ContextModel(build_table(all_keys[first], steps[first, None]), weight)
