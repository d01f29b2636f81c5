"""Write a text of one script in another: by the everyday habits of people, learned, or by a named standard."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np

from boli.errors import ConfigError, LanguageError, check_text, suggest
from boli.languages import Tag, parse_tag
from boli.transliteration import gurmukhi, schemes
from boli.transliteration.fixed_words import read_fixed_words
from boli.transliteration.forms import fold_roman, native_form
from boli.transliteration.model_files import load_context
from boli.transliteration.pieces import (
    LINKS,
    LONGEST_WORD,
    Piece,
    cut_pieces,
    native_marks,
    roman_marks,
    starts_sentence,
)
from boli.transliteration.word_memory import WordMemory, shared_memory

ENGLISH = ("convert", "keep")
_AT_ONCE = 1000
"""Texts that are converted together: enough for speed, few enough for memory."""

_ENGLISH_TAG = "en-Latn"
_SENTENCE_ENDS = frozenset(".!?\n\N{ARABIC FULL STOP}\N{ARABIC QUESTION MARK}")


class Candidate(NamedTuple):
    """One answer for a word, and how probable it is among the answers, 0 to 1.

    >>> Candidate("kitab", 0.5).text
    'kitab'
    """

    text: str
    score: float


class AlignedWord(NamedTuple):
    """A word of the input and where its conversion stands in the output; half-open offsets in code points.

    >>> AlignedWord(0, 5, 0, 4).target_end
    4
    """

    start: int
    end: int
    target_start: int
    target_end: int


class Conversion(NamedTuple):
    """A converted text with its words. `text[w.target_start:w.target_end]` is what became of each.

    >>> Conversion("ok", (AlignedWord(0, 2, 0, 2),)).text
    'ok'
    """

    text: str
    words: tuple[AlignedWord, ...]


class _Cut(NamedTuple):
    """A text cut up: pieces, and the words to convert as (piece number, form to look up)."""

    text: str
    pieces: tuple[Piece, ...]
    words: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Transliterator:
    """Convert text from one script of a language to another.

    Without a scheme it writes as people do in everyday life, learned from pairs that people wrote; the words around
    decide between readings. With a scheme it follows that standard, letter by letter.

    Args:
        source: tag of the input, such as ``ur-Latn``.
        target: tag of the output, the same language in another script.
        scheme: None, or a name such as ``bgn-pcgn`` or ``reversible``.
        english: what happens to English words in Roman text: ``convert`` or ``keep``.
        capitals: write the first word of a sentence in Roman with a capital letter.
        user_words: your own words, source -> target; they win over everything learned.

    Raises:
        LanguageError: the two tags are not two scripts of one language, or nothing is known for the pair.
        ConfigError: an option has a value that it does not know.

    >>> t = Transliterator("ur-Latn", "ur-Arab")
    >>> t("mera naam ali hai") == "میرا نام علی ہے"
    True
    """

    source: str
    target: str
    scheme: str | None = field(default=None, kw_only=True)
    english: str = field(default="convert", kw_only=True)
    capitals: bool = field(default=False, kw_only=True)
    user_words: Mapping[str, str] = field(default_factory=dict, kw_only=True)

    def __post_init__(self) -> None:
        source, target = parse_tag(self.source), parse_tag(self.target)
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "target", target)
        if self.english not in ENGLISH:
            hint = suggest(self.english, ENGLISH)
            raise ConfigError(f"no value {self.english!r} for english; choose from: {', '.join(ENGLISH)}{hint}")
        if source.language != target.language or source.script == target.script:
            raise LanguageError(
                f"cannot transliterate {source!r} to {target!r}: it changes the script, not the language;"
                f" give one language in two scripts, such as 'ur-Latn' and 'ur-Arab'"
            )
        if self.scheme is not None:
            object.__setattr__(self, "_rules", schemes.load_scheme(self.scheme, source, target))

    def __call__(self, text: str) -> str:
        """Return the text in the target script; what is no word of the source script stays, punctuation is adapted."""
        return self.batch([text])[0]

    def batch(self, texts: Iterable[str]) -> list[str]:
        """Convert many texts at once, which is much faster than one by one.

        >>> Transliterator("ur-Latn", "ur-Arab").batch(["haan", ""]) == ["ہاں", ""]
        True
        """
        return [conversion.text for conversion in self.convert(texts)]

    def align(self, text: str) -> Conversion:
        """Convert a text and say which word became which.

        >>> conversion = Transliterator("ur-Latn", "ur-Arab").align("acha, 5!")
        >>> conversion.words
        (AlignedWord(start=0, end=4, target_start=0, target_end=4),)
        """
        return self.convert([text])[0]

    def candidates(self, word: str, n: int = 5) -> list[Candidate]:
        """Return the `n` best answers for one word, best first; the probabilities sum to at most 1.

        >>> [c.text for c in Transliterator("ur-Latn", "ur-Arab").candidates("pakistan", 1)] == ["پاکستان"]
        True
        """
        check_text(word)
        form = self._form(word)
        if word in self.user_words or form in self._own_words:
            return [Candidate(self.user_words.get(word) or self._own_words[form], 1.0)]
        if self._letters is not None:
            return [Candidate(text, 1.0 if rank == 0 else 0.0) for rank, text in enumerate(self._spellings(word, n))]
        if not form or len(form) > LONGEST_WORD:
            return [Candidate(word, 1.0)]
        return self._learned(form, n)

    def convert(self, texts: Iterable[str]) -> list[Conversion]:
        """Convert many texts, each with the alignment of its words."""
        listed = [check_text(text) for text in texts]
        if self._letters is not None:
            return [self._by_letters(text) for text in listed]
        found: list[Conversion] = []
        for start in range(0, len(listed), _AT_ONCE):
            cuts = [self._cut(text) for text in listed[start : start + _AT_ONCE]]
            chosen = iter(self._choose(cuts))
            found += [self._join(cut, [next(chosen) for _ in cut.words]) for cut in cuts]
        return found

    @cached_property
    def _letters(self) -> Callable[[str], str] | None:
        """What converts word by word without a model: a standard, or the two scripts of Punjabi."""
        if self.scheme is not None:
            rules: Callable[[str], str] = self.__dict__["_rules"]
            return rules
        scripts = (Tag(self.source).script, Tag(self.target).script)
        return {("Guru", "Arab"): gurmukhi.to_shahmukhi, ("Arab", "Guru"): gurmukhi.to_gurmukhi}.get(scripts)

    def _spellings(self, word: str, n: int) -> list[str]:
        if self.scheme is None:
            to_guru = Tag(self.target).script == "Guru"
            return (gurmukhi.gurmukhi_candidates if to_guru else gurmukhi.shahmukhi_candidates)(word, n)
        assert self._letters is not None
        return [self._letters(word)]

    def _by_letters(self, text: str) -> Conversion:
        assert self._letters is not None
        if self.scheme is not None:
            return Conversion(self._letters(text), ())
        written, words = "", []
        for piece in cut_pieces(text, Tag(self.source).script):
            part = text[piece.start : piece.end]
            if piece.is_word:
                part = self.user_words.get(part) or self._letters(part)
                words.append(AlignedWord(piece.start, piece.end, len(written), len(written) + len(part)))
            else:
                part = self._letters(part)
            written += part
        return Conversion(written, tuple(words))

    @cached_property
    def _fixed(self) -> dict[str, str]:
        return read_fixed_words(Tag(self.target).language) if Tag(self.target).script == "Arab" else {}

    @cached_property
    def _own_words(self) -> dict[str, str]:
        return {self._form(word): answer for word, answer in self.user_words.items()}

    @property
    def _native(self) -> str:
        return self.target if Tag(self.source).script == "Latn" else self.source

    @property
    def _memory(self) -> WordMemory:
        return shared_memory(self._native, is_reading=Tag(self.source).script == "Latn")

    def _form(self, word: str) -> str:
        return fold_roman(word) if Tag(self.source).script == "Latn" else native_form(self.source)(word)

    def _learned(self, form: str, n: int) -> list[Candidate]:
        known, _, scores = self._memory.look_up([form])
        found = [
            Candidate(text, float(np.exp(score))) for text, score in zip(known[0], scores[0].tolist(), strict=False)
        ]
        if n > len(found) and len(found) == scores.shape[1]:
            ranking = self._memory.model.rank([form], n)
            texts = self._memory.model.alphabet.decode(ranking.codes[0])
            more = [Candidate(text, float(np.exp(score))) for text, score in zip(texts, ranking.scores[0], strict=True)]
            known_texts = {candidate.text for candidate in found}
            found += [one for one in more if one.text and one.text not in known_texts]
        return found[:n] or [Candidate(form, 1.0)]

    def _cut(self, text: str) -> _Cut:
        pieces = tuple(cut_pieces(text, Tag(self.source).script))
        kept = self._english_words(text) if self.english == "keep" else set()
        words = []
        forms = self._forms([text[piece.start : piece.end] for piece in pieces if piece.is_word])
        for number, piece in enumerate(pieces):
            if piece.is_word:
                form = next(forms)
                if form and len(form) <= LONGEST_WORD and piece.start not in kept:
                    words.append((number, form))
        return _Cut(text, pieces, tuple(words))

    def _forms(self, words: Sequence[str]) -> Iterator[str]:
        if Tag(self.source).script == "Latn":
            fixed = self._fixed
            return iter([word if word in fixed and word.isupper() else fold_roman(word) for word in words])
        return iter(native_form(self.source).batch(words))

    def _english_words(self, text: str) -> set[int]:
        from boli.identification import identify_words

        if Tag(self.source).script != "Latn":
            return set()
        return {guess.start for guess in identify_words(text) if guess.tag == _ENGLISH_TAG}

    def _choose(self, cuts: Sequence[_Cut]) -> list[str]:
        forms = [form for cut in cuts for _, form in cut.words]
        if not forms:
            return []
        texts, keys, scores = self._memory.look_up(forms)
        best = np.zeros(len(forms), np.int64)
        if Tag(self.source).script == "Latn":
            best = load_context(self._native).best_paths(keys, scores, _sentence_starts(cuts))
        own = {**self._fixed, **self._own_words}
        return [
            own.get(form) or (row[number] if row else form)
            for form, row, number in zip(forms, texts, best.tolist(), strict=True)
        ]

    def _join(self, cut: _Cut, chosen: Sequence[str]) -> Conversion:
        answers = {number: answer for (number, _), answer in zip(cut.words, chosen, strict=True)}
        written: list[str] = []
        words: list[AlignedWord] = []
        at = 0
        for number, piece in enumerate(cut.pieces):
            part = cut.text[piece.start : piece.end]
            if number in answers:
                part = answers[number]
                if self.capitals and Tag(self.target).script == "Latn" and starts_sentence("".join(written[-2:])):
                    part = part[:1].upper() + part[1:]
                words.append(AlignedWord(piece.start, piece.end, at, at + len(part)))
            elif not piece.is_word and not piece.is_protected:
                part = self._between(part)
            written.append(part)
            at += len(part)
        return Conversion("".join(written), tuple(words))

    def _between(self, part: str) -> str:
        if part == " " or (Tag(self.source).script == "Latn" and part in LINKS):
            return " "
        if Tag(self.target).script == "Latn":
            return roman_marks(part)
        return native_marks(part, Tag(self.target).language) if Tag(self.target).script == "Arab" else part


def transliterate(text: str, source: str, target: str, *, scheme: str | None = None) -> str:
    """Convert a text to another script of its language.

    Raises:
        LanguageError: the two tags are not two scripts of one language.

    >>> transliterate("shukriya", "ur-Latn", "ur-Arab") == "شکریہ"
    True
    """
    return _shared(parse_tag(source), parse_tag(target), scheme)(text)


@cache
def _shared(source: str, target: str, scheme: str | None) -> Transliterator:
    return Transliterator(source, target, scheme=scheme)


def _sentence_starts(cuts: Sequence[_Cut]) -> list[int]:
    """Number of the first word of every sentence of every text."""
    starts: list[int] = []
    at = 0
    for cut in cuts:
        before = -1
        for number, _ in cut.words:
            between = [cut.text[p.start : p.end] for p in cut.pieces[before + 1 : number] if not p.is_word]
            if before < 0 or not _SENTENCE_ENDS.isdisjoint("".join(between)):
                starts.append(at)
            before = number
            at += 1
    return starts
