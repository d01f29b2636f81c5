"""E-mail addresses, and secrets in links: the value alone, so that the link still tells where it led."""

import re
from collections.abc import Iterator
from functools import cache

from boli.redaction.lines import Found, Line
from boli.redaction.tables import read_rows

_EMAIL = re.compile(
    "(?<![a-z0-9_%+])[a-z0-9_%+][a-z0-9_%+.\\-]{0,127}@(?:[a-z0-9\\-]{1,63}\\.){1,10}(?:[a-z]{2,24}|xn--[a-z0-9\\-]{2,59})"
    "(?![a-z0-9@])"
)
_LOGIN = re.compile("(?<=://)[^/\\s:@\ue000]{1,128}:([^/\\s@\ue000]{1,256})@")
_PARAMETER = re.compile("[?&;#]([a-z0-9_.\\-\\[\\]]{1,80})=([^\\s&#\"'<>|\\\\^`{}\ue000\u200c]+)")
_PARTS = re.compile("[a-z0-9]+")
_TRAILING = ".,;:!?)]}*\N{ARABIC FULL STOP}"


def find_emails(line: Line) -> Iterator[Found]:
    """Yield e-mail addresses; their value is in small letters.

    >>> [one.value for one in find_emails(Line.of("Ali_k@example.com.pk."))]
    ['ali_k@example.com.pk']
    """
    if "@" in line.folded:
        for match in _EMAIL.finditer(line.folded):
            yield Found(*match.span(), match[0])


def find_secrets(line: Line) -> Iterator[Found]:
    """Yield values of parameters such as ``token=``, and the password in ``://user:password@``.

    >>> [one.value for one in find_secrets(Line.of("https://a.pk/?id=7&access_token=9fXb"))]
    ['9fXb']
    """
    for match in _LOGIN.finditer(line.folded) if "@" in line.folded else ():
        yield Found(*match.span(1), line.raw[slice(*match.span(1))])
    for match in _PARAMETER.finditer(line.folded) if "=" in line.folded else ():
        start = match.start(2)
        value = line.raw[start : start + len(match[2].rstrip(_TRAILING))]
        if value and len(value) >= _minimum(match[1]):
            yield Found(start, start + len(value), value)


def _minimum(name: str) -> int:
    """How long the value of a parameter is at least, if it is secret; a long way off for others."""
    parts = _PARTS.findall(name)
    known = _secrets()
    names = [*parts, "".join(parts), "".join(parts[-2:])]
    return min((known[one] for one in names if one in known), default=1 << 60)


@cache
def _secrets() -> dict[str, int]:
    return {row["name"]: int(row["minimum"]) for row in read_rows("secrets", ("name", "minimum", "source"))}
