"""A person's rows leave every split at once, and the card says how many, never what."""

import io
import json
import shutil
from pathlib import Path

import pytest
import tiny

from boli.cli import main
from boli.datasets import load_dataset
from boli.datasets.forgetting import match_pseudonym, match_text
from boli.datasets.sealing import is_sealed, seal_file
from boli.datasets.textfiles import read_bytes
from boli.errors import DataError
from boli.redaction import Redactor

KEY = b"a key of 16 bytes"


@pytest.mark.parametrize(
    ("wanted", "text", "tag"),
    [
        ("0300-1234567", "call 0300 1234567 now", "ur-Latn"),
        ("0300-1234567", "call +92 300 1234567 now", "ur-Latn"),
        ("03001234567", "میرا نمبر ۰۳۰۰-۱۲۳۴۵۶۷ ہے", "ur-Arab"),
        ("۰۳۰۰۱۲۳۴۵۶۷", "mera number 0300.123.4567", "ur-Latn"),
        ("35202-1234567-1", "cnic 3520212345671", "ur-Latn"),
        ("Fatima Bibi", "meri ammi FATIMA  bibi ko bhejo", "ur-Latn"),
        ("فاطمہ", "فاطمه کو پیسے بھیجو", "ur-Arab"),
        ("علی", "علي کي پئسا موڪليو", "sd-Arab"),
        ("Sajjad.Khan", "from sajjad khan please", "pa-Latn"),
    ],
)
def test_what_is_written_otherwise_is_found(wanted: str, text: str, tag: str) -> None:
    assert match_text(wanted)(text, tag)


@pytest.mark.parametrize(
    ("wanted", "text", "tag"),
    [
        ("Ali", "kali billi", "ur-Latn"),
        ("Ali Khan", "ali ne khan se kaha ali", "ur-Latn"),
        ("علی", "عالی شان", "ur-Arab"),
        ("0300-1234567", "call 0300 1234568 now", "ur-Latn"),
        ("0300-1234567", "1030012345679", "ur-Latn"),
        ("12345", "123456 rupay", "ur-Latn"),
        ("500", "5000 bhejo", "ur-Latn"),
    ],
)
def test_what_is_somebody_elses_stays(wanted: str, text: str, tag: str) -> None:
    assert not match_text(wanted)(text, tag)


def test_a_text_without_letters_and_digits_finds_nobody() -> None:
    with pytest.raises(DataError, match="nothing to look for"):
        match_text(" -- ")


def test_a_pseudonym_finds_the_rows_that_would_get_it() -> None:
    made = Redactor(style="pseudonym", key=KEY)("0300-1234567").spans[0].replacement
    for written in (made, made.strip("[]")):
        assert match_pseudonym(written, KEY)("call +92 300 1234567", "ur-Latn")
        assert match_pseudonym(written)(f"call {made} now", "ur-Latn")
        assert not match_pseudonym(written)("call 0300-1234567", "ur-Latn")
        assert not match_pseudonym(written, b"another key of ours")("call 0300-1234567", "ur-Latn")
    assert match_pseudonym("w017")("w017", "ur-Latn")


def write(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    (folder / name).write_bytes("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = shutil.copytree(tiny.tiny_data(), tmp_path / "data")
    for split, text in (("train", "Nazia ka number 0300-1234567"), ("test", "nazia ko 500 bhejo")):
        row = {"text": text, "tag": "ur-Latn", "intent": "top_up", "template": f"t.{split}"}
        write(folder, f"{split}.jsonl", [row, *map(json.loads, (folder / f"{split}.jsonl").read_text().splitlines())])
    write(folder, "pairs.jsonl", [
        {"text": "salam", "tag": "ur-Latn", "other": "Nazia salam", "other_tag": "ur-Latn", "kind": "name"},
        {"text": "salam", "tag": "ur-Latn", "other": "jee", "other_tag": "ur-Latn", "kind": "name"},
    ])  # fmt: skip
    return folder


def test_a_person_leaves_all_splits_and_the_card_says_how_many(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = load_dataset(data)
    assert main(["data", "forget", str(data), "--match", "Nazia"]) == 0
    out = capsys.readouterr().out
    assert "removed 3 rows (dev 0, pairs 1, test 1, train 1)" in out
    assert "train them again" in out
    after = load_dataset(data)
    assert after.train == before.train[1:]
    assert after.test == before.test[1:]
    assert len((data / "pairs.jsonl").read_text().splitlines()) == 1
    retention = after.card.sections["Retention and how to delete a person's rows"]
    assert retention.splitlines()[-1].endswith(
        ": 3 rows (dev 0, pairs 1, test 1, train 1) removed on request (found by match)."
    )
    assert "azia" not in (data / "README.md").read_text()
    assert list(data.glob(".*")) == []


def test_a_second_removal_is_a_second_line(data: Path) -> None:
    assert main(["data", "forget", str(data), "--match", "0300 1234567"]) == 0
    assert main(["data", "forget", str(data), "--match", "Nazia"]) == 0
    lines = (data / "README.md").read_text().splitlines()
    notes = [at for at, line in enumerate(lines) if "removed on request" in line]
    assert len(notes) == 2
    assert notes[1] == notes[0] + 1


def test_a_dry_run_writes_nothing_and_names_places(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in data.iterdir()}
    assert main(["data", "forget", str(data), "--match", "Nazia", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert f"would remove 3 rows (dev 0, pairs 1, test 1, train 1)\n  {data}/pairs.jsonl:1\n" in out
    assert "azia" not in out
    assert {path: path.read_bytes() for path in data.iterdir()} == before


def test_nobody_found_writes_nothing(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (data / "README.md").read_bytes()
    assert main(["data", "forget", str(data), "--match", "Qwxyz"]) == 0
    assert capsys.readouterr().out == "0 rows found; nothing was written\n"
    assert (data / "README.md").read_bytes() == before


def test_rows_of_the_same_template_are_pointed_at(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [json.loads(line) for line in (data / "train.jsonl").read_text().splitlines()]
    write(data, "train.jsonl", [*rows, {"text": "نازیہ", "tag": "ur-Arab", "intent": "top_up", "template": "t.train"}])
    assert main(["data", "forget", str(data), "--match", "Nazia"]) == 0
    assert f"rows that share a template with them stay, 1 of them; look at: {data}/train.jsonl:{len(rows) + 1}" in (
        capsys.readouterr().out
    )


def test_a_sealed_set_stays_sealed(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOLI_KEY", "ab" * 32)
    train = seal_file(data / "train.jsonl", b"\xab" * 32, remove=True)
    (tmp_path / "key").write_bytes(KEY + b"\n")
    made = Redactor(style="pseudonym", key=KEY)("0300-1234567").spans[0].replacement
    assert main(["data", "forget", str(data), "--pseudonym", made, "--key-file", str(tmp_path / "key")]) == 0
    assert is_sealed(train)
    assert b"Nazia" not in read_bytes(train)
    assert "Nazia" not in [row.text.split()[0] for row in load_dataset(data).train]


def test_a_fault_leaves_everything_as_it_was(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: path.read_bytes() for path in data.iterdir()}
    seen: list[int] = []

    def fail(_: int) -> None:
        seen.append(1)
        if len(seen) > 4:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    assert main(["data", "forget", str(data), "--match", "Nazia"]) == 2
    assert {path: path.read_bytes() for path in data.iterdir()} == before


def test_a_broken_line_stops_it_before_anything_is_written(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (data / "dev.jsonl").open("a") as file:
        file.write("{broken\n")
    before = (data / "train.jsonl").read_bytes()
    assert main(["data", "forget", str(data), "--match", "Nazia"]) == 2
    rows = len((data / "dev.jsonl").read_text().splitlines())
    assert f"dev.jsonl:{rows}: broken JSON" in capsys.readouterr().err
    assert (data / "train.jsonl").read_bytes() == before


@pytest.mark.parametrize("given", [[], ["--match", "a", "--pseudonym", "b"]])
def test_one_way_to_say_who_is_needed(data: Path, given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "forget", str(data), *given]) == 2
    assert "give --match TEXT or --pseudonym ID, one of them" in capsys.readouterr().err


def test_the_wanted_text_may_come_by_standard_input(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Nazia\n"))
    assert main(["data", "forget", str(data), "--match", "-"]) == 0
    assert "Nazia" not in (data / "train.jsonl").read_text()
