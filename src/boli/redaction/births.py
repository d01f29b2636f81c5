"""Dates of birth: a date is personal only beside a word for birth."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from boli.redaction.folding import BARRIER
from boli.redaction.lines import Found, Line
from boli.redaction.tables import Cues, any_of, make_cues, read_words

_DAY = "(?:0?[1-9]|[12]\\d|3[01])"
_YEAR = "(?:1[3-9]\\d\\d|20\\d\\d)"
_POINT = "[ \u200c]?[\\-./][ \u200c]?"
_SOFT = "[ \u200c,.\\-/]{0,3}"
_NEAR = "(?:[^\\d\n!?.\ue000\N{ARABIC FULL STOP}]|\\.(?!\\s))"
_BEHIND = "[^\\d\n!?,.;\ue000\N{ARABIC FULL STOP}]"
_BEFORE, _AFTER = 40, 25
"""Code points that may stand between the cue and the date, and between the date and the cue."""


class _Rules(NamedTuple):
    nouns: Cues
    verbs: Cues
    behind: re.Pattern[str]
    date: re.Pattern[str]
    stop: re.Pattern[str]


def find_birthdates(line: Line) -> Iterator[Found]:
    """Yield dates behind a word for birth, or before one in the same clause; a year alone is no date.

    A verb (was born) takes the date before it if there is one, a noun (date of birth) the date behind it.

    >>> [one.value for one in find_birthdates(Line.of("dob: 12-3-1990, joined 1/1/2010"))]
    ['12-3-1990']
    """
    rules = _rules()
    for cues, is_verb in ((rules.nouns, False), (rules.verbs, True)):
        for cue in cues.find(line):
            behind, before = _behind(line, cue.end(), rules), _before(line, cue.start(), rules.date)
            if is_verb and _TAKEN.search(line.folded, max(0, cue.start() - _AFTER - 1), cue.start()):
                continue
            span = (before or behind) if is_verb else (behind or before)
            if span:
                yield _found(line, *span)


def _behind(line: Line, cue: int, rules: _Rules) -> tuple[int, int] | None:
    """Return the first date behind a cue, if only words stand between and none of them is about another date."""
    match = rules.behind.match(line.folded, cue)
    if not match or rules.stop.search(line.folded, cue, match.start("date")):
        return None
    return match.span("date")


def _before(line: Line, cue: int, date: re.Pattern[str]) -> tuple[int, int] | None:
    """Return the last date before a cue, if only a few words stand between."""
    matches = list(date.finditer(line.folded, max(0, cue - _AFTER - 40), cue))
    if matches and _CLEAR.fullmatch(line.folded, matches[-1].end(), cue):
        return matches[-1].span()
    return None


_CLEAR = re.compile(f"{_BEHIND}{{0,{_AFTER}}}")
_TAKEN = re.compile(f"{BARRIER}{_BEHIND}*\\Z")
_RUN = re.compile("[^\\W_]+")


def _found(line: Line, start: int, end: int) -> Found:
    """The value is day, month and year in the order of the text; written months become numbers."""
    numbers = {month: role for role, words in read_words("months").items() for month in words}
    parts = [numbers.get(part, part).lstrip("0") for part in _RUN.findall(line.folded[start:end])]
    return Found(start, end, "-".join(parts))


@cache
def _rules() -> _Rules:
    births = read_words("births")
    months = any_of(word for words in read_words("months").values() for word in words)
    ordinal, glue = "(?:st|nd|rd|th)?", "(?:of |da |\N{ARABIC LETTER DAL} )?"
    date = (
        f"(?<![\\w/])(?:{_DAY}{_POINT}{_DAY}{_POINT}(?:{_YEAR}|\\d\\d)"
        f"|{_YEAR}{_POINT}{_DAY}{_POINT}{_DAY}"
        f"|{_YEAR}{_SOFT}{months}{_SOFT}{_DAY}"
        f"|{_DAY}{ordinal}{_SOFT}{glue}{months}(?:{_SOFT}{_YEAR}|[ ]?[\\-/][ ]?\\d\\d)?"
        f"|{months}{_SOFT}{_DAY}{ordinal}{_SOFT}{_YEAR}|(?=[a-z]){months}{_SOFT}{_DAY}{ordinal})(?![\\d/])(?!-\\d)"
    )
    return _Rules(
        nouns=make_cues(births["noun"]),
        verbs=make_cues(births["verb"]),
        behind=re.compile(f"\\.?{_NEAR}{{0,{_BEFORE}}}?(?P<date>{date})"),
        date=re.compile(date),
        stop=re.compile(f"(?<!\\w){any_of(births['stop'])}"),
    )
