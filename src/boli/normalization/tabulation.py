"""Rules as look-up tables by UTF-16 code unit: what the batch engine reads."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boli.normalization.characters import KASHIDA, LETTERS, MARKS, TRANSPARENT, VOWELS, ZWJ, ZWNJ
from boli.normalization.rewrite import Letters
from boli.normalization.ruleset import Ruleset
from boli.normalization.tables import WHERE

Units = NDArray[np.uint16]
Mask = NDArray[np.bool_]

PLAIN, DELETE, PLACED, PAIRED, COMPLEX = range(5)
KIND, COMBINING, VOWEL, BREAK, TRIGGER, WORD = 7, 8, 16, 32, 64, 128
DELETED = 0xFFFF
"""The target that stands for "nothing"; U+FFFF itself is not a character."""

# High surrogates of the rows in which some character beyond U+FFFF composes or reorders.
_COMPOSING_PLANES = (
    *range(0xD800, 0xD808), 0xD818, 0xD81A, 0xD81B, 0xD82F, 0xD834, 0xD838, 0xD839, 0xD83A, 0xD87E,
)  # fmt: skip
_BREAKS = " \t\n\N{NO-BREAK SPACE}"


class Tables(NamedTuple):
    """Look-ups by UTF-16 code unit, each of length 65,536."""

    flags: NDArray[np.uint8]  # kind (three bits), then: combining mark, vowel sign, break, trigger, part of a word
    target: Units
    placed: Units  # (65536, 4) target by position; 0xFFFF deletes
    pairs: NDArray[np.int64]  # sorted keys previous << 16 | unit that are kept
    breaking_pairs: NDArray[np.int64]  # sorted keys that send the word to the plain engine
    letter: Mask
    transparent: Mask
    trims: bool
    listed: NDArray[np.int64]  # sorted keys before << 32 | unit << 16 | after: one for each word of the word rows


def compile_tables(rules: Ruleset) -> Tables | None:
    """Turn rules into look-up tables; None where a rule is of a kind that only the plain engine knows."""
    if rules.tag.script != "Arab" or any(row.where == "run3" for row in (*rules.encoding, *rules.letters)):
        return None
    if any(set(row.source) - LETTERS - MARKS for row in rules.letters if row.where == "word"):
        return None
    runs = {row.source for row in rules.letters if row.where in ("run", "edge")}
    early = [row for row in (*rules.encoding, *rules.letters) if row.where in ("loose", "beside", "hamza")]
    if not runs <= {" "} or any(" " in row.target for row in early):
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
        flags = self.kind | _combining() * np.uint8(COMBINING) | _mask(VOWELS).astype(np.uint8) * np.uint8(VOWEL)
        flags |= _mask(_BREAKS if trims else " \n").astype(np.uint8) * np.uint8(BREAK)
        flags |= _mask(LETTERS | MARKS | {KASHIDA, ZWNJ}).astype(np.uint8) * np.uint8(WORD)
        flags[self.kind == DELETE] |= COMBINING  # marks on both its sides come to meet
        flags[self._spelling_vowels()] |= VOWEL
        pairs, breaking = np.array(sorted(set(self.pairs)), np.int64), np.array(sorted(set(self.breaking)), np.int64)
        words = [row.source for row in self.rules.letters if row.where == "word"]
        triggers = _cover(words)
        flags[[ord(c) for c in triggers]] |= TRIGGER
        listed = np.array(sorted({_key(word, triggers) for word in words}), np.int64)
        masks = _mask(LETTERS), _mask(TRANSPARENT)
        return Tables(flags, self.target, self.placed, pairs, breaking, *masks, trims, listed)

    def _spelling_vowels(self) -> list[int]:
        """Presentation forms that open into vowel signs."""
        return [ord(row.source) for row in self.rules.encoding if len(row.source) == 1 and VOWELS & set(row.target)]

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
        moving = source[0] in letters.plain or source[0] in letters.placed
        kept = source == target and len(source) == 2 and not moving
        if unicodedata.combining(source[-1]) and unicodedata.combining(source[-2]):
            return  # two marks that meet go to the plain engine anyway
        if self.kind[last] == PLACED and kept:
            self.pairs.append(previous << 16 | last)
            return
        if self.kind[last] in (COMPLEX, PLACED) or (not kept and source[-1] in MARKS):
            self.kind[last] = COMPLEX
            return
        self.kind[last] = PAIRED
        (self.pairs if kept else self.breaking).append(previous << 16 | last)

    def _mark_complex(self) -> None:
        rows = [row for row in self.rules.encoding if row.where in WHERE]
        singles = {row.source for row in rows if len(row.source) == 1}
        for row in rows:
            if len(row.source) == 1 or not singles & set(row.source):
                self.kind[_units(row.source[-1])] = COMPLEX
        self.kind[[ord(ZWNJ), ord(ZWJ), 0xFFFF]] = COMPLEX
        self.kind[_composing()] = COMPLEX


def _cover(words: list[str]) -> list[str]:
    """Return few characters of which one stands in every word, the most telling first."""
    left, chosen = list(words), []
    while left:
        counts = Counter(c for word in left for c in set(word))
        chosen.append(max(sorted(counts), key=counts.__getitem__))
        left = [word for word in left if chosen[-1] not in word]
    return chosen


def _key(word: str, triggers: list[str]) -> int:
    """Return the first trigger of a word with its neighbours; 0 stands for the word's edge."""
    at = min(word.index(trigger) for trigger in triggers if trigger in word)
    before = ord(word[at - 1]) if at else 0
    after = ord(word[at + 1]) if at + 1 < len(word) else 0
    return before << 32 | ord(word[at]) << 16 | after


def _units(character: str) -> list[int]:
    return list(np.frombuffer(character.encode("utf-16-le", "surrogatepass"), np.uint16))


def _mask(characters: frozenset[str] | str) -> Mask:
    mask = np.zeros(65536, bool)
    mask[[ord(c) for c in characters]] = True
    return mask


@cache
def _combining() -> NDArray[np.uint8]:
    """Marks that may change places with a neighbour, and what may fall away between them."""
    mask = np.array([unicodedata.combining(chr(c)) != 0 for c in range(65536)])
    mask[ord(KASHIDA)] = True
    return mask.astype(np.uint8)


@cache
def _composing() -> NDArray[np.int64]:
    """Code units that canonical composition changes, or that join what stands before them."""
    found = {c for c in range(65536) if not unicodedata.is_normalized("NFC", chr(c))}
    pairs = (unicodedata.decomposition(chr(c)).split() for c in range(65536) if not 0xD800 <= c < 0xE000)
    found |= {int(pair[1], 16) for pair in pairs if len(pair) == 2 and not pair[0].startswith("<")}
    found |= {*range(0x1161, 0x1176), *range(0x11A8, 0x11C3), *_COMPOSING_PLANES}
    return np.array(sorted(found), np.int64)
