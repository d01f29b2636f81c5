"""Data sets of the Hugging Face hub: from a folder, or from what was downloaded before; never a download unasked."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import cast

from boli.datasets.readers import SPLIT_NAMES
from boli.datasets.schemas import RawRow
from boli.errors import DataError, require

PREFIX = "hf:"
"""What may stand before an id, so that it cannot be taken for a path."""

_ID = re.compile(r"[\w.-]+/[\w.-]+")
_SAVED = ("state.json", "dataset_dict.json")
"""Files of a folder that `save_to_disk` wrote."""

_DATA_FILES = ("*.parquet", "*.jsonl", "*.json", "*.csv", "*.arrow")


def is_hub_id(source: str) -> bool:
    """Say whether a source names a set of the hub: ``hf:owner/name``, or ``owner/name`` that is no path.

    >>> is_hub_id("hf:owner/name"), is_hub_id("owner/name"), is_hub_id("rows.jsonl")
    (True, True, False)
    """
    if source.startswith(PREFIX):
        return True
    return _ID.fullmatch(source) is not None and not Path(source).exists() and not Path(source).suffix


def is_saved_folder(folder: Path) -> bool:
    """Say whether `datasets.save_to_disk` wrote a folder."""
    return any((folder / name).is_file() for name in _SAVED)


def read_hub(source: str | Path, *, download: bool = False) -> Iterator[RawRow]:
    """Yield the rows of a set in any of the forms that the library `datasets` reads.

    Args:
        source: ``owner/name`` (with ``hf:`` before it or not), or a folder: one that `save_to_disk` wrote, or one with
            Parquet, JSON, CSV or Arrow files.
        download: fetch what is not on this computer.

    Raises:
        DataError: the set is not on this computer, or its files cannot be read. The message has the command that
            downloads it elsewhere.
        MissingExtra: `datasets` is not installed.
    """
    datasets = require("datasets", "data")
    folder = source if isinstance(source, Path) else _find_folder(source.removeprefix(PREFIX), download)
    for split, rows in _load(datasets, folder).items():
        named = SPLIT_NAMES.get(split, "")
        for number, row in enumerate(_named_labels(rows), start=1):
            yield RawRow(f"{folder}/{split}", number, row, named)


def _find_folder(name: str, download: bool) -> Path:
    if Path(name).is_dir():
        return Path(name)
    hub = require("huggingface_hub", "data")
    if not _ID.fullmatch(name):
        raise DataError(f"{name!r} is no id of a data set; expected owner/name or a folder")
    try:
        return Path(hub.snapshot_download(name, repo_type="dataset", local_files_only=not download))
    except (hub.errors.LocalEntryNotFoundError, OSError, ValueError):
        short = name.partition("/")[2]
        raise DataError(
            f"no folder {name} here, and no data set of that name on this computer; on one with a network run: hf"
            f" download {name} --repo-type dataset --local-dir {short}; then copy the folder {short} here and give its"
            " path"
        ) from None


def _load(datasets: ModuleType, folder: Path) -> Mapping[str, Iterable[dict[str, object]]]:
    try:
        if is_saved_folder(folder):
            return _by_split(datasets.load_from_disk(str(folder)))
        # A script of the set is code of strangers: only files of data are read.
        if not any(next(folder.rglob(pattern), None) for pattern in _DATA_FILES):
            raise DataError(f"{folder}: no Parquet, JSON, CSV or Arrow files; copy the whole data set there")
        return _by_split(datasets.load_dataset(str(folder), streaming=True))
    except DataError:
        raise
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as problem:
        raise DataError(f"{folder}: cannot be read as a data set ({problem}); copy it again") from None


def _by_split(found: object) -> Mapping[str, Iterable[dict[str, object]]]:
    if isinstance(found, Mapping):
        return {str(name): cast(Iterable[dict[str, object]], rows) for name, rows in found.items()}
    return {"all": cast(Iterable[dict[str, object]], found)}


def _named_labels(rows: Iterable[dict[str, object]]) -> Iterator[dict[str, object]]:
    """Put the names of classes in place of their numbers."""
    features: Mapping[str, object] = getattr(rows, "features", None) or {}
    names = {column: tuple(getattr(kind, "names", ())) for column, kind in features.items()}
    named = {column: found for column, found in names.items() if found}
    for row in rows:
        yield {column: _name(value, named.get(column, ())) for column, value in row.items()}


def _name(value: object, names: tuple[str, ...]) -> object:
    return names[value] if isinstance(value, int) and 0 <= value < len(names) else value
