"""Spellings of one word that differ by letters which writers take for the same: keep the commoner one."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

Weights = dict[tuple[str, str], float]

ALIKE = {"sd-Arab": {"\N{ARABIC LETTER HEH DOACHASHMEE}": "\N{ARABIC LETTER HEH}"}}
"""Sindhi writes aspiration and /h/ with either letter (counts in `data/langs/sd/README.md`)."""


@dataclass(frozen=True)
class Merged:
    """Counts and pairs with one spelling for each word; `chosen` says which, by the word without the difference."""

    counts: dict[str, float]
    pairs: Weights
    chosen: Mapping[str, str]
    alike: Mapping[int, str]

    def spell(self, word: str) -> str:
        """Return the spelling that was kept."""
        return self.chosen.get(word.translate(self.alike), word)


def merge_variants(tag: str, counts: Mapping[str, float], pairs: Weights) -> Merged:
    """Merge the variants of a language's words; other languages stay as they are."""
    alike = str.maketrans(ALIKE.get(tag, {}))
    if not alike:
        return Merged(dict(counts), pairs, {}, {})
    best: dict[str, str] = {}
    for word in sorted({*counts, *(native for native, _ in pairs)}, key=lambda word: (-counts.get(word, 0), word)):
        best.setdefault(word.translate(alike), word)
    totals: defaultdict[str, float] = defaultdict(float)
    for word, count in counts.items():
        totals[best[word.translate(alike)]] += count
    merged: defaultdict[tuple[str, str], float] = defaultdict(float)
    for (native, roman), weight in pairs.items():
        merged[best[native.translate(alike)], roman] += weight
    return Merged(dict(totals), dict(merged), best, alike)
