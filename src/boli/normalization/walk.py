"""One pass over joined lines: what each code unit becomes, and what the plain engine must decide."""

import threading
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boli.normalization.tabulation import (
    BREAK,
    CHANGES,
    COMBINING,
    COMPLEX,
    DELETE,
    DELETED,
    HELD,
    JOINING,
    KIND,
    LETTER,
    OPENS,
    PAIRED,
    PLACED,
    PLAIN,
    SIGN,
    SKIPPED,
    STARTER,
    TRIGGER,
    VOWEL,
    WORD,
    Keys,
    Mask,
    Tables,
    Units,
)

_ODD = KIND | COMBINING | VOWEL | TRIGGER
Places = NDArray[np.int64]
NOWHERE: Places = np.zeros(0, np.int64)


class Spans(NamedTuple):
    """Half-open spans of code units, in order, that do not overlap."""

    starts: Places
    ends: Places

    def places(self) -> Places:
        """Return every place inside."""
        lengths = self.ends - self.starts
        first = lengths.cumsum() - lengths
        return np.repeat(self.starts - first, lengths) + np.arange(int(lengths.sum()))

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield each start with its end."""
        return zip(self.starts.tolist(), self.ends.tolist(), strict=True)

    def take(self, which: Mask) -> "Spans":
        """Return some of the spans."""
        return Spans(self.starts[which], self.ends[which])


class Walk:
    """One pass over joined lines, with a line end before the first and behind the last.

    `out` is what each code unit becomes and `drop` which ones fall away; `unsure` are places that the plain engine must
    decide with their words; `joined` are letters that took the mark behind them.
    """

    def __init__(self, texts: Sequence[str], tables: Tables) -> None:
        self.tables = tables
        self.text = "\n".join(("", *texts, ""))
        self.units: Units = np.frombuffer(self.text.encode("utf-16-le", "surrogatepass"), np.uint16)
        self.index = _index(self.units)
        self.flags = tables.flags.take(self.index)
        self.ends = places(self.units == 10)
        self.odd = places((self.flags & _ODD) != 0)
        self.odd_flags = self.flags.take(self.odd)
        self.signs = self.of_kind(SIGN)
        self.broken = len(self.ends) != len(texts) + 1 or bool((self.units[self.signs] == 13).any())
        self.drop: Mask | None = None
        self.dropped: list[Places] = []
        self.trimmed = self.joined = NOWHERE

    @property
    def flat(self) -> bool:
        """Whether offsets in code units are offsets in the text."""
        return len(self.text) == len(self.units)

    def flagged(self, flag: int) -> Places:
        """Return the places of a flag: `COMBINING`, `VOWEL` or `TRIGGER`."""
        found: Places = self.odd[(self.odd_flags & flag) != 0]
        return found

    def of_kind(self, kind: int) -> Places:
        """Return the places of a kind other than `PLAIN`."""
        found: Places = self.odd[(self.odd_flags & KIND) == kind]
        return found

    def lines_at(self, at: Places) -> Places:
        """Return the lines, by number, in which places are; the places are in order."""
        return distinct(self.ends.searchsorted(at) - 1)

    def look_up(self) -> None:
        """Fill `out` and `drop` from the tables, and `unsure`."""
        self.out = self._targets()
        found = [self.of_kind(COMPLEX), self._place(self.of_kind(PLACED)), self._hold(self.of_kind(HELD))]
        found += [self._pair(self.of_kind(PAIRED)), self._join(self.of_kind(JOINING))]
        self._drop(self.of_kind(DELETE))
        found += [self._marks_that_meet(), self._listed_words(), self._opening_words(), self._repeated()]
        self.unsure: Places = np.concatenate(found)
        self.unsure.sort()

    def _targets(self) -> Units:
        changing = (self.flags & CHANGES) != 0
        count = np.count_nonzero(changing)
        if 32 * count > len(self.units):  # then all at once is faster
            return self.tables.target.take(self.index)
        out = self.units.copy()
        if count:
            at = places(changing)
            out[at] = self.tables.target.take(self.units[at])
        return out

    def _drop(self, at: Places) -> None:
        if at.size:
            self.dropped.append(at)
            self.dropping()[at] = True

    def dropping(self) -> Mask:
        """Return `drop`, made where there is none."""
        if self.drop is None:
            self.drop = np.zeros(len(self.units), bool)
        return self.drop

    def _put(self, at: Places, targets: Units) -> None:
        self.out[at] = targets
        self._drop(at[targets == DELETED])

    def context(self, at: Places) -> NDArray[np.uint8]:
        """Return what neighbours see in the code units at some places."""
        return self.tables.context.take(self.units.take(at))

    def _keys(self, at: Places) -> Keys:
        return self.units.take(at - 1).astype(np.int64) << 16 | self.units.take(at)

    def _place(self, at: Places) -> Places:
        if not at.size:
            return at
        before, after = self.context(at - 1), self.context(at + 1)
        position = _POSITION_OF.take((before & LETTER) * 2 + (after & LETTER))
        self._put(at, self.tables.placed.take(self.units.take(at) * np.int64(4) + position))
        unsure: Places = at[((before | after) & SKIPPED) != 0]
        return unsure

    def _hold(self, at: Places) -> Places:
        """Place letters of which some stand in a pair that is kept."""
        if not at.size:
            return at
        unsure, kept = self._place(at), at[contains(self.tables.pairs, self._keys(at))]
        self.out[kept] = self.units[kept]
        if self.drop is not None:
            self.drop[kept] = False
        return unsure

    def _pair(self, at: Places) -> Places:
        if not at.size:
            return at
        near = at[(self.context(at - 1) & OPENS) != 0]
        keys = self._keys(near)
        kept = near[contains(self.tables.pairs, keys)]
        self._drop(at[self.out.take(at) == DELETED])
        self.out[kept] = self.units[kept]
        if self.drop is not None:
            self.drop[kept] = False
        cleared = self.tables.target.take(self.units.take(near - 1)) == DELETED
        unsure: Places = near[cleared | contains(self.tables.breaking, keys)]
        return unsure

    def _join(self, at: Places) -> Places:
        """Compose letters with the marks behind them, where nothing else is near."""
        if not at.size:
            return at
        keys = self._keys(at)
        calm = (self.flags.take(at + 1) & (KIND | COMBINING)) == PLAIN
        calm &= (self.context(at + 1) & STARTER) != 0
        sure = calm & contains(self.tables.joining, keys)
        marks = at[sure]
        if marks.size:
            self.joined = marks - 1
            self.out[self.joined] = self.tables.joined[np.searchsorted(self.tables.joining, keys[sure])]
            self.out[marks] = DELETED
            self.dropping()[marks] = True
        unsure: Places = at[~sure]
        return unsure

    def joined_vowels(self) -> Places:
        """Return the vowel signs that were composed with the letter before them."""
        marks = self.joined + 1
        found: Places = marks[(self.flags.take(marks) & VOWEL) != 0]
        return found

    def _marks_that_meet(self) -> Places:
        """Two combining marks in a row may change places; so may a kashida between them fall away."""
        marks = self.flagged(COMBINING)
        at = marks[1:][marks[1:] - marks[:-1] == 1]
        unsteady: Places = at[~contains(self.tables.steady, self._keys(at))]
        return unsteady

    def _listed_words(self) -> Places:
        """Return where a word of the word rows may stand: a letter of it has the same neighbours, or one fell away."""
        if not self.tables.listed.size:
            return NOWHERE
        at = self.flagged(TRIGGER)
        if not at.size:
            return at
        before, after = self._word_neighbour(at - 1), self._word_neighbour(at + 1)
        keys = before << 32 | self.out.take(at).astype(np.int64) << 16 | after
        found: Places = at[contains(self.tables.listed, keys) | (before == DELETED) | (after == DELETED)]
        return found

    def _opening_words(self) -> Places:
        """Return where words begin like one of the word rows of Roman script."""
        if not self.tables.openings.size:
            return NOWHERE
        inside = (self.tables.context.take(self.index) & WORD) != 0
        starts = places(inside[1:] > inside[:-1]) + 1
        second = self.out.take(starts + 1) * inside.take(starts + 1)
        starts = starts[self.tables.begun.take(self.out.take(starts) << np.uint16(8) ^ second)]
        keys = self.out.take(starts).astype(np.int64)
        more = np.ones(len(starts), bool)
        for ahead in (1, 2, 3):
            more &= inside.take(starts + ahead, mode="clip")
            keys = keys << 16 | self.out.take(starts + ahead, mode="clip") * more
        found: Places = starts[contains(self.tables.openings, keys)]
        return found

    def _repeated(self) -> Places:
        """Return where a sign stands twice or three times in a row, by what the rows ask for."""
        if not self.tables.repeats.size:
            return NOWHERE
        at = places(self.out[1:] == self.out[:-1])
        wanted = self.tables.repeats.take(self.out.take(at))
        again = np.diff(at, append=-1) == 1
        found: Places = at[(wanted == 2) | (wanted == 3) & again]
        return found

    def _word_neighbour(self, at: Places) -> Keys:
        return np.where((self.context(at) & WORD) != 0, self.out.take(at), np.uint16(0)).astype(np.int64)

    def words(self) -> Spans:
        """Return the words with an unsure place in them."""
        if 1000 * len(self.unsure) > len(self.units):
            breaks = places((self.flags & BREAK) != 0)
            after = distinct(breaks.searchsorted(self.unsure))
            return Spans(breaks[after - 1] + 1, breaks[after])
        return self._few_words(((self.flags & BREAK) != 0).tobytes())

    def _few_words(self, breaks: bytes) -> Spans:
        found, end = [], 0
        for at in self.unsure.tolist():
            if at >= end:
                end = breaks.find(1, at)
                found.append((breaks.rfind(1, 0, at) + 1, end))
        flat = np.array(found, np.int64).reshape(-1, 2)
        return Spans(flat[:, 0], flat[:, 1])

    def restore(self, spans: Spans) -> None:
        """Leave spans as they were."""
        at = spans.places()
        self.out[at] = self.units[at]
        if self.drop is not None:
            self.drop[at] = False

    def cover(self, spans: Spans) -> None:
        """Put one sentinel in the place of each span."""
        drop = self.dropping()
        drop[spans.places()] = True
        drop[spans.starts] = False
        self.out[spans.starts] = DELETED

    def trim_spaces(self) -> Places:
        """Return the spaces that follow a space or stand at the edge of a line."""
        broken = (self.flags & BREAK) != 0
        meeting = broken[1:] & broken[:-1]
        if not meeting.any():
            return NOWHERE
        runs = np.append(meeting, False)
        runs[1:] |= meeting
        breaks = runs.nonzero()[0]
        ends, touching = self.units[breaks] == 10, np.diff(breaks) == 1
        surplus: Places = breaks[_surplus(ends, touching)]
        return surplus

    def trim(self, at: Places) -> None:
        """Let spaces fall away."""
        self.trimmed = at
        if at.size:
            self.dropping()[at] = True

    def changed(self) -> Mask:
        """Return which code units change."""
        changed: Mask = self.out != self.units
        return changed if self.drop is None else changed | self.drop

    def written(self, lines: Places | None) -> str:
        """Return the output of all lines, or of some, joined, with a sentinel for each covered span."""
        out, keep = self.out[1:], None if self.drop is None else ~self.drop[1:]
        if lines is not None:
            chosen = np.zeros(len(self.ends) - 1, bool)
            chosen[lines] = True
            wanted = np.repeat(chosen, np.diff(self.ends))
            keep = wanted if keep is None else keep & wanted
        return (out if keep is None else out[keep])[:-1].tobytes().decode("utf-16-le", "surrogatepass")

    def slice(self, start: int, end: int) -> str:
        """Return the original text between two code-unit offsets."""
        if self.flat:
            return self.text[start:end]
        return self.units[start:end].tobytes().decode("utf-16-le", "surrogatepass")

    def lost_starts(self) -> Places:
        """Return dropped characters with which a word begins: the whole word may go, and a space with it."""
        if not self.dropped or not self.tables.trims or self.drop is None:
            return NOWHERE
        at = np.sort(np.concatenate(self.dropped))
        at = at[self.drop[at]]
        starts: Places = at[((self.flags.take(at - 1) & BREAK) != 0) & ((self.flags.take(at) & BREAK) == 0)]
        return starts


_scratch = threading.local()


def _index(units: Units) -> NDArray[np.intp]:
    """Widen code units to indices, in memory that the thread uses again: until its next pass."""
    memory: NDArray[np.intp] | None = getattr(_scratch, "memory", None)
    if memory is None or len(memory) < len(units):
        memory = _scratch.memory = np.empty(len(units) + (1 << 12), np.intp)
    index = memory[: len(units)]
    np.copyto(index, units)
    return index


_POSITION_OF = np.array([0, 1, 3, 2], np.uint8)  # (letter before) * 2 + (letter after) -> index in POSITIONS


def places(mask: Mask) -> Places:
    """Return the places of what is True.

    NumPy looks for each where fewer than one in ten is, and steps through all without a branch where there are more;
    close below that border the first is several times slower than the second, which a tail of True makes it take.
    """
    length, count = len(mask), np.count_nonzero(mask)
    if not length < 50 * count < 5 * length:
        return mask.nonzero()[0]
    longer = np.ones(length + length // 8 + 1, bool)
    longer[:length] = mask
    return longer.nonzero()[0][:count]


def distinct(numbers: Places) -> Places:
    """Return the numbers, which are in order, each once."""
    if numbers.size < 2:
        return numbers
    new = np.empty(len(numbers), bool)
    new[0] = True
    np.not_equal(numbers[1:], numbers[:-1], out=new[1:])
    return numbers[new]


def contains(keys: Keys, wanted: Keys) -> Mask:
    """Return which of the wanted keys are there; the keys are sorted."""
    if not keys.size or not wanted.size:
        return np.zeros(len(wanted), bool)
    found: Mask = keys.take(keys.searchsorted(wanted), mode="clip") == wanted
    return found


def _surplus(ends: Mask, touching: Mask) -> Mask:
    """Return which breaks fall away: spaces after a break, and spaces from which only spaces lead to a line end."""
    after_break = np.concatenate([[False], touching])
    before_break = np.concatenate([touching, [False]])
    surplus: Mask = after_break & ~ends
    return surplus | (_reaches(ends, before_break) & ~ends)


def _reaches(ends: Mask, before_break: Mask) -> Mask:
    """Return which breaks are joined by breaks alone to a line end behind them."""
    group = np.cumsum(np.concatenate([[False], ~before_break[:-1]]))
    position = np.where(ends, np.arange(len(ends)), -1)
    latest = np.full(int(group[-1]) + 1, -1)
    np.maximum.at(latest, group, position)
    reaches: Mask = np.arange(len(ends)) < latest[group]
    return reaches
