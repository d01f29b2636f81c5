"""Bring a line to one spelling of digits, dashes, spaces and letters, character for character, so that offsets hold.

Folded text is for finding only and is never shown. Digits of all the scripts that people mix become ASCII, so that
libraries that know only those can check them.
"""

import re
import unicodedata
from functools import cache
from typing import Final

BARRIER: Final = "\ue000"
"""Stands in folded text where something was found; no pattern matches it or looks across it."""

HIDDEN: Final = "\u200c"
"""Stands in folded text for every invisible character."""

DIGITS: Final = "0-9\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u0a66-\u0a6f\uff10-\uff19\U0001d7ce-\U0001d7ff"
"""A character class without brackets: ASCII, Arabic-Indic, Persian, Devanagari, Gurmukhi, full-width, mathematical."""

BREAKS: Final = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"

_ZEROS = (0x0660, 0x06F0, 0x0966, 0x0A66, 0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6)
_INVISIBLE = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
_DASHES = "\N{ARABIC TATWEEL}\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d"
_SPACES = "\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_LETTERS = {
    "\N{ARABIC LETTER FARSI YEH}": "\N{ARABIC LETTER YEH}\N{ARABIC LETTER ALEF MAKSURA}"
    "\N{ARABIC LETTER E}\N{ARABIC LETTER YEH WITH TAIL}",
    "\N{ARABIC LETTER KEHEH}": "\N{ARABIC LETTER KAF}\N{ARABIC LETTER SWASH KAF}",
    "\N{ARABIC LETTER GAF}": "\N{ARABIC LETTER KAF WITH RING}",
    "\N{ARABIC LETTER HEH GOAL}": "\N{ARABIC LETTER HEH}\N{ARABIC LETTER HEH DOACHASHMEE}\N{ARABIC LETTER AE}"
    "\N{ARABIC LETTER TEH MARBUTA}\N{ARABIC LETTER TEH MARBUTA GOAL}\N{ARABIC LETTER HEH GOAL WITH HAMZA ABOVE}"
    "\N{ARABIC LETTER HEH WITH YEH ABOVE}",
    "\N{ARABIC LETTER ALEF}": "\N{ARABIC LETTER ALEF WITH MADDA ABOVE}\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}"
    "\N{ARABIC LETTER ALEF WITH HAMZA BELOW}\N{ARABIC LETTER ALEF WASLA}",
    "\N{ARABIC LETTER WAW}": "\N{ARABIC LETTER WAW WITH HAMZA ABOVE}",
}
_SIGNS = {
    ",": "\N{ARABIC COMMA}\N{ARABIC THOUSANDS SEPARATOR}\N{REVERSED COMMA}\uff0c",
    ".": "\N{ARABIC DECIMAL SEPARATOR}\uff0e",
    "?": "\N{ARABIC QUESTION MARK}\uff1f",
    ";": "\N{ARABIC SEMICOLON}\N{REVERSED SEMICOLON}",
    "+": "\uff0b",
    "@": "\uff20",
    "(": "\uff08",
    ")": "\uff09",
    ":": "\uff1a",
    "/": "\uff0f\u2044",
    "#": "\uff03",
    "=": "\uff1d",
}


def fold(line: str) -> str:
    """Return a line of the same length in one spelling.

    >>> fold("CNIC ۳۵۲۰۲–١٢٣"), len(fold("a\u200eb"))
    ('cnic 35202-123', 3)
    """
    return line.translate(_table())


@cache
def _table() -> dict[int, str]:
    table = {zero + digit: str(digit) for zero in _ZEROS for digit in range(10)}
    table |= _latin() | {ord(BARRIER): "\ufffd"}
    for target, sources in {**_LETTERS, **_SIGNS, HIDDEN: _INVISIBLE, "-": _DASHES, " ": _SPACES, "\n": BREAKS}.items():
        table |= dict.fromkeys(_members(sources), target)
    return table


def _members(ranges: str) -> list[int]:
    """Code points of a character class without brackets."""
    found: list[int] = []
    for first, last in re.findall("(.)(?:-(.))?", ranges, re.DOTALL):
        found += range(ord(first), ord(last or first) + 1)
    return found


def _latin() -> dict[int, str]:
    """Capital or accented Latin letter -> its small, bare letter."""
    letters = [chr(code) for code in (*range(0x41, 0x5B), *range(0xC0, 0x250), *range(0x1E00, 0x1F00))]
    bare = {letter: unicodedata.normalize("NFD", letter)[0].lower() for letter in letters}
    return {ord(letter): base for letter, base in bare.items() if "a" <= base <= "z"}
