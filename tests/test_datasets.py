"""Rows are read strictly, folders whole, and an audit says in plain words who is there and who is not."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boli.datasets import Dataset, Record, Slot, audit_dataset, load_dataset, read_records
from boli.datasets.cards import SECTIONS
from boli.datasets.census import read_census
from boli.datasets.keys import fold_message
from boli.datasets.records import parse_record
from boli.errors import DataError

ROW = {"text": "500 bhejne hain", "tag": "ur-Latn", "intent": "send_money"}
CARD = "---\npretty_name: Tiny\nlicense: cc0-1.0\nlanguage: [ur]\nlanguage_bcp47: [ur-Arab, ur-Latn]\n---\n" + "".join(
    f"\n## {name}\n\nSaid.\n" for name in SECTIONS
)


def line(**changes: object) -> str:
    return json.dumps(ROW | changes, ensure_ascii=False)


def write_folder(folder: Path, **splits: list[str]) -> Path:
    filled: dict[str, list[str]] = {"train": [line()], "dev": [line(text="b")], "test": [line(text="c")]} | splits
    for name, lines in filled.items():
        (folder / f"{name}.jsonl").write_text("".join(f"{row}\n" for row in lines), "utf-8")
    (folder / "README.md").write_text(CARD, "utf-8")
    return folder


@pytest.fixture(scope="module")
def wallet() -> Dataset:
    return load_dataset("wallet-intents")


# --- rows


def test_a_row_with_everything_is_read() -> None:
    full = line(slots=[{"start": 0, "end": 3, "name": "amount"}], template="ur.send_money.03")
    assert parse_record(full) == Record(
        "500 bhejne hain", "ur-Latn", "send_money", (Slot(0, 3, "amount"),), "ur.send_money.03"
    )


def test_label_may_stand_for_intent_and_names_for_tags() -> None:
    assert parse_record('{"text": "salam", "tag": "Urdu", "label": "greeting"}') == Record(
        "salam", "ur-Arab", "greeting"
    )


def test_slots_come_sorted() -> None:
    slots = [{"start": 4, "end": 10, "name": "b"}, {"start": 0, "end": 3, "name": "a"}]
    assert parse_record(line(slots=slots)).slots == (Slot(0, 3, "a"), Slot(4, 10, "b"))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ('{"text": "a", "tag": "ur"}', "the row has no label; add the key 'intent' (or 'label')"),
        (line(label="x"), "the row has both 'intent' and 'label'; keep one"),
        (
            line(slts=[]),
            "no key 'slts'; valid keys: text, tag, intent (or label), slots, template, dialect, source, author, "
            "gender, reviewed_by (did you mean 'slots'?)",
        ),
        ('{"tag": "ur", "intent": "x"}', "the row has no 'text'; add it"),
        (line(text=" \t"), "'text' is empty; fill it in or delete the row"),
        (line(text=5), "'text' must be text, got int; put it in quotes"),
        (line(intent=""), "'intent' is empty; fill it in or delete the row"),
        (line(intent=None), "'intent' must be text, got NoneType; put it in quotes"),
        (line(tag="urdoo"), "no language 'urdoo'; supported: bal, pa, ps, sd, ur (did you mean 'ur'?)"),
        (line(tag="ur-Guru"), "no script 'Guru' for 'ur' in 'ur-Guru'; choose from: Arab, Latn"),
        ('{"text": "\\ud800", "tag": "ur", "intent": "x"}', "'text' has half of a surrogate pair; "),
        ("", "empty line; expected one JSON object, delete the line"),
        ("[1]", 'expected a JSON object, got list; write {"text": ...}'),
        ('{"text": "a"', "broken JSON at column 13 (Expecting ',' delimiter); expected one JSON object on the line"),
        ('{"text": "a", "text": "b"}', "broken JSON (key 'text' is there twice); expected one JSON object on the line"),
        ("[" * 100_000, "broken JSON ("),
        (line(slots={}), "'slots' must be a list, got dict; write [] where there are none"),
        (line(slots=[3]), 'a slot must be {"start": 0, "end": 3, "name": "amount"}, got 3'),
        (line(slots=[{"start": 0, "end": 3, "nam": "a"}]), "no key 'nam'; valid keys: start, end, name "),
        (line(slots=[{"start": 0, "end": 3}]), "the row has no 'name'; add it"),
        (
            line(slots=[{"start": 3, "end": 3, "name": "a"}]),
            "slot 'a' has start 3 and end 3; expected 0 <= start < end",
        ),
        (line(slots=[{"start": 0, "end": 99, "name": "a"}]), "slot 'a' has start 0 and end 99; expected 0 <= start < "),
        (line(slots=[{"start": 0, "end": True, "name": "a"}]), "slot 'a' has start 0 and end True; expected 0 <= "),
        (line(slots=[{"start": -3, "end": 2, "name": "a"}]), "slot 'a' has start -3 and end 2; expected 0 <= start"),
        (
            line(slots=[{"start": 0, "end": 5, "name": "a"}, {"start": 4, "end": 6, "name": "b"}]),
            "slots 'a' and 'b' overlap; slots must lie side by side",
        ),
    ],
)
def test_a_wrong_row_is_refused_with_file_and_line(tmp_path: Path, row: str, expected: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{line()}\n{row}\n", "utf-8")
    with pytest.raises(DataError) as caught:
        read_records(path)
    assert str(caught.value).startswith(f"{path}:2: {expected}")


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(f"{line()}\n".encode() + line(text="ڪ").encode("utf-16-le"))
    with pytest.raises(DataError, match=r"rows\.jsonl:2: byte 0x.. is not UTF-8; save the file as UTF-8$"):
        read_records(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.jsonl: no such file; check the path$"):
        read_records(tmp_path / "none.jsonl")
    with pytest.raises(DataError, match=r"cannot be read .* give a file that you may read$"):
        read_records(tmp_path)


def test_windows_line_ends_a_byte_order_mark_and_line_separators_in_messages_are_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + f"{line(text='a' + chr(0x2028) + 'b')}\r\n{line()}\r\n".encode())
    assert [row.text for row in read_records(path)] == ["a\u2028b", "500 bhejne hain"]


@given(st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip))
def test_what_is_written_as_json_is_read_back_unchanged(text: str, label: str) -> None:
    row = parse_record(line(text=text, intent=label))
    assert (row.text, row.label) == (text, label)


# --- folders


def test_a_folder_is_read_whole(tmp_path: Path) -> None:
    dataset = load_dataset(write_folder(tmp_path))
    assert (dataset.name, dataset.card.name) == (tmp_path.name, "Tiny")
    assert [row.text for row in (*dataset.train, *dataset.dev, *dataset.test)] == ["500 bhejne hain", "b", "c"]
    assert load_dataset(str(tmp_path)) == dataset


def test_the_hash_follows_the_rows_and_not_the_card(tmp_path: Path) -> None:
    before = load_dataset(write_folder(tmp_path)).sha256
    (tmp_path / "README.md").write_text(CARD + "\nMore.\n", "utf-8")
    assert load_dataset(tmp_path).sha256 == before
    assert load_dataset(write_folder(tmp_path, dev=[line(text="d")])).sha256 != before


def test_a_row_in_a_form_that_the_card_does_not_name_is_refused(tmp_path: Path) -> None:
    write_folder(tmp_path, dev=[line(), line(tag="sd-Arab")])
    with pytest.raises(DataError, match=r"dev\.jsonl:2: tag 'sd-Arab' is not on the card; README\.md names: ur-Arab, "):
        load_dataset(tmp_path)


def test_a_split_that_is_missing_or_empty_is_refused(tmp_path: Path) -> None:
    write_folder(tmp_path, test=[])
    with pytest.raises(DataError, match=r"test\.jsonl:1: the file has no rows; every split needs at least one$"):
        load_dataset(tmp_path)
    (tmp_path / "test.jsonl").unlink()
    with pytest.raises(DataError, match=r"test\.jsonl: no such file; check the path$"):
        load_dataset(tmp_path)


def test_an_unknown_split_is_refused_with_the_choices(wallet: Dataset) -> None:
    with pytest.raises(DataError, match=r"^no split 'tests'; choose from: train, dev, test \(did you mean 'test'\?\)$"):
        wallet.split("tests")


# --- audit


def test_messages_are_the_same_when_only_case_spaces_or_punctuation_differ() -> None:
    assert fold_message("Balance, kitna HAI??") == fold_message("balance kitna hai")
    assert fold_message("۽") == "۽", "Sindhi's 'and' is a word, though Unicode calls it a symbol"
    assert fold_message("کتاب") != fold_message("ڪتاب")


def test_repeats_leaks_and_conflicts_are_found_with_their_lines(tmp_path: Path) -> None:
    write_folder(
        tmp_path,
        train=[line(text="a", template="t1"), line(text="A!"), line(text="b", intent="charges")],
        dev=[line(text="b")],
        test=[line(text="z", template="t1")],
    )
    audit = audit_dataset(load_dataset(tmp_path))
    assert audit.sentences[-7:-3] == (
        "1 message is twice in one split: train.jsonl:1 = train.jsonl:2.",
        "1 message is in two splits: train.jsonl:3 = dev.jsonl:1.",
        "1 template is in two splits: train.jsonl:1 = test.jsonl:1.",
        "1 message is under two labels: train.jsonl:3 = dev.jsonl:1.",
    )


def test_the_same_message_in_two_languages_is_a_leak_but_no_duplicate(tmp_path: Path) -> None:
    write_folder(tmp_path, train=[line(), line(tag="ur-Arab")], test=[line(tag="ur-Arab")])
    audit = audit_dataset(load_dataset(tmp_path))
    assert (len(audit.duplicates), len(audit.leaks)) == (0, 1)


def test_who_is_left_out_is_said_with_a_number(tmp_path: Path) -> None:
    sentences = audit_dataset(load_dataset(write_folder(tmp_path))).sentences
    assert sentences[0] == f"{tmp_path.name}: 3 rows (train 1, dev 1, test 1), 1 label."
    assert "Balochi in Roman script: 0 rows of 3; mother tongue of 3.4 % of Pakistan." in sentences
    assert "Urdu in Roman script: 3 rows of 3 (100.0 %); mother tongue of 9.3 % of Pakistan." in sentences
    assert any(one.startswith("No rows in: Punjabi (37.0 %), Pashto (18.1 %), ") for one in sentences)


def test_empty_cells_are_counted(tmp_path: Path) -> None:
    audit = audit_dataset(load_dataset(write_folder(tmp_path)))
    assert [cell[:3] for cell in audit.empty_cells] == [
        (split, "ur-Arab", "send_money") for split in ("train", "dev", "test")
    ]
    assert (
        "3 of 6 cells (split x form x label) are empty: send_money in ur-Arab (train); send_money in ur-Arab (dev);"
        " send_money in ur-Arab (test)."
    ) in audit.sentences


def test_an_audit_of_nothing_is_refused(wallet: Dataset) -> None:
    with pytest.raises(DataError, match=r"^none has no rows; an audit needs at least one$"):
        audit_dataset(Dataset("none", (), (), (), wallet.card, ""))


def test_the_json_form_carries_the_same_facts(wallet: Dataset) -> None:
    audit = audit_dataset(wallet)
    found = json.loads(audit.to_json())
    assert found["sha256"] == wallet.sha256
    assert found["sentences"] == list(audit.sentences)
    assert found["cells"][0] == audit.cells[0]._asdict()
    assert set(found) == set(audit.__dataclass_fields__)


def test_the_json_form_names_the_places_of_a_repeat(tmp_path: Path) -> None:
    audit = audit_dataset(load_dataset(write_folder(tmp_path, train=[line(text="a"), line(text="a")])))
    assert json.loads(audit.to_json())["duplicates"] == [
        {"text": "a", "places": [{"split": "train", "line": n, "file": ""} for n in (1, 2)]}
    ]


def test_the_census_adds_up_to_all_of_pakistan() -> None:
    total = sum(tongue.speakers for tongue in read_census())
    assert abs(total - 240_458_089) < 1_000, "two counts are rounded in the source"
    assert all(abs(100 * tongue.speakers / total - tongue.share_percent) < 0.006 for tongue in read_census())


# --- the data set that ships


def test_the_wallet_set_has_enough_of_each_intent_in_each_form(wallet: Dataset) -> None:
    audit = audit_dataset(wallet)
    labels = {cell.label for cell in audit.cells}
    assert len(labels) == 25
    for label in labels:
        for tag in wallet.card.languages:
            counts = tuple(audit.count_rows(split=split, tag=tag, label=label) for split in ("train", "dev", "test"))
            assert counts[0] >= 13, f"{label} in {tag}"
            assert counts[1] == 3, f"{label} in {tag}"
            assert counts[2] in (6, 7), f"{label} in {tag}"
            assert sum(counts) >= 20, f"{label} in {tag}"


def test_the_wallet_set_repeats_and_leaks_nothing(wallet: Dataset) -> None:
    audit = audit_dataset(wallet)
    assert (audit.duplicates, audit.leaks, audit.split_templates, audit.conflicts) == ((), (), (), ())
    assert (audit.near_duplicates, audit.near_leaks) == ((), ())


def test_each_part_of_the_wallet_set_is_by_the_writers_that_its_card_names(wallet: Dataset) -> None:
    writers = {name: {row.template.split(".")[2][0] for row in wallet.split(name)} for name in ("train", "dev", "test")}
    assert writers == {"train": {"a", "o"}, "dev": {"a"}, "test": {"t"}}


def test_both_scripts_of_a_wallet_phrasing_have_the_same_label_and_slots(wallet: Dataset) -> None:
    for split in (wallet.train, wallet.dev, wallet.test):
        pairs: dict[str, list[Record]] = {}
        for row in split:
            pairs.setdefault(row.template, []).append(row)
        for template, rows in pairs.items():
            language, label, _ = template.split(".")
            assert [row.tag for row in rows] == [f"{language}-Arab", f"{language}-Latn"]
            assert {row.label for row in rows} == {label}
            assert len({frozenset(Counter(slot.name for slot in row.slots).items()) for row in rows}) == 1, template


def test_wallet_rows_are_sorted_and_their_slots_have_no_stray_spaces(wallet: Dataset) -> None:
    for split in (wallet.train, wallet.dev, wallet.test):
        assert list(split) == sorted(split, key=lambda row: (row.tag, row.template))
        for row in split:
            words = [row.text[slot.start : slot.end] for slot in row.slots]
            assert [word.strip() for word in words] == words, row.template
            assert row.text == row.text.strip(), row.template
            assert "[" not in row.text, row.template


def test_wallet_rows_are_in_the_script_that_their_tag_says(wallet: Dataset) -> None:
    for row in (*wallet.train, *wallet.dev, *wallet.test):
        if row.tag.endswith("Latn"):
            assert row.text.isascii(), row.template
        else:
            assert any("\u0600" <= char <= "\u06ff" for char in row.text), row.template
