"""Numbers that tell what they are: identity cards by form, cards and IBANs by their check digits."""

import re
from collections.abc import Iterator
from functools import cache

from boli.errors import require
from boli.redaction.folding import BARRIER
from boli.redaction.lines import GAP, Found, Line, digits_of
from boli.redaction.tables import Cues, make_cues, read_rows, read_words

_ALONE = "[0-9](?<![\\d+].)(?<!\\d[.,:/\\-].)"
"""A first digit, alone. Patterns begin with a character and look behind it afterwards: that is many times faster."""

_OLD_CARD = re.compile(f"{_ALONE}\\d{{2}}-\\d{{2}}-\\d{{6}}(?!-?\\d)")
_GROUPED = re.compile(f"[0-9](?<!\\d.)\\d{{4}}{GAP}{{1,4}}\\d{{7}}{GAP}{{1,4}}\\d(?!\\d)(?![-.]\\d)")
_LOOSE = re.compile(f"{_ALONE}(?<!\\d .)(?=((?:{GAP}{{0,4}}\\d){{12}})(?!{GAP}{{0,4}}\\d))")
_TIGHT = re.compile("[0-9](?<![\\d+].)(?:\u200c{0,4}\\d){12}(?!\u200c{0,4}\\d)")
_GROUPS = re.compile("\\d+")
_SPACE = re.compile("[ _]")

REACH = 60
"""Code points before a number in which a word may announce it."""

_CARD_FORMS = "|".join(
    [
        f"\\d{{3}}{GAP}{{1,4}}\\d{{4}}{GAP}{{1,4}}\\d{{4}}{GAP}{{1,4}}\\d{{4}}{GAP}{{1,4}}\\d{{3}}(?!\\d)",
        f"\\d{{3}}{GAP}{{1,4}}\\d{{4}}{GAP}{{1,4}}\\d{{4}}{GAP}{{1,4}}\\d{{4}}(?!\\d)",
        f"\\d{{3}}{GAP}{{1,4}}\\d{{6}}{GAP}{{1,4}}\\d{{4,5}}(?!\\d)",
        "(?:\u200c{0,4}\\d){13,18}(?!\u200c{0,4}\\d)",
        f"(?:{GAP}{{0,4}}\\d){{13,18}}(?!{GAP}{{0,4}}\\d)",
    ]
)
_CARD = re.compile(f"[2-6](?<![\\d+].)(?=({_CARD_FORMS}))")
_IBAN = re.compile(
    "[a-z](?<![a-z0-9].)(?=k(?<=pk)|[a-z][ \\-\u200c]{0,2}\\d[ \\-\u200c]{0,2}\\d(?:[ \\-.\u200c]{0,3}[a-z0-9]{4}){2})"
)
"""Pakistani ones with gaps anywhere, others in groups of four or without gaps."""

_IBAN_CHARACTER = re.compile("[a-z0-9]")
_IBAN_STEP = re.compile("[ \\-.\u200c]{0,3}([a-z0-9])")


def find_cnics(line: Line) -> Iterator[Found]:
    """Yield identity card numbers: 13 digits of a known province, or the old form 123-45-678901.

    Digits with spaces at other places than 5-7-1 count where a word for the card stands before them.

    >>> [one.value for one in find_cnics(Line.of("id 35202 - 1234567-1"))]
    ['3520212345671']
    """
    for pattern in (_OLD_CARD, _GROUPED, _TIGHT):
        for match in pattern.finditer(line.folded):
            if pattern is _OLD_CARD or _is_cnic(digits_of(match[0])):
                yield Found(*match.span(), digits_of(match[0]))
    for match in _LOOSE.finditer(line.folded):
        text = match[0] + match[1]
        if _is_cnic(digits_of(text)) and (_is_one_number(text) or _announced(line, match.start())):
            yield Found(match.start(), match.end(1), digits_of(text))


def find_cards(line: Line) -> Iterator[Found]:
    """Yield payment card numbers: a known prefix and length, and the right check digit (Luhn).

    Raises:
        MissingExtra: python-stdnum is not installed.

    >>> [one.value for one in find_cards(Line.of("card 4111 1111 1111 1111 12/27"))]
    ['4111111111111111']
    """
    luhn = require("stdnum.luhn", "pii")
    for match in _CARD.finditer(line.folded):
        digits = digits_of(match[0] + match[1])
        if _is_of_a_brand(digits) and luhn.is_valid(digits):
            yield Found(match.start(), match.end(1), digits)


def find_ibans(line: Line) -> Iterator[Found]:
    """Yield international account numbers of the right length with the right check digits.

    Raises:
        MissingExtra: python-stdnum is not installed.

    >>> [one.value for one in find_ibans(Line.of("iban pk36 scbl 0000 0011 2345 6702 hai"))]
    ['PK36SCBL0000001123456702']
    """
    iban = require("stdnum.iban", "pii")
    for match in _IBAN.finditer(line.folded):
        length = _iban_lengths().get(line.folded[match.start() : match.start() + 2], 0)
        end, value = _take(line.folded, match.start(), length)
        if length and len(value) == length and iban.is_valid(value):
            yield Found(match.start(), end, value.upper())


def _is_cnic(digits: str) -> bool:
    return len(digits) == 13 and digits[0] in _provinces() and digits[1] != "0" and digits[-1] != "0"


def _is_one_number(text: str) -> bool:
    """Whether the digits belong together without a word that says so: no spaces, few groups; or digit by digit."""
    groups = _GROUPS.findall(text)
    return (len(groups) <= 4 and not _SPACE.search(text)) or max(map(len, groups)) == 1


def _announced(line: Line, start: int) -> bool:
    begin = max(0, start - REACH, line.folded.rfind(BARRIER, max(0, start - REACH), start) + 1)
    return any(True for _ in _identity_cues().find(line, begin, start))


@cache
def _identity_cues() -> Cues:
    return make_cues(read_words("identities")["cue"])


@cache
def _provinces() -> frozenset[str]:
    return frozenset(row["digit"] for row in read_rows("provinces", ("digit", "province", "source")))


@cache
def _card_ranges() -> tuple[tuple[str, str, frozenset[int]], ...]:
    """First and last prefix, and lengths."""
    rows = read_rows("cards", ("prefix", "lengths", "brand", "source"))
    pairs = [(row["prefix"].partition("-"), row["lengths"]) for row in rows]
    return tuple((low, high or low, frozenset(map(int, lengths.split()))) for (low, _, high), lengths in pairs)


def _is_of_a_brand(digits: str) -> bool:
    return any(low <= digits[: len(low)] <= high and len(digits) in lengths for low, high, lengths in _card_ranges())


@cache
def _iban_lengths() -> dict[str, int]:
    rows = read_rows("ibans", ("country", "length", "source"))
    return {row["country"].lower(): int(row["length"]) for row in rows}


def _take(folded: str, start: int, length: int) -> tuple[int, str]:
    """Take `length` letters and digits with gaps between; nothing if a letter or digit follows at once."""
    at, taken = start, ""
    while len(taken) < length:
        step = _IBAN_STEP.match(folded, at)
        if not step:
            return at, ""
        taken, at = taken + step[1], step.end()
    follows = _IBAN_CHARACTER.match(folded, at)
    return at, "" if follows else taken
