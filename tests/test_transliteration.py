"""Everyday transliteration: words, sentences, options, bad input, and the parts it is made of."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boli.errors import ConfigError, DataError, LanguageError, ModelNotFound
from boli.transliteration import Respeller, Transliterator, read_user_words, respell, transliterate
from boli.transliteration.alphabet import Alphabet, word_keys
from boli.transliteration.context import ContextModel, alone_key
from boli.transliteration.emissions import ChunkTable, best_cuts
from boli.transliteration.hashing import build_table, mix
from boli.transliteration.model_files import load_direction
from boli.transliteration.pieces import cut_pieces

PAIRS = [(f"{language}-Latn", f"{language}-Arab") for language in ("ur", "sd", "pa", "ps", "bal")]


@pytest.fixture(scope="module")
def reader() -> Transliterator:
    return Transliterator("ur-Latn", "ur-Arab")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mera naam ali hai", "میرا نام علی ہے"),
        ("aap kaise hain?", "آپ کیسے ہیں؟"),
        ("main lahore mein rehta hun.", "میں لاہور میں رہتا ہوں۔"),
        ("MERA ghar", "میرا گھر"),
        ("3,500 rupay", "3,500 روپے"),
    ],
)
def test_urdu_sentences_are_written_in_arabic_script(reader: Transliterator, text: str, expected: str) -> None:
    assert reader(text) == expected


def test_neighbours_decide_between_readings(reader: Transliterator) -> None:
    assert reader("ali ne kaha") == "علی نے کہا"
    assert reader("kahan hai") == "کہاں ہے"


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_each_language_goes_both_ways(source: str, target: str) -> None:
    there = transliterate("salam", source, target)
    assert not there.isascii()
    back = transliterate(there, target, source)
    assert back.isascii()
    assert back.isalpha()


def test_punjabi_reads_gurmukhi_too() -> None:
    assert transliterate("punjab", "pa-Latn", "pa-Guru") == "ਪੰਜਾਬ"
    assert transliterate("ਪੰਜਾਬ", "pa-Guru", "pa-Arab") == "پنجاب"


def test_roman_output_has_ascii_punctuation_and_digits() -> None:
    assert Transliterator("ur-Arab", "ur-Latn", capitals=True)("کیا؟ ۵۰۰۔") == "Kiya? 500."


def test_links_names_and_tags_stay(reader: Transliterator) -> None:
    text = "https://a.pk/x?y=kitab @ali #kitab"
    assert reader(text) == text


def test_compounds_with_hyphens_become_words(reader: Transliterator) -> None:
    assert reader("aam-o-khas") == "عام و خاص"


def test_english_words_can_be_kept() -> None:
    kept = Transliterator("ur-Latn", "ur-Arab", english="keep")("please mera phone number save kar lo")
    assert "please" in kept
    assert "میرا" in kept


def test_candidates_are_ranked_probabilities(reader: Transliterator) -> None:
    found = reader.candidates("kitab", 5)
    scores = [one.score for one in found]
    assert found[0].text == "کتاب"
    assert scores == sorted(scores, reverse=True)
    assert 0 < sum(scores) <= 1.001
    assert len(reader.candidates("dilkashan", 12)) > 5


def test_alignment_names_each_word(reader: Transliterator) -> None:
    text = "acha, theek hai!"
    conversion = reader.align(text)
    words = [(text[w.start : w.end], conversion.text[w.target_start : w.target_end]) for w in conversion.words]
    assert words == [("acha", "اچھا"), ("theek", "ٹھیک"), ("hai", "ہے")]


def test_own_words_win() -> None:
    own = Transliterator("ur-Latn", "ur-Arab", user_words={"Boli": "بولی ٹول"})
    assert own("boli acha hai") == "بولی ٹول اچھا ہے"
    assert own.candidates("boli")[0].score == 1.0


def test_own_words_are_read_with_their_line(tmp_path: Path) -> None:
    file = tmp_path / "my.tsv"
    file.write_text("a\tb\nbroken\n", "utf-8")
    with pytest.raises(DataError, match="2: expected word TAB answer, got 1 fields"):
        read_user_words(file)
    file.write_text("a\tb\na\tc\n", "utf-8")
    with pytest.raises(DataError, match=r"my\.tsv:2"):
        read_user_words(file)


@pytest.mark.parametrize(
    "text", ["", " ", "a" * 10_000, "😀👍🏽", "школа 学校", "ʕ", "\ud800", "پاکستان mixed ہے", "\x00"]
)
def test_bad_input_passes_through(reader: Transliterator, text: str) -> None:
    found = reader(text)
    assert isinstance(found, str)
    kept = [letter for letter in text if not letter.isascii() and not letter.isalpha()]
    assert all(letter in found for letter in kept)
    assert reader.candidates(text)


def test_a_word_too_long_for_any_language_stays(reader: Transliterator) -> None:
    assert reader("z" * 10_000) == "z" * 10_000


@given(st.lists(st.text(alphabet="abkhiosmn ,.?7'-\n😀ہ", max_size=24), max_size=6))
def test_many_texts_are_converted_as_one_by_one(texts: list[str]) -> None:
    reader = Transliterator("ur-Latn", "ur-Arab")
    assert reader.batch(texts) == [reader(text) for text in texts]


@given(st.text(alphabet="abc ہڈ'-@#.\n1", max_size=30))
def test_pieces_are_the_text(text: str) -> None:
    for script in ("Latn", "Arab", "Guru"):
        pieces = list(cut_pieces(text, script))
        assert "".join(text[piece.start : piece.end] for piece in pieces) == text


@given(st.text(alphabet="abc ہڈ'-.\n1", max_size=30))
def test_offsets_rebuild_the_words(text: str) -> None:
    conversion = Transliterator("ur-Latn", "ur-Arab").align(text)
    ends = [word.target_end for word in conversion.words]
    assert all(word.target_start < word.target_end <= len(conversion.text) for word in conversion.words)
    assert ends == sorted(ends)


def test_wrong_options_say_what_is_right() -> None:
    with pytest.raises(LanguageError, match="one language in two scripts"):
        Transliterator("ur-Latn", "sd-Arab")
    with pytest.raises(LanguageError, match="one language in two scripts"):
        Transliterator("ur-Latn", "ur-Latn")
    with pytest.raises(ConfigError, match="convert, keep"):
        Transliterator("ur-Latn", "ur-Arab", english="kep")
    with pytest.raises(ModelNotFound, match="ur-Arab"):
        load_direction("ur-Cyrl", "reading")


def test_chat_spelling_becomes_the_common_one() -> None:
    assert respell("kya ho rha h", "ur-Latn") == "kya ho raha hai"
    assert respell("ap kese hen", "ur-Latn") == "aap kaise hain"


def test_respelling_leaves_english_names_and_links_alone() -> None:
    text = "please call me, Ahmed at www.a.pk"
    assert respell(text, "ur-Latn") == text
    with pytest.raises(LanguageError, match="ur-Latn, pa-Latn"):
        Respeller("bal-Latn")


def test_a_cut_spells_its_row() -> None:
    alphabet = Alphabet("xyz", {})
    table = ChunkTable(("", "x", "y", "z", "yz"), alphabet)
    scores = np.log(np.full((1, 2, 5), 0.2, np.float32))
    cuts = best_cuts(scores, np.zeros(2, np.int64), alphabet.encode(["xyz", "zzzzz"]), table)
    assert "".join(table_tag for table_tag in np.array(["", "x", "y", "z", "yz"])[cuts.tags[0]]) == "xyz"
    assert cuts.scores[0] == pytest.approx(2 * np.log(0.2), abs=1e-5)
    assert cuts.scores[1] == -40.0


def test_context_prefers_pairs_that_were_counted() -> None:
    keys = word_keys(Alphabet("abc", {}).encode(["a", "b", "c"]))
    table = build_table(
        np.array([alone_key(keys[:1])[0], mix(keys[:1], keys[2:])[0]]), np.array([[96], [176]], np.uint8), load=0.25
    )
    model = ContextModel(table, 1.0)
    words = np.array([[keys[0], 0], [keys[1], keys[2]]], np.uint64)
    scores = np.array([[0.0, -np.inf], [-0.5, -1.0]], np.float32)
    assert model.best_paths(words, scores, [0]).tolist() == [0, 1]
    assert model.best_paths(words, scores, [0, 1]).tolist() == [0, 0]


def test_words_written_as_one_in_roman_become_two(reader: Transliterator) -> None:
    assert reader("isne kaha, Dr. G. Ali aapka intezar hai") == "اس نے کہا، ڈاکٹر۔ جی۔ علی آپ کا انتظار ہے"
