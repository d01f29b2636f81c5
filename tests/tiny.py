"""A small data set and a run that takes seconds, for the tests of training, pipeline and demo."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from boli.datasets import Record, load_dataset
from boli.training import FinetuneConfig, SilentProgress, parse_config, train_intent

LABELS = ("check_balance", "reset_pin", "top_up")
SETTINGS = (
    "tokenizer.size=300", "model.layers=1", "model.width=16", "model.heads=2", "training.epochs=3",
    "training.checkpoint_steps=3", "training.batch_tokens=512", "evaluation.samples=50",
)  # fmt: skip


def write_data(folder: Path) -> Path:
    """Write three intents of the shipped data set, with its card."""
    shipped = load_dataset("wallet-intents")
    folder.mkdir(parents=True)
    shutil.copy(str(files("boli") / "data" / "datasets" / "wallet-intents" / "README.md"), folder)
    for split in ("train", "dev", "test"):
        rows = [record for record in shipped.split(split) if record.label in LABELS]
        write_rows(folder / f"{split}.jsonl", rows)
    return folder


def write_rows(path: Path, rows: Sequence[Record]) -> None:
    """Write records as JSON lines."""
    lines = [
        json.dumps(
            {"text": row.text, "tag": row.tag, "intent": row.label, "slots": [slot._asdict() for slot in row.slots]}
            | ({"template": row.template} if row.template else {})
        )
        for row in rows
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def tiny_config(data: Path, *overrides: str) -> FinetuneConfig:
    """Return a configuration whose run takes seconds."""
    return parse_config({"data": {"name": str(data)}}, [*SETTINGS, *overrides])


@cache
def tiny_data() -> Path:
    """Return a folder with the small data set, the same one in all tests of a process. Do not write to it."""
    return write_data(Path(tempfile.mkdtemp(), "tiny"))


@cache
def finished_run() -> Path:
    """Return the folder of a finished run, the same one in all tests of a process. Do not write to it."""
    folder = Path(tempfile.mkdtemp(), "run")
    train_intent(tiny_config(tiny_data()), folder, SilentProgress())
    return folder


def copy_run(folder: Path) -> Path:
    """Return a copy of the finished run that a test may damage."""
    return Path(shutil.copytree(finished_run(), folder))


def run_python(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run code in a new process, from the folder of the tests."""
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    here = Path(__file__).parent
    return subprocess.run(command, capture_output=True, encoding="utf-8", cwd=here, check=False, timeout=300)
