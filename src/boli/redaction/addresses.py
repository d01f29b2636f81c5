"""Postal addresses: a house number and what follows it, or two parts such as street and town."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from boli.redaction.lines import Found, Line
from boli.redaction.tables import Cues, any_of, make_cues, read_words

_VALUE = "(?:[a-z]{1,2}[\\-/]?)?\\d{1,5}(?:[\\-/]?[a-z0-9]{1,3}){0,3}(?![\\w%])(?![:.,/\\-]\\d)"
_SPACE = "[ .\u200c]{0,3}"
_BETWEEN = re.compile("[ ,\\-:\u200c]{1,4}")
_WORD = re.compile("[^\\W\\d_]{2,40}(?:-[^\\W\\d_]{1,40}){0,3}")
_RUN = re.compile("[^\\W_]+")
_MOST_PARTS = 12


class _Rules(NamedTuple):
    """Anchored patterns of the parts of an address, and the words that begin one."""

    heads: Cues
    house: re.Pattern[str]
    loose_house: re.Pattern[str]
    part: re.Pattern[str]
    named_part: re.Pattern[str]
    before: re.Pattern[str]
    after: re.Pattern[str]
    place: re.Pattern[str]
    stop: frozenset[str]


class _Part(NamedTuple):
    """A part of an address: where it ends, and how much it proves (2 is enough)."""

    end: int
    proof: int


def find_addresses(line: Line) -> Iterator[Found]:
    """Yield addresses, from the word for the house or street to the last part that is known as one.

    >>> text = "house no 12, street 4, mohalla islampura, lahore mein"
    >>> [text[one.start:one.end] for one in find_addresses(Line.of(text))]
    ['house no 12, street 4, mohalla islampura, lahore']
    """
    rules, behind = _rules(), 0
    for match in rules.heads.find(line):
        if match.start() < behind:
            continue
        end = _end_of_address(line, match.start(), rules)
        if end:
            behind = end
            text = line.folded[match.start() : end]
            yield Found(match.start(), end, " ".join(_RUN.findall(text)))


def _end_of_address(line: Line, start: int, rules: _Rules) -> int:
    """Return where the address that begins here ends, or 0."""
    first = _numbered(line.folded, start, rules)
    if not first:
        return 0
    end, proof = first
    for _ in range(_MOST_PARTS):
        gap = _BETWEEN.match(line.folded, end)
        part = _next(line, gap.end(), rules) if gap else None
        if not part:
            break
        end, proof = part.end, proof + part.proof
    return end if proof >= 2 else 0


def _numbered(folded: str, at: int, rules: _Rules) -> _Part | None:
    """A part with a number: a house with the word "number" proves an address by itself."""
    for pattern, proof in ((rules.house, 2), (rules.loose_house, 1), (rules.part, 1)):
        if match := pattern.match(folded, at):
            return _Part(match.end(), proof)
    return None


def _next(line: Line, at: int, rules: _Rules) -> _Part | None:
    """A further part: numbered, named, or a place that is known."""
    if found := _numbered(line.folded, at, rules):
        return found
    if match := rules.place.match(line.folded, at):
        return _Part(match.end(), 1)
    for pattern in (rules.before, rules.named_part):
        if match := pattern.match(line.folded, at):
            end = _end_of_name(line, match.end(), rules, most=3)
            return _Part(end, 1) if end > match.end() else None
    return _named_before(line, at, rules)


def _named_before(line: Line, at: int, rules: _Rules) -> _Part | None:
    """A name and the word behind it: Model Town."""
    end = at
    for _ in range(3):
        word = _WORD.match(line.folded, end)
        if not word or word[0] in rules.stop:
            return None
        step = word.end()
        if match := rules.after.match(line.folded, step):
            return _Part(match.end(), 1)
        if step >= len(line.folded) or line.folded[step] != " ":
            return None
        end = step + 1
    return None


def _end_of_name(line: Line, at: int, rules: _Rules, *, most: int) -> int:
    """Return the end of a name: before a small word, a comma, or a change from capitals to small letters."""
    end = at
    capital = line.raw[at : at + 1].isupper()
    for _ in range(most):
        word = _WORD.match(line.folded, end + (end > at))
        if not word or word[0] in rules.stop or (end > at and line.folded[end] != " "):
            break
        if capital and not line.raw[word.start()].isupper():
            break
        end = word.end()
    return end


@cache
def _rules() -> _Rules:
    words, places, numbers = read_words("addresses"), read_words("places"), read_words("numbers")
    house, part = any_of(words["house"]), any_of(words["part"])
    link, marker = any_of(numbers["link"]), f"(?:{any_of(numbers['word'])}|#)"
    marked = f"{_SPACE}(?:{link}{_SPACE})?{marker}[ .:#\u200c]{{0,4}}"
    spelled = [word for spoken in read_words("spelled").values() for word in spoken]
    letters = f"{any_of(spelled)}(?:[ \\-]{any_of(spelled)})?"
    value = f"{_VALUE}(?:[ ]?[\\-/][ ]?{any_of(spelled)})?"
    return _Rules(
        heads=make_cues([*words["house"], *words["part"]]),
        house=re.compile(f"{house}{marked}{value}"),
        loose_house=re.compile(f"{house}[ \\-:]{{1,2}}{value}"),
        part=re.compile(f"{part}(?:{marked}|[ \\-.:\u200c]{{0,3}})(?:{value}|{letters})"),
        named_part=re.compile(f"{part}[ :]{{1,2}}"),
        before=re.compile(f"{any_of(words['before'])}[ :.]{{1,3}}"),
        after=re.compile(f" {any_of(words['after'])}(?:{_SPACE}{marker}{_SPACE}{value})?"),
        place=re.compile(any_of([*places["place"], *places["city"]])),
        stop=frozenset(words["stop"]),
    )
