"""A deep audit says who is in the words of a data set; the page and the draft of a card say it to people."""

import json
import re
from pathlib import Path

import pytest

from boli.cli import main
from boli.datasets import (
    Audit,
    Place,
    Record,
    Rows,
    audit_dataset,
    check_card,
    check_cards,
    draft_card,
    load_dataset,
    load_rows,
    write_page,
)
from boli.datasets import audit as audit_module
from boli.datasets import contents as contents_module
from boli.datasets import page as page_module
from boli.datasets.contents import count_foreign, count_mixing, count_personal, count_styles
from boli.datasets.drafts import UNKNOWN
from boli.datasets.findings import say_personal
from boli.datasets.keys import search_texts
from boli.datasets.people import SPEAKER, count_gender, count_places
from boli.datasets.phrases import Phrases
from boli.datasets.tables import read_gender_verbs, read_gender_words, read_places, read_provinces, read_styles
from boli.errors import DataError, MissingExtra
from boli.languages import parse_tag


def rows_of_texts(*texts: str, tag: str = "ur-Latn", **fields: str) -> Rows:
    records = tuple(Record(text, tag, fields.get("label", "x"), gender=fields.get("gender", "")) for text in texts)
    return Rows("tiny", records, tuple(Place("all", at) for at in range(1, len(texts) + 1)))


def _missing(text: str) -> None:
    raise MissingExtra("this needs phonenumbers")


def gender_of(text: str, tag: str) -> dict[str, tuple[int, int]]:
    records = [Record(text, tag, "")]
    return {one.kind: (one.women, one.men) for one in count_gender(records, search_texts(records))}


def provinces_of(text: str, tag: str) -> set[str]:
    records = [Record(text, tag, "")]
    return {one.province for one in count_places(records, search_texts(records)) if one.rows}


@pytest.fixture(scope="module")
def wallet() -> Audit:
    return audit_dataset(load_dataset("wallet-intents"), deep=True)


# --- the words


@pytest.mark.parametrize(
    ("text", "tag", "expected"),
    [
        ("فاطمہ نے بھیجے", "ur-Arab", {"name": (1, 0)}),
        ("Fatima aur Ahmed ne bheje", "ur-Latn", {"name": (1, 1)}),
        ("main kal bhejti hoon", "ur-Latn", {SPEAKER: (1, 0)}),
        ("میں کل بھیجتا ہوں", "ur-Arab", {SPEAKER: (0, 1)}),
        ("مان پيسا موڪلڻ چاهيان ٿي", "sd-Arab", {SPEAKER: (1, 0)}),
        ("مان پيسا موڪلڻ چاهيان ٿو", "sd-Arab", {SPEAKER: (0, 1)}),
        ("زما مور او پلار", "ps-Arab", {"kin": (1, 1)}),
        ("paise nahi mile", "ur-Latn", {}),
        ("wo kal bhejti hai", "ur-Latn", {}),
        ("Fatima", "fa-Latn", {}),
    ],
)
def test_words_marked_for_gender_are_counted(text: str, tag: str, expected: dict[str, tuple[int, int]]) -> None:
    assert gender_of(text, tag) == expected


@pytest.mark.parametrize(
    ("text", "tag", "expected"),
    [
        ("میں رحیم یار خان سے ہوں", "ur-Arab", {"Punjab"}),
        ("rahim yar khan aur Karachi", "ur-Latn", {"Punjab", "Sindh"}),
        ("ڪراچي ۾ آهيان", "sd-Arab", {"Sindh"}),
        ("په پېښور کې", "ps-Arab", {"Khyber Pakhtunkhwa"}),
        ("تربت ءَ", "bal-Arab", {"Balochistan"}),
        ("yar khan", "ur-Latn", set()),
        ("water tank aur hub", "ur-Latn", set()),
    ],
)
def test_places_are_counted_by_province(text: str, tag: str, expected: set[str]) -> None:
    assert provinces_of(text, tag) == expected


def test_the_longest_phrase_is_found_and_one_with_two_meanings_is_not() -> None:
    phrases = Phrases([("dera ghazi khan", 1), ("dera", 2), ("khan", 3), ("khan", 4)], "ur-Latn")
    assert phrases.find("Dera Ghazi Khan, dera, khan") == [1, 2]


def test_code_mixing_is_counted_by_words() -> None:
    (found,) = count_mixing([Record("please apna account check karein", "ur-Latn", "")])
    assert (found.rows, found.mixed, found.words) == (1, 1, 5)
    assert found.english >= 2


def test_spelling_styles_are_counted_for_their_own_form_alone() -> None:
    records = [Record("منی ءَ", "bal-Arab", ""), Record("۵۰۰ روپے۔", "ur-Arab", ""), Record("5 rupay", "ur-Latn", "")]
    found = {(one.tag, one.style) for one in count_styles(records)}
    assert ("bal-Arab", "press of Quetta: marks on hamza") in found
    assert {("ur-Arab", "Persian and Urdu digits"), ("ur-Arab", "Urdu full stop")} <= found
    assert ("ur-Latn", "European digits") in found
    assert not any(tag == "ur-Arab" and "Quetta" in style for tag, style in found)


def test_characters_foreign_to_a_form_are_counted() -> None:
    (found,) = count_foreign([Record("كتاب", "ur-Arab", ""), Record("کتاب", "ur-Arab", "")])
    assert (found.rows, found.of) == (1, 2)
    assert found.characters[0][:2] == ("U+0643", "ARABIC LETTER KAF")


def test_personal_data_is_counted_by_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    found = count_personal([Record("0300 1234567 par call karo", "ur-Latn", ""), Record("500 rupay", "ur-Latn", "")])
    assert [(one.kind, one.rows, one.pieces) for one in found or ()] == [("phone", 1, 1)]
    monkeypatch.setattr(contents_module, "redact", _missing)
    assert count_personal([Record("a", "ur-Latn", "")]) is None
    assert say_personal(None)[0].startswith("Personal data was not looked for: ")


# --- the tables


def test_every_verb_pattern_finds_its_example_and_the_other_gender_does_not() -> None:
    verbs = read_gender_verbs()
    for verb in verbs:
        text = search_texts([Record(verb.example, verb.tag, "")])[0]
        found = {other.gender for other in verbs if other.tag == verb.tag and re.search(other.pattern, text)}
        assert found == {verb.gender}, verb
        assert re.search(verb.pattern, text), verb


def test_no_word_is_marked_for_women_and_for_men() -> None:
    marks: dict[tuple[str, str], set[str]] = {}
    for word in read_gender_words():
        assert word.gender in ("f", "m")
        assert word.arabic, word
        for spelling in (*word.arabic, *word.roman):
            marks.setdefault((word.language, spelling), set()).add(word.gender)
    assert {word: found for word, found in marks.items() if len(found) > 1} == {}


def test_every_place_is_in_a_province_and_no_spelling_in_two() -> None:
    provinces = {one.name for one in read_provinces()}
    homes: dict[str, set[str]] = {}
    for place in read_places():
        assert place.province in provinces
        for spelling in (*place.arabic, *place.roman):
            homes.setdefault(spelling, set()).add(place.province)
    assert {spelling: found for spelling, found in homes.items() if len(found) > 1} == {}
    assert sum(one.people for one in read_provinces()) == 241_499_431, "the final count of the census"


def test_every_style_compiles_and_is_of_a_form() -> None:
    for style in read_styles():
        re.compile(style.pattern)
        assert style.tag in ("*", "*-Arab", "*-Latn") or parse_tag(style.tag) == style.tag


# --- the audit


def test_the_gap_to_the_census_is_a_number(wallet: Audit) -> None:
    gaps = {gap.tag: gap for gap in wallet.census}
    assert (gaps["pa"].rows, gaps["pa"].rows_percent, gaps["pa"].points) == (1466, 19.88, -17.1)
    assert gaps["skr"].rows == 0


def test_the_sentences_name_forms_without_rows() -> None:
    found = audit_dataset(rows_of_texts("a", "b"))
    assert "Balochi in Roman script: 0 rows of 2; mother tongue of 3.4 % of Pakistan." in found.sentences
    assert "No row names its dialect, source, author or gender of the writer or speaker." in found.sentences


def test_a_shallow_audit_does_not_look_into_the_words() -> None:
    assert audit_dataset(rows_of_texts("a")).contents is None


def test_what_rows_say_of_themselves_is_counted() -> None:
    found = audit_dataset(rows_of_texts("a", "b", gender="f"))
    assert [tuple(group) for group in found.groups] == [("gender", "f", 2)]
    assert "Gender of the writer or speaker: women 2." in found.sentences


def test_rows_without_labels_have_no_sentence_about_labels() -> None:
    sentences = audit_dataset(rows_of_texts("a", "b", label="")).sentences
    assert sentences[0] == "tiny: 2 rows, no labels."
    assert not any("label has rows" in one for one in sentences)


def test_rows_in_languages_that_boli_does_not_know_are_counted_too() -> None:
    records = (Record("a", "und", "x"), Record("b", "fa-Arab", "x"))
    sentences = audit_dataset(Rows("tiny", records, (Place("all", 1), Place("all", 2))), deep=True).sentences
    assert "Unknown language: 1 row of 2 (50.0 %)." in sentences
    assert "Other language (fa-Arab): 1 row of 2 (50.0 %)." in sentences


def test_near_leaks_are_named_with_their_places() -> None:
    records = rows_of_texts("mera balance kitna hai batao", "mera balance kitna hai bataao").records
    found = audit_dataset(Rows("tiny", records, (Place("train", 1), Place("test", 4))))
    assert "1 pair of messages is nearly the same in two splits: train.jsonl:1 = test.jsonl:4." in found.sentences
    assert len(found.near_leaks) == 1


def test_the_json_form_of_a_deep_audit_carries_all_counts(wallet: Audit) -> None:
    found = json.loads(wallet.to_json())
    assert wallet.contents is not None
    assert found["contents"]["mixing"][0] == wallet.contents.mixing[0]._asdict()
    assert found["census"][0]["name"] == "Punjabi"
    assert {one["tag"] for one in found["contents"]["styles"]} == set(load_dataset("wallet-intents").card.languages)


# --- the page


def test_the_page_needs_nothing_else(wallet: Audit, tmp_path: Path) -> None:
    page, data = write_page(wallet, tmp_path / "new")
    text = page.read_text("utf-8")
    assert json.loads(data.read_text("utf-8"))["name"] == "wallet-intents"
    assert text.count('src="data:image/png;base64,') == 6
    assert not re.search(r'(?:src|href)="(?!data:)', text)
    assert "<script" not in text
    assert "Balochi in Roman script: 738 rows of 7,374" in text


def test_text_on_the_page_cannot_be_markup() -> None:
    rows = rows_of_texts("<script>alert(1)</script> kya haal hai", "<script>alert(1)</script> kya haal hai!")
    text = page_module.render_page(audit_dataset(rows))
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_reports_quote_messages_without_personal_data(monkeypatch: pytest.MonkeyPatch) -> None:
    audit = audit_dataset(rows_of_texts("0300 1234567 par call karein", "0300-1234567 par call karein!"))
    for text in (page_module.render_page(audit), audit.to_json()):
        assert "[PHONE] par call karein" in text
        assert "1234567" not in text
    monkeypatch.setattr(audit_module, "redact", _missing)
    assert "(not shown: boli[pii] is not installed, " in audit.to_json()


def test_without_matplotlib_the_page_has_no_pictures_and_says_so(
    wallet: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_module, "can_draw", lambda: False)
    text = page_module.render_page(wallet)
    assert "There are no pictures: matplotlib is not installed. Run: pip install 'boli[data]'" in text
    assert "<img" not in text


# --- drafts of cards, and cards


def test_a_draft_is_a_card_that_says_what_is_not_known(wallet: Audit, tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(draft_card(wallet, name="Ali's set: one", licence="cc0-1.0"), "utf-8")
    card = check_card(path)
    assert (card.name, card.licence, card.is_draft) == ("Alis set: one", "cc0-1.0", True)
    assert card.languages == load_dataset("wallet-intents").card.languages
    assert card.sections["Consent"] == UNKNOWN
    assert "| bal-Arab | 489 | 75 | 174 | 738 |" in card.sections["Composition"]
    gap = "- Punjabi: 19.88 % of the rows, mother tongue of 36.98 % of Pakistan (gap -17.1 points)."
    assert gap in card.sections["Known gaps"]
    assert not load_dataset("wallet-intents").card.is_draft


def test_a_draft_of_a_set_in_no_known_language_is_refused() -> None:
    rows = Rows("tiny", (Record("a", "und", "x"),), (Place("all", 1),))
    with pytest.raises(DataError, match=r"^tiny: no row is in a language of boli's; a card needs one: give the rows "):
        draft_card(audit_dataset(rows))


def test_two_cards_for_one_set_are_refused(tmp_path: Path, wallet: Audit) -> None:
    (tmp_path / "a.md").write_text(draft_card(wallet, name="Our set"), "utf-8")
    (tmp_path / "b.md").write_text(draft_card(wallet, name="Other"), "utf-8")
    assert [card.name for card in check_cards(tmp_path)] == ["Our set", "Other"]
    (tmp_path / "c.md").write_text(draft_card(wallet, name="our-Set"), "utf-8")
    with pytest.raises(DataError) as caught:
        check_cards(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/c.md:1: a second card for the data set 'our-Set'; the first is {tmp_path}/a.md; keep one"
    )
    with pytest.raises(DataError, match=r"no cards \(\*\.md\) there; copy TEMPLATE\.md and fill it in$"):
        check_cards(tmp_path / "none")


# --- the commands


def test_a_file_is_audited_with_its_bad_rows_named(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("sentence,label\nwah,x\nbura\n", "utf-8")
    options = ["--column", "text=sentence", "--lang", "ur-Latn", "--quick", "--html", str(tmp_path / "page")]
    assert main(["data", "audit", str(path), *options]) == 0
    said = capfdbinary.readouterr().out.decode()
    assert "a.csv: 1 row, 1 label.\n1 problem when the rows were read: " in said
    assert f"wrote {tmp_path}/page/audit.html\n" in said


def test_a_draft_that_cannot_be_made_leaves_no_file(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path, card = tmp_path / "a.jsonl", tmp_path / "README.md"
    path.write_text("nonsense\n", "utf-8")
    assert main(["data", "draft-card", str(path), "-o", str(card)]) == 2
    assert b"a.jsonl: no row could be read; the first problem: " in capfdbinary.readouterr().err
    assert not card.exists()


def test_check_names_the_first_fault_and_reads_cards(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], wallet: Audit
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "a", "tag": "ur", "label": "x"}\n{"text"\n', "utf-8")
    assert main(["data", "check", str(path)]) == 2
    assert b"rows.jsonl:2: broken JSON" in capfdbinary.readouterr().err
    (tmp_path / "card.md").write_text(draft_card(wallet, name="Ours"), "utf-8")
    assert main(["data", "check", str(tmp_path)]) == 0
    assert b"card.md: Ours; bal-Arab, bal-Latn, " in capfdbinary.readouterr().out
    assert main(["data", "check", str(path), "--column", "text"]) == 2
    assert b"cannot read --column 'text'; write FIELD=COLUMN" in capfdbinary.readouterr().err


def test_the_audit_of_rows_is_the_audit_of_their_folder(wallet: Audit) -> None:
    assert audit_dataset(load_rows("wallet-intents"), deep=True) == wallet
