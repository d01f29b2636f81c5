"""`boli data new-key`, `seal`, `unseal`: data at rest that only a key opens."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from boli.commands.arguments import print_text
from boli.errors import ConfigError, DataError

KeyFile = Annotated[
    Path | None, typer.Option("--key-file", metavar="FILE", help="With the key: 32 bytes raw, hexadecimal or base64.")
]
KeyVariable = Annotated[
    str | None, typer.Option("--key-env", metavar="NAME", help="Environment variable with the key itself.")
]
Remove = Annotated[bool, typer.Option("--remove", help="Delete each file that was read, after its copy is whole.")]
Sources = Annotated[
    list[Path], typer.Argument(metavar="FILES", help="Data files; of a folder, its .jsonl, .csv, .tsv, .parquet, .txt.")
]


def make_key(path: Annotated[Path, typer.Argument(metavar="FILE", help="Must not exist yet.")]) -> None:
    """Write a new random key that only you may read. Whoever loses it loses what was sealed with it."""
    from boli.datasets.keyfiles import FILE_VARIABLE, make_key_file

    make_key_file(path)
    print_text(f"wrote {path}; keep a copy where the data is not; to read sealed data: export {FILE_VARIABLE}={path}\n")


def seal(files: Sources, key_file: KeyFile = None, key_env: KeyVariable = None, remove: Remove = False) -> None:
    """Encrypt data files (AES-256-GCM): FILE becomes FILE.sealed, which every command reads with the same key.

    Without --key-file and --key-env the key is that of BOLI_KEY_FILE or BOLI_KEY.
    """
    from boli.datasets.sealing import SUFFIX, seal_file

    key, found = _key(key_file, key_env), _list(files, "", SUFFIX)
    for path in found:
        print_text(f"wrote {seal_file(path, key, remove=remove)}\n")
    if not remove:
        print_text("the plain files are still there; delete them, or seal with --remove\n")


def unseal(files: Sources, key_file: KeyFile = None, key_env: KeyVariable = None, remove: Remove = False) -> None:
    """Decrypt sealed data files: FILE.sealed becomes FILE."""
    from boli.datasets.sealing import SUFFIX, unseal_file

    key = _key(key_file, key_env)
    for path in _list(files, SUFFIX, ""):
        print_text(f"wrote {unseal_file(path, key, remove=remove)}\n")


def _list(given: Sequence[Path], ending: str, without: str) -> list[Path]:
    """Return the files, those of folders too; all are looked at before the first is written."""
    from boli.datasets.sources import FILE_FORMS

    found: list[Path] = []
    for path in given:
        if not path.is_dir():
            found.append(path)
            continue
        inside = [each for kind in FILE_FORMS for each in sorted(path.glob(f"*{kind}{ending}"))]
        if not inside:
            raise DataError(f"{path}: no files to take there (*{ending or '.jsonl and others'}); name the files")
        found += inside
    missing = next((path for path in found if not path.is_file()), None)
    if missing:
        raise DataError(f"{missing}: no such file; check the path")
    return [path for path in found if not (without and path.name.endswith(without))]


def _key(key_file: Path | None, key_env: str | None) -> bytes:
    from boli.datasets.keyfiles import FILE_VARIABLE, KEY_VARIABLE, find_key, read_key_file, read_key_variable

    if key_file and key_env:
        raise ConfigError("two keys are named; give --key-file or --key-env, not both")
    if key_file:
        return read_key_file(key_file)
    key = read_key_variable(key_env, os.environ) if key_env else find_key(os.environ)
    if key is None:
        raise ConfigError(
            f"no key is named; give --key-file FILE, or set {FILE_VARIABLE} or {KEY_VARIABLE}; a new one: boli data"
            " new-key FILE"
        )
    return key
