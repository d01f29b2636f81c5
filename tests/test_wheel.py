"""The wheel holds the package and its data, and works in an environment that has nothing heavy."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "boli"
LIMIT = 25 * 2**20
"""Bytes of the whole wheel."""

USE = """
import sys
sys.path.insert(0, sys.argv[1])
for name in ("torch", "transformers", "tokenizers", "sklearn", "matplotlib", "onnxruntime", "safetensors"):
    sys.modules[name] = None  # as if it were not installed
import boli
from boli.datasets import load_dataset
assert boli.__file__.startswith(sys.argv[1]), boli.__file__
assert boli.normalize("\\N{ARABIC LETTER KAF}", "ur") == "\\N{ARABIC LETTER KEHEH}"
assert boli.Normalizer("sd").batch(["a", "b"]) == ["a", "b"]
print(boli.identify("tusi kithe ja rahe o")[0].tag, len(load_dataset("wallet-intents").train) > 0)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, without a network and without leaving anything in the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    return Path(next(iter(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"]))))


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel, as an installation does."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def package_files() -> set[str]:
    found = (path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {f"boli/{path.relative_to(PACKAGE).as_posix()}" for path in found}


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in inside if name.startswith("boli/")} == package_files()
    assert {"boli/py.typed", "boli/data/langs/ur/standard.tsv", "boli/data/common/scripts.tsv"} <= inside
    assert "boli/data/datasets/wallet-intents/train.jsonl" in inside


def test_the_wheel_holds_nothing_else_and_nothing_that_runs_when_it_is_opened(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"boli"}
    assert [name for name in names if name.endswith((".pkl", ".pickle", ".pt", ".pth", ".bin", ".joblib"))] == []


def test_the_wheel_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size <= LIMIT


def test_the_wheel_carries_licences_the_command_and_the_readme(unpacked: Path) -> None:
    info = next(unpacked.glob("boli-*.dist-info"))
    assert (info / "licenses" / "LICENSE").is_file()
    assert "boli = boli.cli:main" in (info / "entry_points.txt").read_text("utf-8")
    assert "Shahmukhi" in (info / "METADATA").read_text("utf-8")


def test_the_wheel_normalizes_and_identifies_without_torch(unpacked: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", USE, str(unpacked)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["pa-Latn", "True"]
