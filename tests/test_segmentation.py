"""Sentences and words, by cases and by laws."""

import time
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cases import parameters

from boli.errors import LanguageError, TextError
from boli.languages import LANGUAGES
from boli.segmentation import Span, split_sentences, split_words

SIGNS = "ab1٣ ۔.؟!؛،\n\"«»”)([کہ\u064e\u0640\u200c\u200f۽😀@#/:-'\ud800\0"
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


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from(SIGNS), max_size=40), st.sampled_from(LANGUAGES))
def test_sentences_cover_everything_but_space(text, lang):
    covered = {k for span in split_sentences(text, lang) for k in range(*span)}
    assert all(k in covered or text[k].isspace() for k in range(len(text)))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_split(text):
    for split in SPLITTERS.values():
        assert all(span.of(text).strip() for span in split(text, "ur"))


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


def seconds_of(split, text):
    """Time of this process alone, the best of three, so that a busy machine does not matter."""

    def once():
        start = time.process_time()
        split(text, "ur")
        return time.process_time() - start

    return min(once() for _ in range(3))


@pytest.mark.parametrize("unit", ODD.values(), ids=ODD)
@pytest.mark.parametrize("split", SPLITTERS.values())
def test_eight_times_the_text_takes_about_eight_times_as_long(split, unit):
    short, long = (seconds_of(split, unit * (size // len(unit))) for size in (4_000, 32_000))
    assert long < 24 * short + 0.02  # 64 times if a pattern starts again at each place


@pytest.mark.parametrize("split", SPLITTERS.values())
@pytest.mark.parametrize("unit", ["w", "ا", "۔", " ", "\u064e"])
def test_a_line_of_a_million_characters_ends_where_its_last_word_ends(split, unit):
    text = unit * 1_000_000 + " یہ"
    assert split(text, "ur")[-1].end == len(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_abbreviation_of_the_table_holds_its_sentence_together(language):
    path = files("boli") / "data" / "langs" / language / "abbreviations.tsv"
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    assert rows[0] == ["abbreviation", "source", "note"]
    words = [row[0] for row in rows[1:]]
    assert len(words) == len(set(words))
    assert all(row[1] for row in rows)
    for word in words:
        text = f"abc {word}. abc"
        assert [span.of(text) for span in split_sentences(text, language)] == [text]
