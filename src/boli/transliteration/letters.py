"""Tables of letters for transliteration, and the one pass that applies them.

A table is a TSV file with the columns ``id, from, to, where, source, note``. Combining marks and invisible characters
are written ``\\uXXXX``, so that they can be read. A row whose ``where`` is ``set`` names letters for other rows to use.
Otherwise ``where`` is ``any``, or conditions with spaces between, all of which must hold:

    initial, final                  no letter or mark of a word before, after
    noninitial, nonfinal            a letter or mark of a word before, after
    after=XYZ, before=XYZ           one of these characters stands directly before, after
    notafter=XYZ, notbefore=XYZ     none of them does
    after=@name                     the same with the characters of a set; ``A-Z`` in a set is a range

At each place the row with the longest ``from`` wins, then the one with more conditions, then the earlier one. A
character that no row takes is copied.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from boli.errors import TableError, suggest

COLUMNS = ("id", "from", "to", "where", "source", "note")

WORD = "\u0610-\u061a\u0620-\u065f\u066e-\u06d3\u06d5-\u06dc\u06df-\u06e8\u06ea-\u06ef\u06fa-\u06ff\u0750-\u077f" \
    "\u08a0-\u08ff\u0a01-\u0a65\u0a70-\u0a75A-Za-z\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff\u2018\u2019"  # fmt: skip
"""Letters and marks of words in Arabic script, Gurmukhi and Roman, as the inside of a character class."""

_PLACES = {
    "any": "",
    "initial": f"(?<![{WORD}])",
    "noninitial": f"(?<=[{WORD}])",
    "final": f"(?![{WORD}])",
    "nonfinal": f"(?=[{WORD}])",
}
_NEIGHBOURS = {"after": "(?<=[{}])", "before": "(?=[{}])", "notafter": "(?<![{}])", "notbefore": "(?![{}])"}
_LOOKS_BACK = ("initial", "noninitial", "after", "notafter")


class Row(NamedTuple):
    """One rule: `source` becomes `target` where the conditions `where` hold."""

    id: str
    source: str
    target: str
    where: str
    authority: str
    note: str


class Step(NamedTuple):
    """A stretch of the input, in code points and half-open, and what it became; `row` is empty where it was copied."""

    start: int
    end: int
    text: str
    row: str


class Rules:
    """A compiled table; one pass from the left, whose time grows with the length of the text alone.

    >>> rows = [Row("a", "a", "b", "any", "x", ""), Row("b", "a", "c", "final", "x", "")]
    >>> Rules(rows)("aa ?")
    'bc ?'
    """

    __slots__ = ("_starts", "_targets", "_tests")

    def __init__(self, rows: Sequence[Row]) -> None:
        sets = {row.id: row.source for row in rows if row.where == "set"}
        groups: dict[str, list[Row]] = {}
        for row in sorted((row for row in rows if row.where != "set"), key=_rank):
            groups.setdefault(row.source[0], []).append(row)
        self._tests = {first: _compile(group, sets) for first, group in groups.items()}
        self._starts = re.compile(f"[{re.escape(''.join(groups))}]")
        self._targets = {first: [(row.target, row.id) for row in group] for first, group in groups.items()}

    def __call__(self, text: str) -> str:
        """Return `text` in the other script."""
        return "".join(step.text for step in self.steps(text))

    def steps(self, text: str) -> Iterator[Step]:
        """Say stretch by stretch what becomes of `text`; joined, the stretches are the whole text."""
        copied = place = 0
        while start := self._starts.search(text, place):
            place = start.start()
            found = self._tests[text[place]].match(text, place)
            if found is None:
                place += 1
                continue
            if copied < place:
                yield Step(copied, place, text[copied:place], "")
            target, row = self._targets[text[place]][(found.lastindex or 1) - 1]
            yield Step(place, found.end(), target, row)
            copied = place = found.end()
        if copied < len(text):
            yield Step(copied, len(text), text[copied:], "")


def _rank(row: Row) -> tuple[int, int]:
    return -len(row.source), -(0 if row.where == "any" else len(row.where.split()))


def _compile(rows: Sequence[Row], sets: dict[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(_pattern(row, sets) for row in rows))


def _pattern(row: Row, sets: dict[str, str]) -> str:
    """Write a row as one group of a regular expression."""
    before, after = "", ""
    for condition in row.where.split():
        test = _test(condition, sets)
        if condition.partition("=")[0] in _LOOKS_BACK:
            before += test
        else:
            after += test
    return f"({before}{re.escape(row.source)}{after})"


def _test(condition: str, sets: dict[str, str]) -> str:
    kind, _, letters = condition.partition("=")
    if kind in _PLACES:
        return _PLACES[kind]
    inside = sets[letters[1:]] if letters.startswith("@") else letters
    return _NEIGHBOURS[kind].format(re.sub(r"([\]\[\\^])", r"\\\1", inside))


@cache
def read_rows(name: str) -> tuple[Row, ...]:
    """Read and check a table of ``data/schemes``.

    Args:
        name: path below ``data/schemes`` with slashes, for example ``bgn-pcgn/ur.tsv``.

    Raises:
        TableError: a row is not complete, repeats another, or has a condition that is not known.
    """
    path = files("boli").joinpath("data", "schemes", *name.split("/"))
    head, *lines = path.read_text("utf-8").split("\n")
    if tuple(head.split("\t")) != COLUMNS:
        raise TableError(f"schemes/{name}:1: columns are {head.split(chr(9))}; expected {', '.join(COLUMNS)}")
    rows = tuple(_read(line, f"schemes/{name}:{n}") for n, line in enumerate(lines, 2) if line)
    _check(rows, name)
    return rows


@cache
def load_rules(name: str) -> Rules:
    """Return a compiled table of ``data/schemes``; compiled once in a process."""
    return Rules(read_rows(name))


def unescape(text: str) -> str:
    r"""Turn ``\uXXXX`` into the character.

    >>> unescape(r"a\u0301") == "a\u0301"
    True
    """
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)


def _read(line: str, place: str) -> Row:
    cells = line.split("\t")
    if len(cells) != len(COLUMNS):
        raise TableError(f"{place}: {len(cells)} columns; expected {len(COLUMNS)}: {', '.join(COLUMNS)}")
    id_, source, target, where, authority, note = cells
    row = Row(id_, unescape(source), unescape(target), unescape(where), authority.strip(), note)
    needed = {"id": row.id, "from": row.source, "where": row.where, "source": row.authority}
    if empty := [column for column, value in needed.items() if not value]:
        raise TableError(f"{place}: the {empty[0]} is empty; every row needs one")
    choices = [*_PLACES, *_NEIGHBOURS, "set"]
    for kind in (condition.partition("=")[0] for condition in row.where.split()):
        if kind not in choices:
            raise TableError(f"{place}: no place {kind!r}; choose from: {', '.join(choices)}{suggest(kind, choices)}")
    return row


def _check(rows: Sequence[Row], name: str) -> None:
    seen: set[object] = set()
    for row in rows:
        for key in (row.id, (row.source, row.where)):
            if key in seen:
                raise TableError(f"schemes/{name}: {key!r} stands twice; remove one")
            seen.add(key)
    sets = {row.id for row in rows if row.where == "set"}
    for row in rows:
        named = [part.partition("=@")[2] for part in row.where.split() if "=@" in part]
        if missing := [one for one in named if one not in sets]:
            raise TableError(f"schemes/{name}: row {row.id!r} uses the set {missing[0]!r}, which no row names")
