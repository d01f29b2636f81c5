"""The normalized texts of a data set, written once by a run and read by its later stages."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from boli.datasets import Dataset, Record, Slot
from boli.datasets.copies import write_copy
from boli.datasets.folders import SPLITS
from boli.datasets.textfiles import read_lines
from boli.pipeline.texts import TextPath

FILE = "checkpoints/texts.jsonl"
"""Where in a run folder the texts are."""


class Prepared(NamedTuple):
    """The texts of a split as a model reads them, and their slots in offsets of these texts."""

    texts: list[str]
    slots: list[tuple[Slot, ...]]


def write_texts(path: Path, dataset: Dataset, text_path: TextPath, *, slots: bool = False) -> int:
    """Write the normalized texts of all splits and return how many changed; those of sealed data are sealed again.

    Raises:
        RunError: the disk is full.
    """
    lines, changed = [], 0
    for split in SPLITS:
        records = dataset.split(split)
        texts = prepare_records(text_path, records)
        changed += sum(text != record.text for text, record in zip(texts, records, strict=True))
        for text, record in zip(texts, records, strict=True):
            row: dict[str, object] = {"split": split, "text": text}
            row |= {"slots": place_slots(text_path, record)} if slots and record.slots else {}
            lines.append(json.dumps(row, ensure_ascii=False))
    write_copy(path, "".join(f"{line}\n" for line in lines).encode("utf-8"), sealed=dataset.is_sealed)
    return changed


def prepare_records(text_path: TextPath, records: Sequence[Record]) -> list[str]:
    """Return the normalized text of each record."""
    return text_path.prepare([record.text for record in records], [record.tag for record in records])


def place_slots(text_path: TextPath, record: Record) -> tuple[Slot, ...]:
    """Return the slots of a record in offsets of its normalized text; one that normalization removed is left out."""
    placed = (Slot(*text_path.place(record.text, record.tag, one.start, one.end), one.name) for one in record.slots)
    return tuple(slot for slot in placed if slot.end > slot.start)


def read_texts(path: Path) -> Mapping[str, Prepared]:
    """Return split -> normalized texts and their slots."""
    texts = {split: Prepared([], []) for split in SPLITS}
    for line in read_lines(path):
        row = json.loads(line)
        held = texts[row["split"]]
        held.texts.append(row["text"])
        held.slots.append(tuple(Slot(*slot) for slot in row.get("slots", ())))
    return texts
