"""The context-free rows of a normalizer as one table: what SentencePiece can carry."""

import unicodedata
from collections.abc import Iterator

from boli.errors import ConfigError
from boli.languages import Tag
from boli.normalization.characters import compose
from boli.normalization.rewrite import BESIDE, Letters
from boli.normalization.ruleset import Ruleset
from boli.normalization.tables import WHERE, Row

_HAMZA = "\N{ARABIC HAMZA ABOVE}"


def portable_rules(rules: Ruleset) -> Ruleset:
    """Fold the encoding and the letter rows into one leftmost-longest table.

    Raises:
        ConfigError: the rules are portable already in a way that has nothing left (no context-free row at all).
    """
    if rules.portable:
        return rules
    early = _context_free(rules.encoding)
    late = _context_free(rules.letters)
    rows = {source: _through(row, late) for source, row in early.plain.items()}
    rows |= {source: row for source, row in late.plain.items() if source not in rows}
    rows |= {row.source: row for row in _compositions(rules, late) if row.source not in rows}
    rows |= {row.source: row for row in _variants(rows) if row.source not in rows}
    if not rows:
        raise ConfigError(f"{str(rules.tag)!r} at {rules.level!r} has no context-free row; there is nothing to carry")
    options = tuple(sorted({**dict(rules.options), "quotations": "normalize"}.items()))
    return Ruleset(Tag(rules.tag), rules.level, options, (), tuple(rows.values()), portable=True)


def _context_free(rows: tuple[Row, ...]) -> Letters:
    """Rows that hold everywhere.

    A source that some position or some kept sequence treats otherwise has context, and so has a sequence that begins
    with something else than a letter or mark (a digit before a hamza).
    """
    letters = Letters([row for row in rows if row.where in WHERE])
    kept = {c for source, row in letters.plain.items() if row.target == source for c in source}
    free = [row for row in letters.plain.values() if row.target != row.source and row.source not in kept]
    return Letters([row for row in free if len(row.source) == 1 or row.source[0] in BESIDE])


def _through(row: Row, late: Letters) -> Row:
    target = compose(late.pattern.sub(late.decide, compose(row.target)))
    return Row(row.id, row.source, target, "any", row.authority, row.note)


def _compositions(rules: Ruleset, late: Letters) -> Iterator[Row]:
    """Arabic letters that canonical composition or a `hamza` row joins."""
    for code in range(0x0621, 0x06D4):
        parts = unicodedata.normalize("NFD", chr(code))
        if len(parts) == 2:
            yield _through(Row(f"nfc-{code:04x}", parts, chr(code), "any", "UAX 15", ""), late)
    for row in (*rules.encoding, *rules.letters):
        if row.where == "hamza":
            joined = Row(row.id, row.source + _HAMZA, compose(row.target + _HAMZA), "any", row.authority, "")
            yield _through(joined, late)


def _variants(rows: dict[str, Row]) -> Iterator[Row]:
    """Sequences that begin with a source of the sequence's own first letter, so that one pass is enough."""
    sequences = [row for row in rows.values() if len(row.source) > 1]
    for row in rows.values():
        for sequence in sequences:
            if row.target.endswith(sequence.source[0]) and row.source != sequence.source:
                source, target = row.source + sequence.source[1:], row.target[:-1] + sequence.target
                yield Row(f"{row.id}+{sequence.id}", source, target, "any", sequence.authority, "")
