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


ODD = ["۔" * 20000, "a." * 20000, "http://" * 5000, "\u064e" * 40000, "(" * 40000, "a@" * 20000]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_long_odd_text_is_split_without_an_exception(text):
    for split in SPLITTERS.values():
        assert split(text, "ur")[-1:] is not None
