"""Hashed character n-grams of words, for identification: whatever stands between spaces -> rows of the weight tables.

This is not `boli.models.HashedNgrams`: nothing here looks across a space, so what a token says never depends on its
neighbours. A model can therefore add up a token once, as whole numbers, and remember it.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boli.identification.scripts import MARK, NONE, code_points, hide_disguises, script_classes, script_names

Ints = NDArray[np.int64]

HASH_VERSION = 1
"""Goes into saved models; raised when any bucket of any token would change."""

SIZES = (1, 2, 3, 4, 5)
"""Lengths of the n-grams in code points; a word's border counts as one. The whole word is one more."""

LONGEST = 96
"""Code points of one token that are read; no word is longer, and a text without spaces is known by then."""

CHUNK = 448
"""Tokens that `read_tokens` takes at once: the table of powers holds 448 * (3 * LONGEST + 1) code points, and no letter
becomes more than three when it is read."""

BLOCKS = ("Arab", "Latn")
"""Scripts that have a weight table, in the order of the model's blocks."""

GROUPS = ("Arab", "Latn", "Guru", "Deva", "other")
"""Kinds of letters that are counted, in order."""

_BASE, _SALT = 0x9E3779B97F4A7C15, 0xD1B54A32D192ED03
_MIX = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))
_POWERS = 1 << 17
_SHORTEST_WORD = max(SIZES) - 1

# Addresses say nothing about a language: links, e-mail, @names.
_ADDRESS = re.compile(r"^.*(?:://|www\.|@).*$|^.+\.(?:com|pk|org|net|in|edu|gov|tv|io)(?:/.*)?$", re.MULTILINE)
# Short vowels are written in verses and school books of every language; on a lone hamza they are Balochi's grammar.
_VOWEL_SIGNS = re.compile("(?<!\N{ARABIC LETTER HAMZA})[\N{ARABIC FATHATAN}-\N{ARABIC SUKUN}]|\N{ARABIC TATWEEL}")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
# Ligatures of whole words (U+FDF0 and on) stay: they stand in texts of all these languages.
_PRESENTATION = re.compile("[\ufb00-\ufb06\ufb50-\ufdcf\ufe70-\ufefc]+")


class Grams(NamedTuple):
    """What tokens hold, for the weight tables.

    tokens, buckets: for each block, (grams,) int64: which token, which row; sorted by token.
    letters: (tokens, groups) int64, letters by kind.
    """

    tokens: tuple[Ints, ...]
    buckets: tuple[Ints, ...]
    letters: Ints


class _Stream(NamedTuple):
    """Tokens laid end to end, a border between any two.

    points: (length,) uint64, borders and separators as a space. classes: (length,) uint8 of `script_classes`.
    tokens: (length,) int64. ends: (length,) int64, one behind the last n-gram that may start here.
    """

    points: NDArray[np.uint64]
    classes: NDArray[np.uint8]
    tokens: Ints
    ends: Ints


def read_tokens(tokens: Sequence[str], bits: int) -> Grams:
    """List the n-grams of tokens (anything without white space); case, addresses and stretched letters are ignored.

    Args:
        tokens: at most `CHUNK`; at most `LONGEST` code points of each are read.
        bits: the tables have 2 ** bits rows.

    >>> grams = read_tokens(["ہے", "hai", "12"], 17)
    >>> [block.tolist() for block in grams.tokens]
    [[0, 0, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]]
    >>> grams.letters.tolist()
    [[2, 0, 0, 0, 0], [0, 3, 0, 0, 0], [0, 0, 0, 0, 0]]
    """
    points = code_points(clean_tokens(tokens))
    token = (points == ord("\n")).cumsum() - 1
    classes = script_classes().take(points)
    hide_disguises(classes, token)
    letters = _count_letters(classes, token, len(tokens))
    classes = _join_marks(classes)
    is_none = classes == NONE
    folded = points.astype(np.uint64)
    folded[is_none] = 32
    stream = _Stream(folded, classes, token, _gram_ends(classes))
    starts, kinds, ends = _places(stream)
    buckets = _hash(stream, starts, kinds, ends) >> np.uint64(64 - bits)
    script = classes.take(starts + is_none.take(starts))
    owners = token.take(starts)
    chosen = [(script == place).nonzero()[0] for place in _block_classes()]
    return Grams(
        tuple(owners.take(part) for part in chosen),
        tuple(buckets.take(part).astype(np.int64) for part in chosen),
        letters,
    )


def clean_tokens(tokens: Sequence[str]) -> str:
    """Join tokens by line feeds, with one at each end, without what says nothing about a language.

    >>> clean_tokens(["Yaaaar!", "https://x.pk"])
    '\\nyaar!\\n\\n'
    """
    text = "\n" + "\n".join([token[:LONGEST] for token in tokens]).lower() + "\n"
    if "." in text or ":" in text or "@" in text:
        text = _ADDRESS.sub("", text)
    if not text.isascii():
        text = _VOWEL_SIGNS.sub("", text)
        text = _PRESENTATION.sub(lambda found: unicodedata.normalize("NFKC", found[0]).replace(" ", ""), text)
    return _STRETCHED.sub(r"\1\1", text)


def _count_letters(classes: NDArray[np.uint8], token: Ints, count: int) -> Ints:
    places = (classes > MARK).nonzero()[0]
    keys = token.take(places) * len(GROUPS) + _group_of_class().take(classes.take(places))
    return np.bincount(keys, minlength=count * len(GROUPS)).reshape(count, len(GROUPS))


@cache
def _block_classes() -> tuple[int, ...]:
    return tuple(script_names().index(name) for name in BLOCKS)


@cache
def _group_of_class() -> Ints:
    names = script_names()
    return np.array([GROUPS.index(name) if name in GROUPS else len(GROUPS) - 1 for name in names], np.int64)


def _join_marks(classes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give each combining mark the class of the letter before it; a mark that follows no letter becomes none."""
    marks = (classes == MARK).nonzero()[0]
    for place in marks.tolist():
        classes[place] = classes[place - 1]
    return classes


def _gram_ends(classes: NDArray[np.uint8]) -> Ints:
    runs = np.zeros(len(classes), np.int64)
    np.not_equal(classes[1:], classes[:-1], out=runs[1:], casting="unsafe")
    changes = runs.nonzero()[0]
    edges = np.empty(len(changes) + 1, np.int64)
    edges[:-1], edges[-1] = changes, len(classes) - 1
    ends: Ints = edges.take(runs.cumsum())
    ends += classes.take(ends) == NONE
    # The border before a word starts what the word's first letter starts.
    ends[:-1] = np.where(classes[:-1] == NONE, ends[1:], ends[:-1])
    return ends


def _places(stream: _Stream) -> tuple[Ints, Ints, Ints]:
    """List where n-grams start, their kind (size, or 0 for a whole word) and where they end."""
    is_letter = stream.classes > MARK
    speaks = is_letter.copy()
    speaks[:-1] |= is_letter[1:]
    starts = speaks.nonzero()[0]
    ends = starts[:, None] + _offsets()
    limit = stream.ends.take(starts)
    is_border = ~is_letter.take(starts)
    ends[:, 0] = limit
    valid = ends <= limit[:, None]
    valid[:, 0] = is_border & (limit - starts > _SHORTEST_WORD + 2)
    valid[:, 1] &= ~is_border
    rows, kinds = valid.nonzero()
    return starts.take(rows), kinds, ends[rows, kinds]


@cache
def _offsets() -> Ints:
    return np.array((0, *SIZES), np.int64)


def _hash(stream: _Stream, starts: Ints, kinds: Ints, ends: Ints) -> NDArray[np.uint64]:
    powers, inverses = _powers()
    sums = np.zeros(len(stream.points) + 1, np.uint64)
    np.cumsum(stream.points * powers[: len(stream.points)], out=sums[1:])
    hashes = (sums.take(ends) - sums.take(starts)) * inverses.take(starts)
    hashes += _salts().take(kinds)
    hashes ^= hashes >> np.uint64(32)
    hashes *= _MIX[0]
    hashes ^= hashes >> np.uint64(29)
    hashes *= _MIX[1]
    return hashes


@cache
def _salts() -> NDArray[np.uint64]:
    return np.arange(len(SIZES) + 1, dtype=np.uint64) * np.uint64(_SALT)


@cache
def _powers() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Powers of an odd number and of its inverse, modulo 2 ** 64: a span's hash is a difference of two sums."""
    tables = []
    for base in (_BASE, pow(_BASE, -1, 2**64)):
        table = np.full(_POWERS, base, np.uint64)
        table[0] = 1
        tables.append(table.cumprod())
    return tables[0], tables[1]
