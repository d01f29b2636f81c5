"""What a pipeline answers: a prediction, and the reason for it in plain words."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import regex

from boli.datasets.records import Slot

_WORD = regex.compile(r"\S+")
_EDGES = regex.compile(r"^[\p{P}\p{Z}\p{C}]+|[\p{P}\p{Z}\p{C}]+$")
_NOTICED = 0.02
"""A word whose absence changes the score by less than this is not called a reason."""


class LabelScore(NamedTuple):
    """A label and its probability, 0 to 1.

    >>> LabelScore("top_up", 0.75).label
    'top_up'
    """

    label: str
    score: float


@dataclass(frozen=True)
class Prediction:
    """The answer to one text.

    Args:
        label: the most probable one.
        score: its probability, 0 to 1.
        tag: language and script the text was read as; ``und`` where unknown.
        scores: all labels, most probable first.
        cut: True where the text was longer than the model reads, so that its end was not seen.
        labels: all labels that count; just `label` where a text has one, perhaps none where it may have several.
        slots: named spans of the raw text, where the model finds them.
        known: False where the score is so low that the text may be out of scope.

    >>> Prediction("top_up", 0.75, "ur-Latn", (LabelScore("top_up", 0.75), LabelScore("charges", 0.25))).score
    0.75
    """

    label: str
    score: float
    tag: str
    scores: tuple[LabelScore, ...]
    cut: bool = False
    labels: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()
    known: bool = True


class WordWeight(NamedTuple):
    """A word of the raw text (half-open, code points) and how much its absence lowers the score.

    >>> WordWeight(0, 5, "salam", 0.25).weight
    0.25
    """

    start: int
    end: int
    text: str
    weight: float


@dataclass(frozen=True)
class Explanation:
    """Why a text got its label: each word left out once, and a sentence that says what that showed.

    The Urdu sentence is machine-written, unreviewed by native speakers.

    Args:
        words: in the order of the text.

    >>> sure = Prediction("top_up", 0.75, "ur-Latn", (LabelScore("top_up", 0.75),))
    >>> Explanation(sure, (), write_reason("en", (), sure, None), write_reason("ur", (), sure, None)).english
    'top_up, 75 % sure; no single word decides it.'
    """

    prediction: Prediction
    words: tuple[WordWeight, ...]
    english: str
    urdu: str


class Word(NamedTuple):
    """A word of a text: half-open offsets in code points."""

    start: int
    end: int


def find_words(text: str) -> list[Word]:
    """Return what stands between spaces, without punctuation at its ends.

    >>> find_words("salam, dunya!")
    [Word(start=0, end=5), Word(start=7, end=12)]
    """
    words = [_trim(match.start(), match.group()) for match in _WORD.finditer(text)]
    return [word for word in words if word.end > word.start]


def leave_out(text: str, word: Word) -> str:
    """Return the text without one word.

    >>> leave_out("salam dunya", Word(0, 5))
    'dunya'
    """
    return f"{text[: word.start].rstrip()} {text[word.end :].lstrip()}".strip()


def write_reason(language: str, words: Sequence[WordWeight], full: Prediction, without: Prediction | None) -> str:
    """Say in one sentence why `full` was the answer.

    Args:
        language: ``en`` or ``ur``, a section of ``data/pipeline/reasons.toml``.
        words: weights of the words.
        full: the answer to the whole text.
        without: the answer without the heaviest word; None where the text has no words.
    """
    phrases = _phrases()[language]
    heavy = sorted((word for word in words if word.weight >= _NOTICED), key=lambda word: -word.weight)[:2]
    facts = {"label": full.label, "score": _percent(full.score)}
    if not heavy or without is None:
        return phrases["spread"].format(**facts)
    quoted = [phrases["quote"].format(text=word.text) for word in heavy]
    facts |= {"words": phrases["join"].join(dict.fromkeys(quoted)), "word": quoted[0], "other": without.label}
    facts["less"] = _percent(_score_of(full.label, without))
    return phrases["flips" if without.label != full.label else "weakens"].format(**facts)


def _trim(start: int, chunk: str) -> Word:
    left = _EDGES.match(chunk)
    head = left.end() if left else 0
    bare = _EDGES.sub("", chunk)
    return Word(start + head, start + head + len(bare))


def _score_of(label: str, prediction: Prediction) -> float:
    return dict(prediction.scores)[label]


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"


@cache
def _phrases() -> Mapping[str, Mapping[str, str]]:
    path = files("boli") / "data" / "pipeline" / "reasons.toml"
    return tomllib.loads(path.read_text("utf-8"))
