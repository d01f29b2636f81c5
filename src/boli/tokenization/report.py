"""Measure how finely a tokenizer cuts each language and script."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class TokenizerScore(NamedTuple):
    """How a tokenizer treats one group of texts. Tokens leave out the special ones; words are cut at spaces.

    >>> TokenizerScore("ur-Latn", 1, 2, 3, 1.5, 4.0, 0.0).tokens_per_word
    1.5
    """

    group: str
    texts: int
    words: int
    tokens: int
    tokens_per_word: float
    bytes_per_token: float
    unknown_share: float


def report_tokenizer(tokenizer: "Tokenizer", texts: Sequence[str], groups: Sequence[str]) -> tuple[TokenizerScore, ...]:
    """Score each group of texts and all of them together, groups in alphabetical order, ``all`` last.

    Measure on texts that the tokenizer was not trained on.

    Args:
        tokenizer: any `tokenizers.Tokenizer`.
        texts: raw texts.
        groups: the group of each text, for example its tag.

    >>> from boli.tokenization import train_tokenizer
    >>> tokenizer = train_tokenizer(["salam dunya"] * 9, kind="bpe", size=40)
    >>> [score.tokens_per_word for score in report_tokenizer(tokenizer, ["salam dunya"], ["ur-Latn"])]
    [1.0, 1.0]
    """
    rows = [(group, text) for group, text in zip(groups, texts, strict=True)]
    scores = [_score(tokenizer, name, [text for group, text in rows if group == name]) for name in sorted(set(groups))]
    return (*scores, _score(tokenizer, "all", texts))


def _score(tokenizer: "Tokenizer", group: str, texts: Sequence[str]) -> TokenizerScore:
    encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    unknown = tokenizer.token_to_id("[UNK]")
    tokens = sum(len(each.ids) for each in encodings)
    words = sum(len(text.split()) for text in texts)
    unknowns = _count(piece == unknown for encoding in encodings for piece in encoding.ids)
    size = _count(len(text.encode("utf-8")) for text in texts)
    return TokenizerScore(
        group, len(texts), words, tokens, _share(tokens, words), _share(size, tokens), _share(unknowns, tokens)
    )


def _count(numbers: Iterable[int]) -> int:
    return sum(numbers)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
