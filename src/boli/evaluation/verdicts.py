"""Which model is worth it, in one plain sentence: the score, how sure the difference is, and what it costs."""

from typing import Literal, NamedTuple

from boli.errors import DataError
from boli.evaluation.intervals import Comparison

_NOTICEABLE = 1.25
_FEW_ROWS = 100

Side = Literal["first", "second", "neither"]


class Cost(NamedTuple):
    """What a model costs to run: its name in a sentence ("encoder"), milliseconds per text, bytes on disk."""

    name: str
    milliseconds: float
    size: int


def verdict(comparison: Comparison, first: Cost, second: Cost, *, measure: str = "", minimum_gain: float = 0.01) -> str:
    """Say which of two models is worth it; `first` is the one in question, `second` the one that it must beat.

    Better is not enough: a gain below `minimum_gain` does not pay for a model that is slower or larger. A difference
    whose interval holds zero counts as none, and then the cheaper model is worth it.

    Args:
        comparison: `paired_bootstrap` of the two, in the same order.
        measure: the metric's name, put before the figures.
        minimum_gain: on the metric's own scale; 0.01 is one point.

    Raises:
        DataError: a cost that is not above zero.

    >>> from boli.evaluation import Interval
    >>> comparison = Comparison(0.712, 0.789, Interval(-0.077, -0.110, -0.044), "second", 500, 0.95)
    >>> verdict(comparison, Cost("encoder", 8.0, 90), Cost("baseline", 0.2, 90))
    'The encoder is not worth it here: 71.2 % against 78.9 % for the baseline
    (difference -7.7, 95 % interval -11.0 to -4.4), and it is 40 times slower.'
    """
    cheaper = _cheaper(first, second)
    winner = _winner(comparison, cheaper, minimum_gain)
    claim = {
        "first": f"The {first.name} is worth it here",
        "second": f"The {first.name} is not worth it here",
        "neither": f"Either the {first.name} or the {second.name} will do here",
    }[winner]
    reason = _reason(comparison, winner, minimum_gain)
    figures = _figures(comparison, second.name, measure)
    return f"{claim}: {reason}{figures}{_costs(first, second, cheaper, winner)}{_caution(comparison.count)}."


def _winner(comparison: Comparison, cheaper: Side, minimum_gain: float) -> Side:
    if comparison.better == "neither":
        return cheaper
    slight = comparison.better == "first" and comparison.difference.value < minimum_gain
    return "second" if slight and cheaper == "second" else comparison.better


def _cheaper(first: Cost, second: Cost) -> Side:
    """The model that is noticeably faster or smaller and in neither way worse."""
    ratios = _ratios(first, second)
    dearer, lighter = max(ratios) >= _NOTICEABLE, min(ratios) <= 1 / _NOTICEABLE
    if dearer == lighter:
        return "neither"
    return "second" if dearer else "first"


def _ratios(first: Cost, second: Cost) -> tuple[float, float]:
    if min(first.milliseconds, second.milliseconds, first.size, second.size) <= 0:
        raise DataError(f"costs {first} and {second}; expected milliseconds and bytes above zero: measure them")
    return first.milliseconds / second.milliseconds, first.size / second.size


def _reason(comparison: Comparison, winner: Side, minimum_gain: float) -> str:
    if comparison.better == "neither":
        return "no difference can be shown, "
    if comparison.better == "first" and winner == "second":
        return f"it gains less than {100 * minimum_gain:.3g} {'point' if minimum_gain == 0.01 else 'points'}, "
    return ""


def _figures(comparison: Comparison, other: str, measure: str) -> str:
    value, low, high = (_signed(100 * part) for part in comparison.difference)
    scores = f"{100 * comparison.first:.1f} % against {100 * comparison.second:.1f} % for the {other}"
    interval = f"{100 * comparison.level:.3g} % interval {low} to {high}"
    return f"{measure}{' ' if measure else ''}{scores} (difference {value}, {interval})"


def _signed(number: float) -> str:
    rounded = round(number, 1) + 0.0
    return f"{rounded:+.1f}" if rounded else "0.0"


def _costs(first: Cost, second: Cost, cheaper: Side, winner: Side) -> str:
    time, size = _ratios(first, second)
    parts = [part for part in (_times(time, "slower", "faster"), _times(size, "larger", "smaller")) if part]
    against = {cheaper, winner} == {"first", "second"}
    return f", {'although' if against else 'and'} it is {' and '.join(parts)}" if parts else ""


def _times(ratio: float, more: str, less: str) -> str:
    factor = max(ratio, 1 / ratio)
    if factor < _NOTICEABLE:
        return ""
    return f"{factor:.{0 if factor >= 9.95 else 1}f} times {more if ratio > 1 else less}"


def _caution(count: int) -> str:
    return f"; {count} test rows are few, so more of them may change this" if count < _FEW_ROWS else ""
