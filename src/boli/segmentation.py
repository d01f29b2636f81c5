"""Sentences and words as spans: half-open code-point offsets, so that nothing of the text is lost.

Rules, not a model: sentence enders of the language, with abbreviations, numbers and addresses held together. Semicolons
divide no sentences. Where it is wrong: a full stop that is left out; an abbreviation that its table does not know; a
sentence that ends with an abbreviation or an initial. Every pattern is linear: it scans ahead once from one place.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import regex

from boli.errors import TableError, check_text
from boli.languages import load_language, parse_tag
from boli.normalization.characters import KASHIDA, LETTERS, MARKS, ZWJ, ZWNJ, char_class, escape
from boli.normalization.protection import EMAIL


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


_ARABIC = char_class(LETTERS)
# Direction marks that stand inside words: 39 in text/pa-Arab, 12 in text/ps-Arab.
_CONTROLS = "\u200e\u200f\u061c"
# The closed sets stand beside \p{L}, so that an older `regex` gives the same answer for the five languages.
_LETTER = f"[\\p{{L}}\\p{{M}}\\p{{N}}_{char_class(LETTERS | MARKS)[1:-1]}{KASHIDA}{ZWNJ}{ZWJ}{_CONTROLS}]"
_ACCENTS = "\u0300-\u036f"
# Inside a word: what stands between digits (2,500 or 12/10/2024), and between Latin letters (don't, Sh'ah, covid-19).
_IN_NUMBER = "(?<=\\p{Nd})[.,:/\\-\u060d\u066b\u066c](?=\\p{Nd})"
_IN_LATIN = f"(?<=[\\p{{Latin}}{_ACCENTS}])['\u2018\u2019\\-](?=[\\p{{Latin}}\\p{{Nd}}])"
_WORD = f"(?:{_LETTER}|{_IN_NUMBER}|{_IN_LATIN})+"
_SIGNS = "[\N{ARABIC SIGN SINDHI AMPERSAND}\N{ARABIC SIGN SINDHI POSTPOSITION MEN}]"
_LIGATURES = "[\ufd40-\ufd4f\ufdcf\ufdfd-\ufdff]"  # whole phrases as one symbol: bismillah, honorifics
_TINTS = "[\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
_NOT_EMOJI = "[\u00a9\u00ae\u2122\u203c\u2049]"
_EMOJI = (
    f"(?!{_NOT_EMOJI})\\p{{Extended_Pictographic}}{_TINTS}(?:\u200d\\p{{Extended_Pictographic}}{_TINTS})*"
    "|[\U0001f1e6-\U0001f1ff]{2}"
)
_NEVER_IN_URL = '\\s<>"\u00ab\u00bb\N{ARABIC FULL STOP}\N{ARABIC COMMA}\N{ARABIC SEMICOLON}\N{ARABIC QUESTION MARK}'
_URL = f"(?<![wW])(?:(?i:https?)://|(?i:w{{3,}})\\.)[^{_NEVER_IN_URL}]+"
_TAG = f"[@#]{_LETTER}+"
_TOKEN = regex.compile(f"{_URL}|{EMAIL}|{_TAG}|{_SIGNS}|{_LIGATURES}|{_EMOJI}|{_WORD}")
_LINK = regex.compile(f"{_URL}|{EMAIL}")
_CONTENT = regex.compile(f"[\\p{{L}}\\p{{N}}{_ARABIC[1:-1]}--{KASHIDA}]|{_SIGNS}|{_LIGATURES}|{_EMOJI}", regex.V1)
_TRAILING = ".,;:!?)]}'\""
_EDGES = ZWNJ + _CONTROLS

_LINE = regex.compile("[^\n\r\v\f\u0085\u2028\u2029]+")
_COMMON = ".!?\N{ARABIC QUESTION MARK}\N{ARABIC FULL STOP}\N{HORIZONTAL ELLIPSIS}\u203c\u2047-\u2049\u0964\u0965"
_CLOSERS = "[\"')\\]}\u00bb\u201d\u2019\ufd3e\ufd3f]"
# Opening quotes close as well: 968 in text/sd-Arab (as in U+201D ... U+201C), 87 in ps-Arab and 61 in ur-Arab.
_QUOTES = "[\u00ab\u2018\u201a\u201c\u201e\u2039\u203a]"
_SPACE = "[ \t\u00a0]"
_STOPS = ".\N{ARABIC FULL STOP}"
_GOES_ON = frozenset(",;:\N{ARABIC COMMA}\N{ARABIC SEMICOLON}\u204f\u2e41")
_LAST_WORD = regex.compile(f"(?:{_LETTER}|\\.(?={_LETTER}))++\\Z")
_ACRONYM = regex.compile(r"(?:\p{L}\p{M}*){1,2}(?:\.(?:\p{L}\p{M}*){1,2})+")
_GLUED = regex.compile(f"\\p{{L}}|{_ARABIC}")
_GLUED_ARABIC = regex.compile(_ARABIC)
_INITIAL = regex.compile(r"\p{Lu}\p{M}*")
_ONE_LETTER = regex.compile(r"\p{L}\p{M}*")
_LONG_WORD = regex.compile(f"(?:{_ARABIC}[\\p{{M}}{ZWNJ}]*){{3,}}")
_CASED_WORD = regex.compile(r"\p{Latin}{2,}\p{Ll}")
_ITEM = regex.compile(r"\s*[(\[]?\p{Nd}{1,3}")
_REACH = 40
"""Code points before a stop that are searched for the word it follows; a longer word is no abbreviation."""


def split_words(text: str, lang: str) -> list[Span]:
    """Return the words: letters with their marks and joiners, numbers, addresses, @names, #tags and emoji.

    Punctuation and spaces are in no word. The Sindhi signs for "and" and "in" are words, glued or not.

    Raises:
        LanguageError: no such language.
        TextError: `text` is not a `str`.

    >>> [span.of("Ali ne 2,500 bheje.") for span in split_words("Ali ne 2,500 bheje.", "ur-Latn")]
    ['Ali', 'ne', '2,500', 'bheje']
    """
    parse_tag(lang)
    return [_without_edges(match) for match in _TOKEN.finditer(check_text(text)) if _CONTENT.search(match[0])]


def split_sentences(text: str, lang: str) -> list[Span]:
    """Return the sentences of `text`, without the space around them.

    A sentence ends with the language's enders (and the quotes, brackets and emoji behind them), or with the line. A
    stop between digits, in an address, after a list number, after an abbreviation of the language's table or an initial
    ends none. Marks without a word belong to the sentence before them in their line.

    Raises:
        LanguageError: no such language.
        TextError: `text` is not a `str`.

    >>> [span.of("Dr. Ali aaye. Kab?") for span in split_sentences("Dr. Ali aaye. Kab?", "ur-Latn")]
    ['Dr. Ali aaye.', 'Kab?']
    """
    language = parse_tag(lang).language
    lines = [match.span() for match in _LINE.finditer(check_text(text))]
    return [span for line in lines for span in _gather(text, _cut(text, Span(*line), language))]


def _without_edges(match: "regex.Match[str]") -> Span:
    """A word does not take invisible characters at its edges, nor an address the punctuation of its sentence."""
    start = match.start()
    word = match[0].rstrip(_TRAILING) if _LINK.match(match[0]) else match[0]
    return Span(start + len(word) - len(word.lstrip(_EDGES)), start + len(word.rstrip(_EDGES)))


def _cut(text: str, line: Span, language: str) -> Iterator[Span]:
    """Yield the pieces of one line, space cut off."""
    known, start, linked = _abbreviations(language), line.start, -1
    links = _links(text, line)
    link = next(links)
    for match in _enders(language).finditer(text, line.start, line.end):
        while link.end <= match.start():
            link, linked = next(links), link.end
        if link.start <= match.start():
            continue
        if linked == match.start() or _ends(text, start, match, known):  # an address is no abbreviation
            yield _trim(text, start, match.end())
            start = match.end()
    yield _trim(text, start, line.end)


def _links(text: str, line: Span) -> Iterator[Span]:
    """Yield the addresses of a line, and a last one behind its end."""
    for match in _LINK.finditer(text, *line):
        yield _without_edges(match)
    yield Span(line.end + 1, line.end + 2)


def _gather(text: str, pieces: Iterator[Span]) -> list[Span]:
    """Join pieces without a word to the one before, or the first to the one behind it; drop empty ones."""
    gathered: list[Span] = []
    complete = False  # whether the last of them has a word
    for piece in pieces:
        if piece.start >= piece.end:
            continue
        worded = _CONTENT.search(text, *piece) is not None
        if gathered and not (complete and worded):
            gathered[-1] = Span(gathered[-1].start, piece.end)
            complete = complete or worded
        else:
            gathered.append(piece)
            complete = worded
    return gathered


def _ends(text: str, start: int, match: "regex.Match[str]", known: frozenset[str]) -> bool:
    """Whether a run of enders ends a sentence that began at `start`."""
    at, run = match.start(), match["run"]
    after = text[match.end() : match.end() + 1]
    if (at > start and text[at - 1] in "([") or after in _GOES_ON:
        return False  # a mark that is spoken of, "(!)", or a sentence that goes on behind a quotation
    return run not in _STOPS or _stop_ends(text, start, at, after if match.end() == at + 1 else "", known)


def _stop_ends(text: str, start: int, at: int, after: str, known: frozenset[str]) -> bool:
    """Whether a single full stop at `at` ends a sentence; `after` is what is glued to it."""
    before = text[at - 1 : at] if at > start else ""
    if after.isdigit() and (before.isdigit() or not before.strip()):
        return False
    if at - start <= _REACH and _ITEM.fullmatch(text, start, at):
        return False  # the number of a list
    found = _LAST_WORD.search(text, max(start, at - _REACH), at)
    word = found[0].strip(_EDGES) if found else ""
    if word.casefold() in known or _INITIAL.fullmatch(word) or _ACRONYM.fullmatch(word):
        return False
    return not _GLUED.match(after) or _ends_glued(text[at], word, after)


def _ends_glued(stop: str, word: str, after: str) -> bool:
    """Whether a stop with a letter right behind it ends a sentence.

    In Arabic script a "." behind a word of three letters does: 119 of 119 in text/bal-Arab, and in Sindhi mostly,
    but for names of Latin letters, which its table holds. In Latin it does between a small letter and a capital.
    """
    if stop != ".":
        return not _ONE_LETTER.fullmatch(word)
    if _GLUED_ARABIC.match(after):
        return _LONG_WORD.fullmatch(word) is not None
    return after.isupper() and _CASED_WORD.fullmatch(word) is not None


def _trim(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))


@cache
def _enders(language: str) -> "regex.Pattern[str]":
    """A run of enders with what closes it: brackets, quotes, emoji, and enders behind a space."""
    signs = f"[{''.join(escape(sign) for sign in load_language(language).sentence_enders)}{_COMMON}]"
    spaced = f"{_SPACE}{{1,3}}{signs}++(?!{_LETTER})"
    closing = f"{_CLOSERS}|{_QUOTES}(?!{_LETTER})|{spaced}|{_SPACE}{{0,3}}(?:{_EMOJI})"
    return regex.compile(f"(?P<run>{signs}+)(?:{closing})*")


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
