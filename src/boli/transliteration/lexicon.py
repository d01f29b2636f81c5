"""The words of a language, found by how their consonants sound."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from boli.transliteration.alphabet import Alphabet, Codes, Keys, letter_masks, word_keys

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Lexicon:
    """Words in the order of their skeletons; among those of one skeleton the likelier first.

    codes: (words, places) uint8. facts: (words, columns) uint8, what the ranking knows of each word.
    """

    alphabet: Alphabet
    codes: Codes
    facts: NDArray[np.uint8]

    @cached_property
    def lengths(self) -> Ints:
        """Letters of every word."""
        sizes: Ints = (self.codes > 0).sum(axis=1)
        return sizes

    @cached_property
    def _skeletons(self) -> Keys:
        return self.alphabet.skeletons(self.codes)

    @cached_property
    def _masks(self) -> Keys:
        return letter_masks(self.codes)

    @cached_property
    def keys(self) -> Keys:
        """Key of every word."""
        return word_keys(self.codes)

    @cached_property
    def _sorted_keys(self) -> tuple[Keys, Ints]:
        order = np.argsort(self.keys, kind="stable")
        return self.keys[order], order

    def find(self, keys: Keys) -> Ints:
        """Return the row of each word key, -1 where the list lacks the word."""
        ordered, rows = self._sorted_keys
        places = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
        return np.where(ordered[places] == keys, rows[places], -1)

    def sounding_like(
        self, owners: Ints, skeletons: Keys, allowed: Keys, sizes: tuple[Ints, Ints]
    ) -> tuple[Ints, Ints]:
        """Return owner and row of the words that share a skeleton and have no letter but the allowed ones.

        Args:
            owners: (queries,) which input each skeleton belongs to.
            skeletons: (queries,).
            allowed: (queries,) masks of letters, as `letter_masks` gives them.
            sizes: fewest and most letters, (queries,) each.
        """
        starts = np.searchsorted(self._skeletons, skeletons, side="left")
        counts = np.searchsorted(self._skeletons, skeletons, side="right") - starts
        query = np.repeat(np.arange(len(owners)), counts)
        rows = np.arange(len(query)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(starts, counts)
        fits = (self._masks[rows] & ~allowed[query]) == 0
        lengths = self.lengths[rows]
        fits &= (lengths >= sizes[0][query]) & (lengths <= sizes[1][query])
        return owners[query[fits]], rows[fits]
