"""One row of a data set, and the strict reader of JSON lines.

A line is one JSON object::

    {"text": "500 bhejne hain", "tag": "ur-Latn", "intent": "send_money",
     "slots": [{"start": 0, "end": 3, "name": "amount"}], "template": "ur.send_money.03"}

``label`` may stand for ``intent``. ``slots``, ``template``, ``dialect``, ``source``, ``author``, ``gender`` and
``reviewed_by`` may be left out. Nothing else is allowed, so that a misspelt key is an error and never a silently
missing label.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from boli.datasets.textfiles import read_lines
from boli.errors import DataError, LanguageError, suggest
from boli.languages import parse_tag

ABOUT = ("dialect", "source", "author", "gender")
"""Keys that say where a row is from; each may be left out or empty."""

KEYS = ("text", "tag", "intent", "label", "slots", "template", *ABOUT, "reviewed_by")
SLOT_KEYS = ("start", "end", "name")

GENDERS = {"": "", "f": "f", "m": "m", "x": "x", "female": "f", "male": "m", "other": "x"}
"""What may be written for the gender of the writer or speaker -> what a record holds; x is anything else."""

UND = "und"
"""The tag of a row whose language nobody knows."""


class Place(NamedTuple):
    """Where a row stands: its split, the line of the file (or the row of a table) from 1, and the file.

    >>> str(Place("train", 12)), str(Place("all", 3, "rows.csv"))
    ('train.jsonl:12', 'rows.csv:3')
    """

    split: str
    line: int
    file: str = ""

    def __str__(self) -> str:
        return f"{self.file or self.split + '.jsonl'}:{self.line}"


class Slot(NamedTuple):
    """A named piece of a message; half-open offsets in code points of the text.

    >>> Slot(0, 3, "amount").name
    'amount'
    """

    start: int
    end: int
    name: str


@dataclass(frozen=True)
class Record:
    """One message with its language tag, its label and its slots.

    `template` names the phrasing: rows with the same template (one phrasing in two scripts) belong in one split.
    `dialect`, `source`, `author` (a pseudonym) and `gender` ("f", "m", "x") are empty where nobody said. `reviewed_by`
    names the speakers who found the row right, as they wish to be named.

    >>> row = Record("500 bhejne hain", "ur-Latn", "send_money", (Slot(0, 3, "amount"),))
    >>> [row.text[slot.start : slot.end] for slot in row.slots]
    ['500']
    """

    text: str
    tag: str
    label: str
    slots: tuple[Slot, ...] = ()
    template: str = ""
    dialect: str = ""
    source: str = ""
    author: str = ""
    gender: str = ""
    reviewed_by: str = ""


def read_records(path: str | Path) -> list[Record]:
    """Read a file of JSON lines, one record a line.

    Tags are made canonical (``Urdu`` -> ``ur-Arab``); everything else is kept as it is.

    Raises:
        DataError: the file is not UTF-8, or a line is not a valid record; the message starts with file:line.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "rows.jsonl")
    ...     _ = file.write_text('{"text": "salam", "tag": "ur-Latn", "label": "greeting"}')
    ...     read_records(file)[0].label
    'greeting'
    """
    path = Path(path)
    return [parse_record(line, f"{path}:{number}") for number, line in enumerate(read_lines(path), start=1)]


def parse_record(line: str, place: str = "line") -> Record:
    """Read one line of JSON.

    Args:
        line: one JSON object.
        place: what error messages start with, ``file:line``.

    Raises:
        DataError: the line is not a valid record.

    >>> parse_record('{"text": "salam", "tag": "ur-Latn", "intnet": "greeting"}', "train.jsonl:7")
    Traceback (most recent call last):
    ...
    boli.errors.DataError: train.jsonl:7: no key 'intnet'; valid keys: text, tag, intent (or label), slots,
    template, dialect, source, author, gender, reviewed_by (did you mean 'intent'?)
    """
    return build_record(parse_object(line, place), place)


def build_record(row: dict[str, object], place: str, *, tag: str = "", label: str | None = None) -> Record:
    """Check the keys and values of one row, wherever it was read from.

    Args:
        row: key -> value, by the keys of a JSON line.
        place: what error messages start with, ``file:line``.
        tag: of a row that has none; taken as it is.
        label: of a row that has none; "" for text without labels.

    Raises:
        DataError: the row is not a valid record.

    >>> build_record({"text": "salam", "tag": "Urdu", "label": "greeting", "gender": "female"}, "rows.csv:2").gender
    'f'
    """
    _check_keys(row, KEYS, place)
    text = _text(row, "text", place)
    return Record(
        text,
        tag=tag if tag and "tag" not in row else _tag(row, place),
        label=label if label is not None and not {"intent", "label"} & set(row) else _label(row, place),
        slots=_slots(row, text, place),
        template=_text(row, "template", place) if "template" in row else "",
        dialect=_about(row, "dialect", place),
        source=_about(row, "source", place),
        author=_about(row, "author", place),
        gender=_gender(row, place),
        reviewed_by=_about(row, "reviewed_by", place),
    )


def write_record(record: Record) -> str:
    """Write a record as one line of JSON that `parse_record` reads back; empty fields are left out.

    >>> write_record(Record("salam", "ur-Latn", "greeting", dialect="majhi"))
    '{"text": "salam", "tag": "ur-Latn", "intent": "greeting", "slots": [], "dialect": "majhi"}'
    """
    row: dict[str, object] = {"text": record.text, "tag": record.tag, "intent": record.label}
    row["slots"] = [slot._asdict() for slot in record.slots]
    extra = {"template": record.template} | {key: str(getattr(record, key)) for key in (*ABOUT, "reviewed_by")}
    return json.dumps(row | {key: value for key, value in extra.items() if value}, ensure_ascii=False)


def parse_object(line: str, place: str) -> dict[str, object]:
    """Read one JSON object, with no key twice.

    Raises:
        DataError: the line is empty, broken or no object.
    """
    if not line.strip():
        raise DataError(f"{place}: empty line; expected one JSON object, delete the line")
    try:
        row: object = json.loads(line, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as problem:
        reason = problem.msg if isinstance(problem, json.JSONDecodeError) else str(problem)
        column = f" at column {problem.colno}" if isinstance(problem, json.JSONDecodeError) else ""
        raise DataError(f"{place}: broken JSON{column} ({reason}); expected one JSON object on the line") from None
    if not isinstance(row, dict):
        raise DataError(f'{place}: expected a JSON object, got {type(row).__name__}; write {{"text": ...}}')
    return row


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    row = dict(pairs)
    if len(row) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"key {twice!r} is there twice")
    return row


def _check_keys(row: Mapping[str, object], valid: Iterable[str], place: str) -> None:
    valid = tuple(valid)
    wrong = next((key for key in row if key not in valid), None)
    if wrong is None:
        return
    shown = ", ".join("intent (or label)" if key == "intent" else key for key in valid if key != "label")
    raise DataError(f"{place}: no key {wrong!r}; valid keys: {shown}{suggest(wrong, valid)}")


def _text(row: dict[str, object], key: str, place: str) -> str:
    if key not in row:
        raise DataError(f"{place}: the row has no {key!r}; add it")
    value = row[key]
    if not isinstance(value, str):
        raise DataError(f"{place}: {key!r} must be text, got {type(value).__name__}; put it in quotes")
    if not value.strip():
        raise DataError(f"{place}: {key!r} is empty; fill it in or delete the row")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise DataError(f"{place}: {key!r} has half of a surrogate pair; write the character itself in UTF-8")
    return value


def _tag(row: dict[str, object], place: str) -> str:
    try:
        return str(parse_tag(_text(row, "tag", place)))
    except LanguageError as problem:
        raise DataError(f"{place}: {problem}") from None


def _about(row: dict[str, object], key: str, place: str) -> str:
    return _text(row, key, place) if row.get(key, "") != "" else ""


def _gender(row: dict[str, object], place: str) -> str:
    value = _about(row, "gender", place)
    if value not in GENDERS:
        raise DataError(f"{place}: no gender {value!r}; choose from: f, m, x, or leave it empty")
    return GENDERS[value]


def _label(row: dict[str, object], place: str) -> str:
    found = [key for key in ("intent", "label") if key in row]
    if not found:
        raise DataError(f"{place}: the row has no label; add the key 'intent' (or 'label')")
    if len(found) == 2:
        raise DataError(f"{place}: the row has both 'intent' and 'label'; keep one")
    return _text(row, found[0], place)


def _slots(row: dict[str, object], text: str, place: str) -> tuple[Slot, ...]:
    listed = row.get("slots", [])
    if not isinstance(listed, list):
        raise DataError(f"{place}: 'slots' must be a list, got {type(listed).__name__}; write [] where there are none")
    slots = tuple(sorted(_slot(item, len(text), place) for item in listed))
    for one, other in pairwise(slots):
        if other.start < one.end:
            raise DataError(f"{place}: slots {one.name!r} and {other.name!r} overlap; slots must lie side by side")
    return slots


def _slot(item: object, length: int, place: str) -> Slot:
    if not isinstance(item, dict):
        raise DataError(f'{place}: a slot must be {{"start": 0, "end": 3, "name": "amount"}}, got {item!r}')
    _check_keys(item, SLOT_KEYS, place)
    name = _text(item, "name", place)
    start, end = item.get("start"), item.get("end")
    # `bool` is an `int` in Python, and true is no offset.
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= length:
        raise DataError(
            f"{place}: slot {name!r} has start {start!r} and end {end!r};"
            f" expected 0 <= start < end <= {length} (code points of the text)"
        )
    return Slot(start, end, name)
