"""Rows come from files, folders, published sets and the hub by one loader; what is wrong is named with its line."""

import csv
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boli.datasets import Place, Record, Schema, Slot, load_rows, stream_rows, write_record
from boli.datasets.corpora import parse_annotated
from boli.datasets.records import parse_record
from boli.errors import ConfigError, DataError, LanguageError

LABELS = Path(__file__).parents[2] / "shared" / "data" / "labels"
needs_labels = pytest.mark.skipif(not LABELS.is_dir(), reason="the label sets are not on this computer")
URDU = Schema(tag="ur")
ROWS = [
    Record("500 بھیجنے ہیں", "ur-Arab", "send_money", (Slot(0, 3, "amount"),), "t1", dialect="x", gender="f"),
    Record("bill \"jama\" karo, ji", "ur-Latn", "pay_bill", source="notes", author="p7"),
]


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def message(source: Path | str, form: str = "", schema: Schema | None = None) -> str:
    with pytest.raises(DataError) as caught:
        load_rows(source, form=form, schema=schema)
    return str(caught.value).replace(str(source), "FILE")


def problems(source: Path, form: str = "", schema: Schema | None = None) -> list[str]:
    found = load_rows(source, form=form, schema=schema, skip_bad=True).problems
    return [str(one).replace(str(source), "FILE") for one in found]


# --- one set of rows, many forms


def write_form(form: str, folder: Path) -> Path:
    cells = [
        {
            "text": row.text, "tag": row.tag, "label": row.label, "slots": json.dumps([s._asdict() for s in row.slots]),
            "template": row.template or "t0", "dialect": row.dialect, "source": row.source, "author": row.author,
            "gender": row.gender,
        }
        for row in ROWS
    ]  # fmt: skip
    path = folder / f"rows.{form}"
    if form == "jsonl":
        return put(path, "".join(f"{write_record(row)}\n" for row in ROWS))
    if form == "tsv":
        lines = [list(cells[0]), *(list(cell.values()) for cell in cells)]
        return put(path, "".join("\t".join(line) + "\n" for line in lines))
    if form == "csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(cells[0]))
            writer.writeheader()
            writer.writerows(cells)
        return path
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(cells), path)
    return path


@pytest.mark.parametrize("form", ["jsonl", "tsv", "csv", "parquet"])
def test_the_same_rows_come_from_every_form(tmp_path: Path, form: str) -> None:
    rows = load_rows(write_form(form, tmp_path))
    assert [row.text for row in rows.records] == [row.text for row in ROWS]
    assert [(row.slots, row.dialect, row.source, row.author, row.gender) for row in rows.records] == [
        (row.slots, row.dialect, row.source, row.author, row.gender) for row in ROWS
    ]
    assert rows.places[1].line == (3 if form in ("tsv", "csv") else 2)
    assert rows.splits == ("all",)


def test_the_signature_of_rows_does_not_depend_on_the_form(tmp_path: Path) -> None:
    tsv, parquet = (load_rows(write_form(form, tmp_path)) for form in ("tsv", "parquet"))
    assert tsv.sha256 == parquet.sha256


def test_a_quoted_cell_may_hold_line_ends_and_the_row_is_where_it_begins(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", 'text,label\n"salam\nji, ""dost""",x\nb,y\n')
    rows = load_rows(path, schema=Schema(tag="ur-Latn"))
    assert [(row.text, place.line) for row, place in zip(rows.records, rows.places, strict=True)] == [
        ('salam\nji, "dost"', 2), ("b", 4)
    ]  # fmt: skip


def test_quotes_in_files_with_tabs_are_letters(tmp_path: Path) -> None:
    path = put(tmp_path / "a.tsv", 'text\tlabel\n"""warning...\tx\n')
    assert load_rows(path, schema=Schema(tag="ur-Latn")).records[0].text == '"""warning...'


def test_columns_with_other_names_are_mapped_and_the_rest_is_ignored(tmp_path: Path) -> None:
    path = put(tmp_path / "train.csv", "id,sentence,sentiment\n1,wah,0\n2,bura,1\n")
    schema = Schema({"text": "sentence", "intent": "sentiment"}, "Urdu", names={"0": "good", "1": "bad"})
    rows = load_rows(path, schema=schema)
    assert rows.records == (Record("wah", "ur-Arab", "good"), Record("bura", "ur-Arab", "bad"))
    assert rows.places == (Place("train", 2, str(path)), Place("train", 3, str(path)))


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", "sentence,label\nwah,x\n")
    assert message(path, schema=Schema({"text": "sentense"}, "ur")) == (
        "FILE:2: no column 'sentense'; the file has: sentence, label (did you mean 'sentence'?)"
    )
    assert message(path, schema=Schema(tag="ur")).startswith("FILE:2: no key 'sentence'; valid keys: text, ")


def test_text_files_in_folders_are_labelled_by_their_folders(tmp_path: Path) -> None:
    put(tmp_path / "set" / "train" / "good" / "1.txt", "wah\nwah\n")
    put(tmp_path / "set" / "test" / "bad" / "2.txt", "bura")
    rows = load_rows(tmp_path / "set", schema=Schema(tag="ur-Latn"))
    assert [(row.text, row.label) for row in rows.records] == [("bura", "bad"), ("wah\nwah", "good")]
    assert rows.splits == ("train", "test")


def test_lines_of_plain_text_have_no_label_and_their_language_is_asked_for(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt", "kya haal hai bhai\n\nمیں نے کتاب پڑھی ہے\n")
    rows = load_rows(path, schema=Schema(tag="identify"))
    assert [(row.tag, row.label) for row in rows.records] == [("ur-Latn", ""), ("ur-Arab", "")]
    assert [place.line for place in rows.places] == [1, 3]
    assert message(path) == "FILE:1: the row has no 'tag'; add it"


def test_a_data_set_folder_and_a_shipped_name_keep_their_card() -> None:
    rows = load_rows("wallet-intents")
    assert rows.card is not None
    assert (rows.splits, len(rows.records)) == (("train", "dev", "test"), 7374)


# --- what is wrong


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.jsonl", '{"text": "a", "tag": "ur", "label": "x"}\n{"text": ', "FILE:2: broken JSON at column 10 "),
        ("a.csv", "text,label\na,b,c\n", "FILE:2: 3 columns, expected 2 (text, label); mend or delete the line"),
        ("a.csv", 'text,label\n"a,b\nc,d\n', "FILE:2: broken CSV (unexpected end of data); a quote inside "),
        ("a.csv", "text,text\na,b\n", "FILE:1: the column 'text' is there twice; the first line must name every "),
        ("a.tsv", "text\t\na\tb\n", "FILE:1: a column has no name; the first line must name every column once"),
        ("a.tsv", "", "FILE:1: the file is empty; expected "),
        ("a.tsv", "text\tlabel\n", "FILE: no row could be read"),
        ("a.parquet", "no parquet", "FILE:1: cannot be read as Parquet ("),
        ("a.xlsx", "x", "FILE: no form is known by the ending '.xlsx'; known: .jsonl, .json, .csv, .tsv, .parquet, "),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path: Path, name: str, text: str, expected: str) -> None:
    assert message(put(tmp_path / name, text), schema=Schema(tag="ur")).startswith(expected)


def test_a_quote_that_is_never_closed_does_not_swallow_a_large_file(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", 'text,label\na,b\n"c,d\n' + "e,f\n" * 60_000)
    assert message(path, schema=Schema(tag="ur")).startswith("FILE:3: broken CSV (field larger than field limit")


def test_an_unknown_label_is_named_with_the_valid_ones(tmp_path: Path) -> None:
    path = put(tmp_path / "a.tsv", "text\tlabel\nwah\tPositive\nbura\tNeative\n")
    schema = Schema(tag="ur-Latn", labels=("Negative", "Positive"))
    expected = "FILE:3: no label 'Neative'; valid labels: Negative, Positive (did you mean 'Negative'?)"
    assert message(path, schema=schema) == expected
    assert problems(path, schema=schema) == [expected]


def test_a_long_cell_in_the_place_of_a_label_is_cut_short_in_the_message(tmp_path: Path) -> None:
    path = put(tmp_path / "a.tsv", f"text\tlabel\nwah\t{'x' * 500}\n")
    assert message(path, schema=Schema(tag="ur-Latn", labels=("good",))) == (
        f"FILE:2: no label '{'x' * 40}...'; valid labels: good"
    )


def test_bad_rows_can_be_left_out_and_are_listed(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", f'{write_record(ROWS[0])}\nnonsense\n{{"text": "a"}}\n{write_record(ROWS[1])}\n')
    rows = load_rows(path, skip_bad=True)
    assert rows.records == tuple(ROWS)
    assert [str(one).removeprefix(str(path)).partition(" (")[0] for one in rows.problems] == [
        ":2: broken JSON at column 1",
        ":3: the row has no 'tag'; add it",
    ]
    assert all(one.is_error for one in rows.problems)


def test_mixed_encodings_are_named_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("کتاب\n".encode() + b"ascii\n" + "کتاب\n".encode("cp1256") * 2)
    assert message(path, schema=Schema(tag="ur")) == (
        "FILE:3: byte 0x98 (number 1 of the line) is not UTF-8; encodings are mixed: 2 lines are not UTF-8 and 1 are;"
        " mend those lines"
    )


def test_a_file_in_another_encoding_is_named_with_the_command_that_converts_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("کتاب\n".encode("cp1256"))
    assert message(path, schema=URDU).endswith("(from an old Windows program: iconv -f WINDOWS-1256 -t UTF-8)")
    path.write_bytes("کتاب\n".encode("utf-16"))
    assert message(path, schema=Schema(tag="ur")) == (
        "FILE:1: the file is UTF-16LE; save it as UTF-8: iconv -f UTF-16LE -t UTF-8"
    )


def test_a_byte_order_mark_is_dropped_at_the_start_and_named_inside(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt", "\ufeffsalam\nji\n")
    assert load_rows(path, schema=Schema(tag="ur")).records[0].text == "salam"
    put(path, "\ufeffsalam\n\ufeffji\n")
    assert message(path, schema=Schema(tag="ur")) == (
        "FILE:2: a byte order mark (U+FEFF) inside the file: two files were joined here; delete the mark"
    )


def test_messages_under_two_labels_are_warned_of_with_both_lines(tmp_path: Path) -> None:
    path = put(tmp_path / "a.tsv", "text\tlabel\nWah wah!\tgood\nx\tgood\nwah wah\tbad\n")
    rows = load_rows(path, schema=Schema(tag="ur-Latn"))
    assert [str(one).replace(str(path), "FILE") for one in rows.problems] == [
        "FILE:4: the message has the label 'bad' here and 'good' at FILE:2; decide for one"
    ]
    assert not rows.problems[0].is_error


def test_wrong_words_are_answered_with_the_right_ones(tmp_path: Path) -> None:
    path = put(tmp_path / "a.tsv", "text\tlabel\na\tb\n")
    with pytest.raises(ConfigError, match=r"^no form 'massiv'; choose from: .* \(did you mean 'massive'\?\)$"):
        load_rows(path, form="massiv")
    with pytest.raises(ConfigError, match=r"^no field 'lable' of a row; choose from: .* \(did you mean 'label'\?\)$"):
        load_rows(path, schema=Schema({"lable": "label"}))
    with pytest.raises(LanguageError, match=r"^no language 'urdoo'"):
        load_rows(path, schema=Schema(tag="urdoo"))
    assert message("walet-intents").startswith("no data set 'FILE'; shipped: wallet-intents (did you mean ")
    assert message(tmp_path / "none.tsv") == "FILE: no such file or folder; check the path"


def test_a_folder_of_several_forms_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "set" / "a.csv", "x")
    put(tmp_path / "set" / "b.jsonl", "{}")
    assert message(tmp_path / "set") == "FILE: files of several forms (.csv, .jsonl); give one file, or name the form"


# --- larger than memory


def test_a_stream_takes_the_memory_of_a_few_rows(tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl"
    line = write_record(Record("x" * 200, "ur-Latn", "label")) + "\n"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(line for _ in range(20_000))
    assert path.stat().st_size > 5_000_000
    tracemalloc.start()
    count = sum(1 for _ in stream_rows(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 1_000_000


def test_a_sample_is_the_same_each_time_in_order_and_says_so(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt", "".join(f"row {number}\n" for number in range(1000)))
    rows = load_rows(path, schema=URDU, most=100)
    assert rows == load_rows(path, schema=URDU, most=100)
    lines = [place.line for place in rows.places]
    assert (len(lines), lines) == (100, sorted(lines))
    assert lines[50] > 300, "drawn from all of the file"
    assert [str(one) for one in rows.problems] == [f"{path}: 100 rows were drawn from 1,000"]
    assert load_rows(path, schema=URDU, most=1000).problems == ()


def test_a_folder_of_splits_without_a_card_can_be_loaded_to_draft_one(tmp_path: Path) -> None:
    for name in ("train", "dev", "test"):
        put(tmp_path / "set" / f"{name}.jsonl", write_record(Record(f"row of {name}", "ur-Latn", "x")) + "\n")
    assert load_rows(tmp_path / "set").splits == ("train", "dev", "test")


def test_a_stream_yields_rows_before_it_meets_a_fault(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", f"{write_record(ROWS[0])}\nnonsense\n")
    rows = stream_rows(path)
    assert next(rows).record == ROWS[0]
    with pytest.raises(DataError, match=r"a\.jsonl:2: broken JSON"):
        next(rows)


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip), min_size=1, max_size=5))
def test_rows_written_are_rows_read(texts: list[str]) -> None:
    rows = [Record(text, "sd-Arab", "x", gender="m") for text in texts]
    assert [parse_record(write_record(row)) for row in rows] == rows


# --- published sets


def massive(utt: str, annot: str, **changes: str) -> str:
    row = {"id": "1", "locale": "ur-PK", "partition": "train", "intent": "alarm_set", "utt": utt, "annot_utt": annot}
    return json.dumps(row | changes, ensure_ascii=False) + "\n"


def test_massive_slots_become_spans_of_the_text(tmp_path: Path) -> None:
    path = put(tmp_path / "ur-PK.jsonl", massive("کل نو بجے جگاؤ", "[date : کل] [time : نو بجے] جگاؤ"))
    row = load_rows(path).records[0]
    assert (row.tag, row.label) == ("ur-Arab", "alarm_set")
    assert [(slot.name, row.text[slot.start : slot.end]) for slot in row.slots] == [("date", "کل"), ("time", "نو بجے")]
    assert load_rows(path).splits == ("train",)


def test_massive_rows_that_contradict_themselves_are_named(tmp_path: Path) -> None:
    lines = massive("کل", "[date : آج]") + massive("کل", "[date : کل") + massive("kal", "kal", locale="xx-XX")
    path = put(tmp_path / "ur-PK.jsonl", massive("کل", "[date : کل]", partition="dev") + lines)
    assert [one.partition(";")[0] for one in problems(path)] == [
        "FILE:2: annot_utt without its marks is 'آج', but utt is 'کل'",
        "FILE:3: cannot read annot_utt '[date : کل': a bracket without its partner",
        "FILE:4: no language 'xx-XX'",
    ]


@given(st.lists(st.tuples(st.sampled_from(["", "date", "amount"]), st.text("abc ", max_size=5)), max_size=6))
def test_marks_taken_out_leave_the_words_and_their_spans(pieces: list[tuple[str, str]]) -> None:
    pieces = [(name, words.strip() if name else words) for name, words in pieces]
    annotated = "".join(f"[{name} : {words}]" if name else words for name, words in pieces)
    text, slots = parse_annotated(annotated)
    assert text == "".join(words for _, words in pieces)
    assert [(slot.name, text[slot.start : slot.end]) for slot in slots] == [one for one in pieces if all(one)]


def test_sib_200_is_read_by_folder_and_unknown_languages_are_warned_of(tmp_path: Path) -> None:
    for name in ("urd_Arab", "snd_Arab", "fra_Latn"):
        put(tmp_path / "sib" / name / "train.tsv", "index_id\tcategory\ttext\n7\ttravel\tمتن\n")
    rows = load_rows(tmp_path / "sib")
    assert [(row.tag, row.label) for row in rows.records] == [("sd-Arab", "travel"), ("ur-Arab", "travel")]
    (warning,) = map(str, rows.problems)
    assert warning.startswith(f"{tmp_path}/sib/fra_Latn: no language 'fra_Latn'; supported: bal, pa, ps, sd, ur")
    assert warning.endswith("; the folder is left out")


def test_the_validation_file_of_ruhsold_that_is_its_training_file_is_refused(tmp_path: Path) -> None:
    for name in ("train", "validation"):
        put(tmp_path / f"task_2_{name}.tsv", "kuch baat\t1\nburi baat\t3\n")
    rows = load_rows(tmp_path, skip_bad=True)
    assert [row.label for row in rows.records] == ["normal", "sexism"]
    assert rows.splits == ("train",)
    trap = (
        "FILE:1: the file is task_2_train.tsv again (a known slip of RUHSOLD's fine-grained task): a score on it is a"
        " score on training rows; split the training file instead"
    )
    assert message(tmp_path / "task_2_validation.tsv") == trap
    put(tmp_path / "task_2_validation.tsv", "aur baat\t1\n")
    assert load_rows(tmp_path).splits == ("train", "dev")


def test_the_two_tasks_of_ruhsold_are_not_read_as_one(tmp_path: Path) -> None:
    for task in (1, 2):
        put(tmp_path / f"task_{task}_train.tsv", "kuch baat\t1\n")
    assert message(tmp_path).startswith("FILE: task_1 and task_2 label the same messages; give the files of one task")


@needs_labels
def test_the_typo_class_and_the_conflicts_of_the_uci_set_are_named() -> None:
    found = problems(LABELS / "roman_urdu_sentiment")
    assert (
        "FILE/train.tsv:10213: no label 'Neative'; valid labels: Negative, Neutral, Positive (did you mean 'Negative'?)"
    ) in found
    assert sum("decide for one" in one for one in found) >= 29
    assert sum(": 1 column, expected 2" in one for one in found) == 16


@needs_labels
def test_the_published_sets_are_told_by_their_files() -> None:
    counts = {"balochi_sentiment": 4051, "ruhsold/task_1_train.tsv": 7209, "ruhsold/task_2_train.tsv": 7209}
    assert {name: len(load_rows(LABELS / name).records) for name in counts} == counts
    sib = load_rows(LABELS / "sib200", skip_bad=True)
    assert {row.tag for row in sib.records} == {"ur-Arab", "sd-Arab", "ps-Arab", "pa-Guru"}


# --- Hugging Face


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    datasets = pytest.importorskip("datasets")
    folder = tmp_path_factory.mktemp("hub")
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["bad", "good"])}
    )
    rows = datasets.Dataset.from_dict({"text": ["bura", "wah"], "label": [0, 1]}, features=features)
    datasets.DatasetDict({"train": rows, "validation": rows}).save_to_disk(str(folder / "saved"))
    (folder / "files" / "data").mkdir(parents=True)
    rows.to_parquet(str(folder / "files" / "data" / "train-00000-of-00001.parquet"))
    (folder / "lines").mkdir()
    rows.to_json(str(folder / "lines" / "test.jsonl"))
    return folder


@pytest.mark.parametrize(("name", "splits"), [("saved", ("train", "dev")), ("files", ("train",))])
def test_a_folder_of_the_hub_is_read_with_the_names_of_its_classes(
    saved: Path, name: str, splits: tuple[str, ...]
) -> None:
    rows = load_rows(saved / name, schema=Schema(tag="ur-Latn"))
    assert rows.splits == splits
    assert [(row.text, row.label) for row in rows.split("train")] == [("bura", "bad"), ("wah", "good")]
    assert str(rows.places[1]).endswith(f"{name}/train:2")


def test_a_folder_of_json_lines_can_be_read_as_a_set_of_the_hub(saved: Path) -> None:
    schema = Schema({"text": "text", "label": "label"}, "ur-Latn")
    for form in ("hub", "jsonl"):
        rows = load_rows(saved / "lines", form=form, schema=schema)
        assert [(row.label, place.split) for row, place in zip(rows.records, rows.places, strict=True)] == [
            ("0", "test"), ("1", "test")
        ]  # fmt: skip


def test_a_set_that_is_not_here_is_refused_with_the_command_that_fetches_it_elsewhere() -> None:
    pytest.importorskip("huggingface_hub")
    assert message("hf:nobody/no-such-set") == (
        "no folder nobody/no-such-set here, and no data set of that name on this computer; on one with a network run:"
        " hf download nobody/no-such-set --repo-type dataset --local-dir no-such-set; then copy the folder no-such-set"
        " here and give its path"
    )


def test_a_folder_without_files_of_data_is_no_set_of_the_hub(tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    put(tmp_path / "script.py", "raise SystemExit")
    assert message(tmp_path, form="hub") == (
        "FILE: no Parquet, JSON, CSV or Arrow files; copy the whole data set there"
    )
