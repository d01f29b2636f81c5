"""Bring the many Roman spellings of chat to the common one of each word."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from boli.errors import LanguageError, check_text
from boli.languages import parse_tag
from boli.transliteration.forms import fold_roman
from boli.transliteration.model_files import load_common, load_context
from boli.transliteration.pieces import LONGEST_WORD, Piece, cut_pieces
from boli.transliteration.word_memory import WordMemory, shared_memory

LANGUAGES = ("ur-Latn", "pa-Latn", "sd-Latn", "ps-Latn")
"""Balochi is not among them: too little Roman Balochi is known to say what is common."""

SURE = 0.4
"""A word changes only if its reading is at least so probable among the candidates."""

PLAUSIBLE = 0.05
"""A word that is the common spelling of a reading at least so probable stays as it is."""

_LONG = re.compile(r"([a-zA-Z])\1{2,}")
_CAPITAL_INSIDE = re.compile("[a-z][A-Z]|^[A-Z]{2,}$")


@dataclass(frozen=True)
class Respeller:
    """Write each Roman word as most people spell it, as far as the sentence makes the word certain.

    A word is read into its own script, in its context, and written back by its most attested spelling. English words,
    names (capitals inside a sentence), links, @names and #tags stay.

    Raises:
        LanguageError: the tag is not one of `LANGUAGES`.

    >>> Respeller("ur-Latn")("ap kese hen")
    'aap kaise hain'
    """

    tag: str

    def __post_init__(self) -> None:
        tag = parse_tag(self.tag)
        if tag not in LANGUAGES:
            raise LanguageError(f"no respelling for {tag!r}; choose from: {', '.join(LANGUAGES)}")
        object.__setattr__(self, "tag", tag)

    def __call__(self, text: str) -> str:
        """Return the text with its words respelled."""
        return self.batch([text])[0]

    def batch(self, texts: Iterable[str]) -> list[str]:
        """Respell many texts at once.

        >>> Respeller("ur-Latn").batch(["", "123"])
        ['', '123']
        """
        return [self._respell(check_text(text)) for text in texts]

    @property
    def _native(self) -> str:
        return f"{self.tag.partition('-')[0]}-Arab"

    @property
    def _memory(self) -> WordMemory:
        return shared_memory(self._native, is_reading=True)

    def _respell(self, text: str) -> str:
        pieces = list(cut_pieces(text, "Latn"))
        words = [piece for number, piece in enumerate(pieces) if self._may_change(text, piece, number == 0)]
        kept = _english(text) if words else set()
        words = [piece for piece in words if piece.start not in kept]
        if not words:
            return text
        answers = dict(zip((piece.start for piece in words), self._common(text, words), strict=True))
        return "".join(answers.get(piece.start, text[piece.start : piece.end]) for piece in pieces)

    def _may_change(self, text: str, piece: Piece, is_first: bool) -> bool:
        word = text[piece.start : piece.end]
        if not piece.is_word or _CAPITAL_INSIDE.search(word) or not 0 < len(fold_roman(word)) <= LONGEST_WORD:
            return False
        return word[0].islower() or is_first or text[: piece.start].rstrip()[-1:] in (".", "!", "?", "\n")

    def _common(self, text: str, words: Sequence[Piece]) -> list[str]:
        shown = [text[piece.start : piece.end] for piece in words]
        forms = [fold_roman(_LONG.sub(r"\1", word)) for word in shown]
        texts, keys, scores = self._memory.look_up(forms)
        chosen = load_context(self._native).best_paths(keys, scores, [0])
        return [
            _as_written(word, self._answer(form, row, np.exp(odds).tolist(), int(best)))
            for word, form, row, odds, best in zip(shown, forms, texts, scores, chosen, strict=True)
        ]

    def _answer(self, form: str, readings: Sequence[str], odds: Sequence[float], best: int) -> str:
        common = load_common(self._native)
        if not readings or form in common.accepted:
            return form
        plausible = [reading for reading, share in zip(readings, odds, strict=False) if share >= PLAUSIBLE]
        if len(form) > 1 and form in (common.spellings.get(reading) for reading in plausible):
            return form
        return common.spellings.get(readings[best], form) if odds[best] >= SURE else form


def respell(text: str, tag: str) -> str:
    """Write each Roman word of chat as most people spell it.

    Args:
        text: Roman text.
        tag: its tag: ur-Latn, pa-Latn, sd-Latn or ps-Latn.

    Raises:
        LanguageError: another tag.

    >>> respell("kya ho rha h", "ur-Latn")
    'kya ho raha hai'
    """
    return _shared(parse_tag(tag))(text)


@cache
def _shared(tag: str) -> Respeller:
    return Respeller(tag)


def _english(text: str) -> set[int]:
    from boli.identification import identify_words

    return {guess.start for guess in identify_words(text) if guess.tag == "en-Latn"}


def _as_written(word: str, answer: str) -> str:
    if answer == fold_roman(word):
        return word
    return answer.capitalize() if word[0].isupper() else answer
