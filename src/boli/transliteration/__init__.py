"""Between scripts: the standards letter by letter, everyday habits learned; and Roman spellings brought together."""

from boli.transliteration.respelling import Respeller, respell
from boli.transliteration.transliterator import AlignedWord, Candidate, Conversion, Transliterator, transliterate
from boli.transliteration.user_words import read_user_words

__all__ = [
    "AlignedWord",
    "Candidate",
    "Conversion",
    "Respeller",
    "Transliterator",
    "read_user_words",
    "respell",
    "transliterate",
]
