"""From tables to passes: which rows a language, level and options have, in which order they run."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from boli.errors import ConfigError, LanguageError, suggest
from boli.languages import Tag, load_language, parse_tag
from boli.normalization import protection
from boli.normalization.characters import ARABIC_ONLY, KASHIDA, LETTERS, ZWNJ
from boli.normalization.rewrite import Hamzas, Joiners, Letters, Pass, Runs, Words
from boli.normalization.tables import LEVELS, WHERE, Row, common_rows, language_rows, option_values

ENGINE = "2"
"""Changes whenever the passes themselves change what they write."""

_DIGITS = ("0123456789", "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669",
           "\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9")
_CHOICES = {
    "digits": ("keep", "native", "ascii"),
    "diacritics": ("keep", "drop"),
    "zwnj": ("keep", "space", "drop"),
    "quotations": ("keep", "normalize"),
}
_TABLED = ("diacritics", "orthography", "gaf", "joined")
SEARCH_OPTIONS = {"digits": "ascii", "diacritics": "drop", "zwnj": "drop", "quotations": "normalize"}
"""What the search level implies."""


@dataclass(frozen=True)
class Ruleset:
    """The rows that apply, by pass, and the passes that they make."""

    tag: Tag
    level: str
    options: tuple[tuple[str, str], ...]
    encoding: tuple[Row, ...]
    letters: tuple[Row, ...]
    portable: bool = False

    @cached_property
    def signature(self) -> str:
        """Sha256 (hex) of every row, the options and the engine: equal signatures give equal text."""
        content = repr((ENGINE, str(self.tag), self.level, self.options, self.encoding, self.letters, self.portable))
        return hashlib.sha256(content.encode()).hexdigest()

    @cached_property
    def protected(self) -> str:
        """The pattern of the spans that only the encoding passes may touch; empty where nothing is protected."""
        if self.portable:
            return ""
        links = protection.ROMAN if self.tag.script == "Latn" else protection.LINKS
        quotes = self.tag.script == "Arab" and dict(self.options)["quotations"] == "keep"
        return f"{links}|{self.quotation}" if quotes else links

    @cached_property
    def quotation(self) -> str:
        """The pattern of quoted Arabic; letters that `standard` turns into Arabic ones count as such at every level."""
        rows = [row for row in _letter_rows(self.tag, LEVELS[1:3]) if row.where != "word" and _becomes_arabic(row)]
        alike = {c for row in rows for c in (row.source if len(row.source) == 1 else row.source[1:])} & LETTERS
        begun = {row.source for row in rows if row.source[0] in LETTERS - ARABIC_ONLY - alike}
        return protection.quotation(frozenset(alike), begun)

    @cached_property
    def hiding(self) -> re.Pattern[str] | None:
        """The protected spans, and the stand-ins themselves where they stand in a text."""
        stand_ins = f"[{protection.HIDDEN_WORD}{protection.HIDDEN}]"
        return re.compile(f"{self.protected}|{stand_ins}") if self.protected else None

    @cached_property
    def early(self) -> tuple[Pass, ...]:
        """The passes of the encoding level; canonical composition follows them."""
        return tuple(self._early())

    @cached_property
    def late(self) -> tuple[Pass | None, ...]:
        """The other passes, from which protected spans are hidden; None stands for canonical composition."""
        if self.portable:
            return (Letters(self.letters),)
        return (*self._clearing(), None, *self._late(), None) if self.letters else ()

    def _early(self) -> Iterator[Pass]:
        """Characters first: they open ligatures and clear away controls between joiners, letters and marks."""
        if rows := _having(self.encoding, *WHERE):
            yield Letters(rows)
        if rows := _having(self.encoding, "loose", "beside"):
            yield Joiners(rows)
        if rows := _having(self.encoding, "hamza"):
            yield Hamzas(rows)

    def _clearing(self) -> Iterator[Pass | None]:
        """What falls away goes first, so that what stands around it meets before it is looked at; the kashida first.

        Words that a kashida abbreviates are looked at while they still have it.
        """
        if rows := [row for row in _having(self.letters, "word") if KASHIDA in row.source]:
            yield Words(rows, self.tag.script)
        cleared = [row for row in self.letters if is_cleared(row)]
        stretches = [row for row in cleared if row.source == KASHIDA]
        others = [row for row in cleared if row.source != KASHIDA]
        if stretches:
            yield Letters([*stretches, *self._sequences_with(stretches)])
        if rows := _having(self.letters, "loose", "beside"):
            yield Joiners(rows)
        if rows := _having(self.encoding, "hamza"):
            yield Hamzas(rows)
        if others:
            yield None
            yield Letters([*others, *self._sequences_with(others)])

    def _sequences_with(self, cleared: list[Row]) -> list[Row]:
        """Sequences with a cleared character in them, left whole for the letters pass."""
        signs = {row.source for row in cleared}
        rows = [row for row in self.letters if row.where == "any" and len(row.source) > 1 and signs & set(row.source)]
        return [Row(row.id, row.source, row.source, "any", row.authority, row.note) for row in rows]

    def _late(self) -> Iterator[Pass]:
        cleared = {ord(row.source): "" for row in self.letters if is_cleared(row)}
        if rows := [row for row in _having(self.letters, *WHERE) if not is_cleared(row)]:
            yield Letters([row if row.target == row.source else _retarget(row, cleared) for row in rows])
        if rows := _having(self.encoding, "loose"):
            yield Joiners(rows)
        if rows := _having(self.letters, "hamza"):
            yield Hamzas(rows)
        if rows := _having(self.letters, "run", "run3", "edge"):
            yield Runs(rows)
        if rows := [row for row in _having(self.letters, "word") if KASHIDA not in row.source]:
            yield Words(rows, self.tag.script)


def _becomes_arabic(row: Row) -> bool:
    """Whether a row writes letters of Arabic for others."""
    written = LETTERS & set(row.target)
    return bool(written) and written <= ARABIC_ONLY and bool(LETTERS & set(row.source) - ARABIC_ONLY)


def is_cleared(row: Row) -> bool:
    """Whether a row takes one mark (or other sign that is no letter) away wherever it stands."""
    return row.where == "any" and not row.target and len(row.source) == 1 and row.source not in LETTERS


def _retarget(row: Row, cleared: dict[int, str]) -> Row:
    target = row.target.translate(cleared)
    return row if target == row.target else Row(row.id, row.source, target, row.where, row.authority, row.note)


def _having(rows: Sequence[Row], *where: str) -> list[Row]:
    return [row for row in rows if row.where in where]


def load_ruleset(lang: str, level: str, options: Mapping[str, str]) -> Ruleset:
    """Collect the rows of a language at a level.

    Raises:
        LanguageError: no such language, or a level that it does not have.
        ConfigError: an option or value that does not exist for it.
    """
    tag = Tag("und-Arab") if lang == "und" else parse_tag(lang)
    if level not in LEVELS:
        raise ConfigError(f"no level {level!r}; choose from: {', '.join(LEVELS)}{suggest(level, LEVELS)}")
    if tag.language == "und" and level != "encoding":
        raise LanguageError(f"text of no language ('und') has only the level 'encoding', not {level!r}; name a tag")
    chosen = _check_options(tag, {**(SEARCH_OPTIONS if level == "search" else {}), **options})
    below = LEVELS[: LEVELS.index(level) + 1]
    encoding = [*common_rows(tag.script, "encoding"), *_own_rows(tag, "encoding")]
    letters = _letter_rows(tag, below[1:])
    letters += [row for name, value in chosen.items() for row in _option_rows(tag, name, value)]
    return Ruleset(tag, level, tuple(sorted(chosen.items())), tuple(_override(encoding)), tuple(_override(letters)))


def _letter_rows(tag: Tag, levels: Sequence[str]) -> list[Row]:
    return [row for name in levels for row in (*common_rows(tag.script, name), *_own_rows(tag, name))]


def _own_rows(tag: Tag, stem: str) -> list[Row]:
    return [] if tag.language == "und" else language_rows(tag.language, tag.script, stem)


def _check_options(tag: Tag, options: Mapping[str, str]) -> dict[str, str]:
    chosen = {"digits": "keep", "diacritics": "keep", "zwnj": "keep", "quotations": "keep"}
    for name, value in options.items():
        tabled = option_values(tag.language, tag.script, name) if name in _TABLED else []
        choices = [*_CHOICES.get(name, ("keep", *tabled))]
        if value not in choices:
            hint = suggest(value, choices)
            raise ConfigError(f"no {name}={value!r} for {str(tag)!r}; choose from: {', '.join(choices)}{hint}")
        chosen[name] = value
    return {name: value for name, value in chosen.items() if value != "keep" or name in _CHOICES}


def _option_rows(tag: Tag, name: str, value: str) -> list[Row]:
    if value in ("keep", "normalize"):
        return []
    if name == "digits":
        return list(_digit_rows(tag, value))
    if name == "zwnj":
        return [Row(f"zwnj-{value}", ZWNJ, " " if value == "space" else "", "beside", "option zwnj", "")]
    return _own_rows(tag, f"options/{name}.{value}")


def _digit_rows(tag: Tag, value: str) -> Iterable[Row]:
    native = load_language(tag.language).digits if tag.script == "Arab" else _DIGITS[0]
    target = _DIGITS[0] if value == "ascii" else native
    for digits in _DIGITS:
        for number, digit in enumerate(digits):
            if digit != target[number]:
                yield Row(f"digit-{ord(digit):04x}", digit, target[number], "any", f"option digits={value}", "")


def _override(rows: Iterable[Row]) -> list[Row]:
    """Keep the last row of each source and place, in the order in which they last came."""
    kept: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = (row.source, row.where)
        kept.pop(key, None)
        kept[key] = row
    return list(kept.values())
