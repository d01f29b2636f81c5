"""One form for every figure: what, how much, beside what, on which data, with which rules, where and when."""

import csv
import datetime
import hashlib
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import boli

COLUMNS = ["benchmark", "figure", "value", "unit", "beside", "data", "version", "machine", "date"]


@dataclass(frozen=True)
class Figure:
    """One measured number, with the number beside it in words."""

    name: str
    value: float
    unit: str
    beside: str


def write(path: Path, benchmark: str, figures: list[Figure], *, data: Iterable[str], key: str) -> None:
    """Replace the rows of (benchmark, key) in a results file and print them; `key` begins the figures' names."""
    digest = hashlib.sha256("\n".join(data).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    fixed = [f"sha256 {digest}", boli.__version__, machine(), datetime.date.today().isoformat()]
    rows = [
        [benchmark, f.name, f"{f.value:.3g}" if f.value < 1000 else f"{f.value:.0f}", f.unit, f.beside, *fixed]
        for f in figures
    ]
    kept = []
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            kept = [
                row
                for row in csv.reader(file, delimiter="\t")
                if row and row[0] != "benchmark" and not row[1].startswith(key)
            ]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerows([COLUMNS, *sorted(kept + rows)])
    for row in rows:
        print("\t".join(row[1:5]))


def machine() -> str:
    """The processor and interpreter; no name of the machine."""
    return f"{platform.machine()}, CPython {platform.python_version()}"
