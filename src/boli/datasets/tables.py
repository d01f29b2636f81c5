"""Tables of the audit: who and what is looked for in the words of a data set. A row is a linguist's to change."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from boli.datasets.textfiles import read_lines
from boli.errors import TableError

FOLDER = "audit"

_COLUMNS = {
    "gender_words": ("language", "gender", "kind", "arabic", "roman", "source", "status"),
    "gender_verbs": ("tag", "gender", "pattern", "example", "source", "status"),
    "places": ("province", "name", "arabic", "roman", "source", "note"),
    "provinces": ("province", "people", "source"),
    "communities": ("community", "kind", "gender", "arabic", "roman", "source", "status"),
    "variants": ("tag", "from", "to", "source"),
    "spelling": ("tag", "group", "style", "pattern", "source"),
}


class GenderWord(NamedTuple):
    """A name, a word of kinship or a word for a person that is marked for gender; language "" means any."""

    language: str
    gender: str
    kind: str
    arabic: tuple[str, ...]
    roman: tuple[str, ...]


class GenderVerb(NamedTuple):
    """A pattern of verbs whose form tells whether a woman or a man speaks, in text at level `search`."""

    tag: str
    gender: str
    pattern: str
    example: str


class PlaceName(NamedTuple):
    """A city or district; without Roman spellings where those are common words."""

    province: str
    name: str
    arabic: tuple[str, ...]
    roman: tuple[str, ...]


class CommunityName(NamedTuple):
    """A name that many people of a community bear: `kind` is given or family, `gender` is "" for family names.

    A name tells nobody's community for sure; the list is for swapping names, never for sorting people.
    """

    community: str
    kind: str
    gender: str
    arabic: tuple[str, ...]
    roman: tuple[str, ...]


class Variant(NamedTuple):
    """Letters of a Roman spelling and others that the same word is spelled with; `tag` may be ``*-Latn``."""

    tag: str
    before: str
    after: str


class Province(NamedTuple):
    """A province and the people counted there in 2023; 0 where the census published none."""

    name: str
    people: int


class Style(NamedTuple):
    """A way of spelling, as a pattern in text as it was written; `tag` may be ``*-Arab``, ``*-Latn`` or ``*``."""

    tag: str
    group: str
    name: str
    pattern: str


@cache
def read_gender_words() -> tuple[GenderWord, ...]:
    """Read names and words marked for gender.

    >>> next(word.gender for word in read_gender_words() if "fatima" in word.roman)
    'f'
    """
    rows = _read("gender_words")
    return tuple(GenderWord(row[0], row[1], row[2], _parts(row[3]), _parts(row[4])) for row in rows)


@cache
def read_gender_verbs() -> tuple[GenderVerb, ...]:
    """Read patterns of verbs of the first person.

    >>> {verb.gender for verb in read_gender_verbs()} == {"f", "m"}
    True
    """
    return tuple(GenderVerb(*row[:4]) for row in _read("gender_verbs"))


@cache
def read_places() -> tuple[PlaceName, ...]:
    """Read cities and districts.

    >>> next(place.province for place in read_places() if place.name == "Turbat")
    'Balochistan'
    """
    return tuple(PlaceName(row[0], row[1], _parts(row[2]), _parts(row[3])) for row in _read("places"))


@cache
def read_provinces() -> tuple[Province, ...]:
    """Read the people of each province.

    >>> read_provinces()[0]
    Province(name='Punjab', people=127688922)
    """
    return tuple(Province(row[0], int(row[1])) for row in _read("provinces"))


@cache
def read_communities() -> tuple[CommunityName, ...]:
    """Read names of communities.

    >>> sorted({name.kind for name in read_communities()})
    ['family', 'given']
    """
    return tuple(CommunityName(row[0], row[1], row[2], _parts(row[3]), _parts(row[4])) for row in _read("communities"))


@cache
def read_variants() -> tuple[Variant, ...]:
    """Read letters of Roman spellings that stand for each other.

    >>> read_variants()[0]
    Variant(tag='*-Latn', before='aa', after='a')
    """
    return tuple(Variant(*row[:3]) for row in _read("variants"))


@cache
def read_styles() -> tuple[Style, ...]:
    """Read ways of spelling.

    >>> {style.group for style in read_styles() if style.tag == "ps-Arab"} == {"gaf", "final y"}
    True
    """
    return tuple(Style(*row[:4]) for row in _read("spelling"))


def _read(name: str) -> list[list[str]]:
    path = Path(str(files("boli") / "data" / FOLDER / f"{name}.tsv"))
    header, *lines = read_lines(path)
    columns = _COLUMNS[name]
    if tuple(header.split("\t")) != columns:
        raise TableError(f"{FOLDER}/{path.name}:1: expected the columns {', '.join(columns)}, got {header!r}")
    rows = [line.split("\t") for line in lines]
    wrong = next((number for number, row in enumerate(rows, start=2) if len(row) != len(columns)), None)
    if wrong is not None:
        raise TableError(f"{FOLDER}/{path.name}:{wrong}: expected {len(columns)} columns, got {len(rows[wrong - 2])}")
    return rows


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)
