"""The support table says what the cases and the readers' signatures say, no more."""

from pathlib import Path

import pytest

from boli.errors import DataError
from boli.support import (
    MARKS,
    MINIMUM,
    Cell,
    Count,
    count_cases,
    judge,
    make_table,
    put_table,
    read_readers,
    read_signed,
)

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases"
HEAD = "id\ttask\tlevel\tinput\texpected\texpect\tsource\tnote\n"


def write_cases(folder: Path, *rows: str) -> Path:
    (folder / "ur").mkdir()
    (folder / "ur" / "roman.tsv").write_text(HEAD + "".join(f"{row}\n" for row in rows), "utf-8")
    return folder


def test_readme_has_the_table_of_today() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    wanted = put_table(page, make_table(count_cases(CASES), read_signed(CASES)))
    assert page == wanted, "the support table in README.md is old; run: python scripts/support_table.py"


def test_readme_says_that_nothing_is_checked_as_long_as_nobody_signed() -> None:
    says_so = "No cell is `checked` yet" in (ROOT / "README.md").read_text("utf-8")
    assert says_so is (read_signed(CASES) == {})


def test_a_cell_needs_cases_of_both_kinds() -> None:
    assert judge(Count(MINIMUM, MINIMUM), signed=False) == "draft"
    assert judge(Count(MINIMUM - 1, 99), signed=False) == "none"
    assert judge(Count(99, MINIMUM - 1, 99), signed=False) == "none"


def test_a_signature_without_cases_is_no_support() -> None:
    assert judge(Count(), signed=True) == "none"
    assert judge(Count(MINIMUM, MINIMUM), signed=True) == "checked"


def test_every_language_and_script_of_the_profiles_has_a_row() -> None:
    rows = make_table({}).splitlines()[2:]
    tags = "bal-Arab bal-Latn pa-Arab pa-Latn pa-Guru ps-Arab ps-Latn sd-Arab sd-Latn ur-Arab ur-Latn"
    assert [row.split("`")[1] for row in rows] == tags.split()
    assert "| draft |" not in make_table({})


def test_one_signature_changes_one_cell() -> None:
    counts = {Cell(tag, "normalize"): Count(40, 40) for tag in ("ur-Arab", "sd-Arab")}
    rows = make_table(counts, {Cell("sd-Arab", "normalize")}).splitlines()
    assert "| Sindhi | Arabic script | `sd-Arab` | checked | none | none | none | none |" in rows
    assert "| Urdu | Arabic script | `ur-Arab` | draft | none | none | none | none |" in rows


def test_cases_are_counted_by_script_task_and_expectation(tmp_path: Path) -> None:
    rows = [f"{name}\tnormalize\tstandard\ta\tb\t{name}\tx\t" for name in ("pass", "same", "known-fail")]
    assert count_cases(write_cases(tmp_path, *rows)) == {Cell("ur-Latn", "normalize"): Count(1, 1, 1)}


def test_a_case_of_an_unknown_task_is_named_by_file_and_line(tmp_path: Path) -> None:
    folder = write_cases(tmp_path, "a\tnormalise\tstandard\ta\tb\tpass\tx\t")
    with pytest.raises(DataError, match=r"roman\.tsv:2: task 'normalise'"):
        count_cases(folder)


def test_half_a_signature_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "readers.tsv"
    path.write_text("tag\ttask\treader\tdate\trevision\nur-Arab\tnormalize\t\t2026-01-01\tabc\n", "utf-8")
    with pytest.raises(DataError, match=r"readers\.tsv:2: .* fill in tag, task, reader, date, revision"):
        read_readers(path)


def test_a_page_without_a_place_for_the_table_is_refused() -> None:
    with pytest.raises(DataError, match="no place for the table"):
        put_table(f"{MARKS[0]}\n", "")
