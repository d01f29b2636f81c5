"""What boli can do in which language: a table made from the profiles, the cases and the readers who signed.

Support is earned cell by cell: a language being in the list is not support. The words of a cell:

- ``none``: there are not enough cases, whether or not a function exists;
- ``draft``: cases pass, but no native reader has looked at them;
- ``checked``: a native reader has read them and signed, or judged enough of them right on a page of `boli review`.
"""

import csv
import hashlib
import re
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

REVIEWS = "reviews.tsv"
"""Beside tables, cases and data sets: what readers said about single rows."""

REVIEWED = ("id", "hash", "verdict", "better", "note", "reader", "dialect", "date")
"""Columns of ``reviews.tsv``; `hash` says which state of the row was judged."""

_SIGNED_PARTS = ("task", "level", "input", "expected", "expect")

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
    found = Counter((case.cell, case.row["expect"]) for case in read_cases(folder))
    cells = {cell for cell, _ in found}
    return {cell: Count(*(found[cell, word] for word in ("pass", "same", "known-fail"))) for cell in cells}


class Case(NamedTuple):
    """A case: where it stands, the cell it is for, its columns. `id` is ``ur/standard.tsv:kaf``."""

    id: str
    place: str
    cell: Cell
    row: dict[str, str]

    @property
    def hash(self) -> str:
        """What is judged when the case is judged, as a short hash."""
        return sign_text("\t".join(self.row[name] for name in _SIGNED_PARTS))


def sign_text(text: str) -> str:
    """Return a short hash: a verdict holds for the text it was given on.

    >>> sign_text("salam")
    '0582bd2c13ff'
    """
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]


def read_cases(folder: Path) -> list[Case]:
    """Read the cases of a folder like ``tests/cases``.

    Raises:
        DataError: a case has no task or expectation that is known; the message names file and line.
    """
    found: list[Case] = []
    for path in sorted(folder.glob("*/*.tsv")):
        tag = f"{path.parent.name}-{_SCRIPTS.get(re.split('[-_]', path.stem)[0], 'Arab')}"
        for number, row in enumerate(_read(path), start=2):
            task = _COLUMN.get(row["task"], row["task"])
            if task not in TASKS or row["expect"] not in ("pass", "same", "known-fail"):
                raise DataError(
                    f"{path}:{number}: task {row['task']!r}, expect {row['expect']!r}; see boli.support.TASKS"
                )
            name = f"{path.parent.name}/{path.name}:{row['id']}"
            found.append(Case(name, f"{path}:{number}", Cell(tag, task), row))
    return found


def read_signed(folder: Path) -> dict[Cell, str]:
    """Return the cells that are checked and by whom: signed in ``readers.tsv``, or judged right in ``reviews.tsv``.

    A cell is judged right when readers found enough of its cases right and no case of it, as it stands, wrong.

    Raises:
        DataError: a row is not complete; the message names file and line.
    """
    signed, cases = read_readers(folder / "readers.tsv"), read_cases(folder)
    verdicts = _latest(folder / REVIEWS, {case.id: case.hash for case in cases})
    for cell in {case.cell for case in cases} - set(signed):
        judged = [(case, verdicts[case.id]) for case in cases if case.cell == cell and case.id in verdicts]
        right = Counter(case.row["expect"] for case, by in judged if set(by.values()) == {"right"})
        if min(right["pass"], right["same"]) >= MINIMUM and all(set(by.values()) == {"right"} for _, by in judged):
            signed[cell] = ", ".join(sorted({reader for _, by in judged for reader in by}))
    return signed


def read_reviews(path: Path) -> list[dict[str, str]]:
    """Read a file of verdicts; none where there is no file.

    Raises:
        DataError: a row is not complete; the message names file and line.
    """
    rows = list(_read(path)) if path.is_file() else []
    for number, row in enumerate(rows, start=2):
        if not all(row.get(name) for name in ("id", "hash", "verdict", "reader", "date")):
            raise DataError(f"{path}:{number}: {' '.join(map(str, row.values()))!r}; fill in {', '.join(REVIEWED)}")
    return rows


def _latest(path: Path, hashes: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return id -> reader -> the last verdict, of rows that are today what they were when they were judged."""
    found: dict[str, dict[str, str]] = {}
    for row in read_reviews(path):
        if hashes.get(row["id"]) == row["hash"]:
            found.setdefault(row["id"], {})[row["reader"]] = row["verdict"]
    return found


def read_readers(path: Path) -> dict[Cell, str]:
    """Return the cells that a native reader has signed, and who did.

    Raises:
        DataError: a row is not complete; the message names file and line.
    """
    rows = list(_read(path)) if path.is_file() else []
    for number, row in enumerate(rows, start=2):
        if not all(row.get(column) for column in SIGNED):
            raise DataError(f"{path}:{number}: {' '.join(map(str, row.values()))!r}; fill in {', '.join(SIGNED)}")
    return {Cell(row["tag"], row["task"]): row["reader"] for row in rows}


def _row(tag: Tag, counts: Mapping[Cell, Count], signed: Collection[Cell]) -> list[str]:
    cells = [Cell(tag, task) for task in TASKS]
    words = [_word(cell, counts, signed) for cell in cells]
    return [load_language(tag).name, SCRIPT_NAMES[tag.script], f"`{tag}`", *words]


def _word(cell: Cell, counts: Mapping[Cell, Count], signed: Collection[Cell]) -> str:
    word = judge(counts.get(cell, Count()), signed=cell in signed)
    reader = signed.get(cell, "") if isinstance(signed, Mapping) else ""
    return f"{word} by {_plain(reader)}" if word == "checked" and reader else word


def _plain(name: str) -> str:
    """A name that cannot break a table or become markup."""
    return " ".join(re.sub(r"[|<>&`\[\]*_\\]", " ", name).split())


def _tags() -> list[Tag]:
    return [Tag(f"{language}-{script}") for language in LANGUAGES for script in load_language(language).scripts]


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
