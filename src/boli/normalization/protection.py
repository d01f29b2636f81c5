"""Spans that no rule may touch: links and names in any text, Quran and vocalised Arabic in Arabic script.

The patterns use only what Python's `re` and Oniguruma read alike, so that an exported tokenizer protects the same. Here
the spans are found once; an exported tokenizer finds them anew at each step: so nothing that a rule changes or takes
away may decide whether a span is one (an address glued to a letter or mark without a space is not promised). Each
pattern is linear: it starts at one place in a word, and scans ahead once.
"""

import re
from collections.abc import Iterable

from boli.normalization.characters import ARABIC_ONLY, KASHIDA, LETTERS, MARKS, VOWELS, ZWJ, ZWNJ, char_class, escape

_GUILLEMETS = "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"
_STOP = " \t\n\r\N{NO-BREAK SPACE}<>\"" + _GUILLEMETS
_LATIN = "0-9A-Za-z\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff\u0660-\u0669\u06f0-\u06f9"
URL = f"(?:https?://|(?<!w)w{{3,}}\\.)[^{_STOP}]+"
EMAIL = f"(?<![{_LATIN}._%+\\-])[{_LATIN}._%+\\-]+@[{_LATIN}\\-]+(?:\\.[{_LATIN}\\-]+)+"
HANDLE = f"[@#][{_LATIN}_]+"
CODE = "`[^`\n]+`"

LINKS = f"{URL}|{EMAIL}"
ROMAN = f"{LINKS}|{HANDLE}|{CODE}"
"""In Roman text @names, #tags and `code` are kept as well: they tell capitals from small letters."""

_BRACKETS = "\N{ORNATE LEFT PARENTHESIS}\N{ORNATE RIGHT PARENTHESIS}"
_VOWELS = char_class(VOWELS)
_PAUSES = "\N{ARABIC SMALL HIGH JEEM}\N{ARABIC SMALL HIGH MEEM INITIAL FORM}\N{ARABIC SMALL HIGH TAH}"
_SPACE = " \t\N{NO-BREAK SPACE}"
_GAP = f"[{_SPACE}\N{ARABIC COMMA},{_PAUSES}]{{1,4}}"
_INSIDE = frozenset({KASHIDA, ZWNJ, ZWJ})
_WORD_CHARACTER = char_class(LETTERS | MARKS | _INSIDE)


def quotation(alike: frozenset[str], begun: Iterable[str] = ()) -> str:
    """Return the pattern of Quran and other vocalised Arabic.

    It is text between ornate parentheses, or two and more words of Arabic letters alone with vowel signs in two and
    more places each, with at most two short words between.

    Args:
        alike: letters beside those of Arabic that the language's rules turn into one of them.
        begun: sequences that they turn into one, each of which begins with another letter.
    """
    first = "".join(f"|{escape(s[0])}(?={''.join(map(escape, s[1:]))})" for s in sorted(begun))
    inside = ARABIC_ONLY | alike | (MARKS - VOWELS) | _INSIDE
    classes = char_class(inside), char_class(inside | VOWELS)
    letter, any_sign = (f"(?:{one}{first})" if first else one for one in classes)
    word = f"(?<!{_WORD_CHARACTER}){letter}+{_VOWELS}+{letter}+{_VOWELS}{any_sign}*(?!{_WORD_CHARACTER})"
    vocalised = f"{word}(?:{_GAP}(?:{any_sign}{{1,4}}[{_SPACE}]){{0,2}}{word})+"
    return f"[{_BRACKETS}][^{_BRACKETS}\n]*[{_BRACKETS}]|{vocalised}"


_VOCALISED = re.compile(f"{_VOWELS}[^{_SPACE}\r\n\N{ARABIC COMMA},{_VOWELS[1:]}+{_VOWELS}")
"""Vowel signs in two places of a word (seen from outside: of what stands between spaces and commas)."""


def may_link(text: str) -> bool:
    """Whether `text` may hold a link, name or code (or a stand-in); cheap, never wrongly False."""
    return any(sign in text for sign in ("@", "://", "www.", "#", "`", HIDDEN_WORD, HIDDEN))


def may_quote(text: str) -> bool:
    """Whether `text` may hold a quotation; cheap, never wrongly False."""
    if len(_VOCALISED.findall(text)) > 1:
        return True
    return any(bracket in text for bracket in _BRACKETS)


HIDDEN_WORD, HIDDEN = "\ufdd0", "\ufdd1"
"""Noncharacters that stand in for protected spans: those that begin like a word, and the others."""

_HIDDEN_RUN = re.compile(f"{HIDDEN_WORD}+|{HIDDEN}+")


def hide(text: str, pattern: re.Pattern[str]) -> tuple[str, str]:
    """Put noncharacters in the place of protected spans, one for each character.

    Returns:
        The text of the same length, and the hidden characters in a row. A noncharacter of the text hides itself.
    """
    hidden: list[str] = []

    def cover(match: re.Match[str]) -> str:
        hidden.append(match[0])
        first = match[0][0]
        return (HIDDEN_WORD if first.isascii() and first.isalnum() else HIDDEN) * len(match[0])

    return pattern.sub(cover, text), "".join(hidden)


def reveal(text: str, hidden: str) -> str:
    """Put the hidden characters back."""
    at = 0

    def uncover(match: re.Match[str]) -> str:
        nonlocal at
        at += len(match[0])
        return hidden[at - len(match[0]) : at]

    return _HIDDEN_RUN.sub(uncover, text) if hidden else text
