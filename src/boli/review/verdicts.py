"""Read what a speaker sends back: the JSON or CSV that a page saved, or a CSV that somebody filled in."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from boli.datasets.textfiles import decode, read_bytes
from boli.errors import DataError
from boli.review.pages import COLUMNS, VERDICTS

ANONYMOUS = "anonymous"
"""The name of a reader who gives none."""

_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


class Verdict(NamedTuple):
    """One verdict on one row; `place` is file:line."""

    place: str
    id: str
    hash: str
    verdict: str
    better: str
    note: str
    reader: str
    dialect: str
    date: str


def read_verdicts(path: Path) -> list[Verdict]:
    """Read a file of verdicts; rows without a verdict are left out.

    Raises:
        DataError: the file has another form, or a verdict is not complete or there twice; it starts with file:line.
    """
    text = decode(read_bytes(path), path)
    rows = _from_json(text, path) if text.lstrip().startswith("[") else _from_csv(text, path)
    found: dict[str, Verdict] = {}
    for place, row in rows:
        if not row["verdict"]:
            continue
        verdict = _check(place, row)
        if verdict.id in found:
            raise DataError(f"{place}: {verdict.id} has a verdict at {found[verdict.id].place} already; keep one")
        found[verdict.id] = verdict
    if not found:
        raise DataError(f"{path}: no verdicts there; fill in the column verdict: {', '.join(VERDICTS)}")
    return list(found.values())


def _check(place: str, row: dict[str, str]) -> Verdict:
    if row["verdict"] not in VERDICTS:
        raise DataError(f"{place}: no verdict {row['verdict']!r}; choose from: {', '.join(VERDICTS)}")
    if row["verdict"] == "better" and not row["better"]:
        raise DataError(f"{place}: 'better' without a better text; write it, or choose wrong")
    if not _DATE.fullmatch(row["date"]):
        raise DataError(f"{place}: no date {row['date']!r}; write for example 2026-03-31")
    if not row["id"] or not row["hash"]:
        raise DataError(f"{place}: a verdict without id and hash; keep these two columns as they were")
    better = row["better"] if row["verdict"] == "better" else ""
    name = row["name"] or ANONYMOUS
    return Verdict(
        place, row["id"], row["hash"], row["verdict"], better, row["note"], name, row["dialect"], row["date"]
    )


def _from_json(text: str, path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the objects of a list with their lines; the first one says who read."""
    decoder, at, about = json.JSONDecoder(), text.index("[") + 1, dict[str, str]()
    while True:
        at = re.compile(r"[\s,]*").match(text, at).end()  # type: ignore[union-attr]
        place = f"{path}:{text.count(chr(10), 0, at) + 1}"
        if text[at : at + 1] == "]":
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as problem:
            raise DataError(f"{place}: broken JSON ({problem.msg}); save the page again") from None
        if not isinstance(value, dict):
            raise DataError(f"{place}: expected an object, got {type(value).__name__}; save the page again")
        row = {str(name): _one_line(str(text_)) for name, text_ in value.items()}
        if not about:
            about = _head(row, place)
            continue
        yield place, {name: row.get(name, about.get(name, "")) for name in COLUMNS}


def _head(row: dict[str, str], place: str) -> dict[str, str]:
    if row.get("boli_review") != "1":
        raise DataError(f"{place}: not a file that a page of `boli review` saved; the first object has boli_review: 1")
    return row


def _from_csv(text: str, path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    reader = csv.DictReader(text.splitlines(keepends=True))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise DataError(f"{path}:1: no column {missing[0]!r}; a CSV of verdicts has: {', '.join(COLUMNS)}")
    number = 2
    for row in reader:
        yield f"{path}:{number}", {name: _one_line(row[name] or "") for name in COLUMNS}
        number = reader.line_num + 1


def _one_line(text: str) -> str:
    return " ".join(text.split())
