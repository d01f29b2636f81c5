"""From text to the rectangle of numbers that an encoder reads, in training and in serving alike."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class Padded(NamedTuple):
    """Token ids and mask: (texts, tokens) int64, padding = 0 in both."""

    ids: NDArray[np.int64]
    mask: NDArray[np.int64]


class Cut(NamedTuple):
    """The token ids of one text, and whether it was longer than the model reads."""

    ids: list[int]
    was_longer: bool


def encode(tokenizer: "Tokenizer", texts: Sequence[str], *, max_tokens: int) -> list[Cut]:
    """Return the token ids of each text, special tokens included, at most `max_tokens` of them.

    A longer text keeps its start and its end mark, and says that it was longer.
    """
    encodings = tokenizer.encode_batch(list(texts))
    return [_cut(each.ids, max_tokens) for each in encodings]


def _cut(ids: list[int], max_tokens: int) -> Cut:
    if len(ids) <= max_tokens:
        return Cut(ids, was_longer=False)
    return Cut([*ids[: max_tokens - 1], ids[-1]], was_longer=True)


def pad(sequences: Sequence[Sequence[int]], *, multiple: int = 1) -> Padded:
    """Make one rectangle of token lists.

    Args:
        sequences: token ids of each text.
        multiple: the width is rounded up to a multiple of this; 8 suits tensor cores.

    >>> pad([[2, 7, 3], [2, 3]]).mask.tolist()
    [[1, 1, 1], [1, 1, 0]]
    """
    width = max((len(each) for each in sequences), default=0)
    width = -(-width // multiple) * multiple
    ids = np.zeros((len(sequences), width), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = sequence
        mask[row, : len(sequence)] = 1
    return Padded(ids, mask)
