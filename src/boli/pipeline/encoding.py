"""From text to the rectangle of numbers that an encoder reads, in training and in serving alike."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class Padded(NamedTuple):
    """Token ids and mask: (texts, tokens) int64; the mask is 0 where there is padding."""

    ids: NDArray[np.int64]
    mask: NDArray[np.int64]


class Cut(NamedTuple):
    """The token ids of one text, whether it was longer than the model reads, and where each token stands in it.

    Args:
        offsets: half-open, code points of the text; (0, 0) for special tokens.
    """

    ids: list[int]
    was_longer: bool
    offsets: list[tuple[int, int]]


def encode(tokenizer: "Tokenizer", texts: Sequence[str], *, max_tokens: int) -> list[Cut]:
    """Return the token ids of each text, special tokens included, at most `max_tokens` of them.

    A longer text keeps its start and its end mark, and says that it was longer.
    """
    encodings = tokenizer.encode_batch(list(texts))
    return [_cut(each.ids, each.offsets, max_tokens) for each in encodings]


def _cut(ids: list[int], offsets: list[tuple[int, int]], max_tokens: int) -> Cut:
    if len(ids) <= max_tokens:
        return Cut(ids, was_longer=False, offsets=offsets)
    kept = [*offsets[: max_tokens - 1], offsets[-1]]
    return Cut([*ids[: max_tokens - 1], ids[-1]], was_longer=True, offsets=kept)


def pad(sequences: Sequence[Sequence[int] | NDArray[np.int32]], *, multiple: int = 1, token: int = 0) -> Padded:
    """Make one rectangle of token lists.

    Args:
        sequences: token ids of each text.
        multiple: the width is rounded up to a multiple of this; 8 suits tensor cores.
        token: the id of padding; some models count positions by it.

    >>> pad([[2, 7, 3], [2, 3]]).mask.tolist()
    [[1, 1, 1], [1, 1, 0]]
    """
    width = max((len(each) for each in sequences), default=0)
    width = -(-width // multiple) * multiple
    ids = np.full((len(sequences), width), token, dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = sequence
        mask[row, : len(sequence)] = 1
    return Padded(ids, mask)
