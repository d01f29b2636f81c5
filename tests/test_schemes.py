"""Schemes: official examples come out right, reversible text comes back, nothing is lost, bad names are explained."""

import csv
import re
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boli.errors import ConfigError, LanguageError, TableError
from boli.languages import load_language
from boli.transliteration.letters import Row, Rules, Step, read_rows
from boli.transliteration.reversible import load_codec
from boli.transliteration.schemes import SCHEMES, load_scheme
from boli.transliteration.standards import load_standard, read_roman

CASES = Path(__file__).parent / "cases"
SHARED = Path(__file__).parents[2] / "shared" / "data"
STANDARDS = ("bal", "ps", "ur")
REVERSIBLE = ("bal", "pa", "ps", "sd", "ur")


def read_cases(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def parameters() -> Iterator[object]:
    names = [f"{language}/bgn_pcgn.tsv" for language in STANDARDS] + ["pa/gurmukhi.tsv", "pa/shahmukhi.tsv"]
    for name in names:
        for row in read_cases(name):
            marks = [pytest.mark.xfail(strict=True)] if row["expect"] == "known-fail" else []
            yield pytest.param(name, row, id=f"{name}/{row['id']}", marks=marks)


def convert(name: str, row: dict[str, str]) -> str:
    scheme, *options = row["level"].split()
    if scheme == "bgn-pcgn":
        standard = load_standard(name.partition("/")[0])
        return standard(row["input"], names="names" in options, mark_unknown="silent" not in options)
    tags = ("pa-Guru", "pa-Arab") if "gurmukhi" in name else ("pa-Arab", "pa-Guru")
    return load_scheme(scheme, *tags)(row["input"])


@pytest.mark.parametrize(("name", "row"), list(parameters()))
def test_every_case_comes_out_as_written(name: str, row: dict[str, str]) -> None:
    expected = row["input"] if row["expect"] == "same" else row["expected"]
    assert unicodedata.normalize("NFC", convert(name, row)) == unicodedata.normalize("NFC", expected)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data")
@pytest.mark.parametrize(("language", "year"), [("ur", 2007), ("ps", 1968), ("bal", 2008)])
def test_every_official_example_is_a_case(language: str, year: int) -> None:
    lines = (SHARED / f"alphabets/bgn_pcgn/{language}_{year}.examples.tsv").read_text("utf-8").split("\n")[1:]
    rows = read_cases(f"{language}/bgn_pcgn.tsv")
    cases = {(unicodedata.normalize("NFC", row["input"]), row["expected"]) for row in rows}
    wanted = {tuple(unicodedata.normalize("NFC", line).split("\t")) for line in lines if line}
    assert wanted - cases == set()


SLIPS = {"ثّ", "حّ", "شّ", "ضّ", "حھ", "رھ"}
"""Letter rows of the copy that contradict its single letters or the standard; see the README of the tables."""


CONSONANT = re.compile("(?![ءآ-ئاةھىوؤيٴںۍ-ۓی\u064b-\u0670])[ء-ە][\u0651ھ]?")


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data")
@pytest.mark.parametrize(("language", "year"), [("ur", 2007), ("bal", 2008)])
def test_consonants_are_those_of_the_standard(language: str, year: int) -> None:
    lines = (SHARED / f"alphabets/bgn_pcgn/{language}_{year}.letters.tsv").read_text("utf-8").split("\n")[1:]
    rows = [unicodedata.normalize("NFC", line).split("\t")[:2] for line in lines if line]
    wanted = {letter: roman for letter, roman in rows if CONSONANT.fullmatch(letter) and letter not in SLIPS}
    rules = Rules(read_rows(f"bgn-pcgn/{language}.tsv"))
    assert len(wanted) > 50
    assert {letter: rules(letter) for letter in wanted} == wanted


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data")
def test_consonants_of_pashto_are_those_of_cldr_but_for_the_cedillas() -> None:
    text = (SHARED / "alphabets/cldr_transforms/Pashto-Latin-BGN.txt").read_text("utf-8")
    rows = re.findall(r"^(\S) → (\S+) ;", text.translate(str.maketrans("ḥṣṭẓ", "ḩşţ\ue000")), re.MULTILINE)
    wanted = {letter: roman.replace("\ue000", "z\u0327") for letter, roman in rows if CONSONANT.fullmatch(letter)}
    rules = Rules(read_rows("bgn-pcgn/ps.tsv"))
    del wanted["ع"]  # a variable there
    assert len(wanted) > 30
    assert {letter: rules(letter) for letter in wanted} == wanted


@pytest.mark.parametrize("language", STANDARDS)
def test_roman_names_turned_back_are_romanized_the_same_again(language: str) -> None:
    for row in read_cases(f"{language}/bgn_pcgn.tsv"):
        if row["level"] == "bgn-pcgn names" and row["expect"] == "pass":
            native = read_roman(row["expected"], language)
            assert not re.search("[a-z]", native), (row["expected"], native)
            assert load_standard(language)(native, names=True, mark_unknown=False) == row["expected"], native


def alphabet(language: str) -> list[str]:
    profile = load_language(language)
    signs = ["\u200c", "\u0640", *" .,;?!-()\"'\n", *"،؛؟۔٪", *"0123456789", *"۰۱۲۳۴۵۶۷۸۹", *"٠١٢٣٤٥٦٧٨٩"]
    return [*profile.letters, *profile.marks, *signs]


def spellings(language: str) -> list[str]:
    """Letters of Roman spellings, and the signs of the scheme itself: what could be taken for its output."""
    romans = "".join(row.target for row in read_rows(f"reversible/{language}.tsv"))
    return sorted({*romans, *"·⟨⟩ABCxyz\u0301\u0331"})


@pytest.mark.parametrize("language", REVERSIBLE)
@given(data=st.data())
def test_every_string_of_the_alphabet_comes_back(language: str, data: st.DataObject) -> None:
    text = data.draw(st.text(st.sampled_from(alphabet(language))))
    codec = load_codec(language)
    assert codec.read(codec.write(text)) == text


@pytest.mark.parametrize("language", REVERSIBLE)
@given(data=st.data())
def test_text_that_has_roman_letters_already_comes_back_too(language: str, data: st.DataObject) -> None:
    text = data.draw(st.text(st.one_of(st.sampled_from(alphabet(language) + spellings(language)), st.characters())))
    codec = load_codec(language)
    assert codec.read(codec.write(text)) == text


@pytest.mark.parametrize("language", REVERSIBLE)
@given(data=st.data())
def test_no_letter_of_the_alphabet_is_left_in_roman_text(language: str, data: st.DataObject) -> None:
    profile = load_language(language)
    text = data.draw(st.text(st.sampled_from([*profile.letters, *profile.marks])))
    roman = load_codec(language).write(text)
    assert not set(roman) & {*profile.letters, *profile.marks}
    assert unicodedata.is_normalized("NFC", roman)


@pytest.mark.parametrize(
    ("language", "native", "roman"),
    [
        ("ur", "پاکستان", "pākstān"),
        ("ur", "کھا کہا", "khā k·hā"),
        ("ur", "خُدا", "k\u035fhudā"),
        ("ur", "اچھا، ہے۔", "āchhā, he."),
        ("ur", "Google پر", "⟨Google⟩ pr"),
        ("sd", "ڪتاب کي", "ktāb khy"),
        ("sd", "ٻولي", "ɓwly"),
        ("ps", "پښتو", "ps\u035fhtw"),
        ("pa", "اوہناں", "āwhnāṉ"),
        ("bal", "بلۆچی", "blochy"),
    ],
)
def test_reversible_roman_is_near_to_what_scholars_write(language: str, native: str, roman: str) -> None:
    assert load_codec(language).write(native) == roman
    assert load_codec(language).read(roman) == native


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data")
@pytest.mark.parametrize("language", REVERSIBLE)
def test_lines_of_real_text_come_back(language: str) -> None:
    codec = load_codec(language)
    for path in sorted((SHARED / "text" / f"{language}-Arab").glob("*.txt")):
        for line in path.read_text("utf-8").split("\n")[:200]:
            assert codec.read(codec.write(line)) == line, path.name


def all_schemes() -> list[tuple[str, str, str]]:
    return [(name, source, target) for name, pairs in SCHEMES.items() for source, target in pairs]


@pytest.mark.parametrize(("name", "source", "target"), all_schemes())
@given(text=st.text())
def test_no_text_is_an_error(name: str, source: str, target: str, text: str) -> None:
    assert isinstance(load_scheme(name, source, target)(text), str)


@pytest.mark.parametrize(("name", "source", "target"), all_schemes())
@pytest.mark.parametrize("text", ["", "巴基斯坦", "🙂👨‍👩‍👧", "नमस्ते", "שלום", "\ud800", "\ue000"])
def test_other_scripts_pass_untouched(name: str, source: str, target: str, text: str) -> None:
    assert load_scheme(name, source, target)(text) == text


@pytest.mark.parametrize(("name", "source", "target"), all_schemes())
def test_time_grows_with_the_length_of_the_text_alone(name: str, source: str, target: str) -> None:
    scheme = load_scheme(name, source, target)
    scheme("warm")
    letters = {"Arab": "کبوتر", "Latn": "kabutar", "Guru": "ਕਬੂਤਰ"}[source.partition("-")[2]]
    for text in (letters * 2_000, letters[0] * 10_000, "⟨" * 20_000, "a" + "." * 20_000, "\u0650" * 10_000):
        start = time.perf_counter()
        scheme(text)
        assert time.perf_counter() - start < 3, text[:5]


def test_a_scheme_that_is_not_there_is_explained() -> None:
    with pytest.raises(ConfigError, match=r"no scheme 'bgn'; choose from: bgn-pcgn, reversible, shahmukhi"):
        load_scheme("bgn", "ur", "ur-Latn")
    with pytest.raises(ConfigError, match="did you mean 'shahmukhi'"):
        load_scheme("shahmuki", "pa-Guru", "pa-Arab")
    with pytest.raises(ConfigError, match=r"'bgn-pcgn' has no sd-Arab -> sd-Latn; choose from: ur-Arab -> ur-Latn"):
        load_scheme("bgn-pcgn", "sd", "sd-Latn")
    with pytest.raises(LanguageError, match="did you mean 'ur'"):
        load_scheme("bgn-pcgn", "urdoo", "ur-Latn")


def test_a_scheme_says_what_it_is() -> None:
    scheme = load_scheme("bgn-pcgn", "urd", "ur-Latn")
    assert (scheme.name, scheme.source, scheme.target) == ("bgn-pcgn", "ur-Arab", "ur-Latn")


def test_rules_prefer_the_longest_and_then_the_most_exact_row() -> None:
    rows = [
        Row("v", "ae", "", "set", "x", ""),
        Row("a", "a", "1", "any", "x", ""),
        Row("ab", "ab", "2", "any", "x", ""),
        Row("c", "c", "3", "any", "x", ""),
        Row("c-a", "c", "4", "after=@v", "x", ""),
        Row("c-a-end", "c", "5", "after=@v final", "x", ""),
    ]
    assert Rules(rows)("ab ac acb c") == "2 15 14b 3"
    assert list(Rules(rows).steps("xab")) == [Step(0, 1, "x", ""), Step(1, 3, "2", "ab")]


def test_a_table_that_is_not_there_or_wrong_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data" / "schemes").mkdir(parents=True)
    table = tmp_path / "data" / "schemes" / "wrong.tsv"
    monkeypatch.setattr("boli.transliteration.letters.files", lambda _: tmp_path)
    for row, message in (
        ("a\tb\tc\tevery\tx\t", r"wrong\.tsv:2: no place 'every'"),
        ("a\tb\tc\tany\t\t", r"wrong\.tsv:2: the source is empty"),
        ("a\tb\tc", r"wrong\.tsv:2: 3 columns; expected 6"),
        ("a\tb\tc\tany\tx\t\na\td\te\tany\tx\t", "'a' stands twice"),
        ("a\tb\tc\tafter=@vowels\tx\t", "the set 'vowels', which no row names"),
    ):
        table.write_text(f"id\tfrom\tto\twhere\tsource\tnote\n{row}\n", "utf-8")
        with pytest.raises(TableError, match=message):
            read_rows.__wrapped__("wrong.tsv")
