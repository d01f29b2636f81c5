"""Sentences and words, by cases and by laws."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cases import parameters

from boli.errors import LanguageError, TextError
from boli.segmentation import Span, split_sentences, split_words

SIGNS = "ab1٣ ۔.؟!؛\n\"«»)کہ\u064e\u200c۽😀@#/:\ud800\0"
SPLITTERS = {"split_sentences": split_sentences, "split_words": split_words}


@pytest.mark.parametrize(("tag", "row"), [p for task in SPLITTERS for p in parameters(task)])
def test_splitting_gives_the_expected_pieces(tag, row):
    expected = row["expected"].split(" | ") if row["expect"] == "pass" else [row["input"]]
    spans = SPLITTERS[row["task"]](row["input"], tag)
    assert [span.of(row["input"]) for span in spans] == expected


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from(SIGNS), max_size=40), st.sampled_from(["ur", "sd-Arab", "ps-Latn"]))
def test_spans_are_in_order_inside_the_text_and_lose_no_letter(text, lang):
    for split in SPLITTERS.values():
        spans = split(text, lang)
        assert all(isinstance(span, Span) and 0 <= span.start < span.end <= len(text) for span in spans)
        assert all(a.end <= b.start for a, b in pairwise(spans))
        covered = {k for span in spans for k in range(*span)}
        assert all(k in covered for k, c in enumerate(text) if c in "abکہ")


def test_sentences_cover_everything_but_space():
    text = "  ایک۔ دو؟\nتین  "
    covered = {k for span in split_sentences(text, "ur") for k in range(*span)}
    assert all(k in covered or text[k].isspace() for k in range(len(text)))


@pytest.mark.parametrize("split", SPLITTERS.values())
def test_empty_text_has_no_pieces_and_bytes_are_refused(split):
    assert split("", "ur") == []
    assert split(" \n ", "ur") == []
    with pytest.raises(TextError, match="decode it first"):
        split(b"abc", "ur")
    with pytest.raises(LanguageError, match="no language"):
        split("abc", "urdoo")


ODD = {
    "stops": "۔",
    "initials": "a.",
    "numbers": "1.",
    "addresses": "http://",
    "w": "w",
    "halves of addresses": "a@",
    "half of a name and a dot": "a@b.",
    "marks": "\u064e",
    "kashida": "\u0640",
    "brackets": ".)",
    "stops behind spaces": " .",
    "joined emoji": "😀\u200d",
    "surrogates": "\ud800",
    "spaces": " ",
    "hyphens": "a-",
    "joiners": "\u200c",
}


def cost_of(split, text):
    """Count the function calls of Python and the steps taken by all pieces: a cost that no busy machine changes."""
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        split(text, "ur")
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("unit", ODD.values(), ids=ODD)
@pytest.mark.parametrize("split", SPLITTERS.values())
def test_calls_grow_no_faster_than_the_text(split, unit):
    split("", "ur")
    short, long = (cost_of(split, unit * times) for times in (500, 4000))
    assert long <= 8 * short + 100


@pytest.mark.parametrize("unit", ODD.values(), ids=ODD)
@pytest.mark.parametrize("split", SPLITTERS.values())
def test_a_line_of_a_million_characters_is_split_within_seconds(split, unit):
    """A pattern that is not linear needs hours here; `timeout` belongs to `regex`, so nothing is measured."""
    text = (unit * 1_000_000)[:300_000] + " یہ"
    assert split(text, "ur")[-1].end == len(text)
