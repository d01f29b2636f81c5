"""Checkpoints that survive a power cut.

A checkpoint is a folder ``step-00000120`` with safetensors files, ``state.json`` and, written last,
``complete.json`` with the sha256 of each. The folder is made under a temporary name, flushed and renamed. Loading takes
the newest one that is whole; one that is not is skipped with a warning. Nothing here is pickled.
"""

import json
import os
import shutil
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import load, save
from torch import Tensor

from boli.files import explaining_full_disk, read_json, sync_folder
from boli.models.weights import sha256_of

Tensors = Mapping[str, Mapping[str, Tensor]]
"""File name without ending -> name of the tensor -> tensor."""


@dataclass(frozen=True)
class Checkpoint:
    """All that a training loop needs to go on as if nothing had happened."""

    step: int
    tensors: Tensors
    state: Mapping[str, object]


def save_checkpoint(folder: Path, checkpoint: Checkpoint, *, keep: int) -> Path:
    """Write a checkpoint, then remove all but the newest `keep`.

    Raises:
        RunError: the disk is full; older checkpoints are still there.
    """
    final = folder / f"step-{checkpoint.step:08d}"
    temporary = folder / f".{final.name}.{os.getpid()}.tmp"
    try:
        with explaining_full_disk(final):
            temporary.mkdir(parents=True)
            _write(temporary, checkpoint)
            shutil.rmtree(final, ignore_errors=True)  # there only if it was damaged or written twice
            temporary.rename(final)
            sync_folder(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    for old in _newest_first(folder)[keep:]:
        shutil.rmtree(old, ignore_errors=True)
    return final


def load_newest_checkpoint(folder: Path, key: str) -> Checkpoint | None:
    """Return the newest whole checkpoint of the run `key`, or None.

    A checkpoint that is damaged, half-written or from a run with other settings is skipped with a warning.
    """
    for path in _newest_first(folder):
        try:
            checkpoint = _read(path)
        except (OSError, ValueError, KeyError) as problem:
            reason = f"{type(problem).__name__}: {problem}"
            warnings.warn(f"skipped checkpoint {path.name}: it is not whole ({reason})", stacklevel=2)
            continue
        if checkpoint.state.get("key") == key:
            return checkpoint
        warnings.warn(f"skipped checkpoint {path.name}: it is from a run with other settings", stacklevel=2)
    return None


def _write(folder: Path, checkpoint: Checkpoint) -> None:
    for name, tensors in checkpoint.tensors.items():
        held = {key: tensor.detach().to("cpu", copy=True).contiguous() for key, tensor in tensors.items()}
        _put(folder / f"{name}.safetensors", save(held))
    _put(folder / "state.json", json.dumps({"step": checkpoint.step, **checkpoint.state}).encode("utf-8"))
    sums = {path.name: sha256_of(path) for path in sorted(folder.iterdir())}
    _put(folder / "complete.json", json.dumps(sums).encode("utf-8"))


def _put(path: Path, data: bytes) -> None:
    """Write a file and flush it to the disk; the folder's own name is temporary, so the file's need not be."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> Checkpoint:
    for name, sha256 in read_json(path / "complete.json").items():
        if sha256_of(path / name) != sha256:
            raise ValueError(f"{name} has another sha256 than when it was written")
    state = read_json(path / "state.json")
    tensors = {each.stem: load(each.read_bytes()) for each in path.glob("*.safetensors")}
    return Checkpoint(int(str(state["step"])), tensors, state)


def _newest_first(folder: Path) -> list[Path]:
    return sorted(_folders(folder), reverse=True)


def _folders(folder: Path) -> Iterator[Path]:
    return (path for path in folder.glob("step-*") if path.is_dir())
