"""Sentences and words as spans: half-open code-point offsets, so that nothing of the text is lost.

Rules, not a model: sentence enders of the language, with abbreviations, numbers and addresses held together. Where it
is wrong: a full stop that is left out, and an abbreviation that its table does not know before a new word.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import regex

from boli.errors import TableError, check_text
from boli.languages import load_language, parse_tag
from boli.normalization.characters import KASHIDA, ZWJ, ZWNJ, escape
from boli.normalization.protection import EMAIL, HANDLE, URL


class Span(NamedTuple):
    """A piece ``[start, end)`` of a text, in code points.

    >>> Span(0, 4).of("کتاب ہے") == "کتاب"
    True
    """

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the piece itself."""
        return text[self.start : self.end]


_SIGNS = "\N{ARABIC SIGN SINDHI AMPERSAND}\N{ARABIC SIGN SINDHI POSTPOSITION MEN}"
_NUMBER = r"\p{Nd}+(?:[.,\N{ARABIC DECIMAL SEPARATOR}\N{ARABIC THOUSANDS SEPARATOR}:/\-]\p{Nd}+)*"
_EMOJI = (
    r"\p{Extended_Pictographic}[\ufe0f\U0001f3fb-\U0001f3ff]*"
    r"(?:\u200d\p{Extended_Pictographic}[\ufe0f\U0001f3fb-\U0001f3ff]*)*|[\U0001f1e6-\U0001f1ff]{2}"
)
_LETTERS = f"[\\p{{L}}\\p{{M}}\\p{{N}}_{KASHIDA}{ZWNJ}{ZWJ}]"
# An apostrophe or hyphen belongs to a word between Latin letters alone.
_WORD = f"(?:{_LETTERS}|(?<=\\p{{Latin}})['\u2019\\-](?=\\p{{Latin}}))+"
_TOKEN = regex.compile(f"{URL}|{EMAIL}|{HANDLE}|[{_SIGNS}]|{_NUMBER}(?!{_LETTERS})|{_EMOJI}|{_WORD}")
_LINK = regex.compile(f"{URL}|{EMAIL}")
_TRAILING = ".,;:!?)]}'\"\N{ARABIC COMMA}\N{ARABIC FULL STOP}\N{ARABIC QUESTION MARK}\N{ARABIC SEMICOLON}"
_CLOSERS = "\"')\\]}\u00bb\u201d\u2019\ufd3e\ufd3f"
_STOPS = ".\N{ARABIC FULL STOP}"
_LAST_WORD = regex.compile(f"(?:{_LETTERS}|\\.(?={_LETTERS}))*+$")


def split_words(text: str, lang: str) -> list[Span]:
    """Return the words: letters with their marks and joiners, numbers, addresses, @names, #tags and emoji.

    Punctuation and spaces are in no word. The Sindhi signs for "and" and "in" are words.

    Raises:
        LanguageError: no such language.
        TextError: `text` is not a `str`.

    >>> [span.of("Ali ne 2,500 bheje.") for span in split_words("Ali ne 2,500 bheje.", "ur-Latn")]
    ['Ali', 'ne', '2,500', 'bheje']
    """
    parse_tag(lang)
    return [_without_trailing(match) for match in _TOKEN.finditer(check_text(text))]


def split_sentences(text: str, lang: str) -> list[Span]:
    """Return the sentences of `text`, without the space around them.

    A sentence ends with the language's enders (and what closes a quotation behind them), or with the line. A stop
    between digits, in an address, behind an abbreviation of the language's table or an initial ends none.

    Raises:
        LanguageError: no such language.
        TextError: `text` is not a `str`.

    >>> [span.of("Dr. Ali aaye. Kab?") for span in split_sentences("Dr. Ali aaye. Kab?", "ur-Latn")]
    ['Dr. Ali aaye.', 'Kab?']
    """
    tag = parse_tag(lang)
    enders, known = _enders(tag.language), _abbreviations(tag.language)
    links = [match.span() for match in _LINK.finditer(check_text(text))]
    spans, start, link = [], 0, 0
    for match in enders.finditer(text):
        while link < len(links) and links[link][1] <= match.start():
            link += 1
        inside = link < len(links) and links[link][0] <= match.start() and match.end() < links[link][1]
        if not inside and _ends(text, start, match, known):
            spans.append(_trim(text, start, match.end()))
            start = match.end()
    spans.append(_trim(text, start, len(text)))
    return [span for span in spans if span.start < span.end]


def _without_trailing(match: "regex.Match[str]") -> Span:
    """An address does not take the punctuation of its sentence with it."""
    start, end = match.span()
    if _LINK.match(match[0]):
        end = start + len(match[0].rstrip(_TRAILING))
    return Span(start, end)


def _ends(text: str, start: int, match: "regex.Match[str]", known: frozenset[str]) -> bool:
    """Whether a run of enders ends a sentence that began at `start`."""
    run = match["run"]
    if run is None or len(run) > 1 or run not in _STOPS:
        return True
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    if before.isdigit() and after.isdigit():
        return False
    found = _LAST_WORD.search(text, max(start, match.start() - 40), match.start())
    word = found[0].casefold() if found else ""
    glued = after.isalpha()
    if len(word) == 1 and word.isalpha() and (glued or word.isascii()):
        return False
    return word not in known and not (glued and run == ".")


def _trim(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))


@cache
def _enders(language: str) -> "regex.Pattern[str]":
    """A run of enders with the closers behind it, or the end of a line."""
    common = ".!?\N{ARABIC QUESTION MARK}\N{ARABIC FULL STOP}\N{HORIZONTAL ELLIPSIS}"
    characters = "".join(escape(sign) for sign in sorted({*load_language(language).sentence_enders, *common}))
    return regex.compile(f"(?P<run>[{characters}]+)[{_CLOSERS}]*|[\r\n]+")


@cache
def _abbreviations(language: str) -> frozenset[str]:
    """Words behind which a full stop is no end, folded; from ``abbreviations.tsv`` of the language."""
    path = files("boli") / "data" / "langs" / language / "abbreviations.tsv"
    head, *lines = path.read_text("utf-8").rstrip("\n").split("\n")
    if head.split("\t") != ["abbreviation", "source", "note"]:
        name = f"langs/{language}/abbreviations.tsv"
        raise TableError(f"{name}:1: columns are {head!r}; expected abbreviation, source, note")
    return frozenset(_words(lines))


def _words(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield line.split("\t")[0].casefold()
