"""Invent Roman spellings of words that nobody spelt for us, with the writing tagger: more pairs for the reading one.

So the reading tagger meets the words of running text, and the languages for which few pairs exist get theirs from the
habits of the others (back-translation, as Sennrich, Haddow and Birch 2016 did for sentences).
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from boli.training.romanization.pairs import LONGEST
from boli.transliteration.tagger import Tagger

_UNLIKELY = 0.03
"""Chunks below this probability are never drawn."""

_BATCH = 2000


class Quota(NamedTuple):
    """How many of the commonest words are spelt, and how many times each."""

    words: int
    times: int


QUOTAS = {
    "ur-Arab": Quota(80_000, 3),
    "sd-Arab": Quota(60_000, 3),
    "pa-Guru": Quota(18_000, 3),
    "pa-Arab": Quota(18_000, 3),
    "ps-Arab": Quota(60_000, 2),
    "bal-Arab": Quota(13_000, 3),
}


def invent_pairs(
    writing: Tagger, language: str, counts: Mapping[str, float], quota: Quota, seed: int = 5
) -> dict[tuple[str, str], float]:
    """Return (native, roman) -> weight; common words weigh more, by the fourth root of their count."""
    dice = np.random.default_rng(seed)
    common = sorted(counts, key=lambda word: (-counts[word], word))[: quota.words]
    by_length: defaultdict[int, list[str]] = defaultdict(list)
    for word in common:
        if len(word) < LONGEST:
            by_length[len(word)].append(word)
    invented: defaultdict[tuple[str, str], float] = defaultdict(float)
    for words in by_length.values():
        for start in range(0, len(words), _BATCH):
            batch = words[start : start + _BATCH]
            chances = np.exp(writing.scores(writing.codes(batch), language))
            chances[chances < _UNLIKELY] = 0
            sums = (chances / chances.sum(axis=2, keepdims=True)).cumsum(axis=2)
            for _ in range(quota.times):
                drawn = (sums < dice.random(sums.shape[:2])[:, :, None]).sum(axis=2)
                for word, tags in zip(batch, np.minimum(drawn, len(writing.tags) - 1), strict=True):
                    roman = "".join(writing.tags[tag] for tag in tags)
                    if 0 < len(roman) <= LONGEST:
                        invented[word, roman] += 0.5 * min(counts[word] ** 0.25, 4.0) / quota.times
    return dict(invented)
