"""Read the pairs that teach transliteration: a word in its own script, a Roman spelling, how often it was attested."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from boli.transliteration.forms import fold_roman, native_form

LONGEST = 24
"""Pairs with a longer side are left out: they are glued words and sentences."""


@dataclass(frozen=True)
class Pair:
    """A word in its own script, a Roman spelling of it, and how many people wrote it so."""

    native: str
    roman: str
    count: int = 1


def read_lexicon(path: Path) -> Iterator[Pair]:
    """Read `native TAB roman [TAB attestations]`."""
    for line in path.read_text("utf-8").splitlines():
        fields = line.split("\t")
        if len(fields) >= 2:
            yield Pair(fields[0], fields[1], int(fields[2]) if len(fields) > 2 and fields[2].isdigit() else 1)


def clean_pairs(pairs: Iterable[Pair], tag: str) -> list[Pair]:
    """Bring both sides to the form that the network sees, add up what became equal, drop what is no word pair."""
    normalizer = native_form(tag)
    rows = list(pairs)
    natives = normalizer.batch([pair.native for pair in rows])
    counts: Counter[tuple[str, str]] = Counter()
    for pair, native in zip(rows, natives, strict=True):
        roman = fold_roman(pair.roman)
        if roman and native and " " not in native and max(len(roman), len(native)) <= LONGEST:
            counts[native, roman] += pair.count
    return [Pair(native, roman, count) for (native, roman), count in counts.items()]
