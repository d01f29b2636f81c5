"""Prove that a run folder works by itself: load it in a new process and ask it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from boli.datasets import Record
from boli.errors import ModelError
from boli.pipeline.plain import from_plain
from boli.pipeline.runs import ENGINES, read_run_info


class Example(NamedTuple):
    """A test message, its true label, and the answers of a new process.

    Args:
        label, score, english, urdu: of the model that answers by default; the reasons are one sentence each.
        other: label that the other model gives.
    """

    tag: str
    text: str
    gold: str
    label: str
    score: float
    english: str
    urdu: str
    other: str

    def without_text(self) -> "Example":
        """Return the example without what quotes the message, for sealed data."""
        return self._replace(text="(sealed)", english="", urdu="")


class _Answer(NamedTuple):
    label: str
    score: float
    english: str
    urdu: str


def choose_examples(records: Sequence[Record], labels: Sequence[str]) -> tuple[Record, ...]:
    """Pick one message for each form, walking through the labels; chosen by place in the file, not by how it fares.

    >>> rows = [Record("a", "ur-Latn", "x"), Record("b", "sd-Latn", "y"), Record("c", "ur-Latn", "y")]
    >>> [row.text for row in choose_examples(rows, ["x", "y"])]
    ['b', 'c']
    """
    chosen = []
    for place, tag in enumerate(sorted({record.tag for record in records})):
        rows = [record for record in records if record.tag == tag]
        wanted = labels[place % len(labels)]
        chosen.append(next((record for record in rows if record.label == wanted), rows[0]))
    return tuple(chosen)


def ask_new_process(folder: Path, records: Sequence[Record]) -> tuple[Example, ...]:
    """Load the folder in a new process, once for each of its models, and return the answers.

    Raises:
        ModelError: the process failed; the message is what it said.
    """
    default = read_run_info(folder).engine
    other = next(engine for engine in ENGINES if engine != default)
    answers, others = (_ask(folder, engine, records) for engine in (default, other))
    return tuple(
        Example(record.tag, record.text, record.label, *answer, second.label)
        for record, answer, second in zip(records, answers, others, strict=True)
    )


def _ask(folder: Path, engine: str, records: Sequence[Record]) -> list[_Answer]:
    rows = "".join(json.dumps({"text": each.text, "lang": each.tag}, ensure_ascii=False) + "\n" for each in records)
    command = [sys.executable, "-m", "boli.pipeline", str(folder.resolve()), engine]
    done = subprocess.run(command, input=rows, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise ModelError(f"a new process could not load {folder}: {done.stderr.strip()}; start over with --fresh")
    return [_Answer(**json.loads(line)) for line in done.stdout.splitlines()]


def read_examples(folder: Path) -> tuple[Example, ...]:
    """Return the examples that a finished run wrote.

    Raises:
        ModelError: the file is missing or damaged.
    """
    path = folder / "examples.json"
    try:
        rows = json.loads(path.read_text("utf-8"))
        return tuple(from_plain(Example, row) for row in rows)
    except (OSError, ValueError) as problem:
        raise ModelError(f"{path} cannot be read ({problem}); run the same command again") from None
