"""Punjabi in its two scripts: Gurmukhi (``pa-Guru``) and Shahmukhi (``pa-Arab``), by tables.

Gurmukhi writes every vowel and one letter for each sound; Shahmukhi leaves short vowels out and spells words of Arabic
and Persian with their own letters (four letters for z, three for s). So each direction needs a list of words beside
its rules: `to_shahmukhi` to choose among letters of one sound, `to_gurmukhi` to know the vowels. Tables and their
sources: ``data/schemes/shahmukhi``. All of it is machine-written and unreviewed by readers of Punjabi.
"""

import re
from functools import cache, lru_cache

from boli.transliteration.letters import load_rules, read_rows

_GURMUKHI_WORD = re.compile("[\u0a01-\u0a65\u0a70-\u0a75]+")


def to_shahmukhi(text: str) -> str:
    """Write Gurmukhi in Shahmukhi; everything else passes untouched.

    Listed words come from the table, others by the rules of their letters. Short vowels and doubling are not written,
    retroflex n is a plain noon, as most writers have it.

    >>> to_shahmukhi("ਪੰਜਾਬੀ ਵਿੱਚ ਲਿਖੋ।")
    'پنجابی وچ لکھو۔'
    """
    return _GURMUKHI_WORD.sub(_write_shahmukhi, load_rules("shahmukhi/signs_to_shahmukhi.tsv")(text))


def _write_shahmukhi(found: re.Match[str]) -> str:
    return _shahmukhi_word(found[0])


@lru_cache(1 << 16)
def _shahmukhi_word(word: str) -> str:
    plain = load_rules("shahmukhi/spelling.tsv")(word)
    return _common().get(plain) or load_rules("shahmukhi/to_shahmukhi.tsv")(plain)


@cache
def _common() -> dict[str, str]:
    return {row.source: row.target for row in read_rows("shahmukhi/common.tsv")}
