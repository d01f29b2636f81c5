"""Rules as look-up tables by UTF-16 code unit: what the batch engine reads."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boli.normalization.characters import KASHIDA, LETTERS, MARKS, TRANSPARENT, VOWELS, ZWJ, ZWNJ, compose
from boli.normalization.rewrite import WORD_CHARACTERS, Letters, telling
from boli.normalization.ruleset import Ruleset
from boli.normalization.tables import WHERE

Units = NDArray[np.uint16]
Mask = NDArray[np.bool_]
Keys = NDArray[np.int64]

PLAIN, PLACED, HELD, PAIRED, SIGN, DELETE, JOINING, COMPLEX = range(8)
"""What a code unit asks for: a look-up, a look at its neighbours (`HELD`: unless a pair is kept; `PAIRED`: where no
pair is kept), a look for protected spans, no place in the output, composition with the letter before, the plain
engine."""

KIND, COMBINING, VOWEL, BREAK, TRIGGER, CHANGES = 7, 8, 16, 32, 64, 128
LETTER, SKIPPED, WORD, STARTER, OPENS, EARLY = 1, 2, 4, 8, 16, 32
DELETED = 0xFFFF
"""The target that stands for "nothing"; U+FFFF itself is not a character."""

_JOINING = "\N{ARABIC MADDAH ABOVE}\N{ARABIC HAMZA ABOVE}\N{ARABIC HAMZA BELOW}"
_STEADY = [chr(c) for c in (*range(0x064B, 0x0660), 0x0670)]
_SIGNS = {"Arab": "\r:@w\ufd3e\ufd3f\ufdd0\ufdd1", "Latn": "\r:@w#`\ufdd0\ufdd1"}
"""By script: what breaks a line, and what a protected span has in it."""
# What begins a cluster of `Composition` and stays apart from the cluster before.
_STARTERS = (*range(0x300), *range(0x0621, 0x0641), *range(0x0641, 0x064B), *range(0x0671, 0x06D6))

# High surrogates of the rows in which some character beyond U+FFFF composes or reorders.
_COMPOSING_PLANES = (
    *range(0xD800, 0xD808), 0xD818, 0xD81A, 0xD81B, 0xD82F, 0xD834, 0xD838, 0xD839, 0xD83A, 0xD87E,
)  # fmt: skip
_BREAKS = " \t\n\N{NO-BREAK SPACE}"
_BY_SHAPE = ("loose", "beside", "hamza")


class Tables(NamedTuple):
    """Look-ups by UTF-16 code unit, each of length 65,536, and the neighbours that matter, as sorted keys."""

    flags: NDArray[np.uint8]  # kind (three bits), then: combining mark, vowel sign, break, trigger, changes
    context: NDArray[np.uint8]  # letter, transparent, part of a word, starter of a cluster, opens a pair, early rows
    target: Units
    placed: Units  # (65536 * 4,) target by unit and position; 0xFFFF deletes
    pairs: Keys  # previous << 16 | unit: pairs that are kept
    breaking: Keys  # the same: pairs that send the word to the plain engine
    joining: Keys  # the same: letter and mark that compose
    joined: Units  # what the pairs of `joining` become
    steady: Keys  # the same: marks that meet and stay as they stand
    listed: Keys  # before << 32 | unit << 16 | after: one for each word of the word rows of Arabic script
    openings: Keys  # the first four code units of each word of the word rows of Roman script
    begun: Mask  # which first << 8 ^ second code unit one of them has
    repeats: NDArray[np.uint8]  # how many of a code unit in a row are written otherwise; empty where no row says so
    trims: bool
    quotes: bool


def compile_tables(rules: Ruleset) -> Tables | None:
    """Turn rules into look-up tables; None where a rule is of a kind that only the plain engine knows."""
    rows = (*rules.encoding, *rules.letters)
    if rules.tag.script not in _SIGNS or any(row.where in _BY_SHAPE and " " in row.target for row in rows):
        return None
    letters = LETTERS | MARKS | {KASHIDA} if rules.tag.script == "Arab" else _in_words("Latn")
    if any(set(row.source) - letters for row in rows if row.where == "word"):
        return None
    if any((row.where, row.source == " ") in (("edge", False), ("run3", True)) for row in rows):
        return None
    signs = set(_SIGNS[rules.tag.script])
    if any(signs & set(row.source) for row in rows if row.where not in ("word", "run", "run3")):
        return None
    return _Compiler(rules).tables(trims=any(row.source == " " for row in rows if row.where in ("run", "edge")))


class _Compiler:
    def __init__(self, rules: Ruleset) -> None:
        self.rules = rules
        self.rows = (*rules.encoding, *rules.letters)
        self.kind = np.zeros(65536, np.uint8)
        self.target = np.arange(65536, dtype=np.uint16)
        self.placed = np.repeat(self.target[:, None], 4, axis=1)
        self.pairs: list[int] = []
        self.breaking: list[int] = []

    def tables(self, *, trims: bool) -> Tables:
        """Fill and return the tables."""
        self._letters(Letters([row for row in self.rules.letters if row.where in WHERE]))
        self._mark_complex()
        words = [row.source for row in self.rules.letters if row.where == "word"]
        self._abbreviations([word for word in words if KASHIDA in word])
        words = [word for word in words if KASHIDA not in word]
        arabic = self.rules.tag.script == "Arab"
        triggers = telling(words) if arabic else []
        joined = dict(self._joined(triggers))
        steady = [] if self.rules.portable else self._steady()
        self.kind[[ord(sign) for sign in _SIGNS[self.rules.tag.script]]] = SIGN
        repeats = self._repeats()
        return Tables(
            self._flags(triggers, trims=trims),
            self._context(),
            self.target,
            self.placed.ravel(),
            _keys(self.pairs),
            _keys(self.breaking),
            _keys(joined),
            np.array([self.target[joined[key]] for key in sorted(joined)], np.uint16),
            _keys(steady),
            _keys(_key(word, triggers) for word in words if arabic),
            _keys(_opening(word) for word in words if not arabic),
            _begun([word for word in words if not arabic]),
            repeats,
            trims,
            arabic and bool(self.rules.protected) and dict(self.rules.options)["quotations"] == "keep",
        )

    def _repeats(self) -> NDArray[np.uint8]:
        """How many of a sign in a row a row looks for; what falls away between two of them is for the plain engine."""
        counts = {row.source: 2 if row.where == "run" else 3 for row in self.rows if row.where in ("run", "run3")}
        counts.pop(" ", None)
        if not counts:
            return np.zeros(0, np.uint8)
        self.kind[self.kind == DELETE] = COMPLEX
        repeats = np.zeros(65536, np.uint8)
        repeats[[ord(sign) for sign in counts]] = [*counts.values()]
        return repeats

    def _flags(self, triggers: list[str], *, trims: bool) -> NDArray[np.uint8]:
        going = (self.target == DELETED) | (self.placed == DELETED).any(axis=1)
        flags: NDArray[np.uint8] = self.kind.copy()
        flags[_combining() | going] |= COMBINING  # marks meet where what is between them goes
        flags[_mask(VOWELS)] |= VOWEL
        flags[_mask(_BREAKS if trims else " \n") | ((self.target == ord(" ")) & trims)] |= BREAK
        flags[self._spelling_vowels()] |= VOWEL
        wanted = [ord(c) for c in triggers]
        flags[np.isin(self.target, wanted) | np.isin(self.placed, wanted).any(axis=1)] |= TRIGGER
        flags[wanted] |= TRIGGER
        flags[self.target != np.arange(65536)] |= CHANGES
        return flags

    def _context(self) -> NDArray[np.uint8]:
        """What the neighbours of a code unit see in it; `OPENS` also stands for what falls away."""
        opens = np.zeros(65536, bool)
        opens[[key >> 16 for key in (*self.pairs, *self.breaking)]] = True
        opens |= self.target == DELETED
        word = _mask(_in_words(self.rules.tag.script))
        skipped = _mask(TRANSPARENT) | (self.kind == DELETE)
        masks = {LETTER: _mask(LETTERS), SKIPPED: skipped, WORD: word, OPENS: opens}
        masks[EARLY] = np.isin(self.kind, (COMPLEX, JOINING)) | _mask(self._cleared())
        masks[STARTER] = np.isin(np.arange(65536), _STARTERS)
        context = np.zeros(65536, np.uint8)
        for bit, mask in masks.items():
            context[mask] |= bit
        return context

    def _abbreviations(self, words: list[str]) -> None:
        """Send words that end with a kashida to the plain engine."""
        if words:
            self.kind[ord(KASHIDA)] = PAIRED
            self.breaking += [ord(word[word.index(KASHIDA) - 1]) << 16 | ord(KASHIDA) for word in words]

    def _cleared(self) -> list[str]:
        """Characters that the encoding level takes away."""
        rows = [row for row in self.rules.encoding if row.where == "any" and not row.target]
        return [row.source for row in rows if len(row.source) == 1 and row.source <= "\uffff"]

    def _joined(self, triggers: list[str]) -> Iterator[tuple[int, int]]:
        """Yield the pairs of letter and mark that canonical composition joins, where no rule looks at either."""
        if self.rules.portable:
            return
        rows = [row for row in self.rows if len(row.source) > 1 and row.where != "word"]
        busy = {c for row in rows for c in row.source[1:]} | {row.source for row in self.rows if row.where == "hamza"}
        for mark in _JOINING:
            self.kind[ord(mark)] = JOINING
            opening = {row.source[0] for row in rows if row.source[1] == mark}
            for letter in sorted(LETTERS - busy - opening - set(triggers)):
                whole = compose(letter + mark)
                free = len(whole) == 1 and whole not in busy and whole not in triggers
                if free and self._is_plain(letter) and self.kind[ord(whole)] == PLAIN:
                    yield ord(letter) << 16 | ord(mark), ord(whole)

    def _is_plain(self, character: str) -> bool:
        return bool(self.kind[ord(character)] == PLAIN and self.target[ord(character)] == ord(character))

    def _steady(self) -> Iterator[int]:
        """Yield the pairs of marks that canonical order leaves alone and no rule names."""
        sources = [row.source for row in self.rows if len(row.source) > 1]
        plain = [mark for mark in _STEADY if self._is_plain(mark)]
        for first, second in product(plain, plain):
            pair = first + second
            if compose(KASHIDA + pair) == KASHIDA + pair and not any(pair in source for source in sources):
                yield ord(first) << 16 | ord(second)

    def _spelling_vowels(self) -> list[int]:
        """Presentation forms that open into vowel signs."""
        return [ord(row.source) for row in self.rules.encoding if len(row.source) == 1 and VOWELS & set(row.target)]

    def _letters(self, letters: Letters) -> None:
        for source, row in letters.plain.items():
            if len(source) == 1:
                self._single(source, row.target)
        for source, slots in letters.placed.items():
            self._positions(source, [source if row is None else row.target for row in slots])
        for source, row in letters.plain.items():
            if len(source) > 1:
                self._sequence(source, row.target, letters)

    def _single(self, source: str, target: str) -> None:
        if ord(source) > 0xFFFF or len(target) > 1 or (target and ord(target) > 0xFFFF):
            self.kind[_units(source)] = COMPLEX
        elif target:
            self.target[ord(source)] = ord(target)
        else:
            self.kind[ord(source)] = DELETE
            self.target[ord(source)] = DELETED

    def _positions(self, source: str, targets: Sequence[str]) -> None:
        if any(len(target) > 1 for target in targets):
            self.kind[ord(source)] = COMPLEX
            return
        self.kind[ord(source)] = PLACED
        self.placed[ord(source)] = [ord(target) if target else DELETED for target in targets]

    def _sequence(self, source: str, target: str, letters: Letters) -> None:
        """Send a sequence to the plain engine by its rarest sign, or keep a protected pair here."""
        last, previous = ord(source[-1]), ord(source[-2])
        moving = source[0] in letters.plain or source[0] in letters.placed
        kept = source == target and len(source) == 2 and not moving
        if unicodedata.combining(source[-1]) and unicodedata.combining(source[-2]):
            return  # two marks that meet go to the plain engine anyway
        if self.kind[last] in (PLACED, HELD) and kept:
            self.kind[last] = HELD
            self.pairs.append(previous << 16 | last)
            return
        if self.kind[last] in (COMPLEX, PLACED, HELD) or (not kept and source[-1] in MARKS):
            self.kind[last] = COMPLEX
            return
        self.kind[last] = PAIRED
        (self.pairs if kept else self.breaking).append(previous << 16 | last)

    def _mark_complex(self) -> None:
        rows = [row for row in self.rules.encoding if row.where in WHERE]
        singles = {row.source for row in rows if len(row.source) == 1}
        cleared = self._cleared()
        for row in rows:
            if row.source in cleared:
                self._single(row.source, "")
            elif len(row.source) == 1 or not singles & set(row.source):
                self.kind[_units(row.source[-1])] = COMPLEX
        self.kind[[ord(ZWNJ), ord(ZWJ), DELETED]] = COMPLEX
        self.kind[_composing()] = COMPLEX


def _keys(keys: Iterable[int]) -> Keys:
    return np.array(sorted(set(keys)), np.int64)


def _key(word: str, triggers: list[str]) -> int:
    """Return the first trigger of a word with its neighbours; 0 stands for the word's edge."""
    at = min(word.index(trigger) for trigger in triggers if trigger in word)
    before = ord(word[at - 1]) if at else 0
    after = ord(word[at + 1]) if at + 1 < len(word) else 0
    return before << 32 | ord(word[at]) << 16 | after


def _opening(word: str) -> int:
    """Return the first four code units of a word, the first of them highest; 0 stands behind its end."""
    return sum(ord(c) << shift for c, shift in zip(word, (48, 32, 16, 0), strict=False))


def _begun(words: list[str]) -> Mask:
    mask = np.zeros(65536, bool)
    mask[[(ord(word[0]) << 8 ^ ord(word[1:2] or "\0")) & 0xFFFF for word in words]] = True
    return mask


@cache
def _in_words(script: str) -> frozenset[str]:
    """The characters that a word is made of; stand-ins of protected spans, which are looked at apart, are not."""
    is_in = re.compile(WORD_CHARACTERS[script]).match
    return frozenset(c for c in map(chr, range(0xFDD0)) if is_in(c))


def _units(character: str) -> list[int]:
    return list(np.frombuffer(character.encode("utf-16-le", "surrogatepass"), np.uint16))


def _mask(characters: Iterable[str]) -> Mask:
    mask = np.zeros(65536, bool)
    mask[[ord(c) for c in characters]] = True
    return mask


@cache
def _combining() -> Mask:
    """Marks that may change places with a neighbour, and what may fall away between them."""
    mask = np.array([unicodedata.combining(chr(c)) != 0 for c in range(65536)])
    mask[ord(KASHIDA)] = True
    return mask


@cache
def _composing() -> NDArray[np.int64]:
    """Code units that canonical composition changes, or that join what stands before them."""
    found = {c for c in range(65536) if not unicodedata.is_normalized("NFC", chr(c))}
    pairs = (unicodedata.decomposition(chr(c)).split() for c in range(65536) if not 0xD800 <= c < 0xE000)
    found |= {int(pair[1], 16) for pair in pairs if len(pair) == 2 and not pair[0].startswith("<")}
    found |= {*range(0x1161, 0x1176), *range(0x11A8, 0x11C3), *_COMPOSING_PLANES}
    return np.array(sorted(found), np.int64)
