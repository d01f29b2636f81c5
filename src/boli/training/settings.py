"""Read a configuration from TOML and ``section.key=value``; what is wrong is named, with the right choices."""

import dataclasses
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from boli.errors import ConfigError, suggest
from boli.training.config import FinetuneConfig, PretrainConfig

_CHOICES = {
    "text.level": ("encoding", "visual", "standard", "search"),
    "text.script": ("", "Arab", "Latn"),
    "tokenizer.kind": ("bpe", "unigram", "wordpiece"),
    "model.attention": ("auto", "sdpa", "eager", "flash_attention_2"),
    "training.device": ("auto", "cpu", "cuda"),
    "training.precision": ("auto", "fp32", "bf16"),
    "training.compile": ("auto", "never", "always"),
    "training.recompute": ("auto", "never", "always"),
    "training.loss": ("cross_entropy", "focal"),
    "training.class_weights": ("none", "balanced", "sqrt"),
    "baseline.kind": ("linear", "ensemble"),
}
_ZERO_ALLOWED = {
    "training.seed",
    "training.threads",
    "training.weight_decay",
    "training.warmup",
    "training.averaging",
    "training.micro_tokens",
    "training.label_smoothing",
    "training.focal_gamma",
    "training.folds",
    "model.dropout",
    "model.token_dropout",
    "model.lora_rank",
    "evaluation.hourly_price",
    "corpus.romanize",
    "corpus.most_lines",
}
_SHARES = {
    "model.dropout",
    "model.token_dropout",
    "training.warmup",
    "training.averaging",
    "training.label_smoothing",
    "evaluation.level",
    "evaluation.keep",
    "shape.masked",
}

C = TypeVar("C", FinetuneConfig, PretrainConfig)


def read_config(path: Path, overrides: Iterable[str] = ()) -> FinetuneConfig:
    """Read a TOML file and apply ``section.key=value`` overrides.

    Raises:
        ConfigError: no such file, not TOML, or a wrong section, key or value; the message names the valid ones.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "intent.toml")
    >>> _ = file.write_text("[training]\\nepochs = 3")
    >>> read_config(file, ["training.seed=1"]).training
    TrainingConfig(seed=1, epochs=3, ...)
    """
    return fill_config(FinetuneConfig(), _read(path), overrides, source=str(path))


def read_pretraining(path: Path, overrides: Iterable[str] = ()) -> PretrainConfig:
    """Read the TOML file of a pretraining run and apply ``section.key=value`` overrides.

    Raises:
        ConfigError: as for `read_config`.

    >>> read_pretraining(Path("none.toml"))
    Traceback (most recent call last):
    ...
    boli.errors.ConfigError: no configuration file none.toml; expected a TOML file
    """
    return fill_config(PretrainConfig(), _read(path), overrides, source=str(path))


def parse_config(
    raw: Mapping[str, object], overrides: Iterable[str] = (), *, source: str = "configuration"
) -> FinetuneConfig:
    """Build the configuration of a fine-tuning run from section -> key -> value.

    Args:
        raw: what a TOML file holds.
        overrides: ``section.key=value``; the value is read as TOML, and as plain text where that fails.
        source: what to call the configuration in messages.

    Raises:
        ConfigError: a wrong section, key or value.

    >>> parse_config({"training": {"epochs": 3}}, ["tokenizer.size=900"]).tokenizer.size
    900
    >>> parse_config({"text": {"levl": "search"}})
    Traceback (most recent call last):
    ...
    boli.errors.ConfigError: configuration: no key 'levl' in [text]; choose from: level, script (did you mean 'level'?)
    """
    return fill_config(FinetuneConfig(), raw, overrides, source=source)


def fill_config(
    config: C, raw: Mapping[str, object], overrides: Iterable[str] = (), *, source: str = "configuration"
) -> C:
    """Return `config` with the values of `raw` and `overrides` in the place of its own.

    Raises:
        ConfigError: a wrong section, key or value.

    >>> fill_config(PretrainConfig(), {}, ["shape.layers=2"]).shape.layers
    2
    """
    for section, values in raw.items():
        _check_section(config, section, source)
        if not isinstance(values, Mapping):
            raise ConfigError(f"{source}: {section} must be a section with keys, got {values!r}; write [{section}]")
        for key, value in values.items():
            config = _with(config, section, key, value, source)
    for override in overrides:
        section, key, value = _split_override(config, override)
        config = _with(config, section, key, value, f"--set {override}")
    _check_shares(config, source)
    _check_widths(config, source)
    return config


def _read(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"no configuration file {path}; expected a TOML file") from None
    except (IsADirectoryError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ConfigError(f"{path} is not a TOML file ({problem}); compare it with scripts/configs") from None


def _check_section(config: FinetuneConfig | PretrainConfig, section: str, source: str) -> None:
    sections = sorted(each.name for each in dataclasses.fields(config))
    if section not in sections:
        choices = ", ".join(sections)
        raise ConfigError(f"{source}: no section '{section}'; choose from: {choices}{suggest(section, sections)}")


def _split_override(config: FinetuneConfig | PretrainConfig, override: str) -> tuple[str, str, object]:
    name, equals, text = override.partition("=")
    section, dot, key = name.strip().partition(".")
    if not (equals and dot and section and key):
        raise ConfigError(f"--set {override}: expected section.key=value, for example training.epochs=5")
    _check_section(config, section, f"--set {override}")
    try:
        return section, key, tomllib.loads(f"value = {text.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        return section, key, text.strip()


def _with(config: C, section: str, key: str, value: object, source: str) -> C:
    part = getattr(config, section)
    keys = sorted(each.name for each in dataclasses.fields(part))
    if key not in keys:
        choices = ", ".join(keys)
        raise ConfigError(f"{source}: no key '{key}' in [{section}]; choose from: {choices}{suggest(key, keys)}")
    checked = _check_value(f"{section}.{key}", value, getattr(part, key), source)
    return dataclasses.replace(config, **{section: dataclasses.replace(part, **{key: checked})})


def _check_value(name: str, value: object, default: object, source: str) -> object:
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not type(default):
        kind = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}[type(default)]
        raise ConfigError(f"{source}: {name} must be {kind}, got {value!r}; the default is {default!r}")
    if isinstance(value, str):
        return _check_choice(name, value, source)
    if isinstance(value, int | float) and not isinstance(value, bool):
        _check_sign(name, value, default, source)
    return value


def _check_sign(name: str, value: float, default: object, source: str) -> None:
    if value < 0 or (value == 0 and name not in _ZERO_ALLOWED):
        raise ConfigError(f"{source}: {name} must be above zero, got {value!r}; the default is {default!r}")


def _check_choice(name: str, value: str, source: str) -> str:
    choices = _CHOICES.get(name, (value,))
    if value not in choices:
        shown = ", ".join(choice or "''" for choice in choices)
        raise ConfigError(f"{source}: no {name} '{value}'; choose from: {shown}{suggest(value, choices)}")
    return value


def _check_shares(config: FinetuneConfig | PretrainConfig, source: str) -> None:
    for section, values in config.to_dict().items():
        for key, value in values.items():
            if f"{section}.{key}" in _SHARES and isinstance(value, float) and value >= 1:
                raise ConfigError(f"{source}: {section}.{key} is a share and must be below 1, got {value!r}")


def _check_widths(config: FinetuneConfig | PretrainConfig, source: str) -> None:
    name, shape = ("model", config.model) if isinstance(config, FinetuneConfig) else ("shape", config.shape)
    if shape.width % (2 * shape.heads):
        raise ConfigError(
            f"{source}: {name}.width {shape.width} must be a multiple of 2 x {name}.heads ({2 * shape.heads}); "
            "change one"
        )
    if isinstance(config, FinetuneConfig) and config.model.slots and config.data.multi_label:
        raise ConfigError(f"{source}: model.slots and data.multi_label cannot both be true; leave one out")
