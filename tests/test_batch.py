"""The batch engine on texts that once told it from the plain one, and on what it must hand on."""

import numpy as np
import pytest

from boli.normalization import Normalizer

COMMA = "\N{ARABIC COMMA}"
VERSE = "\u0643\u064e\u062a\u064e\u0628"  # vocalised, with a letter that Urdu writes otherwise


def same(tag: str, *texts: str, level: str = "standard") -> list[str]:
    """Return what both engines make of texts that stand in one batch."""
    normalizer = Normalizer(tag, level=level)
    together, one_by_one = normalizer.batch(texts), [normalizer(text) for text in texts]
    assert together == one_by_one, [ascii(text) for text in together]
    for text, (output, alignment) in zip(texts, normalizer.align_batch(texts), strict=True):
        explained = normalizer.explain(text)
        assert output == explained.text
        assert np.array_equal(alignment.starts, explained.alignment.starts), ascii(text)
        assert np.array_equal(alignment.ends, explained.alignment.ends), ascii(text)
    return together


@pytest.mark.parametrize("between", [" ", COMMA, ",", f" {COMMA} ", "  "])
def test_a_quotation_stays_whatever_stands_between_its_words(between: str) -> None:
    kept = f"{VERSE}{between}{VERSE}"
    assert same("ur", kept, "\u0643")[0].replace("  ", " ") == kept.replace("  ", " ")


def test_two_vowelled_pieces_of_one_word_are_no_quotation() -> None:
    assert same("ur", f"{VERSE}{VERSE}", "\u0643") == [f"{VERSE}{VERSE}".replace("\u0643", "\u06a9"), "\u06a9"]


def test_marks_meet_where_a_letter_between_them_falls_away() -> None:
    same("ps", "\u0631\u0657\u0621\u0670", "\u0631\u06e1\u0621\u0656", level="search")


@pytest.mark.parametrize("junk", ["\ufeff", "\u200e", "\u200f", "\u202d"])
def test_invisible_controls_fall_away_anywhere(junk: str) -> None:
    texts = [
        f"{junk}\u0643",
        f"\u0643{junk} \u0643",
        f"\u0643 {junk} \u0643",
        f"{junk} \u0643",
        f"\u08fe{junk}\u08e3\u0648",
    ]
    texts += [f"w{junk}w{junk}w.x.pk/\u0643", f"\u06cc{junk}\u0628", f"\u0627{junk}\u0653", f"0{junk}\u0626"]
    assert junk not in "".join(same("ur", *texts))


def test_alef_and_madda_compose_and_keep_their_offsets() -> None:
    texts = [
        "\u0627\u0653\u0628",
        "\u0628\u0627\u0653",
        "\u0627\u0653 \u0627\u0653",
        "\u0627\u0653\t\u0628",
        "\u0627\u0653\u060c",
    ]
    assert same("bal", *texts, "\u0627\u0653\u0650", "\u0627\u0653\u0653")[0] == "\u0622\u0628"


def test_a_word_of_the_word_rows_is_found_by_letters_that_become_its_own() -> None:
    joined = "\u062c\u0627\u06d3"  # the yeh barree with a hamza, as one letter and as a presentation form
    assert same("ur", joined, "\u062c\u0627\ufbb0") == ["\u062c\u0627\u0626\u06d2"] * 2


def test_an_address_presses_on_what_stands_beside_it() -> None:
    same("ur", "a@b.c5\u0626", "http://a.b/\u0643\u0626 \u0643", "\ufd3f\u0643\ufd3e\u0643", "\u0643\u0301a@b.pk")


def test_the_sentinel_of_the_engine_is_a_text_like_others() -> None:
    same("ur", "\uffff", "\u0643\uffff", f"\ufd3f{VERSE}\uffff\ufd3e \u0643", "\uffff \uffff", "\u0643")


def test_lines_that_do_not_change_are_the_very_ones_that_came() -> None:
    texts = [f"\u06a9\u062a\u0627\u0628 {number}" for number in range(100)] + ["\u0643"]
    outputs = Normalizer("ur").batch(texts)
    assert all(output is text for output, text in zip(outputs[:100], texts, strict=False))
    assert outputs[100] == "\u06a9"
