"""Sealed files: data at rest under AES-256-GCM, read by decrypting in memory.

A sealed file is a header and then chunks::

    header   b"BOLISEAL", version (1 byte), log2 of the bytes of a chunk (1 byte), name of the key (8), salt (16)
    chunk    nonce (12), then the encrypted bytes, then a tag (16)

All chunks but the last hold as many bytes as the header says. The key of a file is derived from the user's key and the
salt (HKDF-SHA256); every chunk has a random nonce. Header, number of the chunk and "is this the last one" are
authenticated with each chunk, so a chunk that was changed, moved, dropped or taken from another file is noticed. What
is not hidden: the size of the file, its name, and when it was written.

Source: NIST SP 800-38D (GCM); RFC 5869 (HKDF); Hoang, Reyhanitabar, Rogaway and Vizár 2015 (STREAM).
"""

import hashlib
import io
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from boli.datasets.keyfiles import FILE_VARIABLE, KEY_VARIABLE, find_key, name_key
from boli.errors import ConfigError, DataError, require
from boli.files import explaining_full_disk
from boli.models.weights import write_atomically

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SUFFIX = ".sealed"
"""What is added to the name of a file when it is sealed."""

MAGIC = b"BOLISEAL"
VERSION = 1
CHUNK_LOG = 16
"""A chunk holds 2 ** 16 bytes."""

_SALT, _NONCE, _TAG = 16, 12, 16
_HEADER = len(MAGIC) + 2 + 8 + _SALT
_EXTRA = _NONCE + _TAG


class _Header(NamedTuple):
    raw: bytes
    chunk: int
    name: bytes
    salt: bytes


class _Cipher:
    """Encrypts and decrypts the chunks of one file."""

    def __init__(self, key: bytes, header: _Header) -> None:
        aead = require("cryptography.hazmat.primitives.ciphers.aead", "data")
        hkdf = require("cryptography.hazmat.primitives.kdf.hkdf", "data").HKDF
        sha256 = require("cryptography.hazmat.primitives.hashes", "data").SHA256()
        derived = hkdf(algorithm=sha256, length=32, salt=header.salt, info=b"boli sealed file 1").derive(key)
        self._wrong = require("cryptography.exceptions", "data").InvalidTag
        self._gcm = aead.AESGCM(derived)
        self._header = header.raw

    def seal(self, plain: bytes, number: int, *, last: bool) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + bytes(self._gcm.encrypt(nonce, plain, self._about(number, last)))

    def open(self, sealed: bytes, number: int, *, last: bool) -> bytes | None:
        """Return the bytes of a chunk, or None if it is not this chunk of this file."""
        if len(sealed) < _EXTRA:
            return None
        try:
            return bytes(self._gcm.decrypt(sealed[:_NONCE], sealed[_NONCE:], self._about(number, last)))
        except self._wrong:
            return None

    def _about(self, number: int, last: bool) -> bytes:
        return self._header + number.to_bytes(8, "big") + bytes([last])


class _SealedReader(io.RawIOBase):
    """A sealed file as a plain one that can be read and searched; one chunk is in memory at a time."""

    def __init__(self, file: BinaryIO, path: Path, key: bytes) -> None:
        self._file, self._path = file, path
        header = _read_header(file.read(_HEADER), path)
        _check_name(header, key, path)
        self._cipher, self._chunk = _Cipher(key, header), header.chunk
        body = file.seek(0, os.SEEK_END) - _HEADER
        self._chunks = max(1, -(-body // (self._chunk + _EXTRA)))
        self._size = body - self._chunks * _EXTRA
        self._held, self._plain, self._at = -1, b"", 0
        self._load(self._chunks - 1)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("negative seek position")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        if self._at >= self._size:
            return 0
        number, start = divmod(self._at, self._chunk)
        self._load(number)
        target = memoryview(buffer).cast("B")
        found = self._plain[start : start + len(target)]
        target[: len(found)] = found
        self._at += len(found)
        return len(found)

    def close(self) -> None:
        self._plain = b""
        self._file.close()
        super().close()

    def _load(self, number: int) -> None:
        if number == self._held:
            return
        record = self._chunk + _EXTRA
        self._file.seek(_HEADER + number * record)
        raw, last = self._file.read(record), number == self._chunks - 1
        plain = self._cipher.open(raw, number, last=last)
        if plain is None:
            is_cut = last and self._cipher.open(raw, number, last=False) is not None
            raise DataError(_say_wrong(self._path, number, last=last, is_cut=is_cut))
        self._held, self._plain = number, plain


def is_sealed(path: Path) -> bool:
    """Say whether a file is sealed, by its first bytes; a file that is not there is not.

    >>> is_sealed(Path("no-such-file"))
    False
    """
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def plain_path(path: Path) -> Path:
    """Return the name of a file without what sealing adds to it.

    >>> plain_path(Path("train.jsonl.sealed")).name, plain_path(Path("train.jsonl")).name
    ('train.jsonl', 'train.jsonl')
    """
    return path.with_name(path.name.removesuffix(SUFFIX)) if path.name != SUFFIX else path


def find_file(path: Path) -> Path:
    """Return a file, or its sealed form where only that is there.

    Raises:
        DataError: both are there, and they may differ.
    """
    sealed = path.with_name(path.name + SUFFIX)
    if not sealed.is_file():
        return path
    if path.is_file():
        raise DataError(f"{path}: {sealed.name} stands beside it, and the two may differ; delete one of them")
    return sealed


def open_sealed(file: BinaryIO, path: Path, key: bytes | None = None) -> BinaryIO:
    """Read a sealed file as if it were a plain one, decrypted in memory, from its beginning.

    Args:
        file: the open file.
        path: what error messages start with.
        key: 32 bytes; None: the one that the environment names (`BOLI_KEY_FILE` or `BOLI_KEY`).

    Raises:
        ConfigError: no key is named.
        DataError: another key, or the file is damaged or cut; also while it is read.
        MissingExtra: `cryptography` is not installed.
    """
    found = key if key is not None else find_key(os.environ)
    if found is None:
        raise ConfigError(
            f"{path} is sealed and no key is named; set {FILE_VARIABLE} to the path of its key file (or {KEY_VARIABLE}"
            " to the key)"
        )
    file.seek(0)
    return cast(BinaryIO, io.BufferedReader(_SealedReader(file, path, found), 1 << CHUNK_LOG))


def seal_bytes(plain: bytes, key: bytes) -> bytes:
    """Return bytes as a sealed file holds them.

    >>> sealed = seal_bytes(b"salam", bytes(32))
    >>> open_sealed(io.BytesIO(sealed), Path("x.sealed"), bytes(32)).read()
    b'salam'
    """
    return b"".join(_seal(io.BytesIO(plain), key))


def seal_file(path: Path, key: bytes, *, remove: bool = False) -> Path:
    """Write FILE.sealed beside a file, whole or not at all, and return its path.

    Args:
        path: the plain file.
        key: 32 bytes.
        remove: delete the plain file after the sealed one was read back and found equal. A disk may keep the old bytes
            for a while; only a disk that is encrypted itself hides those.

    Raises:
        DataError: the file is sealed already, cannot be read, or its sealed form exists.
        RunError: the disk is full.
    """
    target = path.with_name(path.name + SUFFIX)
    if path.name.endswith(SUFFIX) or is_sealed(path):
        raise DataError(f"{path} is sealed already; give the plain file")
    _check_absent(target)
    with _opened(path) as file, explaining_full_disk(target):
        write_atomically(target, lambda out: out.writelines(_seal(file, key)))
    if remove:
        if _hash_plain(path, None) != _hash_plain(target, key):
            raise DataError(f"{target} does not hold what {path} holds now; was it written to? seal it again")
        path.unlink()
    return target


def unseal_file(path: Path, key: bytes, *, remove: bool = False) -> Path:
    """Write the plain file beside a sealed one, whole or not at all, and return its path.

    Raises:
        DataError: the file is not sealed, is sealed with another key, is damaged or cut, or the plain file exists.
        RunError: the disk is full.
    """
    target = plain_path(path)
    if target == path:
        raise DataError(f"{path}: the name of a sealed file ends in {SUFFIX}; rename it")
    _check_absent(target)
    with _opened(path) as raw, open_sealed(raw, path, key) as file, explaining_full_disk(target):
        write_atomically(target, lambda out: out.writelines(iter(lambda: file.read(1 << CHUNK_LOG), b"")))
    if remove:
        path.unlink()
    return target


def _seal(file: BinaryIO, key: bytes) -> Iterator[bytes]:
    salt = secrets.token_bytes(_SALT)
    raw = MAGIC + bytes([VERSION, CHUNK_LOG]) + name_key(key) + salt
    yield raw
    cipher = _Cipher(key, _read_header(raw, Path()))
    number, plain = 0, file.read(1 << CHUNK_LOG)
    while True:
        following = file.read(1 << CHUNK_LOG)
        yield cipher.seal(plain, number, last=not following)
        if not following:
            return
        number, plain = number + 1, following


def _read_header(raw: bytes, path: Path) -> _Header:
    if not raw.startswith(MAGIC):
        raise DataError(f"{path}: not a sealed file; seal it: boli data seal FILE --key-file KEY")
    if len(raw) < _HEADER:
        raise DataError(_say_wrong(path, 0, last=True, is_cut=True))
    at = len(MAGIC)
    version, log = raw[at], raw[at + 1]
    if version != VERSION or not 10 <= log <= 24:
        raise DataError(f"{path}: sealed in form {version}, this boli reads form {VERSION}; update boli")
    return _Header(raw, 1 << log, raw[at + 2 : at + 10], raw[at + 10 :])


def _check_name(header: _Header, key: bytes, path: Path) -> None:
    if header.name != name_key(key):
        raise DataError(
            f"{path}: sealed with another key (its name is {header.name.hex()}, that of the key given is"
            f" {name_key(key).hex()}); give the key it was sealed with"
        )


def _say_wrong(path: Path, number: int, *, last: bool, is_cut: bool) -> str:
    if is_cut:
        return f"{path}: the sealed file is cut off; its end is missing: copy it again"
    if last:
        return f"{path}: the sealed file is cut off or damaged at its end; copy it again, or take a backup"
    return f"{path}: the sealed file is damaged in chunk {number + 1}; copy it again, or take a backup"


def _check_absent(target: Path) -> None:
    if target.exists():
        raise DataError(f"{target} exists; delete it or move it away first")


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as problem:
        raise DataError(f"{path}: cannot be read ({problem.strerror}); give a file that you may read") from None


def _hash_plain(path: Path, key: bytes | None) -> bytes:
    digest = hashlib.sha256()
    with _opened(path) as raw, open_sealed(raw, path, key) if key else raw as file:
        while part := file.read(1 << CHUNK_LOG):
            digest.update(part)
    return digest.digest()
