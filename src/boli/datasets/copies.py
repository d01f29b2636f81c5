"""Copies of rows that a program keeps for its own later use: sealed with the same key where the rows were sealed."""

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from boli.datasets.keyfiles import FILE_VARIABLE, KEY_VARIABLE, find_key
from boli.datasets.sealing import seal_bytes
from boli.errors import ConfigError
from boli.files import sync_folder, write_bytes


def write_copy(path: Path, data: bytes, *, sealed: bool) -> None:
    """Write a whole file or nothing: plain, or sealed with the key that the environment names.

    The name stays as it is: `boli.datasets.textfiles.open_bytes` tells a sealed file by its first bytes.

    Raises:
        ConfigError: it is to be sealed and no key is named.
        RunError: the disk is full.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "texts.jsonl")
    >>> write_copy(path, b"salam", sealed=False)
    >>> path.read_bytes()
    b'salam'
    """
    write_bytes(path, pack(data, sealed=sealed))


def pack(data: bytes, *, sealed: bool) -> bytes:
    """Return the bytes that a file is to hold: plain, or sealed with the key that the environment names.

    Raises:
        ConfigError: they are to be sealed and no key is named.

    >>> pack(b"salam", sealed=False)
    b'salam'
    """
    if not sealed:
        return data
    key = find_key(os.environ)
    if key is None:
        raise ConfigError(
            f"rows of sealed data are to be written and no key is named; set {FILE_VARIABLE} to the path of the key"
            f" file, or {KEY_VARIABLE} to the key"
        )
    return seal_bytes(data, key)


def replace_files(contents: Mapping[Path, bytes]) -> None:
    """Replace several files: all of them are on the disk under other names before the first one is replaced.

    A fault before that (a full disk, a kill) changes nothing. A power cut within the moment of the renaming leaves
    each file old or new, never a part.

    Raises:
        RunError: the disk is full.
    """
    ready = {path: path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp") for path in contents}
    try:
        for path, data in contents.items():
            write_bytes(ready[path], data)
            if path.exists():
                shutil.copymode(path, ready[path])
        for path, temporary in ready.items():
            temporary.replace(path)
    finally:
        for temporary in ready.values():
            temporary.unlink(missing_ok=True)
    for folder in {path.parent for path in contents}:
        sync_folder(folder)
