"""What boli can do in which language: a table made from the profiles, the cases and the readers who signed.

Support is earned cell by cell: a language being in the list is not support. The words of a cell:

- ``none``: there are not enough cases, whether or not a function exists;
- ``draft``: cases pass, but no native reader has looked at them;
- ``checked``: a native reader has read them and signed.
"""

import csv
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from boli.errors import DataError
from boli.languages import LANGUAGES, SCRIPT_NAMES, Tag, load_language

TASKS = ("normalize", "segment", "identify", "transliterate", "redact")
"""What cases can be about, in the order of the columns."""

MINIMUM = 10
"""A cell needs this many cases that change the text and as many that must not."""

MARKS = ("<!-- support table: begin -->", "<!-- support table: end -->")
"""The lines of a page between which the table stands."""

SIGNED = ("tag", "task", "reader", "date", "revision")
"""Columns of ``tests/cases/readers.tsv``: who read which cases, when, at which commit."""

_COLUMN = {"split_sentences": "segment", "split_words": "segment"}
"""A task of the cases -> its column, where they are not the same word."""

_SCRIPTS = {"roman": "Latn", "gurmukhi": "Guru"}


class Cell(NamedTuple):
    """A tag and a task."""

    tag: str
    task: str


class Count(NamedTuple):
    """How many cases must change the text, must leave it alone, or are known to fail."""

    change: int = 0
    same: int = 0
    failing: int = 0


def judge(count: Count, *, signed: bool) -> str:
    """Return the word of a cell.

    >>> judge(Count(40, 35), signed=False), judge(Count(40, 35), signed=True), judge(Count(40, 2), signed=True)
    ('draft', 'checked', 'none')
    """
    if min(count.change, count.same) < MINIMUM:
        return "none"
    return "checked" if signed else "draft"


def make_table(counts: Mapping[Cell, Count], signed: Collection[Cell] = ()) -> str:
    """Return the support table in Markdown: a row for each language and script, a column for each task.

    >>> print(make_table({Cell("ur-Latn", "normalize"): Count(40, 35)}).splitlines()[-1])
    | Urdu | Roman | `ur-Latn` | draft | none | none | none | none |
    """
    head = ["language", "script", "tag", *TASKS]
    rows = [head, ["---"] * len(head), *(_row(tag, counts, signed) for tag in _tags())]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def put_table(page: str, table: str) -> str:
    """Return the page with the table between its marks.

    Raises:
        DataError: the page has no marks.

    >>> put_table(f"a\\n{MARKS[0]}\\nold\\n{MARKS[1]}\\nb\\n", "new\\n").split("\\n")[2]
    'new'
    """
    if not all(mark in page for mark in MARKS):
        raise DataError(f"the page has no place for the table; put {MARKS[0]} and {MARKS[1]} on lines of their own")
    before, rest = page.split(MARKS[0], 1)
    return f"{before}{MARKS[0]}\n{table}{MARKS[1]}{rest.split(MARKS[1], 1)[1]}"


def count_cases(folder: Path) -> dict[Cell, Count]:
    """Count the cases of a folder like ``tests/cases``, by tag and task.

    Raises:
        DataError: a case has no task or expectation that is known; the message names file and line.
    """
    found: Counter[tuple[Cell, str]] = Counter()
    for path in sorted(folder.glob("*/*.tsv")):
        script = _SCRIPTS.get(path.stem.partition("-")[0], "Arab")
        for number, row in enumerate(_read(path), start=2):
            task = _COLUMN.get(row["task"], row["task"])
            if task not in TASKS or row["expect"] not in ("pass", "same", "known-fail"):
                raise DataError(
                    f"{path}:{number}: task {row['task']!r}, expect {row['expect']!r}; see boli.support.TASKS"
                )
            found[Cell(f"{path.parent.name}-{script}", task), row["expect"]] += 1
    cells = {cell for cell, _ in found}
    return {cell: Count(*(found[cell, word] for word in ("pass", "same", "known-fail"))) for cell in cells}


def read_readers(path: Path) -> set[Cell]:
    """Return the cells that a native reader has signed.

    Raises:
        DataError: a row is not complete; the message names file and line.
    """
    rows = list(_read(path))
    for number, row in enumerate(rows, start=2):
        if not all(row.get(column) for column in SIGNED):
            raise DataError(f"{path}:{number}: {' '.join(map(str, row.values()))!r}; fill in {', '.join(SIGNED)}")
    return {Cell(row["tag"], row["task"]) for row in rows}


def _row(tag: Tag, counts: Mapping[Cell, Count], signed: Collection[Cell]) -> list[str]:
    cells = [Cell(tag, task) for task in TASKS]
    words = [judge(counts.get(cell, Count()), signed=cell in signed) for cell in cells]
    return [load_language(tag).name, SCRIPT_NAMES[tag.script], f"`{tag}`", *words]


def _tags() -> list[Tag]:
    return [Tag(f"{language}-{script}") for language in LANGUAGES for script in load_language(language).scripts]


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
