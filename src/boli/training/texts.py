"""The normalized texts of a data set, written once by a run and read by its later stages."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from boli.datasets import Dataset, Record
from boli.datasets.folders import SPLITS
from boli.errors import DataError, suggest
from boli.files import write_text
from boli.pipeline.texts import TextPath

FILE = "checkpoints/texts.jsonl"
"""Where in a run folder the texts are."""


def check_labels(dataset: Dataset) -> tuple[str, ...]:
    """Return the labels in alphabetical order.

    Raises:
        DataError: fewer than two labels, or one in dev or test that training lacks.
    """
    labels = tuple(sorted({record.label for record in dataset.train}))
    if len(labels) < 2:
        raise DataError(f"{dataset.name}: the only label in train is {labels[0]!r}; expected two or more: add rows")
    for split in ("dev", "test"):
        for row, record in enumerate(dataset.split(split), start=1):
            if record.label not in labels:
                raise DataError(
                    f"{dataset.name}/{split}.jsonl:{row}: label {record.label!r} has no row in train; "
                    f"train has: {', '.join(labels)}{suggest(record.label, labels)}; add rows or mend the label"
                )
    return labels


def write_texts(path: Path, dataset: Dataset, text_path: TextPath) -> int:
    """Write the normalized texts of all splits and return how many changed.

    Raises:
        RunError: the disk is full.
    """
    lines, changed = [], 0
    for split in SPLITS:
        records = dataset.split(split)
        texts = prepare_records(text_path, records)
        changed += sum(text != record.text for text, record in zip(texts, records, strict=True))
        lines += [json.dumps({"split": split, "text": text}, ensure_ascii=False) for text in texts]
    write_text(path, "\n".join(lines) + "\n")
    return changed


def prepare_records(text_path: TextPath, records: Sequence[Record]) -> list[str]:
    """Return the normalized text of each record."""
    return text_path.prepare([record.text for record in records], [record.tag for record in records])


def read_texts(path: Path) -> Mapping[str, list[str]]:
    """Return split -> normalized texts."""
    texts: dict[str, list[str]] = {split: [] for split in SPLITS}
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        texts[row["split"]].append(row["text"])
    return texts
