"""Mother tongues of Pakistan, so that who is left out of a data set is a number."""

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


def _read_row(line: str, place: str) -> MotherTongue:
    try:
        tag, name, speakers, share, _, _ = line.split("\t")
        return MotherTongue(tag, name, int(speakers), float(share))
    except ValueError:
        raise TableError(f"{place}: cannot read {line!r}; expected {len(COLUMNS)} columns, numbers as digits") from None
