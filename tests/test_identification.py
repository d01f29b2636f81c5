"""Identification: cases that must be right, input that must not hurt, and one answer however it is asked."""

import re
import threading
from pathlib import Path

import numpy as np
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from boli.errors import ModelError, TextError
from boli.identification import (
    Guess,
    Identifier,
    count_scripts,
    detect_script,
    identify,
    identify_batch,
    identify_words,
)
from boli.identification import model as model_module
from boli.identification.grams import CHUNK, LONGEST, clean_tokens, read_tokens
from boli.identification.identifier import default_identifier
from boli.identification.model import load_weights, save_weights
from boli.identification.scripts import script_classes, script_names
from boli.identification.spans import find_words

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "src" / "boli" / "data" / "models" / "langid"
CASES = [
    line.split("\t")
    for line in (Path(__file__).parent / "cases" / "identification.tsv").read_text("utf-8").splitlines()[1:]
]

TEXTS = st.text(
    alphabet=st.one_of(
        st.characters(min_codepoint=0x600, max_codepoint=0x6FF),
        st.characters(min_codepoint=0x20, max_codepoint=0x7E),
        st.characters(min_codepoint=0xFB50, max_codepoint=0xFEFC),
        st.characters(),
    ),
    max_size=120,
)


def tag_of(text: str) -> str:
    return identify(text)[0].tag


@pytest.mark.parametrize(("name", "tag", "text"), [row[:3] for row in CASES], ids=[row[0] for row in CASES])
def test_a_plain_sentence_gets_its_tag(name: str, tag: str, text: str) -> None:
    assert tag_of(text) == tag


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\t", "12345", "۱۲۳۴۵", "😀😀 🇵🇰", "https://example.com/کیا", "name@example.com", "!!! ... ???",
     "\u200c\u200d\ufeff", "\u0651\u064e", "𝓶𝓮𝓻𝓪 𝓫𝓪𝓵𝓪𝓷𝓬𝓮", "\ud800", "-1,000.50 %"],
)  # fmt: skip
def test_text_without_letters_is_undetermined_for_certain(text: str) -> None:
    assert identify(text) == [Guess("und", 1.0)]
    assert identify_batch([text]) == [Guess("und", 1.0)]


@pytest.mark.parametrize("text", ["привет как дела", "你好吗", "สวัสดี", "नमस्ते आप कैसे हैं", "שלום", "ሰላም"])
def test_a_script_that_is_not_known_here_is_undetermined(text: str) -> None:
    assert tag_of(text) == "und"


def test_gurmukhi_is_punjabi() -> None:
    assert tag_of("ਤੁਸੀਂ ਕਿਵੇਂ ਹੋ?") == "pa-Guru"


@pytest.mark.parametrize(
    "text",
    [
        "m\N{CYRILLIC SMALL LETTER IE}ra b\N{CYRILLIC SMALL LETTER A}l\N{CYRILLIC SMALL LETTER A}nce",
        "k\N{GREEK SMALL LETTER ALPHA}m k\N{GREEK SMALL LETTER ALPHA}r d\N{CYRILLIC SMALL LETTER IE}in",
    ],
)
def test_words_disguised_by_look_alikes_of_other_scripts_say_nothing(text: str) -> None:
    assert tag_of(text) == "und"
    assert {word.tag for word in identify_words(text)} == {"und"}


def test_a_disguised_word_does_not_hide_the_plain_ones() -> None:
    assert tag_of("mujhe samajh nahi aa raha ke b\N{CYRILLIC SMALL LETTER A}nk kahan hai") == "ur-Latn"


@pytest.mark.parametrize(
    "piece",
    ["یہ ایک لمبا متن ہے ", "ye aik lamba matan hai ", "ا", "a", "1", "\N{ARABIC LIGATURE ALLAH ISOLATED FORM} ", "a1"],
)
def test_a_line_of_a_million_characters_gets_an_answer(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert identify(text) == [identify_batch([text])[0]]


def test_a_line_of_a_million_different_words_gets_the_answer_of_its_words() -> None:
    assert tag_of(" ".join(f"یہ ہے نمبر{number} کا" for number in range(60_000))) == "ur-Arab"


@given(st.lists(TEXTS, max_size=8))
@settings(max_examples=200, deadline=None)
def test_batch_equals_one_by_one(texts: list[str]) -> None:
    assert identify_batch(texts) == [identify(text)[0] for text in texts]


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_a_fresh_memory_gives_the_answer_of_a_full_one(text: str) -> None:
    full = default_identifier()
    fresh = Identifier(load_weights(FOLDER / "model.npz")) if len(text) % 20 == 0 else full
    assert fresh.identify(text, n_best=3) == full.identify(text, n_best=3)


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_words_lie_in_order_inside_the_text_and_hold_letters(text: str) -> None:
    words = identify_words(text)
    edges = [edge for word in words for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    assert all(0 <= word.start < word.end <= len(text) and 0.0 <= word.probability <= 1.0 for word in words)
    assert all(count_scripts(text[word.start : word.end]) for word in words)


@given(TEXTS, st.integers(1, 30))
@settings(max_examples=100, deadline=None)
def test_more_guesses_start_with_the_same_guess_and_have_no_tag_twice(text: str, n_best: int) -> None:
    guesses = identify(text, n_best=n_best)
    assert guesses[0] == identify(text)[0]
    assert len({guess.tag for guess in guesses}) == len(guesses) <= n_best
    assert all(0.0 <= guess.probability <= 1.0 for guess in guesses)


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_white_space_case_links_and_numbers_change_nothing(text: str) -> None:
    noisy = "  \n" + "\t ".join(text.split()) + " 12 https://example.com x@example.com "
    assert identify(noisy) == identify(text)
    assert identify("salam dost kya HAAL hai") == identify("SALAM dost kya haal HAI")


def test_a_memory_that_is_emptied_gives_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [row[2] for row in CASES]
    expected = identify_batch(texts)
    monkeypatch.setattr(model_module, "_REMEMBERED", 10)
    monkeypatch.setattr(model_module, "_SLICE", 40)
    small = Identifier(load_weights(FOLDER / "model.npz"))
    assert [small.identify_batch(texts) for _ in range(3)] == [expected] * 3


def test_threads_that_share_an_identifier_get_the_answers_of_one() -> None:
    texts = [row[2] for row in CASES] * 3
    shared, found = Identifier(load_weights(FOLDER / "model.npz")), {}
    jobs = [
        threading.Thread(target=lambda key=key: found.update({key: [shared.identify(text)[0] for text in texts]}))  # type: ignore[misc]
        for key in range(4)
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert list(found.values()) == [identify_batch(texts)] * 4


def test_one_text_where_many_belong_is_refused() -> None:
    with pytest.raises(TextError, match=re.escape("expected a list of texts, got one text; write [text]")):
        identify_batch("سلام")
    with pytest.raises(TextError, match="got bytes; decode it first"):
        identify(b"salam")  # type: ignore[arg-type]
    with pytest.raises(TextError, match="got int"):
        identify_batch(["salam", 5])  # type: ignore[list-item]
    with pytest.raises(TextError, match="got NoneType"):
        identify_words(None)  # type: ignore[arg-type]


def test_words_of_two_languages_are_told_apart_with_their_offsets() -> None:
    text = "میرا balance check کریں، please!"
    assert [(text[word.start : word.end], word.tag) for word in identify_words(text)] == [
        ("میرا", "ur-Arab"), ("balance", "en-Latn"), ("check", "en-Latn"), ("کریں", "ur-Arab"), ("please", "en-Latn"),
    ]  # fmt: skip


def test_english_words_inside_roman_urdu_are_english() -> None:
    text = "yaar mera laptop bilkul slow ho gaya hai, please help karo"
    words = [(text[word.start : word.end], word.tag) for word in identify_words(text)]
    assert [word for word, tag in words if tag == "en-Latn"] == ["laptop", "slow", "please", "help"]
    assert {tag for word, tag in words} == {"en-Latn", "ur-Latn"}


@pytest.mark.xfail(reason="'password' is so usual in Roman Urdu text that its letters do not tell", strict=True)
def test_an_english_word_that_everybody_uses_is_english() -> None:
    assert identify_words("mujhe apna password change karna hai")[2].tag == "en-Latn"


def test_links_numbers_and_emoji_are_in_no_word() -> None:
    text = "دیکھو https://example.com/کیا 123 😀 name@example.com"
    assert [(word.start, word.end) for word in identify_words(text)] == [(0, 5)]


def test_words_of_a_text_without_letters_are_none() -> None:
    assert identify_words("") == identify_words("123 😀") == []


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("بُک", [(0, 3)]),
        ("کتاب‌ها", [(0, 4), (5, 7)]),
        ("کpa", [(0, 1), (1, 3)]),
        ("don't", [(0, 3), (4, 5)]),
        ("\u0651ا", [(1, 2)]),
        ("عارف😀ali", [(0, 4), (5, 8)]),
    ],
)
def test_words_are_runs_of_one_script_with_their_marks(text: str, places: list[tuple[int, int]]) -> None:
    assert find_words(text) == places


def test_letters_have_the_script_that_unicode_gives_them() -> None:
    """Oracle: the Script property of the `regex` package; the Sindhi words U+06FD and U+06FE are letters here."""
    names, classes = script_names(), script_classes()
    letter = regex.compile(r"[\p{L}]")
    for script, code in (("Arabic", "Arab"), ("Latin", "Latn"), ("Gurmukhi", "Guru"), ("Devanagari", "Deva")):
        is_script = regex.compile(rf"\p{{Script={script}}}")
        expected = {p for p in range(0x3000) if letter.match(chr(p)) and is_script.match(chr(p))}
        expected |= {0x6FD, 0x6FE} if code == "Arab" else set()
        marks = regex.compile(r"[\p{M}\p{Nl}]")
        found = {int(p) for p in np.flatnonzero(classes[:0x3000] == names.index(code)) if not marks.match(chr(p))}
        assert found == expected


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("سلام ok", "Arab"),
        ("سل okay", "Latn"),
        ("۽", "Arab"),
        ("٣", "Zyyy"),
        ("ａｂ", "Latn"),
        ("😀", "Zyyy"),
        ("ab سل", "Latn"),
    ],
)
def test_the_script_of_most_letters_is_the_script_of_the_text(text: str, script: str) -> None:
    assert detect_script(text) == script


def test_short_vowels_presentation_forms_and_stretched_letters_read_as_plain_ones() -> None:
    assert clean_tokens(["کِتاب", "ﻛﺘﺎﺏ", "کتــاب", "yaaaaar"]) == "\nکتاب\nكتاب\nکتاب\nyaar\n"
    assert clean_tokens(["ءَ"]) == "\nءَ\n"


def test_the_longest_tokens_fit_in_one_reading() -> None:
    for letter in ("a", "İ", "\ufd50", "\ufc5e"):
        grams = read_tokens([letter * (2 * LONGEST)] * CHUNK, 17)
        assert grams.letters.shape == (CHUNK, 5)


def test_weights_survive_a_round_trip_and_other_n_grams_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = load_weights(FOLDER / "model.npz")
    save_weights(weights, tmp_path / "copy.npz")
    again = load_weights(tmp_path / "copy.npz")
    assert all((a.weights == b.weights).all() for a, b in zip(weights.blocks, again.blocks, strict=True))
    assert again.facts == weights.facts
    monkeypatch.setattr(model_module, "HASH_VERSION", 99)
    with pytest.raises(ModelError, match="n-grams of version 1, expected 99; train it again"):
        load_weights(tmp_path / "copy.npz")


def test_the_weights_are_small_and_their_labels_are_tags() -> None:
    assert (FOLDER / "model.npz").stat().st_size <= 3_000_000
    for block in load_weights(FOLDER / "model.npz").blocks:
        assert all(re.fullmatch(r"[a-z]{2,3}-(Arab|Latn)|und", label) for label in block.labels)
        assert "und" in block.labels


def test_every_source_of_the_weights_is_on_their_card() -> None:
    rows = (FOLDER / "synthesis" / "sources.tsv").read_text("utf-8").splitlines()[1:]
    cards = {row.split("\t")[5] for row in rows}
    head = (FOLDER / "README.md").read_text("utf-8").split("---")[1]
    assert cards <= set(re.findall(r"[a-z0-9-]+", head.partition("datasets:")[2]))
