"""Every row of ``tests/cases`` is a test: what a reader of the language expects, character by character."""

import csv
import re
from pathlib import Path

import pytest

from boli.normalization import Normalizer
from boli.normalization.tables import names_of

CASES = Path(__file__).parent / "cases"
COLUMNS = ["id", "task", "level", "input", "expected", "expect", "source", "note"]


def read_cases(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert rows, f"{path} has no cases"
    assert list(rows[0]) == COLUMNS, f"{path}: columns are {list(rows[0])}"
    return [row | {key: unescape(row[key] or "") for key in ("input", "expected")} for row in rows]


def unescape(text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)


def tag_of(path: Path) -> str:
    return f"{path.parent.name}-{'Latn' if path.stem.startswith('roman') else 'Arab'}"


def parameters(task: str):
    for path in sorted(CASES.glob("*/*.tsv")):
        for row in read_cases(path):
            if row["task"] != task:
                continue
            marks = [pytest.mark.xfail(strict=True)] if row["expect"] == "known-fail" else []
            yield pytest.param(tag_of(path), row, id=f"{path.parent.name}/{path.stem}/{row['id']}", marks=marks)


def options_of(level: str) -> tuple[str, dict[str, str]]:
    name, *pairs = level.split()
    return name, dict(pair.split("=") for pair in pairs)


def show(text: str) -> str:
    return f"{text!r} [{names_of(text)}]"


@pytest.mark.parametrize(("tag", "row"), list(parameters("normalize")))
def test_normalizing_gives_the_expected_text(tag, row):
    level, options = options_of(row["level"])
    expected = row["input"] if row["expect"] == "same" else row["expected"]
    got = Normalizer(tag, level=level, **options)(row["input"])
    told = f"\n   got {show(got)}\nwanted {show(expected)}\n  from {show(row['input'])}\n  {row['source']}"
    assert got == expected, told


def test_case_ids_are_unique_and_expectations_known():
    for path in sorted(CASES.glob("*/*.tsv")):
        rows = read_cases(path)
        ids = [row["id"] for row in rows]
        assert len(ids) == len(set(ids)), f"{path}: {[i for i in ids if ids.count(i) > 1]}"
        assert {row["expect"] for row in rows} <= {"pass", "same", "known-fail"}, path
        assert all(row["source"] for row in rows), path
        wrong = [row["id"] for row in rows if row["expect"] == "pass" and row["input"] == row["expected"]]
        assert not wrong, f"{path}: must-change cases that do not change: {wrong}"
