"""Identify each word of a text that mixes languages.

Each word speaks for itself by the same weights as a text; the text as a whole speaks for its main language; and
speakers switch less often than they go on. The best path through all words (Viterbi) settles it.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boli.errors import check_text
from boli.identification.identifier import UND, Identifier, default_identifier
from boli.identification.model import Block
from boli.identification.scripts import MARK, NONE, code_points, hide_disguises, script_classes

Doubles = NDArray[np.float64]

SWITCH = 1.0
"""What a change of language costs, in nats."""

WHOLE = 2.0
"""How much the whole text's guess counts for each word, against the word's own letters."""

ENGLISH = "en-Latn"
"""The language that all others are mixed with; the whole text never speaks against it.

These four numbers were chosen on the dev half of benchmarks/data/code_mixed.tsv.
"""

GUEST = 2.5
"""What Roman words in a text of another script have for English, in nats."""

IMPOSSIBLE = -1e4
"""A tag of another script than the word's."""

FLOOR = -5.0
"""Nothing is less probable than exp(FLOOR) for the whole text, so that a word can always differ."""

_ADDRESS = re.compile(r"\S*(?:://|www\.|@)\S*|\S+\.(?:com|pk|org|net|in|edu|gov|tv|io)\b\S*")
_WINDOW = 20_000
_SPACES = (0x09, 0x0A, 0x0D, 0x20)


class WordGuess(NamedTuple):
    """A word with its tag: half-open offsets in code points of the text, and how probable the tag is.

    >>> word = WordGuess(6, 11, "ur-Latn", 0.98)
    >>> "salam dunya"[word.start : word.end], word.tag
    ('dunya', 'ur-Latn')
    """

    start: int
    end: int
    tag: str
    probability: float


def identify_words(text: str) -> list[WordGuess]:
    """Say for each word which language and script it is written in.

    Words are runs of letters of one script; numbers, links, emoji and punctuation are in no word. A name or a word
    that two languages share goes with its neighbours.

    Raises:
        TextError: `text` is not `str`.

    >>> text = "please apna account check karein"
    >>> [(text[word.start : word.end], word.tag) for word in identify_words(text)][2]
    ('account', 'en-Latn')
    """
    return label_words(check_text(text), default_identifier())


def label_words(text: str, identifier: Identifier) -> list[WordGuess]:
    """Do what `identify_words` does, with given weights."""
    found: list[WordGuess] = []
    places = find_words(text)
    for start in range(0, len(places), _WINDOW):
        found += _label(text, places[start : start + _WINDOW], identifier)
    return found


def find_words(text: str) -> list[tuple[int, int]]:
    """List the words of a text: half-open offsets of runs of letters of one script, with their marks.

    >>> find_words("bill جمع kar-dein 5")
    [(0, 4), (5, 8), (9, 12), (13, 17)]
    """
    if not text:
        return []
    points = code_points(text)
    classes = script_classes()[points]
    hide_disguises(classes, np.isin(points, _SPACES).cumsum())
    for found in _ADDRESS.finditer(text):
        classes[found.start() : found.end()] = NONE
    for place in np.flatnonzero(classes == MARK).tolist():
        classes[place] = classes[place - 1] if place else NONE
    edges = [*np.flatnonzero(np.diff(classes, prepend=NONE)).tolist(), len(text)]
    return [(start, end) for start, end in pairwise(edges) if classes[start] > MARK]


def _label(text: str, places: Sequence[tuple[int, int]], identifier: Identifier) -> list[WordGuess]:
    words = [text[start:end] for start, end in places]
    own, tags = _emissions(words, identifier)
    path, chances = _best_path(own)
    return [
        WordGuess(start, end, tags[label], round(float(chance), 6))
        for (start, end), label, chance in zip(places, path, chances, strict=True)
    ]


def _emissions(words: Sequence[str], identifier: Identifier) -> tuple[Doubles, tuple[str, ...]]:
    """Log-probabilities (words, tags) of each word by its letters and by its text, and the tags."""
    weights, single = identifier.weights, identifier.weights.for_words
    tags = _all_tags(tuple(block.labels for block in weights.blocks))
    sums = single.add_up([[word] for word in words])
    whole = weights.add_up([words])
    letters = sums[:, weights.layout.letters]
    groups = letters.argmax(axis=1)
    main = int(letters.sum(axis=0).argmax())
    scores = np.full((len(words), len(tags)), IMPOSSIBLE)
    scores[groups >= len(weights.blocks), tags.index(UND)] = 0.0
    for place, block in enumerate(weights.blocks):
        chosen = (groups == place).nonzero()[0]
        own = single.log_probabilities(sums[chosen], place)
        columns = [tags.index(label) for label in block.labels]
        scores[np.ix_(chosen, columns)] = own + _prior(weights.log_probabilities(whole, place)[0], block, place == main)
    return scores, tags


def _prior(whole: Doubles, block: Block, is_main: bool) -> Doubles:
    prior = WHOLE * np.maximum(whole, FLOOR)
    if ENGLISH in block.labels:
        place = block.labels.index(ENGLISH)
        prior[place] = prior.max() if is_main else prior.max() + GUEST
    return prior


@cache
def _all_tags(labels: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([label for block in labels for label in block] + [UND]))


def _best_path(own: Doubles) -> tuple[list[int], Doubles]:
    """Find the best tag of each word, and how probable it is given all words (forward-backward)."""
    if len(own) == 0:
        return [], np.zeros(0)
    best, back = own[0], np.zeros(own.shape, np.int64)
    for place in range(1, len(own)):
        source = int(best.argmax())
        stays = best >= best[source] - SWITCH
        back[place] = np.where(stays, np.arange(own.shape[1]), source)
        best = np.where(stays, best, best[source] - SWITCH) + own[place]
    path = [int(best.argmax())]
    for place in range(len(own) - 1, 0, -1):
        path.append(int(back[place, path[-1]]))
    path.reverse()
    return path, _marginals(own)[np.arange(len(own)), path]


def _marginals(own: Doubles) -> Doubles:
    forward, backward = _flow(own), _flow(own[::-1])[::-1]
    joint = forward + backward - own
    joint = np.exp(joint - joint.max(axis=1, keepdims=True))
    total: Doubles = joint / joint.sum(axis=1, keepdims=True)
    return total


def _flow(own: Doubles) -> Doubles:
    """Sum over all paths up to each word, scaled so that the best is 0."""
    leak = np.exp(-SWITCH)
    flows = np.empty_like(own)
    flows[0] = own[0]
    for place in range(1, len(own)):
        before = np.exp(flows[place - 1] - flows[place - 1].max())
        flows[place] = np.log(before + leak * before.sum()) + own[place]
    return flows
