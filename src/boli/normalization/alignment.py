"""Where each piece of the normalized text came from."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Offsets = NDArray[np.int32]


class Edit(NamedTuple):
    """A piece of text that changes: half-open code-point offsets, and what it becomes."""

    start: int
    end: int
    after: str
    row: str


class Alignment(NamedTuple):
    """Offsets back to the input: character k of the output came from ``input[starts[k]:ends[k]]``.

    Both arrays have one int32 per output code point and never decrease; several output characters of one change share
    its whole span.
    """

    starts: Offsets
    ends: Offsets
    input_length: int

    def to_input(self, start: int, end: int) -> tuple[int, int]:
        """Return the input span that output span ``[start, end)`` came from.

        >>> from boli.normalization import Normalizer
        >>> Normalizer("ur").explain("كتاب").alignment.to_input(0, 1)
        (0, 1)
        """
        if start >= end:
            at = int(self.starts[start]) if start < len(self.starts) else self.input_length
            return at, at
        return int(self.starts[start]), int(self.ends[end - 1])

    def to_output(self, start: int, end: int) -> tuple[int, int]:
        """Return the output span that input span ``[start, end)`` became; empty where it was removed."""
        first = int(np.searchsorted(self.ends, start, side="right"))
        last = int(np.searchsorted(self.starts, end, side="left"))
        return first, max(first, last)


def identity(length: int) -> Alignment:
    """Return the alignment of a text with itself; `length` in code points."""
    positions = np.arange(length, dtype=np.int32)
    return Alignment(positions, positions + np.int32(1), length)


def from_edits(length: int, edits: Sequence[Edit]) -> Alignment:
    """Build the alignment of one pass from its edits, which are in order and do not overlap."""
    starts, ends, last = [], [], 0
    for edit in edits:
        kept = np.arange(last, edit.start, dtype=np.int32)
        starts += [kept, np.full(len(edit.after), edit.start, np.int32)]
        ends += [kept + 1, np.full(len(edit.after), edit.end, np.int32)]
        last = edit.end
    tail = np.arange(last, length, dtype=np.int32)
    return Alignment(np.concatenate([*starts, tail]), np.concatenate([*ends, tail + 1]), length)


def chain(first: Alignment, second: Alignment) -> Alignment:
    """Compose two passes: `second` reads what `first` wrote."""
    return Alignment(first.starts[second.starts], first.ends[second.ends - 1], first.input_length)


def changes(source: str, target: str, alignment: Alignment) -> list[tuple[int, int, str]]:
    """Return the smallest pieces ``(start, end, after)`` whose replacement in `source` gives `target`."""
    pieces: list[tuple[int, int, str]] = []
    at = 0
    runs = _runs(alignment)
    for start, end, out_start, out_end in runs:
        if start > at:
            pieces.append((at, start, ""))
        if source[start:end] != target[out_start:out_end]:
            pieces.append((start, end, target[out_start:out_end]))
        at = end
    if at < len(source):
        pieces.append((at, len(source), ""))
    return pieces


def _runs(alignment: Alignment) -> list[tuple[int, int, int, int]]:
    """Group output characters whose input spans touch the same characters."""
    runs: list[tuple[int, int, int, int]] = []
    for k, (start, end) in enumerate(zip(alignment.starts.tolist(), alignment.ends.tolist(), strict=True)):
        if runs and start < runs[-1][1]:
            first, last, out_start, _ = runs[-1]
            runs[-1] = (first, max(last, end), out_start, k + 1)
        else:
            runs.append((start, end, k, k + 1))
    return runs
