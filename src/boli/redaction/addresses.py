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
_END = re.compile("[ .\u200c\N{ARABIC FULL STOP})]*(?:\n|\\Z)")
_MOST_PARTS = 12


class _Rules(NamedTuple):
    """Anchored patterns of the parts of an address, and the words that begin one."""

    heads: Cues
    house: re.Pattern[str]
    loose_house: re.Pattern[str]
    part: re.Pattern[str]
    lettered_part: re.Pattern[str]
    named_part: re.Pattern[str]
    before: re.Pattern[str]
    after: re.Pattern[str]
    place: re.Pattern[str]
    stop: frozenset[str]


class _Part(NamedTuple):
    """A part of an address: where it ends, how much it proves (2 is enough), and whether it is a place on the map."""

    end: int
    proof: int
    is_place: bool = False


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
    first = _numbered(line, start, rules)
    if not first:
        return 0
    end, proof, placed = first
    for _ in range(_MOST_PARTS):
        gap = _BETWEEN.match(line.folded, end)
        part = (_next(line, gap.end(), rules) or _over_unknown(line, gap, rules, placed)) if gap else None
        if not part:
            break
        end, proof, placed = part.end, proof + part.proof, placed or part.is_place
    return end if proof >= 2 else 0


def _numbered(line: Line, at: int, rules: _Rules) -> _Part | None:
    """A part with a number: a house with the word "number" proves an address by itself."""
    for pattern, proof in ((rules.house, 2), (rules.loose_house, 1), (rules.part, 1)):
        if match := pattern.match(line.folded, at):
            return _Part(match.end(), proof)
    match = rules.lettered_part.match(line.folded, at)
    return _Part(match.end(), 1) if match and line.raw[match.end() - 1].isupper() else None


def _next(line: Line, at: int, rules: _Rules) -> _Part | None:
    """A further part: numbered, named, or a place that is known."""
    if found := _numbered(line, at, rules):
        return found
    for pattern in (rules.before, rules.named_part):
        if match := pattern.match(line.folded, at):
            end = _end_of_name(line, match.end(), rules, most=3)
            return _Part(end, 1) if end > match.end() else None
    place = rules.place.match(line.folded, at)
    end = max(place.end() if place else 0, _named_before(line, at, rules))
    return _Part(end, 1, is_place=place is not None) if end else None


def _over_unknown(line: Line, gap: re.Match[str], rules: _Rules, placed: bool) -> _Part | None:
    """A known part behind up to three unknown words between commas (", Raza Abad, Lahore"), or such words at the end.

    At the end they count as the town, unless the address has one: then they are a name or a greeting.
    """
    end = _end_of_name(line, gap.end(), rules, most=3) if "," in gap[0] else gap.end()
    if end == gap.end():
        return None
    behind = _BETWEEN.match(line.folded, end)
    if behind and "," in behind[0]:
        return _next(line, behind.end(), rules)
    return _Part(end, 0, is_place=True) if not placed and _END.match(line.folded, end) else None


def _named_before(line: Line, at: int, rules: _Rules) -> int:
    """Return the end of a name and the word behind it (Model Town, North Karachi), or 0."""
    end = at
    for _ in range(3):
        word = _WORD.match(line.folded, end)
        if not word or word[0] in rules.stop:
            return 0
        step = word.end()
        if match := rules.after.match(line.folded, step):
            return match.end()
        if step >= len(line.folded) or line.folded[step] != " ":
            return 0
        end = step + 1
    return 0


def _end_of_name(line: Line, at: int, rules: _Rules, *, most: int) -> int:
    """Return the end of a name: before a small word, a comma, or a change from capitals to small letters."""
    end = at
    capital = line.raw[at : at + 1].isupper()
    for _ in range(most):
        word = _WORD.match(line.folded, end + (end > at))
        if not word or word[0] in rules.stop or (end > at and line.folded[end] != " "):
            break
        if end > at and rules.place.match(line.folded, word.start()):
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
    plain = [word for word in spelled if word not in words["stop"]]
    digits = [word for role, spoken in read_words("spelled").items() if role.isdigit() for word in spoken]
    letters = f"(?:{any_of(spelled)}[ \\-]{any_of(digits)}|{any_of(plain)}(?:[ \\-]{any_of(plain)})?)"
    value = f"{_VALUE}(?:[ ]?[\\-/][ ]?{any_of(spelled)}|[ \\-/]{any_of(words['suffix'])})?"
    ordinal = "\\d{1,2}(?:st|nd|rd|th)"
    return _Rules(
        heads=make_cues([*words["house"], *words["part"]]),
        house=re.compile(f"{house}{marked}{value}"),
        loose_house=re.compile(f"{house}[ \\-:]{{1,2}}{value}"),
        part=re.compile(f"{ordinal} {part}|{part}(?:{marked}|[ \\-.:\u200c]{{0,3}})(?:{value}|{letters})"),
        lettered_part=re.compile(f"{part}(?:{marked}|[ \\-]{{1,2}})[a-z](?![\\w])"),
        named_part=re.compile(f"{part}[ :]{{1,2}}"),
        before=re.compile(f"{any_of(words['before'])}[ :.]{{1,3}}"),
        after=re.compile(f" {any_of([*words['after'], *places['city']])}(?:{_SPACE}{marker}{_SPACE}{value})?"),
        place=re.compile(any_of([*places["place"], *places["city"]])),
        stop=frozenset(words["stop"]),
    )
