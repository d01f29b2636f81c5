"""Which texts go together in a batch, and in what order.

Texts of like length share a batch, so that little of it is padding; a batch is as large as a budget of tokens allows.
The plan of an epoch depends on the seed and the number of the epoch alone, so a resumed run needs no saved order.
"""

from collections.abc import Sequence

import numpy as np

POOL = 16
"""Batches' worth of texts that are sorted by length together: enough for little padding, few enough to stay mixed."""


def plan_epoch(lengths: Sequence[int], *, budget: int, seed: int, epoch: int) -> list[list[int]]:
    """Return the batches of one epoch as lists of row numbers; each row is in exactly one.

    Args:
        lengths: tokens of each text.
        budget: most tokens in a batch, padding included; a longer text has a batch of its own.
        seed: of the run.
        epoch: 0, 1, ...

    >>> plan_epoch([3, 9, 3, 9], budget=18, seed=0, epoch=0)
    [[1, 3], [2, 0]]
    """
    random = np.random.default_rng([seed, epoch])
    order = random.permutation(len(lengths))
    pool = max(1, POOL * budget // max(1, int(np.mean(lengths)))) if len(lengths) else 1
    batches: list[list[int]] = []
    for start in range(0, len(order), pool):
        rows = sorted(order[start : start + pool].tolist(), key=lambda row: lengths[row])
        batches += _cut(rows, lengths, budget)
    return [batches[place] for place in random.permutation(len(batches))]


def _cut(rows: Sequence[int], lengths: Sequence[int], budget: int) -> list[list[int]]:
    batches: list[list[int]] = []
    for row in rows:
        if batches and lengths[row] * (len(batches[-1]) + 1) <= budget:
            batches[-1].append(row)
        else:
            batches.append([row])
    return batches


def split_rows(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Cut a batch into parts of at most `most` tokens, padding included; 0: one part. A longer row stands alone.

    Args:
        lengths: tokens of each row of the batch.

    Returns:
        Places in the batch, each in exactly one part.

    >>> split_rows([3, 9, 3, 9], 18)
    [[0, 2], [1, 3]]
    >>> split_rows([3, 9], 0)
    [[0, 1]]
    """
    places = list(range(len(lengths)))
    if not most or len(lengths) * max(lengths, default=0) <= most:
        return [places]
    return _cut(sorted(places, key=lambda place: lengths[place]), lengths, most)
