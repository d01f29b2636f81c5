"""The ways in which a Shahmukhi word may be read, written in Gurmukhi: the vowels that are not written are guessed.

Each letter may stand for several of Gurmukhi, at a cost (``data/schemes/shahmukhi/to_gurmukhi.tsv``); between
consonants there may be a short vowel or a doubling. Which reading looks most like Punjabi, a model of letters says: how
often each letter follows the three before it in the list of Gurmukhi words.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from boli.errors import TableError
from boli.transliteration.letters import unescape

ORDER = 4
"""Letters that the model looks at: three, and the next."""

BEAM = 8
"""So many unfinished readings are kept at each letter."""

LONGEST = 40
"""Letters; a longer word is read letter by letter, each in its first way."""

_PREFIX, _SUFFIX = "before consonant", "after consonant"
_EDGE = " "
_BACK_OFF = math.log(0.3)


class Option(NamedTuple):
    """`text` of Gurmukhi for letters of Shahmukhi, at `cost` nats."""

    text: str
    where: str
    is_consonant: bool
    cost: float


class Unfinished(NamedTuple):
    """The beginning of a reading and its score, higher is better."""

    score: float
    text: str


class LetterModel:
    """How often a letter of Gurmukhi follows others; stupid back-off, so scores are not quite probabilities."""

    def __init__(self, words: Iterable[str]) -> None:
        counts: Counter[str] = Counter()
        for word in words:
            padded = _EDGE * (ORDER - 1) + word + _EDGE
            ends = range(ORDER, len(padded) + 1)
            counts.update(padded[end - size : end] for end in ends for size in range(1, ORDER + 1))
        self._logs = {gram: math.log(count) for gram, count in counts.items()}
        befores: Counter[str] = Counter()
        for gram, count in counts.items():
            befores[gram[:-1]] += count
        self._scored: dict[tuple[str, str], float] = {}
        self._befores = {gram: math.log(count) for gram, count in befores.items()}

    def score(self, before: str, letters: str) -> float:
        """Return nats of `letters` after `before`, whose last three letters count."""
        context = (_EDGE * ORDER + before)[1 - ORDER :]
        key = context, letters
        if key not in self._scored:
            total = 0.0
            for letter in letters:
                total += self._next(context, letter)
                context = (context + letter)[1:]
            self._scored[key] = total
        return self._scored[key]

    def _next(self, context: str, letter: str) -> float:
        lost = 0.0
        for start in range(ORDER):
            log = self._logs.get(context[start:] + letter)
            if log is not None:
                return lost + log - self._befores[context[start:]]
            lost += _BACK_OFF
        return lost - 12.0


def read_word(word: str, model: LetterModel) -> list[str]:
    """Return readings of a Shahmukhi word, the likeliest first; letters that are not known stay as they are."""
    if len(word) > LONGEST:
        return [read_plainly(word)]
    waiting: list[dict[str, float]] = [{} for _ in range(len(word) + 1)]
    waiting[0][""] = 0.0
    for place in range(len(word)):
        beginnings = [Unfinished(score, text) for text, score in waiting[place].items()]
        beginnings = sorted(beginnings, key=lambda one: (-one.score, one.text))[:BEAM]
        for length, option in _options(word, place):
            _extend(beginnings, option, waiting[place + length], model)
    ended = [Unfinished(score + model.score(text, _EDGE), text) for text, score in waiting[-1].items()]
    return [one.text for one in sorted(ended, key=lambda one: (-one.score, one.text))]


def read_plainly(word: str) -> str:
    """Read each letter in its first way, without a guess; what a long word gets, and what guessing is compared with.

    >>> read_plainly("دل")
    'ਦਲ'
    """
    table = _table()
    return "".join(table[letter][0].text if letter in table else letter for letter in word)


def _extend(beginnings: list[Unfinished], option: Option, into: dict[str, float], model: LetterModel) -> None:
    for score, text in beginnings:
        total = score - option.cost + model.score(text, option.text)
        longer = text + option.text
        if into.get(longer, -math.inf) < total:
            into[longer] = total


def _options(word: str, place: int) -> list[tuple[int, Option]]:
    table, found = _table(), list[tuple[int, Option]]()
    for length in (1, 2, 3):
        end = place + length
        if end > len(word):
            break
        holds = {"any", "initial" if place == 0 else "noninitial", "final" if end == len(word) else "nonfinal"}
        for option in table.get(word[place:end], ()):
            if option.where in holds and not (option.text.startswith(_VIRAMA) and place == 0):
                found.append((length, option))
                found += [(length, more) for more in _with_signs(option, place == 0)]
    return found or [(1, Option(word[place], "any", False, 0.0))]


_VIRAMA = "\N{GURMUKHI SIGN VIRAMA}"


def _with_signs(option: Option, is_first: bool) -> list[Option]:
    """Add a short vowel after a consonant, a doubling before it, or both."""
    if not option.is_consonant:
        return []
    signs = _table()["-"]
    before = [("", 0.0)] + [(s.text, s.cost) for s in signs if s.where == _PREFIX and not is_first]
    after = [("", 0.0)] + [(s.text, s.cost) for s in signs if s.where == _SUFFIX]
    return [
        Option(prefix + option.text + suffix, option.where, True, option.cost + cost + more)
        for prefix, cost in before
        for suffix, more in after
        if prefix or suffix
    ]


@cache
def _table() -> Mapping[str, list[Option]]:
    path = files("boli") / "data" / "schemes" / "shahmukhi" / "to_gurmukhi.tsv"
    found: dict[str, list[Option]] = {}
    for number, line in enumerate(path.read_text("utf-8").split("\n")[1:], 2):
        cells = unescape(line).split("\t")
        if line and len(cells) != 6:
            raise TableError(f"schemes/shahmukhi/to_gurmukhi.tsv:{number}: {len(cells)} columns; expected 6")
        if line:
            source, text, where, kind, cost, _ = cells
            found.setdefault(source, []).append(Option(text, where, kind == "consonant", float(cost)))
    return found
