"""Look up phrases of a few words in many texts."""

from collections.abc import Iterable
from functools import cache
from typing import Generic, TypeVar

import regex

from boli.datasets.keys import is_ours, search_texts
from boli.datasets.records import Record

Meaning = TypeVar("Meaning")

_WORD = regex.compile(r"[\p{L}\p{M}\p{So}]+")


class Phrases(Generic[Meaning]):
    """Phrases with what they mean; found as whole words, the longest first, none within another.

    Args:
        phrases: phrase and meaning; a phrase that is there twice with two meanings is ambiguous, and left out.
        tag: the language whose level `search` the phrases are brought to, as the texts are.

    >>> phrases = Phrases([("rahim yar khan", "Punjab"), ("khan", "name")], "ur-Latn")
    >>> phrases.find("main rahim yar khan se")
    ['Punjab']
    """

    def __init__(self, phrases: Iterable[tuple[str, Meaning]], tag: str) -> None:
        """Index the phrases by their words."""
        listed = list(phrases)
        texts = search_texts([Record(phrase, tag, "") for phrase, _ in listed])
        self._meanings: dict[tuple[str, ...], Meaning] = {}
        ambiguous = set[tuple[str, ...]]()
        for text, (_, meaning) in zip(texts, listed, strict=True):
            words = split_words(text)
            if self._meanings.setdefault(words, meaning) != meaning:
                ambiguous.add(words)
        for words in ambiguous | {()}:
            self._meanings.pop(words, None)
        self._starts = {words[0] for words in self._meanings}
        self._longest = max(map(len, self._meanings), default=0)

    def find(self, text: str) -> list[Meaning]:
        """List the meanings of the phrases of a text at level `search`, in order."""
        return [meaning for _, _, meaning in self.find_words(split_words(text))]

    def find_words(self, words: tuple[str, ...]) -> list[tuple[int, int, Meaning]]:
        """List the phrases among words: the first word, the word after the last, and the meaning, in order."""
        found, at = list[tuple[int, int, Meaning]](), 0
        while at < len(words):
            length = self._match(words, at) if words[at] in self._starts else 0
            if length:
                found.append((at, at + length, self._meanings[words[at : at + length]]))
            at += length or 1
        return found

    def _match(self, words: tuple[str, ...], at: int) -> int:
        lengths = range(min(self._longest, len(words) - at), 0, -1)
        return next((length for length in lengths if words[at : at + length] in self._meanings), 0)


def split_words(text: str) -> tuple[str, ...]:
    """Cut a text into its runs of letters.

    >>> split_words("mera bill: 500")
    ('mera', 'bill')
    """
    return tuple(_WORD.findall(text.casefold()))


@cache
def script_of(tag: str) -> str:
    """Return the script of a tag of boli's; "" for others."""
    return tag.rpartition("-")[2] if is_ours(tag) else ""
