"""Learn a vocabulary from texts in memory, with the normalizer inside the tokenizer."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from boli.tokenization.building import build_tokenizer
from boli.tokenization.learning import LearningOptions, learn_pieces
from boli.tokenization.words import WordCounter

if TYPE_CHECKING:
    from tokenizers import Tokenizer, normalizers


def train_tokenizer(
    texts: Iterable[str],
    *,
    kind: str = "bpe",
    size: int = 4000,
    normalizer: "normalizers.Normalizer | None" = None,
) -> "Tokenizer":
    """Learn at most `size` pieces and return a tokenizer that normalizes by itself.

    The normalizer travels inside ``tokenizer.json``, so a program that loads only that file cannot feed the model
    text in another form than the one it was trained on. The same texts give the same file, byte for byte. For corpora
    on disk, several languages and byte fallback see `boli.tokenization.train_recipe`.

    Args:
        texts: raw texts, streamed once.
        kind: ``bpe``, ``unigram`` or ``wordpiece``.
        size: pieces, special tokens included; a small corpus gives fewer.
        normalizer: what `boli.normalization.Normalizer.to_tokenizers` returns.

    Raises:
        ConfigError: no such kind, or a size that leaves no room for pieces.
        DataError: no text, or only spaces.

    >>> tokenizer = train_tokenizer(["salam dunya", "salam dost"] * 20, kind="bpe", size=60)
    >>> tokenizer.encode("salam dost").tokens
    ['[CLS]', '▁salam', '▁dost', '[SEP]']
    """
    options = LearningOptions(kind=kind, size=size, bytes_too=False, coverage=1.0, least=1)
    options.check()
    counter = WordCounter()
    counter.add(texts if normalizer is None else (normalizer.normalize_str(text) for text in texts))
    return build_tokenizer(learn_pieces(counter.counts, options), normalizer)
