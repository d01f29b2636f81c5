"""Spans that no rule may touch: links and names in any text, Quran and vocalised Arabic in Arabic script.

The patterns use only what Python's `re` and Oniguruma read alike, so that an exported tokenizer protects the same.
Each is linear: it starts at one place in a word, and scans ahead once.
"""

import re

from boli.normalization.characters import ARABIC_ONLY, KASHIDA, LETTERS, MARKS, VOWELS, char_class

_GUILLEMETS = "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"
_STOP = " \t\n\r\N{NO-BREAK SPACE}<>\"" + _GUILLEMETS
_LATIN = "0-9A-Za-z\u00c0-\u024f\u1e00-\u1eff\u0660-\u0669\u06f0-\u06f9"
# Nothing that may become a `w` stands before "www.", or drawn-out letters would be shortened with the address's own.
_BEFORE_URL = "wW\u0174\u0175\u1e80-\u1e89\u1e98\u0300-\u036f"
URL = f"(?<![{_BEFORE_URL}])(?:https?://|www\\.)[^{_STOP}]+"
EMAIL = f"(?<![{_LATIN}._%+\\-])[{_LATIN}._%+\\-]+" r"@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+"
HANDLE = f"(?<![{_LATIN}_\u0300-\u036f])[@#][{_LATIN}_]+"
CODE = "`[^`\n]+`"

LINKS = f"{URL}|{EMAIL}"
ROMAN = f"{LINKS}|{HANDLE}|{CODE}"
"""In Roman text @names, #tags and `code` are kept as well: they tell capitals from small letters."""

_BRACKETS = "\N{ORNATE LEFT PARENTHESIS}\N{ORNATE RIGHT PARENTHESIS}"
_VOWELS = char_class(VOWELS)
_PAUSES = "\N{ARABIC SMALL HIGH JEEM}\N{ARABIC SMALL HIGH MEEM INITIAL FORM}\N{ARABIC SMALL HIGH TAH}"
_GAP = f"[ \N{ARABIC COMMA},{_PAUSES}]{{1,4}}"
_WORD_CHARACTER = char_class(LETTERS | MARKS | {KASHIDA})


def quotation(alike: frozenset[str]) -> str:
    """Return the pattern of Quran and other vocalised Arabic.

    It is text between ornate parentheses, or two and more words of Arabic letters alone with vowel signs in two and
    more places each, with at most two short words between.

    Args:
        alike: letters beside those of Arabic that the language's rules turn into one of them.
    """
    letter = char_class(ARABIC_ONLY | alike | (MARKS - VOWELS) | {KASHIDA})
    any_sign = letter[:-1] + _VOWELS[1:]
    word = f"(?<!{_WORD_CHARACTER}){letter}+{_VOWELS}+{letter}+{_VOWELS}{any_sign}*(?!{_WORD_CHARACTER})"
    vocalised = f"{word}(?:{_GAP}(?:{any_sign}{{1,4}} ){{0,2}}{word})+"
    return f"[{_BRACKETS}][^{_BRACKETS}\n]*[{_BRACKETS}]|{vocalised}"


_VOWEL = re.compile(_VOWELS)


def may_link(text: str) -> bool:
    """Whether `text` may hold a link, name or code; cheap, never wrongly False."""
    return "@" in text or "://" in text or "www." in text or "#" in text or "`" in text


def may_quote(text: str) -> bool:
    """Whether `text` may hold a quotation; cheap, never wrongly False."""
    if _VOWEL.search(text) and len(_VOWEL.findall(text)) >= 4:
        return True
    return any(bracket in text for bracket in _BRACKETS)
