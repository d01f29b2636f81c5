"""UTF-8 files, whole or line by line, with the line named where a byte is not UTF-8.

Every reader of data sets opens its files by `read_bytes` and `open_bytes`, which decrypt sealed files in memory.
"""

from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, NamedTuple

from boli.datasets.sealing import MAGIC, open_sealed
from boli.errors import DataError

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""What a byte order mark is when it does not stand at the start of a file."""

LONGEST = 1 << 24
"""Bytes of the longest line that is read: a line without end would fill the memory."""

_MARKS = {b"\xff\xfe": "UTF-16LE", b"\xfe\xff": "UTF-16BE"}


class Line(NamedTuple):
    """One line without its end; `number` counts from 1."""

    number: int
    text: str


def read_lines(path: Path) -> list[str]:
    """Read a UTF-8 file as lines that end at line feeds only.

    `str.splitlines` would also cut at U+2028 and U+0085, which occur inside messages.
    A byte order mark at the start and carriage returns at the ends of lines are dropped.

    Raises:
        DataError: there is no such file, it cannot be read, or a byte is not UTF-8.
    """
    lines = decode(read_bytes(path), path).split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def stream_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a UTF-8 file one by one, by the same rules as `read_lines`; memory is that of a line.

    Raises:
        DataError: as `read_lines`; also for a byte order mark at the start of a later line (two files were joined) and
            a line of more than 16 MiB. Where a byte is not UTF-8 the rest of the file is looked through, so that the
            message can say whether the whole file or some lines are in another encoding.
    """
    with open_bytes(path) as file:
        for number, raw in enumerate(_raw_lines(file, path), start=1):
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as problem:
                raise DataError(_say_encoding(path, number, raw, problem.start)) from None
            if text.startswith(BOM):
                raise DataError(
                    f"{path}:{number}: a byte order mark (U+FEFF) inside the file: two files were joined here;"
                    " delete the mark"
                )
            yield Line(number, text.removesuffix("\n").removesuffix("\r"))


def decode(raw: bytes, path: Path) -> str:
    """Decode UTF-8, or name the line of the first wrong byte.

    >>> decode(b"ok\\n\\xff", Path("train.jsonl"))
    Traceback (most recent call last):
    ...
    boli.errors.DataError: train.jsonl:2: byte 0xff is not UTF-8; save the file as UTF-8
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        wrong = raw[problem.start]
    raise DataError(f"{path}:{line}: byte 0x{wrong:02x} is not UTF-8; save the file as UTF-8")


def read_bytes(path: Path) -> bytes:
    """Read a whole file.

    Raises:
        DataError: there is no such file, or it cannot be read.
    """
    with open_bytes(path) as file:
        return file.read()


def open_bytes(path: Path) -> BinaryIO:
    """Open a file to read its bytes; those of a sealed file are decrypted as they are read.

    Raises:
        ConfigError: the file is sealed and the environment names no key.
        DataError: there is no such file, it cannot be read, or it is sealed with another key, damaged or cut.
    """
    file = _open(path)
    try:
        return open_sealed(file, path) if file.peek(len(MAGIC)).startswith(MAGIC) else file
    except BaseException:
        file.close()
        raise


def _open(path: Path) -> BufferedReader:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; check the path") from None
    except OSError as problem:
        raise DataError(f"{path}: cannot be read ({problem.strerror}); give a file that you may read") from None


def _raw_lines(file: BinaryIO, path: Path) -> Iterator[bytes]:
    number = 0
    while raw := file.readline(LONGEST + 1):
        number += 1
        if len(raw) > LONGEST:
            raise DataError(f"{path}:{number}: a line of more than {LONGEST:,} bytes; is this a text file?")
        yield raw


def _say_encoding(path: Path, number: int, raw: bytes, at: int) -> str:
    mark = next((name for start, name in _MARKS.items() if number == 1 and raw.startswith(start)), "")
    if mark:
        return f"{path}:1: the file is {mark}; save it as UTF-8: iconv -f {mark} -t UTF-8"
    other, also = _count_encodings(path)
    said = f"{path}:{number}: byte 0x{raw[at]:02x} (number {at + 1} of the line) is not UTF-8"
    if also:
        return f"{said}; encodings are mixed: {other:,} lines are not UTF-8 and {also:,} are; mend those lines"
    return (
        f"{said}, nor is any other line with such bytes; save the file as UTF-8"
        " (from an old Windows program: iconv -f WINDOWS-1256 -t UTF-8)"
    )


def _count_encodings(path: Path) -> tuple[int, int]:
    """Count lines that are not UTF-8, and lines beyond ASCII that are."""
    counts = [0, 0]
    with open_bytes(path) as file:
        for raw in _raw_lines(file, path):
            if not raw.isascii():
                counts[_is_utf8(raw)] += 1
    return counts[0], counts[1]


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
