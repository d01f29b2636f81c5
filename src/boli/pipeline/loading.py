"""Find a pipeline by folder or by installed name, check it, open it."""

import importlib.util
import os
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import NamedTuple

from boli.errors import ModelError, ModelNotFound, suggest
from boli.models.weights import verify_checksums
from boli.pipeline.engines import open_engine
from boli.pipeline.predictor import Identify, Pipeline
from boli.pipeline.runs import read_run_info
from boli.pipeline.texts import TextPath

GROUP = "boli.pipelines"
"""The entry-point group in which an installed package registers its pipelines; the value names the package."""


class Installed(NamedTuple):
    """A pipeline that came with an installed package. Size in bytes; scores are test accuracy by engine, shares.

    >>> from boli.pipeline import pipelines
    >>> [each.name for each in pipelines()]
    [...]
    """

    name: str
    package: str
    version: str
    folder: Path
    size: int
    languages: tuple[str, ...]
    licence: str
    scores: tuple[tuple[str, float], ...]


def load(name_or_path: str | os.PathLike[str], *, engine: str = "", identify: Identify | None = None) -> Pipeline:
    """Open a pipeline, offline, after checking the sha256 of its files.

    Nothing is downloaded and nothing is unpickled; torch is not imported.

    Args:
        name_or_path: a run folder, or the name of an installed pipeline.
        engine: ``encoder`` or ``linear``; empty for the one that its test showed to be worth it.
        identify: tells the tag of a text when the caller does not; by default `boli.identify`.

    Raises:
        ModelNotFound: neither a folder nor an installed name.
        ChecksumError: a file is not the one that was written.
        ModelError: the folder is from another version, or not from boli.

    >>> load("no-such-pipeline")
    Traceback (most recent call last):
    ...
    boli.errors.ModelNotFound: no pipeline 'no-such-pipeline': not a folder, and installed are: ...
    """
    folder = find_folder(name_or_path)
    info = read_run_info(folder)
    verify_checksums(folder)
    opened = open_engine(folder, info, engine or info.engine)
    return Pipeline(info, opened, TextPath(info.level, info.signatures, info.script), identify)


def find_folder(name_or_path: str | os.PathLike[str]) -> Path:
    """Return the folder of a pipeline; a folder wins over an installed name.

    Raises:
        ModelNotFound: neither.
    """
    path = Path(name_or_path)
    if path.is_dir():
        return path
    registered = {entry.name: entry for entry in _entries()}
    if str(name_or_path) in registered:
        return _folder_of(registered[str(name_or_path)])
    names = ", ".join(sorted(registered)) or "none"
    near = suggest(str(name_or_path), registered)
    raise ModelNotFound(f"no pipeline {str(name_or_path)!r}: not a folder, and installed are: {names}{near}")


def pipelines() -> list[Installed]:
    """List the pipelines that installed packages registered, by name.

    >>> all(each.size > 0 for each in pipelines())
    True
    """
    return [_describe(entry) for entry in sorted(_entries(), key=lambda entry: entry.name)]


def _entries() -> Iterable[EntryPoint]:
    return entry_points(group=GROUP)


def _folder_of(entry: EntryPoint) -> Path:
    """Return the folder of the package that an entry point names, without running the package's code."""
    found = importlib.util.find_spec(entry.module)
    if found is None or not found.submodule_search_locations:
        raise ModelError(f"the installed pipeline {entry.name!r} names {entry.value!r}, which is no package with files")
    return Path(found.submodule_search_locations[0])


def _describe(entry: EntryPoint) -> Installed:
    folder = _folder_of(entry)
    info = read_run_info(folder)
    package = entry.dist.name if entry.dist else ""
    version = entry.dist.version if entry.dist else ""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Installed(entry.name, package, version, folder, size, info.tags, info.licence, tuple(info.scores.items()))
