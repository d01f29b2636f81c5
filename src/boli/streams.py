"""Lines of text from files or standard input to a file or standard output: block by block, in order, in little memory.

Input is UTF-8, plain or packed (gzip, Zstandard); which of them is told by the first bytes, not by the name. A line
ends at a line feed; a carriage return before it and a byte order mark at the start of a file are dropped. Every line
that goes out ends with one line feed.
"""

import json
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol, cast

from boli.errors import DataError, require

STDIN = "-"
"""The name that stands for standard input, or for standard output."""

BLOCK = 1 << 18
"""Bytes that are asked for at a time; a pipe may give fewer."""

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_PACKED = {_GZIP: 1 << 14, _ZSTD: 1 << 12}
"""First bytes of a packed file (never those of UTF-8) -> packed bytes that are opened at a time, so that memory stays
small where a few of them hold a lot."""


class Block(NamedTuple):
    """Lines that follow each other in a source; `first` is the number of the first one, from 1."""

    name: str
    first: int
    lines: list[str]


Render = Callable[[Block], str]
"""Block of lines -> what is printed for them, with its line feeds."""


class Source(Protocol):
    """A binary file that gives what it has: `io.BufferedReader`, `io.BytesIO`."""

    def read1(self, size: int, /) -> bytes:
        """Return some bytes, `size` at most; none at the end."""
        ...


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


Advance = Callable[[int], object]
"""Told how many bytes of the files were read."""


def _ignore(_: int) -> None:
    """Show nothing."""


def transform(
    render: Render, paths: Sequence[str], out: str | None, *, size: int = BLOCK
) -> None:
    """Write what `render` makes of each block of lines; with a progress bar on a terminal.

    Args:
        render: block -> text, with its line feeds.
        paths: files to read one after the other; none, or ``-``, for standard input.
        out: a file, written whole or not at all and packed if its name ends with ``.gz`` or ``.zst``; None, or ``-``,
            for standard output.
        size: bytes to read at a time.

    Raises:
        DataError: a file cannot be read, is not UTF-8, or `out` cannot be written. What went to standard output before
            a wrong byte stays there.
        MissingExtra: a ``.zst`` file, and no `zstandard`.
        RunError: the disk is full.
    """
    with reading(paths, quiet=out in (None, STDIN) and sys.stdout.isatty(), size=size) as blocks:
        # Names of files may hold bytes that are not UTF-8; they go out as they came in.
        write((render(block).encode("utf-8", "surrogateescape") for block in blocks), out)


@contextmanager
def reading(paths: Sequence[str], *, quiet: bool = False, size: int = BLOCK) -> Iterator[Iterator[Block]]:
    """Open files as blocks of lines, with a progress bar on standard error if that is a terminal.

    Raises:
        DataError: a file cannot be read; said of all of them before the first is read.
    """
    for path in paths:
        _check_readable(path)
    with _bar([path for path in paths if path != STDIN], shown=sys.stderr.isatty() and not quiet) as advance:
        yield _read_all(paths or (STDIN,), advance, size)


def read_blocks(source: Source, name: str, *, advance: Advance = _ignore, size: int = BLOCK) -> Iterator[Block]:
    r"""Yield the lines of one source, in blocks; memory is a few times `size`, or the longest line.

    Raises:
        DataError: a byte is not UTF-8, or a packed source is damaged.

    >>> import io
    >>> list(read_blocks(io.BytesIO(b"a\r\nb\n\nc"), "x.txt"))
    [Block(name='x.txt', first=1, lines=['a', 'b', '']), Block(name='x.txt', first=4, lines=['c'])]
    """
    first, held = 1, [b""]
    chunks = _unpacked(_chunks(source, advance, size), name, size)
    for chunk in _without_mark(chunks):
        end = chunk.rfind(b"\n") + 1
        if end:
            lines = decode(b"".join([*held, chunk[:end]]), name, first)
            yield Block(name, first, lines)
            first, held = first + len(lines), []
        held.append(chunk[end:])
    if rest := b"".join(held):
        yield Block(name, first, decode(rest, name, first))


def decode(raw: bytes, name: str, first: int) -> list[str]:
    r"""Decode whole lines of UTF-8.

    Raises:
        DataError: a byte is not UTF-8.

    >>> decode(b"ok\nna\xefve\n", "x.txt", 7)
    Traceback (most recent call last):
    ...
    boli.errors.DataError: x.txt:8: byte 0xef (number 3 of the line) is not UTF-8; save the file as UTF-8 (from an old
    Windows program: iconv -f WINDOWS-1256 -t UTF-8)
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise DataError(_name_byte(raw, problem.start, name, first)) from None
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines] if "\r" in text else lines


def write(pieces: Iterable[bytes], out: str | None) -> None:
    """Write pieces to standard output as they come, or to a file that appears when it is whole.

    Raises:
        DataError: the file cannot be written.
        RunError: the disk is full.
    """
    if out in (None, STDIN):
        _pour(pieces, sys.stdout.buffer)
        return
    from boli.files import explaining_full_disk
    from boli.models.weights import write_atomically

    path = Path(str(out)).resolve()  # a link stays a link
    try:
        with explaining_full_disk(path):
            if path.exists() and not (path.is_file() or path.is_dir()):
                _pour_into(path, pieces)
            else:
                _check_place(path, str(out))
                write_atomically(path, lambda file: _pack(pieces, file, path.suffix))
    except PermissionError:
        raise DataError(f"{out}: you may not write there; give another file after -o") from None


def json_lines(rows: Iterable[Mapping[str, object]]) -> str:
    r"""Write one JSON object a line, with letters as letters.

    >>> json_lines([{"line": 1}])
    '{"line": 1}\n'
    """
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _pour_into(device: Path, pieces: Iterable[bytes]) -> None:
    with device.open("wb") as file:
        _pour(pieces, file)


def _pour(pieces: Iterable[bytes], file: BinaryIO) -> None:
    for piece in pieces:
        file.write(piece)
        file.flush()


def _pack(pieces: Iterable[bytes], file: BinaryIO, suffix: str) -> None:
    if suffix == ".gz":
        import gzip

        with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
            packed.writelines(pieces)
    elif suffix == ".zst":
        with require("zstandard", "zstd").ZstdCompressor().stream_writer(file, closefd=False) as packed:
            for piece in pieces:
                packed.write(piece)
    else:
        file.writelines(pieces)


def _check_place(path: Path, out: str) -> None:
    if path.is_dir():
        raise DataError(f"{out} is a folder; give a file after -o")
    if not path.parent.is_dir():
        raise DataError(f"{out}: there is no folder {path.parent}; make it first")


def _check_readable(path: str) -> None:
    if path == STDIN:
        return
    try:
        with Path(path).open("rb"):
            return
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; check the path") from None
    except IsADirectoryError:
        raise DataError(f"{path} is a folder; give files, for example {Path(path) / '*.txt'}") from None
    except (OSError, ValueError) as problem:
        raise DataError(f"{path}: cannot be read ({problem}); give a file that you may read") from None


def _read_all(paths: Sequence[str], advance: Advance, size: int) -> Iterator[Block]:
    for path in paths:
        if path == STDIN:
            yield from read_blocks(_stdin(), "stdin", size=size)
            continue
        with Path(path).open("rb") as file:
            yield from read_blocks(file, path, advance=advance, size=size)


def _stdin() -> Source:
    if not sys.stdin:  # closed, or a window without a console
        raise DataError("standard input is closed; give files")
    return cast(Source, sys.stdin.buffer)


def _chunks(source: Source, advance: Advance, size: int) -> Iterator[bytes]:
    while chunk := source.read1(size):
        advance(len(chunk))
        yield chunk


def _without_mark(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Drop a byte order mark at the start."""
    yield _head(chunks, [b"\xef\xbb\xbf"]).removeprefix(b"\xef\xbb\xbf")
    yield from chunks


def _head(chunks: Iterator[bytes], starts: Iterable[bytes]) -> bytes:
    """Return the first bytes: enough to tell whether they begin like one of `starts`."""
    head = b""
    for chunk in chunks:
        head += chunk
        if not any(start.startswith(head) and start != head for start in starts):
            break
    return head


def _unpacked(chunks: Iterator[bytes], name: str, size: int) -> Iterator[bytes]:
    head = _head(chunks, _PACKED)
    whole = chain([head], chunks)
    magic = next((magic for magic in _PACKED if head.startswith(magic)), None)
    if magic is None:
        return whole
    if magic == _ZSTD:
        zstandard = require("zstandard", "zstd")
        return _gather(_expand(_slices(whole, magic), lambda: _zstd(zstandard), zstandard.ZstdError, name), size)
    return _gather(_expand(_slices(whole, magic), lambda: zlib.decompressobj(31), zlib.error, name), size)


def _zstd(zstandard: object) -> _Unpacker:
    unpacker: _Unpacker = zstandard.ZstdDecompressor().decompressobj()  # type: ignore[attr-defined]
    return unpacker


def _slices(chunks: Iterable[bytes], magic: bytes) -> Iterator[bytes]:
    step = _PACKED[magic]
    for chunk in chunks:
        for at in range(0, len(chunk), step):
            yield chunk[at : at + step]


def _expand(
    chunks: Iterable[bytes], start: Callable[[], _Unpacker], failure: type[Exception], name: str
) -> Iterator[bytes]:
    """Unpack one or more packed members that follow each other; zeros behind a member are padding."""
    unpacker = start()
    try:
        for chunk in chunks:
            left = chunk
            while left:
                if unpacker.eof:
                    left = left.lstrip(b"\0")
                    unpacker = start() if left else unpacker
                yield unpacker.decompress(left) if left else b""
                left = unpacker.unused_data if left and unpacker.eof else b""
    except failure as problem:
        raise DataError(f"{name}: damaged packed file ({problem}); unpack it by hand, or fetch it again") from None
    if not unpacker.eof:
        raise DataError(f"{name}: the packed file ends too early; fetch it again")


def _gather(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Join small chunks until there are `size` bytes."""
    held: list[bytes] = []
    total = 0
    for chunk in chunks:
        held.append(chunk)
        total += len(chunk)
        if total >= size:
            yield b"".join(held)
            held, total = [], 0
    yield b"".join(held)


def _name_byte(raw: bytes, at: int, name: str, first: int) -> str:
    line = first + raw.count(b"\n", 0, at)
    number = at - raw.rfind(b"\n", 0, at)
    wide = line == 1 and raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    advice = "from an old Windows program: iconv -f WINDOWS-1256 -t UTF-8"
    if wide:
        advice = "it looks like UTF-16: iconv -f UTF-16 -t UTF-8"
    found = f"byte 0x{raw[at]:02x} (number {number} of the line)"
    return f"{name}:{line}: {found} is not UTF-8; save the file as UTF-8 ({advice})"


@contextmanager
def _bar(paths: Sequence[str], *, shown: bool) -> Iterator[Advance]:
    if not (shown and paths):
        yield _ignore
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=sum(Path(path).stat().st_size for path in paths))
        yield lambda amount: progress.advance(task, amount)
