"""One pass over joined lines: what each code unit becomes, and what the plain engine must decide."""

import threading
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from boli.normalization.alignment import Alignment, Offsets
from boli.normalization.tabulation import (
    BREAK,
    COMBINING,
    COMPLEX,
    DELETE,
    DELETED,
    KIND,
    PAIRED,
    PLACED,
    TRIGGER,
    VOWEL,
    WORD,
    Mask,
    Tables,
    Units,
)

CHUNK = 1 << 16
"""Code points of one pass: they fit the processor's cache."""

Places = NDArray[np.int64]


class Walk:
    """One pass over joined lines: what each code unit becomes, and which words and lines need the plain engine."""

    def __init__(self, text: str, tables: Tables) -> None:
        self.text = text
        self.tables = tables
        self.units: Units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
        index = _index(self.units)
        self.out = tables.target.take(index)
        self.flags = tables.flags.take(index)
        self._breaks: Places | None = None
        self.drop: Mask | None = None
        self.trimmed = np.zeros(0, np.int64)
        complex_at = self._special(np.flatnonzero((self.flags & KIND) != 0))
        self.complex_words = self._words_at(complex_at)
        if tables.trims:
            self._trim_spaces()

    def _special(self, odd: Places) -> Places:
        """Settle what is not a plain look-up; return where the plain engine must decide."""
        kind = self.flags[odd] & KIND
        found = [odd[kind == COMPLEX], self._place(odd[kind == PLACED]), self._pair(odd[kind == PAIRED])]
        deleted = odd[kind == DELETE]
        if deleted.size:
            self._drop()[deleted] = True
        return np.concatenate([*found, self._marks_that_meet(), self._listed_words()])

    def _listed_words(self) -> Places:
        """Return where a word of the word rows may stand: a letter of it has the same neighbours, or one fell away."""
        listed = self.tables.listed
        at = np.flatnonzero((self.flags & TRIGGER) != 0) if listed.size else np.zeros(0, np.int64)
        if not at.size:
            return at
        before, after = (np.where(inside, units, 0) for units, inside in self._word_neighbours(at))
        keys = before.astype(np.int64) << 32 | self.out[at].astype(np.int64) << 16 | after
        found: Places = at[_contains(listed, keys) | (before == DELETED) | (after == DELETED)]
        return found

    def _word_neighbours(self, at: Places) -> Iterator[tuple[Units, Mask]]:
        """Yield what stands before and behind, after the look-up, and whether it belongs to a word."""
        last = len(self.units) - 1
        for place, exists in ((np.maximum(at - 1, 0), at > 0), (np.minimum(at + 1, last), at < last)):
            yield self.out[place], ((self.flags[place] & WORD) != 0) & exists

    def _neighbours(self, at: Places) -> tuple[Units, Units]:
        units, last = self.units, len(self.units) - 1
        before = np.where(at > 0, units[np.maximum(at - 1, 0)], 10).astype(np.uint16)
        after = np.where(at < last, units[np.minimum(at + 1, last)], 10).astype(np.uint16)
        return before, after

    def _place(self, at: Places) -> Places:
        if not at.size:
            return at
        tables = self.tables
        before, after = self._neighbours(at)
        unsure = tables.transparent[before] | tables.transparent[after]
        position = _POSITION_OF[tables.letter[before].view(np.uint8) * 2 + tables.letter[after].view(np.uint8)]
        target = tables.placed[self.units[at], position]
        if self.tables.pairs.size:
            kept = _contains(self.tables.pairs, before.astype(np.int64) << 16 | self.units[at])
            target = np.where(kept, self.units[at], target)
        self.out[at] = target
        deleted = at[target == DELETED]
        if deleted.size:
            self._drop()[deleted] = True
        return at[unsure]

    def _pair(self, at: Places) -> Places:
        if not at.size:
            return at
        before, _ = self._neighbours(at)
        keys = before.astype(np.int64) << 16 | self.units[at]
        kept = at[_contains(self.tables.pairs, keys)]
        self.out[kept] = self.units[kept]
        changed = np.ones(len(at), bool)
        changed[_contains(self.tables.pairs, keys)] = False
        deleted = at[changed & (self.out[at] == DELETED)]
        if deleted.size:
            self._drop()[deleted] = True
        cleared = self.tables.flags[before] & KIND == DELETE
        unsure: Places = at[cleared | _contains(self.tables.breaking_pairs, keys)]
        return unsure

    def _marks_that_meet(self) -> Places:
        """Two combining marks in a row may change places; so may a kashida between them fall away."""
        marked = (self.flags & COMBINING) != 0
        return np.flatnonzero(marked[1:] & marked[:-1])

    def _drop(self) -> Mask:
        if self.drop is None:
            self.drop = np.zeros(len(self.units), bool)
        return self.drop

    @property
    def breaks(self) -> Places:
        """Offsets of spaces and line ends, with one before the text and one behind it."""
        if self._breaks is None:
            inner = np.flatnonzero((self.flags & BREAK) != 0)
            self._breaks = np.concatenate([[-1], inner, [len(self.units)]])
        return self._breaks

    def _words_at(self, at: Places) -> list[tuple[int, int]]:
        if not at.size:
            return []
        after = np.unique(np.searchsorted(self.breaks, at))
        starts, ends = self.breaks[after - 1] + 1, self.breaks[after]
        drop, words = self._drop(), list(zip(starts.tolist(), ends.tolist(), strict=True))
        for start, end in words:
            drop[start + 1 : end] = True
        drop[starts] = False
        self.out[starts] = DELETED
        return words

    def _trim_spaces(self) -> None:
        """Drop spaces that follow a space or stand at the edge of a line."""
        broken = self.flags & BREAK
        if not len(broken) or not (broken[0] or broken[-1] or (broken[1:] & broken[:-1]).any()):
            return
        breaks = self.breaks[1:-1]
        ends, touching = self.units[breaks] == 10, np.diff(breaks) == 1
        self.trimmed = breaks[_surplus(ends, touching, bool(broken[0]), bool(broken[-1]))]
        self._drop()[self.trimmed] = True

    def changed_lines(self) -> list[int]:
        """Return the lines, by number, in which something may change; in the others nothing does."""
        changed = self.out != self.units
        if self.drop is not None:
            changed |= self.drop
        ends = np.flatnonzero(self.units == 10)
        lines: list[int] = np.unique(np.searchsorted(ends, np.flatnonzero(changed))).tolist()
        return lines

    def simple(self) -> str:
        """Return the text with a sentinel for each word that the plain engine decides."""
        out = self.out if self.drop is None else self.out[~self.drop]
        return out.tobytes().decode("utf-16-le", "surrogatepass")

    def slice(self, start: int, end: int) -> str:
        """Return the original text between two code-unit offsets."""
        if len(self.text) == len(self.units):
            return self.text[start:end]
        return self.units[start:end].tobytes().decode("utf-16-le", "surrogatepass")

    def offsets(self, words: list[Alignment]) -> tuple[Offsets, Offsets]:
        """Return where each character of the joined output came from; `words` are the plain engine's."""
        kept = np.arange(len(self.units)) if self.drop is None else np.flatnonzero(~self.drop)
        starts = kept.astype(np.int32)
        ends = starts + np.int32(1)
        self._stretch_spaces(kept, ends)
        if not words:
            return starts, ends
        places = np.searchsorted(kept, [start for start, _ in self.complex_words])
        pieces: list[tuple[Offsets, Offsets]] = []
        last = 0
        for place, (start, _), word in zip(places.tolist(), self.complex_words, words, strict=True):
            shift = np.int32(start)
            pieces += [(starts[last:place], ends[last:place]), (word.starts + shift, word.ends + shift)]
            last = place + 1
        pieces.append((starts[last:], ends[last:]))
        return np.concatenate([piece[0] for piece in pieces]), np.concatenate([piece[1] for piece in pieces])

    def _stretch_spaces(self, kept: Places, ends: Offsets) -> None:
        """A space that stands for a run of spaces came from all of them."""
        if not self.trimmed.size:
            return
        broken = self.flags & BREAK
        for place in np.unique(np.searchsorted(kept, self.trimmed) - 1).tolist():
            if place < 0 or self.units[kept[place]] == 10 or not broken[kept[place]]:
                continue
            end = int(kept[place]) + 1
            while end < len(broken) and broken[end] and self.units[end] != 10:
                end += 1
            ends[place] = end

    def doubtful_lines(self, words: list[str]) -> list[int]:
        """Return the lines, by number, that may hold a protected span, or of which a whole word fell away."""
        emptied = [start for (start, _), word in zip(self.complex_words, words, strict=True) if not word]
        at = [*self._links(), *emptied]
        suspects = np.concatenate([np.array(at, np.int64), self._vocalised(), self._lost_starts()])
        if not suspects.size:
            return []
        ends = np.flatnonzero(self.units == 10)
        lines: list[int] = np.unique(np.searchsorted(ends, suspects)).tolist()
        return lines

    def _links(self) -> list[int]:
        """Return where an address, a parenthesis of the Quran, or a stand-in of a hidden span may be."""
        found: list[int] = []
        for sign, follows in _LINK_SIGNS:
            at = np.flatnonzero(self.units == sign)
            if follows and at.size:
                at = at[self.units[np.minimum(at + 1, len(self.units) - 1)] == follows]
            found += at.tolist()
        return found

    def _lost_starts(self) -> Places:
        """Return dropped characters with which a word begins: the whole word may go, and a space with it."""
        if self.drop is None or not self.tables.trims:
            return np.zeros(0, np.int64)
        dropped = np.flatnonzero(self.drop)
        before, _ = self._neighbours(dropped)
        starts: Places = dropped[(self.tables.flags[before] & BREAK != 0) & (self.flags[dropped] & BREAK == 0)]
        return starts

    def _vocalised(self) -> Places:
        """Return a place in every line in which two words have two vowel signs each."""
        vowels = np.flatnonzero((self.flags & VOWEL) != 0)
        if vowels.size < 4:
            return vowels[:0]
        words = np.searchsorted(self.breaks, vowels)
        twice = vowels[1:][words[1:] == words[:-1]]
        ends = np.flatnonzero(self.units == 10)
        lines = np.searchsorted(ends, twice)
        words = np.searchsorted(self.breaks, twice)
        found: Places = twice[1:][(lines[1:] == lines[:-1]) & (words[1:] != words[:-1])]
        return found


_scratch = threading.local()


def _index(units: Units) -> NDArray[np.intp]:
    """Widen code units to indices, in memory that the thread uses again."""
    memory: NDArray[np.intp] | None = getattr(_scratch, "memory", None)
    if memory is None or len(memory) < len(units):
        memory = _scratch.memory = np.empty(max(CHUNK, len(units)), np.intp)
    index = memory[: len(units)]
    np.copyto(index, units)
    return index


_POSITION_OF = np.array([0, 1, 3, 2], np.uint8)  # (letter before) * 2 + (letter after) -> index in POSITIONS
# A code unit that begins what may be protected, and the one that must follow it (0: any).
_LINK_SIGNS = ((0x40, 0), (0x3A, 0x2F), (0x77, 0x77), (0xFD3E, 0), (0xFD3F, 0), (0xFDD0, 0), (0xFDD1, 0))


def _contains(keys: Places, wanted: Places) -> Mask:
    if not keys.size:
        return np.zeros(len(wanted), bool)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    found: Mask = keys[at] == wanted
    return found


def _surplus(ends: Mask, touching: Mask, first: bool, last: bool) -> Mask:
    """Return which breaks fall away: spaces after a break, and spaces from which only spaces lead to a line end."""
    after_break = np.concatenate([[first], touching])
    before_break = np.concatenate([touching, [last]])
    surplus: Mask = after_break & ~ends
    runs_to_end = _reaches(ends, before_break, last)
    return surplus | (runs_to_end & ~ends)


def _reaches(ends: Mask, before_break: Mask, last: bool) -> Mask:
    """Return which breaks are joined by breaks alone to a line end (or the text's end) behind them."""
    group = np.cumsum(np.concatenate([[False], ~before_break[:-1]]))
    position = np.where(ends, np.arange(len(ends)), -1)
    latest = np.full(int(group[-1]) + 1, -1)
    np.maximum.at(latest, group, position)
    if last:
        latest[-1] = len(ends)
    reaches: Mask = np.arange(len(ends)) < latest[group]
    return reaches
