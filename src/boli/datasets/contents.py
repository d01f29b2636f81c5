"""What is in the words of a data set: other languages, ways of spelling, foreign characters, personal data."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from boli.datasets.phrases import script_of
from boli.datasets.records import Record
from boli.datasets.tables import read_styles
from boli.errors import MissingExtra
from boli.normalization import Normalizer
from boli.normalization.audit import CharacterAuditor
from boli.redaction import redact

MIXING_ROWS = 1000
"""Rows of a form whose words are identified, spread evenly; more cost time and change little."""

_SURE = 0.8


class Mixing(NamedTuple):
    """Code-mixing in one form: of `rows` rows looked at, `mixed` have a word that is surely of another language.

    `words` are all words of those rows, `english` and `others` those of English and of other languages.
    """

    tag: str
    rows: int
    mixed: int
    words: int
    english: int
    others: int


class StyleCount(NamedTuple):
    """Rows of one form that are spelled in one way."""

    tag: str
    group: str
    style: str
    rows: int
    of: int


class ForeignCount(NamedTuple):
    """Rows of one form with characters foreign to it, and the commonest: code point, name, count."""

    tag: str
    rows: int
    of: int
    characters: tuple[tuple[str, str, int], ...]


class PersonalCount(NamedTuple):
    """Rows with personal data of one kind, and how many such pieces there are."""

    kind: str
    rows: int
    pieces: int


def count_mixing(records: Sequence[Record]) -> tuple[Mixing, ...]:
    """Identify the words of some rows of each form and count those of another language than the row's.

    A word counts if the identifier gives its tag 0.8 or more; names and short words are often in doubt and do not.
    """
    return tuple(
        _mix(tag, _spread([record.text for record in rows], MIXING_ROWS)) for tag, rows in _by_form(records)
    )


def count_styles(records: Sequence[Record]) -> tuple[StyleCount, ...]:
    """Count rows in which each way of spelling shows, by form; ways that show nowhere are left out."""
    found = []
    for tag, rows in _by_form(records):
        for group, name, pattern in _styles(tag):
            count = sum(pattern.search(record.text) is not None for record in rows)
            found.append(StyleCount(tag, group, name, count, len(rows)))
    return tuple(one for one in found if one.rows)


def count_foreign(records: Sequence[Record]) -> tuple[ForeignCount, ...]:
    """Count rows with characters that are foreign to their form, see `boli.normalization.audit`."""
    found = []
    for tag, rows in _by_form(records):
        auditor = CharacterAuditor(Normalizer(tag))
        auditor.add([record.text for record in rows])
        audit = auditor.result()
        top = tuple((one.code, one.name, one.count) for one in audit.foreign[:5])
        found.append(ForeignCount(tag, audit.lines_with_foreign, len(rows), top))
    return tuple(found)


def count_personal(records: Sequence[Record]) -> tuple[PersonalCount, ...] | None:
    """Count rows with personal data by kind, by `boli.redact`; None where what it needs is not installed."""
    try:
        found = [[span.kind for span in redact(record.text).spans] for record in records]
    except MissingExtra:
        return None
    rows: Counter[str] = Counter()
    pieces: Counter[str] = Counter()
    for kinds in found:
        pieces.update(kinds)
        rows.update(set(kinds))
    return tuple(PersonalCount(kind, rows[kind], pieces[kind]) for kind in sorted(pieces))


def _by_form(records: Iterable[Record]) -> list[tuple[str, list[Record]]]:
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if script_of(record.tag):
            groups[record.tag].append(record)
    return sorted(groups.items())


def _mix(tag: str, texts: Sequence[str]) -> Mixing:
    from boli.identification import identify_words

    mixed = words = english = others = 0
    for text in texts:
        guesses = identify_words(text)
        strange = [one.tag for one in guesses if one.probability >= _SURE and not _is_of(one.tag, tag)]
        words += len(guesses)
        english += strange.count("en-Latn")
        others += len(strange) - strange.count("en-Latn")
        mixed += bool(strange)
    return Mixing(tag, len(texts), mixed, words, english, others)


def _is_of(word: str, tag: str) -> bool:
    """Chat Hindustani has no border, so Roman Hindi is not foreign in Roman Urdu."""
    return word in (tag, "und") or {word, tag} == {"hi-Latn", "ur-Latn"}


def _spread(texts: Sequence[str], most: int) -> list[str]:
    if len(texts) <= most:
        return list(texts)
    return [texts[at * len(texts) // most] for at in range(most)]


@cache
def _styles(tag: str) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    fits = {"*", f"*-{script_of(tag)}", tag}
    return tuple((one.group, one.name, re.compile(one.pattern)) for one in read_styles() if one.tag in fits)
