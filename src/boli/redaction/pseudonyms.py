"""What stands in the place of personal data: a placeholder, or a pseudonym that is the same wherever the value is."""

import hashlib
import hmac
import re
from functools import cache

from boli.errors import ConfigError
from boli.redaction.tables import Kind, load_kinds

STYLES = ("placeholder", "pseudonym")
LENGTH = 12
"""Hexadecimal digits of a pseudonym: two of a million values meet with a chance of one in 500."""

SHORTEST_KEY = 16
"""Bytes that a key has at least; phone numbers are few, so whoever guesses the key can list them all."""


def check_key(key: bytes | None, style: str) -> None:
    """Check that a key fits its style.

    Raises:
        ConfigError: pseudonyms without a key or with a short one, or placeholders with one.
    """
    if style == "placeholder" and key is not None:
        raise ConfigError("placeholders take no key; leave the key out, or ask for style 'pseudonym'")
    if style == "pseudonym" and key is None:
        raise ConfigError("pseudonyms need a key; give key=, or on the command line --key-file")
    if key is not None and len(key) < SHORTEST_KEY:
        raise ConfigError(
            f"a key of {len(key)} bytes is too easy to guess; take {SHORTEST_KEY} or more: openssl rand -hex 32"
        )


def replacement_for(kind: Kind, value: str, key: bytes | None) -> str:
    """Return what stands in the place of a value.

    >>> replacement_for(load_kinds()["phone"], "+923001234567", None)
    '[PHONE]'
    >>> replacement_for(load_kinds()["phone"], "+923001234567", b"a key of 16 bytes")
    '[PHONE_5665dab051b0]'
    """
    return f"[{kind.placeholder}]" if key is None else f"[{kind.placeholder}_{_digest(kind.name, value, key)}]"


def _digest(kind: str, value: str, key: bytes) -> str:
    """HMAC-SHA256, cut; taken again until it has a letter, so that no pseudonym can be a number."""
    message = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
    while True:
        digest = hmac.new(key, message, hashlib.sha256).hexdigest()[:LENGTH]
        if not digest.isdecimal():
            return digest
        message += b"\0"


@cache
def replacements() -> re.Pattern[str]:
    """Return the pattern of placeholders and pseudonyms: they are never looked into again."""
    words = "|".join(kind.placeholder for kind in load_kinds().values())
    return re.compile(f"\\[(?:{words})(?:_(?=[0-9]*[a-f])[0-9a-f]{{{LENGTH}}})?\\]")
