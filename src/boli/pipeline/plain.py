"""Frozen dataclasses and named tuples to JSON values and back, checked by their type hints."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: object) -> object:
    """Turn dataclasses and named tuples into objects with keys, all the way down.

    >>> from boli.evaluation import Interval
    >>> to_plain((Interval(0.5, 0.25, 1.0), "a"))
    [{'value': 0.5, 'low': 0.25, 'high': 1.0}, 'a']
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {str(name): to_plain(part) for name, part in value._asdict().items()}
    if isinstance(value, Mapping):
        return {str(name): to_plain(part) for name, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [to_plain(part) for part in value]
    return value


def from_plain(kind: type[T], value: object) -> T:
    """Build a dataclass or named tuple from what `to_plain` made of it.

    Raises:
        ValueError: a key is missing or too many, or a value has another type; the message names it.

    >>> from boli.evaluation import Interval
    >>> from_plain(Interval, {"value": 0.5, "low": 0, "high": 1.0})
    Interval(value=0.5, low=0.0, high=1.0)
    >>> from_plain(Interval, {"value": 0.5, "low": 0})
    Traceback (most recent call last):
    ...
    ValueError: Interval has the keys value, low, high; got value, low
    """
    return cast(T, _build(kind, value))


def _build(kind: object, value: object) -> object:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is object or (origin is Literal and value in arguments):
        return value
    if origin in (tuple, list) and isinstance(value, Sequence):
        return _build_row(origin, arguments, value)
    if origin is not None and issubclass(origin, Mapping) and isinstance(value, Mapping):
        return {str(name): _build(arguments[1], part) for name, part in value.items()}
    if isinstance(kind, type) and (dataclasses.is_dataclass(kind) or hasattr(kind, "_fields")):
        return _build_record(kind, value)
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(kind, type) and type(value) is kind:
        return value
    raise ValueError(f"expected {getattr(kind, '__name__', kind)}, got {value!r}")


def _build_row(origin: object, arguments: tuple[object, ...], value: Sequence[object]) -> object:
    if origin is list:
        return [_build(arguments[0], part) for part in value]
    kinds = [arguments[0]] * len(value) if arguments[1:] == (Ellipsis,) else list(arguments)
    if len(kinds) != len(value):
        raise ValueError(f"expected {len(kinds)} values, got {len(value)}")
    return tuple(_build(kind, part) for kind, part in zip(kinds, value, strict=True))


def _build_record(kind: type, value: object) -> object:
    hints = get_type_hints(kind)
    if not isinstance(value, Mapping) or set(value) != set(hints):
        got = ", ".join(map(str, value)) if isinstance(value, Mapping) else repr(value)
        raise ValueError(f"{kind.__name__} has the keys {', '.join(hints)}; got {got}")
    return kind(**{name: _build(hint, value[name]) for name, hint in hints.items()})
