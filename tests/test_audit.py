"""The audit of characters finds what is foreign to a language, says what becomes of it, and leaves the rest alone."""

import json
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boli.errors import LanguageError
from boli.languages import LANGUAGES, load_language
from boli.normalization import Normalizer
from boli.normalization.audit import CharacterAudit, CharacterAuditor, Foreign, audit_lines, describe, foreign_kind

KAF, KEHEH = "\N{ARABIC LETTER KAF}", "\N{ARABIC LETTER KEHEH}"
URDU = Normalizer("ur")


def audit(text: str, lang: str = "ur", level: str = "standard") -> CharacterAudit:
    return audit_lines(text.split("\n"), Normalizer(lang, level=level))


def only(text: str, lang: str = "ur", level: str = "standard") -> Foreign:
    (found,) = audit(text, lang, level).foreign
    return found


def test_a_letter_of_another_keyboard_is_counted_named_and_shown() -> None:
    found = only(f"کتاب\n{KAF}تاب اور {KAF}ل")
    assert (found.code, found.name, found.kind, found.count) == ("U+0643", "ARABIC LETTER KAF", "letter", 2)
    assert [(one.before, one.after, one.count) for one in found.outcomes] == [(KAF, KEHEH, 2)]
    assert [(one.line, one.column) for one in found.examples] == [(2, 0)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("\N{ARABIC TATWEEL}", "kashida"),
        ("\N{ARABIC LETTER BEH INITIAL FORM}", "presentation form"),
        ("\N{ARABIC-INDIC DIGIT FIVE}", "digit"),
        ("\N{ZERO WIDTH SPACE}", "invisible"),
        ("\N{NO-BREAK SPACE}", "invisible"),
        ("\N{RIGHT-TO-LEFT MARK}", "invisible"),
        ("\N{REPLACEMENT CHARACTER}", "damage"),
        ("\N{NULL}", "damage"),
        ("\ue000", "damage"),
        ("\N{ARABIC SMALL HIGH ROUNDED ZERO}", "mark"),
        ("\N{DEVANAGARI LETTER KA}", "letter"),
        ("\N{CYRILLIC SMALL LETTER A}", "letter"),
    ],
)
def test_each_kind_of_foreign_character_is_told(text: str, kind: str) -> None:
    assert only(f"آپ{text}اب").kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "abc é x@y.pk #tag",
        "123 ۱۲۳ ½",
        "۔ ؟ ، ؛ ! ٪ « » “ ” – …",
        "ﷺ ﷽ ﴿ ﴾",
        "\N{FAMILY} 👩🏽\u200d💻 ❤\ufe0f 1\ufe0f\u20e3 🇵🇰",
        "کر\u200cنا",
        "\t",
    ],
)
def test_what_belongs_to_everybody_is_not_foreign(text: str) -> None:
    assert audit(text).foreign == ()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_letter_mark_or_digit_of_a_language_is_foreign_to_it(lang: str) -> None:
    profile = load_language(lang)
    own = " ".join((*profile.letters, *(f"ب{mark}" for mark in profile.marks), profile.digits, "0123456789"))
    assert audit(own, lang).foreign == ()


def test_a_letter_may_be_foreign_to_one_language_and_not_to_another() -> None:
    assert only("\N{ARABIC LETTER HEH DOACHASHMEE}", "ps").kind == "letter"
    assert audit("\N{ARABIC LETTER HEH DOACHASHMEE}", "ur").foreign == ()


def test_roman_text_has_latin_letters_and_no_look_alikes() -> None:
    assert audit("Kya hāl hai? ṭhīk 100%", "ur-Latn").foreign == ()
    assert only("s\N{CYRILLIC SMALL LETTER A}lam", "ur-Latn").name == "CYRILLIC SMALL LETTER A"
    assert only("salam \N{ARABIC LETTER ALEF}", "ur-Latn").kind == "letter"


def test_gurmukhi_is_not_foreign_to_punjabi_in_gurmukhi() -> None:
    assert audit("ਪੰਜਾਬੀ ੧੨ ।", "pa-Guru").foreign == ()
    assert len(audit("ਪੰਜਾਬੀ", "pa-Arab").foreign) > 3


def test_what_the_normalizer_takes_out_is_told() -> None:
    (outcome,) = only("بـہ").outcomes
    assert (outcome.before, outcome.after) == ("\N{ARABIC TATWEEL}", "")


def test_what_the_normalizer_leaves_is_told() -> None:
    (outcome,) = only("\N{ARABIC LETTER ALEF WASLA}ب").outcomes
    assert outcome.before == outcome.after == "\N{ARABIC LETTER ALEF WASLA}"


def test_a_lower_level_leaves_more() -> None:
    (outcome,) = only(f"کتا{KAF}", level="encoding").outcomes
    assert outcome.after == KAF


def test_neighbours_that_go_along_are_told() -> None:
    (outcome,) = only("جا\N{ARABIC LETTER WAW}\N{ARABIC LETTER HIGH HAMZA}").outcomes
    assert (len(outcome.before), outcome.after) == (2, "\N{ARABIC LETTER WAW WITH HAMZA ABOVE}")


def test_the_same_character_may_have_several_outcomes() -> None:
    found = only(f"{KAF}تاب http://x.pk/{KAF}")
    assert {(one.after, one.count) for one in found.outcomes} == {(KEHEH, 1), (KAF, 1)}


def test_outcomes_add_up_to_the_count() -> None:
    words = ("جاو", "ب", "ہ", "ی", "د", "س", "ن", "م", "ط", "ل", "ک")
    found = only("\n".join(f"{word}\N{ARABIC LETTER HIGH HAMZA}" for word in words))
    assert sum(one.count for one in found.outcomes) + found.other_outcomes == found.count == 11
    assert len(found.outcomes) <= 8


def test_examples_are_three_from_different_lines_with_text_around() -> None:
    found = only("\n".join(["اور " * 20 + KAF * 5 + " اور" * 20] * 9))
    assert [one.line for one in found.examples] == [1, 2, 3]
    assert all(len(one.text) == 41 and KAF in one.text for one in found.examples)


def test_files_and_line_numbers_go_into_the_examples() -> None:
    auditor = CharacterAuditor(URDU)
    auditor.add(["a", KAF], file="one.txt", first=11)
    auditor.add([KAF], file="two.txt")
    (found,) = auditor.result().foreign
    assert [(one.file, one.line) for one in found.examples] == [("one.txt", 12), ("two.txt", 1)]


def test_totals_are_lines_and_code_points() -> None:
    found = audit(f"کل\n\n{KAF}ل{KAF}")
    assert (found.lines, found.characters, found.lines_with_foreign, found.count) == (3, 5, 1, 2)


def test_commonest_come_first() -> None:
    assert [one.count for one in audit(f"{KAF}ٱ{KAF}\N{ZERO WIDTH SPACE}{KAF}ٱ").foreign] == [3, 2, 1]


def test_no_text_is_no_fault() -> None:
    assert audit_lines([], URDU).foreign == ()


def test_an_audit_is_json() -> None:
    found = audit(f"{KAF}تاب \ud800")
    read = json.loads(found.to_json().encode("utf-8"))
    assert read["foreign"][0]["code"] == "U+0643"
    assert read["foreign"][1]["character"] == "\\ud800"
    assert read["signature"] == URDU.signature


def test_text_of_no_language_has_no_audit() -> None:
    with pytest.raises(LanguageError, match="no language 'und"):
        CharacterAuditor(Normalizer("und", level="encoding"))


def test_code_points_without_names_are_described() -> None:
    assert describe("\0\ue000\ud800") == "U+0000 (control) + U+E000 (private use) + U+D800 (lone surrogate)"


@given(st.text())
def test_any_text_is_audited_and_counts_agree(text: str) -> None:
    found, profile = audit_lines(text.split("\n"), URDU), load_language("ur")
    own = {*profile.letters, *profile.marks, *profile.digits, *profile.sentence_enders}
    assert found.count == sum(1 for c in text if c not in own and foreign_kind(c))
    assert all(sum(o.count for o in one.outcomes) + one.other_outcomes == one.count for one in found.foreign)


def test_memory_does_not_grow_with_the_text() -> None:
    line = f"یہ {KAF}تاب اچھی ہے ٥ \N{ZERO WIDTH SPACE}"
    audit_lines([line] * 1000, URDU)
    tracemalloc.start()
    try:
        found = audit_lines((line for _ in range(6_000)), URDU)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.count == 18_000
    assert peak < 3e6


def test_a_long_line_takes_linear_time() -> None:
    def seconds(words: int) -> float:
        start = time.process_time()
        audit_lines([f"{KAF}تاب " * words], URDU)
        return time.process_time() - start

    seconds(1000)
    assert seconds(40_000) < 12 * max(seconds(10_000), 0.01)
