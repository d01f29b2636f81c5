"""Learn pieces from counted units: BPE and WordPiece by `tokenizers`, Unigram by SentencePiece; the same every time.

`tokenizers` breaks ties of Unigram and WordPiece by the order of a hash table, another one in each process. So Unigram
is learned by SentencePiece on one thread, and the alphabet of WordPiece is given in its order beforehand.
"""

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from boli.errors import ConfigError, DataError, require, suggest
from boli.tokenization.vocabulary import BYTES, CONTINUATION, KINDS, SPECIAL_TOKENS, UNKNOWN, Vocabulary
from boli.tokenization.words import SPACE

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_LONGEST = 200
"""Characters of the longest unit that is learned from: what is longer is no word."""

_REPEATED = 4096
"""Times that a unit stands in one string on its way to `tokenizers`."""


@dataclass(frozen=True)
class LearningOptions:
    """How pieces are learned.

    kind: ``bpe``, ``unigram`` or ``wordpiece``. size: pieces, special ones and bytes included. special: reserved
    pieces. bytes_too: whether characters without a piece are written as bytes (else they are unknown). coverage:
    share of characters, by count, that have a piece. characters: have one whether or not they occur. least: how
    often a pair must occur to be joined. exact: whether fewer pieces than `size` are an error.

    >>> LearningOptions(size=5, bytes_too=False).check()
    Traceback (most recent call last):
    ...
    boli.errors.ConfigError: a vocabulary of 5 has no room beside 5 special tokens; try 4000
    """

    kind: str = "bpe"
    size: int = 32_000
    special: tuple[str, ...] = SPECIAL_TOKENS
    bytes_too: bool = True
    coverage: float = 0.9999
    characters: str = ""
    least: int = 2
    exact: bool = False
    shown: bool = False

    def check(self) -> None:
        """Raise ConfigError if no vocabulary can come of this."""
        if self.kind not in KINDS:
            raise ConfigError(
                f"no tokenizer kind {self.kind!r}; choose from: {', '.join(KINDS)}{suggest(self.kind, KINDS)}"
            )
        if self.kind == "wordpiece" and self.bytes_too:
            raise ConfigError("wordpiece has no byte fallback; set byte_fallback = false, or choose bpe or unigram")
        if not 0.9 <= self.coverage <= 1:
            raise ConfigError(f"coverage {self.coverage} is a share of characters; expected 0.9 to 1, such as 0.9999")
        if self.size <= self.fixed:
            beside = f"{len(self.special)} special tokens{' and 256 bytes' if self.bytes_too else ''}"
            raise ConfigError(f"a vocabulary of {self.size} has no room beside {beside}; try 4000")

    @property
    def fixed(self) -> int:
        """How many pieces are not learned."""
        return len(self.special) + (256 if self.bytes_too else 0)


def learn_pieces(counts: Mapping[str, int], options: LearningOptions) -> Vocabulary:
    """Learn a vocabulary from counted units (`boli.tokenization.words`).

    The same counts give the same vocabulary, in any order and in any process.

    Raises:
        ConfigError: options that make no sense, or fewer pieces than asked for where `exact`.
        DataError: no unit with a letter.

    >>> options = LearningOptions(size=12, bytes_too=False, coverage=1.0)
    >>> learn_pieces({"▁salam": 3, "▁sal": 2}, options).pieces
    ('a', 'l', 'm', 's', '▁', 'al', 'sal')
    """
    options.check()
    units = {unit: count for unit, count in counts.items() if count > 0 and len(unit) <= _LONGEST and _is_plain(unit)}
    if not any(unit != SPACE for unit in units):
        raise DataError("no text to learn a vocabulary from: got nothing or only spaces; expected sentences")
    alphabet = choose_alphabet(units, options.coverage) | set(options.characters)
    units = {unit: count for unit, count in units.items() if alphabet.issuperset(unit)}
    _check_room(units, alphabet, options)
    learn = _learn_unigram if options.kind == "unigram" else _learn_by_joining
    return _checked(learn(units, alphabet, options), options)


def choose_alphabet(counts: Mapping[str, int], coverage: float) -> frozenset[str]:
    """Choose the commonest characters that make up `coverage` of all; ties go by code point.

    >>> sorted(choose_alphabet({"aab": 10, "c": 1}, 0.9))
    ['a', 'b', '▁']
    """
    letters: Counter[str] = Counter({SPACE: 1})
    for unit, count in counts.items():
        for letter in unit:
            letters[letter] += count
    total, sofar, chosen = letters.total(), 0, {SPACE}
    for letter, count in sorted(letters.items(), key=lambda item: (-item[1], item[0])):
        if sofar >= coverage * total:
            break
        chosen.add(letter)
        sofar += count
    return frozenset(chosen)


def _is_plain(unit: str) -> bool:
    return not unit.isspace() and "\n" not in unit and "\0" not in unit


def _check_room(units: Mapping[str, int], alphabet: frozenset[str], options: LearningOptions) -> None:
    """Refuse at once what cannot be: more pieces than the text has parts of words, or than letters leave room for."""
    if options.size <= options.fixed + len(alphabet):
        raise ConfigError(
            f"a vocabulary of {options.size} has no room: the text has {len(alphabet)} characters beside"
            f" {options.fixed} fixed pieces; ask for more, or lower the coverage"
        )
    most = options.fixed + len(alphabet) + sum(len(unit) - 1 for unit in units)
    if options.exact and options.size > most:
        raise ConfigError(_too_large(options, most, at_most=True))


def _too_large(options: LearningOptions, got: int, *, at_most: bool) -> str:
    said = "at most " if at_most else ""
    return (
        f"a vocabulary of {options.size} is larger than this text allows: it gives {said}{got} pieces;"
        " add text, or ask for fewer pieces"
    )


def _checked(made: Vocabulary, options: LearningOptions) -> Vocabulary:
    if options.exact and len(made) < options.size:
        raise ConfigError(_too_large(options, len(made), at_most=False))
    return made


def _learn_by_joining(units: Mapping[str, int], alphabet: frozenset[str], options: LearningOptions) -> Vocabulary:
    tokenizers = require("tokenizers", "train")
    model = tokenizers.models.BPE() if options.kind == "bpe" else tokenizers.models.WordPiece(unk_token=UNKNOWN)
    tokenizer: Tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.CharDelimiterSplit("\n")
    letters = sorted(alphabet)
    fixed = [*options.special, *(BYTES if options.bytes_too else ())]
    inner = [] if options.kind == "bpe" else [f"{CONTINUATION}{letter}" for letter in letters if letter != SPACE]
    common = {
        "vocab_size": options.size, "min_frequency": options.least, "special_tokens": [*fixed, *inner],
        "initial_alphabet": letters, "limit_alphabet": len(letters), "show_progress": options.shown,
    }  # fmt: skip
    trainers = tokenizers.trainers
    trainer = trainers.BpeTrainer(**common) if options.kind == "bpe" else trainers.WordPieceTrainer(**common)
    tokenizer.train_from_iterator(_repeat(units), trainer=trainer)
    ids = tokenizer.get_vocab()
    learned = sorted(ids, key=lambda piece: ids[piece])[len(fixed) :]
    return Vocabulary(options.kind, options.special, tuple(learned), options.bytes_too)


def _repeat(units: Mapping[str, int]) -> Iterator[str]:
    """Write each unit as often as it was counted: `tokenizers` takes no counts."""
    for unit in sorted(units):
        whole, rest = divmod(units[unit], _REPEATED)
        if whole:
            line = f"{unit}\n" * _REPEATED
            yield from (line for _ in range(whole))
        yield f"{unit}\n" * rest


def _learn_unigram(units: Mapping[str, int], alphabet: frozenset[str], options: LearningOptions) -> Vocabulary:
    sentencepiece = require("sentencepiece", "train")
    with tempfile.TemporaryDirectory() as folder:
        counted, prefix = Path(folder, "counts.tsv"), Path(folder, "pieces")
        counted.write_text("".join(_tsv_lines(units)), "utf-8")
        sentencepiece.SetMinLogLevel(0 if options.shown else 2)
        try:
            sentencepiece.SentencePieceTrainer.train(
                input=str(counted), input_format="tsv", model_prefix=str(prefix), model_type="unigram",
                vocab_size=options.size - options.fixed + 1, character_coverage=1.0, hard_vocab_limit=options.exact,
                normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=False,
                split_by_unicode_script=False, split_by_number=False, split_by_whitespace=True, num_threads=1,
                required_chars="".join(sorted(alphabet - {SPACE})), bos_id=-1, eos_id=-1, pad_id=-1, unk_id=0,
                max_sentence_length=10_000,
            )  # fmt: skip
        except RuntimeError as problem:
            raise ConfigError(_say_unigram(str(problem), options)) from None
        model = sentencepiece.SentencePieceProcessor(model_file=f"{prefix}.model")
    rows = [(model.id_to_piece(place), float(model.get_score(place))) for place in range(1, model.get_piece_size())]
    return Vocabulary(
        "unigram", options.special, tuple(piece for piece, _ in rows), options.bytes_too, tuple(s for _, s in rows)
    )


def _tsv_lines(units: Mapping[str, int]) -> Iterable[str]:
    return (f"{unit}\t{units[unit]}\n" for unit in sorted(units) if "\t" not in unit)


def _say_unigram(problem: str, options: LearningOptions) -> str:
    most = re.search(r"value <= (\d+)", problem)
    if most:
        return _too_large(options, int(most[1]) + options.fixed - 1, at_most=True)
    return f"SentencePiece could not learn {options.size} pieces from this text ({problem.strip()})"
