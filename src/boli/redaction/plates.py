"""Registration numbers of vehicles: by their form, or by a weaker form beside a word for a vehicle."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from boli.redaction.lines import Found, Line
from boli.redaction.tables import Cues, any_of, make_cues, read_rows, read_words

_BEFORE, _AFTER = 40, 25
"""Code points in which a word for a vehicle may stand before a plate, and behind it."""

_EDGE, _END = "(?<![\\w\\-./@#&=])", "(?![\\w@])(?![-./]\\w)"
_STOP = re.compile("[\n\ue000\N{ARABIC FULL STOP}]")


class _Rules(NamedTuple):
    sure: re.Pattern[str]
    weak: re.Pattern[str]
    spelled: re.Pattern[str]
    cues: Cues
    adjacent: Cues
    refused: frozenset[str]
    words: frozenset[str]


class _Places(NamedTuple):
    """Starts and ends of the words for vehicles in a line, in order."""

    starts: list[int]
    ends: list[int]


def find_plates(line: Line) -> Iterator[Found]:
    """Yield plates: sure forms anywhere in capitals, others beside a word for a vehicle, small letters right behind it.

    >>> [one.value for one in find_plates(Line.of("LEA-1234 aur A-1234"))]
    ['lea1234']
    """
    rules = _rules()
    for match in rules.sure.finditer(line.folded):
        if _is_plate(line, match, rules):
            yield _found(match.span(), match[0])
    cues = [match.span() for match in rules.cues.find(line)]
    if cues:
        yield from _beside(line, rules, _Places(*map(list, zip(*cues, strict=True))))


def _beside(line: Line, rules: _Rules, places: _Places) -> Iterator[Found]:
    for match in rules.weak.finditer(line.folded):
        if _is_plate(line, match, rules) and _is_near(line.folded, match.span(), places):
            yield _found(match.span(), match[0])
    for match in rules.adjacent.find(line):
        if _letters(match["plate"]) not in rules.words | rules.refused:
            yield _found(match.span("plate"), match["plate"])
    for match in rules.spelled.finditer(line.folded):
        if _is_near(line.folded, match.span(), places):
            yield _found(match.span(), match[0])


def _found(span: tuple[int, int], text: str) -> Found:
    return Found(*span, "".join(filter(str.isalnum, text)))


_LETTERS = re.compile("[a-z]*(?:-[a-z]+(?=-))?")


def _letters(plate: str) -> str:
    match = _LETTERS.match(plate)
    return match[0] if match else ""


def _is_plate(line: Line, match: re.Match[str], rules: _Rules) -> bool:
    letters = _letters(match[0])
    return line.raw[match.start() : match.start() + len(letters)].isupper() and letters not in rules.refused


def _is_near(folded: str, span: tuple[int, int], places: _Places) -> bool:
    start, end = span
    before = bisect_right(places.ends, start) - 1
    after = bisect_left(places.starts, end)
    if before >= 0 and start - places.ends[before] <= _BEFORE and not _STOP.search(folded, places.ends[before], start):
        return True
    is_close = after < len(places.starts) and places.starts[after] - end <= _AFTER
    return is_close and not _STOP.search(folded, end, places.starts[after])


@cache
def _rules() -> _Rules:
    vehicles, numbers = read_words("vehicles"), read_words("numbers")
    small = any_of([*numbers["word"], *numbers["link"], "plate"])
    plate = "(?P<plate>[a-z]{2,3}[ \\-]?(?:\\d\\d[ \\-])?\\d{3,4})"
    names = any_of(word for role, words in read_words("spelled").items() if not role.isdigit() for word in words)
    return _Rules(
        sure=_forms("no"),
        weak=_forms("yes"),
        spelled=re.compile(f"(?<!\\w){names}(?:[ \\-]{names}){{1,2}}[ \\-]{{1,3}}\\d{{2,4}}(?:-\\d{{2,4}})?(?!\\w)"),
        cues=make_cues(vehicles["cue"]),
        adjacent=make_cues(vehicles["cue"], f"[ :#]{{1,3}}(?:{small}[ :#.]{{1,3}}){{0,3}}{plate}{_END}"),
        refused=frozenset(vehicles["not"]),
        words=frozenset(vehicles["word"]),
    )


def _forms(cue: str) -> re.Pattern[str]:
    """Return the expression of the forms that need a word for a vehicle ("yes"), or of the others ("no")."""
    rows = read_rows("plates", ("pattern", "cue", "source"))
    forms = [row["pattern"] for row in rows if row["cue"] == cue]
    expressions = [form.replace("A", "[a-z]").replace("9", "\\d") for form in sorted(forms, key=len, reverse=True)]
    return re.compile(f"{_EDGE}(?:{'|'.join(expressions)}){_END}")
