"""Many texts at once: one NumPy walk over UTF-16 code units, and the plain engine for the words that need it.

Most characters keep or change by one table look-up. A word in which marks meet, a ligature opens or a joiner stands goes to the
plain engine and into a cache; a line that may hold a protected span goes there whole. A property test holds this engine equal
to the plain one.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boli.normalization.characters import KASHIDA, LETTERS, MARKS, TRANSPARENT, VOWELS, ZWJ, ZWNJ
from boli.normalization.rewrite import Letters
from boli.normalization.ruleset import Ruleset

Units = NDArray[np.uint16]
Mask = NDArray[np.bool_]

PLAIN, DELETE, PLACED, PAIRED, COMPLEX = range(5)
_KIND, _COMBINING, _VOWEL, _BREAK = 7, 8, 16, 32
_SENTINEL = "\uffff"
_CACHE_LIMIT = 1 << 16
_CHUNK = 1 << 18
_BREAKS = " \t\n\N{NO-BREAK SPACE}"
_RUN_IDS = {" "}


class Tables(NamedTuple):
    """Look-ups by UTF-16 code unit, each of length 65,536."""

    flags: NDArray[np.uint8]  # kind (three bits), then whether it is a combining mark, a vowel sign, a break
    target: Units
    placed: Units  # (65536, 4) target by position; 0xFFFF deletes
    pairs: NDArray[np.int64]  # sorted keys previous << 16 | unit that are kept
    breaking_pairs: NDArray[np.int64]  # sorted keys that send the word to the plain engine
    letter: Mask
    transparent: Mask
    trims: bool


@dataclass
class BatchEngine:
    """The fast path of one normalizer.

    Args:
        plain: the plain engine.
        tables: see `compile_tables`.
    """

    plain: Callable[[str], str]
    tables: Tables
    _cache: dict[str, str] = field(default_factory=dict)

    def run(self, texts: Sequence[str]) -> list[str]:
        """Return the normalized texts, in order; works on pieces that fit the processor's cache."""
        outputs: list[str] = []
        for chunk in _chunks(texts):
            outputs += self._run_chunk(chunk)
        return outputs

    def _run_chunk(self, texts: Sequence[str]) -> list[str]:
        joined = "\n".join(texts)
        if "\r" in joined or joined.count("\n") != len(texts) - 1:
            return self._run_with_breaks(texts)
        walk = _Walk(joined, self.tables)
        words = [self._word(walk.slice(start, end)) for start, end in walk.complex_words]
        outputs = _assemble(walk.simple(), words).split("\n")
        emptied = [start for (start, _), word in zip(walk.complex_words, words, strict=True) if not word]
        for line in walk.doubtful_lines(emptied):
            outputs[line] = self.plain(texts[line])
        return outputs

    def _run_with_breaks(self, texts: Sequence[str]) -> list[str]:
        broken = [("\n" in text or "\r" in text) for text in texts]
        whole = iter(self._run_chunk([t for t, b in zip(texts, broken, strict=True) if not b]) if not all(broken) else [])
        return [self.plain(text) if b else next(whole) for text, b in zip(texts, broken, strict=True)]

    def _word(self, word: str) -> str:
        found = self._cache.get(word)
        if found is None:
            if len(self._cache) >= _CACHE_LIMIT:
                self._cache.clear()
            found = self._cache[word] = self.plain(word)
        return found


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut a list of texts in pieces of about `_CHUNK` code points."""
    first, size = 0, 0
    for at, text in enumerate(texts, 1):
        size += len(text)
        if size >= _CHUNK:
            yield texts[first:at]
            first, size = at, 0
    if first < len(texts):
        yield texts[first:]


def _assemble(simple: str, words: list[str]) -> str:
    """Put the plain engine's words in the places of the sentinels."""
    if not words:
        return simple
    pieces = [""] * (2 * len(words) + 1)
    pieces[0::2] = simple.split(_SENTINEL)
    pieces[1::2] = words
    return "".join(pieces)


class _Walk:
    """One pass over joined lines: what each code unit becomes, and which words and lines need the plain engine."""

    def __init__(self, text: str, tables: Tables) -> None:
        self.text = text
        self.tables = tables
        self.units: Units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
        index = self.units.astype(np.intp)
        self.out = tables.target.take(index)
        self.flags = tables.flags.take(index)
        self._breaks: NDArray[np.int64] | None = None
        self.drop: Mask | None = None
        complex_at = self._special(np.flatnonzero(self.flags & _KIND))
        self.complex_words = self._words_at(complex_at)
        if tables.trims:
            self._trim_spaces()

    def _special(self, odd: NDArray[np.int64]) -> NDArray[np.int64]:
        """Settle what is not a plain look-up; return where the plain engine must decide."""
        kind = self.flags[odd] & _KIND
        found = [odd[kind == COMPLEX], self._place(odd[kind == PLACED]), self._pair(odd[kind == PAIRED])]
        deleted = odd[kind == DELETE]
        if deleted.size:
            self._drop()[deleted] = True
        return np.concatenate([*found, self._marks_that_meet()])

    def _neighbours(self, at: NDArray[np.int64]) -> tuple[Units, Units]:
        units, last = self.units, len(self.units) - 1
        before = np.where(at > 0, units[np.maximum(at - 1, 0)], 10).astype(np.uint16)
        after = np.where(at < last, units[np.minimum(at + 1, last)], 10).astype(np.uint16)
        return before, after

    def _place(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        if not at.size:
            return at
        tables = self.tables
        before, after = self._neighbours(at)
        unsure = tables.transparent[before] | tables.transparent[after]
        position = _POSITION_OF[tables.letter[before].view(np.uint8) * 2 + tables.letter[after].view(np.uint8)]
        target = tables.placed[self.units[at], position]
        self.out[at] = target
        deleted = at[target == 0xFFFF]
        if deleted.size:
            self._drop()[deleted] = True
        return at[unsure]

    def _pair(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        if not at.size:
            return at
        before, _ = self._neighbours(at)
        keys = before.astype(np.int64) << 16 | self.units[at]
        kept = at[_contains(self.tables.pairs, keys)]
        self.out[kept] = self.units[kept]
        changed = np.ones(len(at), bool)
        changed[_contains(self.tables.pairs, keys)] = False
        deleted = at[changed & (self.out[at] == 0xFFFF)]
        if deleted.size:
            self._drop()[deleted] = True
        cleared = self.tables.flags[before] & _KIND == DELETE
        return at[cleared | _contains(self.tables.breaking_pairs, keys)]

    def _marks_that_meet(self) -> NDArray[np.int64]:
        """Two combining marks in a row may change places; so may a kashida between them fall away."""
        marked = self.flags & _COMBINING
        return np.flatnonzero(marked[1:] & marked[:-1])

    def _drop(self) -> Mask:
        if self.drop is None:
            self.drop = np.zeros(len(self.units), bool)
        return self.drop

    @property
    def breaks(self) -> NDArray[np.int64]:
        """Offsets of spaces and line ends, with one before the text and one behind it."""
        if self._breaks is None:
            inner = np.flatnonzero(self.flags & _BREAK)
            self._breaks = np.concatenate([[-1], inner, [len(self.units)]])
        return self._breaks

    def _words_at(self, at: NDArray[np.int64]) -> list[tuple[int, int]]:
        if not at.size:
            return []
        after = np.unique(np.searchsorted(self.breaks, at))
        starts, ends = self.breaks[after - 1] + 1, self.breaks[after]
        inside = np.zeros(len(self.units) + 1, np.int8)
        inside[starts] += 1
        inside[ends] -= 1
        drop = self._drop()
        drop |= np.cumsum(inside[:-1], dtype=np.int8).view(bool)
        drop[starts] = False
        self.out[starts] = 0xFFFF
        return list(zip(starts.tolist(), ends.tolist(), strict=True))

    def _trim_spaces(self) -> None:
        """Drop spaces that follow a space or stand at the edge of a line."""
        broken = self.flags & _BREAK
        if not len(broken) or not (broken[0] or broken[-1] or (broken[1:] & broken[:-1]).any()):
            return
        breaks = self.breaks[1:-1]
        ends, touching = self.units[breaks] == 10, np.diff(breaks) == 1
        self._drop()[breaks[_surplus(ends, touching, bool(broken[0]), bool(broken[-1]))]] = True

    def simple(self) -> str:
        """Return the text with a sentinel for each word that the plain engine decides."""
        out = self.out if self.drop is None else self.out[~self.drop]
        return out.tobytes().decode("utf-16-le", "surrogatepass")

    def slice(self, start: int, end: int) -> str:
        """Return the original text between two code-unit offsets."""
        if len(self.text) == len(self.units):
            return self.text[start:end]
        return self.units[start:end].tobytes().decode("utf-16-le", "surrogatepass")

    def doubtful_lines(self, emptied: list[int]) -> list[int]:
        """Return the lines, by number, that may hold a protected span, or of which a whole word fell away."""
        marks = [mark for mark in _LINK_MARKS if mark[-1] in self.text]
        at = [self._units_before(place) for mark in marks for place in _find_all(self.text, mark)]
        suspects = np.concatenate([np.array(at + emptied, np.int64), self._vocalised(), self._lost_starts()])
        if not suspects.size:
            return []
        ends = np.flatnonzero(self.units == 10)
        lines: list[int] = np.unique(np.searchsorted(ends, suspects)).tolist()
        return lines

    def _units_before(self, place: int) -> int:
        if len(self.text) == len(self.units):
            return place
        return len(self.text[:place].encode("utf-16-le", "surrogatepass")) // 2

    def _lost_starts(self) -> NDArray[np.int64]:
        """Return dropped characters with which a word begins: the whole word may go, and a space with it."""
        if self.drop is None or not self.tables.trims:
            return np.zeros(0, np.int64)
        dropped = np.flatnonzero(self.drop)
        before, _ = self._neighbours(dropped)
        return dropped[(self.tables.flags[before] & _BREAK != 0) & (self.flags[dropped] & _BREAK == 0)]

    def _vocalised(self) -> NDArray[np.int64]:
        """Return a place in every line in which two words have two vowel signs each."""
        vowels = np.flatnonzero(self.flags & _VOWEL)
        if vowels.size < 4:
            return vowels[:0]
        words = np.searchsorted(self.breaks, vowels)
        twice = vowels[1:][words[1:] == words[:-1]]
        ends = np.flatnonzero(self.units == 10)
        lines = np.searchsorted(ends, twice)
        words = np.searchsorted(self.breaks, twice)
        return twice[1:][(lines[1:] == lines[:-1]) & (words[1:] != words[:-1])]


_POSITION_OF = np.array([0, 1, 3, 2], np.uint8)  # (letter before) * 2 + (letter after) -> index in POSITIONS
_LINK_MARKS = ("@", "://", "www", "\N{ORNATE LEFT PARENTHESIS}", "\N{ORNATE RIGHT PARENTHESIS}")


def _contains(keys: NDArray[np.int64], wanted: NDArray[np.int64]) -> Mask:
    if not keys.size:
        return np.zeros(len(wanted), bool)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return keys[at] == wanted


def _surplus(ends: Mask, touching: Mask, first: bool, last: bool) -> Mask:
    """Return which break characters fall away: spaces after a break, and spaces from which only spaces lead to a line end."""
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
    return np.arange(len(ends)) < latest[group]


def _find_all(text: str, mark: str) -> Iterator[int]:
    at = text.find(mark)
    while at >= 0:
        yield at
        at = text.find(mark, at + 1)


def compile_tables(rules: Ruleset) -> Tables | None:
    """Turn rules into look-up tables; None where a rule is of a kind that only the plain engine knows."""
    if rules.tag.script != "Arab" or any(row.where in ("word", "run3") for row in (*rules.encoding, *rules.letters)):
        return None
    runs = {row.source for row in rules.letters if row.where in ("run", "edge")}
    early = [row for row in (*rules.encoding, *rules.letters) if row.where in ("loose", "beside", "hamza")]
    if not runs <= _RUN_IDS or any(" " in row.target for row in early):
        return None
    return _Compiler(rules).tables(trims=bool(runs))


class _Compiler:
    def __init__(self, rules: Ruleset) -> None:
        self.rules = rules
        self.kind = np.zeros(65536, np.uint8)
        self.target = np.arange(65536, dtype=np.uint16)
        self.placed = np.repeat(self.target[:, None], 4, axis=1)
        self.pairs: list[int] = []
        self.breaking: list[int] = []

    def tables(self, *, trims: bool) -> Tables:
        """Fill and return the tables."""
        from boli.normalization.tables import WHERE

        letters = Letters([row for row in self.rules.letters if row.where in WHERE])
        for source, row in letters.plain.items():
            if len(source) == 1:
                self._single(source, row.target)
        for source, slots in letters.placed.items():
            self._positions(source, [source if row is None else row.target for row in slots])
        for source, row in letters.plain.items():
            if len(source) > 1:
                self._sequence(source, row.target, letters)
        self._mark_complex()
        flags = self.kind | _combining() * np.uint8(_COMBINING) | _mask(VOWELS).astype(np.uint8) * np.uint8(_VOWEL)
        flags |= _mask(_BREAKS if trims else " \n").astype(np.uint8) * np.uint8(_BREAK)
        pairs, breaking = np.array(sorted(set(self.pairs)), np.int64), np.array(sorted(set(self.breaking)), np.int64)
        return Tables(flags, self.target, self.placed, pairs, breaking, _mask(LETTERS), _mask(TRANSPARENT), trims)

    def _single(self, source: str, target: str) -> None:
        if ord(source) > 0xFFFF or len(target) > 1 or (target and ord(target) > 0xFFFF):
            self.kind[_units(source)] = COMPLEX
        elif target:
            self.target[ord(source)] = ord(target)
        else:
            self.kind[ord(source)] = DELETE
            self.target[ord(source)] = 0xFFFF

    def _positions(self, source: str, targets: Sequence[str]) -> None:
        if any(len(target) > 1 for target in targets):
            self.kind[ord(source)] = COMPLEX
            return
        self.kind[ord(source)] = PLACED
        self.placed[ord(source)] = [ord(target) if target else 0xFFFF for target in targets]

    def _sequence(self, source: str, target: str, letters: Letters) -> None:
        """Send a sequence to the plain engine by its rarest sign, or keep a protected pair here."""
        last, previous = ord(source[-1]), ord(source[-2])
        kept = source == target and len(source) == 2 and source[0] not in letters.plain and source[0] not in letters.placed
        if self.kind[last] in (COMPLEX, PLACED) or (not kept and source[-1] in MARKS):
            self.kind[last] = COMPLEX
            return
        self.kind[last] = PAIRED
        (self.pairs if kept else self.breaking).append(previous << 16 | last)

    def _mark_complex(self) -> None:
        for row in self.rules.encoding:
            if row.where in ("any", "initial", "medial", "final", "isolated", "nonfinal"):
                self.kind[_units(row.source[0])] = COMPLEX
        self.kind[[ord(ZWNJ), ord(ZWJ), 0xFFFF]] = COMPLEX
        self.kind[_composing()] = COMPLEX


def _units(character: str) -> list[int]:
    return list(np.frombuffer(character.encode("utf-16-le", "surrogatepass"), np.uint16))


def _mask(characters: frozenset[str] | str) -> Mask:
    mask = np.zeros(65536, bool)
    mask[[ord(c) for c in characters]] = True
    return mask


def _combining() -> NDArray[np.uint8]:
    """Marks that may change places with a neighbour, and what may fall away between them."""
    mask = np.array([unicodedata.combining(chr(c)) != 0 for c in range(65536)])
    mask[ord(KASHIDA)] = True
    return mask.astype(np.uint8)


def _composing() -> NDArray[np.int64]:
    """Code units that canonical composition changes, or that join what stands before them."""
    found = {c for c in range(65536) if not unicodedata.is_normalized("NFC", chr(c))}
    pairs = (unicodedata.decomposition(chr(c)).split() for c in range(65536) if not 0xD800 <= c < 0xE000)
    found |= {int(pair[1], 16) for pair in pairs if len(pair) == 2 and not pair[0].startswith("<")}
    found |= {0x1161, 0x11A8, 0xD804, *range(0x1161, 0x1176), *range(0x11A8, 0x11C3)}
    return np.array(sorted(found), np.int64)
