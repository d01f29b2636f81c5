"""The same rules inside `tokenizer.json` and inside a SentencePiece model."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from boli.errors import ConfigError, require
from boli.normalization.characters import LETTERS, NON_JOINERS, TRANSPARENT, ZWJ, ZWNJ, char_class, escape
from boli.normalization.rewrite import (
    BESIDE,
    HAMZA_AHEAD,
    PASSED_OVER,
    WORD_CHARACTERS,
    Hamzas,
    Joiners,
    Letters,
    Pass,
    Runs,
    Words,
)
from boli.normalization.ruleset import Ruleset
from boli.normalization.tables import POSITIONS, Row

if TYPE_CHECKING:
    from tokenizers.normalizers import Normalizer as TokenizersNormalizer

_LETTER, _BLIND = char_class(LETTERS), char_class(TRANSPARENT)
_AFTER, _NOT_AFTER = f"(?<={_LETTER}{_BLIND}*)", f"(?<!{_LETTER}{_BLIND}*)"
_BEFORE, _NOT_BEFORE = f"(?={_BLIND}*{_LETTER})", f"(?!{_BLIND}*{_LETTER})"
_AT = {
    frozenset({"isolated"}): (_NOT_AFTER, _NOT_BEFORE),
    frozenset({"initial"}): (_NOT_AFTER, _BEFORE),
    frozenset({"medial"}): (_AFTER, _BEFORE),
    frozenset({"final"}): (_AFTER, _NOT_BEFORE),
    frozenset({"initial", "medial"}): ("", _BEFORE),
    frozenset({"final", "isolated"}): ("", _NOT_BEFORE),
    frozenset({"medial", "final"}): (_AFTER, ""),
    frozenset({"isolated", "initial"}): (_NOT_AFTER, ""),
}


def to_tokenizers(rules: Ruleset) -> "TokenizersNormalizer":
    """Return the rules as a `tokenizers` normalizer: NFC and `Replace` steps with look-around.

    Each step puts one text for all places that become it. Protected spans are matched first and stepped over.

    Raises:
        MissingExtra: `tokenizers` is not installed.
    """
    normalizers = require("tokenizers.normalizers", "onnx")
    regex = require("tokenizers", "onnx").Regex
    composition = [] if rules.portable else [None]
    walks = [(walk, "") for walk in (*rules.early, *composition)] + [(walk, rules.protected) for walk in rules.late]
    steps = []
    for walk, protected in walks:
        if walk is None:
            steps.append(normalizers.NFC())
            continue
        for pattern, target in replacements(walk, protected):
            steps.append(normalizers.Replace(regex(_stepping_over(protected, pattern)), target))
    made: TokenizersNormalizer = normalizers.Sequence(steps)
    return made


def _stepping_over(skipped: str, pattern: str) -> str:
    """Match `pattern`, but never inside what `skipped` matches."""
    return f"(?>{skipped})(*SKIP)(*FAIL)|(?!{skipped})(?:{pattern})" if skipped else pattern


def replacements(walk: Pass, protected: str) -> Iterator[tuple[str, str]]:
    """Yield (Oniguruma pattern, target) steps that together do what one pass does."""
    match walk:
        case Letters() as letters:
            yield from _letters(letters, protected)
        case Joiners(rows=rows):
            yield from ((_joiner(row), row.target) for row in rows)
        case Hamzas(rows=rows):
            yield from ((char_class(sources) + HAMZA_AHEAD, target) for target, sources in _by_target(rows).items())
        case Runs(rows=rows):
            yield from _runs(rows)
        case Words(rows=rows, script=script):
            edge = WORD_CHARACTERS[script]
            for target, sources in _by_target(rows).items():
                words = "|".join(_quote(word) for word in sorted(sources, key=lambda word: (-len(word), word)))
                yield f"(?<!{edge})(?:{words})(?!{edge})", target


def _by_target(rows: Iterable[Row]) -> dict[str, set[str]]:
    grouped: dict[str, set[str]] = {}
    for row in rows:
        grouped.setdefault(row.target, set()).add(row.source)
    return grouped


def _quote(text: str) -> str:
    return "".join(escape(c) for c in text)


def _letters(letters: Letters, protected: str) -> Iterator[tuple[str, str]]:
    kept = "|".join(sorted(_quote(source) for source, row in letters.plain.items() if row.target == source))
    changing = [row for source, row in letters.plain.items() if row.target != source]
    sequences = _by_target(row for row in changing if len(row.source) > 1)
    for target, sources in sorted(sequences.items(), key=lambda item: -max(map(len, item[1]))):
        ordered = sorted(sources, key=lambda source: (-len(source), source))
        yield _stepping_over(kept, "|".join(_sequence(source, protected) for source in ordered)), target
    for (target, places), characters in _placed(letters).items():
        behind, ahead = _AT[places]
        yield _stepping_over(kept, f"{behind}{char_class(characters)}{ahead}"), target
    yield from _singles([row for row in changing if len(row.source) == 1], kept)


def _sequence(source: str, protected: str) -> str:
    """Write a sequence so that it does not reach into a protected span."""
    stop = f"(?!{protected})" if protected else ""
    return escape(source[0]) + stop + _quote(source[1:])


def _placed(letters: Letters) -> dict[tuple[str, frozenset[str]], set[str]]:
    grouped: dict[tuple[str, frozenset[str]], set[str]] = {}
    for source, slots in letters.placed.items():
        places: dict[str, set[str]] = {}
        for place, row in zip(POSITIONS, slots, strict=True):
            if row is not None and row.target != source:
                places.setdefault(row.target, set()).add(place)
        for target, names in places.items():
            for part in _splits(frozenset(names)):
                grouped.setdefault((target, part), set()).add(source)
    return grouped


def _splits(places: frozenset[str]) -> list[frozenset[str]]:
    """Write a set of positions as those that one pair of look-arounds can say."""
    return [places] if places in _AT else [frozenset({place}) for place in sorted(places)]


def _singles(rows: list[Row], kept: str) -> Iterator[tuple[str, str]]:
    """Single characters. Ligatures are opened letter by letter from their end, so that each step
    serves many of them; the letters go in behind, since `tokenizers` cannot put text before the first character."""
    ligatures = [row for row in rows if len(row.target) > 1]
    if len(ligatures) < 8:
        yield from ((_stepping_over(kept, char_class(sources)), target) for target, sources in _by_target(rows).items())
        return
    for depth in range(1, max(len(row.target) for row in ligatures)):
        lasts = _by_letter((row for row in ligatures if len(row.target) > depth), -depth)
        yield from ((f"(?<={char_class(sources)})", letter) for letter, sources in lasts.items())
    yield from ((char_class(sources), letter) for letter, sources in _by_letter(rows, 0).items())


def _by_letter(rows: Iterable[Row], place: int) -> dict[str, set[str]]:
    """Group sources by one letter of their targets; the empty target has none."""
    grouped: dict[str, set[str]] = {}
    for row in rows:
        grouped.setdefault(row.target[place] if row.target else "", set()).add(row.source)
    return dict(sorted(grouped.items()))


def _joiner(row: Row) -> str:
    joiners, beside = char_class(PASSED_OVER), char_class(BESIDE)
    idle = row.source
    if row.where == "loose":
        joining = char_class(LETTERS - NON_JOINERS)
        blind = char_class(TRANSPARENT | {ZWNJ, ZWJ})
        idle = f"(?:(?<!{joining}{blind}*){row.source}|{row.source}(?!{_LETTER}))"
    return f"(?<={beside}{joiners}*){idle}|{idle}(?={joiners}*{beside})"


def _runs(rows: Iterable[Row]) -> Iterator[tuple[str, str]]:
    for row in rows:
        source = escape(row.source)
        if row.where == "edge":
            yield f"(?:(?<=[\n\r])|\\A){source}+|(?<!{source}){source}+(?=[\n\r]|\\z)", row.target
    for row in rows:
        if row.where != "edge":
            yield f"{escape(row.source)}{{{3 if row.where == 'run3' else 2},}}", row.target


def write_sentencepiece_tsv(rules: Ruleset, path: Path) -> None:
    """Write ``normalization_rule_tsv``: hexadecimal code points, source TAB target. Written whole or not at all.

    Raises:
        ConfigError: there are rows that SentencePiece cannot carry.
    """
    if not rules.portable:
        raise ConfigError(
            f"the rules of {str(rules.tag)!r} at {rules.level!r} have context, which SentencePiece cannot carry; "
            "export the context-free rows: n.portable().to_sentencepiece_tsv(path)"
        )
    lines = [f"{_hexadecimal(row.source)}\t{_hexadecimal(row.target)}\n" for row in rules.letters]
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("w", encoding="ascii") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _hexadecimal(text: str) -> str:
    return " ".join(f"{ord(c):04X}" for c in text)
