"""Messages that are there more than once: in one split (duplicates), in two (leaks), under two labels (conflicts).

All functions compare keys (`boli.datasets.keys`), made once and passed in.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import NamedTuple

from boli.datasets.keys import make_keys
from boli.datasets.minhash import THRESHOLD, NearPair, find_near_pairs
from boli.datasets.records import Place
from boli.datasets.rows import ORDER, Row, Rows
from boli.datasets.schemas import Problem

_KEPT_FIRST = ("test", "dev", "train", "all")
"""Which split keeps a message that is in several: a test part must not shrink because training has its rows."""


class Repeat(NamedTuple):
    """A message (or a template id) and every place where it is.

    >>> len(Repeat("salam", (Place("train", 1), Place("test", 9))).places)
    2
    """

    text: str
    places: tuple[Place, ...]


def find_duplicates(rows: Rows, keys: Sequence[str]) -> tuple[Repeat, ...]:
    """Find messages that one form has more than once in one split."""
    groups = _group(rows, lambda at, row: (row.place.split, row.record.tag, keys[at]))
    return tuple(_repeat(group) for group in groups)


def find_leaks(rows: Rows, keys: Sequence[str]) -> tuple[Repeat, ...]:
    """Find messages that are in two splits, in whatever language: a model meets them as one text."""
    return tuple(_repeat(group) for group in _group(rows, lambda at, _: keys[at]) if _is_split(group))


def find_split_templates(rows: Rows) -> tuple[Repeat, ...]:
    """Find template ids whose rows are in two splits; `Repeat.text` is the id."""
    groups = _group(rows, lambda _, row: row.record.template)
    split = [group for group in groups if group[0].record.template and _is_split(group)]
    return tuple(Repeat(group[0].record.template, tuple(row.place for row in group)) for group in split)


def find_conflicts(rows: Rows, keys: Sequence[str]) -> tuple[Repeat, ...]:
    """Find messages of one form that have two labels."""
    groups = _group(rows, lambda at, row: (row.record.tag, keys[at]))
    return tuple(_repeat(group) for group in groups if len({row.record.label for row in group}) > 1)


def find_near_duplicates(rows: Rows, keys: Sequence[str], pairs: Sequence[NearPair]) -> tuple[Repeat, ...]:
    """Find pairs of messages of one form in one split that are nearly, but not quite, the same."""
    return tuple(_near(rows, keys, pairs, lambda one, other: one[:2] == other[:2]))


def find_near_leaks(rows: Rows, keys: Sequence[str], pairs: Sequence[NearPair]) -> tuple[Repeat, ...]:
    """Find pairs of messages in two splits that are nearly, but not quite, the same."""
    return tuple(_near(rows, keys, pairs, lambda one, other: one[0] != other[0]))


def say_conflicts(rows: Rows, keys: Sequence[str]) -> list[Problem]:
    """Warn of each message that one form has under two labels; case, spaces and punctuation aside.

    >>> from boli.datasets.records import Record
    >>> records = Record("wah", "ur-Latn", "good"), Record("Wah!", "ur-Latn", "bad")
    >>> rows = Rows("a", records, (Place("all", 1, "a.tsv"), Place("all", 9, "a.tsv")))
    >>> [str(one) for one in say_conflicts(rows, make_keys(records))]
    ["a.tsv:9: the message has the label 'bad' here and 'good' at a.tsv:1; decide for one"]
    """
    labels = {place: record.label for record, place in zip(rows.records, rows.places, strict=True)}
    return [_conflict(repeat.places, labels) for repeat in find_conflicts(rows, keys)]


def drop_repeats(rows: Rows, *, near: float | None = THRESHOLD) -> tuple[Rows, tuple[Repeat, ...]]:
    """Leave out repeated messages, so that no split repeats itself and none shares a message with another.

    Of the rows that are (nearly) the same, those of one split stay, test before dev before train; within it one for
    each form and label, so that a conflict of labels stays to be seen. Likeness joins: a row may go because it is like
    one that is like the one that stays.

    Args:
        rows: of any source.
        near: lowest Jaccard similarity of near-duplicates; None leaves near-duplicates alone.

    Returns:
        The rows that stay, in their order; and for each group that lost rows its text, the places that stay first.

    >>> from boli.datasets.records import Record
    >>> records = [Record(text, "ur-Latn", "x") for text in ("salam", "Salam!", "shukria")]
    >>> rows = Rows("a", tuple(records), tuple(Place("train", line) for line in (1, 2, 3)))
    >>> [row.text for row in drop_repeats(rows)[0].records]
    ['salam', 'shukria']
    """
    keys = make_keys(rows.records)
    groups: dict[int, list[int]] = defaultdict(list)
    for at, group in enumerate(group_rows(keys, near=near)):
        groups[group].append(at)
    kept, dropped = set[int](), list[Repeat]()
    for members in groups.values():
        stay = _keep(rows, members)
        kept.update(stay)
        if len(stay) < len(members):
            left = (at for at in members if at not in stay)
            dropped.append(Repeat(rows.records[stay[0]].text, tuple(rows.places[at] for at in (*stay, *left))))
    return rows.take(sorted(kept)), tuple(dropped)


def group_rows(keys: Sequence[str], *, near: float | None = THRESHOLD) -> list[int]:
    """Number the rows so that those with the same key, or (near) joined by near-duplicates, have the same number.

    >>> group_rows(["a", "b", "a"], near=None)
    [0, 1, 0]
    """
    firsts: dict[str, int] = {}
    joined = Unions([firsts.setdefault(key, at) for at, key in enumerate(keys)])
    for first, second, _ in find_near_pairs(keys, near) if near is not None else ():
        joined.join(first, second)
    return joined.groups()


class Unions:
    """Sets of numbers that grow together (union-find); each is named after its lowest number.

    >>> joined = Unions([0, 1, 2])
    >>> joined.join(2, 1)
    >>> joined.groups()
    [0, 1, 1]
    """

    def __init__(self, above: list[int]) -> None:
        """Start from a list that says for each number one of its set that is not higher."""
        self._above = list(above)

    def join(self, one: int, other: int) -> None:
        """Make one set of the sets of two numbers."""
        low, high = sorted((self._root(one), self._root(other)))
        self._above[high] = low

    def groups(self) -> list[int]:
        """Say for each number the lowest of its set."""
        return [self._root(at) for at in range(len(self._above))]

    def _root(self, at: int) -> int:
        while self._above[at] != at:
            self._above[at] = self._above[self._above[at]]
            at = self._above[at]
        return at


def _keep(rows: Rows, members: list[int]) -> list[int]:
    splits = {rows.places[at].split for at in members}
    best = next(split for split in _KEPT_FIRST if split in splits)
    kept: dict[tuple[str, str], int] = {}
    for at in members:
        if rows.places[at].split == best:
            kept.setdefault((rows.records[at].tag, rows.records[at].label), at)
    return list(kept.values())


def _group(rows: Rows, key: Callable[[int, Row], Hashable]) -> list[list[Row]]:
    groups: dict[Hashable, list[Row]] = defaultdict(list)
    for at, (record, place) in enumerate(zip(rows.records, rows.places, strict=True)):
        row = Row(record, place)
        groups[key(at, row)].append(row)
    return [group for group in groups.values() if len(group) > 1]


def _is_split(group: list[Row]) -> bool:
    return len({row.place.split for row in group}) > 1


def _repeat(group: list[Row]) -> Repeat:
    return Repeat(group[0].record.text, tuple(row.place for row in group))


_Where = tuple[str, str, Place]
"""Split, tag and place of a row."""


def _near(
    rows: Rows, keys: Sequence[str], pairs: Sequence[NearPair], fits: Callable[[_Where, _Where], bool]
) -> Iterator[Repeat]:
    places: dict[str, list[_Where]] = defaultdict(list)
    for key, record, place in zip(keys, rows.records, rows.places, strict=True):
        places[key].append((place.split, record.tag, place))
    for first, second, _ in pairs:
        found = ((one, other) for one in places[keys[first]] for other in places[keys[second]] if fits(one, other))
        for one, other in found:
            yield Repeat(rows.records[first].text, tuple(sorted((one[2], other[2]), key=_in_order)))
            break


def _in_order(place: Place) -> tuple[int, str, int]:
    return ORDER.index(place.split), place.file, place.line


def _conflict(places: tuple[Place, ...], labels: dict[Place, str]) -> Problem:
    first = places[0]
    other = next(place for place in places if labels[place] != labels[first])
    return Problem(
        f"{other}: the message has the label {labels[other]!r} here and {labels[first]!r} at {first}; decide for one",
        is_error=False,
    )
