"""Roman text in the batch engine: the answers of one by one, where letters repeat, words are listed and links stay."""

import random

import numpy as np
import pytest

from boli.normalization import Normalizer

FORMS = [("ur-Latn", "encoding"), ("ur-Latn", "standard"), ("pa-Latn", "standard"), ("sd-Latn", "search"),
         ("ps-Latn", "standard"), ("bal-Latn", "search")]  # fmt: skip
ODD = [
    "@", "#", "`", "http://", "https://x.y/AAA", "www.", "WWW.", "A@B.COMMM", "@AhmadKHAN", "#TAGGG", "`Code  X`", "'",
    "\u2019", "_", "...", "....", "!!", "??!", "\u061f\u061f", ",,", "\ufdd0", "\ufdd1", "\uffff", "\n", "\r", "\t",
    "\xa0", "\u2009", "\u202f", "  ", "\u00c9", "e\u0301", "E\u0301", "\u0100", "\u200d", "\u200b", "\u00ad", "\u0643",
    "\U0001f600", "\ud800", "\0", "\ufb01", "\uff21", "\u0130", "\u00df", "www", "WwW",
]  # fmt: skip
LETTERS = "aabbcdeehhiijklmnooppqrrssttuuvwxyzAAABHKLOPSTWWW"


def word(normalizer, chooser):
    rows = [row.source for row in normalizer.rules.letters] or ["a"]
    drawn = chooser.choice(LETTERS) * chooser.randint(1, 5)
    plain = "".join(chooser.choices(LETTERS, k=chooser.randint(1, 6)))
    row = chooser.choice(rows)
    glued = chooser.choice("'a#@.,\u0301") + row
    return chooser.choice([row, row.upper(), row + plain, glued, drawn, plain, chooser.choice(ODD)])


def texts(normalizer, count, seed):
    chooser = random.Random(seed)
    return [
        "".join(word(normalizer, chooser) + chooser.choice(["", " "]) for _ in range(chooser.randint(0, 9)))
        for _ in range(count)
    ]


@pytest.fixture(params=FORMS, ids=lambda form: "-".join(form))
def normalizer(request):
    return Normalizer(request.param[0], level=request.param[1])


def test_roman_batch_equals_one_by_one(normalizer):
    """Line ends would send each text to the plain engine, so that half of the texts have none."""
    several = texts(normalizer, 600, seed=1)
    joined = [text.replace("\n", "").replace("\r", "") for text in texts(normalizer, 600, seed=2)]
    for many in (several, joined):
        for text, output in zip(many, normalizer.batch(many), strict=True):
            assert output == normalizer(text), ascii(text)


def test_roman_alignment_in_batch_equals_explaining(normalizer):
    many = [text.replace("\n", "").replace("\r", "") for text in texts(normalizer, 150, seed=3)]
    for text, (output, alignment) in zip(many, normalizer.align_batch(many), strict=True):
        explained = normalizer.explain(text)
        assert output == explained.text, ascii(text)
        assert np.array_equal(alignment.starts, explained.alignment.starts), ascii(text)
        assert np.array_equal(alignment.ends, explained.alignment.ends), ascii(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bohhhttt ACHA!!!", "boht acha!"),
        ("kya haal \t\xa0hai ", "kya haal hai"),
        ("@AhmadKHAN  dekho www.X.pk/AAA", "@AhmadKHAN dekho www.X.pk/AAA"),
        ("`Code  X`  YEH", "`Code  X` yeh"),
    ],
)
def test_roman_texts_come_out_right_among_many(text, expected):
    normalizer = Normalizer("ur-Latn")
    assert normalizer(text) == expected
    assert normalizer.batch(["salam", text, "salam"]) == ["salam", expected, "salam"]


def test_a_line_that_stays_is_the_very_text_that_came():
    lines = [f"yeh line {number} theek hai" for number in range(500)]
    lines[7] = "YEH nahi"
    outputs = Normalizer("ur-Latn").batch(lines)
    assert outputs[7] == "yeh nahi"
    assert all(output is line for number, (output, line) in enumerate(zip(outputs, lines, strict=True)) if number != 7)
