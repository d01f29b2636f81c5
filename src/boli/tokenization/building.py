"""From learned pieces to a `tokenizers.Tokenizer` and to a SentencePiece model that give the same ids."""

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

from boli.errors import ConfigError, ModelError, require
from boli.tokenization.vocabulary import (
    CONTINUATION,
    KINDS,
    MASK,
    SPECIAL_TOKENS,
    UNKNOWN,
    Vocabulary,
    list_merges,
)
from boli.tokenization.words import SPACE

if TYPE_CHECKING:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from tokenizers import normalizers as tokenizers_normalizers

    from boli.normalization import Normalizer

_CONTROL, _BYTE, _NORMAL, _UNKNOWN = 3, 6, 1, 2
"""Types of pieces in a SentencePiece model."""


def build_tokenizer(
    vocabulary: Vocabulary, normalizer: "tokenizers_normalizers.Normalizer | None" = None
) -> "Tokenizer":
    """Build a tokenizer that normalizes by itself, puts ``[CLS]`` and ``[SEP]`` around a text and gives it back.

    A space is written U+2581 and one is put before the text, as SentencePiece does, so ``decode`` gives the normalized
    text back, leading spaces included. Only U+2581 itself comes back as a space.

    >>> from boli.tokenization.vocabulary import SPECIAL_TOKENS
    >>> tokenizer = build_tokenizer(Vocabulary("bpe", SPECIAL_TOKENS, ("a", "b", "▁", "▁a")))
    >>> tokenizer.encode("a b").tokens, tokenizer.decode(tokenizer.encode("a b").ids)
    (['[CLS]', '▁a', '▁', 'b', '[SEP]'], 'a b')
    """
    tokenizers = require("tokenizers", "train")
    normalizers, decoders = tokenizers.normalizers, tokenizers.decoders
    tokenizer: Tokenizer = tokenizers.Tokenizer(_build_model(vocabulary))
    carried = [] if normalizer is None else [normalizer]
    spaces = [normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)]
    tokenizer.normalizer = normalizers.Sequence([*carried, *spaces])
    tokenizer.pre_tokenizer = _build_pre_tokenizer(vocabulary.kind)
    inner = [decoders.Replace(tokenizers.Regex(f"^{CONTINUATION}"), "")] if vocabulary.kind == "wordpiece" else []
    steps = [*inner, decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    tokenizer.decoder = decoders.Sequence(steps)
    # The mask stands for a word with the space before it, so it takes the spaces around it along.
    added = [
        tokenizers.AddedToken(token, special=True, normalized=False, lstrip=token == MASK, rstrip=token == MASK)
        for token in vocabulary.special
    ]
    tokenizer.add_special_tokens(added)
    ends = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    return tokenizer


def _build_model(vocabulary: Vocabulary) -> "models.Model":
    known = require("tokenizers", "train").models
    ids, made = vocabulary.ids(), None
    if vocabulary.kind == "bpe":
        made = known.BPE(ids, list_merges(vocabulary.pieces), unk_token=UNKNOWN, byte_fallback=vocabulary.bytes_too)
    elif vocabulary.kind == "wordpiece":
        made = known.WordPiece(
            ids, unk_token=UNKNOWN, max_input_chars_per_word=200, continuing_subword_prefix=CONTINUATION
        )
    else:
        scores = dict(zip(vocabulary.pieces, vocabulary.scores, strict=True))
        rows = [(piece, scores.get(piece, 0.0)) for piece in vocabulary]
        made = known.Unigram(rows, unk_id=ids[UNKNOWN], byte_fallback=vocabulary.bytes_too)
    model: models.Model = made
    return model


def _build_pre_tokenizer(kind: str) -> "pre_tokenizers.PreTokenizer":
    """Cut at spaces alone: no piece of BPE or Unigram crosses a unit anyway. WordPiece needs the units themselves."""
    tokenizers = require("tokenizers", "train")
    split, regex = tokenizers.pre_tokenizers.Split, tokenizers.Regex
    if kind != "wordpiece":
        return cast("pre_tokenizers.PreTokenizer", split(SPACE, "merged_with_next"))
    word = r"[\p{L}\p{M}\x{200c}\x{200d}\x{6fd}\x{6fe}]"
    units = rf"{SPACE}?{word}+(?:['\x{{2019}}\x{{2bc}}]{word}+)*|{SPACE}?\p{{N}}+|{SPACE}"
    return cast("pre_tokenizers.PreTokenizer", split(regex(units), "isolated"))


def build_sentencepiece(vocabulary: Vocabulary, normalizer: "Normalizer") -> bytes:
    """Build a SentencePiece model that gives the ids of `build_tokenizer` and normalizes by `normalizer`.

    Args:
        vocabulary: of ``bpe`` or ``unigram``.
        normalizer: one whose rules have no context: ``n.portable()``.

    Raises:
        ConfigError: WordPiece, which SentencePiece does not know, or a normalizer with context.
    """
    if vocabulary.kind == "wordpiece":
        raise ConfigError("SentencePiece has no WordPiece; leave sentencepiece = false, or choose bpe or unigram")
    proto = require("sentencepiece.sentencepiece_model_pb2", "train").ModelProto
    model = proto.FromString(_train_trivial(normalizer))
    del model.pieces[:]
    spec = model.trainer_spec
    spec.model_type = {"unigram": 1, "bpe": 2}[vocabulary.kind]
    spec.vocab_size, spec.byte_fallback = len(vocabulary), vocabulary.bytes_too
    spec.unk_piece, spec.unk_id = UNKNOWN, vocabulary.special.index(UNKNOWN)
    spec.pad_piece, spec.pad_id = "[PAD]", vocabulary.special.index("[PAD]")
    spec.bos_piece, spec.bos_id = "[CLS]", vocabulary.special.index("[CLS]")
    spec.eos_piece, spec.eos_id = "[SEP]", vocabulary.special.index("[SEP]")
    spec.model_prefix = model.normalizer_spec.normalization_rule_tsv = ""  # names of temporary files
    del spec.input[:]
    learned = len(vocabulary) - len(vocabulary.pieces)
    for place, piece in enumerate(vocabulary):
        rank = place - learned
        score = 0.0 if rank < 0 else vocabulary.scores[rank] if vocabulary.scores else -float(rank)
        added = model.pieces.add(piece=piece, score=score)
        added.type = _NORMAL
        if rank < 0:
            added.type = _BYTE if place >= len(vocabulary.special) else _UNKNOWN if piece == UNKNOWN else _CONTROL
    made: bytes = model.SerializeToString(deterministic=True)
    return made


def _train_trivial(normalizer: "Normalizer") -> bytes:
    """Let SentencePiece compile the rules, by training a model of a few letters."""
    sentencepiece = require("sentencepiece", "train")
    with tempfile.TemporaryDirectory() as folder:
        rules, text, prefix = Path(folder, "rules.tsv"), Path(folder, "text"), Path(folder, "model")
        normalizer.to_sentencepiece_tsv(rules)
        text.write_text("a b\n" * 9, "utf-8")
        sentencepiece.SetMinLogLevel(2)
        sentencepiece.SentencePieceTrainer.train(
            input=str(text), model_prefix=str(prefix), model_type="bpe", vocab_size=6, hard_vocab_limit=False,
            normalization_rule_tsv=str(rules), remove_extra_whitespaces=False, add_dummy_prefix=True, num_threads=1,
        )  # fmt: skip
        return Path(f"{prefix}.model").read_bytes()


def read_vocabulary(tokenizer_json: str) -> Vocabulary:
    """Return the pieces of a ``tokenizer.json`` that `build_tokenizer` made.

    Raises:
        ModelError: it is of another making.

    >>> from boli.tokenization.vocabulary import SPECIAL_TOKENS
    >>> made = Vocabulary("bpe", SPECIAL_TOKENS, ("a", "b", "ab"))
    >>> read_vocabulary(build_tokenizer(made).to_str()) == made
    True
    """
    state = json.loads(tokenizer_json)
    model, special = state["model"], tuple(row["content"] for row in state["added_tokens"] if row["special"])
    kind = next((kind for kind in KINDS if kind == model["type"].lower()), "")
    rows = model["vocab"] if kind == "unigram" else sorted(model["vocab"].items(), key=lambda row: row[1])
    bytes_too = bool(model.get("byte_fallback"))
    names, first = [row[0] for row in rows], len(special) + 256 * bytes_too
    if not kind or special[: len(SPECIAL_TOKENS)] != SPECIAL_TOKENS or tuple(names[: len(special)]) != special:
        raise ModelError("this tokenizer.json was not made by boli: its special tokens are not the first pieces")
    scores = tuple(float(row[1]) for row in rows[first:]) if kind == "unigram" else ()
    return Vocabulary(kind, special, tuple(names[first:]), bytes_too, scores)


def hash_normalizer(tokenizer_json: str) -> str:
    """Return the sha256 (hex) of the normalizer inside a ``tokenizer.json``."""
    from boli.files import sha256_of_value

    return sha256_of_value(json.loads(tokenizer_json)["normalizer"])
