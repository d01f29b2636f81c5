"""Who is named in the words of a data set: women and men, and the places of Pakistan."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from boli.datasets.phrases import Phrases, script_of
from boli.datasets.records import Record
from boli.datasets.tables import (
    GenderWord,
    PlaceName,
    read_gender_verbs,
    read_gender_words,
    read_places,
    read_provinces,
)

SPEAKER = "speaker"
"""The kind of verbs that tell who speaks; the other kinds are those of the table: name, kin, person."""


class GenderCount(NamedTuple):
    """Rows of one form with a word of one kind that is marked for women, and for men; a row may count for both."""

    tag: str
    kind: str
    women: int
    men: int
    rows: int


class ProvinceCount(NamedTuple):
    """Rows that name a place of a province, their share of the rows that name any place, and the province's share of
    the people, in percent (0: no census number). A row may name places of two provinces.
    """

    province: str
    rows: int
    share_percent: float
    people_percent: float
    places: tuple[tuple[str, int], ...]


def count_gender(records: Sequence[Record], texts: Sequence[str]) -> tuple[GenderCount, ...]:
    """Count rows with names, words and verbs that are marked for gender.

    Args:
        records: rows of any form; forms of other languages than boli's are left out.
        texts: the same rows at level `search`.
    """
    found: Counter[tuple[str, str, str]] = Counter()
    rows = Counter(record.tag for record in records if script_of(record.tag))
    for record, text in zip(records, texts, strict=True):
        if script_of(record.tag):
            found.update({(record.tag, kind, gender) for kind, gender in _marks(record.tag, text)})
    kinds = sorted({(tag, kind) for tag, kind, _ in found})
    return tuple(
        GenderCount(tag, kind, found[tag, kind, "f"], found[tag, kind, "m"], rows[tag]) for tag, kind in kinds
    )


def count_places(records: Sequence[Record], texts: Sequence[str]) -> tuple[ProvinceCount, ...]:
    """Count rows that name a city or district, by province, beside the province's share of the people."""
    places: dict[str, Counter[str]] = defaultdict(Counter)
    rows: Counter[str] = Counter()
    named_rows = 0
    for record, text in zip(records, texts, strict=True):
        named = set(_places(record.tag).find(text)) if script_of(record.tag) else set()
        named_rows += bool(named)
        rows.update({province for province, _ in named})
        for province, name in sorted(named):
            places[province][name] += 1
    people = {one.name: one.people for one in read_provinces()}
    total = sum(people.values())
    return tuple(
        ProvinceCount(
            province,
            rows[province],
            round(100 * rows[province] / max(named_rows, 1), 2),
            round(100 * number / total, 2),
            tuple(sorted(places[province].items(), key=lambda item: (-item[1], item[0]))[:5]),
        )
        for province, number in people.items()
    )


def _marks(tag: str, text: str) -> Iterator[tuple[str, str]]:
    yield from _gender_words(tag).find(text)
    for gender, pattern in _gender_verbs(tag):
        if pattern.search(text):
            yield SPEAKER, gender


@cache
def _gender_words(tag: str) -> Phrases[tuple[str, str]]:
    language = tag.partition("-")[0]
    entries = (word for word in read_gender_words() if word.language in ("", language))
    return Phrases([(text, (word.kind, word.gender)) for word in entries for text in _spellings(word, tag)], tag)


@cache
def _places(tag: str) -> Phrases[tuple[str, str]]:
    return Phrases([(text, (one.province, one.name)) for one in read_places() for text in _spellings(one, tag)], tag)


@cache
def _gender_verbs(tag: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((verb.gender, re.compile(verb.pattern)) for verb in read_gender_verbs() if verb.tag == tag)


def _spellings(entry: GenderWord | PlaceName, tag: str) -> Iterable[str]:
    return {"Arab": entry.arabic, "Latn": entry.roman}.get(script_of(tag), ())
