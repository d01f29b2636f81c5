"""Small files that are either whole or absent, and one sentence when the disk is full.

Whatever boli leaves on disk goes through `boli.models.weights.write_atomically`: a temporary name, flushed to the disk,
then renamed. So a power cut, a kill or a full disk never leaves a file that looks finished and is not.
"""

import contextlib
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from boli.errors import RunError
from boli.models.weights import write_atomically

UNFINISHED = ".*.tmp"
"""The pattern of the names of unfinished files and folders."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextlib.contextmanager
def explaining_full_disk(path: Path) -> Iterator[None]:
    """Turn "no space left" into one sentence that says what to do.

    Raises:
        RunError: the disk (or the quota) is full.
    """
    try:
        yield
    except OSError as problem:
        if problem.errno not in _FULL:
            raise
        raise RunError(
            f"the disk is full: could not write {path}; nothing is left half-written; "
            "free some space and run the same command again"
        ) from None


def write_bytes(path: Path, data: bytes) -> None:
    """Write a whole file or nothing; folders above it are made.

    Raises:
        RunError: the disk is full; what was at `path` before is still there.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_bytes(folder / "new" / "a.bin", b"whole")
    >>> [path.read_bytes() for path in folder.rglob("*.*")]
    [b'whole']
    """
    with explaining_full_disk(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, lambda file: file.write(data))


def write_text(path: Path, text: str) -> None:
    """Write a whole UTF-8 file, or nothing.

    Raises:
        RunError: the disk is full.
    """
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, value: object) -> None:
    """Write `value` as readable JSON with its keys in their order: a whole file, or nothing.

    Raises:
        RunError: the disk is full.
    """
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def read_json(path: Path) -> dict[str, object]:
    """Read a JSON object.

    Raises:
        ValueError: the file is not a JSON object (`json.JSONDecodeError` is a ValueError too).
    """
    value = json.loads(path.read_text("utf-8"))
    if not isinstance(value, dict):
        raise ValueError(f"{path}: expected a JSON object, got {type(value).__name__}")
    return value


def sync_folder(path: Path) -> None:
    """Flush the names in a folder to the disk; does nothing where the system opens no folders (Windows)."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of_value(value: object) -> str:
    """Return the sha256 of a JSON-able value; the same in every process, whatever the order of keys.

    >>> sha256_of_value({"b": 1, "a": 2}) == sha256_of_value({"a": 2, "b": 1})
    True
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def remove_unfinished(folder: Path) -> None:
    """Delete what a killed process left under temporary names, at any depth of `folder`."""
    for path in sorted(folder.rglob(UNFINISHED), reverse=True):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
