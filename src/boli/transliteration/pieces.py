"""Cut a text into words to convert and pieces to leave, and convert what stands between words."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from boli.normalization.protection import ROMAN

LONGEST_WORD = 48
"""Letters; a longer run is no word of any language and is left as it is."""

_LATIN = "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff\u0300-\u036f"
_APOSTROPHES = "'\u2018\u2019\u02bc\u02bb`"
_WORD = {
    "Latn": f"[{_LATIN}](?:[{_LATIN}]|[{_APOSTROPHES}](?=[{_LATIN}]))*",
    "Arab": "[\u0620-\u063f\u0641-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9]"
    "[\u0610-\u061a\u0620-\u065f\u066e-\u06d3\u06d5-\u06dc\u06df-\u06e8\u06ea-\u06ef\u06fa-\u06ff\u0750-\u077f\u08a0-\u08ff\u200c\u200d]*",
    "Guru": "[\u0a01-\u0a4d\u0a59-\u0a5e\u0a70-\u0a75]+",
}
LINKS = frozenset({"-", "-e-", "-i-", "-E-", "-I-"})
"""What stands between the parts of a compound and is a space in the Arabic script."""

_SPLIT = {script: re.compile(f"({ROMAN})|({word})") for script, word in _WORD.items()}
_LINK = {"Latn": re.compile(f"(?<=[{_LATIN}])-(?:[eiEI]-)?(?=[{_LATIN}])")}
"""A hyphen inside a compound, alone or around the link vowel of izafat, which the Arabic script does not write."""
_SENTENCE_START = re.compile("(?:^|[.!?\u06d4\u061f\n]\\s+)$")


class Piece(NamedTuple):
    """A part of a text; half-open offsets in code points. What is no word is protected or lies between words."""

    start: int
    end: int
    is_word: bool
    is_protected: bool = False


def cut_pieces(text: str, script: str) -> Iterator[Piece]:
    """Yield pieces that together are the text.

    >>> [text[p.start : p.end] for text in ["Salam, dost"] for p in cut_pieces(text, "Latn")]
    ['Salam', ', ', 'dost']
    """
    last = 0
    text = _LINK[script].sub(lambda match: " " * len(match[0]), text) if script in _LINK else text
    for match in _SPLIT[script].finditer(text):
        if match.start() > last:
            yield Piece(last, match.start(), False)
        is_word = match[1] is None and len(match[0]) <= LONGEST_WORD
        yield Piece(match.start(), match.end(), is_word, not is_word)
        last = match.end()
    if last < len(text):
        yield Piece(last, len(text), False)


_NATIVE_MARKS = {"?": "\N{ARABIC QUESTION MARK}", ",": "\N{ARABIC COMMA}", ";": "\N{ARABIC SEMICOLON}"}
_FULL_STOP = {"ur": "\N{ARABIC FULL STOP}", "pa": "\N{ARABIC FULL STOP}"}
_BETWEEN = re.compile(r"(?<!\d)[,;?]|[,;?](?!\d)")
_STOP = re.compile(r"(?<![\d.])\.(?=\s|$)|(?<=\d)\.(?=\s*$)")
_ROMAN_MARKS = str.maketrans(
    {
        **{native: roman for roman, native in _NATIVE_MARKS.items()},
        "\N{ARABIC FULL STOP}": ".", "\N{REVERSED COMMA}": ",", "\N{TURNED SEMICOLON}": ";",
        "\N{ARABIC PERCENT SIGN}": "%", "\N{ARABIC DECIMAL SEPARATOR}": ".", "\N{ARABIC THOUSANDS SEPARATOR}": ",",
        "\N{DEVANAGARI DANDA}": ".",
        **{chr(zero + digit): str(digit) for zero in (0x660, 0x6F0, 0xA66) for digit in range(10)},
    }
)  # fmt: skip


def native_marks(text: str, language: str) -> str:
    """Write punctuation as the language does: Urdu and Punjabi have a full stop of their own, the others write a dot.

    >>> native_marks("? 3,5.", "ur") == "\\N{ARABIC QUESTION MARK} 3,5\\N{ARABIC FULL STOP}"
    True
    """
    text = _BETWEEN.sub(lambda match: _NATIVE_MARKS[match[0]], text)
    return _STOP.sub(_FULL_STOP[language], text) if language in _FULL_STOP else text


def roman_marks(text: str) -> str:
    """Write punctuation and digits as Roman text does.

    >>> roman_marks("\\N{ARABIC QUESTION MARK} \\N{EXTENDED ARABIC-INDIC DIGIT FOUR}")
    '? 4'
    """
    return text.translate(_ROMAN_MARKS)


def starts_sentence(written: str) -> bool:
    """Whether a word after `written` opens a sentence.

    >>> starts_sentence(""), starts_sentence("wo gaya. "), starts_sentence("wo ")
    (True, True, False)
    """
    return _SENTENCE_START.search(written[-8:] if len(written) > 8 else written) is not None
