"""The laws of redaction on random text, and its cost on hostile input."""

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from boli.redaction import Redaction, Redactor, load_kinds
from boli.redaction.folding import BARRIER, fold
from boli.redaction.gates import may_hold
from boli.redaction.lines import Line
from boli.redaction.redactor import _FINDERS

EVERYTHING = Redactor(kinds=list(load_kinds()))
KEY = b"a key of 16 bytes"
PIECES = [
    "0300-1234567", "35202-1234567-1", "+92", "0092",
    "4111 1111 1111 1111", "PK36SCBL0000001123456702", "a@b.com", "@", "=",
    "?token=", "https://a.pk", "account number ", "اکاؤنٹ نمبر ",
    "DOB ", "تاریخ پیدائش ", "1/2/1990", "5 May 1990", "LEA-1234",
    "gari ", "house no 5", ", street 4", "مکان نمبر ۷", "، گلی ۴",
    "لاہور", "[PHONE]", "[CNIC_0123456789ab]", "[", "]", "\n",
    " ", "-", ".", "/", "(", ")", "12", "۴۵", "٦",
    "7", "\u200e", "\u200c", BARRIER, "\ud800", "call ", "tid ", "x", "ہے", "e",
]  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
MANY = settings(max_examples=400)


@MANY
@given(TEXTS)
def test_the_spans_rebuild_the_output(text: str) -> None:
    found = EVERYTHING(text)
    rebuilt, at = "", 0
    for span in found.spans:
        assert at <= span.start < span.end <= len(text)
        rebuilt += text[at : span.start]
        assert (len(rebuilt), len(rebuilt) + len(span.replacement)) == (span.output_start, span.output_end)
        rebuilt, at = rebuilt + span.replacement, span.end
    assert rebuilt + text[at:] == found.text


@MANY
@example("0@0.AAمکان نمبر 5", EVERYTHING)
@given(TEXTS, st.sampled_from([EVERYTHING, Redactor(style="pseudonym", key=KEY, kinds=list(load_kinds())), Redactor()]))
def test_redacting_twice_changes_nothing_more(text: str, redactor: Redactor) -> None:
    once = redactor(text).text
    assert redactor(once) == Redaction(once, ())


@MANY
@given(st.text(st.characters(exclude_categories=["Nd"], exclude_characters="@=\uff20\uff1d")))
def test_text_without_digits_and_signs_of_links_is_unchanged(text: str) -> None:
    assert EVERYTHING(text) == Redaction(text, ())


@MANY
@given(
    st.from_regex(r"[1-8][1-9][0-9]{10}[1-9]", fullmatch=True),
    st.lists(st.sampled_from(["", "-", "\u200e"]), min_size=12),
)
def test_no_digit_of_a_cnic_survives(number: str, gaps: list[str]) -> None:
    written = "".join(digit + gap for digit, gap in zip(number, [*gaps[:12], ""], strict=True))
    found = Redactor(kinds=["cnic"])(f"CNIC {written} hai")
    assert not re.search(r"\d", found.text), found.text


@MANY
@given(TEXTS)
def test_lines_are_redacted_alone_or_together_alike(text: str) -> None:
    together = EVERYTHING(text).text
    assert together == "\n".join(EVERYTHING(line).text for line in text.split("\n"))


@MANY
@given(TEXTS)
def test_the_gate_lets_everything_through_that_a_finder_finds(text: str) -> None:
    for raw in text.split("\n"):
        line = Line.of(raw)
        found = [kind for kind, find in _FINDERS.items() if list(find(line))]
        assert may_hold(line) or not found, found


@given(TEXTS)
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    "unit",
    ["1", "-", "@", "1-", "0 3 ", "a@", "a.", "+1",
     "00", "03", "PK36", "ab12 ", "111 ", "1/", "dob ", "gari A-1 ", "account no ",
     "house no 1, ", "?a=", "call 3", "[PHONE]",
     "[", "tid a1", "://a:", "x1", "1 111 ", "LEA-1234 ", "a1-", "۱", "born 1 "],
)  # fmt: skip
def test_hostile_lines_cost_in_proportion_to_their_length(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        start = time.process_time()
        EVERYTHING(text)
        return time.process_time() - start

    small = min(seconds(20_000) for _ in range(2))
    assert seconds(80_000) < 8 * small + 0.5
