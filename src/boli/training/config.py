"""What a fine-tuning run is told: one frozen dataclass, read from TOML, changed by ``--set section.key=value``.

Every key has a default, so the shortest configuration is empty. A key that does not exist is an error, never ignored;
`boli.training.settings` reads and checks.
"""

import dataclasses
from dataclasses import dataclass, field


@dataclass(frozen=True)
class DataConfig:
    """Which data: the name of a shipped data set, or a folder with train, dev, test and a card.

    Args:
        multi_label: a row may have several labels, written in one text with `separator` between them, or `none`.
        separator: between the labels of a row, where `multi_label` is true.
        none: the label of a row that has none of them, where `multi_label` is true.
    """

    name: str = "wallet-intents"
    multi_label: bool = False
    separator: str = "|"
    none: str = "none"


@dataclass(frozen=True)
class TextConfig:
    """How raw text becomes canonical text before it is cut into tokens.

    Args:
        level: of normalization.
        script: write every text in this script first, ``Arab`` or ``Latn``; empty: leave each in its own.
    """

    level: str = "standard"
    script: str = ""


@dataclass(frozen=True)
class TokenizerConfig:
    """The vocabulary of an encoder made from scratch: how pieces are learned and how many, special tokens included."""

    kind: str = "bpe"
    size: int = 4000


@dataclass(frozen=True)
class ModelConfig:
    """The encoder.

    Args:
        source: a Hugging Face id or a folder (one that `boli train encoder` wrote, too); empty: made from scratch.
        trust_remote_code: run the Python code that a model from elsewhere brings; off unless asked for.
        layers, width, heads, dropout: shape of an encoder made from scratch; a given one has its own.
        token_dropout: share of the tokens hidden while training.
        max_tokens: counts the special tokens; longer texts are cut and counted.
        slots: also find the slots of each message (joint intent and slots).
        lora_rank: 0: all weights learn; otherwise only low-rank additions of this rank do, and are merged at the end.
        attention: ``auto`` takes flash attention where it is installed and runs, PyTorch's own fused one elsewhere.
    """

    source: str = ""
    trust_remote_code: bool = False
    layers: int = 2
    width: int = 128
    heads: int = 4
    dropout: float = 0.3
    token_dropout: float = 0.5
    max_tokens: int = 96
    slots: bool = False
    lora_rank: int = 0
    lora_alpha: int = 16
    attention: str = "auto"


@dataclass(frozen=True)
class LoopConfig:
    """How an encoder learns, whatever it learns.

    `batch_tokens` counts padding, `warmup` is a share of all steps, `patience` is epochs.

    `averaging` is how much of the running average of the weights stays at each step. The average is what is tested and
    kept, since it depends less on chance where data is small; 0 keeps the weights as they are and saves memory.

    `threads` are of the CPU, 0 for as many as torch likes. More than one speeds up larger models only, and the last
    bits of the weights depend on it: one gives the same weights on machines with different numbers of cores.

    Args:
        accumulate: batches that one step adds up.
        micro_tokens: most tokens that go through the model at once; 0: a whole batch. Halved by itself when memory runs
            out; the step stays the same sum.
        layer_decay: each layer below the top learns at this share of the rate of the one above; 1: all alike.
        precision: ``auto`` is bf16 where the GPU has it and float32 elsewhere.
        compile: ``auto`` compiles on a GPU when there are steps enough to pay for it.
        recompute: gradient checkpointing; ``auto`` turns it on when memory runs out with one text at a time.
        tensorboard: also write event files to ``tensorboard/``.
    """

    seed: int = 7
    epochs: int = 40
    patience: int = 8
    batch_tokens: int = 512
    accumulate: int = 1
    micro_tokens: int = 0
    learning_rate: float = 1e-3
    layer_decay: float = 1.0
    weight_decay: float = 0.01
    warmup: float = 0.1
    averaging: float = 0.99
    checkpoint_steps: int = 100
    keep_checkpoints: int = 2
    device: str = "auto"
    threads: int = 1
    precision: str = "auto"
    compile: str = "auto"
    recompute: str = "auto"
    tensorboard: bool = False


@dataclass(frozen=True)
class TrainingConfig(LoopConfig):
    """How a classifier learns.

    Args:
        loss: ``cross_entropy``, or ``focal``, which looks away from rows that are right already.
        class_weights: ``none``, ``balanced`` (rare labels count in inverse proportion) or ``sqrt`` (half-way).
        label_smoothing: share of the truth that is spread over all labels.
        repeats: how often the encoder is trained, with seeds one apart; the first is kept, all make the spread.
        folds: also cross-validate over train and dev with this many parts; 0: do not.
    """

    loss: str = "cross_entropy"
    focal_gamma: float = 2.0
    class_weights: str = "none"
    label_smoothing: float = 0.0
    repeats: int = 1
    folds: int = 0


@dataclass(frozen=True)
class BaselineConfig:
    """The cheap model: ``linear`` (hashed n-grams), or ``ensemble`` (several of them, and word vectors).

    Args:
        vectors: text files (comma between them), one sentence or paragraph a line, of the languages of the data: word
            vectors are learned from them and folded into the weights. Only for ``ensemble``.
    """

    kind: str = "linear"
    vectors: str = ""


@dataclass(frozen=True)
class EvaluationConfig:
    """How scores are reported: bootstrap samples, level of the intervals, and the slice size that counts as small.

    Args:
        hourly_price: of the machine that serves, in any currency; 0: costs are not told.
        keep: share of dev messages that must stay above the score below which a message counts as out of scope.
    """

    samples: int = 1000
    level: float = 0.95
    minimum: int = 30
    hourly_price: float = 0.0
    keep: float = 0.95


@dataclass(frozen=True)
class FinetuneConfig:
    """Everything that decides the outcome of a fine-tuning run.

    >>> FinetuneConfig().training.seed
    7
    """

    data: DataConfig = field(default_factory=DataConfig)
    text: TextConfig = field(default_factory=TextConfig)
    tokenizer: TokenizerConfig = field(default_factory=TokenizerConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    baseline: BaselineConfig = field(default_factory=BaselineConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)

    def to_dict(self) -> dict[str, dict[str, object]]:
        """Return section -> key -> value, as in the TOML file."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class CorpusConfig:
    """Which text an encoder is pretrained on.

    Args:
        files: text files or globs, comma between them, one sentence or paragraph a line; each is ``tag=path``.
        temperature: languages are drawn by size to the power of 1 / this; 1 keeps sizes, large numbers level them.
        romanize: share of the Arabic-script lines that are also read in Roman letters, by the transliterator.
        held_out: lines of each tag kept apart, to measure on.
        most_lines: of each tag; 0: all.
    """

    files: str = ""
    temperature: float = 3.0
    romanize: float = 0.0
    held_out: int = 200
    most_lines: int = 0


@dataclass(frozen=True)
class ShapeConfig:
    """The shape of the encoder that is pretrained, and the share of tokens that it must guess."""

    layers: int = 6
    width: int = 256
    heads: int = 4
    max_tokens: int = 128
    masked: float = 0.3


@dataclass(frozen=True)
class PretrainConfig:
    """Everything that decides the outcome of a pretraining run.

    >>> PretrainConfig().shape.layers
    6
    """

    corpus: CorpusConfig = field(default_factory=CorpusConfig)
    text: TextConfig = field(default_factory=TextConfig)
    tokenizer: TokenizerConfig = field(default_factory=lambda: TokenizerConfig(size=16000))
    shape: ShapeConfig = field(default_factory=ShapeConfig)
    training: LoopConfig = field(default_factory=lambda: LoopConfig(epochs=10, patience=10, batch_tokens=8192))

    def to_dict(self) -> dict[str, dict[str, object]]:
        """Return section -> key -> value, as in the TOML file."""
        return dataclasses.asdict(self)
