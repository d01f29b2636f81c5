"""What the columns of somebody else's file mean: a schema turns its cells into a record, or names what is wrong."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from boli.datasets.records import ABOUT, UND, Record, build_record
from boli.errors import ConfigError, DataError, LanguageError, suggest
from boli.languages import parse_tag

FIELDS = ("text", "tag", "label", "slots", "template", *ABOUT)
"""Fields of a record that a column can be mapped to."""

IDENTIFY = "identify"
"""In place of a tag: `boli.identify` says the language of each row."""

_SYNONYMS = {"intent": "label"}
_CUT = 40
"""Characters of a wrong label that a message quotes: where columns are shifted it is somebody's whole text."""


class RawRow(NamedTuple):
    """Cells as a reader found them, by column; `number` is a line, or the row of a table.

    `split` is "" where the file does not say it. `error` says why there are no cells; `note` is a warning in place of a
    row.
    """

    file: str
    number: int
    cells: dict[str, object]
    split: str = ""
    error: str = ""
    note: str = ""

    @property
    def place(self) -> str:
        """What error messages start with."""
        return f"{self.file}:{self.number}"


class Problem(NamedTuple):
    """Something wrong with a set, in a sentence that starts with file:line; a warning if no row was left out for it.

    >>> str(Problem("a.tsv:7: no label 'Neative'", True))
    "a.tsv:7: no label 'Neative'"
    """

    text: str
    is_error: bool

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Schema:
    """How cells become records.

    Args:
        columns: field of a record -> column; given any, columns that it does not name are ignored.
        tag: of rows that have no tag, canonical; "identify" asks `boli.identify`.
        label: of rows that have no label; None demands one.
        labels: the valid labels; none given, all are valid.
        names: label as it is written -> label of the record.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    tag: str = ""
    label: str | None = None
    labels: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def check_schema(schema: Schema) -> Schema:
    """Return the schema with its tag in canonical form.

    Raises:
        ConfigError: `columns` names a field that a record does not have.
        LanguageError: `tag` is no language of boli's.

    >>> check_schema(Schema({"txt": "sentence"}))
    Traceback (most recent call last):
    ...
    boli.errors.ConfigError: no field 'txt' of a row; choose from: text, tag, label, slots, template, dialect, source,
    author, gender (did you mean 'text'?)
    """
    columns = {_SYNONYMS.get(name, name): column for name, column in schema.columns.items()}
    wrong = next((name for name in columns if name not in FIELDS), None)
    if wrong is not None:
        raise ConfigError(f"no field {wrong!r} of a row; choose from: {', '.join(FIELDS)}{suggest(wrong, FIELDS)}")
    tag = schema.tag if schema.tag in ("", IDENTIFY, UND) else str(parse_tag(schema.tag))
    return Schema(columns, tag, schema.label, schema.labels, schema.names)


def make_record(row: RawRow, schema: Schema) -> Record:
    """Turn cells into a record.

    Raises:
        DataError: a column is missing, a value is wrong, or the label is none of the schema's.

    >>> cells = {"sentence": "wah", "sentiment": "Neative"}
    >>> schema = Schema({"text": "sentence", "label": "sentiment"}, "ur-Latn", labels=("Negative", "Positive"))
    >>> make_record(RawRow("a.tsv", 7, cells), schema)
    Traceback (most recent call last):
    ...
    boli.errors.DataError: a.tsv:7: no label 'Neative'; valid labels: Negative, Positive (did you mean 'Negative'?)
    """
    if row.error:
        raise DataError(row.error)
    fields = _fields(row, schema)
    _name_label(fields, schema, row.place)
    tag = UND if schema.tag == IDENTIFY else schema.tag
    return build_record(fields, row.place, tag=tag, label=schema.label)


def _fields(row: RawRow, schema: Schema) -> dict[str, object]:
    if not schema.columns:
        fields = dict(row.cells)
    else:
        kept = {name: row.cells[name] for name in ("intent", *FIELDS) if name in row.cells}
        mapped = {name: _cell(row, column) for name, column in schema.columns.items()}
        fields = {name: value for name, value in kept.items() if _SYNONYMS.get(name, name) not in mapped} | mapped
    if isinstance(slots := fields.get("slots"), str):
        fields["slots"] = _read_slots(slots, row.place)
    return fields


def _cell(row: RawRow, column: str) -> object:
    if column not in row.cells:
        got = tuple(row.cells)
        raise DataError(f"{row.place}: no column {column!r}; the file has: {', '.join(got)}{suggest(column, got)}")
    value = row.cells[column]
    return str(value) if type(value) in (int, float, bool) else value


def _read_slots(cell: str, place: str) -> object:
    try:
        found: object = json.loads(cell or "[]")
    except ValueError:
        raise DataError(f"{place}: 'slots' must be a JSON list such as [], got {cell!r}") from None
    return found


def _name_label(fields: dict[str, object], schema: Schema, place: str) -> None:
    key = next((key for key in ("intent", "label") if key in fields), None)
    if key is None or not (schema.labels or schema.names):
        return
    written = str(fields[key]).strip()
    label = schema.names.get(written, written)
    valid = schema.labels or tuple(dict.fromkeys(schema.names.values()))
    if label not in valid:
        shown = valid if schema.labels else tuple(schema.names)
        cut = written if len(written) <= _CUT else f"{written[:_CUT]}..."
        raise DataError(f"{place}: no label {cut!r}; valid labels: {', '.join(shown)}{suggest(cut, shown)}")
    fields[key] = label


def read_tag(text: str, place: str) -> str:
    """Read a tag that a file or a folder is named after.

    Raises:
        DataError: no language of boli's.
    """
    try:
        return str(parse_tag(text))
    except LanguageError as problem:
        raise DataError(f"{place}: {problem}") from None
