"""Teach a tagger from weighted pairs: align them, list the chunks worth a tag, train the network."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from boli.training.romanization.alignment import fit_aligner
from boli.training.romanization.network import Example, Schedule, TaggerNetwork, fit_network, weights_of
from boli.transliteration.tagger import FIRST_LETTER, Tagger, TaggerShape

Weights = Mapping[tuple[str, str], float]

REACH = {"reading": 2, "writing": 3}
"""The longest chunk: letters of the language's own script, or Roman letters."""

RAREST = {"reading": 20, "writing": 40}
"""A chunk of several letters needs so many occurrences to become a tag."""


@dataclass(frozen=True)
class _Aligned:
    language: str
    sources: list[str]
    chunks: list[list[str] | None]
    weights: list[float]


def teach_tagger(
    way: str,
    material: Mapping[str, Weights],
    schedule: Schedule,
    *,
    width: int,
    report: Callable[[str], object],
) -> Tagger:
    """Train the tagger of one way on the pairs of all languages.

    Args:
        way: ``reading`` (Roman letters to others) or ``writing``.
        material: language -> (native, roman) -> weight.
        schedule: of the network.
        width: of the network.
        report: is told how it goes, a line at a time.
    """
    aligned = [_align(way, language, weights) for language, weights in material.items()]
    tags = _worthy_tags(aligned, RAREST[way])
    letters = "".join(sorted({*"".join("".join(part.sources) for part in aligned)}))
    examples = _examples(aligned, tags, letters)
    report(f"{way}: {len(examples)} examples, {len(tags)} tags, {len(letters)} letters")
    shape = TaggerShape(len(letters) + FIRST_LETTER, len(aligned), len(tags), width)
    network = TaggerNetwork(shape, schedule.dropout)
    fit_network(network, examples, schedule, report=report)
    return Tagger(letters, tuple(material), tags, shape.dilations, weights_of(network))


def _align(way: str, language: str, weights: Weights) -> _Aligned:
    pairs = [(roman, native) if way == "reading" else (native, roman) for native, roman in weights]
    values = list(weights.values())
    aligner = fit_aligner(pairs, values, reach=REACH[way])
    return _Aligned(language, [source for source, _ in pairs], aligner.chunks_of(pairs), values)


def _worthy_tags(aligned: Sequence[_Aligned], rarest: int) -> tuple[str, ...]:
    total: Counter[str] = Counter()
    for part in aligned:
        counts = Counter(chunk for chunks in part.chunks if chunks for chunk in chunks)
        total.update({chunk: count for chunk, count in counts.items() if count >= rarest or len(chunk) == 1})
    return tuple(sorted(total))


def _examples(aligned: Sequence[_Aligned], tags: Sequence[str], letters: str) -> list[Example]:
    tag_number = {tag: number for number, tag in enumerate(tags)}
    letter_code = {letter: code for code, letter in enumerate(letters, start=FIRST_LETTER)}
    return [
        Example(
            number,
            tuple(letter_code[letter] for letter in source),
            tuple(tag_number[chunk] for chunk in chunks),
            weight,
        )
        for number, part in enumerate(aligned)
        for source, chunks, weight in zip(part.sources, part.chunks, part.weights, strict=True)
        if chunks and all(chunk in tag_number for chunk in chunks)
    ]
