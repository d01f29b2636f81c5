"""The files that the stages of a run hand to each other, without torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from boli.errors import RunError
from boli.files import read_json
from boli.models.ensemble import load_scorer
from boli.models.linear import LinearModel
from boli.pipeline.engines import SLOT_MODEL, EncoderEngine, Engine, LinearEngine, open_session
from boli.pipeline.plain import from_plain
from boli.tokenization import load_tokenizer
from boli.training.labels import LabelSet
from boli.training.plots import NAMES
from boli.training.reports import CurvePoint

TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "tokenizer_report.json")
ENCODER_FILES = ("model.safetensors", "checkpoints/encoder.json")
EXPORT_FILES = ("model.onnx", "checkpoints/export.json")
TEST_FILES = ("report.json", "report.html", *(f"plots/{name}.png" for name in NAMES))
CARD_FILES = ("README.md", "config.json", "checksums.json")

T = TypeVar("T")


@dataclass(frozen=True)
class Fitted:
    """What the encoder stage tells the later ones.

    Args:
        device: name of the processor that trained.
        shape: the encoder's configuration for `transformers`.
        max_tokens: the longest text it reads.
        padding: the id of the padding token.
    """

    device: str
    parameters: int
    curve: tuple[CurvePoint, ...]
    shape: Mapping[str, object]
    max_tokens: int
    padding: int


@dataclass(frozen=True)
class Exported:
    """What the export stage tells the later ones: its agreement with torch, and what to divide logits by."""

    largest_difference: float
    temperature: float


def read_fitted(folder: Path) -> Fitted:
    """Return what the encoder stage of a run wrote.

    Raises:
        RunError: its file is damaged.
    """
    return _read(Fitted, folder / "checkpoints" / "encoder.json")


def read_exported(folder: Path) -> Exported:
    """Return what the export stage of a run wrote.

    Raises:
        RunError: its file is damaged.
    """
    return _read(Exported, folder / "checkpoints" / "export.json")


def read_seconds(folder: Path) -> dict[str, float]:
    """Return stage -> seconds that its work took, of the finished stages."""
    markers = {path.stem: read_json(path) for path in sorted((folder / "checkpoints" / "stages").glob("*.json"))}
    return {name: float(str(marker["seconds"])) for name, marker in markers.items()}


def open_engines(folder: Path, fitted: Fitted, exported: Exported, labels: LabelSet) -> dict[str, Engine]:
    """Open both models of a run that is not finished yet: ``encoder`` and ``linear``, in this order."""
    tokenizer = load_tokenizer(folder / "tokenizer.json")
    session = open_session(folder / "model.onnx")
    tagger = LinearModel.load(folder / SLOT_MODEL) if labels.slots else None
    encoder = EncoderEngine(
        session, tokenizer, fitted.max_tokens, exported.temperature, fitted.padding, labels.several, labels.slots
    )
    linear = LinearEngine(load_scorer(folder / "baseline.npz"), 1.0, labels.several, tagger)
    return {"encoder": encoder, "linear": linear}


def size_of(folder: Path, engine: str) -> int:
    """Return the bytes on disk that an engine needs."""
    names = ("baseline.npz", SLOT_MODEL) if engine == "linear" else ("model.onnx", "tokenizer.json")
    return sum((folder / name).stat().st_size for name in names if (folder / name).exists())


def _read(kind: type[T], path: Path) -> T:
    try:
        return from_plain(kind, read_json(path))
    except (OSError, ValueError) as problem:
        raise RunError(f"{path} is damaged ({problem}); delete it and run the same command again") from None
