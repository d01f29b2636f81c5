"""A table from 64-bit keys to a few bytes, kept as two small arrays: looked up for many keys at once.

A key chooses a bucket of `WAYS` places and is recognised there by 16 other bits of its hash, so a key that is not in
the table is taken for one that is about once in 16,000 times. No key can be read back from the table.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Bytes = NDArray[np.uint8]

WAYS = 4
_ODD = np.uint64(0x9E3779B97F4A7C15)
_OTHER = np.uint64(0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True)
class HashedTable:
    """marks: (buckets, WAYS) uint16, 0 where empty. values: (buckets, WAYS, columns) uint8."""

    marks: NDArray[np.uint16]
    values: Bytes

    def find(self, keys: Keys) -> tuple[NDArray[np.bool_], Bytes]:
        """Return which keys are there, and their values (zeros where not): shapes of keys, and keys + (columns,).

        >>> table = build_table(np.array([5, 9], np.uint64), np.array([[1], [2]], np.uint8), load=0.5)
        >>> found, values = table.find(np.array([9, 7], np.uint64))
        >>> found.tolist(), values[:, 0].tolist()
        ([True, False], [2, 0])
        """
        buckets, marks = _places(keys, len(self.marks))
        same = self.marks[buckets] == marks[..., None]
        found = same.any(axis=-1)
        values = self.values[buckets, same.argmax(axis=-1)]
        values[~found] = 0
        return found, values


def build_table(keys: Keys, values: Bytes, *, load: float = 0.8) -> HashedTable:
    """Build a table; keys that come first win where a bucket is full.

    Args:
        keys: different keys, the most important first.
        values: (keys, columns).
        load: how full the table is meant to be.
    """
    count = max(1, round(len(keys) / WAYS / load))
    buckets, marks = _places(keys, count)
    order = np.argsort(buckets, kind="stable")
    sorted_buckets = buckets[order]
    first = np.searchsorted(sorted_buckets, sorted_buckets)
    ways = np.arange(len(keys)) - first
    kept = ways < WAYS
    rows, ways = order[kept], ways[kept]
    table = HashedTable(np.zeros((count, WAYS), np.uint16), np.zeros((count, WAYS, values.shape[1]), np.uint8))
    table.marks[buckets[rows], ways] = marks[rows]
    table.values[buckets[rows], ways] = values[rows]
    return table


def mix(left: Keys, right: Keys) -> Keys:
    """Join two keys into one, order mattering."""
    joined: Keys = (left * _ODD + right) * _OTHER
    return joined ^ (joined >> np.uint64(29))


def _places(keys: Keys, buckets: int) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
    mixed = keys * _ODD
    mixed ^= mixed >> np.uint64(32)
    mixed *= _OTHER
    mixed ^= mixed >> np.uint64(29)
    marks = (mixed & np.uint64(0xFFFF)).astype(np.uint16)
    marks[marks == 0] = 1
    return ((mixed >> np.uint64(16)) % np.uint64(buckets)).astype(np.int64), marks
