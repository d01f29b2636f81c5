"""Checkpoints: whole or skipped, and resumed to the bit."""

import errno
import hashlib
import os
import shutil
from pathlib import Path

import pytest
import torch
from tiny import run_python, tiny_data

from boli.errors import RunError
from boli.training.checkpoints import Checkpoint, load_newest_checkpoint, save_checkpoint

TRAIN = """
import os, signal, sys
from pathlib import Path
from tiny import tiny_config
from boli.training.classwork import ClassRun
from boli.datasets import load_dataset
from boli.training import SilentProgress
from boli.training.labels import read_labels
from boli.training.stages import run_stages

class Killer(SilentProgress):
    left = int(sys.argv[3])
    step = ""
    def start(self, step):
        self.step = step
    def advance(self, amount=1, note=""):
        if self.step == "train the encoder" and amount == 1:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

config = tiny_config(Path(sys.argv[1]))
data = load_dataset(sys.argv[1])
run_stages(Path(sys.argv[2]), ClassRun("intent", config, data, read_labels(data, config)).stages()[:6], Killer())
"""


def checkpoint(step: int, key: str = "k") -> Checkpoint:
    return Checkpoint(step, {"model": {"w": torch.full((2, 2), float(step))}}, {"key": key, "loop": {"epoch": step}})


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, checkpoint(7), keep=2)
    loaded = load_newest_checkpoint(tmp_path, "k")
    assert loaded is not None
    assert (loaded.step, loaded.state["loop"]) == (7, {"epoch": 7})
    assert torch.equal(loaded.tensors["model"]["w"], torch.full((2, 2), 7.0))


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for step in (5, 90, 1000):
        save_checkpoint(tmp_path, checkpoint(step), keep=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-00000090", "step-00001000"]


def test_no_checkpoint_is_no_error(tmp_path: Path) -> None:
    assert load_newest_checkpoint(tmp_path / "none", "k") is None


@pytest.mark.parametrize("damage", ["truncate", "delete", "unmarked", "empty", "garbled"])
def test_a_damaged_checkpoint_is_skipped_with_a_warning(tmp_path: Path, damage: str) -> None:
    save_checkpoint(tmp_path, checkpoint(1), keep=3)
    newest = save_checkpoint(tmp_path, checkpoint(2), keep=3)
    weights = newest / "model.safetensors"
    if damage == "truncate":
        weights.write_bytes(weights.read_bytes()[:-5])
    elif damage == "delete":
        weights.unlink()
    elif damage == "unmarked":
        (newest / "complete.json").unlink()
    elif damage == "garbled":
        (newest / "complete.json").write_text("[1")
    else:
        shutil.rmtree(newest)
        newest.mkdir()
    with pytest.warns(UserWarning, match="skipped checkpoint step-00000002: it is not whole"):
        loaded = load_newest_checkpoint(tmp_path, "k")
    assert loaded is not None
    assert loaded.step == 1


def test_a_checkpoint_of_other_settings_is_skipped_with_a_warning(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, checkpoint(1, key="other"), keep=1)
    with pytest.warns(UserWarning, match="it is from a run with other settings"):
        assert load_newest_checkpoint(tmp_path, "k") is None


def test_a_full_disk_leaves_the_older_checkpoint_and_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_checkpoint(tmp_path, checkpoint(1), keep=1)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match=r"the disk is full: could not write .*; nothing is left half-written"):
        save_checkpoint(tmp_path, checkpoint(2), keep=1)
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000001"]


def test_nothing_in_a_checkpoint_is_pickled(tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path, checkpoint(1), keep=1)
    assert sorted(path.name for path in folder.iterdir()) == ["complete.json", "model.safetensors", "state.json"]


@pytest.mark.slow
def test_killed_and_resumed_training_ends_with_the_same_weights_to_the_bit(tmp_path: Path) -> None:
    straight, killed = tmp_path / "straight", tmp_path / "killed"
    done = run_python(TRAIN, tiny_data(), straight, 0)
    assert done.returncode == 0, done.stderr
    for steps in (4, 1, 5):  # between checkpoints, before the next one, in a later epoch
        assert run_python(TRAIN, tiny_data(), killed, steps).returncode == -9
    assert not (killed / "model.safetensors").exists()
    done = run_python(TRAIN, tiny_data(), killed, 0)
    assert done.returncode == 0, done.stderr
    assert digest(killed / "model.safetensors") == digest(straight / "model.safetensors")
    assert digest(killed / "checkpoints/encoder.json") == digest(straight / "checkpoints/encoder.json")
