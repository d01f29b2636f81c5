"""Rule tables: what a linguist writes, read and checked.

A table is a TSV file with the columns ``id, from_names, from, to_names, to, where, source, note``. Unicode names and
glyphs must agree; a text with an invisible character in it is written by names alone. ``where`` says where a row holds:

    any        everywhere
    initial, medial, final, isolated, nonfinal (= initial or medial)
               the letter's position in its word, counted in Arabic-script letters; marks and the kashida are skipped
    hamza      before U+0654, with no other mark than vowel signs between
    loose      a joiner that does not stand between a joining letter and a letter
    beside     a joiner next to an Arabic-script letter or mark
    run, run3  two (three) or more of the same in a row, replaced together
    edge       at the start or the end of a line
    word       a whole word
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from boli.errors import TableError, suggest

COLUMNS = ("id", "from_names", "from", "to_names", "to", "where", "source", "note")
LEVELS = ("encoding", "visual", "standard", "search")
POSITIONS = ("isolated", "initial", "medial", "final")
WHERE: dict[str, tuple[str, ...]] = {
    "any": POSITIONS,
    "nonfinal": ("initial", "medial"),
    **{position: (position,) for position in POSITIONS},
}
"""A letter place -> the positions it covers."""

OTHER_WHERE = ("hamza", "loose", "beside", "run", "run3", "edge", "word")


@dataclass(frozen=True, slots=True)
class Row:
    """One rule: `source` becomes `target` at the place `where`."""

    id: str
    source: str
    target: str
    where: str
    authority: str
    note: str


def read_table(path: Traversable, name: str) -> list[Row]:
    """Read and check one table.

    Args:
        path: the file; a table that does not exist has no rows.
        name: how errors name the file.

    Raises:
        TableError: a row is malformed, names and glyphs disagree, the place is unknown, or the source is missing.
    """
    if not path.is_file():
        return []
    text = path.read_text("utf-8")
    _refuse_byte_order_mark(text, name)
    lines = text.split("\n")
    if tuple(lines[0].split("\t")) != COLUMNS:
        raise TableError(f"{name}:1: columns are {lines[0].split(chr(9))}; expected {', '.join(COLUMNS)}")
    numbered = [(number, line) for number, line in enumerate(lines[1:], 2) if line]
    rows = [_read_row(line, f"{name}:{number}") for number, line in numbered]
    _check_unique(rows, [f"{name}:{number}" for number, _ in numbered])
    return rows


def format_table(text: str, name: str) -> str:
    """Fill in names or glyphs where one of the two is missing, and put the columns in their order.

    A byte order mark, as some editors write one, is left out; carriage returns at the ends of lines too.

    Raises:
        TableError: a column is unknown, or a row has more or fewer cells than there are columns.

    >>> print(format_table("id\\tfrom\\tto\\twhere\\tsource\\nkaf\\tك\\tک\\tany\\tCLDR", "x.tsv").split("\\n")[1])
    kaf	ARABIC LETTER KAF	ك	ARABIC LETTER KEHEH	ک	any	CLDR
    """
    head, *body = text.removeprefix(_BYTE_ORDER_MARK).replace("\r\n", "\n").rstrip("\n").split("\n")
    given = head.split("\t")
    unknown = [column for column in given if column not in COLUMNS]
    if unknown:
        raise TableError(f"{name}:1: no column {unknown[0]!r}; choose from: {', '.join(COLUMNS)}")
    rows = [_cells(given, line, f"{name}:{number}") for number, line in enumerate(body, 2) if line]
    return "\n".join(["\t".join(COLUMNS), *("\t".join(_fill(row)) for row in rows), ""])


def _cells(columns: list[str], line: str, place: str) -> dict[str, str]:
    """Return the cells of a row by column; an empty note at the end may be left out."""
    cells = line.split("\t")
    if len(cells) == len(columns) - 1 and columns[-1] == "note":
        cells.append("")
    if len(cells) != len(columns):
        expected = f"{len(columns)} columns: {', '.join(columns)}"
        raise TableError(f"{place}: {len(cells)} cells, but {expected}; correct the row")
    return dict(zip(columns, cells, strict=True))


_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


def _refuse_byte_order_mark(text: str, name: str) -> None:
    if text.startswith(_BYTE_ORDER_MARK):
        raise TableError(f"{name}:1: the file begins with a byte order mark; take it out: boli tables fmt")


def common_rows(script: str, level: str) -> list[Row]:
    """Rows of `level` alone that hold for every language in this script ('Arab', 'Latn', 'Guru')."""
    name = f"common/{_FOLDERS[script]}/{level}.tsv"
    return read_table(files("boli") / "data" / "common" / _FOLDERS[script] / f"{level}.tsv", name)


def language_rows(language: str, script: str, stem: str) -> list[Row]:
    """Rows of one table of a language: a level, or ``options/<option>.<value>``."""
    folder = files("boli") / "data" / "langs" / language
    if script != "Arab":
        folder = folder / _FOLDERS[script]
    inner = "" if script == "Arab" else f"{_FOLDERS[script]}/"
    return read_table(folder.joinpath(*f"{stem}.tsv".split("/")), f"langs/{language}/{inner}{stem}.tsv")


def option_values(language: str, script: str, option: str) -> list[str]:
    """Values for which a language has a table ``options/<option>.<value>.tsv``."""
    folder = files("boli") / "data" / "langs" / language
    folder = (folder if script == "Arab" else folder / _FOLDERS[script]) / "options"
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    return sorted(n.split(".")[1] for n in names if n.startswith(f"{option}.") and n.endswith(".tsv"))


_FOLDERS = {"Arab": "arabic", "Latn": "roman", "Guru": "gurmukhi"}


def names_of(text: str) -> str:
    """Return the Unicode names of `text`, joined by `` + ``.

    >>> names_of("ۂ")
    'ARABIC LETTER HEH GOAL WITH HAMZA ABOVE'
    """
    return " + ".join(unicodedata.name(c, f"U+{ord(c):04X}") for c in text)


def is_invisible(character: str) -> bool:
    """Whether a character has no glyph of its own: controls, joiners, spaces."""
    return unicodedata.category(character) in {"Cf", "Cc", "Zs", "Zl", "Zp", "Cn"}


def _read_row(line: str, place: str) -> Row:
    cells = line.split("\t")
    if len(cells) not in (len(COLUMNS) - 1, len(COLUMNS)):
        raise TableError(f"{place}: {len(cells)} columns; expected {len(COLUMNS)}: {', '.join(COLUMNS)}")
    id_, from_names, source, to_names, target, where, authority, *note = cells
    if where not in WHERE and where not in OTHER_WHERE:
        choices = [*WHERE, *OTHER_WHERE]
        raise TableError(f"{place}: no place {where!r}; choose from: {', '.join(choices)}{suggest(where, choices)}")
    if not id_ or not authority.strip():
        raise TableError(f"{place}: the {'id' if not id_ else 'source'} is empty; every row needs one")
    return Row(id_, _agree(from_names, source, place), _agree(to_names, target, place), where, authority, "".join(note))


def _agree(names: str, glyphs: str, place: str) -> str:
    """Return the text that names and glyphs both mean."""
    try:
        text = "".join(_by_name(name) for name in names.split(" + ") if name)
    except KeyError as unknown:
        raise TableError(f"{place}: no character is named {unknown.args[0]!r}; run: boli tables fmt") from None
    if glyphs and glyphs != text:
        got = " + ".join(f"U+{ord(c):04X} {names_of(c)}" for c in glyphs)
        raise TableError(f"{place}: names say {names}, glyph is {got}; fix one of them")
    if text and not glyphs and not any(is_invisible(c) for c in text):
        raise TableError(f"{place}: the glyph of {names} is missing; run: boli tables fmt")
    return text


def _by_name(name: str) -> str:
    try:
        return chr(int(name[2:], 16)) if name.startswith("U+") else unicodedata.lookup(name)
    except KeyError:
        raise KeyError(name) from None


def _fill(row: dict[str, str]) -> Iterable[str]:
    for side in ("from", "to"):
        names, glyphs = row.get(f"{side}_names", ""), row.get(side, "")
        text = glyphs or "".join(_by_name(name) for name in names.split(" + ") if name)
        row[f"{side}_names"] = names or names_of(text)
        row[side] = "" if any(is_invisible(c) for c in text) else text
    return [row.get(column, "").strip() if column != "id" else row["id"] for column in COLUMNS]


def _check_unique(rows: list[Row], places: list[str]) -> None:
    seen: dict[object, str] = {}
    for row, place in zip(rows, places, strict=True):
        for key in (row.id, (row.source, row.where)):
            if key in seen:
                raise TableError(f"{place}: {key!r} stands already at {seen[key]}; remove one")
            seen[key] = place
