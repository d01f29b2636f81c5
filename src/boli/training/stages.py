"""A run as a chain of stages, each done once and done whole.

A stage writes its files into the run folder, each under a temporary name first, and then its marker
``checkpoints/stages/<name>.json`` with the sha256 of every file. The marker's key is a hash of what went in: the
package version, the settings and the files of the stages it needs. A stage whose marker has the right key and whose
files still have the right sha256 is not done again. So a kill at any moment costs the stage it hit, and a damaged file
is made anew.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import boli
from boli.files import read_json, sha256_of_value, write_json
from boli.models.weights import CHECKSUMS, sha256_of
from boli.training.progress import Progress

Work = Callable[[Path, Progress], str]
"""Writes the files of a stage into the run folder and returns a few words on what came out."""


@dataclass(frozen=True)
class Stage:
    """One step of a run.

    Args:
        name: short, used as file name.
        title: words for the progress bar.
        settings: JSON-able values that decide the outcome.
        needs: names of earlier stages whose files this one reads.
        outputs: the files it writes, relative to the run folder.
        work: what to call.
    """

    name: str
    title: str
    settings: Mapping[str, object]
    needs: tuple[str, ...]
    outputs: tuple[str, ...]
    work: Work


@dataclass(frozen=True)
class Done:
    """What the marker of a finished stage says; `seconds` is the time that its work took."""

    name: str
    key: str
    outputs: Mapping[str, str]
    seconds: float
    note: str
    again: bool = False
    """True where this call did the work, False where it was done before."""


def run_stages(folder: Path, stages: Iterable[Stage], progress: Progress) -> tuple[Done, ...]:
    """Do the stages that are not done yet, in order.

    Raises:
        KeyboardInterrupt: somebody asked to stop; finished stages stay finished.
    """
    done: dict[str, Done] = {}
    for stage in stages:
        key = stage_key(stage, done)
        found = find_done(folder, stage, key)
        if found:
            progress.skip(stage.title, found.note)
        elif not any(CHECKSUMS in each.outputs for each in done.values()):
            (folder / CHECKSUMS).unlink(missing_ok=True)  # written last: the folder is not whole while a stage works
        done[stage.name] = found or _do(folder, stage, key, progress)
    return tuple(done.values())


def stage_key(stage: Stage, done: Mapping[str, Done]) -> str:
    """Return the hash of everything that decides the outcome of `stage`."""
    inputs = {name: dict(done[name].outputs) for name in stage.needs}
    settings = dict(stage.settings)
    return sha256_of_value({"stage": stage.name, "boli": boli.__version__, "settings": settings, "inputs": inputs})


def find_done(folder: Path, stage: Stage, key: str) -> Done | None:
    """Return the marker of a finished stage, or None if it must be done: no marker, another key, a damaged file."""
    try:
        marker = read_json(_marker(folder, stage))
    except (FileNotFoundError, ValueError):
        return None
    outputs = marker.get("outputs")
    if marker.get("key") != key or not isinstance(outputs, dict) or set(outputs) != set(stage.outputs):
        return None
    if any(_sha256_or_nothing(folder / name) != sha256 for name, sha256 in outputs.items()):
        return None
    return Done(stage.name, key, outputs, float(str(marker["seconds"])), str(marker["note"]))


def _do(folder: Path, stage: Stage, key: str, progress: Progress) -> Done:
    if progress.stopping():
        raise KeyboardInterrupt(f"stopped before '{stage.title}'; run the same command again to go on")
    _marker(folder, stage).unlink(missing_ok=True)
    progress.start(stage.title)
    began = time.monotonic()
    note = stage.work(folder, progress)
    seconds = round(time.monotonic() - began, 2)
    outputs = {name: sha256_of(folder / name) for name in stage.outputs}
    marker = {"key": key, "outputs": outputs, "seconds": seconds, "note": note}
    write_json(_marker(folder, stage), marker)
    progress.finish(note)
    return Done(stage.name, key, outputs, seconds, note, again=True)


def _marker(folder: Path, stage: Stage) -> Path:
    return folder / "checkpoints" / "stages" / f"{stage.name}.json"


def _sha256_or_nothing(path: Path) -> str:
    return sha256_of(path) if path.is_file() else ""
