"""UTF-8 files read whole, with the line named where a byte is not UTF-8."""

from pathlib import Path

from boli.errors import DataError


def read_lines(path: Path) -> list[str]:
    """Read a UTF-8 file as lines that end at line feeds only.

    `str.splitlines` would also cut at U+2028 and U+0085, which occur inside messages.
    A byte order mark at the start and carriage returns at the ends of lines are dropped.

    Raises:
        DataError: there is no such file, it cannot be read, or a byte is not UTF-8.
    """
    lines = decode(_read_bytes(path), path).split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


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


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; check the path") from None
    except OSError as problem:
        raise DataError(f"{path}: cannot be read ({problem.strerror}); give a file that you may read") from None
