"""Make a tokenizer from a recipe: check, count, learn, write a folder that is whole or not there."""

import dataclasses
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import boli
from boli.errors import ConfigError, ModelError
from boli.files import explaining_full_disk, read_json, sync_folder, write_bytes, write_json, write_text
from boli.models.weights import write_checksums
from boli.normalization import Normalizer
from boli.tokenization.building import build_sentencepiece, build_tokenizer, read_vocabulary
from boli.tokenization.extension import extend_tokenizer
from boli.tokenization.learning import LearningOptions, learn_pieces
from boli.tokenization.mixing import Report, Share, count_corpus, mix_counts, shares_of
from boli.tokenization.recipes import Recipe, TokenizerSpec, parse_recipe
from boli.tokenization.sources import Maker, check_sources
from boli.tokenization.storage import CONFIG, FILE, find_tokenizer, load_tokenizer, record, save_tokenizer
from boli.tokenization.vocabulary import Vocabulary, add_words
from boli.tokenization.words import cut_words


@dataclass(frozen=True)
class Made:
    """A finished tokenizer: its folder, how many pieces it has, what each language counted for, and the seconds."""

    folder: Path
    pieces: int
    shares: tuple[Share, ...]
    seconds: float


def _silent(_: str) -> None:
    """Say nothing."""


def train_recipe(
    recipe: Recipe,
    folder: Path,
    *,
    root: Path = Path(),
    makers: Mapping[str, Maker] | None = None,
    report: Report = _silent,
    shown: bool = False,
) -> Made:
    """Train a tokenizer and leave a folder that `transformers`, `tokenizers` and SentencePiece read as it is.

    The same files and the same recipe give the same bytes. What can be wrong is looked at first: options, files (every
    byte), then languages without text, then a vocabulary that the text cannot fill.

    Args:
        recipe: what to do (`boli.tokenization.read_recipe`).
        folder: must not exist; it appears when it is whole.
        root: the folder that paths of sources start from.
        makers: name -> what makes text for sources with a `maker`.
        report: told what goes on, a line at a time.
        shown: whether `tokenizers` and SentencePiece show their progress.

    Raises:
        ConfigError: options, languages or sizes that cannot be.
        DataError: a source that cannot be read, or no text.
        RunError: the disk is full.

    Cost: about 20 MB of text a minute on one core; memory is that of the distinct words.
    """
    start = time.monotonic()
    _check_folder(folder)
    spec, options, carried = recipe.tokenizer, options_of(recipe.tokenizer, shown=shown), carried_by(recipe.tokenizer)
    size = check_sources(recipe.sources, root, makers or {})
    report(f"checked {len(recipe.sources)} sources, {size:,} characters in files")
    found, digest = count_corpus(recipe, root, makers or {}, report)
    shares = shares_of(found, recipe.corpus, recipe.languages)
    report("\n".join(f"share {each.tag}: {100 * each.share:.1f} %" for each in shares))
    vocabulary = with_user_words(learn_pieces(mix_counts(found, recipe), options), spec, carried)
    facts: dict[str, object] = {
        "boli": boli.__version__, "text_sha256": digest, "pieces": len(vocabulary), "recipe": recipe.to_dict(),
        "shares": {each.tag: {"characters": each.characters, "lines": each.lines, "share": round(each.share, 6)}
                   for each in shares},
    }  # fmt: skip
    write_folder(folder, vocabulary, spec, carried, facts)
    return Made(folder, len(vocabulary), shares, time.monotonic() - start)


def options_of(spec: TokenizerSpec, *, shown: bool = False) -> LearningOptions:
    """Return how the pieces of a specification are learned, with room left for its own words.

    Raises:
        ConfigError: options that make no sense.
    """
    options = LearningOptions(
        spec.kind, spec.size, spec.special, bytes_too=spec.byte_fallback, coverage=spec.coverage,
        characters=spec.characters, exact=True, shown=shown,
    )  # fmt: skip
    options.check()
    if len(set(spec.special)) < len(spec.special):
        there = ", ".join(spec.special[:5])
        raise ConfigError(f"special_tokens: one is there twice, or is one of {there}, which are always there")
    reserved = sum(len(word) for word in spec.user_words)
    return dataclasses.replace(options, size=spec.size - reserved)


def carried_by(spec: TokenizerSpec) -> Normalizer:
    """Return the normalizer that a tokenizer carries.

    Raises:
        LanguageError, ConfigError: no such language or level.
    """
    return Normalizer(spec.normalizer, level=spec.level)


def with_user_words(vocabulary: Vocabulary, spec: TokenizerSpec, carried: Normalizer) -> Vocabulary:
    """Add the user's words as whole pieces, with the space before them.

    Raises:
        ConfigError: a word is cut by a space or by punctuation, so that it cannot be one piece, or has letters that no
            piece has.
    """
    tokenizer = build_tokenizer(vocabulary)
    cuts = []
    for word in spec.user_words:
        units = cut_words(carried(word))
        cut = tokenizer.encode(carried(word), add_special_tokens=False).tokens
        if len(units) != 1 or "".join(cut) != units[0]:
            raise ConfigError(
                f"user_words: '{word}' cannot be one piece: it is cut into {' '.join(units or cut)}; give single words"
                " in letters that the text has"
            )
        cuts.append(cut)
    return add_words(vocabulary, cuts)


def write_folder(
    folder: Path, vocabulary: Vocabulary, spec: TokenizerSpec, carried: Normalizer, facts: Mapping[str, object]
) -> None:
    """Write all files under a temporary name, then give the folder its own.

    Raises:
        RunError: the disk is full.
    """
    _write_whole(folder, lambda inside: _fill(inside, vocabulary, spec, carried, facts))


def _write_whole(folder: Path, fill: Callable[[Path], object]) -> None:
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        with explaining_full_disk(folder):
            temporary.mkdir(parents=True)
            fill(temporary)
            write_checksums(temporary)
            temporary.rename(folder)
            sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _fill(
    folder: Path, vocabulary: Vocabulary, spec: TokenizerSpec, carried: Normalizer, facts: Mapping[str, object]
) -> None:
    tokenizer = build_tokenizer(vocabulary, carried.to_tokenizers())
    portable = carried.portable()
    has_model = spec.sentencepiece and spec.kind != "wordpiece"
    save_tokenizer(
        tokenizer, folder, max_tokens=spec.max_tokens, carried=carried, portable=portable if has_model else None,
        special=spec.special_tokens,
    )  # fmt: skip
    if has_model:
        write_bytes(folder / "tokenizer.model", build_sentencepiece(vocabulary, portable))
    write_json(folder / "training.json", json.loads(json.dumps(facts)))
    write_text(folder / "README.md", _draft_card(spec, carried, facts))


def _check_folder(folder: Path) -> None:
    if folder.exists():
        raise ConfigError(f"{folder} exists; give another folder with -o, or remove it first")


def _draft_card(spec: TokenizerSpec, carried: Normalizer, facts: Mapping[str, object]) -> str:
    shares = facts["shares"]
    assert isinstance(shares, dict)
    rows: Iterable[str] = (
        f"| {tag} | {each['lines']:,} | {each['characters']:,} | {100 * each['share']:.1f} % |"
        for tag, each in shares.items()
    )
    return (
        f"# {spec.name}\n\nA {spec.kind} tokenizer of {facts['pieces']:,} pieces, made by `boli tokenizer train`. It"
        f" normalizes by itself: rules of `{carried.tag}` at level `{carried.level}`, sha256 `{carried.signature}`.\n\n"
        "| language | lines | characters | share of the mix |\n|---|---:|---:|---:|\n" + "\n".join(rows) + "\n\n"
        "Say here which text it was trained on and under which licence, and measure it on other text:"
        " `boli tokenizer report`.\n"
    )


def extend_recipe(
    recipe: Recipe,
    base: str,
    folder: Path,
    *,
    root: Path = Path(),
    makers: Mapping[str, Maker] | None = None,
    report: Report = _silent,
) -> str:
    """Add pieces learned from a recipe's text to the tokenizer `base`; return how to make its model as long.

    The folder holds ``tokenizer.json``, the base's ``tokenizer_config.json`` and ``parts.json``: for each new id the
    base's pieces whose mean its embedding starts from.

    Args:
        recipe: its `size` is how many pieces are added; our normalizer goes before the base's own.
        base: a tokenizer.json or its folder.
        folder: must not exist; it appears when it is whole.
        root, makers, report: as for `train_recipe`.

    Raises:
        ConfigError, DataError, ModelError, RunError: as for `train_recipe` and `load_tokenizer`.
    """
    _check_folder(folder)
    loaded, carried = load_tokenizer(base), carried_by(recipe.tokenizer)
    check_sources(recipe.sources, root, makers or {})
    found, _ = count_corpus(recipe, root, makers or {}, report)
    extension = extend_tokenizer(loaded, mix_counts(found, recipe), recipe.tokenizer.size, carried.to_tokenizers())
    text = extension.tokenizer.to_str()
    config = _config_of(find_tokenizer(base)) | {"boli": record(carried, None, text)}

    def fill(inside: Path) -> None:
        write_text(inside / FILE, text)
        write_json(inside / CONFIG, config)
        write_json(inside / "parts.json", {str(new): list(old) for new, old in extension.parts.items()})

    _write_whole(folder, fill)
    return extension.advice()


def _config_of(file: Path) -> dict[str, object]:
    beside = file.with_name(CONFIG)
    return read_json(beside) if beside.is_file() else {"tokenizer_class": "PreTrainedTokenizerFast"}


def renew_tokenizer(model: Path | str, folder: Path) -> None:
    """Write a tokenizer that boli made again, with the same pieces and today's rules of its normalizer.

    For when a rule table changed and the text it was trained on is not at hand. Ids stay as they are.

    Args:
        model: its folder, or the name of a shipped one.
        folder: must not exist; it appears when it is whole.

    Raises:
        ConfigError: `folder` exists.
        ModelError: not made by boli, or not by `train_recipe`.
    """
    _check_folder(folder)
    old = find_tokenizer(model).parent
    vocabulary = read_vocabulary((old / FILE).read_text("utf-8"))
    known, facts = _config_of(old / FILE).get("boli"), old / "training.json"
    if not isinstance(known, dict) or not facts.is_file():
        raise ModelError(f"{old} has no training.json; only what `boli tokenizer train` wrote can be renewed")
    told = read_json(facts)
    spec = spec_of(told)
    write_folder(folder, vocabulary, spec, carried_by(spec), told)


def spec_of(facts: Mapping[str, object]) -> TokenizerSpec:
    """Return the specification in a ``training.json``."""
    recipe = facts["recipe"]
    assert isinstance(recipe, dict)
    return parse_recipe(recipe, source="training.json").tokenizer
