"""The normalizer: text of a language to its canonical text, at one of four levels."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from boli.errors import check_text
from boli.normalization import alignment as aligning
from boli.normalization.alignment import Alignment, Edit
from boli.normalization.characters import compose
from boli.normalization.contracts import check_contracts
from boli.normalization.protection import hide, may_link, may_quote, reveal
from boli.normalization.rewrite import Composition, Pass, Runs, edits_of
from boli.normalization.ruleset import Ruleset, load_ruleset
from boli.normalization.tables import Row, names_of

if TYPE_CHECKING:
    from tokenizers.normalizers import Normalizer as TokenizersNormalizer

    from boli.normalization.batch import BatchEngine


T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """One change: `before` at ``[start, end)`` of the original text became `after`, by the row named `id`."""

    id: str
    reason: str
    start: int
    end: int
    before: str
    after: str


@dataclass(frozen=True)
class Normalization:
    """A normalized text with its reasons.

    `steps` are in the order in which the passes made them; `quotations` are spans of the output that were left alone
    because they quote Arabic.

    >>> explained = Normalizer("ur").explain("كتاب")
    >>> explained.text == "کتاب", [step.id for step in explained.steps], explained.quotations
    (True, ['kaf'], ())
    """

    source: str
    text: str
    steps: tuple[Step, ...]
    alignment: Alignment
    quotations: tuple[tuple[int, int], ...]

    @property
    def changes(self) -> list[tuple[int, int, str]]:
        """Pieces ``(start, end, after)`` of the original whose replacement gives `text`."""
        return aligning.changes(self.source, self.text, self.alignment)


class Normalizer:
    """Bring text of one language to its canonical form.

    Args:
        lang: a language tag; ``"und"`` (encoding level only) where the language is not known.
        level: ``encoding`` (the same text, one encoding), ``visual`` (the same picture), ``standard`` (this language's
            letters for look-alikes of other keyboards), ``search`` (lossy, for matching only). Each contains the ones
            before.
        digits: ``keep``, ``native`` or ``ascii``.
        diacritics: ``keep`` or ``drop`` (the language's list; marks that are parts of letters stay).
        zwnj: ``keep``, ``space`` or ``drop``.
        quotations: ``keep`` leaves Quran and vocalised Arabic alone at `visual` and `standard`; ``normalize`` does not.
        orthography: Balochi only; a table of ``data/langs/bal/options``.
        gaf: Pashto only; ``pashto`` writes the Pashto gaf.
        joined: ``split`` writes reviewed joined words apart.

    Raises:
        LanguageError: no such language.
        ConfigError: a level, option or value that this language does not have.

    >>> n = Normalizer("ur")
    >>> n("كتاب") == "کتاب"
    True
    >>> Normalizer("ur", level="standrd")
    Traceback (most recent call last):
    ...
    boli.errors.ConfigError: no level 'standrd'; choose from: encoding, visual, standard, search (did you mean
    'standard'?)
    """

    def __init__(
        self,
        lang: str,
        *,
        level: str = "standard",
        digits: str | None = None,
        diacritics: str | None = None,
        zwnj: str | None = None,
        quotations: str | None = None,
        orthography: str | None = None,
        gaf: str | None = None,
        joined: str | None = None,
    ) -> None:
        options = {
            "digits": digits, "diacritics": diacritics, "zwnj": zwnj, "quotations": quotations,
            "orthography": orthography, "gaf": gaf, "joined": joined,
        }  # fmt: skip
        rules = load_ruleset(lang, level, {k: v for k, v in options.items() if v is not None})
        check_contracts(rules)
        self._set_rules(rules)

    def _set_rules(self, rules: Ruleset) -> None:
        self.rules = rules
        self.tag = rules.tag
        self.level = rules.level

    def __call__(self, text: str) -> str:
        """Return the normalized text; never raises for a `str`."""
        text, hidden = self._hide(self._early(text))
        for step in self._late:
            text = step(text)
        return reveal(text, hidden) if hidden else text

    def _early(self, text: str) -> str:
        """Return the text at the encoding level, from which nothing is protected."""
        check_text(text)
        for step in self._first:
            text = step(text)
        return text

    @cached_property
    def _first(self) -> tuple[Callable[[str], str], ...]:
        return (*(step.apply for step in self.rules.early), *(() if self.rules.portable else (compose,)))

    @cached_property
    def _late(self) -> tuple[Callable[[str], str], ...]:
        return tuple(compose if step is None else step.apply for step in self.rules.late)

    def batch(self, texts: Iterable[str]) -> list[str]:
        """Return ``[n(text) for text in texts]``, an order of magnitude faster where there are many."""
        lines = list(texts)
        if not self._engine or len(lines) < 2:
            return [self(line) for line in lines]
        return _checking(self._engine.run, lines)

    def align_batch(self, texts: Iterable[str]) -> list[tuple[str, Alignment]]:
        """Return each normalized text with its alignment: the fast form of `explain`, without reasons.

        >>> text, alignment = Normalizer("ur").align_batch(["كتاب"])[0]
        >>> text == "کتاب", alignment.to_input(0, 4)
        (True, (0, 4))
        """
        lines = list(texts)
        if not self._engine:
            return [self._align(check_text(line)) for line in lines]
        return _checking(self._engine.run_aligned, lines)

    def explain(self, text: str) -> Normalization:
        """Return the normalized text with each step, its reason, and offsets back to `text` (code points).

        >>> step = Normalizer("ur").explain("كتاب").steps[0]
        >>> step.start, step.end, step.reason
        (0, 1, 'ARABIC LETTER KAF is written ARABIC LETTER KEHEH')
        """
        steps: list[Step] = []
        aligned, current = aligning.identity(len(check_text(text))), text
        for edits in self._walk(text):
            steps += [self._step(edit, text, current, aligned) for edit in edits]
            aligned, current = _advance(aligned, current, edits)
        return Normalization(text, current, tuple(steps), aligned, self._quotations(current))

    def _align(self, text: str) -> tuple[str, Alignment]:
        aligned, current = aligning.identity(len(text)), text
        for edits in self._walk(text):
            aligned, current = _advance(aligned, current, edits)
        return current, aligned

    def _walk(self, text: str) -> Iterator[list[Edit]]:
        """Yield the edits of each pass that changes something."""
        composition = () if self.rules.portable else (None,)
        for step in (*self.rules.early, *composition):
            if edits := _edits(step, text):
                yield edits
                text = _apply(text, edits)
        text, _ = self._hide(text)
        for step in self.rules.late:
            if edits := _edits(step, text):
                yield edits
                text = _apply(text, edits)

    def _hide(self, text: str) -> tuple[str, str]:
        if self.rules.hiding is None or not (may_link(text) or may_quote(text)):
            return text, ""
        return hide(text, self.rules.hiding)

    @property
    def signature(self) -> str:
        """Sha256 (hex) of the rules and options: equal signatures give equal text."""
        return self.rules.signature

    def portable(self) -> "Normalizer":
        """Return the normalizer of the context-free rows alone, as one leftmost-longest pass.

        That is what SentencePiece can carry. It knows no positions, joiners, runs, words or quotations.
        """
        from boli.normalization.portable import portable_rules

        return _from_rules(portable_rules(self.rules))

    def to_tokenizers(self) -> "TokenizersNormalizer":
        """Return a normalizer of the `tokenizers` library that does the same; it is saved inside ``tokenizer.json``."""
        from boli.normalization.export import to_tokenizers

        return to_tokenizers(self.rules)

    def to_sentencepiece_tsv(self, path: str | Path) -> None:
        """Write the rules as a ``normalization_rule_tsv`` for SentencePiece.

        Raises:
            ConfigError: the normalizer has rows with context; export ``n.portable()`` instead.
        """
        from boli.normalization.export import write_sentencepiece_tsv

        write_sentencepiece_tsv(self.rules, Path(path))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as the rules' identity, so that `datasets` fingerprints it by what it does."""
        return _rebuild, (str(self.tag), self.level, self.rules.options, self.rules.portable, self.signature)

    def __repr__(self) -> str:
        return f"Normalizer({str(self.tag)!r}, level={self.level!r}, signature={self.signature[:12]!r})"

    @cached_property
    def _engine(self) -> "BatchEngine | None":
        from boli.normalization.batch import BatchEngine
        from boli.normalization.tabulation import compile_tables

        tables = compile_tables(self.rules)
        hiding = self.rules.hiding if self.rules.late else None
        if tables is None:
            return None
        return BatchEngine(self.__call__, self._align, self._tidy, hiding, tables)

    def _tidy(self, text: str) -> str:
        """Write repeated spaces once; a text that is normalized but for them is then normalized."""
        for step in self.rules.late:
            text = step.apply(text) if isinstance(step, Runs) else text
        return text

    @cached_property
    def _rows(self) -> dict[str, Row]:
        rows = {row.id: row for row in (*self.rules.encoding, *self.rules.letters)}
        return {**rows, "nfc": Composition.rows[0]}

    def _step(self, edit: Edit, source: str, current: str, aligned: Alignment) -> Step:
        start, end = aligned.to_input(edit.start, edit.end)
        row = self._rows[edit.row]
        reason = row.note or _reason(current[edit.start : edit.end], edit.after)
        return Step(edit.row, reason, start, end, source[start:end], edit.after)

    def _quotations(self, text: str) -> tuple[tuple[int, int], ...]:
        if dict(self.rules.options).get("quotations") != "keep" or not may_quote(text):
            return ()
        return tuple(match.span() for match in re.finditer(self.rules.quotation, text))


def normalize(text: str, lang: str, *, level: str = "standard") -> str:
    """Return `text` in the canonical form of its language; the plain call of `Normalizer`.

    Raises:
        LanguageError: no such language.
        ConfigError: no such level.
        TextError: `text` is not a `str`.

    >>> normalize("كتاب", "ur") == "کتاب"
    True
    """
    key = (lang, level)
    if key not in _READY:
        _READY[key] = Normalizer(lang, level=level)
    return _READY[key](text)


_READY: dict[tuple[str, str], Normalizer] = {}


def _checking(run: Callable[[list[str]], list[T]], lines: list[str]) -> list[T]:
    """Run over lines, and look at each only if one was no text: the look costs as much as the run."""
    try:
        return run(lines)
    except TypeError:
        for line in lines:
            check_text(line)
        raise


def _edits(step: Pass | None, text: str) -> list[Edit]:
    if step is None:
        return [] if compose(text) == text else list(edits_of(Composition(), text))
    return list(edits_of(step, text))


def _advance(aligned: Alignment, text: str, edits: list[Edit]) -> tuple[Alignment, str]:
    return aligning.chain(aligned, aligning.from_edits(len(text), edits)), _apply(text, edits)


def _apply(text: str, edits: list[Edit]) -> str:
    pieces, last = [], 0
    for edit in edits:
        pieces += [text[last : edit.start], edit.after]
        last = edit.end
    return "".join([*pieces, text[last:]])


def _reason(before: str, after: str) -> str:
    if not after:
        return f"{names_of(before)} is left out"
    return f"{names_of(before)} is written {names_of(after)}"


def _from_rules(rules: Ruleset) -> Normalizer:
    made = Normalizer.__new__(Normalizer)
    made._set_rules(rules)
    return made


def _rebuild(
    tag: str,
    level: str,
    options: tuple[tuple[str, str], ...],
    portable: bool,
    signature: str,  # noqa: ARG001 - what a fingerprint sees change when a row changes
) -> Normalizer:
    made = _from_rules(load_ruleset(tag.removesuffix("-Arab"), level, dict(options)))
    return made.portable() if portable else made
