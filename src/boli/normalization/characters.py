"""Classes of characters that the rules speak of: closed sets, so that no answer changes with a Unicode version."""

import re
import unicodedata
from itertools import groupby


def _expand(ranges: str) -> frozenset[str]:
    """Read ``"0610-061A 0640"`` as a set of characters."""
    pairs = (part.partition("-") for part in ranges.split())
    return frozenset(chr(c) for low, _, high in pairs for c in range(int(low, 16), int(high or low, 16) + 1))


MARKS = _expand("0610-061A 064B-065F 0670 06D6-06DC 06DF-06E4 06E7 06E8 06EA-06ED 0898-089F 08CA-08E1 08E3-08FF")
"""Arabic combining marks (Unicode 14)."""

KASHIDA = "\N{ARABIC TATWEEL}"
TRANSPARENT = MARKS | {KASHIDA}
"""What a position in a word is blind to: marks and the kashida."""

LETTERS = _expand(
    "0620-063F 0641-064A 066E 066F 0671-06D3 06D5 06E5 06E6 06EE 06EF 06FA-06FC 06FF 0750-077F 0860-086A 0870-0887 "
    "0889-088E 08A0-08C9"
)
"""Arabic-script letters (Unicode 14), presentation forms not counted: the encoding level has expanded them."""

NON_JOINERS = frozenset(
    "\N{ARABIC LETTER HAMZA}\N{ARABIC LETTER ALEF WITH MADDA ABOVE}\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}"
    "\N{ARABIC LETTER WAW WITH HAMZA ABOVE}\N{ARABIC LETTER ALEF WITH HAMZA BELOW}\N{ARABIC LETTER ALEF}"
    "\N{ARABIC LETTER TEH MARBUTA}\N{ARABIC LETTER DAL}\N{ARABIC LETTER THAL}\N{ARABIC LETTER REH}"
    "\N{ARABIC LETTER ZAIN}\N{ARABIC LETTER WAW}\N{ARABIC LETTER HIGH HAMZA}\N{ARABIC LETTER AE}"
) | _expand("0671-0673 0675-0677 0688-0699 06C0 06C3-06CB 06CD 06CF 06D2 06D3 06EE 06EF 0759-075B 076B 076C 0771 0773 "
            "0774 0778 0779 08AA-08AC 08AE 08B1 08B2 08B9")
"""Letters that never join to the left (ArabicShaping.txt: types R and U), of those in `LETTERS`."""

ZWNJ = "\N{ZERO WIDTH NON-JOINER}"
ZWJ = "\N{ZERO WIDTH JOINER}"

SPACES = " \t\N{NO-BREAK SPACE}"
HARAKAT = _expand("064B-0652 0670")
"""Vowel signs, shadda, sukun, tanween and the dagger alef: what a vocalised text has."""

VOWELS = HARAKAT | frozenset("\u0653\u0656\u0657\u06e1\u06df")
"""What tells a vocalised word: `HARAKAT`, the maddah, and the vowel signs of South Asian prints of the Quran."""

ARABIC_ONLY = _expand("0621-063A 0641-064A 0671 06A9 06CC 06C1 06C3 06D2")
"""Letters of Arabic, with the look-alikes that a keyboard of Pakistan gives for kaf, yeh, heh and teh marbuta."""


def char_class(characters: frozenset[str] | set[str] | str) -> str:
    """Write characters as a regular-expression class that Python, `regex` and Oniguruma read alike.

    >>> char_class("ba-")
    '[\\\\-ab]'
    """
    return "[" + "".join(escape(c) for c in sorted(characters)) + "]"


def escape(character: str) -> str:
    r"""Escape one character for use in any of the regex dialects, inside or outside a class."""
    return "\\" + character if character in r"\^$.|?*+()[]{}-&~#" else character


# Code points that came after Unicode 9 and reorder or compose: the normalizers of `tokenizers` do not know them, and
# older Pythons do not either. They are left as they stand (found by comparing both over every code point).
_NEW = _expand(
    "07FD 0897-089F 08CA-08D3 09FE 0C3C 0D3B-0D3C 0EBA 0ECE 1715 1ABF-1ACE 1DF6-1DFA A82C 105C9 105E4 10D24-10D27 "
    "10D69-10D6D 10EAB-10EAC 10EFA-10EFF 10F46-10F50 10F82-10F85 11070 1133B 11383 11385 1138E 11391 113C5 113C7-113C8 "
    "113CE-113D0 113E1-113E2 1145E 11839-1183A 11938 1193D-1193E 11943 119E0 11A34 11A47 11A99 11D42 11D44-11D45 11D97 "
    "11F41-11F42 16121-16128 1612F 16D68-16D6A 16FF0-16FF1 1E08F 1E130-1E136 1E2AE 1E2EC-1E2EF 1E4EC-1E4EF 1E5EE-1E5EF"
)
# One range for all beyond U+FFFF: a class with dozens of ranges is looked through for every letter that is in none.
_PERHAPS_NEW = re.compile(f"{char_class({c for c in _NEW if c <= chr(0xFFFF)})[:-1]}\U00010000-\U0010ffff]")


_MANY = 64
# Where hundreds of marks may stand in a row: `unicodedata.normalize` sorts them in quadratic time.
_MANY_MARKS = re.compile(f"[^\0-\u02ff\u0621-\u064a\u0671-\u06d5]{{{_MANY},}}")


def _in_order(match: re.Match[str]) -> str:
    """Put marks in canonical order, of which `unicodedata.normalize` then has nothing to sort."""
    runs = groupby(match[0], lambda c: unicodedata.combining(c) != 0 and c not in _NEW)
    return "".join("".join(sorted(run, key=unicodedata.combining) if are_marks else run) for are_marks, run in runs)


def compose(text: str) -> str:
    """Return the canonical composition (NFC) of `text`, the same under every Unicode version since 9.

    Source: Unicode Standard Annex 15; characters that are newer than Unicode 9 are left as they stand.

    >>> compose("\\u0627\\u0653") == "\\N{ARABIC LETTER ALEF WITH MADDA ABOVE}"
    True
    """
    if unicodedata.is_normalized("NFC", text):
        return text  # then so is each piece between newer characters
    if len(text) > _MANY:
        text = _MANY_MARKS.sub(_in_order, text)
    parts, last = [], 0
    for new in _PERHAPS_NEW.finditer(text):
        if new[0] in _NEW:
            parts += [unicodedata.normalize("NFC", text[last : new.start()]), new[0]]
            last = new.end()
    return "".join([*parts, unicodedata.normalize("NFC", text[last:])])
