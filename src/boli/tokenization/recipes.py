"""What a tokenizer is made from: a TOML file with the vocabulary, the languages and the sources of their text.

    [tokenizer]
    name = "boli-32k"
    size = 32000
    [languages.ur-Arab]
    weight = 1.0
    [[sources]]
    tag = "ur-Arab"
    name = "news"
    path = "news/*.txt.gz"

Every key of the dataclasses below may be given; a key that does not exist is an error.
"""

import dataclasses
import re
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from boli.errors import ConfigError, suggest
from boli.languages import LANGUAGES, parse_tag
from boli.normalization.tables import LEVELS
from boli.tokenization.vocabulary import SPECIAL_TOKENS

FORMATS = ("text", "tsv", "jsonl")
"""How a source is written: a text a line; a column of rows with tabs; a key of JSON objects, one a line."""

T = TypeVar("T")


@dataclass(frozen=True)
class TokenizerSpec:
    """The vocabulary and what it carries.

    normalizer: whose rules the file carries: ``und`` (right in every language, level `encoding`) where languages
    share the vocabulary, else the tag of its one language. level: of those rules. size: pieces, fixed ones
    included. coverage: share of characters that have a piece. characters: have one in any case, such as emoji.
    special_tokens: reserved beside the five. user_words: kept whole. max_tokens: longest input of a model.
    sentencepiece: whether to write a ``tokenizer.model`` too.
    """

    name: str
    kind: str = "bpe"
    size: int = 32_000
    byte_fallback: bool = True
    coverage: float = 0.9999
    characters: str = ""
    normalizer: str = "und"
    level: str = "encoding"
    special_tokens: tuple[str, ...] = ()
    user_words: tuple[str, ...] = ()
    max_tokens: int = 512
    sentencepiece: bool = True

    @property
    def special(self) -> tuple[str, ...]:
        """All reserved pieces, in the order of their ids."""
        return (*SPECIAL_TOKENS, *self.special_tokens)


@dataclass(frozen=True)
class CorpusSpec:
    """How languages share the vocabulary.

    temperature: a language counts as its characters ** temperature: 1 as much as it has, 0 all alike. seed: chooses
    lines where a source has max_characters. distinct: units of a language that are kept in memory.
    """

    temperature: float = 0.3
    seed: int = 7
    distinct: int = 2_000_000


@dataclass(frozen=True)
class LanguageSpec:
    """One language in one script. weight: on top of temperature. as_typed: share of its text that is learned from as it
    was typed (level `encoding`) and not in its standard form, so that text nobody normalized keeps some pieces."""

    weight: float = 1.0
    as_typed: float = 0.0


@dataclass(frozen=True)
class SourceSpec:
    """Files of one language. name: unique, for ``--without``. path: a file, a folder or a pattern. column: of ``tsv``
    (from 0), or the key of ``jsonl``. weight: against other sources of its language. max_characters: 0 for all.
    skip_every: leave out each n-th line, from the first, to measure on. maker: makes text that is not in such files
    (``dataset``, ``langid``), `path` then says what."""

    tag: str
    name: str
    path: str
    format: str = "text"
    column: str = "text"
    weight: float = 1.0
    max_characters: int = 0
    skip_every: int = 0
    maker: str = ""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what comes out; `languages` are those that must have text."""

    tokenizer: TokenizerSpec
    corpus: CorpusSpec
    languages: Mapping[str, LanguageSpec]
    sources: tuple[SourceSpec, ...]

    def without(self, names: Iterable[str]) -> "Recipe":
        """Leave sources out, by name.

        Raises:
            ConfigError: no such source.
        """
        left_out = tuple(names)
        known = [source.name for source in self.sources]
        for name in left_out:
            if name not in known:
                raise ConfigError(f"no source '{name}'; choose from: {', '.join(known)}{suggest(name, known)}")
        kept = tuple(source for source in self.sources if source.name not in left_out)
        return dataclasses.replace(self, sources=kept)

    def to_dict(self) -> dict[str, object]:
        """Return plain values, as in the TOML file."""
        return dataclasses.asdict(self)


def read_recipe(path: Path) -> Recipe:
    """Read a TOML file.

    Raises:
        ConfigError: no such file, not TOML, or a wrong section, key or value; the message names the valid ones.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"no configuration file {path}; expected a TOML file, as in scripts/configs") from None
    except (IsADirectoryError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ConfigError(f"{path} is not a TOML file ({problem}); compare it with scripts/configs") from None
    return parse_recipe(raw, source=str(path))


def parse_recipe(raw: Mapping[str, object], *, source: str = "configuration") -> Recipe:
    """Build a recipe from what a TOML file holds.

    Raises:
        ConfigError: a wrong section, key or value.

    >>> parse_recipe({"tokenizer": {"name": "x", "sise": 900}})
    Traceback (most recent call last):
    ...
    boli.errors.ConfigError: configuration: no key 'sise' in [tokenizer]; choose from: byte_fallback, characters,
    coverage, kind, level, max_tokens, name, normalizer, sentencepiece, size, special_tokens, user_words (did you
    mean 'size'?)
    """
    sections = ("tokenizer", "corpus", "languages", "sources")
    for name in raw:
        if name not in sections:
            choices = ", ".join(sections)
            raise ConfigError(f"{source}: no section '{name}'; choose from: {choices}{suggest(name, sections)}")
    rows, languages = raw.get("sources", []), _table(raw.get("languages", {}), "languages", source)
    if not isinstance(rows, list):
        raise ConfigError(f"{source}: sources must be a list; write [[sources]] above each")
    made = Recipe(
        _fill(TokenizerSpec, raw.get("tokenizer", {}), "[tokenizer]", source),
        _fill(CorpusSpec, raw.get("corpus", {}), "[corpus]", source),
        {tag: _fill(LanguageSpec, values, f"[languages.{tag}]", source) for tag, values in languages.items()},
        tuple(_fill(SourceSpec, row, f"[[sources]] number {number}", source) for number, row in enumerate(rows, 1)),
    )
    return _check(made, source)


def _table(value: object, name: str, source: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{source}: {name} must be a section with keys, got {value!r}")
    return value


def _fill(kind: type[T], value: object, name: str, source: str) -> T:
    """Make a dataclass from a section; every key is checked."""
    values = _table(value, name, source)
    types_of = typing.get_type_hints(kind)
    for key in values:
        if key not in types_of:
            keys = sorted(types_of)
            raise ConfigError(f"{source}: no key '{key}' in {name}; choose from: {', '.join(keys)}{suggest(key, keys)}")
    needed = [each.name for each in dataclasses.fields(kind) if each.default is dataclasses.MISSING]  # type: ignore[arg-type]
    missing = [key for key in needed if key not in values]
    if missing:
        raise ConfigError(f"{source}: {name} has no '{missing[0]}'; it needs: {', '.join(needed)}")
    return kind(**{key: _convert(given, types_of[key], f"{name} {key}", source) for key, given in values.items()})


def _convert(given: object, wanted: object, name: str, source: str) -> object:
    if isinstance(wanted, types.GenericAlias):
        if isinstance(given, list) and all(isinstance(each, str) for each in given):
            return tuple(given)
        raise ConfigError(f'{source}: {name} must be a list of texts, such as ["a", "b"], got {given!r}')
    if wanted is float and type(given) is int:
        return float(given)
    if wanted is str and type(given) is int:
        return str(given)
    if type(given) is not wanted:
        said = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
        raise ConfigError(f"{source}: {name} must be {said[wanted]}, got {given!r}")  # type: ignore[index]
    return given


def _check(recipe: Recipe, source: str) -> Recipe:
    if not recipe.sources or not recipe.languages:
        raise ConfigError(f"{source}: no languages or no sources; write [languages.ur-Arab] and [[sources]]")
    for tag in recipe.languages:
        _check_tag(tag, source)
    for each in recipe.sources:
        if each.tag not in recipe.languages:
            choices = ", ".join(recipe.languages)
            raise ConfigError(
                f"{source}: source '{each.name}' is of {each.tag}, but there is no [languages.{each.tag}]; add it, or"
                f" choose from: {choices}{suggest(each.tag, recipe.languages)}"
            )
        if each.format not in FORMATS:
            choices = ", ".join(FORMATS)
            raise ConfigError(f"{source}: source '{each.name}': no format '{each.format}'; choose from: {choices}")
        if each.weight <= 0 or each.max_characters < 0 or each.skip_every in (1,) or each.skip_every < 0:
            raise ConfigError(f"{source}: source '{each.name}': weight must be above 0, skip_every 0 or at least 2")
    names = [each.name for each in recipe.sources]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise ConfigError(f"{source}: two sources are called '{twice}'; give each a name of its own")
    return _check_numbers(recipe, source)


def _check_tag(tag: str, source: str) -> None:
    """Other languages may share the vocabulary; theirs go by the rules that hold everywhere."""
    if re.fullmatch(r"[a-z]{2,3}-[A-Z][a-z]{3}", tag) and tag.partition("-")[0] not in LANGUAGES:
        return
    whole = parse_tag(tag)
    if tag != whole:
        raise ConfigError(f"{source}: write the whole tag: [languages.{whole}], not '{tag}'")


def _check_numbers(recipe: Recipe, source: str) -> Recipe:
    level = recipe.tokenizer.level
    if level not in LEVELS:
        raise ConfigError(f"{source}: no level '{level}'; choose from: {', '.join(LEVELS)}{suggest(level, LEVELS)}")
    if not 0 <= recipe.corpus.temperature <= 1:
        raise ConfigError(f"{source}: temperature must lie between 0 (all alike) and 1 (as they are)")
    for tag, language in recipe.languages.items():
        if language.weight <= 0 or not 0 <= language.as_typed <= 1:
            raise ConfigError(f"{source}: [languages.{tag}]: weight must be above 0 and as_typed a share, 0 to 1")
    return recipe
