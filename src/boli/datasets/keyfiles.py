"""Keys that seal data sets: 32 random bytes in a file or in the environment, never on a command line."""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from boli.errors import ConfigError

LENGTH = 32
"""Bytes of a key (AES-256)."""

FILE_VARIABLE, KEY_VARIABLE = "BOLI_KEY_FILE", "BOLI_KEY"
"""Environment variables with the path of a key file, and with a key itself; the first wins."""

FORMS = "32 raw bytes, or 64 hexadecimal digits, or base64"


def make_key_file(path: Path) -> None:
    """Write a new random key as hexadecimal digits into a file that only its owner may read.

    Raises:
        ConfigError: there is a file already; what was sealed with the key in it would be lost.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "key")
    >>> make_key_file(path)
    >>> len(read_key_file(path)), oct(path.stat().st_mode & 0o777)
    (32, '0o600')
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError(f"{path} exists; a key is never overwritten: give another name") from None
    except OSError as problem:
        raise ConfigError(f"{path}: no key can be written there ({problem.strerror}); give another path") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{secrets.token_hex(LENGTH)}\n")
        file.flush()
        os.fsync(file.fileno())


def read_key_file(path: Path) -> bytes:
    """Read a key from a file: 32 raw bytes, or hexadecimal digits or base64 with spaces around it.

    Raises:
        ConfigError: the file cannot be read, or holds no key; the message does not quote it.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(1024)
    except OSError as problem:
        raise ConfigError(f"{path}: the key cannot be read ({problem.strerror}); give a file with a key") from None
    is_hex = all(byte in b"0123456789abcdefABCDEF" for byte in raw)
    return raw if len(raw) == LENGTH and not is_hex else _parse(raw.strip(), str(path))


def read_key_variable(name: str, environment: Mapping[str, str]) -> bytes:
    """Read a key from an environment variable: hexadecimal digits or base64.

    Raises:
        ConfigError: the variable is not set, or holds no key; the message does not quote it.

    >>> len(read_key_variable("OUR_KEY", {"OUR_KEY": "00" * 32}))
    32
    """
    value = environment.get(name, "")
    if not value:
        raise ConfigError(f"the environment variable {name} is not set; set it to a key, or give --key-file FILE")
    return _parse(value.strip().encode("utf-8", "surrogateescape"), f"the environment variable {name}")


def find_key(environment: Mapping[str, str]) -> bytes | None:
    """Return the key that the environment names, in a file or itself; None where it names none.

    Raises:
        ConfigError: what it names is no key.
    """
    if environment.get(FILE_VARIABLE):
        return read_key_file(Path(environment[FILE_VARIABLE]))
    return read_key_variable(KEY_VARIABLE, environment) if environment.get(KEY_VARIABLE) else None


def name_key(key: bytes) -> bytes:
    """Return eight bytes that tell keys apart and say nothing about them.

    >>> name_key(bytes(32)).hex()
    '14b0efc936c214fa'
    """
    return hmac.new(key, b"boli: name of a key", hashlib.sha256).digest()[:8]


def _parse(raw: bytes, where: str) -> bytes:
    for decode in (binascii.unhexlify, _decode_base64):
        try:
            key = decode(raw)
        except ValueError:
            continue
        if len(key) == LENGTH:
            return key
    raise ConfigError(f"{where}: no key of 32 bytes; expected {FORMS}; make one: boli data new-key FILE")


def _decode_base64(raw: bytes) -> bytes:
    padded = raw.replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    return base64.b64decode(padded + b"=" * (-len(padded) % 4), validate=True)
