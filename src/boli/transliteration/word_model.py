"""From a word in one script to ranked spellings in another.

The tagger says which letters are likely; spellings are put together from them freely, and words that sound like those
are fetched from the word list. Every candidate is then scored by how well the tagger's letters fit it, how well both
spellings go together, how common it is, how word-like its letters are, and how long it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boli.transliteration.alphabet import FIRST, Alphabet, Codes, Keys, letter_masks, word_keys
from boli.transliteration.emissions import ChunkTable, Cuts, best_cuts, likely_spellings
from boli.transliteration.joint_model import JointModel
from boli.transliteration.letter_model import LetterModel
from boli.transliteration.lexicon import Lexicon
from boli.transliteration.ranker import Ranker
from boli.transliteration.tagger import Tagger

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

FACT_STEP = 1 / 16
"""Facts of listed words are kept in whole steps, in one byte: log-counts as they are, log-probabilities below zero."""

_CHUNK = 512
_GUESS = (0.5, 0.8, 0.5)
"""What the letters, the log-count and a difference in length count when listed words are chosen."""

_LIKELY = -7.0
"""A tag below this log-probability does not open its letters to the search in the word list."""


class Search(NamedTuple):
    """How wide to look. choices: tags for every letter; beam: free spellings kept; free: those that become candidates;
    listed: words of the list that become candidates, 0 to fetch none; closer: candidates that are looked at closely."""

    choices: int = 3
    beam: int = 12
    free: int = 6
    listed: int = 24
    closer: int = 28


class Ranking(NamedTuple):
    """Candidates of words, best first. codes: (words, n, places); keys: (words, n); scores: (words, n), log-probability
    among the candidates, -inf where there are fewer."""

    codes: Codes
    keys: Keys
    scores: Floats


class Found(NamedTuple):
    """Candidates of a chunk of words of one length. owners: (rows,) word; listed: row of the word list or -1."""

    owners: Ints
    rows: Codes
    listed: Ints
    cuts: Cuts


@dataclass(frozen=True)
class WordModel:
    """All that is needed to respell words of one language from `tagger.letters` into `alphabet`.

    language: name of the language in the taggers. weights: one for each of the features of `features`.
    backward: reads candidates back; None leaves that out.
    """

    language: str
    alphabet: Alphabet
    tagger: Tagger
    letters: LetterModel
    taught: LetterModel
    joint: JointModel
    ranker: Ranker
    words: Lexicon
    search: Search

    @cached_property
    def table(self) -> ChunkTable:
        """From letters of the alphabet to the tagger's tags."""
        return ChunkTable(self.tagger.tags, self.alphabet)

    def rank(self, words: Sequence[str], n: int) -> Ranking:
        """Return the `n` best candidates of every word."""
        places = max((2 * len(word) + 2 for word in words), default=1)
        ranking = Ranking(
            np.zeros((len(words), n, places), np.uint8),
            np.zeros((len(words), n), np.uint64),
            np.full((len(words), n), -np.inf, np.float32),
        )
        lengths = np.array([len(word) for word in words])
        for length in np.unique(lengths[lengths > 0]):
            of_length = np.flatnonzero(lengths == length)
            for start in range(0, len(of_length), _CHUNK):
                chosen = of_length[start : start + _CHUNK]
                self._rank_chunk([words[row] for row in chosen], chosen, ranking)
        return ranking

    def _rank_chunk(self, words: Sequence[str], places: Ints, ranking: Ranking) -> None:
        found = self.find(words)
        scores = self.ranker.scores(self.features(words, found))
        order = np.lexsort((-scores, found.owners))
        owners = found.owners[order]
        rank = np.arange(len(owners)) - np.searchsorted(owners, owners)
        total = np.zeros(len(words), np.float32)
        np.maximum.at(total, owners, scores[order])
        shifted = np.exp(scores[order] - total[owners])
        sums = np.bincount(owners, shifted, minlength=len(words))
        kept = rank < ranking.keys.shape[1]
        chosen, rank, owners = order[kept], rank[kept], owners[kept]
        width = min(found.rows.shape[1], ranking.codes.shape[2])
        ranking.codes[places[owners], rank, :width] = found.rows[chosen, :width]
        ranking.keys[places[owners], rank] = word_keys(found.rows[chosen])
        ranking.scores[places[owners], rank] = np.log(shifted[kept] / sums[owners])

    def find(self, words: Sequence[str]) -> Found:
        """Return the candidates of words of one length, each once, in the order of the words."""
        scores = self.tagger.scores(self.tagger.codes(words), self.language)
        _, free = likely_spellings(scores, self.table, choices=self.search.choices, width=self.search.beam)
        count, beam, width = free.shape
        owners = np.repeat(np.arange(count), min(beam, self.search.free))
        rows = free[:, : self.search.free].reshape(-1, width)
        if self.search.listed:
            more, listed = self._sounding_like(scores, free)
            owners = np.concatenate([owners, more])
            wide = max(width, int(self.words.lengths[listed].max(initial=0)))
            rows = np.concatenate([_widen(rows, wide), _widen(self.words.codes[listed][:, :wide], wide)])
        kept = rows[:, 0] > 0
        owners, rows = owners[kept], rows[kept]
        _, first = np.unique(np.stack([owners.astype(np.uint64), word_keys(rows)]), axis=1, return_index=True)
        owners, rows = owners[first], rows[first]
        known = self.words.find(word_keys(rows))
        cuts = best_cuts(scores, owners, rows, self.table)
        near = self._promising(owners, known, cuts.scores)
        return Found(owners[near], rows[near], known[near], Cuts(cuts.scores[near], cuts.tags[near]))

    def _promising(self, owners: Ints, listed: Ints, cuts: Floats) -> Ints:
        """Rows worth a closer look: for every word the best by fit and log-count."""
        guess = cuts + np.where(listed >= 0, self.words.facts[listed, 0] * np.float32(0.7 * FACT_STEP), -1.0)
        order = np.lexsort((-guess, owners))
        rank = np.arange(len(order)) - np.searchsorted(owners[order], owners[order])
        return np.sort(order[rank < self.search.closer])

    def _sounding_like(self, scores: Floats, free: Codes) -> tuple[Ints, Ints]:
        """Owner and row of listed words with the skeleton of a free spelling and letters that the tagger allows."""
        count, beam, width = free.shape
        keys = self.alphabet.skeletons(free.reshape(-1, width)).reshape(count, beam)
        new = np.ones((count, beam), bool)
        for later in range(1, beam):
            new[:, later] = (keys[:, later, None] != keys[:, :later]).all(axis=1)
        owners, ranks = np.nonzero(new)
        open_tags = (scores > _LIKELY).any(axis=1)
        masks = letter_masks(self.table.spelled)
        allowed = np.bitwise_or.reduce(np.where(open_tags, masks, np.uint64(0)), axis=1)
        sizes = (free > 0).sum(axis=2)
        fewest, most = sizes.min(axis=1) - 1, sizes.max(axis=1) + 1
        owner, row = self.words.sounding_like(
            owners, keys[owners, ranks], allowed[owners], (fewest[owners], most[owners])
        )
        return self._nearest(scores, owner, row, sizes[:, 0])

    def _nearest(self, scores: Floats, owners: Ints, listed: Ints, sizes: Ints) -> tuple[Ints, Ints]:
        """Keep the listed words whose letters, in any order, the tagger likes best; common words get a little help."""
        likely = np.full((len(scores), len(self.alphabet.letters) + FIRST), _LIKELY, np.float32)
        best = scores.max(axis=1)
        for tag, spelled in enumerate(self.table.spelled):
            for code in spelled[spelled > 0]:
                np.maximum(likely[:, code], best[:, tag], out=likely[:, code])
        likely[:, 0] = 0.0
        width = int(self.words.lengths[listed].max(initial=1))
        guess = _GUESS[0] * likely[owners[:, None], self.words.codes[listed][:, :width]].sum(axis=1)
        guess += self.words.facts[listed, 0] * np.float32(FACT_STEP * _GUESS[1])
        guess -= _GUESS[2] * np.abs(self.words.lengths[listed] - sizes[owners])
        order = np.lexsort((-guess, owners))
        rank = np.arange(len(order)) - np.searchsorted(owners[order], owners[order])
        kept = order[rank < self.search.listed]
        return owners[kept], listed[kept]

    def features(self, words: Sequence[str], found: Found) -> Floats:
        """Return what the ranking weighs: (rows, 11) float32.

        Columns: fit of the letters; the same for each letter; is listed; log-count and two bends of it; log-count times
        source length; log-probability of the letters; number of letters; log-probability of both spellings together,
        and of the candidate alone among taught words.
        """
        listed = found.listed >= 0
        count = np.zeros(len(found.rows), np.float32)
        fluency = np.zeros(len(found.rows), np.float32)
        taught = np.zeros(len(found.rows), np.float32)
        facts = self.words.facts[found.listed[listed]].astype(np.float32) * FACT_STEP
        count[listed], fluency[listed], taught[listed] = facts[:, 0], -2 * facts[:, 1], -2 * facts[:, 2]
        fluency[~listed] = self.letters.scores(found.rows[~listed])
        taught[~listed] = self.taught.scores(found.rows[~listed])
        joint = self.joint.scores(self.tagger.codes(words)[:, 1:-1][found.owners], found.cuts.tags)
        size = (found.rows > 0).sum(axis=1).astype(np.float32)
        length = np.float32(len(words[0]))
        columns = [
            found.cuts.scores, found.cuts.scores / length, listed, count, np.minimum(count, 1.5),
            np.maximum(count - 5, 0), count * length / 8, fluency, size, joint, taught,
        ]  # fmt: skip
        return np.stack(columns, axis=1).astype(np.float32)


def _widen(rows: Codes, width: int) -> Codes:
    return np.pad(rows, ((0, 0), (0, max(0, width - rows.shape[1]))))
