"""What a run folder says about itself: the section ``boli`` of its ``config.json``.

The rest of that file is the encoder's shape as `transformers` wants it, so the folder is also a Hugging Face model.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import boli
from boli.errors import ModelError, ModelNotFound
from boli.files import read_json
from boli.pipeline.plain import from_plain

FORMAT = 2
"""Number of the layout of a run folder; raised when an older boli could not read a newer folder."""

ENGINES = ("encoder", "linear")
"""What can answer: the encoder, or the baseline."""


@dataclass(frozen=True)
class RunInfo:
    """Facts that a pipeline needs, and facts that a person wants.

    Args:
        labels: in the order of the outputs.
        tags: languages and scripts it was trained on.
        engine: the one that answers by default.
        temperatures: engine -> what its scores are divided by.
        level: of normalization.
        signatures: tag -> signature of the normalization rules.
        max_tokens: the longest text the encoder reads.
        scores: engine -> test accuracy (of several labels: macro-F1), a share.
        script: that every text is written in first; empty: its own.
        padding: the id of the padding token.
        multi_label: a text may have several labels, or none.
        thresholds: engine -> the score from which a label counts (several labels), or below which a message is called
            out of scope (one label).
        slots: names of the slots that the model finds.

    >>> read_run_info(Path("no-such-folder"))
    Traceback (most recent call last):
    ...
    boli.errors.ModelNotFound: no config.json in no-such-folder; expected a finished run folder of 'boli train'
    """

    task: str
    labels: tuple[str, ...]
    tags: tuple[str, ...]
    engine: str
    temperatures: Mapping[str, float]
    level: str
    signatures: Mapping[str, str]
    max_tokens: int
    licence: str
    data_name: str
    data_sha256: str
    scores: Mapping[str, float]
    script: str = ""
    padding: int = 0
    multi_label: bool = False
    thresholds: Mapping[str, float] = field(default_factory=dict)
    slots: tuple[str, ...] = ()
    version: str = boli.__version__
    format: int = FORMAT

    def temperature(self, engine: str) -> float:
        """Return what the scores of `engine` are divided by."""
        return self.temperatures.get(engine, 1.0)

    def threshold(self, engine: str) -> float:
        """Return the score that counts as enough of `engine`."""
        return self.thresholds.get(engine, 0.5 if self.multi_label else 0.0)


def read_run_info(folder: Path) -> RunInfo:
    """Read what a run folder says about itself.

    Raises:
        ModelNotFound: the folder has no ``config.json``.
        ModelError: the file is damaged, not from boli, or from a newer boli.
    """
    path = folder / "config.json"
    try:
        raw = read_json(path).get("boli")
    except FileNotFoundError:
        raise ModelNotFound(f"no config.json in {folder}; expected a finished run folder of 'boli train'") from None
    except (OSError, ValueError) as problem:
        raise ModelError(f"{path} is damaged ({problem}); copy the folder again or train again") from None
    if not isinstance(raw, dict):
        raise ModelError(f"{path} has no section 'boli'; expected a run folder of 'boli train', not any model folder")
    if raw.get("format") != FORMAT:
        raise ModelError(
            f"{folder} is in format {raw.get('format')} of boli {raw.get('version')}; this boli {boli.__version__} "
            f"reads format {FORMAT}; install that version or train again"
        )
    try:
        return from_plain(RunInfo, raw)
    except ValueError as problem:
        raise ModelError(f"{path}: the section 'boli' is damaged ({problem}); copy the folder again") from None
