"""Mother tongues of Pakistan, so that who is left out of a data set is a number."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from boli.datasets.textfiles import decode
from boli.errors import TableError

COLUMNS = ("tag", "name", "speakers", "share_percent", "source", "note")


class MotherTongue(NamedTuple):
    """One language of the census; `tag` is a language subtag, "" where the census groups several."""

    tag: str
    name: str
    speakers: int
    share_percent: float


class Gap(NamedTuple):
    """A mother tongue's share of a data set beside its share of Pakistan, in percent, and the difference in points."""

    tag: str
    name: str
    rows: int
    rows_percent: float
    people_percent: float
    points: float


@cache
def read_census() -> tuple[MotherTongue, ...]:
    """Read the mother tongues of the 2023 census, most spoken first.

    Raises:
        TableError: the table has other columns or a number that is none.

    Source: Pakistan Bureau of Statistics, ``data/common/census_2023.tsv``.

    >>> read_census()[0]
    MotherTongue(tag='pa', name='Punjabi', speakers=88915544, share_percent=36.98)
    """
    path = Path(str(files("boli") / "data" / "common" / "census_2023.tsv"))
    header, *lines = decode(path.read_bytes(), path).splitlines()
    if tuple(header.split("\t")) != COLUMNS:
        raise TableError(f"{path.name}:1: expected the columns {', '.join(COLUMNS)}, got {header!r}")
    return tuple(_read_row(line, f"{path.name}:{number}") for number, line in enumerate(lines, start=2))


def compare_with_census(rows: Mapping[str, int]) -> tuple[Gap, ...]:
    """Set the rows of each language beside the share of Pakistan whose mother tongue it is.

    Shares of rows are of all rows, those in languages that are no mother tongue of the census included.

    Args:
        rows: language subtag -> number of rows.

    >>> [gap.points for gap in compare_with_census({"ur": 3, "pa": 1}) if gap.tag in ("pa", "ur")]
    [-12.0, 65.7]
    """
    people, total = sum(tongue.speakers for tongue in read_census()), sum(rows.values())
    gaps = []
    for tongue in read_census():
        count = rows.get(tongue.tag, 0) if tongue.tag else 0
        share, mother = 100 * count / max(total, 1), 100 * tongue.speakers / people
        gaps.append(Gap(tongue.tag, tongue.name, count, round(share, 2), round(mother, 2), round(share - mother, 1)))
    return tuple(gaps)


def _read_row(line: str, place: str) -> MotherTongue:
    try:
        tag, name, speakers, share, _, _ = line.split("\t")
        return MotherTongue(tag, name, int(speakers), float(share))
    except ValueError:
        raise TableError(f"{place}: cannot read {line!r}; expected {len(COLUMNS)} columns, numbers as digits") from None
