"""What turns normalized text into probabilities: the encoder by onnxruntime, or the linear model by numpy."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from boli.errors import ConfigError, ModelError, ModelNotFound, require, suggest
from boli.models.linear import LinearModel
from boli.pipeline.encoding import encode, pad
from boli.pipeline.runs import ENGINES, RunInfo
from boli.tokenization import load_tokenizer

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_CHUNK = 64  # texts that go through the encoder together


class Scored(NamedTuple):
    """Probabilities (texts, labels) float32, rows sum to 1; and for each text whether its end was not read."""

    probabilities: NDArray[np.float32]
    cut: NDArray[np.bool_]


class Engine(Protocol):
    """Anything that scores normalized texts."""

    def score(self, texts: Sequence[str]) -> Scored:
        """Return the probabilities of each label for each text."""


@dataclass(frozen=True)
class EncoderEngine:
    """An exported encoder; needs onnxruntime and tokenizers, never torch.

    Args:
        temperature: logits are divided by it before they become probabilities; fitted on dev.
    """

    session: "InferenceSession"
    tokenizer: "Tokenizer"
    max_tokens: int
    temperature: float = 1.0

    def score(self, texts: Sequence[str]) -> Scored:
        """Return the probabilities of each label for each text."""
        cuts = encode(self.tokenizer, texts, max_tokens=self.max_tokens)
        logits = self.logits([each.ids for each in cuts])
        return Scored(soften(logits, self.temperature), np.array([each.was_longer for each in cuts], dtype=np.bool_))

    def logits(self, sequences: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return logits (texts, labels) float32 for token ids."""
        order = sorted(range(len(sequences)), key=lambda row: len(sequences[row]))
        rows: dict[int, NDArray[np.float32]] = {}
        for start in range(0, len(order), _CHUNK):
            chunk = order[start : start + _CHUNK]
            ids, mask = pad([sequences[row] for row in chunk])
            output = self.session.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0]
            rows |= dict(zip(chunk, output, strict=True))
        return np.stack([rows[row] for row in range(len(sequences))])


@dataclass(frozen=True)
class LinearEngine:
    """The hashed n-gram model; needs numpy alone."""

    model: LinearModel
    temperature: float = 1.0

    def score(self, texts: Sequence[str]) -> Scored:
        """Return the probabilities of each label for each text."""
        scores = self.model.scores(texts)
        return Scored(soften(scores, self.temperature), np.zeros(len(texts), dtype=np.bool_))


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
        return LinearEngine(LinearModel.load(folder / "baseline.npz"), info.temperature(name))
    session = open_session(folder / "model.onnx")
    tokenizer = load_tokenizer(folder / "tokenizer.json")
    return EncoderEngine(session, tokenizer, info.max_tokens, info.temperature(name))


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
