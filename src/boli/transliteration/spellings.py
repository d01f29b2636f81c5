"""The ways in which a Gurmukhi word may be spelt in Shahmukhi, each with its cost.

Rules give one spelling; words of Arabic and Persian have another letter of the same sound. The table
``data/schemes/shahmukhi/alternatives.tsv`` says which, and how unlikely each is (a cost in nats, set by hand). Such a
word is spelt in Shahmukhi as in Urdu, so counted Urdu words (``data/schemes/shahmukhi-words``) decide.
"""

import gzip
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from boli.transliteration.letters import Step, load_rules

LIMIT = 9.0
"""Nats: dearer spellings are not looked at."""

BEAM = 64
"""So many unfinished spellings are kept at each letter."""

LONGEST = 40
"""Letters; what is longer is no word, and gets the one spelling of the rules."""

_NOT_BEFORE_DOUBLING = frozenset(("u-sign", "i-sign", "ai-sign"))
_DOUBLING = frozenset(("addak", "tippi", "tippi-nasal", "tippi-final", "bindi-final"))
_NEEDS_A_SINGLE = frozenset(("kha", "ga", "pha", "ja"))


UNSEEN = 0.5
"""The count given to a spelling that was not seen."""

_NNA = "\N{GURMUKHI LETTER NNA}"
_OF_ARABIC = frozenset(
    "\N{ARABIC LETTER QAF}\N{ARABIC LETTER KHAH}\N{ARABIC LETTER GHAIN}\N{ARABIC LETTER HAH}"
    "\N{ARABIC LETTER SAD}\N{ARABIC LETTER THEH}\N{ARABIC LETTER TAH}\N{ARABIC LETTER AIN}"
)


@dataclass(frozen=True)
class Vocabulary:
    """Counted words, and every string that one of them begins with."""

    counts: Mapping[str, int]
    beginnings: frozenset[str]


def make_vocabulary(counts: Mapping[str, int]) -> Vocabulary:
    """Index counted words by their beginnings."""
    return Vocabulary(counts, frozenset(word[:end] for word in counts for end in range(1, len(word) + 1)))


@cache
def load_vocabulary() -> Vocabulary:
    """Return the shipped Urdu words and their counts; read once in a process."""
    return make_vocabulary({word: int(count) for word, count in read_pairs("urdu.tsv.gz")})


def read_pairs(name: str) -> list[tuple[str, str]]:
    """Read a gzipped table of two columns of ``data/schemes/shahmukhi-words``."""
    path = files("boli") / "data" / "schemes" / "shahmukhi-words" / name
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")
    return [(first, second) for first, _, second in (line.partition("\t") for line in lines if line)]


def rank_spellings(
    word: str, vocabulary: Vocabulary, doubt: Callable[[str, str, str], float]
) -> list[tuple[float, str]]:
    """Return the spellings that are known words, and that of the rules, with their scores; the best first.

    Args:
        word: Gurmukhi letters as ``spelling.tsv`` leaves them.
        vocabulary: known words.
        doubt: nats against a spelling: of the word, the spelling, and the spelling of the rules.
    """
    plain = load_rules("shahmukhi/to_shahmukhi.tsv")(word)
    counts, found = vocabulary.counts, [(math.log(vocabulary.counts.get(plain, UNSEEN)), plain)]
    for text, cost in spell(word, vocabulary.beginnings.__contains__).items():
        if text in counts and text != plain:
            found.append((math.log(counts[text]) - cost - doubt(word, text, plain), text))
    return sorted(found, key=lambda pair: (-pair[0], pair[1] != plain, pair[1]))


def doubt_letters(word: str, text: str, plain: str) -> float:
    """Return nats against a spelling for what is seen in the word alone: retroflex n is in no word of Arabic.

    >>> doubt_letters("ਖਾਣ", "خان", "کھان")
    6.0
    """
    return 6.0 if _NNA in word and has_new(_OF_ARABIC, text, plain) else 0.0


def has_new(letters: Iterable[str], text: str, plain: str) -> bool:
    """Whether a spelling has letters that the spelling of the rules lacks."""
    return not set(letters).isdisjoint(set(text) - set(plain))


class Alternative(NamedTuple):
    """`text` may stand for the rows `rows` (ids of ``to_shahmukhi.tsv``, in a row) at `cost` nats."""

    rows: tuple[str, ...]
    text: str
    cost: float


def spell(word: str, may_begin: Callable[[str], bool] = bool) -> dict[str, float]:
    """Return spellings of a Gurmukhi word and their costs, the spelling of the rules at 0.

    Args:
        word: letters as ``spelling.tsv`` leaves them.
        may_begin: whether a beginning is worth going on with; for example, whether a known word begins so.

    >>> sorted(spell("ਸਾਲ").items(), key=lambda pair: pair[1])[:2]
    [('سال', 0.0), ('صال', 2.0)]
    """
    steps = list(load_rules("shahmukhi/to_shahmukhi.tsv").steps(word))
    if len(steps) > LONGEST:
        return {"".join(step.text for step in steps): 0.0}
    waiting: list[dict[str, float]] = [{} for _ in range(len(steps) + 1)]
    waiting[0][""] = 0.0
    for place in range(len(steps)):
        beginnings = sorted(waiting[place].items(), key=lambda pair: (pair[1], pair[0]))[:BEAM]
        for option in _options(steps, place):
            _extend(beginnings, option, waiting[place + len(option.rows)], may_begin)
    return waiting[-1]


def _extend(
    beginnings: list[tuple[str, float]], option: Alternative, into: dict[str, float], may_begin: Callable[[str], bool]
) -> None:
    for beginning, cost in beginnings:
        text, total = beginning + option.text, cost + option.cost
        if total <= LIMIT and into.get(text, LIMIT) >= total and (not text or may_begin(text)):
            into[text] = total


def _options(steps: list[Step], place: int) -> list[Alternative]:
    row = steps[place].row
    found = [Alternative((row,), steps[place].text, 0.0)]
    for option in _alternatives().get(row, ()):
        following = tuple(step.row for step in steps[place : place + len(option.rows)])
        if following == option.rows and _fits(option, steps, place):
            found.append(option)
    return found


def _fits(option: Alternative, steps: list[Step], place: int) -> bool:
    """Rule out what only happens at the end of a word, and what gemination (a mark of Punjabi's own words) forbids."""
    row, is_last = option.rows[0], place + len(option.rows) == len(steps)
    is_plain = len(option.rows) == 1 and "\N{ARABIC LETTER AIN}" not in option.text
    if is_plain and row == "aa-sign":
        return is_last and len(steps) > 3
    if is_plain and row in _NOT_BEFORE_DOUBLING:
        return not is_last and steps[place + 1].row not in _DOUBLING and len(steps) > 4
    doubled = place > 0 and steps[place - 1].row == "addak"
    return not (doubled and row in _NEEDS_A_SINGLE)


@cache
def _alternatives() -> Mapping[str, list[Alternative]]:
    path = files("boli") / "data" / "schemes" / "shahmukhi" / "alternatives.tsv"
    found: dict[str, list[Alternative]] = {}
    for line in path.read_text("utf-8").split("\n")[1:]:
        if line:
            rows, text, cost = line.split("\t")[:3]
            option = Alternative(tuple(rows.split("+")), text, float(cost))
            found.setdefault(option.rows[0], []).append(option)
    return found
