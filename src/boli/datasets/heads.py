"""The head of a card: a small, strict subset of YAML, so that the base install needs no YAML library.

The subset is what a Hugging Face card needs::

    ---
    # a comment on a line of its own
    pretty_name: Wallet intents
    language: [ur, pa]
    tags:
    - intent-classification
    ---

Every value is text or a list of texts. Whatever YAML would read as something else (``no``, ``null``, ``a: b``,
``&x``) is refused with the advice to quote it, so a YAML library reads the same from every head read here.
"""

import re
from pathlib import Path

from boli.errors import DataError

Head = dict[str, str | tuple[str, ...]]
"""Key -> text, or a tuple of texts, in the order of the file."""

_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*):(?: +(.*))?")
_ITEM = re.compile(r" *- +(.*)")
_QUOTED = re.compile(r"\"([^\"\\]*)\"|'([^']*)'")
_NOT_TEXT = re.compile(r"(?:y|n|yes|no|on|off|true|false|null|0[xob][0-9a-f_]+|[0-9][0-9_.:etz+-]*)", re.IGNORECASE)
"""What YAML 1.1 reads as a truth value, nothing, a number or a date, among texts that start with a letter or digit."""


def split_head(lines: list[str], path: Path) -> tuple[list[str], list[str]]:
    """Split the lines of a card into its head and its body.

    Raises:
        DataError: the card does not start with ``---``, or no second ``---`` closes the head.

    >>> split_head(["---", "license: cc0-1.0", "---", "# Title"], Path("README.md"))
    (['license: cc0-1.0'], ['# Title'])
    """
    if not lines or lines[0].rstrip() != "---":
        raise DataError(f"{path}:1: expected '---' and then the head of the card; start from data_cards/TEMPLATE.md")
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return lines[1:number], lines[number + 1 :]
    raise DataError(f"{path}:1: the head has no end; close it with a line '---'")


def read_head(lines: list[str], path: Path) -> Head:
    """Read the lines between the two ``---`` of a card.

    Args:
        lines: the head alone; its first line is line 2 of the file.
        path: what error messages start with.

    Raises:
        DataError: a line is outside the subset, or a key is there twice; the message starts with file:line.

    >>> read_head(["license: cc0-1.0", "language: [ur, pa]", "tags:", "- intents"], Path("README.md"))
    {'license': 'cc0-1.0', 'language': ('ur', 'pa'), 'tags': ('intents',)}
    >>> read_head(["viewer: no"], Path("README.md"))
    Traceback (most recent call last):
    ...
    boli.errors.DataError: README.md:2: YAML does not read no as text; write it in quotes: "no"
    """
    head: Head = {}
    open_key = open_place = ""
    for number, line in enumerate(lines, start=2):
        place = f"{path}:{number}"
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        item = _ITEM.fullmatch(line)
        if item and open_key:
            head[open_key] = (*head[open_key], _scalar(item[1], place))
            continue
        _check_filled(head, open_key, open_place)
        key, value = _pair(line, place)
        if key in head:
            raise DataError(f"{place}: key {key!r} is there twice; keep one")
        head[key] = _value(value, place)
        open_key, open_place = ("" if value else key), place
    _check_filled(head, open_key, open_place)
    return head


def _check_filled(head: Head, open_key: str, place: str) -> None:
    if open_key and not head[open_key]:
        raise DataError(f"{place}: {open_key!r} has no value; fill it in or delete the line")


def _pair(line: str, place: str) -> tuple[str, str]:
    match = _KEY.fullmatch(line.rstrip())
    if not match:
        raise DataError(
            f"{place}: cannot read {line!r}; expected 'key: text', 'key: [a, b]', or 'key:' and '- item' lines"
        )
    return match[1], (match[2] or "").strip()


def _value(value: str, place: str) -> str | tuple[str, ...]:
    if not value:
        return ()
    if not value.startswith("["):
        return _scalar(value, place)
    if not value.endswith("]"):
        raise DataError(f"{place}: the list {value!r} has no ']'; close it on the same line, or write '- item' lines")
    inside = value[1:-1].strip()
    if any(char in inside for char in "[]{}?"):
        raise DataError(f"{place}: brackets or '?' inside the list {value!r}; write '- item' lines with quotes")
    return tuple(_scalar(item, place) for item in inside.split(",")) if inside else ()


def _scalar(value: str, place: str) -> str:
    value = value.strip()
    quoted = _QUOTED.fullmatch(value)
    if quoted:
        return quoted[1] if quoted[1] is not None else quoted[2]
    if not value:
        raise DataError(f"{place}: an empty item; fill it in or delete it")
    if _is_special(value):
        raise DataError(f'{place}: YAML does not read {value} as text; write it in quotes: "{value}"')
    return value


def _is_special(value: str) -> bool:
    has_mark = ": " in value or " #" in value or value.endswith(":") or not value.isprintable()
    return has_mark or not value[0].isalnum() or _NOT_TEXT.fullmatch(value) is not None
