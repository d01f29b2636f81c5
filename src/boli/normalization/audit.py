"""Which characters of a text are foreign to its language: a linter for corpora.

Foreign are letters, marks and digits that the language's profile does not name, presentation forms, invisible
characters, and what a wrong decoding leaves behind. Punctuation, symbols, emoji and Latin letters belong to everybody.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache

import numpy as np

from boli.languages import load_language
from boli.normalization.alignment import Alignment
from boli.normalization.characters import KASHIDA, ZWJ, ZWNJ, char_class
from boli.normalization.normalizer import Normalizer

_LATIN = ((0x41, 0x5A), (0x61, 0x7A), (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0x24F), (0x250, 0x36F), (0x1D00, 0x1DFF),
          (0x1E00, 0x1EFF), (0x2C60, 0x2C7F), (0xA720, 0xA7FF))  # fmt: skip
_GURMUKHI = ((0x0A00, 0x0A7F),)
_FORMS = ((0xFB50, 0xFDFF), (0xFE70, 0xFEFC))
_EVERYWHERE = frozenset(ZWNJ + ZWJ + "\u20e3\ufe0e\ufe0f\t\n0123456789") | {chr(c) for c in range(0xE0020, 0xE0080)}
"""Joiners, what emoji are made of, and European digits."""

_HONORIFICS = frozenset(
    "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}\N{ARABIC LIGATURE BISMILLAH AR-RAHMAN AR-RAHEEM}"
)
"""Words in one sign that every level leaves as they are."""

_DAMAGE = frozenset({"Cc", "Co", "Cn", "Cs"})
_INVISIBLE = frozenset({"Cf", "Zl", "Zp", "Zs"})
_EXAMPLES = 3
_OUTCOMES = 8
_AROUND = 20


@dataclass(frozen=True)
class Outcome:
    """What the normalizer made of a character, with the neighbours that went with it.

    `after` is `before` where it left the character alone (a quotation, a link, or no rule), and empty where it took it
    out.
    """

    before: str
    after: str
    count: int


@dataclass(frozen=True)
class Sighting:
    """Where a character stands: the line from 1, the column in code points from 0, and the text around it."""

    file: str
    line: int
    column: int
    text: str


@dataclass(frozen=True)
class Foreign:
    """A foreign character. `kind` is letter, mark, digit, kashida, presentation form, invisible or damage.

    `outcomes` are the first eight that were met, commonest first; `other_outcomes` counts the rest.
    """

    code: str
    character: str
    name: str
    kind: str
    count: int
    outcomes: tuple[Outcome, ...]
    other_outcomes: int
    examples: tuple[Sighting, ...]


@dataclass(frozen=True)
class CharacterAudit:
    """The characters of a text that are foreign to its language, commonest first; lengths in code points.

    >>> audit = audit_lines(["كتاب"], Normalizer("ur"))
    >>> audit.foreign[0].code, audit.foreign[0].outcomes[0].after == "ک"
    ('U+0643', True)
    """

    tag: str
    level: str
    signature: str
    lines: int
    characters: int
    lines_with_foreign: int
    foreign: tuple[Foreign, ...]

    @property
    def count(self) -> int:
        """How many foreign characters there are in all."""
        return sum(one.count for one in self.foreign)

    def to_json(self) -> str:
        """Write the audit as JSON: the fields of this class, and of those in it.

        >>> json.loads(audit_lines(["x"], Normalizer("ur")).to_json())["foreign"]
        []
        """
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"


@dataclass
class _Tally:
    kind: str
    count: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    others: int = 0
    examples: list[Sighting] = field(default_factory=list)


class CharacterAuditor:
    """Count foreign characters as lines come in; memory does not grow with the text.

    Args:
        normalizer: of the language; says what would become of each character.

    Raises:
        LanguageError: the normalizer is of no language (``und``).

    >>> auditor = CharacterAuditor(Normalizer("ps"))
    >>> auditor.add(["کتاب", "كتاب"], file="a.txt")
    >>> auditor.result().foreign[0].examples[0].line
    2
    """

    def __init__(self, normalizer: Normalizer) -> None:
        self._normalizer = normalizer
        self._own = own_characters(str(normalizer.tag))
        self._candidates = re.compile("[^ -~" + char_class(self._own | _EVERYWHERE)[1:])
        self._tallies: dict[str, _Tally] = {}
        self._lines = self._characters = self._touched = 0

    def add(self, lines: Sequence[str], *, file: str = "", first: int = 1) -> None:
        """Count the characters of some lines; `file` and the number of the `first` one go into the examples."""
        self._lines += len(lines)
        self._characters += sum(map(len, lines))
        found = [(number, line, self._places(line)) for number, line in enumerate(lines, first)]
        touched = [one for one in found if one[2]]
        self._touched += len(touched)
        aligned = self._normalizer.align_batch([line for _, line, _ in touched])
        for (number, line, places), (text, alignment) in zip(touched, aligned, strict=True):
            outcomes = _outcomes(line, places, text, alignment)
            for place, outcome in zip(places, outcomes, strict=True):
                self._count(line, place, outcome, file, number)

    def result(self) -> CharacterAudit:
        """Return what was found so far."""
        ordered = sorted(self._tallies.items(), key=lambda item: (-item[1].count, item[0]))
        found = tuple(_foreign(character, tally) for character, tally in ordered)
        of = self._normalizer
        return CharacterAudit(
            str(of.tag), of.level, of.signature, self._lines, self._characters, self._touched, found
        )

    def _places(self, line: str) -> list[int]:
        return [match.start() for match in self._candidates.finditer(line) if foreign_kind(match[0])]

    def _count(self, line: str, place: int, outcome: tuple[str, str], file: str, number: int) -> None:
        character = line[place]
        tally = self._tallies.get(character)
        if tally is None:
            tally = self._tallies[character] = _Tally(foreign_kind(character))
        tally.count += 1
        if outcome in tally.outcomes or len(tally.outcomes) < _OUTCOMES:
            tally.outcomes[outcome] += 1
        else:
            tally.others += 1
        if len(tally.examples) < _EXAMPLES and all(seen.line != number or seen.file != file for seen in tally.examples):
            around = line[max(0, place - _AROUND) : place + _AROUND + 1]
            tally.examples.append(Sighting(file, number, place, _printable(around)))


def audit_lines(lines: Iterable[str], normalizer: Normalizer) -> CharacterAudit:
    """Count the characters of `lines` that are foreign to the normalizer's language.

    Raises:
        LanguageError: the normalizer is of no language (``und``).

    >>> [one.kind for one in audit_lines(["a\\u200bb"], Normalizer("ur-Latn")).foreign]
    ['invisible']
    """
    auditor, number, batch = CharacterAuditor(normalizer), 1, list[str]()
    for line in lines:
        batch.append(line)
        if len(batch) == 1000:
            auditor.add(batch, first=number)
            number, batch = number + len(batch), []
    auditor.add(batch, first=number)
    return auditor.result()


def own_characters(tag: str) -> frozenset[str]:
    """Return the letters, marks and digits of a language in one script, with its punctuation.

    Raises:
        LanguageError: no such language.

    >>> "\\N{ARABIC LETTER KEHEH}" in own_characters("ur-Arab")
    True
    """
    profile = load_language(tag)
    if tag.endswith("-Arab"):
        return frozenset("".join((*profile.letters, *profile.marks, profile.digits, *profile.sentence_enders)))
    return frozenset(chr(c) for low, high in (_GURMUKHI if tag.endswith("-Guru") else ()) for c in range(low, high + 1))


@cache
def foreign_kind(character: str) -> str:
    """Say what kind of character one is that no profile names; empty for what belongs to everybody.

    >>> foreign_kind("\\N{ARABIC LETTER KAF}"), foreign_kind("\\N{REPLACEMENT CHARACTER}"), foreign_kind("!")
    ('letter', 'damage', '')
    """
    code, category = ord(character), unicodedata.category(character)
    if character in _EVERYWHERE or character in _HONORIFICS or character == " " or _within(code, _LATIN):
        return ""
    if character == KASHIDA:
        return "kashida"
    if _within(code, _FORMS) and unicodedata.decomposition(character).startswith("<"):
        return "presentation form"
    if category in _DAMAGE or character == "\N{REPLACEMENT CHARACTER}":
        return "damage"
    if category in _INVISIBLE:
        return "invisible"
    return {"L": "letter", "M": "mark"}.get(category[0], "digit" if category == "Nd" else "")


def describe(text: str) -> str:
    """Write each character as code point and name.

    >>> describe("\\N{ARABIC LETTER KAF}"), describe("")
    ('U+0643 ARABIC LETTER KAF', 'nothing')
    """
    return " + ".join(f"U+{ord(c):04X} {name_of(c)}" for c in text) or "nothing"


def name_of(character: str) -> str:
    """Return the Unicode name of a character, or what it is where it has none.

    >>> name_of("\\0"), name_of("\\N{SPACE}")
    ('(control)', 'SPACE')
    """
    kinds = {"Cc": "(control)", "Co": "(private use)", "Cs": "(lone surrogate)"}
    return unicodedata.name(character, kinds.get(unicodedata.category(character), "(unassigned)"))


def _within(code: int, ranges: Iterable[tuple[int, int]]) -> bool:
    return any(low <= code <= high for low, high in ranges)


def _outcomes(line: str, places: list[int], text: str, alignment: Alignment) -> list[tuple[str, str]]:
    """Return for each place the piece of the line that it went into, and what that piece became."""
    at = np.array(places)
    firsts = np.searchsorted(alignment.ends, at, side="right")
    lasts = np.maximum(firsts, np.searchsorted(alignment.starts, at + 1, side="left"))
    found = []
    for place, first, last in zip(places, firsts.tolist(), lasts.tolist(), strict=True):
        if first == last:
            found.append((line[place], ""))
        else:
            found.append((line[alignment.starts[first] : alignment.ends[last - 1]], text[first:last]))
    return found


def _foreign(character: str, tally: _Tally) -> Foreign:
    outcomes = sorted(tally.outcomes.items(), key=lambda item: -item[1])
    return Foreign(
        code=f"U+{ord(character):04X}",
        character=_printable(character),
        name=name_of(character),
        kind=tally.kind,
        count=tally.count,
        outcomes=tuple(Outcome(_printable(before), _printable(after), count) for (before, after), count in outcomes),
        other_outcomes=tally.others,
        examples=tuple(tally.examples),
    )


def _printable(text: str) -> str:
    """Spell out lone surrogates, so that the text can be written as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
