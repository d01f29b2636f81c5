"""Sealed data: what a key hides, what a wrong or missing one says, and every way in which a file can be damaged."""

import base64
import gzip
import io
import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from boli.cli import main
from boli.datasets import Schema, audit_dataset, load_dataset, load_rows, stream_rows
from boli.datasets.keyfiles import find_key, make_key_file, read_key_file, read_key_variable
from boli.datasets.sealing import (
    CHUNK_LOG,
    find_file,
    is_sealed,
    open_sealed,
    seal_bytes,
    seal_file,
    unseal_file,
)
from boli.datasets.textfiles import open_bytes, read_bytes, stream_lines
from boli.errors import ConfigError, DataError
from boli.pipeline.texts import TextPath
from boli.tokenization.recipes import SourceSpec
from boli.tokenization.sources import read_source
from boli.training import SilentProgress, train_intent
from boli.training.config import CorpusConfig
from boli.training.corpora import any_sealed, read_back, read_lines, sign_files, write_lines
from boli.training.store import TokenStore
from boli.training.texts import prepare_records

CHUNK = 1 << CHUNK_LOG
KEY = bytes(range(32))
HEADER, RECORD = 34, CHUNK + 28


@pytest.fixture(autouse=True)
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "secret" / "key"
    path.parent.mkdir()
    path.write_text(KEY.hex() + "\n")
    monkeypatch.delenv("BOLI_KEY", raising=False)
    monkeypatch.setenv("BOLI_KEY_FILE", str(path))
    return path


def sealed(folder: Path, plain: bytes) -> Path:
    path = folder / "rows.jsonl.sealed"
    path.write_bytes(seal_bytes(plain, KEY))
    return path


def reading(path: Path) -> bytes:
    with open_sealed(path.open("rb"), path, KEY) as file:
        return file.read()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7])
def test_what_was_sealed_comes_back(tmp_path: Path, size: int) -> None:
    plain = bytes(number * 31 % 251 for number in range(size))
    assert reading(sealed(tmp_path, plain)) == plain


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2 * CHUNK + 50), st.integers(0, 300)), max_size=6))
def test_a_sealed_file_is_searched_like_a_plain_one(places: list[tuple[int, int]]) -> None:
    plain = bytes(number * 7 % 253 for number in range(2 * CHUNK + 11))
    file = open_sealed(io.BytesIO(seal_bytes(plain, KEY)), Path("x.sealed"), KEY)
    for start, length in places:
        file.seek(start)
        assert file.read(length) == plain[start : start + length]
    assert file.seek(0, 2) == len(plain)


def test_nothing_of_the_text_is_in_the_file_and_no_two_files_are_alike() -> None:
    plain = b"mera number 0300-1234567 hai " * 50
    one, other = seal_bytes(plain, KEY), seal_bytes(plain, KEY)
    assert b"0300" not in one
    assert one != other
    assert len(gzip.compress(one)) > len(plain)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw[:-1], "is cut off"),
        (lambda raw: raw[: HEADER + RECORD], "is cut off"),
        (lambda raw: raw[: HEADER + 2 * RECORD], "is cut off"),
        (lambda raw: raw[:HEADER], "is cut off"),
        (lambda raw: raw[:20], "is cut off"),
        (lambda raw: raw + b"more", "damaged at its end"),
        (lambda raw: raw + raw[HEADER : HEADER + RECORD], "damaged at its end"),
        (lambda raw: raw[:9] + b"\x63" + raw[10:], "this boli reads form 1"),
        (lambda raw: raw[:20] + bytes([raw[20] ^ 1]) + raw[21:], "damaged at its end"),
    ],
)
def test_a_changed_file_is_refused_before_a_byte_of_it_is_given(
    tmp_path: Path, change: Callable[[bytes], bytes], message: str
) -> None:
    path = sealed(tmp_path, b"x" * (2 * CHUNK + 5))
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DataError, match=message):
        read_bytes(path)


@pytest.mark.parametrize("at", [HEADER, HEADER + 12, HEADER + RECORD + 500, -1])
def test_one_changed_bit_is_noticed(tmp_path: Path, at: int) -> None:
    path = sealed(tmp_path, b"x" * (2 * CHUNK + 5))
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)
    with pytest.raises(DataError, match=r"damaged (in chunk|at its end)"):
        read_bytes(path)


def test_chunks_that_changed_places_are_noticed(tmp_path: Path) -> None:
    path = sealed(tmp_path, b"a" * CHUNK + b"b" * CHUNK + b"c")
    raw = path.read_bytes()
    one, two = raw[HEADER : HEADER + RECORD], raw[HEADER + RECORD : HEADER + 2 * RECORD]
    path.write_bytes(raw[:HEADER] + two + one + raw[HEADER + 2 * RECORD :])
    with pytest.raises(DataError, match="damaged in chunk 1"):
        read_bytes(path)


def test_a_chunk_of_another_file_is_noticed(tmp_path: Path) -> None:
    path = sealed(tmp_path, b"a" * CHUNK + b"b")
    other = seal_bytes(b"z" * CHUNK + b"b", KEY)
    raw = path.read_bytes()
    path.write_bytes(raw[:HEADER] + other[HEADER : HEADER + RECORD] + raw[HEADER + RECORD :])
    with pytest.raises(DataError, match="damaged in chunk 1"):
        read_bytes(path)


def test_another_key_is_named_and_no_key_says_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sealed(tmp_path, b"salam")
    monkeypatch.delenv("BOLI_KEY_FILE")
    with pytest.raises(ConfigError, match=r"is sealed and no key is named; set BOLI_KEY_FILE"):
        read_bytes(path)
    monkeypatch.setenv("BOLI_KEY", "ff" * 32)
    with pytest.raises(DataError, match=r"sealed with another key \(its name is [0-9a-f]{16}"):
        read_bytes(path)
    monkeypatch.setenv("BOLI_KEY", KEY.hex())
    assert read_bytes(path) == b"salam"


@pytest.mark.parametrize(
    "written",
    [
        KEY,
        KEY.hex().encode(),
        KEY.hex().upper().encode() + b"\r\n",
        base64.b64encode(KEY) + b"\n",
        base64.urlsafe_b64encode(KEY).rstrip(b"="),
    ],
)
def test_a_key_is_read_in_each_of_its_forms(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "k"
    path.write_bytes(written)
    assert read_key_file(path) == KEY


@pytest.mark.parametrize(
    "written", [b"", b"short", KEY.hex()[:32].encode(), KEY + b"x", b"g" * 64, KEY.hex().encode() * 2]
)
def test_what_is_no_key_is_refused_and_not_quoted(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "k"
    path.write_bytes(written)
    with pytest.raises(ConfigError, match="no key of 32 bytes") as caught:
        read_key_file(path)
    assert len(written) < 5 or written.decode("latin-1") not in str(caught.value)


def test_the_environment_names_a_key_or_none() -> None:
    assert find_key({}) is None
    assert find_key({"BOLI_KEY": KEY.hex()}) == KEY
    with pytest.raises(ConfigError, match="OURS is not set"):
        read_key_variable("OURS", {})


def test_a_new_key_is_its_owners_alone_and_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "k"
    assert main(["data", "new-key", str(path)]) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    assert main(["data", "new-key", str(path)]) == 2
    assert path.read_bytes() == before
    make_key_file(tmp_path / "other")
    assert read_key_file(tmp_path / "other") != read_key_file(path)


def test_sealing_and_unsealing_by_command(
    tmp_path: Path, key_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(tiny.tiny_data(), tmp_path / "data")
    before = (folder / "train.jsonl").read_bytes()
    monkeypatch.delenv("BOLI_KEY_FILE")
    assert main(["data", "seal", str(folder), "--key-file", str(key_file), "--remove"]) == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md", "dev.jsonl.sealed", "test.jsonl.sealed", "train.jsonl.sealed",
    ]  # fmt: skip
    monkeypatch.setenv("OURS", KEY.hex())
    assert main(["data", "unseal", str(folder / "train.jsonl.sealed"), "--key-env", "OURS"]) == 0
    assert (folder / "train.jsonl").read_bytes() == before
    assert is_sealed(folder / "train.jsonl.sealed")
    assert main(["data", "check", str(folder)]) == 2
    assert "the two may differ; delete one" in capsys.readouterr().err


def test_a_command_without_a_key_says_how_to_give_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOLI_KEY_FILE")
    (tmp_path / "a.jsonl").write_text("{}")
    assert main(["data", "seal", str(tmp_path / "a.jsonl")]) == 2
    assert "no key is named; give --key-file FILE" in capsys.readouterr().err
    assert main(["data", "seal", str(tmp_path / "a.jsonl"), "--key-file", "x", "--key-env", "Y"]) == 2
    assert "give --key-file or --key-env, not both" in capsys.readouterr().err


def test_nothing_is_overwritten_and_nothing_is_sealed_twice(tmp_path: Path) -> None:
    plain = tmp_path / "a.csv"
    plain.write_bytes(b"text,label\nwah,good\n")
    target = seal_file(plain, KEY)
    with pytest.raises(DataError, match="exists; delete it"):
        seal_file(plain, KEY)
    with pytest.raises(DataError, match="exists; delete it"):
        unseal_file(target, KEY)
    with pytest.raises(DataError, match="is sealed already"):
        seal_file(target, KEY)
    with pytest.raises(DataError, match="may differ"):
        find_file(plain)


def test_a_full_disk_leaves_the_plain_file_and_no_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = tmp_path / "a.csv"
    plain.write_bytes(b"text,label\nwah,good\n")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(Exception, match="the disk is full"):
        seal_file(plain, KEY, remove=True)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.csv"]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.csv", "rows.tsv", "rows.txt", "rows.parquet"])
def test_every_reader_reads_sealed_files(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    rows = [{"text": f"salam {number}", "tag": "ur-Latn", "label": "greeting"} for number in range(3)]
    if name.endswith("jsonl"):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif name.endswith("parquet"):
        pandas = pytest.importorskip("pandas")
        pandas.DataFrame(rows).to_parquet(path)
    elif name.endswith("txt"):
        path.write_text("".join(row["text"] + "\n" for row in rows))
    else:
        mark = "\t" if name.endswith("tsv") else ","
        path.write_text(
            "\n".join(mark.join(row) for row in [tuple(rows[0]), *(tuple(r.values()) for r in rows)]) + "\n"
        )
    schema = Schema(tag="ur-Latn")
    plain = load_rows(path, schema=schema)
    seal_file(path, KEY, remove=True)
    for source in (path, tmp_path / f"{name}.sealed"):
        found = load_rows(source, schema=schema)
        assert found.records == plain.records
        assert (found.is_sealed, plain.is_sealed) == (True, False)
        assert str(found.places[0]).startswith(f"{tmp_path / name}.sealed:")


def test_text_files_in_folders_may_be_sealed(tmp_path: Path) -> None:
    path = tmp_path / "texts" / "good" / "a.txt"
    path.parent.mkdir(parents=True)
    path.write_text("wah wah")
    seal_file(path, KEY, remove=True)
    rows = load_rows(tmp_path / "texts", schema=Schema(tag="ur-Latn"))
    assert [(row.text, row.label) for row in rows.records] == [("wah wah", "good")]


def test_errors_in_sealed_files_name_the_line(tmp_path: Path) -> None:
    path = sealed(tmp_path, b'{"text": "a", "tag": "ur-Latn", "label": "x"}\n{"text"\n')
    with pytest.raises(DataError, match=r"rows\.jsonl\.sealed:2: broken JSON"):
        list(stream_rows(path))


def test_long_sealed_files_are_streamed_line_by_line(tmp_path: Path) -> None:
    plain = "".join(f"line {number}\n" for number in range(30_000)).encode()
    path = sealed(tmp_path, plain)
    assert [line.text for line in stream_lines(path)] == plain.decode().splitlines()
    with open_bytes(path) as file:
        assert file.read(6) == b"line 0"


def test_a_sealed_data_set_is_the_same_data_set(tmp_path: Path) -> None:
    folder = shutil.copytree(tiny.tiny_data(), tmp_path / "data")
    plain = load_dataset(folder)
    for split in ("train", "dev", "test"):
        seal_file(folder / f"{split}.jsonl", KEY, remove=True)
    found = load_dataset(folder)
    assert (found.sha256, found.train) == (plain.sha256, plain.train)
    assert (found.is_sealed, plain.is_sealed) == (True, False)
    assert load_rows(str(folder)).records == load_rows(str(tiny.tiny_data())).records


def test_an_audit_of_sealed_data_quotes_no_message(tmp_path: Path) -> None:
    folder = shutil.copytree(tiny.tiny_data(), tmp_path / "data")
    line = (folder / "train.jsonl").read_text("utf-8").splitlines()[0]
    with (folder / "test.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    text = json.loads(line)["text"]
    assert text in audit_dataset(load_dataset(folder)).to_json()
    seal_file(folder / "test.jsonl", KEY, remove=True)
    audit = audit_dataset(load_dataset(folder), deep=True)
    assert str(audit.leaks[0].places[0]) == "train.jsonl:1"
    assert text not in audit.to_json()


def test_a_tokenizer_learns_from_sealed_text(tmp_path: Path) -> None:
    plain = tmp_path / "text" / "a.txt"
    plain.parent.mkdir()
    plain.write_text("".join(f"satar number {number}\n" for number in range(9000)))
    source = SourceSpec("ur-Latn", "ours", "text")
    before = [text for texts in read_source(source, tmp_path, {}, 0) for text in texts]
    seal_file(plain, KEY, remove=True)
    assert [text for texts in read_source(source, tmp_path, {}, 0) for text in texts] == before


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def find_messages(folder: Path, texts: list[str]) -> set[tuple[str, str]]:
    found = set()
    for name, raw in bytes_of(folder).items():
        escaped = raw.decode("utf-8", "replace")
        found |= {(name, text) for text in texts if text in escaped or json.dumps(text)[1:-1] in escaped}
    return found


def test_a_run_on_sealed_data_keeps_no_message_and_equals_the_run_on_plain_data(tmp_path: Path) -> None:
    folder = shutil.copytree(tiny.tiny_data(), tmp_path / "data")
    pairs = [
        {"text": "salam ji bhai", "tag": "ur-Latn", "other": "salam ji behan", "other_tag": "ur-Latn", "kind": "name"}
    ]
    (folder / "pairs.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    for name in ("train", "dev", "test", "pairs"):
        seal_file(folder / f"{name}.jsonl", KEY, remove=True)
    dataset = load_dataset(folder)
    run = tmp_path / "run"
    train_intent(tiny.tiny_config(folder), run, SilentProgress())
    records = (*dataset.train, *dataset.dev, *dataset.test)
    texts = [row.text for row in records if len(row.text.split()) > 1]
    texts += [*prepare_records(TextPath("standard"), records), pairs[0]["text"], pairs[0]["other"]]
    texts = [text for text in texts if len(text.split()) > 1]
    assert len(texts) > 600
    assert find_messages(tiny.finished_run(), texts), "this test looks for the wrong thing"
    assert find_messages(run, texts) == set()
    before = tiny.finished_run()
    for name in ("model.safetensors", "baseline.npz", "tokenizer.json"):
        assert (run / name).read_bytes() == (before / name).read_bytes(), name
    ids = run / "checkpoints" / "tokens" / "train.ids"
    assert is_sealed(ids)
    assert TokenStore.open(ids)[3].tolist() == TokenStore.open(before / "checkpoints/tokens/train.ids")[3].tolist()
    assert json.loads((run / "report.json").read_text())["data_sha256"] == dataset.sha256


def test_pretraining_on_sealed_text_keeps_no_line_in_plain(tmp_path: Path) -> None:
    lines = [f"yeh satar number {number} hai aur is mein raaz hai" for number in range(40)]
    plain = tmp_path / "text.txt"
    plain.write_text("\n".join(lines))
    spec = f"ur-Latn={plain}*"
    signed = sign_files(f"ur-Latn={plain}")
    seal_file(plain, KEY, remove=True)
    assert any_sealed(spec)
    assert sign_files(spec) == signed
    corpus = read_lines(CorpusConfig(spec), TextPath("standard"), seed=0)
    assert len(corpus.train) + len(corpus.held_out) == 40
    write_lines(tmp_path / "kept", corpus.train, sealed=True)
    assert b"raaz" not in (tmp_path / "kept").read_bytes()
    assert read_back(tmp_path / "kept") == corpus.train
