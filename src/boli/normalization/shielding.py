"""Protected spans among the lines of a walk: found in all of them at once, and left as they were."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from boli.normalization.characters import compose
from boli.normalization.tabulation import BREAK, DELETE, EARLY, KIND, PLAIN, VOWEL, Mask
from boli.normalization.walk import NOWHERE, Places, Spans, Walk, contains

_COMMA, _ARABIC_COMMA = 0x2C, 0x060C
_WALL = re.compile("[ \t\n\N{NO-BREAK SPACE},\N{ARABIC COMMA}]")
_FORMS = 0xFB50
"""The first presentation form: one may bring a kashida with its vowel sign."""


class Shield(NamedTuple):
    """What of a walk is protected.

    `spans` stay as they were; `lines` have such spans, by number; `alone` are lines that the plain engine must decide.
    """

    spans: Spans
    lines: frozenset[int]
    alone: tuple[int, ...]

    def covers(self, at: Places) -> Mask:
        """Return which places are inside one of the spans."""
        return self._next_start(at) <= at

    def touches(self, words: Spans) -> Mask:
        """Return which words share a place with one of the spans."""
        return self._next_start(words.starts) < words.ends

    def _next_start(self, at: Places) -> Places:
        """Return the start of the span around or behind each place."""
        following = np.searchsorted(self.spans.ends, at, side="right")
        starts: Places = np.append(self.spans.starts, np.iinfo(np.int64).max)[following]
        return starts


NOTHING = Shield(Spans(NOWHERE, NOWHERE), frozenset(), ())


def shield(walk: Walk, texts: Sequence[str], hiding: re.Pattern[str]) -> Shield:
    """Find the protected spans of the lines that may have some.

    A line that the encoding level changes is for the plain engine: there the spans are found after that change.
    """
    doubtful = _doubtful_lines(walk)
    if not doubtful.size:
        return NOTHING
    simple = doubtful[~contains(_rewritten_early(walk), doubtful)]
    if not walk.flat:
        simple = np.array(
            [n for n in simple.tolist() if len(texts[n]) == walk.ends[n + 1] - walk.ends[n] - 1], np.int64
        )
    joined = "\n".join([texts[line] for line in simple.tolist()])
    if compose(joined) != joined:
        simple = np.array([line for line in simple.tolist() if compose(texts[line]) == texts[line]], np.int64)
        joined = "\n".join([texts[line] for line in simple.tolist()])
    spans, of = _spans_in(joined, simple, walk, hiding)
    edges = walk.flags.take(spans.starts - 1) | walk.flags.take(spans.ends)
    pressed = of[(edges & KIND) != PLAIN]  # a rule looks at a neighbour, which the plain engine hides
    alone = {*doubtful.tolist()} - {*simple.tolist()} | {*pressed.tolist()}
    return Shield(spans, frozenset(of.tolist()), tuple(sorted(alone)))


def _spans_in(joined: str, lines: Places, walk: Walk, hiding: re.Pattern[str]) -> tuple[Spans, Places]:
    """Return the spans in joined lines as spans of the walk, and the line of each."""
    found = [match.span() for match in hiding.finditer(joined)]
    if not found:
        return Spans(NOWHERE, NOWHERE), NOWHERE
    flat = np.array(found, np.int64)
    firsts = walk.ends[lines] + 1
    sizes = walk.ends[lines + 1] - walk.ends[lines]
    here = np.cumsum(sizes) - sizes
    which = np.searchsorted(here, flat[:, 0], side="right") - 1
    shift = (firsts - here)[which]
    return Spans(flat[:, 0] + shift, flat[:, 1] + shift), lines[which]


def _rewritten_early(walk: Walk) -> Places:
    """Return the lines, by number, that the encoding level may change, the order of marks aside."""
    at = walk.odd[(walk.odd_flags & KIND) >= DELETE]
    return walk.lines_at(at[(walk.context(at) & EARLY) != 0])


def _doubtful_lines(walk: Walk) -> Places:
    """Return the lines, by number, that may hold a protected span."""
    found = [_links(walk), _vocalised(walk)] if walk.tables.quotes else [_links(walk)]
    return walk.lines_at(np.sort(np.concatenate(found)))


def _links(walk: Walk) -> Places:
    """Return where an address, a parenthesis of the Quran, or a stand-in of a hidden span may be."""
    units, following = walk.units.take(walk.signs), walk.units.take(walk.signs + 1)
    lone = (units == ord(":")) & (following != ord("/")) | (units == ord("w")) & (following != ord("w"))
    lone &= (walk.context(walk.signs + 1) & EARLY) == 0  # what falls away may bring the two together
    found: Places = walk.signs[~lone]
    return found


def _vocalised(walk: Walk) -> Places:
    """Return places in every line in which two words have vowel signs in two places each."""
    vowels = walk.flagged(VOWEL)
    joined = walk.joined_vowels()
    if joined.size:
        kept = np.ones(len(vowels), bool)
        kept[vowels.searchsorted(joined)] = False
        vowels = vowels[kept]
    pairs = _pairs_in_words(walk, vowels)
    first, last = vowels[pairs], vowels[pairs + 1]
    # Pairs of one word follow each other with nothing but vowel signs between.
    apart = first[1:] - last[:-1] != pairs[1:] - pairs[:-1] - 1
    lines = walk.ends.searchsorted(first)
    found: Places = first[1:][apart & (lines[1:] == lines[:-1])]
    return found


def _pairs_in_words(walk: Walk, vowels: Places) -> Places:
    """Return which vowel signs stand in a word with the next one, and not beside it; commas end words too."""
    distance = vowels[1:] - vowels[:-1]
    opened = walk.units.take(vowels[1:]) >= _FORMS
    pairs = ((distance > 1) | opened).nonzero()[0]
    for ahead in (1, 2, 3):  # most words end here
        units = walk.units.take(vowels[pairs] + ahead, mode="clip")
        ends = ((walk.tables.flags.take(units) & BREAK) != 0) | (units == _COMMA) | (units == _ARABIC_COMMA)
        pairs = pairs[~ends | (distance[pairs] <= ahead)]
    far = (distance[pairs] > 4).nonzero()[0]
    kept = np.ones(len(pairs), bool)
    kept[far] = _unparted(walk, vowels[pairs[far]] + 4, vowels[pairs[far] + 1])
    found: Places = pairs[kept]
    return found


def _unparted(walk: Walk, starts: Places, ends: Places) -> Mask:
    """Return which pieces of text have no space, line end or comma in them; most have, and near their beginning."""
    pieces = Spans(starts, ends).pairs()
    if walk.flat:
        return np.array([_WALL.search(walk.text, start, end) is None for start, end in pieces], bool)
    return np.array([_WALL.search(walk.slice(start, end)) is None for start, end in pieces], bool)
