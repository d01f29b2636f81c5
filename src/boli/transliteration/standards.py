"""Romanization by BGN/PCGN: Urdu 2007, Pashto 1968, Balochi 2008, by tables of ``data/schemes/bgn-pcgn``.

The standards romanize names whose vowel signs have been written in. A word with vowel signs is read as they read it: a
consonant without a sign has no vowel. In a word without signs the short vowels are unknown; each place where one may
stand is marked ``*``, none is invented.
"""

import re
from functools import cache

from boli.transliteration.letters import WORD, Row, Rules, read_rows

_UNKNOWN = "\ue000"
"""Stands for ``*`` while the rules run."""

_ARABIC_WORD = re.compile("[\u0620-\u065f\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f]+")
_SIGNS = re.compile("(?<!\u0621)[\u064e-\u0650\u0652\u0659](?=.)")
"""Vowel signs that say that a word was vowelled: not an izafat at its end, nor the endings of Balochi on hamza."""

_VOWELS = "\u064b-\u0650\u0656\u0657\u0659\u0670"
_SHADDA_AFTER_VOWEL = re.compile(f"(?<![{_VOWELS}])([{_VOWELS}]+)(\u0651)")
"""Canonical order puts the shadda behind the vowel sign; the tables want it at its letter."""

_NAME = re.compile(r"(?<!\S)([\u2018\u2019\u02bb\u02bc]*)(\w\S*)")
_SEMIVOWELS = "\N{ARABIC LETTER WAW}\N{ARABIC LETTER FARSI YEH}\N{ARABIC LETTER YEH}"
_ALEF = "\N{ARABIC LETTER ALEF}"


class Standard:
    """One standard, from Arabic script to Roman letters.

    >>> load_standard("ur")("عَمَل كوٹ کتاب")
    '‘amal koṭ k*tāb'
    >>> load_standard("ur")("عَمَل كوٹ", names=True)
    '‘Amal Koṭ'
    """

    __slots__ = ("_rules", "_small", "_unwritten")

    def __init__(self, rows: tuple[Row, ...]) -> None:
        sets = {row.id: row.source for row in rows if row.where == "set"}
        self._rules = Rules(rows)
        self._small = frozenset(sets.get("articles", "").split())
        self._unwritten = _find_unwritten(sets["cons"].replace("\N{ARABIC SHADDA}", ""))

    def __call__(self, text: str, *, names: bool = False, mark_unknown: bool = True) -> str:
        """Return `text` in Roman letters.

        Args:
            text: what to romanize; what is not Arabic script passes.
            names: write each word with a capital, as the standards do with names.
            mark_unknown: mark where a word without vowel signs may have one; else such a word is read as it stands.
        """
        parts = text.split(_UNKNOWN)  # a private character of the text itself
        roman = _UNKNOWN.join(self._romanize(part, mark_unknown) for part in parts)
        return _NAME.sub(self._capitalize, roman) if names else roman

    def _romanize(self, text: str, mark_unknown: bool) -> str:
        text = _SHADDA_AFTER_VOWEL.sub(r"\2\1", text)
        if mark_unknown:
            text = _ARABIC_WORD.sub(self._mark, text)
        return self._rules(text)

    def _mark(self, found: re.Match[str]) -> str:
        word = found[0]
        return word if _SIGNS.search(word) else self._unwritten.sub(r"\g<0>" + _UNKNOWN, word)

    def _capitalize(self, found: re.Match[str]) -> str:
        apostrophe, word = found[1], found[2]
        return found[0] if word in self._small else apostrophe + word[0].upper() + word[1:]


def _find_unwritten(consonants: str) -> re.Pattern[str]:
    """Match each consonant (or alef that begins a word) that another consonant follows."""
    aspirate = "\N{ARABIC LETTER HEH DOACHASHMEE}"
    follows = f"(?=[{consonants.replace(aspirate, '')}]|[{_SEMIVOWELS}]\u0651?[{_ALEF}\u0622])"
    letter = f"[{consonants}][{aspirate}\u0651]*"
    return re.compile(f"(?:{letter}|(?<![{WORD}])[{_SEMIVOWELS}{_ALEF}]){follows}")


@cache
def load_standard(language: str) -> Standard:
    """Return the standard of a language: ur, ps or bal."""
    return Standard(read_rows(f"bgn-pcgn/{language}.tsv"))


def read_roman(text: str, language: str) -> str:
    """Turn a romanized name back into Arabic script with its vowel signs.

    Where two letters are romanized alike the commoner one is written: the README of the tables lists them.

    >>> read_roman("‘Amal", "ur")
    'عَمَل'
    """
    return _reverse(language)(_fold_case(text))


def _fold_case(text: str) -> str:
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)


@cache
def _reverse(language: str) -> Rules:
    return Rules(read_rows(f"bgn-pcgn/{language}-Latn.tsv"))
