"""The passes of a normalizer: each finds its places with one regular expression and decides each by table.

A pass is context-aware but never sees its own output: all its rows apply at once, leftmost and longest first.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product, repeat
from typing import Protocol

from boli.errors import TableError
from boli.normalization.alignment import Edit
from boli.normalization.characters import (
    KASHIDA,
    LETTERS,
    MARKS,
    NON_JOINERS,
    TRANSPARENT,
    ZWJ,
    ZWNJ,
    char_class,
    compose,
    escape,
)
from boli.normalization.protection import HIDDEN_WORD
from boli.normalization.tables import POSITIONS, WHERE, Row

_POSITION = {(False, False): 0, (False, True): 1, (True, True): 2, (True, False): 3}
_JOINERS = frozenset(ZWNJ + ZWJ)
PASSED_OVER = _JOINERS | {chr(c) for c in range(0x300, 0x370)}
"""What stands between a joiner and the letter it is beside: other joiners, and marks of other scripts."""
_PASSED_BY_LETTERS = TRANSPARENT | _JOINERS
BESIDE = LETTERS | MARKS | {KASHIDA}
_LOW_MARKS = frozenset("\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0655\u0656\u0670\u08f0\u08f1\u08f2")
HAMZA = "\N{ARABIC HAMZA ABOVE}"
HAMZA_AHEAD = f"(?={char_class(_LOW_MARKS)}*{HAMZA})"
WORD_CHARACTERS = {
    "Arab": char_class(LETTERS | MARKS | {KASHIDA, ZWNJ}),
    "Latn": f"[{HIDDEN_WORD}0-9A-Za-z_'\u00c0-\u024f\u1e00-\u1eff\u2019]",
    "Guru": "[\u0a00-\u0a7f]",
}


class Pass(Protocol):
    """One walk over a text."""

    pattern: re.Pattern[str]
    rows: Sequence[Row]

    def apply(self, text: str, /) -> str:
        """Return the text after the pass."""
        ...

    def decide(self, match: re.Match[str]) -> str:
        """Return what the matched piece becomes."""
        ...

    def cite(self, match: re.Match[str]) -> Row:
        """Return the row that decided the matched piece."""
        ...


def edits_of(walk: Pass, text: str) -> Iterator[Edit]:
    """Yield the changes that a pass makes."""
    if isinstance(walk, Joiners):
        yield from walk.edits(text)
        return
    for match in walk.pattern.finditer(text):
        after = walk.decide(match)
        if after != match[0]:
            yield Edit(match.start(), match.end(), after, walk.cite(match).id)


def position(text: str, start: int, end: int) -> int:
    """Return the place of ``text[start:end]`` in its word as an index in `POSITIONS`."""
    before, after = start - 1, end
    while before >= 0 and text[before] in TRANSPARENT:
        before -= 1
    while after < len(text) and text[after] in TRANSPARENT:
        after += 1
    return _POSITION[before >= 0 and text[before] in LETTERS, after < len(text) and text[after] in LETTERS]


class Letters:
    """Characters and sequences, replaced everywhere or by their position in the word."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.plain: dict[str, Row] = {}
        self.placed: dict[str, list[Row | None]] = {}
        for row in rows:
            self._add(row)
        self._close()
        self.plain = {**{row.source: row for row in self._variants()}, **self.plain}
        self._targets = {source: row.target for source, row in self.plain.items()}
        self.pattern = re.compile(_longest_match([*self.plain, *self.placed]))
        self.apply = partial(self.pattern.sub, self.decide)

    def _add(self, row: Row) -> None:
        if row.where == "any":
            self.plain[row.source] = row
            self.placed.pop(row.source, None)
            return
        if len(row.source) != 1:
            raise TableError(f"row {row.id!r}: a sequence cannot have the place {row.where!r}; use 'any'")
        everywhere = self.plain.pop(row.source, None)
        slots = self.placed.setdefault(row.source, [everywhere] * 4)
        for name in WHERE[row.where]:
            slots[POSITIONS.index(name)] = row

    def _close(self) -> None:
        """Follow targets that are themselves sources, so that no row feeds another."""
        for source, row in self.plain.items():
            self.plain[source] = self._closed(row, None)
        for source, slots in self.placed.items():
            self.placed[source] = [row and self._closed(row, place) for place, row in enumerate(slots)]

    def _variants(self) -> Iterator[Row]:
        """Sequences typed with characters that become theirs: one pass must see them as the next would."""
        alike: dict[str, list[str]] = {}
        for source, row in self.plain.items():
            if len(source) == 1:
                alike.setdefault(row.target, []).append(source)
        for source, slots in self.placed.items():
            for target in {slot.target for slot in slots if slot}:
                alike.setdefault(target, []).append(source)
        for row in [row for row in self.plain.values() if len(row.source) > 1]:
            for letters in product(*([c, *alike.get(c, ())] for c in row.source)):
                yield Row(row.id, "".join(letters), row.target, row.where, row.authority, row.note)

    def _closed(self, row: Row, place: int | None) -> Row:
        if row.target == row.source:
            return row
        target = row.target
        for _ in range(8):
            following = "".join(self._follow(c, place if len(target) == 1 else None, row) for c in target)
            if following == target:
                break
            target = following
        else:
            raise TableError(f"row {row.id!r}: its target is rewritten without end; end the circle")
        return Row(row.id, row.source, target, row.where, row.authority, row.note) if target != row.target else row

    def _follow(self, character: str, place: int | None, row: Row) -> str:
        if character in self.plain:
            return self.plain[character].target
        slots = self.placed.get(character)
        if slots is None:
            return character
        found = {slot.target if slot else character for slot in (slots if place is None else [slots[place]])}
        if len(found) > 1:
            raise TableError(f"row {row.id!r}: its target {character!r} is rewritten by position; give the row a place")
        return found.pop()

    def decide(self, match: re.Match[str]) -> str:
        """Return the replacement of a source."""
        found = self._targets.get(match[0])
        if found is not None:
            return found
        row = self._placed_row(match)
        return row.target if row else match[0]

    def cite(self, match: re.Match[str]) -> Row:
        """Return the row of a source that changes."""
        row = self.plain.get(match[0]) or self._placed_row(match)
        assert row is not None
        return row

    def _placed_row(self, match: re.Match[str]) -> Row | None:
        slots = self.placed.get(match[0])
        return slots[position(match.string, match.start(), match.end())] if slots else None


def _longest_match(sources: Sequence[str]) -> str:
    """Write a pattern that finds the longest source, scanning fast for the first characters.

    A character that only begins sequences (a common letter before a rare mark) is left at once where none can follow.
    """
    tails: dict[str, list[str]] = {}
    for source in sources:
        if len(source) > 1:
            tails.setdefault(source[0], []).append(source[1:])
    singles = {source for source in sources if len(source) == 1}
    if not sources or not tails:
        return char_class(singles) if singles else "(?!)"
    branches = "|".join(
        f"(?<={escape(first)})(?:{'|'.join(map(_quote, sorted(rest, key=len)[::-1]))})"
        for first, rest in sorted(tails.items())
    )
    seconds = char_class({tail[0] for rest in tails.values() for tail in rest})
    sequence = f"(?={seconds})(?:{branches})"
    begun = f"(?:(?<={char_class(singles)})(?:{sequence})?|{sequence})" if singles else sequence
    return char_class(singles | set(tails)) + begun


def _quote(text: str) -> str:
    return "".join(escape(c) for c in text)


class Joiners:
    """Joiners that do nothing where they stand."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self._by_source = {row.source: row for row in rows}
        self.pattern = re.compile(f"{char_class(set(self._by_source))}{char_class(PASSED_OVER)}*")
        self.apply = partial(self.pattern.sub, self.decide)

    def decide(self, match: re.Match[str]) -> str:
        """Return what becomes of joiners in a row, with the marks between them; each row of them is read once."""
        if not self._is_beside(match):
            return match[0]
        return "".join(map(self._become, match[0], repeat(match.string), range(match.start(), match.end())))

    def edits(self, text: str) -> Iterator[Edit]:
        """Yield the changes, joiner by joiner."""
        for match in self.pattern.finditer(text):
            if self._is_beside(match):
                for at in range(match.start(), match.end()):
                    after = self._become(text[at], text, at)
                    if after != text[at]:
                        yield Edit(at, at + 1, after, self._by_source[text[at]].id)

    @staticmethod
    def _is_beside(match: re.Match[str]) -> bool:
        """Whether letters or marks of the script are next to the row of joiners."""
        text, before, after = match.string, match.start() - 1, match.end()
        while before >= 0 and text[before] in PASSED_OVER:
            before -= 1
        return (before >= 0 and text[before] in BESIDE) or (after < len(text) and text[after] in BESIDE)

    def _become(self, character: str, text: str, at: int) -> str:
        """Return a joiner's target, or the joiner where it is at work, or another character as it is."""
        row = self._by_source.get(character)
        return character if row is None or (row.where == "loose" and self._works(text, at)) else row.target

    @staticmethod
    def _works(text: str, at: int) -> bool:
        if not (at + 1 < len(text) and text[at + 1] in LETTERS):
            return False
        before = at - 1
        while before >= 0 and text[before] in _PASSED_BY_LETTERS:
            before -= 1
        return before >= 0 and text[before] in LETTERS and text[before] not in NON_JOINERS

    def cite(self, match: re.Match[str]) -> Row:
        """Return the row of the first joiner."""
        return self._by_source[match[0][0]]


class Hamzas:
    """Letters that take another form before U+0654, so that canonical composition can join the two."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self._by_source = {row.source: row for row in rows}
        self.pattern = re.compile(char_class(set(self._by_source)) + HAMZA_AHEAD)

    def apply(self, text: str) -> str:
        """Return the text after the pass; most texts have no such hamza."""
        return self.pattern.sub(self.decide, text) if HAMZA in text else text

    def decide(self, match: re.Match[str]) -> str:
        """Return the form that composes."""
        return self._by_source[match[0]].target

    def cite(self, match: re.Match[str]) -> Row:
        """Return the row of this letter."""
        return self._by_source[match[0]]


class Composition:
    """Canonical composition of base letters and their marks."""

    rows: Sequence[Row] = (Row("nfc", "", "", "any", "Unicode Standard Annex 15 (NFC)", "canonical composition"),)
    # A cluster is what stands between two characters that start one and never compose backwards; a space stands alone.
    pattern = re.compile("[ \t\n\r\xa0]|.[^\0-\u02ff\u0621-\u0640\u0641-\u064a\u0671-\u06d5]*", re.DOTALL)

    def apply(self, text: str) -> str:
        """Return the composed text."""
        return compose(text)

    def decide(self, match: re.Match[str]) -> str:
        """Return the composed cluster."""
        return compose(match[0])

    def cite(self, match: re.Match[str]) -> Row:  # noqa: ARG002 - one row for every cluster
        """Return the row that stands for the standard."""
        return self.rows[0]


class Runs:
    """Repetitions written once, and characters that fall away at the edges of a line."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self._edges = {row.source: row for row in rows if row.where == "edge"}
        self._runs = {row.source: row for row in rows if row.where != "edge"}
        twice = {source for source, row in self._runs.items() if row.where == "run"} - set(self._edges)
        thrice = {source for source, row in self._runs.items() if row.where == "run3"}
        patterns = [self._edge_or_run(escape(source)) for source in self._edges]
        patterns += [f"(?P<twice>{char_class(twice)})(?P=twice)+"] if twice else []
        patterns += [f"(?P<thrice>{char_class(thrice)})(?P=thrice){{2,}}"] if thrice else []
        self.pattern = re.compile("|".join(patterns))
        signs = {2 * source for source in {*self._edges, *twice}} | {3 * source for source in thrice}
        self._signs = [*sorted(signs), "\n", "\r"]

    def apply(self, text: str) -> str:
        """Return the text after the pass; most texts repeat nothing."""
        if text[:1] in self._edges or text[-1:] in self._edges:
            return self.pattern.sub(self.decide, text)
        for sign in self._signs:
            if sign in text:
                return self.pattern.sub(self.decide, text)
        return text

    @staticmethod
    def _edge_or_run(source: str) -> str:
        """Match a run, or one at the edge; the pattern starts with the character itself, which makes it fast."""
        return f"{source}(?:{source}+|(?![^\n\r])|(?<![^\n\r]{source}))"

    def _row(self, match: re.Match[str]) -> Row:
        text, source = match.string, match[0][0]
        at_edge = match.start() == 0 or match.end() == len(text)
        at_edge = at_edge or text[match.start() - 1] in "\n\r" or text[match.end()] in "\n\r"
        return self._edges[source] if at_edge and source in self._edges else self._runs[source]

    def decide(self, match: re.Match[str]) -> str:
        """Return the short form."""
        return self._row(match).target

    def cite(self, match: re.Match[str]) -> Row:
        """Return the row of this run or edge."""
        return self._row(match)


class Words:
    """Whole words."""

    def __init__(self, rows: Sequence[Row], script: str) -> None:
        self.rows = rows
        self.script = script
        self._by_source = {row.source: row for row in rows}
        self.telling = telling(list(self._by_source))
        edge = WORD_CHARACTERS[script]
        tails: dict[str, list[str]] = {}
        for word in sorted(self._by_source, key=len, reverse=True):
            tails.setdefault(word[0], []).append(_quote(word[1:]))
        firsts = char_class(set(tails))
        branches = "|".join(f"(?<={escape(first)})(?:{'|'.join(rest)})" for first, rest in tails.items())
        self.pattern = re.compile(f"{firsts}(?<!{edge}{firsts})(?:{branches})(?!{edge})")
        self._may_stand = re.compile(char_class(set(self.telling))).search

    def apply(self, text: str) -> str:
        """Return the text after the pass; most texts have none of the words."""
        return self.pattern.sub(self.decide, text) if self._may_stand(text) else text

    def decide(self, match: re.Match[str]) -> str:
        """Return the word's other spelling."""
        return self._by_source[match[0]].target

    def cite(self, match: re.Match[str]) -> Row:
        """Return the row of this word."""
        return self._by_source[match[0]]


def telling(words: Sequence[str]) -> list[str]:
    """Return few characters of which one stands in every word, the most telling first."""
    left, chosen = list(words), []
    while left:
        counts = Counter(c for word in left for c in set(word))
        chosen.append(max(sorted(counts), key=counts.__getitem__))
        left = [word for word in left if chosen[-1] not in word]
    return chosen
