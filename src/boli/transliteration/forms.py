"""The form of words that the transliterator learns, looks up and writes."""

import re
import unicodedata
from functools import cache

from boli.languages import parse_tag
from boli.normalization import Normalizer

_ROMAN = re.compile("[^a-z]+")


def fold_roman(text: str) -> str:
    """Lower-case a to z only, the form in which Roman words are learned and looked up.

    >>> fold_roman("Ba'd-e-N\\N{LATIN SMALL LETTER U WITH MACRON}r")
    'badenur'
    """
    if text.isascii() and text.isalpha():
        return text.lower()
    plain = unicodedata.normalize("NFD", text.lower()).replace("\N{LATIN SMALL LETTER SCHWA}", "a")
    return _ROMAN.sub("", plain)


@cache
def native_form(tag: str) -> Normalizer:
    """Return the normalizer of words in their own script: standard letters, no short vowels, no joiners.

    >>> native_form("ur-Arab")("\\N{ARABIC LETTER KAF}\\N{ARABIC KASRA}") == "\\N{ARABIC LETTER KEHEH}"
    True
    """
    is_arabic = parse_tag(tag).script == "Arab"
    return Normalizer(tag, diacritics="drop", zwnj="drop") if is_arabic else Normalizer(tag)
