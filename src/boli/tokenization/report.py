"""Measure how finely a tokenizer cuts each language and script; any local tokenizer."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from boli.errors import ModelError, ModelNotFound, require
from boli.tokenization.storage import find_tokenizer, load_tokenizer
from boli.tokenization.vocabulary import BYTES
from boli.tokenization.words import SPACE

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_EDGES = (
    "\"'()[]{}<>.,;:!?*-_/|\u2018\u2019\u201c\u201d\u00ab\u00bb\u2026\u2013\u2014"
    "\u060c\u061b\u061f\u06d4\u2e41\u204f"
)
"""Punctuation that is taken off the ends of words before one asks whether a word is one token."""


class TokenizerScore(NamedTuple):
    """How a tokenizer treats one group of texts. Tokens leave out the special ones; words are cut at spaces.

    whole: share of words, punctuation at their edges aside, that are one token. unknown_share, byte_share: tokens that
    are unknown, or bytes of characters without a piece. used: share of the vocabulary that the texts use.

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
    byte_share: float = 0.0
    characters_per_token: float = 0.0
    whole: float = 0.0
    used: float = 0.0


class Counts(NamedTuple):
    """What one text comes to; sums of these make every rate."""

    words: int
    tokens: int
    characters: int
    size: int
    whole: int
    unknown: int
    bytes_alone: int


class Cutter(Protocol):
    """Any tokenizer, seen from here: texts -> pieces, without special ones."""

    @property
    def size(self) -> int:
        """How many pieces there are."""
        ...

    @property
    def unknown(self) -> str:
        """The piece for what has none."""
        ...

    def cut(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the pieces of each text."""
        ...

    def pieces(self) -> list[str]:
        """Return all pieces."""
        ...


@dataclass(frozen=True)
class JsonCutter:
    """A `tokenizers.Tokenizer`."""

    tokenizer: "Tokenizer"
    unknown: str = "[UNK]"

    @property
    def size(self) -> int:
        """How many pieces there are."""
        return int(self.tokenizer.get_vocab_size())

    def cut(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the pieces of each text."""
        return [each.tokens for each in self.tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def pieces(self) -> list[str]:
        """Return all pieces."""
        return sorted(self.tokenizer.get_vocab())


@dataclass(frozen=True)
class ModelCutter:
    """A SentencePiece model; `path` of its file."""

    path: Path
    model: "SentencePiece" = field(repr=False)

    @property
    def size(self) -> int:
        """How many pieces there are."""
        return int(self.model.get_piece_size())

    @property
    def unknown(self) -> str:
        """The piece for what has none."""
        return str(self.model.id_to_piece(self.model.unk_id()))

    def cut(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the pieces of each text."""
        return [[self.model.id_to_piece(one) for one in ids] for ids in self.model.encode(list(texts))]

    def pieces(self) -> list[str]:
        """Return all pieces."""
        return [self.model.id_to_piece(place) for place in range(self.size)]


class SentencePiece(Protocol):
    """The part of `sentencepiece.SentencePieceProcessor` that is used."""

    def get_piece_size(self) -> int: ...
    def unk_id(self) -> int: ...
    def id_to_piece(self, place: int, /) -> str: ...
    def encode(self, texts: list[str], /) -> list[list[int]]: ...


def open_cutter(path: Path | str) -> Cutter:
    """Open any local tokenizer: ``tokenizer.json``, a SentencePiece ``.model``, a ``vocab.txt`` of WordPiece.

    A ``vocab.txt`` is read as BERT's cased models read theirs.

    Raises:
        ModelNotFound: no such file.
        ModelError: not a tokenizer.
    """
    file = Path(path)
    if file.suffix not in (".model", ".txt"):
        loaded = load_tokenizer(path)
        return JsonCutter(loaded, _unknown_of(loaded))
    if not file.is_file():
        raise ModelNotFound(f"no tokenizer at {path}; expected a tokenizer.json, .model or vocab.txt file")
    if file.suffix == ".txt":
        return _open_vocabulary(file)
    sentencepiece = require("sentencepiece", "train")
    try:
        return ModelCutter(file, sentencepiece.SentencePieceProcessor(model_file=str(file)))
    except (RuntimeError, OSError) as problem:
        raise ModelError(f"{path} is no SentencePiece model ({problem}); copy it again") from None


def _unknown_of(tokenizer: "Tokenizer") -> str:
    model = tokenizer.model
    piece = getattr(model, "unk_token", None)
    if piece is None and getattr(model, "unk_id", None) is not None:
        piece = tokenizer.id_to_token(model.unk_id)
    return str(piece) if piece else "\0"


def _open_vocabulary(file: Path) -> JsonCutter:
    tokenizers = require("tokenizers", "onnx")
    try:
        lines = file.read_text("utf-8").split("\n")
    except UnicodeDecodeError as problem:
        raise ModelError(f"{file} is not UTF-8 ({problem}); expected a vocab.txt, one piece a line") from None
    ids = {piece: place for place, piece in enumerate(line.rstrip("\r") for line in lines) if piece}
    if "[UNK]" not in ids:
        raise ModelError(f"{file} has no [UNK]; expected a vocab.txt of WordPiece, one piece a line")
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(ids, unk_token="[UNK]"))
    tokenizer.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    return JsonCutter(tokenizer)


def name_of(path: Path | str) -> str:
    """Return a short name for a table: that of the shipped tokenizer or folder, or of the file.

    >>> name_of("models/llama/tokenizer.json"), name_of("x/tekken.model")
    ('llama', 'tekken.model')
    """
    file = Path(path)
    if isinstance(path, str) and find_tokenizer(path) != file and not file.is_dir():
        return path
    return file.parent.name if file.name == "tokenizer.json" and file.parent.name else file.name


def count_texts(cutter: Cutter, texts: Sequence[str]) -> tuple[list[Counts], frozenset[str]]:
    """Count each text, and list the pieces that were used."""
    cuts = cutter.cut(texts)
    whole = _find_whole(cutter, texts)
    alone = frozenset(BYTES)
    counts = [
        Counts(
            words=len(words := text.split()),
            tokens=len(cut),
            characters=len(text),
            size=len(text.encode("utf-8", "surrogatepass")),
            whole=sum(whole[word] for word in words),
            unknown=cut.count(cutter.unknown),
            bytes_alone=sum(piece in alone for piece in cut),
        )
        for text, cut in zip(texts, cuts, strict=True)
    ]
    return counts, frozenset(piece for cut in cuts for piece in cut)


def _find_whole(cutter: Cutter, texts: Iterable[str]) -> dict[str, bool]:
    """Say of each word whether it is one token, as the first word of a text or behind a space."""
    words = {word: word.strip(_EDGES) or word for word in sorted({word for text in texts for word in text.split()})}
    bare = sorted(set(words.values()))
    found = {
        word: any(_length(cut) == 1 and cutter.unknown not in cut for cut in (first, later))
        for word, first, later in zip(bare, cutter.cut(bare), cutter.cut([f" {word}" for word in bare]), strict=True)
    }
    return {word: found[core] for word, core in words.items()}


def _length(cut: Sequence[str]) -> int:
    return len([piece for piece in cut if piece not in (SPACE, "\u0120")])


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
    cutter = JsonCutter(tokenizer, _unknown_of(tokenizer))
    rows = [(group, text) for group, text in zip(groups, texts, strict=True)]
    named = [(name, [text for group, text in rows if group == name]) for name in sorted(set(groups))]
    named.append(("all", [*texts]))
    return tuple(score_counts(name, *count_texts(cutter, own), cutter.size) for name, own in named)


def score_counts(group: str, counts: Sequence[Counts], used: frozenset[str], pieces: int) -> TokenizerScore:
    """Add up what was counted of one group.

    >>> score_counts("ur", [Counts(2, 3, 9, 12, 1, 0, 0)], frozenset("ab"), 10).tokens_per_word
    1.5
    """
    total = Counts(*(sum(column) for column in zip(*counts, strict=True))) if counts else Counts(0, 0, 0, 0, 0, 0, 0)
    return TokenizerScore(
        group,
        len(counts),
        total.words,
        total.tokens,
        _share(total.tokens, total.words),
        _share(total.size, total.tokens),
        _share(total.unknown, total.tokens),
        _share(total.bytes_alone, total.tokens),
        _share(total.characters, total.tokens),
        _share(total.whole, total.words),
        _share(len(used), pieces),
    )


def scripts_of(pieces: Iterable[str]) -> Counter[str]:
    """Count pieces by script: Arab, Latn, other letters, bytes, and the rest (digits, punctuation).

    Pieces of byte-level tokenizers are not letters, so they count as Latn or the rest: look at `used` there.

    >>> scripts_of(["▁salam", "ب", "<0x0A>", "12", "ਕ"])
    Counter({'Latn': 1, 'Arab': 1, 'bytes': 1, 'rest': 1, 'other': 1})
    """
    alone = frozenset(BYTES)
    return Counter("bytes" if piece in alone else _script(piece) for piece in pieces)


def _script(piece: str) -> str:
    for letter in piece:
        if letter.isalpha() or letter in "\u06fd\u06fe":
            code = ord(letter)
            if 0x0600 <= code < 0x0780 or 0x08A0 <= code < 0x0900 or 0xFB50 <= code < 0xFE00 or 0xFE70 <= code < 0xFF00:
                return "Arab"
            return "Latn" if code < 0x0250 or 0x1E00 <= code < 0x1F00 else "other"
    return "rest"


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
