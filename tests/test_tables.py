"""Rule tables as people save them: every slip is refused with its file and line."""

import pytest

from boli.errors import TableError
from boli.normalization import Normalizer
from boli.normalization.tables import COLUMNS, format_table, read_table

KAF, KEHEH = "\N{ARABIC LETTER KAF}", "\N{ARABIC LETTER KEHEH}"
HEAD = "\t".join(COLUMNS)
ROW = f"kaf\tARABIC LETTER KAF\t{KAF}\tARABIC LETTER KEHEH\t{KEHEH}\tany\tCLDR\t"


def saved(tmp_path, text):
    path = tmp_path / "own.tsv"
    path.write_text(text, "utf-8", newline="")
    return path


def test_a_table_is_read_row_by_row(tmp_path):
    (row,) = read_table(saved(tmp_path, f"{HEAD}\n{ROW}\n"), "own.tsv")
    assert (row.id, row.source, row.target, row.where, row.authority) == ("kaf", KAF, KEHEH, "any", "CLDR")


def test_a_byte_order_mark_is_refused_by_name_when_read(tmp_path):
    with pytest.raises(TableError, match=r"own\.tsv:1: the file begins with a byte order mark.*boli tables fmt"):
        read_table(saved(tmp_path, f"\ufeff{HEAD}\n{ROW}\n"), "own.tsv")


@pytest.mark.parametrize("text", [f"\ufeff{HEAD}\n{ROW}\n", f"{HEAD}\r\n{ROW}\r\n"], ids=["byte order mark", "returns"])
def test_formatting_takes_byte_order_marks_and_carriage_returns_away(text):
    assert format_table(text, "own.tsv") == f"{HEAD}\n{ROW}\n"


def test_formatting_fills_in_an_empty_note():
    assert format_table(f"{HEAD}\n{ROW.removesuffix(chr(9))}\n", "own.tsv") == f"{HEAD}\n{ROW}\n"


TOO_SHORT = ROW.replace("\tany", "").removesuffix("\t")


@pytest.mark.parametrize("row", [TOO_SHORT, "kaf", ROW + "\tmore"], ids=["too few", "one alone", "too many"])
def test_formatting_refuses_a_row_with_a_missing_or_surplus_cell(row):
    with pytest.raises(TableError, match=r"own\.tsv:3: \d cells?, but 8 columns: id, from_names.*correct the row"):
        format_table(f"{HEAD}\n{ROW}\n{row}\n", "own.tsv")


def test_an_empty_table_has_no_rows_and_keeps_its_head(tmp_path):
    assert read_table(saved(tmp_path, f"{HEAD}\n"), "own.tsv") == []
    assert format_table(f"{HEAD}\n", "own.tsv") == f"{HEAD}\n"


def test_a_letter_that_becomes_arabic_in_a_sequence_does_not_decide_what_is_a_quotation():
    """The dotted noon is written noon: the verse is a verse before and after, and its kaf stays in both."""
    text = "\u0633\u0652\u0645\u0650 \u0644\u064e\u0647\u0650\u0643\u062e\u06ba\u06ec"
    normalizer = Normalizer("bal")
    explained = normalizer.explain(text)
    assert explained.text == text
    assert explained.quotations == ((0, len(text)),)
    assert normalizer(normalizer(text)) == text
