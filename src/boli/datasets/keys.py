"""Keys: what of a message counts when one asks whether two messages are the same."""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence

from boli.datasets.records import Record
from boli.errors import LanguageError
from boli.languages import parse_tag
from boli.normalization import Normalizer

# Sindhi's "and" and "in" are words, but Unicode puts them among the symbols.
_SIGNS_THAT_ARE_WORDS = frozenset("\N{ARABIC SIGN SINDHI AMPERSAND}\N{ARABIC SIGN SINDHI POSTPOSITION MEN}")
_IGNORED = frozenset("PSZC")
"""Unicode general categories that `fold_message` drops: punctuation, symbols, separators, controls."""


def fold_message(text: str) -> str:
    """Fold what does not make a message new: case, width, spaces, punctuation and emoji.

    A message that has nothing else (emoji alone) stays as it is.

    >>> fold_message("Balance, kitna HAI??") == fold_message("balance kitna hai")
    True
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if _counts(char)) or text


def search_texts(records: Sequence[Record]) -> list[str]:
    """Normalize each text at level `search` of its own language; texts of other languages stay as they are.

    >>> search_texts([Record("كِتابُ", "ur-Arab", ""), Record("Kitaab", "ur-Latn", "")]) == ["کتاب", "kitaab"]
    True
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for at, record in enumerate(records):
        groups[record.tag].append(at)
    texts = [record.text for record in records]
    for tag, places in groups.items():
        if not is_ours(tag):
            continue
        found = Normalizer(tag, level="search").batch([texts[at] for at in places])
        for at, text in zip(places, found, strict=True):
            texts[at] = text
    return texts


def make_keys(records: Sequence[Record]) -> list[str]:
    """Return the key of each message: its text at level `search`, folded.

    >>> make_keys([Record("كِتابُ، ميري!", "ur-Arab", "")]) == ["کتابمیری"]
    True
    """
    return [fold_message(text) for text in search_texts(records)]


def is_ours(tag: str) -> bool:
    """Say whether a tag is of a language that boli has tables for."""
    try:
        parse_tag(tag)
    except LanguageError:
        return False
    return True


def _counts(char: str) -> bool:
    return char in _SIGNS_THAT_ARE_WORDS or unicodedata.category(char)[0] not in _IGNORED
