"""Files that hold weights: written whole or not at all, and checked by sha256 before they are used."""

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from boli.errors import ChecksumError, ModelError

CHECKSUMS = "checksums.json"
"""The list of a folder's files and their sha256; written last, so that it marks the folder complete."""

_CHECKPOINTS = "checkpoints"


def sha256_of(path: str | os.PathLike[str]) -> str:
    """Return the sha256 of a file's bytes in hexadecimal.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "empty").write_bytes(b"")
    ...     sha256_of(Path(folder) / "empty")[:16]
    'e3b0c44298fc1c14'
    """
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_atomically(path: str | os.PathLike[str], write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a temporary file beside `path`, flush it to the disk, then give it its name.

    After a power cut or a full disk `path` is the old file or the new one, never a part. The temporary name starts
    with a dot and is removed when `write` fails.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder) / "a.txt", lambda file: file.write(b"whole"))
    ...     [(each.name, each.read_bytes()) for each in Path(folder).iterdir()]
    [('a.txt', b'whole')]
    """
    target = Path(path)
    # Not `tempfile`: its files can be read by their owner alone, and keep that when renamed.
    temporary = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def write_checksums(folder: str | os.PathLike[str]) -> Path:
    """Write `checksums.json` for the files of a folder and return its path; call it last.

    Left out: `checkpoints/` (it changes while a run goes on), names that start with a dot, and links.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "labels.txt").write_text("yes")
    ...     path = write_checksums(folder)
    ...     verify_checksums(folder)
    ...     (path.name, list(json.loads(path.read_text())))
    ('checksums.json', ['labels.txt'])
    """
    root = Path(folder)
    sums = {name: sha256_of(root / name) for name in sorted(_names(root))}
    body = json.dumps(sums, indent=1, ensure_ascii=False).encode("utf-8") + b"\n"
    write_atomically(root / CHECKSUMS, lambda file: file.write(body))
    return root / CHECKSUMS


def verify_checksums(folder: str | os.PathLike[str]) -> None:
    """Check that every file named in `checksums.json` is there and unchanged; other files are not looked at.

    Raises:
        ChecksumError: the list or a file is missing, unreadable or not the recorded one.
    """
    root = Path(folder)
    for name, recorded in _recorded(root / CHECKSUMS).items():
        got = _sum_or_advice(root / name)
        if got != recorded:
            raise ChecksumError(
                f"{root / name}: sha256 is {got[:12]}..., {CHECKSUMS} says {recorded[:12]}...; the file was changed or "
                f"damaged: copy the folder again from where it came, or write it anew"
            )


def _sum_or_advice(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError as problem:
        raise ChecksumError(
            f"{path}: cannot be read ({problem.strerror}) but {CHECKSUMS} lists it; copy the folder again, whole"
        ) from None


def _recorded(path: Path) -> Mapping[str, str]:
    try:
        sums = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ChecksumError(f"{path}: missing; it is written last, so the folder is not complete") from None
    except (OSError, ValueError) as problem:
        raise ChecksumError(f"{path}: not a list of checksums ({problem}); copy the folder again, whole") from None
    if not isinstance(sums, dict) or not all(_is_row(name, value) for name, value in sums.items()):
        raise ChecksumError(f"{path}: expected relative file names with their sha256; copy the folder again, whole")
    return sums


def _is_row(name: str, value: object) -> bool:
    inside = bool(name) and not PurePosixPath(name).is_absolute() and ".." not in PurePosixPath(name).parts
    return inside and "\\" not in name and "\0" not in name and isinstance(value, str) and len(value) == 64


def _names(root: Path) -> Iterator[str]:
    if not root.is_dir():
        raise ModelError(f"{root}: not a folder; give the folder that holds the model's files")
    for path in root.rglob("*"):
        parts = path.relative_to(root).parts
        hidden = any(part.startswith(".") for part in parts)
        if path.is_file() and not path.is_symlink() and not hidden and parts[0] not in (_CHECKPOINTS, CHECKSUMS):
            yield "/".join(parts)


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut; Windows cannot open folders and does not need it."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
