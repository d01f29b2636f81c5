"""Open a run folder: a new one, one to go on with, or one that must be left alone.

``checkpoints/run.json`` says what the run is: the version of boli, the configuration, the data. A folder with another
``run.json`` is never touched without being asked. ``checkpoints/`` holds all that is needed only to go on; what is
beside it is the result.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import boli
from boli.errors import RunError
from boli.files import explaining_full_disk, read_json, remove_unfinished, write_json


@dataclass(frozen=True)
class RunIdentity:
    """What decides the outcome of a run."""

    task: str
    config: Mapping[str, Mapping[str, object]]
    data_sha256: str
    version: str = boli.__version__

    def to_dict(self) -> dict[str, object]:
        """Return what ``run.json`` holds."""
        config = {section: dict(values) for section, values in self.config.items()}
        return {"boli": self.version, "task": self.task, "data_sha256": self.data_sha256, "config": config}


@contextlib.contextmanager
def opening_run(folder: Path, identity: RunIdentity, *, fresh: bool) -> Iterator[None]:
    """Make or continue a run folder, and keep other processes out while the block runs.

    Args:
        folder: need not exist.
        identity: what the run is.
        fresh: throw away what an earlier run left there.

    Raises:
        RunError: the folder holds something else, another run, or another process works in it.
    """
    with explaining_full_disk(folder):
        if fresh:
            _throw_away(folder)
        _check(folder, identity)
        (folder / "checkpoints").mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            remove_unfinished(folder)
            if not _identity_path(folder).exists():
                write_json(_identity_path(folder), identity.to_dict())
            yield


def _throw_away(folder: Path) -> None:
    if not folder.exists():
        return
    if not _is_run(folder) and any(path.name != "checkpoints" for path in folder.iterdir()):
        raise RunError(f"{folder} holds files that are no run of boli; --fresh would delete them: use another --folder")
    with _locked(folder) if (folder / "checkpoints").is_dir() else contextlib.nullcontext():
        doomed = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
        folder.rename(doomed)  # at once: a kill while deleting must not leave half a run
    shutil.rmtree(doomed, ignore_errors=True)


def _check(folder: Path, identity: RunIdentity) -> None:
    for left in folder.parent.glob(f".{folder.name}.*.tmp"):
        shutil.rmtree(left, ignore_errors=True)
    if not folder.exists():
        return
    if not folder.is_dir():
        raise RunError(f"{folder} is a file; expected a folder for the run: use another --folder")
    try:
        found = read_json(_identity_path(folder))
    except FileNotFoundError:
        if any(path.name != "checkpoints" for path in folder.iterdir()):
            raise RunError(
                f"{folder} holds files but no run that can be continued; use another --folder, or --fresh to start over"
            ) from None
        return
    except ValueError:
        raise RunError(f"{_identity_path(folder)} is damaged; use --fresh to start over or another --folder") from None
    _check_same(folder, found, identity.to_dict())


def _check_same(folder: Path, found: Mapping[str, object], wanted: Mapping[str, object]) -> None:
    if found == wanted:
        return
    others = ", ".join(_differences(found, wanted))
    raise RunError(f"{folder} was made with {others}; use --fresh to start over, or another --folder to keep both")


def _differences(found: Mapping[str, object], wanted: Mapping[str, object]) -> Iterator[str]:
    if found.get("boli") != wanted["boli"]:
        yield f"boli {found.get('boli')}, not {wanted['boli']}"
    if found.get("task") != wanted["task"]:
        yield f"another task ({found.get('task')}, not {wanted['task']})"
    if found.get("data_sha256") != wanted["data_sha256"]:
        yield "other data"
    old, new = found.get("config"), wanted["config"]
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for section in sorted({*old, *new}):
            first, second = old.get(section, {}), new.get(section, {})
            for key in sorted({*first, *second}):
                if first.get(key) != second.get(key):
                    yield f"{section}.{key} = {first.get(key)!r}, not {second.get(key)!r}"


def _is_run(folder: Path) -> bool:
    if _identity_path(folder).exists():
        return True
    try:
        return "boli" in read_json(folder / "config.json")
    except (OSError, ValueError):
        return False


def _identity_path(folder: Path) -> Path:
    return folder / "checkpoints" / "run.json"


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the system lets go of it when the process ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # Windows: no lock
        yield
        return
    with (folder / "checkpoints" / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunError(f"another process is working in {folder}; wait for it or use another --folder") from None
        yield
