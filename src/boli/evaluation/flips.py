"""Does the answer move when it should not: pairs of texts that differ in a name, a place, a script, a spelling."""

from collections.abc import Sequence
from typing import NamedTuple

from boli.errors import DataError
from boli.evaluation.intervals import Interval, wilson_interval


class FlipScore(NamedTuple):
    """How often the two texts of a pair get different answers: the kind of pair, how many, and the share."""

    kind: str
    pairs: int
    rate: Interval


def flip_rates(
    first: Sequence[str], second: Sequence[str], kinds: Sequence[str], *, level: float = 0.95
) -> tuple[FlipScore, ...]:
    """Return the share of pairs whose answers differ, for each kind in the order of their names.

    Args:
        first, second: answers to the two texts of each pair.
        kinds: what the two texts of each pair differ in.

    Raises:
        DataError: unequal lengths.

    >>> [(each.kind, each.rate.value) for each in flip_rates(["a", "a"], ["a", "b"], ["name", "name"])]
    [('name', 0.5)]
    """
    if not len(first) == len(second) == len(kinds):
        raise DataError(f"{len(first)} and {len(second)} answers to {len(kinds)} pairs; expected one of each per pair")
    rows = list(zip(first, second, kinds, strict=True))
    scores = []
    for kind in sorted(set(kinds)):
        moved = [one != two for one, two, each in rows if each == kind]
        scores.append(FlipScore(kind, len(moved), wilson_interval(sum(moved), len(moved), level=level)))
    return tuple(scores)
