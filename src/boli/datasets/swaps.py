"""Swap what a text may differ in without meaning something else: a name, a place, the speaker's gender, a spelling."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise, zip_longest
from typing import NamedTuple

import regex

from boli.datasets.phrases import Phrases, script_of
from boli.datasets.records import Record
from boli.datasets.tables import (
    CommunityName,
    GenderWord,
    PlaceName,
    read_communities,
    read_gender_verbs,
    read_gender_words,
    read_places,
    read_variants,
)
from boli.normalization import Normalizer
from boli.normalization.tables import language_rows

_WORD = regex.compile(r"[\p{L}\p{M}\p{So}]+")
_PIECE = re.compile(r"\\[wb]|\([^()]*\)| \?|[^\\() ]+| ")
_PROGRAMME = re.compile("benazir|\u0646\u0638\u06cc\u0631")
"""In messages about money this is the name of a programme of the state, not of a person."""

_PLAIN = "Muslim"
"""The community whose given names take the place of a name of the other gender: it is that of most people counted."""


class Found(NamedTuple):
    """A piece of a text, in code points, and what it was found as."""

    start: int
    end: int
    meaning: str


def swap_gender(record: Record, dice: random.Random) -> str | None:
    """Put a man's given name in the place of a woman's, or the other way round; None where none is named.

    Verbs and adjectives that agree with the name stay as they are.

    >>> swap_gender(Record("nazia ko 500 bhejo", "ur-Latn", ""), random.Random(0)) != "nazia ko 500 bhejo"
    True
    """
    found = _first(_find_names(record, _gender_names))
    if found is None:
        return None
    wanted = "m" if found.meaning == "f" else "f"
    given = [name for name in _named("given") if (name.community, name.gender) == (_PLAIN, wanted)]
    return _put(record, found, given, dice)


def swap_community(record: Record, dice: random.Random) -> str | None:
    """Put a name of another community in the place of a name: a given name of the same gender, or a family name."""
    found = _first(_find_names(record, _community_names))
    if found is None:
        return None
    kind, gender, community = found.meaning.split("/")
    others = [name for name in _named(kind) if name.gender == gender and name.community != community]
    return _put(record, found, others, dice)


def swap_place(record: Record, dice: random.Random) -> str | None:
    """Put a city or district of another province in the place of one."""
    found = _first(_find(record, _place_names))
    if found is None:
        return None
    return _put(record, found, [place for place in read_places() if place.province != found.meaning], dice)


def swap_speaker(record: Record, _: random.Random) -> str | None:
    """Let a man say what a woman says, or the other way round, where one verb tells it.

    >>> swap_speaker(Record("main kal aaungi", "ur-Latn", ""), random.Random())
    'main kal aaunga'
    """
    for one, other in _speaker_patterns(record.tag):
        pattern = re.compile("".join(map(_capture, one)), re.IGNORECASE)
        match = next(
            (each for each in pattern.finditer(record.text) if _is_inside(record.text, each.start(), one)), None
        )
        if match:
            parts = (_exchange(a, b, got) for a, b, got in zip(one, other, match.groups(), strict=True))
            return record.text[: match.start()] + "".join(parts) + record.text[match.end() :]
    return None


def respell_roman(record: Record, dice: random.Random) -> str | None:
    """Spell one word of a Roman text as others spell it: a short form of chat, or other letters for the same sound."""
    if script_of(record.tag) != "Latn":
        return None
    choices = list(_respellings(record))
    return dice.choice(choices) if choices else None


def swap_letters(record: Record, _: random.Random) -> str | None:
    """Write a text in Arabic script as another keyboard does, with letters that level `standard` brings back.

    >>> text = swap_letters(Record("یہ کیا ہے", "ur-Arab", ""), random.Random())
    >>> text != "یہ کیا ہے" and Normalizer("ur")(text) == "یہ کیا ہے"
    True
    """
    if script_of(record.tag) != "Arab":
        return None
    normalizer, text = _normalizer(record.tag, "standard"), record.text
    wanted = normalizer(text)
    for native, foreign in _keyboard(record.tag):
        if native not in text:
            continue
        changed = text.replace(native, foreign)
        text = changed if normalizer(changed) == wanted else text
    return text if text != record.text else None


def _is_inside(text: str, start: int, pattern: Sequence[str]) -> bool:
    """Whether a letter stands before a pattern of an ending: Pashto's postposition "in" ends as a participle does."""
    return pattern[0] != r"\w" or text[start - 1 : start].isalpha()


def _find_names(record: Record, make: Callable[[str], Phrases[str]]) -> list[Found]:
    """Names that are no part of the name of a place (Faisal in Faisalabad)."""
    places = _find(record, _place_names)
    return [one for one in _find(record, make) if not any(p.start < one.end and one.start < p.end for p in places)]


def _find(record: Record, make: Callable[[str], Phrases[str]]) -> list[Found]:
    if not script_of(record.tag):
        return []
    phrases = make(record.tag)
    matches = list(_WORD.finditer(record.text))
    words = tuple(_search_word(match[0], record.tag) for match in matches)
    return [
        Found(matches[start].start(), matches[end - 1].end(), meaning)
        for start, end, meaning in phrases.find_words(words)
    ]


@lru_cache(maxsize=1 << 16)
def _search_word(word: str, tag: str) -> str:
    return _normalizer(tag, "search")(word).casefold()


@cache
def _normalizer(tag: str, level: str) -> Normalizer:
    return Normalizer(tag, level=level)


def _first(found: Sequence[Found]) -> Found | None:
    """The first piece, with those right after it of the same gender or community: "Muhammad Ali" is one name."""
    if not found:
        return None
    end = found[0].end
    for one, other in pairwise(found):
        if other.meaning.split("/")[-1] != one.meaning.split("/")[-1] or other.start - one.end != 1:
            break
        end = other.end
    return found[0]._replace(end=end)


def _put(record: Record, found: Found, entries: Sequence[CommunityName | PlaceName], dice: random.Random) -> str | None:
    names = [name for entry in entries if (name := _spell(entry, record.tag))]
    if not names:
        return None
    name, before = dice.choice(names), record.text[found.start : found.end]
    name = name.title() if before[:1].isupper() else name
    return record.text[: found.start] + name + record.text[found.end :]


def _spell(entry: CommunityName | PlaceName, tag: str) -> str:
    spellings = entry.arabic if script_of(tag) == "Arab" else entry.roman
    return _normalizer(tag, "standard")(spellings[0]) if spellings else ""


@cache
def _gender_names(tag: str) -> Phrases[str]:
    language = tag.partition("-")[0]
    words = [word for word in read_gender_words() if word.kind == "name" and word.language in ("", language)]
    names: list[GenderWord | CommunityName] = [*words, *_named("given")]
    pairs = [(text, name.gender) for name in names for text in _spellings(name, tag)]
    return Phrases([pair for pair in pairs if not _PROGRAMME.search(pair[0])], tag)


@cache
def _community_names(tag: str) -> Phrases[str]:
    entries = [(name, f"{name.kind}/{name.gender}/{name.community}") for name in read_communities()]
    return Phrases([(text, meaning) for name, meaning in entries for text in _spellings(name, tag)], tag)


@cache
def _place_names(tag: str) -> Phrases[str]:
    return Phrases([(text, place.province) for place in read_places() for text in _spellings(place, tag)], tag)


def _spellings(entry: GenderWord | CommunityName | PlaceName, tag: str) -> tuple[str, ...]:
    return {"Arab": entry.arabic, "Latn": entry.roman}.get(script_of(tag), ())


def _named(kind: str) -> list[CommunityName]:
    return [name for name in read_communities() if name.kind == kind]


@cache
def _speaker_patterns(tag: str) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Pairs of patterns cut into pieces that correspond, both ways; pairs that do not correspond are left out."""
    women, men = ([verb.pattern for verb in read_gender_verbs() if (verb.tag, verb.gender) == (tag, g)] for g in "fm")
    found = []
    for one, other in zip_longest(women, men, fillvalue=""):
        first, second = (tuple(_PIECE.findall(pattern)) for pattern in (one, other))
        found += [(a, b) for a, b in ((first, second), (second, first)) if _correspond(a, b)]
    return tuple(found)


def _correspond(one: Sequence[str], other: Sequence[str]) -> bool:
    if len(one) != len(other) or one == other:
        return False
    different = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    if any("?" in piece or "\\" in piece for pair in different for piece in pair):
        return False
    counts = [(len(_options(a)), len(_options(b))) for a, b in different]
    return all(a == b or b == 1 for a, b in counts)


def _capture(piece: str) -> str:
    return piece if piece.startswith("(") else f"({piece})"


def _options(piece: str) -> list[str]:
    return piece.removeprefix("(").removesuffix(")").split("|")


def _exchange(one: str, other: str, got: str) -> str:
    if one == other:
        return got
    options, others = _options(one), _options(other)
    return others[options.index(got.lower())] if len(options) == len(others) else others[0]


def _respellings(record: Record) -> Iterator[str]:
    text = record.text
    for long, short in _short_forms(record.tag):
        for match in re.finditer(rf"\b{re.escape(long)}\b", text):
            yield text[: match.start()] + short + text[match.end() :]
    for variant in read_variants():
        if variant.tag in (record.tag, "*-Latn"):
            for match in re.finditer(rf"(?<=[a-z]){variant.before}|{variant.before}(?=[a-z])", text):
                yield text[: match.start()] + variant.after + text[match.end() :]


@cache
def _short_forms(tag: str) -> tuple[tuple[str, str], ...]:
    rows = language_rows(tag.partition("-")[0], "Latn", "standard")
    return tuple((row.target, row.source) for row in rows if row.where == "word" and row.source != row.target)


@cache
def _keyboard(tag: str) -> tuple[tuple[str, str], ...]:
    """Letter of the language -> look-alike of another keyboard, one each, from the rows of the tables."""
    language = tag.partition("-")[0]
    rows = [row for level in ("visual", "standard") for row in language_rows(language, "Arab", level)]
    found: dict[str, str] = {}
    for row in rows:
        if len(row.source) == len(row.target) == 1:
            found.setdefault(row.target, row.source)
    return tuple(found.items())
