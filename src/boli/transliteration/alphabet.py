"""Words as rows of small numbers, so that thousands are handled at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint8]
"""(words, places) letter codes; 0 is padding, 1 a letter that the alphabet lacks."""

Keys = NDArray[np.uint64]

OTHER = 1
FIRST = 2
_ODD = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(31)


@dataclass(frozen=True)
class Alphabet:
    """The letters of one language and script, and which of them sound alike.

    letters: code `FIRST` is the first one. kin: letter -> the letter that stands for its kind in a skeleton, '' for
    letters that a skeleton leaves out (vowels and breaths).
    """

    letters: str
    kin: Mapping[str, str]

    @cached_property
    def known(self) -> dict[str, int]:
        """Letter -> code."""
        return {letter: code for code, letter in enumerate(self.letters, start=FIRST)}

    @cached_property
    def _classes(self) -> Codes:
        table = np.arange(len(self.letters) + FIRST, dtype=np.uint8)
        for letter, kind in self.kin.items():
            if letter in self.known:
                table[self.known[letter]] = self.known.get(kind, OTHER) if kind else 0
        return table

    def encode(self, words: Sequence[str], width: int = 0) -> Codes:
        """Return codes, padded to the longest word or to `width`.

        >>> Alphabet("ab", {}).encode(["ab", "b", "x"]).tolist()
        [[2, 3], [3, 0], [1, 0]]
        """
        width = max(width, max(map(len, words), default=0))
        rows = np.zeros((len(words), width), np.uint8)
        known = self.known
        for row, word in enumerate(words):
            rows[row, : len(word)] = [known.get(letter, OTHER) for letter in word]
        return rows

    def decode(self, rows: Codes) -> list[str]:
        """Return the words of rows.

        >>> Alphabet("ab", {}).decode(np.array([[2, 3], [3, 0]], np.uint8))
        ['ab', 'b']
        """
        letters = f"\N{REPLACEMENT CHARACTER}{self.letters}"
        return ["".join([letters[code - 1] for code in row if code]) for row in rows.tolist()]

    def skeletons(self, rows: Codes) -> Keys:
        """Return a key of each word's consonants, kinds for letters and repeats once: words that sound alike share it.

        >>> alphabet = Alphabet("abpo", {"a": "", "o": "", "p": "b"})
        >>> keys = alphabet.skeletons(alphabet.encode(["abo", "ppa", "bob"]))
        >>> bool(keys[0] == keys[1]), bool(keys[0] == keys[2])
        (True, True)
        """
        kinds = self._classes[rows]
        key = np.zeros(len(rows), np.uint64)
        last = np.zeros(len(rows), np.uint8)
        for place in range(rows.shape[1]):
            column = kinds[:, place]
            new = (column > 0) & (column != last)
            key = np.where(new, _step(key, column), key)
            last = np.where(column > 0, column, last)
        return key


def word_keys(rows: Codes) -> Keys:
    """Return a 64-bit key of every word.

    >>> keys = word_keys(np.array([[2, 3, 0], [2, 3, 0], [3, 2, 0]], np.uint8))
    >>> bool(keys[0] == keys[1]), bool(keys[0] == keys[2])
    (True, False)
    """
    key = np.zeros(len(rows), np.uint64)
    for place in range(rows.shape[1]):
        column = rows[:, place]
        key = np.where(column > 0, _step(key, column), key)
    return key


def letter_masks(rows: Codes) -> Keys:
    """Return which letters a word has, one bit for each of 64 groups of letters.

    >>> letter_masks(np.array([[2, 3, 0]], np.uint8)).tolist()
    [12]
    """
    bits = np.left_shift(np.uint64(1), rows.astype(np.uint64) & np.uint64(63))
    bits[rows == 0] = 0
    masks: Keys = np.bitwise_or.reduce(bits, axis=1)
    return masks


def _step(key: Keys, column: Codes) -> Keys:
    mixed: Keys = (key ^ (key >> _SHIFT)) * _ODD + column.astype(np.uint64)
    return mixed
