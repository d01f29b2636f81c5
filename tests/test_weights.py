"""Files of weights: written whole or not at all, and checked before use."""

import json
import os
from pathlib import Path

import pytest

from boli.errors import ChecksumError, ModelError
from boli.models import sha256_of, verify_checksums, write_atomically, write_checksums


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "model.npz"
    path.write_bytes(b"old")

    def full_disk(file):
        file.write(b"half of the new")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, full_disk)
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["model.npz"]


@pytest.mark.skipif(os.name != "posix", reason="file rights are POSIX's")
def test_a_written_file_has_the_rights_of_a_plain_one(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    write_atomically(tmp_path / "ours", lambda file: file.write(b""))
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def make_folder(root: Path) -> Path:
    (root / "plots").mkdir()
    (root / "checkpoints").mkdir()
    (root / "config.json").write_text("{}")
    (root / "plots" / "کارڈ.png").write_bytes(b"png")
    (root / "checkpoints" / "1.bin").write_bytes(b"x")
    (root / ".hidden").write_bytes(b"x")
    return write_checksums(root)


def test_checksums_cover_the_files_but_not_checkpoints_or_hidden_ones(tmp_path):
    sums = json.loads(make_folder(tmp_path).read_text("utf-8"))
    assert sums == {
        "config.json": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "plots/کارڈ.png": sha256_of(tmp_path / "plots" / "کارڈ.png"),
    }
    (tmp_path / "checkpoints" / "1.bin").unlink()
    (tmp_path / "notes.txt").write_text("mine")
    verify_checksums(tmp_path)


def test_a_changed_missing_or_unlisted_folder_fails_with_advice(tmp_path):
    path = make_folder(tmp_path)
    (tmp_path / "config.json").write_text("{ }")
    with pytest.raises(ChecksumError, match=r"config\.json: sha256 is .* changed or damaged"):
        verify_checksums(tmp_path)
    (tmp_path / "config.json").unlink()
    with pytest.raises(ChecksumError, match=r"config\.json: cannot be read"):
        verify_checksums(tmp_path)
    path.unlink()
    with pytest.raises(ChecksumError, match="not complete"):
        verify_checksums(tmp_path)


@pytest.mark.parametrize(
    "body", ["[]", "{", '{"../up": "' + "0" * 64 + '"}', '{"/etc/x": "' + "0" * 64 + '"}', '{"a": 1}', "\udcff"]
)
def test_a_list_of_checksums_that_is_not_one_is_refused(tmp_path, body):
    (tmp_path / "checksums.json").write_bytes(body.encode("utf-8", "surrogateescape"))
    with pytest.raises(ChecksumError, match="copy the folder again, whole"):
        verify_checksums(tmp_path)


def test_checksums_of_a_file_are_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="not a folder"):
        write_checksums(tmp_path / "file")
