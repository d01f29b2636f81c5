"""Counterfactual pairs: two texts that differ in one thing that must not change the answer.

The file is the ``pairs.jsonl`` that a data set may have beside its splits, and `boli.evaluation.flip_rates` counts the
pairs whose answers differ. Where it is wrong: words that agree with a swapped name stay as they are, so a pair may be
less natural than its first text; the lists of names are drafts, machine-written and unreviewed by native speakers.
"""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from boli.datasets.records import Record
from boli.datasets.swaps import (
    respell_roman,
    swap_community,
    swap_gender,
    swap_letters,
    swap_place,
    swap_speaker,
)
from boli.errors import ConfigError, suggest

_SWAPS: dict[str, Callable[[Record, random.Random], str | None]] = {
    "name-gender": swap_gender,
    "name-community": swap_community,
    "place": swap_place,
    "speaker-gender": swap_speaker,
    "spelling": respell_roman,
    "letters": swap_letters,
}
KINDS = (*_SWAPS, "script", "dialect")
"""What the two texts of a pair may differ in.

``name-gender``: a given name of the other gender. ``name-community``: a name of another community. ``place``: a city
of another province. ``speaker-gender``: the verb says that a man speaks, or a woman. ``spelling``: one Roman word
spelled otherwise. ``letters``: look-alikes of another keyboard. ``script``: Arabic script and Roman. ``dialect``.
"""


class Counterfactual(NamedTuple):
    """Two texts that should get one answer, what they differ in, and the label of both."""

    text: str
    tag: str
    other: str
    other_tag: str
    kind: str
    label: str

    def to_json(self) -> str:
        """Return the pair as a line of JSON."""
        return json.dumps(self._asdict(), ensure_ascii=False)


def make_counterfactuals(
    records: Sequence[Record], kinds: Sequence[str] = KINDS, *, seed: int = 0
) -> tuple[Counterfactual, ...]:
    """Make every pair that the lists, the tables and the templates of the rows allow; at most one of a kind for a row.

    The same rows and seed give the same pairs, whatever other kinds or rows there are.

    Args:
        records: rows; ``script`` and ``dialect`` pair rows of one template, so they need `Record.template`.
        kinds: some of `KINDS`.
        seed: of the choice of names, places and words.

    Raises:
        ConfigError: there is no such kind.

    >>> rows = [Record("nazia ko lahore mein paise bhejo", "ur-Latn", "send_money")]
    >>> [pair.kind for pair in make_counterfactuals(rows)]
    ['name-gender', 'name-community', 'place', 'spelling']
    """
    wrong = next((kind for kind in kinds if kind not in KINDS), None)
    if wrong is not None:
        raise ConfigError(f"no kind {wrong!r} of pair; choose from: {', '.join(KINDS)}{suggest(wrong, KINDS)}")
    found = [pair for kind in KINDS if kind in kinds for pair in _make(kind, records, seed)]
    return tuple(dict.fromkeys(found))


def _make(kind: str, records: Sequence[Record], seed: int) -> Iterator[Counterfactual]:
    if kind not in _SWAPS:
        yield from _pair(kind, records)
        return
    for record in records:
        other = _SWAPS[kind](record, random.Random(f"{seed} {kind} {record.text}"))
        if other is not None and other != record.text:
            yield Counterfactual(record.text, record.tag, other, record.tag, kind, record.label)


def _pair(kind: str, records: Sequence[Record]) -> Iterator[Counterfactual]:
    """Pair rows of one template and label that differ in script alone, or in dialect alone."""
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        if record.template:
            groups[record.template, record.label].append(record)
    for rows in groups.values():
        for one, other in combinations(rows, 2):
            if _differs(kind, one, other):
                yield Counterfactual(one.text, one.tag, other.text, other.tag, kind, one.label)


def _differs(kind: str, one: Record, other: Record) -> bool:
    language, script = one.tag.partition("-")[::2]
    other_language, other_script = other.tag.partition("-")[::2]
    if language != other_language:
        return False
    if kind == "script":
        return script != other_script and one.dialect == other.dialect
    return script == other_script and one.dialect != other.dialect and "" not in (one.dialect, other.dialect)
