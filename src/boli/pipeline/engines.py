"""What turns normalized text into probabilities: the encoder by onnxruntime, or the cheap models by numpy."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from boli.datasets.records import Slot
from boli.errors import ConfigError, ModelError, ModelNotFound, require, suggest
from boli.models.ensemble import Scorer, load_scorer
from boli.models.linear import LinearModel
from boli.pipeline.answers import find_words
from boli.pipeline.encoding import encode, pad
from boli.pipeline.runs import ENGINES, RunInfo
from boli.pipeline.slots import decode_words, describe_words, join_tags, list_tags, place_tokens
from boli.tokenization import load_tokenizer

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_CHUNK = 64  # texts that go through the encoder together
SLOT_MODEL = "baseline_slots.npz"

Rows = list[NDArray[np.float32]]


class Scored(NamedTuple):
    """What an engine says of some texts.

    Args:
        probabilities: (texts, labels) float32; rows sum to 1, or each is between 0 and 1 where texts have several.
        cut: for each text whether its end was not read.
        slots: for each text its slots, in offsets of the normalized text; empty where the model finds none.
    """

    probabilities: NDArray[np.float32]
    cut: NDArray[np.bool_]
    slots: tuple[tuple[Slot, ...], ...] = ()


class Engine(Protocol):
    """Anything that scores normalized texts."""

    @property
    def name(self) -> str:
        """Return ``encoder`` or ``linear``."""

    def score(self, texts: Sequence[str]) -> Scored:
        """Return the probabilities of each label for each text."""


@dataclass(frozen=True)
class EncoderEngine:
    """An exported encoder; needs onnxruntime and tokenizers, never torch.

    Args:
        temperature: logits are divided by it before they become probabilities; fitted on dev.
        padding: the id of the padding token.
        multi_label: each label is judged by itself.
        slots: names of the slots; empty: the model finds none.
    """

    session: "InferenceSession"
    tokenizer: "Tokenizer"
    max_tokens: int
    temperature: float = 1.0
    padding: int = 0
    multi_label: bool = False
    slots: tuple[str, ...] = ()
    name: str = "encoder"

    def score(self, texts: Sequence[str]) -> Scored:
        """Return the probabilities of each label for each text, and its slots."""
        cuts = encode(self.tokenizer, texts, max_tokens=self.max_tokens)
        logits, tokens = self._run([each.ids for each in cuts])
        cut = np.array([each.was_longer for each in cuts], dtype=np.bool_)
        found = zip(texts, cuts, tokens, strict=True) if self.slots else ()
        slots = tuple(self._find_slots(text, each.offsets, row) for text, each, row in found)
        return Scored(to_probabilities(logits, self.temperature, several=self.multi_label), cut, slots)

    def logits(self, sequences: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return logits (texts, labels) float32 for token ids."""
        return self._run(sequences)[0]

    def token_logits(self, sequences: Sequence[Sequence[int]]) -> Rows:
        """Return logits (tokens, tags) float32 for each text."""
        return self._run(sequences)[1]

    def _run(self, sequences: Sequence[Sequence[int]]) -> tuple[NDArray[np.float32], Rows]:
        order = sorted(range(len(sequences)), key=lambda row: len(sequences[row]))
        rows: dict[int, NDArray[np.float32]] = {}
        tokens: dict[int, NDArray[np.float32]] = {}
        names = ["logits", "slot_logits"] if self.slots else ["logits"]
        for start in range(0, len(order), _CHUNK):
            chunk = order[start : start + _CHUNK]
            ids, mask = pad([sequences[row] for row in chunk], token=self.padding)
            output = self.session.run(names, {"input_ids": ids, "attention_mask": mask})
            rows |= dict(zip(chunk, output[0], strict=True))
            tokens |= dict(zip(chunk, output[-1], strict=True)) if self.slots else {}
        logits = np.stack([rows[row] for row in range(len(sequences))])
        return logits, [tokens[row] for row in range(len(sequences))] if self.slots else []

    def _find_slots(self, text: str, offsets: Sequence[tuple[int, int]], row: NDArray[np.float32]) -> tuple[Slot, ...]:
        words = find_words(text)
        tags = decode_words(row, place_tokens(offsets, words), len(words), list_tags(self.slots))
        return join_tags(words, tags)


@dataclass(frozen=True)
class LinearEngine:
    """The hashed n-gram model, or an ensemble of them; needs numpy alone.

    Args:
        tagger: tags words with their neighbours; None: no slots are found.
    """

    model: Scorer
    temperature: float = 1.0
    multi_label: bool = False
    tagger: LinearModel | None = None
    name: str = "linear"

    def score(self, texts: Sequence[str]) -> Scored:
        """Return the probabilities of each label for each text, and its slots."""
        probabilities = to_probabilities(self.model.scores(texts), self.temperature, several=self.multi_label)
        slots = tuple(find_slots(self.tagger, text) for text in texts) if self.tagger else ()
        return Scored(probabilities, np.zeros(len(texts), dtype=np.bool_), slots)


def find_slots(tagger: LinearModel, text: str) -> tuple[Slot, ...]:
    """Return the slots of a text by a model that tags each word by itself and its neighbours."""
    words = find_words(text)
    return join_tags(words, tagger.predict(describe_words(text, words))) if words else ()


def to_probabilities(logits: NDArray[np.float32], temperature: float, *, several: bool) -> NDArray[np.float32]:
    """Return softmax of each row, or the sigmoid of each number where a text may have several labels.

    >>> to_probabilities(np.array([[0.0, 0.0]], dtype=np.float32), 1.0, several=True).tolist()
    [[0.5, 0.5]]
    """
    if not several:
        return soften(logits, temperature)
    bounded = np.clip(logits / temperature, -60, 60)
    return np.asarray(1 / (1 + np.exp(-bounded)), np.float32)


def soften(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Return softmax(logits / temperature) row by row.

    >>> soften(np.array([[0.0, 0.0]], dtype=np.float32), 2.0).tolist()
    [[0.5, 0.5]]
    """
    shifted = (logits - logits.max(axis=1, keepdims=True)) / temperature
    powers = np.exp(shifted, dtype=np.float32)
    result: NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
    return result


def open_engine(folder: Path, info: RunInfo, name: str) -> Engine:
    """Open one of the engines of a run folder.

    Raises:
        ConfigError: no such engine.
        ModelError: its file cannot be read.
        MissingExtra: the encoder needs onnxruntime and tokenizers.
    """
    if name not in ENGINES:
        raise ConfigError(f"no engine {name!r}; choose from: {', '.join(ENGINES)}{suggest(name, ENGINES)}")
    if name == "linear":
        return open_linear(folder, info)
    session = open_session(folder / "model.onnx")
    tokenizer = load_tokenizer(folder / "tokenizer.json")
    return EncoderEngine(
        session, tokenizer, info.max_tokens, info.temperature(name), info.padding, info.multi_label, info.slots
    )


def open_linear(folder: Path, info: RunInfo) -> LinearEngine:
    """Open the cheap model of a run folder.

    Raises:
        ModelError: its file cannot be read.
    """
    tagger = LinearModel.load(folder / SLOT_MODEL) if info.slots else None
    return LinearEngine(load_scorer(folder / "baseline.npz"), info.temperature("linear"), info.multi_label, tagger)


def open_session(path: Path) -> "InferenceSession":
    """Open an ONNX file on the CPU.

    Raises:
        ModelNotFound: no such file.
        ModelError: the file is not a model that onnxruntime can run.
    """
    runtime = require("onnxruntime", "onnx")
    if not path.is_file():
        raise ModelNotFound(f"no encoder at {path}; expected a model.onnx file, or use engine='linear'")
    try:
        session: InferenceSession = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as problem:  # onnxruntime's errors share no base class but Exception
        raise ModelError(f"{path} cannot be run ({type(problem).__name__}: {problem}); export it again") from None
    return session
