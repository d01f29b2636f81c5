"""Tell quickly that a line holds nothing: most lines with digits hold a year, a price or a score."""

import re
from functools import cache
from typing import NamedTuple

from boli.redaction.lines import GAP, Line
from boli.redaction.tables import Cues, any_of, make_cues, read_words

_NUMBER = f"[0-9](?:[():{GAP[1:-1]}]{{0,4}}[0-9]){{8}}"
_PLATE = "-[0-9]{2}(?<=[a-z]{3}-..)"
_BEHIND_LETTER = "(?:(?<=[a-z].)|(?<=[a-z][ \\-\u200c].)|(?<=[a-z][ \\-\u200c]{2}.))"
_IBAN = f"[0-9]{_BEHIND_LETTER}[ \\-\u200c]{{0,2}}[0-9](?:[ \\-.\u200c]{{0,3}}[a-z0-9]{{4}}){{2}}"
_SHAPES = tuple(map(re.compile, (_NUMBER, "[@=+]", _PLATE, _IBAN)))
"""Nine digits that may be one number, a sign of a link, an e-mail address or a foreign number, the beginning of a sure
plate, an IBAN. Apart, each begins with one character and is many times faster than all in one."""

_CUES = {
    "births": ("noun", "verb"),
    "accounts": ("base", "strong"),
    "transactions": ("cue",),
    "vehicles": ("cue",),
    "addresses": ("house", "part"),
}


class _Cues(NamedTuple):
    """Cues; and apart from them those whose first word is a single letter, as in D.O.B., for it is everywhere."""

    long: Cues
    heads: frozenset[str]
    short: re.Pattern[str]


def may_hold(line: Line) -> bool:
    """Whether a line may hold personal data; cheap, never wrongly False.

    >>> [may_hold(Line.of(text)) for text in ("pakistan 1947 ko bana", "dob 1/1/90", "0300 1234567")]
    [False, True, True]
    """
    cues = _cues()
    if any(shape.search(line.folded) for shape in _SHAPES) or any(True for _ in cues.long.find(line)):
        return True
    return not cues.heads.isdisjoint(line.words) and bool(cues.short.search(line.folded))


@cache
def _cues() -> _Cues:
    """Return the cues that stand beside short numbers."""
    words = [word for name, roles in _CUES.items() for role in roles for word in read_words(name)[role]]
    short = [word for word in words if all(len(head) == 1 for head in make_cues([word]).heads)]
    heads = make_cues(short).heads
    return _Cues(make_cues(set(words) - set(short)), heads, re.compile(f"(?<![^\\W\\d_]){any_of(short)}"))
