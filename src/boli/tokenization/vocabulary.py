"""Learned pieces, in the one form from which every file is written."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""Reserved pieces; their place here is their id."""

UNKNOWN, MASK = "[UNK]", "[MASK]"

BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
"""Pieces for the bytes of characters that have no piece."""

KINDS = ("bpe", "unigram", "wordpiece")
"""Ways to learn pieces."""

CONTINUATION = "##"
"""Before a WordPiece piece that goes on inside a word."""


@dataclass(frozen=True)
class Vocabulary:
    """Pieces in the order of their ids: special ones, bytes (if `bytes_too`), then what was learned.

    special: the five of `SPECIAL_TOKENS` and further reserved ones. pieces: in the order in which BPE joins them.
    scores: natural logarithms of probabilities, one for each of `pieces`; empty but for ``unigram``.
    """

    kind: str
    special: tuple[str, ...]
    pieces: tuple[str, ...]
    bytes_too: bool = False
    scores: tuple[float, ...] = ()

    def ids(self) -> dict[str, int]:
        """Return piece -> id."""
        return {piece: place for place, piece in enumerate(self)}

    def __iter__(self) -> Iterator[str]:
        yield from (*self.special, *(BYTES if self.bytes_too else ()), *self.pieces)

    def __len__(self) -> int:
        return len(self.special) + 256 * self.bytes_too + len(self.pieces)


def list_merges(pieces: Sequence[str]) -> list[tuple[str, str]]:
    """List every pair of pieces that makes a piece, in the order of the pieces made: BPE as SentencePiece reads it.

    >>> list_merges(["a", "b", "ab", "aba"])
    [('a', 'b'), ('ab', 'a')]
    """
    known = frozenset(pieces)
    return [
        (piece[:at], piece[at:])
        for piece in pieces
        for at in range(1, len(piece))
        if piece[:at] in known and piece[at:] in known
    ]


def add_words(vocabulary: Vocabulary, cuts: Iterable[Sequence[str]]) -> Vocabulary:
    """Add words as whole pieces, given how each is cut now.

    Args:
        vocabulary: what there is.
        cuts: for each word its present pieces, in order. BPE also needs what lies between them and the word.

    >>> add_words(Vocabulary("bpe", SPECIAL_TOKENS, ("a", "b", "c")), [["a", "b", "c"]]).pieces
    ('a', 'b', 'c', 'ab', 'abc')
    """
    pieces, scores = dict.fromkeys(vocabulary.pieces), list(vocabulary.scores)
    for cut in cuts:
        joins = [_join(cut[:size]) for size in range(2, len(cut) + 1)]
        for piece in joins if vocabulary.kind == "bpe" else joins[-1:]:
            if piece not in pieces:
                pieces[piece] = None
                scores += [0.0] if vocabulary.kind == "unigram" else []
    return Vocabulary(vocabulary.kind, vocabulary.special, tuple(pieces), vocabulary.bytes_too, tuple(scores))


def _join(cut: Sequence[str]) -> str:
    return cut[0] + "".join(piece.removeprefix(CONTINUATION) for piece in cut[1:])
