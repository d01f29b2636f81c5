"""Phone numbers: found by how they begin, checked by `phonenumbers`."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from boli.errors import require
from boli.redaction.lines import Found, Line, digits_of
from boli.redaction.tables import Cues, make_cues, read_words

_GAP = "[ \\-.()\u200c]"
_REACH = 30
"""Code points before a number in which a word may announce that it is a phone number."""

_FOREIGN = re.compile(f"[+0](?<![\\w+].)(?:(?<=\\+)|0{_GAP}?)(?={_GAP}{{0,2}}[1-9])")
_NATIONAL = re.compile(f"0(?<![\\d+].)(?<![^\\W_].)(?<!\\d[.,:].)(?={_GAP}{{0,4}}[1-9])")
_BARE = re.compile(f"9(?<![\\d+].)(?<![^\\W_].)(?<!\\d[.,:/\\-].)(?=2{_GAP}{{0,4}}[0-9])")
_ANNOUNCED = re.compile("[1-9](?<![\\d+].)(?<![^\\W_].)(?<!\\d[ .,:/\\-].)")
_UNTIL_DIGIT = re.compile(f"[^\\d\n\N{ARABIC FULL STOP}!?\ue000]{{0,{_REACH}}}")
_MORE = re.compile(f"(?:{_GAP}{{0,4}}\\d+)")
_DATE = re.compile("\\(?\\d{1,2}[ ]?[\\-./ ][ ]?\\d{1,2}[ ]?[\\-./ ][ ]?(?:19|20)\\d\\d(?!\\d)")
_ZERO_INSIDE = re.compile("^(\\+\\d{1,3})\\(0\\)")
_TRUNK = "+920"

_LONGEST = 16
"""Digits of a phone number with its country's code (ITU E.164 has 15), and one for the zero that people leave in."""


def find_phones(line: Line) -> Iterator[Found]:
    """Yield phone numbers; their value is the international form.

    Pakistani numbers in every usual form: 0300..., (042) 3..., +92, 0092, 92, +92 (0), 920; foreign ones with + or 00.
    Without 0, + or 92 a number counts only behind a word such as "call" or "whatsapp".

    Raises:
        MissingExtra: phonenumbers is not installed.

    >>> [one.value for one in find_phones(Line.of("naya number 920300-1234567"))]
    ['+923001234567']
    """
    require("phonenumbers", "pii")
    for match in _FOREIGN.finditer(line.folded):
        yield from _longest(line.folded, match.start(), match.end())
    for pattern in (_NATIONAL, _BARE):
        for match in pattern.finditer(line.folded):
            yield from _longest(line.folded, match.start(), match.start())
    for cue in _cues().find(line):
        between = _UNTIL_DIGIT.match(line.folded, cue.end())
        if between and _ANNOUNCED.match(line.folded, between.end()):
            yield from _longest(line.folded, between.end(), between.end(), announced=True)


def _longest(folded: str, start: int, digits_at: int, *, announced: bool = False) -> Iterator[Found]:
    """Yield the longest number that begins here and ends where a group of digits ends."""
    if _DATE.match(folded, start):
        return
    ends = [(_with_bracket(folded, start, end), end) for end in reversed(_ends(folded, digits_at))]
    texts = [(begin, end, folded[begin:end]) for begin, end in ends]
    whole = [one for one in texts if one[2].count("(") == one[2].count(")")]
    for read in (lambda text: _international(text, announced=announced), _by_length):
        for begin, end, text in whole:
            if value := read(text):
                yield Found(begin, end, value)
                return


def _by_length(text: str) -> str:
    """Return the international form of a number with a plus and the right length.

    Who writes a plus means a phone, and new ranges come every year.
    """
    return _check("+" + digits_of(text), only_length=True) if text.startswith("+") else ""


def _with_bracket(folded: str, start: int, end: int) -> int:
    """Return the start, one earlier for (042) 35..."""
    closes = folded.find(")", start, end) >= 0 and folded.find("(", start, end) < 0
    return start - 1 if closes and folded[start - 1 : start] == "(" else start


def _ends(folded: str, at: int) -> list[int]:
    """Ends of the groups of digits, up to the longest number."""
    found: list[int] = []
    total = 0
    while (match := _MORE.match(folded, at)) and total < _LONGEST:
        total += len(digits_of(match[0][: _LONGEST + 9]))
        at = match.end()
        if 7 <= total <= _LONGEST:
            found.append(at)
    return found


def _international(text: str, *, announced: bool) -> str:
    digits = digits_of(text)
    if text.startswith("+"):
        return _check("+" + digits) or _check(_compact(text))
    if digits.startswith("00"):
        return _check("+" + digits[2:])
    if digits.startswith("0"):
        return _national(text, digits)
    if digits.startswith("92") and len(digits) in (12, 13):
        return _check("+" + digits)
    if not announced:
        return ""
    if digits[0] == "3" and len(digits) == 10:
        return _check("+92" + digits)
    return _check("+" + digits) if text == digits and 11 <= len(digits) <= 13 else ""


def _national(text: str, digits: str) -> str:
    """Mobile numbers with gaps anywhere; others with at least the area code in one piece."""
    if digits.startswith("03"):
        return _check("+92" + digits[1:]) if len(digits) == 11 else ""
    groups = text.replace("(", " ").replace(")", " ").replace("-", " ").replace(".", " ").split()
    whole = len(groups[0].strip("\u200c")) >= 3 and len(groups) <= 4
    return _check("+92" + digits[1:]) if whole and 9 <= len(digits) <= 12 else ""


_UNWANTED = re.compile("[^0-9+()]")


def _compact(text: str) -> str:
    """Return digits and plus, without the (0) that is dialled inside the country."""
    return _ZERO_INSIDE.sub(r"\1", _UNWANTED.sub("", text)).replace("(", "").replace(")", "")


@lru_cache(maxsize=4096)
def _check(number: str, *, only_length: bool = False) -> str:
    """Return the international form of a valid number, or nothing; a zero behind +92 is left out."""
    library = require("phonenumbers", "pii")
    plain = "+92" + number[len(_TRUNK) :] if number.startswith(_TRUNK) else number
    try:
        parsed = library.parse(plain, None)
    except library.NumberParseException:
        return ""
    good = library.is_possible_number(parsed) if only_length else library.is_valid_number(parsed)
    return str(library.format_number(parsed, 0)) if good else ""


@cache
def _cues() -> Cues:
    return make_cues(read_words("phones")["cue"])
