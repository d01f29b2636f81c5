"""Count a corpus by language, then weigh the languages against each other."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from boli.errors import ConfigError, DataError
from boli.languages import LANGUAGES
from boli.normalization import Normalizer
from boli.tokenization.recipes import CorpusSpec, LanguageSpec, Recipe
from boli.tokenization.sources import Maker, hash_texts, read_source
from boli.tokenization.words import WordCounter, keep_commonest

Report = Callable[[str], None]
"""Told what goes on, a line at a time."""

_TOTAL = 12_000_000
"""Units that the mix counts altogether: enough that what is rarer than one of them would not become a piece."""

_ENLARGED = 20
"""How many times a small corpus is counted at most, so that rounding loses none of its rare words."""


@dataclass
class Counted:
    """What was counted of one language. standard, typed: units of its normalized and of its typed text."""

    limit: int
    characters: int = 0
    lines: int = 0
    by_source: dict[str, int] = field(default_factory=dict)
    standard: Counter[str] = field(default_factory=Counter)
    typed: Counter[str] = field(default_factory=Counter)


class Share(NamedTuple):
    """How much a language has, and how much of the mix it makes up: characters, lines, share from 0 to 1."""

    tag: str
    characters: int
    lines: int
    share: float


def count_corpus(
    recipe: Recipe, root: Path, makers: Mapping[str, Maker], report: Report
) -> tuple[dict[str, Counted], str]:
    """Normalize and count every source; return what was counted by language, and the sha256 of the text.

    Each text is normalized by the rules of its own language at `standard`.

    Raises:
        ConfigError: a language of the mix has no text.
        DataError: no text at all.
    """
    total = hashlib.sha256()
    found = {tag: Counted(recipe.corpus.distinct) for tag in recipe.languages}
    for source in recipe.sources:
        language, counted = recipe.languages[source.tag], found[source.tag]
        standard, typed = WordCounter(counted.limit), WordCounter(counted.limit)
        own, neutral = normalizer_of(source.tag), Normalizer("und", level="encoding")
        lines = 0
        for texts in read_source(source, root, makers, recipe.corpus.seed):
            hash_texts(total, texts)
            lines += len(texts)
            standard.add(own.batch(texts))
            if language.as_typed:
                typed.add(neutral.batch(texts))
        counted.standard = _pour(counted.standard, standard.counts, source.weight, counted.limit)
        counted.typed = _pour(counted.typed, typed.counts, source.weight, counted.limit)
        counted.characters, counted.lines = counted.characters + standard.characters, counted.lines + lines
        counted.by_source[source.name] = standard.characters
        report(f"read {source.tag} {source.name}: {lines:,} lines, {standard.characters:,} characters")
    _check_counted(found)
    return found, total.hexdigest()


def normalizer_of(tag: str, level: str = "standard") -> Normalizer:
    """Return the normalizer of a language, or the neutral one for a language that boli has no rules for."""
    return Normalizer(tag, level=level) if tag.partition("-")[0] in LANGUAGES else Normalizer("und", level="encoding")


def _pour(into: Counter[str], counts: Counter[str], weight: float, limit: int) -> Counter[str]:
    for unit, count in counts.items():
        into[unit] += count * weight  # type: ignore[assignment]
    return keep_commonest(into, limit)[0]


def _check_counted(found: Mapping[str, Counted]) -> None:
    if not any(each.standard for each in found.values()):
        raise DataError("no text to learn a vocabulary from: got nothing or only spaces; expected sentences")
    empty = [tag for tag, each in found.items() if not each.standard]
    if empty:
        raise ConfigError(
            f"no text in {', '.join(empty)}, which the mix must have; give a source with text, or take"
            f" [languages.{empty[0]}] out"
        )


def shares_of(
    found: Mapping[str, Counted], corpus: CorpusSpec, languages: Mapping[str, LanguageSpec]
) -> tuple[Share, ...]:
    """Return the share of each language: characters ** temperature times its weight, out of 1.

    >>> found = {"ur-Arab": Counted(9, characters=10_000), "bal-Arab": Counted(9, characters=100)}
    >>> both = {"ur-Arab": LanguageSpec(), "bal-Arab": LanguageSpec()}
    >>> [round(each.share, 3) for each in shares_of(found, CorpusSpec(temperature=0.5), both)]
    [0.909, 0.091]
    """
    sizes = {tag: each.characters**corpus.temperature * languages[tag].weight for tag, each in found.items()}
    whole = sum(sizes.values())
    return tuple(Share(tag, each.characters, each.lines, sizes[tag] / whole) for tag, each in found.items())


def mix_counts(found: Mapping[str, Counted], recipe: Recipe) -> dict[str, int]:
    """Return one count for each unit: languages by their shares of characters, typed text by `as_typed`."""
    mixed: Counter[str] = Counter()
    for share in shares_of(found, recipe.corpus, recipe.languages):
        counted, typed = found[share.tag], recipe.languages[share.tag].as_typed
        for counts, part in ((counted.standard, 1 - typed), (counted.typed, typed)):
            size = sum(len(unit) * count for unit, count in counts.items())
            factor = share.share * part / size if size else 0.0
            for unit, count in counts.items():
                mixed[unit] += count * factor  # type: ignore[assignment]
    scale = min(_TOTAL, _ENLARGED * sum(each.standard.total() for each in found.values())) / (sum(mixed.values()) or 1)
    return {unit: rounded for unit, share in mixed.items() if (rounded := round(share * scale))}
