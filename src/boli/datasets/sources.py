"""One loader for every source of rows: files, folders, published sets, and data sets of the Hugging Face hub."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from boli.datasets.corpora import CORPORA, guess_corpus
from boli.datasets.folders import Dataset, load_dataset, shipped_names
from boli.datasets.hub import is_hub_id, is_saved_folder, read_hub
from boli.datasets.keys import make_keys
from boli.datasets.readers import (
    find_files,
    read_comma_separated,
    read_json_lines,
    read_parquet,
    read_plain_text,
    read_tab_separated,
    read_text_folders,
)
from boli.datasets.records import Place
from boli.datasets.repeats import say_conflicts
from boli.datasets.rows import ALL, Row, Rows, rows_of, sign_records
from boli.datasets.schemas import IDENTIFY, Problem, RawRow, Schema, check_schema, make_record
from boli.datasets.sealing import find_file, is_sealed, plain_path
from boli.errors import ConfigError, DataError, suggest

FILE_FORMS = {
    ".jsonl": read_json_lines,
    ".json": read_json_lines,
    ".csv": read_comma_separated,
    ".tsv": read_tab_separated,
    ".parquet": read_parquet,
    ".txt": read_plain_text,
}
"""Ending of a file's name -> its reader."""

FORMS = ("jsonl", "csv", "tsv", "parquet", "txt", "folders", "hub", *CORPORA)
"""Names of the forms that `form` takes."""

_AT_ONCE = 512


def load_rows(
    source: str | Path,
    *,
    form: str = "",
    schema: Schema | None = None,
    skip_bad: bool = False,
    most: int | None = None,
    download: bool = False,
) -> Rows:
    """Read all rows of a source, whatever its form.

    Messages that are there under two labels are named among the problems, as warnings.

    Args:
        source: a file (JSON lines, CSV, TSV, Parquet, plain text), a folder (of a data set, of text files in folders
            named after labels, of a published set), the name of a shipped set, or ``owner/name`` of the hub.
        form: one of `FORMS`; none: by the name of the file and its first line.
        schema: what the columns mean; none: they are named as in a JSON line of boli's.
        skip_bad: leave out rows that are wrong and list them among the problems, instead of raising at the first.
        most: of more rows than this, draw so many, the same ones each time; for files larger than memory.
        download: fetch a set of the hub that is not on this computer.

    Raises:
        ConfigError: no such form or field.
        DataError: the source cannot be read, or a row is wrong; the message starts with file:line.
        MissingExtra: the form needs a package that is not installed.

    >>> rows = load_rows("wallet-intents")
    >>> rows.name, rows.splits, len(rows.records) == len(rows.places)
    ('wallet-intents', ('train', 'dev', 'test'), True)
    """
    dataset = _find_dataset(source, form)
    if dataset is not None and most is None:
        return rows_of(dataset)
    problems: list[Problem] = []
    rejected = problems if skip_bad else None
    stream = stream_rows(source, form=form, schema=schema, problems=rejected, warnings=problems, download=download)
    found, total = _draw(stream, most)
    if total > len(found):
        problems.append(Problem(f"{source}: {len(found):,} rows were drawn from {total:,}", is_error=False))
    if not found:
        raise DataError(f"{source}: no row could be read" + (f"; the first problem: {problems[0]}" if problems else ""))
    records, places = tuple(row.record for row in found), tuple(row.place for row in found)
    sealed = any(is_sealed(Path(file)) for file in {place.file for place in places})
    rows = Rows(plain_path(Path(source)).name, records, places, sha256=sign_records(records), is_sealed=sealed)
    return replace(rows, problems=(*problems, *say_conflicts(rows, make_keys(records))))


def stream_rows(
    source: str | Path,
    *,
    form: str = "",
    schema: Schema | None = None,
    problems: list[Problem] | None = None,
    warnings: list[Problem] | None = None,
    download: bool = False,
) -> Iterator[Row]:
    """Yield the rows of a source one by one, in the memory of a few: for files larger than memory.

    Args:
        source: as `load_rows`.
        form: as `load_rows`.
        schema: as `load_rows`.
        problems: a list that takes what is wrong with rows, which are then left out; None: the first one is raised.
        warnings: a list that takes what is suspect; None: `problems`.
        download: as `load_rows`.

    Raises:
        ConfigError: no such form or field.
        DataError: as `load_rows`.
    """
    schema = check_schema(schema or Schema())
    noted = warnings if warnings is not None else problems if problems is not None else []
    raw, schema = _open(source, form, schema, download)
    rows = _make_rows(raw, schema, problems, noted)
    yield from _identified(rows) if schema.tag == IDENTIFY else rows


def _draw(rows: Iterable[Row], most: int | None) -> tuple[list[Row], int]:
    """Keep `most` of the rows in their order, each with the same chance, and count all (Vitter 1985, algorithm R)."""
    dice, kept, number = random.Random(0), list[tuple[int, Row]](), 0
    for number, row in enumerate(rows, start=1):
        if most is None or len(kept) < most:
            kept.append((number, row))
        elif (at := dice.randrange(number)) < most:
            kept[at] = number, row
    return [row for _, row in sorted(kept, key=lambda item: item[0])], number


def _find_dataset(source: str | Path, form: str) -> Dataset | None:
    if form:
        return None
    folder = Path(source)
    is_whole = folder.is_dir() and (folder / "README.md").is_file() and find_file(folder / "train.jsonl").is_file()
    return load_dataset(source) if source in shipped_names() or is_whole else None


def _open(source: str | Path, form: str, schema: Schema, download: bool) -> tuple[Iterator[RawRow], Schema]:
    if form and form not in FORMS:
        raise ConfigError(f"no form {form!r}; choose from: {', '.join(FORMS)}{suggest(form, FORMS)}")
    path = Path(source) if form == "hub" else find_file(Path(source))
    form = form or _guess_form(source, path)
    if form in CORPORA:
        corpus = CORPORA[form]
        return corpus.read(path), _merge(corpus.schema, schema)
    if form == "hub":
        return read_hub(path if path.is_dir() else str(source), download=download), schema
    if form == "folders":
        return read_text_folders(path), schema
    return _read_files(path, form), replace(schema, label="") if form == "txt" and schema.label is None else schema


def _guess_form(source: str | Path, path: Path) -> str:
    if isinstance(source, str) and is_hub_id(source):
        return "hub"
    if not path.exists():
        raise _missing(str(source))
    if path.is_dir() and is_saved_folder(path):
        return "hub"
    corpus = guess_corpus(path)
    if corpus:
        return corpus
    if path.is_dir():
        return _guess_folder(path)
    ending = _ending(path)
    if ending in FILE_FORMS:
        return ending[1:]
    endings = ", ".join(FILE_FORMS)
    raise DataError(f"{path}: no form is known by the ending {ending!r}; known: {endings}; or name the form")


def _ending(path: Path) -> str:
    return plain_path(path).suffix.lower()


def _missing(source: str) -> DataError:
    if Path(source).suffix or "/" in source:
        return DataError(f"{source}: no such file or folder; check the path")
    shipped = shipped_names()
    return DataError(
        f"no data set {source!r}; shipped: {', '.join(shipped)}{suggest(source, shipped)}; or give a file, a folder,"
        " or owner/name of the hub"
    )


def _guess_folder(folder: Path) -> str:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    kinds = {_ending(path) for path in files} & {*FILE_FORMS, ".arrow"}
    if kinds == {".txt"}:
        return "folders"
    if kinds == {".parquet"} and any(is_sealed(path) for path in files):
        return "parquet"
    if ".arrow" in kinds or ".parquet" in kinds:
        return "hub"
    if len(kinds - {".txt"}) == 1:
        return (kinds - {".txt"}).pop()[1:]
    raise DataError(
        f"{folder}: {'files of several forms' if kinds else 'no files of a known form'}"
        f" ({', '.join(sorted(kinds)) or 'expected ' + ', '.join(FILE_FORMS)}); give one file, or name the form"
    )


def _read_files(path: Path, form: str) -> Iterator[RawRow]:
    read = FILE_FORMS[f".{form}"]
    files = find_files(path, f"*.{form}") if path.is_dir() else [path]
    if not files:
        raise DataError(f"{path}: no *.{form} files there; check the path")
    for file in files:
        yield from read(file)


def _merge(known: Schema, given: Schema) -> Schema:
    """What the user says wins over what is known of a published set."""
    return Schema(
        {**known.columns, **given.columns},
        given.tag or known.tag,
        known.label if given.label is None else given.label,
        given.labels or known.labels,
        given.names or known.names,
    )


def _make_rows(
    raw: Iterable[RawRow], schema: Schema, problems: list[Problem] | None, warnings: list[Problem]
) -> Iterator[Row]:
    for row in raw:
        if row.note:
            warnings.append(Problem(row.note, is_error=False))
            continue
        try:
            record = make_record(row, schema)
        except DataError as problem:
            if problems is None:
                raise
            problems.append(Problem(str(problem), is_error=True))
            continue
        yield Row(record, Place(row.split or ALL, row.number, row.file))


def _identified(rows: Iterator[Row]) -> Iterator[Row]:
    from boli.identification import identify_batch

    for some in _in_batches(rows):
        guesses = identify_batch([row.record.text for row in some])
        for (record, place), guess in zip(some, guesses, strict=True):
            yield Row(record if record.tag != "und" else replace(record, tag=guess.tag), place)


def _in_batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    held: list[Row] = []
    for row in rows:
        held.append(row)
        if len(held) == _AT_ONCE:
            yield held
            held = []
    yield held
