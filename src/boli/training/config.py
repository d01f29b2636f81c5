"""What a training run is told: one frozen dataclass, read from TOML, changed by ``--set section.key=value``.

Every key has a default, so the shortest configuration is empty. A key that does not exist is an error, never ignored.
"""

import dataclasses
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from boli.errors import ConfigError, suggest

_CHOICES = {
    "text.level": ("encoding", "visual", "standard", "search"),
    "tokenizer.kind": ("bpe", "unigram", "wordpiece"),
    "training.device": ("auto", "cpu", "cuda"),
}
_ZERO_ALLOWED = {
    "training.seed",
    "training.threads",
    "training.weight_decay",
    "training.warmup",
    "training.averaging",
    "model.dropout",
    "model.token_dropout",
}


@dataclass(frozen=True)
class DataConfig:
    """Which data: the name of a shipped data set, or a folder with train, dev, test and a card."""

    name: str = "wallet-intents"


@dataclass(frozen=True)
class TextConfig:
    """How raw text becomes canonical text before it is cut into tokens."""

    level: str = "standard"


@dataclass(frozen=True)
class TokenizerConfig:
    """The vocabulary: how pieces are learned and how many (special tokens included)."""

    kind: str = "bpe"
    size: int = 4000


@dataclass(frozen=True)
class ModelConfig:
    """The shape of the encoder. `max_tokens` counts the two special tokens; longer texts are cut and counted."""

    layers: int = 2
    width: int = 128
    heads: int = 4
    dropout: float = 0.3
    token_dropout: float = 0.5
    max_tokens: int = 96


@dataclass(frozen=True)
class TrainingConfig:
    """How the encoder learns. `batch_tokens` counts padding, `warmup` is a share of all steps, `patience` is epochs.

    `averaging` is how much of the running average of the weights stays at each step. The average is what is tested and
    kept, since it depends less on chance where data is small; 0 keeps the weights as they are.

    `threads` are of the CPU, 0 for as many as torch likes. More than one speeds up larger models only, and the last
    bits of the weights depend on it: one gives the same weights on machines with different numbers of cores.
    """

    seed: int = 7
    epochs: int = 40
    patience: int = 8
    batch_tokens: int = 512
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.1
    averaging: float = 0.99
    checkpoint_steps: int = 100
    keep_checkpoints: int = 2
    device: str = "auto"
    threads: int = 1


@dataclass(frozen=True)
class EvaluationConfig:
    """How scores are reported: bootstrap samples, level of the intervals, and the slice size that counts as small."""

    samples: int = 1000
    level: float = 0.95
    minimum: int = 30


@dataclass(frozen=True)
class IntentConfig:
    """Everything that decides the outcome of an intent run.

    >>> IntentConfig().training.seed
    7
    """

    data: DataConfig = field(default_factory=DataConfig)
    text: TextConfig = field(default_factory=TextConfig)
    tokenizer: TokenizerConfig = field(default_factory=TokenizerConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)

    def to_dict(self) -> dict[str, dict[str, object]]:
        """Return section -> key -> value, as in the TOML file."""
        return dataclasses.asdict(self)


def read_config(path: Path, overrides: Iterable[str] = ()) -> IntentConfig:
    """Read a TOML file and apply ``section.key=value`` overrides.

    Raises:
        ConfigError: no such file, not TOML, or a wrong section, key or value; the message names the valid ones.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "intent.toml")
    >>> _ = file.write_text("[training]\\nepochs = 3")
    >>> read_config(file, ["training.seed=1"]).training
    TrainingConfig(seed=1, epochs=3, ...)
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"no configuration file {path}; expected a TOML file") from None
    except (IsADirectoryError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ConfigError(f"{path} is not a TOML file ({problem}); compare it with scripts/configs") from None
    return parse_config(raw, overrides, source=str(path))


def parse_config(
    raw: Mapping[str, object], overrides: Iterable[str] = (), *, source: str = "configuration"
) -> IntentConfig:
    """Build a configuration from section -> key -> value.

    Args:
        raw: what a TOML file holds.
        overrides: ``section.key=value``; the value is read as TOML, and as plain text where that fails.
        source: what to call the configuration in messages.

    Raises:
        ConfigError: a wrong section, key or value.

    >>> parse_config({"training": {"epochs": 3}}, ["tokenizer.size=900"]).tokenizer.size
    900
    >>> parse_config({"training": {"epoch": 3}})
    Traceback (most recent call last):
    ...
    boli.errors.ConfigError: configuration: no key 'epoch' in [training]; choose from: averaging, batch_tokens,
    checkpoint_steps, device, epochs, keep_checkpoints, learning_rate, patience, seed, threads, warmup, weight_decay
    (did you mean 'epochs'?)
    """
    config = IntentConfig()
    for section, values in raw.items():
        _check_section(section, source)
        if not isinstance(values, Mapping):
            raise ConfigError(f"{source}: {section} must be a section with keys, got {values!r}; write [{section}]")
        for key, value in values.items():
            config = _with(config, section, key, value, source)
    for override in overrides:
        section, key, value = _split_override(override)
        config = _with(config, section, key, value, f"--set {override}")
    return _check_shape(config, source)


def _check_section(section: str, source: str) -> None:
    sections = sorted(each.name for each in dataclasses.fields(IntentConfig))
    if section not in sections:
        choices = ", ".join(sections)
        raise ConfigError(f"{source}: no section '{section}'; choose from: {choices}{suggest(section, sections)}")


def _split_override(override: str) -> tuple[str, str, object]:
    name, equals, text = override.partition("=")
    section, dot, key = name.strip().partition(".")
    if not (equals and dot and section and key):
        raise ConfigError(f"--set {override}: expected section.key=value, for example training.epochs=5")
    _check_section(section, f"--set {override}")
    try:
        return section, key, tomllib.loads(f"value = {text.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        return section, key, text.strip()


def _with(config: IntentConfig, section: str, key: str, value: object, source: str) -> IntentConfig:
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
    if isinstance(value, int | float) and (value < 0 or (value == 0 and name not in _ZERO_ALLOWED)):
        raise ConfigError(f"{source}: {name} must be above zero, got {value!r}; the default is {default!r}")
    return value


def _check_choice(name: str, value: str, source: str) -> str:
    choices = _CHOICES.get(name, (value,))
    if value not in choices:
        raise ConfigError(f"{source}: no {name} '{value}'; choose from: {', '.join(choices)}{suggest(value, choices)}")
    return value


def _check_shape(config: IntentConfig, source: str) -> IntentConfig:
    model = config.model
    shares = {"model.dropout": model.dropout, "model.token_dropout": model.token_dropout}
    shares |= {"training.warmup": config.training.warmup, "training.averaging": config.training.averaging}
    shares |= {"evaluation.level": config.evaluation.level}
    if model.width % (2 * model.heads):
        raise ConfigError(
            f"{source}: model.width {model.width} must be a multiple of 2 x model.heads ({2 * model.heads}); change one"
        )
    for name, share in shares.items():
        if share >= 1:
            raise ConfigError(f"{source}: {name} is a share and must be below 1, got {share!r}")
    return config
