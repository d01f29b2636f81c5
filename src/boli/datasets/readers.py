"""Readers of file formats: each yields rows one by one, with file and line, in the memory of a few rows.

A reader reads what is written. What the columns mean is a schema's to say (`boli.datasets.schemas`).
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from boli.datasets.records import parse_object
from boli.datasets.schemas import RawRow
from boli.datasets.sealing import SUFFIX, is_sealed
from boli.datasets.textfiles import BOM, open_bytes, read_bytes, stream_lines
from boli.errors import DataError, require

SPLIT_NAMES = {
    "train": "train", "training": "train", "dev": "dev", "validation": "dev", "valid": "dev", "val": "dev",
    "test": "test",
}  # fmt: skip
"""Words in names of files -> split."""

_BATCH = 1024
"""Rows of a Parquet file that are in memory at a time."""


def read_json_lines(path: Path) -> Iterator[RawRow]:
    """Yield the objects of a file of JSON lines; a broken line becomes a row with an error."""
    split = guess_split(path.stem)
    for number, text in stream_lines(path):
        try:
            yield RawRow(str(path), number, parse_object(text, f"{path}:{number}"), split)
        except DataError as problem:
            yield RawRow(str(path), number, {}, split, str(problem))


def read_tab_separated(path: Path, header: Sequence[str] = ()) -> Iterator[RawRow]:
    """Yield the rows of a file with tabs between cells; quotes are letters like others, as such files are written.

    Args:
        path: the file.
        header: names of the columns, for a file whose first line is a row; else the first line names them.

    Raises:
        DataError: the file is empty, or its header is wrong.
    """
    split, names = guess_split(path.stem), tuple(header)
    for number, text in stream_lines(path):
        cells = text.split("\t")
        if not names:
            names = _check_header(cells, path)
            continue
        yield _row(path, number, names, cells, split)
    _check_read(names, path)


def read_comma_separated(path: Path, delimiter: str = ",") -> Iterator[RawRow]:
    """Yield the rows of a CSV file; a quoted cell may hold line ends, and the row is where it begins.

    Raises:
        DataError: the file is empty, its header is wrong, or a quote is never closed (a cell may have 131,072
            characters, so that such a quote does not swallow the file).
    """
    split, number = guess_split(path.stem), 1
    names: tuple[str, ...] = ()
    lines = (f"{text}\n" for _, text in stream_lines(path))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if not names:
                names = _check_header(cells, path)
            elif cells:
                yield _row(path, number, names, cells, split)
            number = reader.line_num + 1
    except csv.Error as problem:
        raise DataError(
            f"{path}:{number}: broken CSV ({problem}); a quote inside a quoted cell is written twice, and every quote"
            " is closed"
        ) from None
    _check_read(names, path)


def read_parquet(path: Path) -> Iterator[RawRow]:
    """Yield the rows of a Parquet file, batch by batch; the number of a row counts from 1.

    Raises:
        DataError: it is no Parquet file.
        MissingExtra: pyarrow is not installed.
    """
    parquet = require("pyarrow.parquet", "data")
    number, split = 0, guess_split(path.stem)
    try:
        with open_bytes(path) as file, parquet.ParquetFile(file) as table:
            for batch in table.iter_batches(_BATCH):
                for cells in batch.to_pylist():
                    number += 1
                    yield RawRow(str(path), number, cells, split)
    except DataError:
        raise
    except (OSError, ValueError) as problem:
        raise DataError(f"{path}:{number + 1}: cannot be read as Parquet ({problem}); copy the file again") from None


def read_plain_text(path: Path) -> Iterator[RawRow]:
    """Yield the lines of a text file that are not empty, as rows without a label."""
    split = guess_split(path.stem)
    for number, text in stream_lines(path):
        if text.strip():
            yield RawRow(str(path), number, {"text": text}, split)


def read_text_folders(folder: Path) -> Iterator[RawRow]:
    """Yield each ``LABEL/file.txt`` (or ``SPLIT/LABEL/file.txt``) as a row: the folder's name is its label.

    A file is one text, however many lines it has.

    Raises:
        DataError: there is no such file, or one is not UTF-8.
    """
    found = sorted(path for path in find_files(folder, "*.txt") if path.parent != folder)
    if not found:
        raise DataError(f"{folder}: no text files in folders; expected {folder}/LABEL/file.txt")
    for path in found:
        above = path.relative_to(folder).parts[:-1]
        split = SPLIT_NAMES.get(above[0], "") if len(above) > 1 else ""
        text = "\n".join(line.text for line in stream_lines(path)).strip()
        yield RawRow(str(path), 1, {"text": text, "label": "/".join(above[1:] if split else above)}, split)


def guess_split(stem: str) -> str:
    """Say which split a file holds by its name; "" if the name does not say.

    >>> guess_split("train-00000-of-00001"), guess_split("task_1_validation"), guess_split("rows")
    ('train', 'dev', '')
    """
    words = stem.lower().replace("-", " ").replace("_", " ").replace(".", " ").split()
    return next((SPLIT_NAMES[word] for word in words if word in SPLIT_NAMES), "")


def read_header(path: Path) -> tuple[str, ...]:
    """Read the first line of a file, cut at tabs.

    Raises:
        DataError: the file is empty.
    """
    for line in stream_lines(path):
        return tuple(line.text.split("\t"))
    raise DataError(f"{path}:1: the file is empty; expected rows")


def is_same_file(one: Path, other: Path) -> bool:
    """Say whether two files hold the same bytes."""
    as_long = one.stat().st_size == other.stat().st_size or is_sealed(one) != is_sealed(other)
    return as_long and read_bytes(one) == read_bytes(other)


def find_files(folder: Path, pattern: str) -> list[Path]:
    """Return the files below a folder whose names fit a pattern, sealed or not, sorted."""
    return sorted((*folder.rglob(pattern), *folder.rglob(pattern + SUFFIX)))


def _check_header(cells: Sequence[str], path: Path) -> tuple[str, ...]:
    names = tuple(cell.strip().removeprefix(BOM) for cell in cells)
    twice = next((name for name in names if names.count(name) > 1), None)
    if "" in names or twice is not None:
        wrong = f"the column {twice!r} is there twice" if twice else "a column has no name"
        raise DataError(f"{path}:1: {wrong}; the first line must name every column once")
    return names


def _check_read(names: Sequence[str], path: Path) -> None:
    if not names:
        raise DataError(f"{path}:1: the file is empty; expected a line with the names of the columns")


def _row(path: Path, number: int, names: Sequence[str], cells: Sequence[str], split: str) -> RawRow:
    if len(cells) == len(names):
        return RawRow(str(path), number, dict(zip(names, cells, strict=True)), split)
    columns = "1 column" if len(cells) == 1 else f"{len(cells)} columns"
    error = f"{path}:{number}: {columns}, expected {len(names)} ({', '.join(names)}); mend or delete the line"
    return RawRow(str(path), number, {}, split, error)
