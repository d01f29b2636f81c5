"""Learn a vocabulary from texts, with the normalizer inside the tokenizer."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from boli.errors import ConfigError, DataError, require, suggest

if TYPE_CHECKING:
    from tokenizers import Tokenizer, normalizers
    from tokenizers.trainers import Trainer

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""Reserved pieces; their place here is their id."""

KINDS = ("bpe", "unigram", "wordpiece")
"""Ways to learn pieces."""


def train_tokenizer(
    texts: Iterable[str],
    *,
    kind: str = "bpe",
    size: int = 4000,
    normalizer: "normalizers.Normalizer | None" = None,
) -> "Tokenizer":
    """Learn at most `size` pieces and return a tokenizer that normalizes by itself.

    The normalizer travels inside ``tokenizer.json``, so a program that loads only that file cannot feed the model
    text in another form than the one it was trained on.

    With ``bpe`` the same texts in the same order give the same file, byte for byte. The other two break ties by the
    order of a hash table, which differs from process to process (`tokenizers` 0.23): a few pieces change.

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
    if kind not in KINDS:
        raise ConfigError(f"no tokenizer kind {kind!r}; choose from: {', '.join(KINDS)}{suggest(kind, KINDS)}")
    if size <= len(SPECIAL_TOKENS):
        raise ConfigError(f"a vocabulary of {size} has no room beside {len(SPECIAL_TOKENS)} special tokens; try 4000")
    tokenizer = _build_empty(kind, normalizer)
    tokenizer.train_from_iterator(_checked(texts), trainer=_build_trainer(kind, size))
    return _finished(tokenizer)


def _checked(texts: Iterable[str]) -> Iterable[str]:
    empty = True
    for text in texts:
        empty = empty and not text.strip()
        yield text
    if empty:
        raise DataError("no text to learn a vocabulary from: got nothing or only spaces; expected sentences")


def _build_empty(kind: str, normalizer: "normalizers.Normalizer | None") -> "Tokenizer":
    tokenizers = require("tokenizers", "train")
    models, pre_tokenizers = tokenizers.models, tokenizers.pre_tokenizers
    model = {
        "unigram": lambda: models.Unigram(),
        "bpe": lambda: models.BPE(unk_token="[UNK]"),
        "wordpiece": lambda: models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=200),
    }[kind]()
    tokenizer: Tokenizer = tokenizers.Tokenizer(model)
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    # Metaspace keeps the space inside the piece, so that decoding gives the text back; punctuation never joins a word.
    # The two Sindhi words U+06FD and U+06FE have category So, so they are words here, as they should be.
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Metaspace(), pre_tokenizers.Punctuation()])
    tokenizer.decoder = tokenizers.decoders.Metaspace()
    return tokenizer


def _build_trainer(kind: str, size: int) -> "Trainer":
    trainers = require("tokenizers", "train").trainers
    special = list(SPECIAL_TOKENS)
    built: Trainer
    if kind == "unigram":
        built = trainers.UnigramTrainer(vocab_size=size, special_tokens=special, unk_token="[UNK]", show_progress=False)
    elif kind == "bpe":
        built = trainers.BpeTrainer(vocab_size=size, special_tokens=special, show_progress=False)
    else:
        built = trainers.WordPieceTrainer(vocab_size=size, special_tokens=special, show_progress=False)
    return built


def _finished(tokenizer: "Tokenizer") -> "Tokenizer":
    processors = require("tokenizers", "train").processors
    ends = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    return tokenizer
