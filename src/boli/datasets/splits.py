"""Splits that keep together what belongs together, with the same labels and forms in each part."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from boli.datasets.keys import make_keys
from boli.datasets.minhash import THRESHOLD
from boli.datasets.records import Place, Record
from boli.datasets.repeats import Unions, group_rows
from boli.datasets.rows import Rows, sign_records
from boli.errors import ConfigError, suggest

RATIOS = {"train": 0.8, "dev": 0.1, "test": 0.1}
FIELDS = ("template", "author", "source", "dialect", "gender", "tag", "label")
"""Fields of a record that rows can be grouped or stratified by."""

Floats = NDArray[np.float64]


def split_rows(
    rows: Rows,
    *,
    ratios: Mapping[str, float] = RATIOS,
    group_by: Sequence[str] = ("template",),
    stratify_by: Sequence[str] = ("tag", "label"),
    near: float | None = THRESHOLD,
    seed: int = 0,
) -> Rows:
    """Split rows anew, so that no group and no (near-)duplicate is in two splits.

    Groups are taken from the largest to the smallest, equal ones in an order that `seed` shuffles; each goes to the
    split that lacks its rows most, and none to a split that is full. So no split has more rows than its share and those
    of one group.

    Args:
        rows: of any source; the splits that they have are forgotten.
        ratios: split (train, dev, test) -> its share of the rows; any positive numbers.
        group_by: rows that have the same (not empty) value of one of these fields stay together.
        stratify_by: each split gets its share of every combination of these.
        near: rows at least so alike stay together; None: only rows with the same key do.
        seed: shuffles; the same seed gives the same splits on every machine.

    Raises:
        ConfigError: a ratio or a field is wrong.

    >>> from boli.datasets import load_rows
    >>> parts = split_rows(load_rows("wallet-intents"))
    >>> [round(len(parts.split(name)) / len(parts.records), 1) for name in parts.splits]
    [0.8, 0.1, 0.1]
    """
    _check(ratios, (*group_by, *stratify_by))
    groups = _find_groups(rows.records, group_by, near)
    strata = _number([tuple(_value(record, name) for name in stratify_by) for record in rows.records])
    chosen = _assign(groups, strata, tuple(ratios.items()), seed)
    places = tuple(_move(place, chosen[at]) for at, place in enumerate(rows.places))
    return replace(rows, places=places, sha256=sign_records(rows.records))


def balance_labels(records: Sequence[Record]) -> dict[str, int]:
    """Count the rows of each label, commonest first.

    >>> balance_labels([Record("a", "ur-Latn", "x"), Record("b", "ur-Latn", "y"), Record("c", "ur-Latn", "y")])
    {'y': 2, 'x': 1}
    """
    counts = Counter(record.label for record in records)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def weigh_rows(records: Sequence[Record], *, by: Sequence[str] = ("label",), power: float = 1.0) -> Floats:
    """Return a weight for each row that makes up for rare groups, so that training hears everybody.

    Args:
        records: of the training part.
        by: fields that make a group: ("label",), or ("tag", "label") for languages too.
        power: 0 leaves all rows alike, 1 gives every group the same total, between them is between.

    Returns:
        (rows,) float64 with mean 1.

    Raises:
        ConfigError: no such field, or a power outside 0 to 1.

    >>> rows = [Record("a", "ur-Latn", "x"), Record("b", "ur-Latn", "y"), Record("c", "ur-Latn", "y")]
    >>> weigh_rows(rows).round(2).tolist()
    [1.5, 0.75, 0.75]
    """
    _check_fields(by)
    if not 0 <= power <= 1:
        raise ConfigError(f"power must be from 0 to 1, got {power}")
    groups = np.array(_number([tuple(_value(record, name) for name in by) for record in records]), dtype=np.int64)
    weights: Floats = np.bincount(groups)[groups].astype(np.float64) ** -power if len(groups) else np.zeros(0)
    return weights / weights.mean() if len(weights) else weights


def _check(ratios: Mapping[str, float], fields: Sequence[str]) -> None:
    names = tuple(RATIOS)
    wrong = next((name for name in ratios if name not in names), None)
    if wrong is not None:
        raise ConfigError(f"no split {wrong!r}; choose from: {', '.join(names)}{suggest(wrong, names)}")
    if not ratios or any(not share > 0 for share in ratios.values()):
        raise ConfigError(f"ratios must be positive, got {dict(ratios)}; leave out a split that shall have no rows")
    _check_fields(fields)


def _check_fields(fields: Sequence[str]) -> None:
    wrong = next((name for name in fields if name not in FIELDS), None)
    if wrong is not None:
        raise ConfigError(f"no field {wrong!r} to group by; choose from: {', '.join(FIELDS)}{suggest(wrong, FIELDS)}")


def _value(record: Record, field: str) -> str:
    return str(getattr(record, field))


def _find_groups(records: Sequence[Record], fields: Sequence[str], near: float | None) -> list[list[int]]:
    """Join rows that are alike or share a value of a field; likeness joins from row to row."""
    joined = Unions(group_rows(make_keys(records), near=near))
    for field in fields:
        firsts: dict[str, int] = {}
        for at, record in enumerate(records):
            if value := _value(record, field):
                joined.join(firsts.setdefault(value, at), at)
    groups: dict[int, list[int]] = defaultdict(list)
    for at, group in enumerate(joined.groups()):
        groups[group].append(at)
    return list(groups.values())


def _number(values: Sequence[tuple[str, ...]]) -> list[int]:
    numbers: dict[tuple[str, ...], int] = {}
    return [numbers.setdefault(value, len(numbers)) for value in values]


def _assign(
    groups: list[list[int]], strata: list[int], ratios: tuple[tuple[str, float], ...], seed: int
) -> dict[int, str]:
    """Give each group to the split where its rows are missed most; the split with most room, among equals."""
    kinds = max(strata, default=0) + 1
    shares = np.array([share for _, share in ratios]) / sum(share for _, share in ratios)
    missing = np.outer(shares, np.bincount(strata, minlength=kinds)) if strata else np.zeros((len(ratios), kinds))
    room = shares * len(strata)
    chosen: dict[int, str] = {}
    for group in sorted(groups, key=lambda group: (-len(group), _shuffle(group[0], seed))):
        wanted = np.bincount([strata[at] for at in group], minlength=kinds)
        kind = np.flatnonzero(wanted)
        open_ = np.flatnonzero(room > 0)
        gain = (missing[:, kind] * wanted[kind]).sum(axis=1) / shares
        best = max(open_.tolist(), key=lambda split: (round(float(gain[split]), 9), float(room[split])))
        missing[best] -= wanted
        room[best] -= len(group)
        chosen |= dict.fromkeys(group, ratios[best][0])
    return chosen


def _shuffle(at: int, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed} {at}".encode(), digest_size=8).digest()


def _move(place: Place, split: str) -> Place:
    """The row is still where it was; only its split is another."""
    return Place(split, place.line, str(place).rpartition(":")[0])
