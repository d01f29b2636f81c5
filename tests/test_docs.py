"""What the pages say is true: examples run, links lead to files, commands and rows that they name exist."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

from boli.normalization.tables import language_rows

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", "CONTRIBUTING.md"]


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def check_links(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "check_links.py"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_examples_of_the_readme_run() -> None:
    found = doctest.testfile(str(ROOT / "README.md"), module_relative=False, encoding="utf-8")
    assert found.attempted == 14
    assert found.failed == 0


def test_every_link_leads_to_a_file() -> None:
    done = check_links(ROOT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        ("[a](no.md)", True),
        ("[a](no.md#part)", True),
        ("![a](pictures/no.png)", True),
        ("[a]: no.md", True),
        ("[a](page.md)", False),
        ("[a](page.md#part)", False),
        ("[a](#part)", False),
        ("[a](https://example.org/no.md)", False),
        ("`[a](no.md)`", False),
        ("```\n[a](no.md)\n```", False),
    ],
)
def test_a_broken_link_is_named_with_its_page(line: str, broken: bool, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(f"# Page\n\n{line}\n", "utf-8")
    done = check_links(tmp_path)
    assert done.returncode == int(broken), done.stderr
    assert ("page.md: no file " in done.stderr) is broken


@pytest.mark.parametrize("page", PAGES)
def test_every_make_command_of_a_page_is_in_the_makefile(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^    )make ([a-z]+)", text_of(page), re.MULTILINE))
    assert named
    assert named <= targets


def test_the_row_that_contributing_shows_is_in_the_table() -> None:
    row = next(row for row in language_rows("sd", "Arab", "standard") if row.id == "silent-na")
    cells = [row.id, row.source, row.target, row.where, row.authority, row.note]
    assert f"| {' | '.join(cells)} |" in text_of("CONTRIBUTING.md")


def test_punjabi_is_said_to_be_shahmukhi_before_anything_is_installed() -> None:
    before, _, _ = text_of("README.md").partition("## Two commands")
    assert "**A bare `pa` is Shahmukhi here**" in before
