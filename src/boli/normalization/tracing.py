"""Where each character of the batch engine's output came from."""

from collections.abc import Iterator, Sequence

import numpy as np

from boli.normalization.alignment import Alignment, Offsets
from boli.normalization.tabulation import BREAK
from boli.normalization.walk import Places, Spans, Walk


def cut(walk: Walk, covered: Spans, words: Sequence[Alignment], lines: Sequence[str]) -> Iterator[Alignment]:
    """Yield the alignment of each line.

    Args:
        walk: the pass over the texts, whose offsets in code units are those of the text.
        covered: spans that became the plain engine's words.
        words: their alignments.
        lines: the output lines.
    """
    starts, ends = _offsets(walk, covered, words)
    sizes = np.fromiter(map(len, lines), np.int64, len(lines))
    shift = np.repeat(walk.ends[:-1].astype(np.int32) + np.int32(1), sizes + 1)
    starts, ends = starts - shift, ends - shift
    lasts = np.cumsum(sizes + 1)
    lengths = np.diff(walk.ends) - 1
    for at, size, length in zip((lasts - sizes - 1).tolist(), sizes.tolist(), lengths.tolist(), strict=True):
        yield Alignment(starts[at : at + size], ends[at : at + size], length)


def _offsets(walk: Walk, covered: Spans, words: Sequence[Alignment]) -> tuple[Offsets, Offsets]:
    """Return where each character of the joined output came from, line ends included."""
    every = np.arange(1, len(walk.units), dtype=np.int32)
    kept = every if walk.drop is None else every[~walk.drop[1:]]
    starts, ends = kept, kept + np.int32(1)
    if walk.joined.size:
        ends[np.searchsorted(kept, walk.joined[~_dropped(walk, walk.joined)])] += 1
    _stretch_spaces(walk, kept, ends)
    if not words:
        return starts, ends
    places = np.searchsorted(kept, covered.starts).tolist()
    pieces: list[tuple[Offsets, Offsets]] = []
    last = 0
    for place, start, word in zip(places, covered.starts.tolist(), words, strict=True):
        shift = np.int32(start)
        pieces += [(starts[last:place], ends[last:place]), (word.starts + shift, word.ends + shift)]
        last = place + 1
    pieces.append((starts[last:], ends[last:]))
    return np.concatenate([piece[0] for piece in pieces]), np.concatenate([piece[1] for piece in pieces])


def _dropped(walk: Walk, at: Places) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    return np.zeros(len(at), bool) if walk.drop is None else walk.drop[at]


def _stretch_spaces(walk: Walk, kept: Offsets, ends: Offsets) -> None:
    """A space that stands for a run of spaces came from all of them."""
    if not walk.trimmed.size:
        return
    broken = walk.flags & BREAK
    for place in np.unique(np.searchsorted(kept, walk.trimmed) - 1).tolist():
        if place < 0 or walk.units[kept[place]] == 10 or not broken[kept[place]]:
            continue
        end = int(kept[place]) + 1
        while broken[end] and walk.units[end] != 10:
            end += 1
        ends[place] = end
