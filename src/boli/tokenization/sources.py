"""Read the sources of a recipe: files, folders and patterns, plain or packed; lines, columns or JSON objects."""

import hashlib
import heapq
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from boli.datasets.sealing import is_sealed, plain_path
from boli.datasets.textfiles import open_bytes
from boli.errors import ConfigError, DataError
from boli.streams import Block, Source, read_blocks, reading
from boli.tokenization.recipes import SourceSpec

Maker = Callable[[str, Path], Iterable[str]]
"""What to make, the folder that paths start from -> texts."""

_PACKED = (".gz", ".zst")
_SUFFIXES = {"text": (".txt",), "tsv": (".tsv",), "jsonl": (".jsonl",)}


def find_files(source: SourceSpec, root: Path) -> tuple[Path, ...]:
    """Return the files of a source in the order of their names.

    Raises:
        DataError: there are none.
    """
    path = root / source.path
    if path.is_dir():
        ends = _SUFFIXES[source.format]
        every = (each for each in path.rglob("*") if each.is_file() and not each.name.startswith("."))
        found = sorted(
            each for each in every if plain_path(each).name.removesuffix(".gz").removesuffix(".zst").endswith(ends)
        )
    elif path.is_file():
        found = [path]
    else:
        found = sorted(each for each in root.glob(source.path) if each.is_file())
    if not found:
        raise DataError(
            f"source '{source.name}': nothing to read at {path}; check the path, and the folder that paths start from"
        )
    return tuple(found)


def check_sources(sources: Sequence[SourceSpec], root: Path, makers: Mapping[str, Maker]) -> int:
    """Read every byte of every source once, so that a fault in the last file is found before hours are spent.

    Returns the number of bytes, unpacked ones of text.

    Raises:
        ConfigError: a source is made by something that is not there.
        DataError: a file is missing, cannot be read, is damaged or is not UTF-8, or a row has no such column.
    """
    for source in sources:
        if source.maker and source.maker not in makers:
            choices = ", ".join(makers) or "none here"
            raise ConfigError(f"source '{source.name}': no maker '{source.maker}'; choose from: {choices}")
    total = 0
    for source in sources:
        if not source.maker:
            total += sum(len(text) for texts in _read_files(source, root) for text in texts)
    return total


def read_source(source: SourceSpec, root: Path, makers: Mapping[str, Maker], seed: int) -> Iterator[list[str]]:
    """Yield the texts of a source in lists, in their order; without those that are to be measured on.

    Where the source has more than `max_characters`, lines are drawn by `seed`, each with the same chance.

    Raises:
        DataError: as `check_sources`.
    """
    lists = [list(makers[source.maker](source.path, root))] if source.maker else _read_files(source, root)
    kept = _skip(lists, source.skip_every)
    if not source.max_characters:
        yield from kept
        return
    yield _draw(kept, source.max_characters, f"{seed} {source.name}")


def _skip(lists: Iterable[list[str]], every: int) -> Iterator[list[str]]:
    place = 0
    for texts in lists:
        yield [text for at, text in enumerate(texts, place) if at % every] if every else texts
        place += len(texts)


def _draw(lists: Iterable[list[str]], most: int, seed: str) -> list[str]:
    """Draw lines without putting them back, in the memory of what is drawn."""
    dice, total, place = random.Random(seed), 0, 0
    held: list[tuple[float, int, str]] = []
    for texts in lists:
        for text in texts:
            heapq.heappush(held, (-dice.random(), place, text))
            total, place = total + len(text), place + 1
            while total > most and len(held) > 1:
                total -= len(heapq.heappop(held)[2])
    return [text for _, _, text in sorted(held, key=lambda row: row[1])]


def _read_files(source: SourceSpec, root: Path) -> Iterator[list[str]]:
    for path in find_files(source, root):
        with _opening(path) as blocks:
            for block in blocks:
                yield [text for text in _texts(block, source) if text]


@contextmanager
def _opening(path: Path) -> Iterator[Iterable[Block]]:
    """Read a file in blocks; a sealed one is decrypted in memory."""
    if not is_sealed(path):
        with reading([str(path)], quiet=True) as blocks:
            yield blocks
        return
    with open_bytes(path) as file:
        yield read_blocks(cast(Source, file), str(path))


def _texts(block: Block, source: SourceSpec) -> list[str]:
    if source.format == "text":
        return block.lines
    pick = _pick_column if source.format == "tsv" else _pick_key
    rows = [(line, f"{block.name}:{number}") for number, line in enumerate(block.lines, block.first) if line]
    return [pick(line, source.column, place) for line, place in rows]


def _pick_column(line: str, column: str, place: str) -> str:
    cells = line.split("\t")
    if not column.isdigit():
        raise ConfigError(f"column '{column}' of a tsv source must be a number, from 0")
    if len(cells) <= int(column):
        raise DataError(f"{place}: {len(cells)} columns, expected at least {int(column) + 1}; mend the row")
    return cells[int(column)]


def _pick_key(line: str, key: str, place: str) -> str:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as problem:
        raise DataError(f"{place}: not JSON ({problem}); mend the line") from None
    text = row.get(key) if isinstance(row, dict) else None
    if not isinstance(text, str):
        raise DataError(f"{place}: no text under '{key}'; set `column` to the key of the text, or mend the line")
    return text


def hash_texts(total: "hashlib._Hash", texts: Iterable[str]) -> None:
    """Add texts to a running sha256."""
    total.update("\n".join(texts).encode("utf-8", "surrogatepass"))
