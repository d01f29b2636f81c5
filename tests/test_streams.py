"""Lines come in any packing and go out in order; memory stays small, and no file is ever half written."""

import gzip
import io
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from boli import errors, streams
from boli.errors import DataError, MissingExtra
from boli.streams import Block, read_blocks, reading, transform

TEXT = "پہلی سطر\nدوسری\n\nآخری\n"
LINES = ["پہلی سطر", "دوسری", "", "آخری"]


def lines_of(raw: bytes, size: int = streams.BLOCK) -> list[str]:
    return [line for block in read_blocks(io.BytesIO(raw), "x", size=size) for line in block.lines]


def same(block: Block) -> str:
    return "".join(f"{line}\n" for line in block.lines)


def zst(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zst], ids=["plain", "gzip", "zstd"])
@pytest.mark.parametrize("size", [1, 7, 1 << 18])
def test_packed_and_plain_text_have_the_same_lines(pack, size) -> None:
    assert lines_of(pack(TEXT.encode()), size) == LINES


def test_members_that_follow_each_other_are_read_as_one_text() -> None:
    assert lines_of(gzip.compress(b"a\n") + gzip.compress(b"b\n") + b"\0" * 512) == ["a", "b"]
    assert lines_of(zst(b"a\n") + zst(b"b")) == ["a", "b"]


def test_an_empty_source_has_no_lines() -> None:
    assert lines_of(b"") == lines_of(gzip.compress(b"")) == lines_of(zst(b"")) == []


def test_a_last_line_without_line_feed_is_a_line() -> None:
    assert lines_of(b"a\nb") == ["a", "b"]


def test_carriage_returns_and_the_byte_order_mark_are_dropped() -> None:
    assert lines_of(b"\xef\xbb\xbfa\r\nb\r\n", 1) == ["a", "b"]
    assert lines_of(b"\xef\xbb\xbf") == []


def test_other_separators_of_unicode_stay_inside_a_line() -> None:
    assert lines_of("a\u2028b\x85c\x0bd\re\n".encode()) == ["a\u2028b\x85c\x0bd\re"]


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))), st.integers(1, 40))
def test_any_lines_come_back_at_any_block_size(lines: list[str], size: int) -> None:
    raw = "".join(f"{line}\n" for line in lines).encode()
    if not raw.startswith((b"\xef\xbb\xbf", b"\x1f\x8b")):
        assert lines_of(raw, size) == lines


def test_blocks_number_their_first_line() -> None:
    blocks = list(read_blocks(io.BytesIO(b"a\nb\nc\nd"), "x", size=4))
    assert [(block.first, block.lines) for block in blocks] == [(1, ["a", "b"]), (3, ["c"]), (4, ["d"])]


@pytest.mark.parametrize("size", [3, 1 << 18])
def test_a_wrong_byte_is_named_with_its_line(size: int) -> None:
    with pytest.raises(DataError, match=r"^x:3: byte 0xe3 \(number 2 of the line\) is not UTF-8; save the file as"):
        lines_of(b"ok\nok\nk\xe3\n", size)


def test_a_character_cut_off_at_the_end_is_named() -> None:
    with pytest.raises(DataError, match=r"^x:2: byte 0xd8"):
        lines_of(b"ok\n\xd8")


def test_utf_16_is_recognised() -> None:
    with pytest.raises(DataError, match=r"^x:1: byte 0xff .*it looks like UTF-16: iconv -f UTF-16 -t UTF-8"):
        lines_of(TEXT.encode("utf-16"))


@pytest.mark.parametrize("pack", [gzip.compress, zst], ids=["gzip", "zstd"])
def test_a_packed_file_that_was_cut_off_is_refused(pack) -> None:
    with pytest.raises(DataError, match=r"^x: the packed file ends too early; fetch it again"):
        lines_of(pack(os.urandom(500).hex().encode())[:-9])


@pytest.mark.parametrize("raw", [b"\x1f\x8bnot gzip at all", b"\x28\xb5\x2f\xfdnor zstd"], ids=["gzip", "zstd"])
def test_a_damaged_packed_file_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError, match=r"^x: damaged packed file"):
        lines_of(raw)


def test_zstd_without_its_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(errors.importlib, "import_module", missing)
    with pytest.raises(MissingExtra, match=r"pip install 'boli\[zstd\]'"):
        lines_of(zst(b"a"))


class Flood:
    """A source of many megabytes that exist nowhere."""

    def __init__(self, chunk: bytes, count: int) -> None:
        self.chunk, self.left, self.asked = chunk, count, 0

    def read1(self, size: int, /) -> bytes:
        self.left -= 1
        self.asked = max(self.asked, size)
        return self.chunk if self.left >= 0 else b""


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zst], ids=["plain", "gzip", "zstd"])
def test_memory_does_not_grow_with_the_text(pack) -> None:
    chunk = ("یہ ایک سطر ہے۔\n" * 2000).encode()  # 50 kB
    flood = Flood(pack(chunk), 400)
    tracemalloc.start()
    try:
        count = sum(len(block.lines) for block in read_blocks(flood, "x", size=1 << 16))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 800_000
    assert peak < 3e6  # of 20 MB


def test_blocks_are_asked_for_one_at_a_time() -> None:
    flood = Flood(b"a\n", 100)
    blocks = read_blocks(flood, "x")
    next(blocks)
    next(blocks)
    assert flood.left >= 97


def test_a_long_line_is_joined_once() -> None:
    flood = Flood(b"x" * (1 << 16), 200)
    (block,) = read_blocks(flood, "x", size=1 << 16)
    assert len(block.lines[0]) == 200 << 16


def test_files_follow_each_other_and_never_share_a_line(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1\n2")
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"3\n"))
    transform(same, [str(tmp_path / "a"), str(tmp_path / "b.gz")], str(tmp_path / "out"))
    assert (tmp_path / "out").read_bytes() == b"1\n2\n3\n"


@pytest.mark.parametrize(("name", "unpack"), [("o.gz", gzip.decompress), ("o.zst", zstandard.decompress)])
def test_output_is_packed_by_its_name(tmp_path: Path, name: str, unpack) -> None:
    (tmp_path / "a").write_text(TEXT, "utf-8")
    transform(same, [str(tmp_path / "a")], str(tmp_path / name))
    if name == "o.gz":
        assert unpack((tmp_path / name).read_bytes()).decode() == TEXT
    with reading([str(tmp_path / name)]) as blocks:
        assert [line for block in blocks for line in block.lines] == LINES


def test_a_file_may_be_written_over_itself(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1\n2\n")
    transform(lambda block: same(block).replace("1", "9"), [str(path)], str(path))
    assert path.read_bytes() == b"9\n2\n"


def test_a_failed_run_leaves_the_old_output_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"ok\n" * 9 + b"\xff\n")
    (tmp_path / "out").write_bytes(b"old")
    with pytest.raises(DataError, match=r"bad:10: byte 0xff"):
        transform(same, [str(tmp_path / "bad")], str(tmp_path / "out"), size=4)
    assert (tmp_path / "out").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad", "out"]


def test_every_file_is_looked_for_before_the_first_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1\n")
    seen: list[Block] = []
    with pytest.raises(DataError, match=r"nowhere: no such file; check the path"):
        transform(lambda block: seen.append(block) or "", [str(tmp_path / "a"), str(tmp_path / "nowhere")], None)
    assert seen == []


def test_folders_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1\n")
    with pytest.raises(DataError, match=r"is a folder; give files, for example .*\*\.txt"):
        transform(same, [str(tmp_path)], None)
    with pytest.raises(DataError, match="is a folder; give a file after -o"):
        transform(same, [str(tmp_path / "a")], str(tmp_path))
    with pytest.raises(DataError, match=r"there is no folder .*; make it first"):
        transform(same, [str(tmp_path / "a")], str(tmp_path / "no" / "o"))


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1\n")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    transform(same, [str(tmp_path / "a")], str(tmp_path / "link"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"1\n"


def test_a_device_is_written_to_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1\n")
    transform(same, [str(tmp_path / "a")], os.devnull)
    assert not Path(os.devnull).is_file()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_is_drawn_on_a_terminal_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"1\n" * 1000)

    def drawn(stderr: io.StringIO) -> str:
        monkeypatch.setattr("sys.stderr", stderr)
        transform(same, [str(tmp_path / "a")], str(tmp_path / "o"))
        return stderr.getvalue()

    assert drawn(io.StringIO()) == ""
    assert drawn(Terminal()) != ""


def test_advance_is_told_every_byte_of_the_packed_file() -> None:
    told: list[int] = []
    packed = gzip.compress(TEXT.encode())
    consume(read_blocks(io.BytesIO(packed), "x", advance=told.append, size=10))
    assert sum(told) == len(packed)


def consume(blocks: Iterator[Block]) -> None:
    for _ in blocks:
        pass
