"""Redaction: marked sentences in ten forms, every way to write a number, tables, settings, the command."""

import csv
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from boli import cli
from boli.errors import ConfigError, MissingExtra, TableError, TextError
from boli.redaction import Redaction, Redactor, load_kinds, redact
from boli.redaction.gates import may_hold
from boli.redaction.lines import Line
from boli.redaction.pseudonyms import LENGTH
from boli.redaction.scoring import Score, spans_of
from boli.redaction.tables import read_rows

CASES = Path(__file__).parent / "cases"
TABLES = Path(__file__).parents[1] / "src" / "boli" / "data" / "redaction"
TAGS = [f"{language}-{script}" for language in ("bal", "pa", "ps", "sd", "ur") for script in ("Arab", "Latn")]
EVERYTHING = Redactor(kinds=list(load_kinds()))
KEY = b"a key of 16 bytes"
SCRIPTS = {"ascii": "0123456789", "arabic": "٠١٢٣٤٥٦٧٨٩", "persian": "۰۱۲۳۴۵۶۷۸۹"}


class Case(NamedTuple):
    """A sentence, its redacted form, and whether rules were tuned on it or held out."""

    name: str
    tag: str
    redactor: Redactor
    text: str
    redacted: str
    part: str


def read_cases() -> Iterator[Case]:
    for path in sorted(CASES.glob("*/*redaction.tsv")):
        script = "Latn" if path.stem.startswith("roman") else "Arab"
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                text, expected = (unescape(row[column]) for column in ("input", "expected"))
                tag = f"{path.parent.name}-{script}"
                redactor = EVERYTHING if row["level"] == "all" else Redactor()
                yield Case(f"{tag}/{row['id']}", tag, redactor, text, expected or text, row["note"])


def unescape(text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)


ALL_CASES = list(read_cases())


def score(cases: list[Case]) -> Score:
    total = Score()
    for case in cases:
        total.add(spans_of(case.text, case.redacted), case.redactor(case.text).spans)
    return total


@pytest.mark.parametrize("case", ALL_CASES, ids=lambda case: case.name)
def test_a_marked_sentence_is_redacted_as_marked(case: Case) -> None:
    assert case.redactor(case.text).text == case.redacted


@pytest.mark.parametrize("part", ["tune", "held", "round"])
def test_recall_and_precision_of_whole_spans_reach_the_target(part: str) -> None:
    found = score([case for case in ALL_CASES if case.part.startswith(part)])
    assert found.wanted.total() > 100
    assert found.recall() >= 0.99
    assert found.precision() >= 0.97


@pytest.mark.parametrize("tag", TAGS)
def test_every_form_has_thirty_sentences_with_data_and_without(tag: str) -> None:
    cases = [case for case in ALL_CASES if case.tag == tag]
    assert len(cases) >= 30
    same = sum(case.text == case.redacted for case in cases)
    assert min(same, len(cases) - same) >= 10


@pytest.mark.parametrize("kind", load_kinds())
def test_every_kind_has_cases_that_were_held_out(kind: str) -> None:
    assert score([case for case in ALL_CASES if case.part == "held"]).wanted[kind] >= 4


def test_the_gate_lets_every_case_through() -> None:
    assert [case.name for case in ALL_CASES if case.text != case.redacted and not may_hold(Line.of(case.text))] == []


# every way to write a number


def digits_in(text: str, digits: str) -> str:
    return text.translate(str.maketrans("0123456789", digits))


def mixed(text: str) -> str:
    return "".join(digits_in(character, list(SCRIPTS.values())[at % 3]) for at, character in enumerate(text))


WAYS = [*((name, lambda text, d=digits: digits_in(text, d)) for name, digits in SCRIPTS.items()), ("mixed", mixed)]


@pytest.mark.parametrize(("_", "write"), WAYS)
@pytest.mark.parametrize(
    "number",
    [
        "35202-1234567-1", "3520212345671", "35202 1234567 1", "35202.1234567.1", "35202 - 1234567 - 1",
        "35202\u200e-1234567-1", "35202\u00a01234567\u00a01",
        "352021\u200c2345671", "35202–1234567–1", "35202_1234567_1",
        "352-0212345-671", "3-5-2-0-2-1-2-3-4-5-6-7-1", "3 5 2 0 2 1 2 3 4 5 6 7 1", "123-45-678901",
    ],
)  # fmt: skip
def test_a_cnic_is_found_however_it_is_written(number: str, _: str, write) -> None:
    assert redact(f"naam Ali {write(number)} hai").text == "naam Ali [CNIC] hai"


@pytest.mark.parametrize("number", ["352 0212 345671", "35 202 123 456 71", "3520 2123 4567 1"])
def test_a_cnic_with_odd_spaces_needs_a_word_before_it(number: str) -> None:
    assert redact(f"CNIC {number} hai").text == "CNIC [CNIC] hai"
    assert redact(f"score {number} hai").text == f"score {number} hai"


@pytest.mark.parametrize(
    "number", ["0520212345671", "9520212345671", "3020212345671", "352021234567", "35202123456711"]
)
def test_thirteen_digits_of_no_province_are_no_cnic(number: str) -> None:
    assert "cnic" not in {span.kind for span in redact(f"CNIC {number}").spans}


@pytest.mark.parametrize(("_", "write"), WAYS)
@pytest.mark.parametrize(
    "number",
    [
        "0300-1234567", "03001234567", "0300 1234567",
        "0300 123 4567", "0300.1234567", "(0300) 1234567", "0 3 0 0 1 2 3 4 5 6 7",
        "+92 300 1234567", "+923001234567", "+92-300-1234567",
        "+92 (300) 123 4567", "+92 (0) 300 1234567", "+92 0300 1234567",
        "00923001234567", "0092 300 1234567", "923001234567", "92 300 1234567", "920300-1234567", "0300\u200e1234567",
        "\u202a0300\u202c-1234567", "0300\u00a01234567", "0300–1234567",
    ],
)  # fmt: skip
def test_a_mobile_number_has_one_pseudonym_however_it_is_written(number: str, _: str, write) -> None:
    plain = Redactor(style="pseudonym", key=KEY)("mob 03001234567 hai").text
    found = Redactor(style="pseudonym", key=KEY)(f"mob {write(number)} hai").text
    assert found.replace("\u202a", "") == plain
    assert re.fullmatch(rf"mob \[PHONE_[0-9a-f]{{{LENGTH}}}\] hai", plain)


@pytest.mark.parametrize(
    "number",
    [
        "042-35761234", "(042) 35761234", "042 3576 1234", "+92 42 35761234", "021-34567890", "0092-51-2345678",
        "+44 20 7946 0958", "+1 (415) 555-0132", "00971 50 123 4567", "+966512345678", "+93 70 123 4567",
    ],
)  # fmt: skip
def test_landlines_and_foreign_numbers_are_found(number: str) -> None:
    assert redact(f"ring {number}.").text == "ring [PHONE]."


def test_two_numbers_side_by_side_are_two() -> None:
    for text in ("0300-1234567/0321-7654321", "0300 1234567 0321 7654321", "03001234567,03217654321"):
        assert [span.kind for span in redact(text).spans] == ["phone", "phone"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PK36 SCBL 0000 0011 2345 6702 hai", "[IBAN] hai"),
        ("pk36scbl0000001123456702", "[IBAN]"),
        ("PK٣٦SCBL٠٠٠٠٠٠١١٢٣٤٥٦٧٠٢", "[IBAN]"),
        ("GB82 WEST 1234 5698 7654 32, ok", "[IBAN], ok"),
        ("PK37SCBL0000001123456702", "PK37SCBL0000001123456702"),
        ("4111 1111 1111 1111 exp 12/27", "[CARD] exp 12/27"),
        ("4111-1111-1111-1112", "4111-1111-1111-1112"),
        ("3782 822463 10005", "[CARD]"),
        ("٤١١١ ١١١١ ١١١١ ١١١١", "[CARD]"),
        ("likho ali.k+x@mail.example.com, phir", "likho [EMAIL], phir"),
        ("https://a.pk/x?a=1&access_token=AbC.9&b=2", "https://a.pk/x?a=1&access_token=[SECRET]&b=2"),
        ("https://ali:gh0st@a.pk/x", "https://ali:[SECRET]@a.pk/x"),
        ("https://a.pk/x?q=token&page=2&key=home", "https://a.pk/x?q=token&page=2&key=home"),
    ],
)
def test_check_digits_and_links_decide(text: str, expected: str) -> None:
    assert redact(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "1965-1971-1999", "05/08/2024 1130", "02 03 04 05 06",
        "3.14159265358979", "1,234,567,890", "ISBN 978-969-35-1234-5",
        "CD-70 bike", "CG 125 motorcycle", "PK-301 flight",
        "COVID-19", "PSL-2024", "born in 1990", "account 2023 mein khula",
        "house 5 log", "ghar number do", "10:30:45", "v1.2.3.4", "111-222-333", "#12345678", "100% 20% 30%",
    ],
)  # fmt: skip
def test_what_only_looks_like_personal_data_stays(text: str) -> None:
    assert redact(text) == Redaction(text, ())


def test_a_number_with_a_plus_ends_before_a_loose_digit() -> None:
    assert redact("+923001234567 2 din").text == "[PHONE] 2 din"
    assert redact("+447700900123 9").spans[0].end in (13, 15)  # no range of Ofcom's: by length alone


# tables


@pytest.mark.parametrize("path", sorted(TABLES.glob("*.tsv")), ids=lambda path: path.stem)
def test_every_row_of_a_table_is_whole_and_has_a_source(path: Path) -> None:
    columns = tuple(path.read_text("utf-8").partition("\n")[0].split("\t"))
    assert columns[-1] == "source"
    rows = [tuple(row.values()) for row in read_rows(path.stem, columns)]
    assert len(rows) == len(set(rows))


def test_a_row_without_a_source_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "redaction"
    folder.mkdir(parents=True)
    (folder / "births.tsv").write_text("word\trole\ttag\tsource\ndob\tnoun\tur-Latn\t\n", "utf-8")
    monkeypatch.setattr("boli.redaction.tables.files", lambda _: tmp_path)
    with pytest.raises(TableError, match=r"redaction/births\.tsv:2: a cell is empty; fill in word, role, tag, source"):
        read_rows("births", ("word", "role", "tag", "source"))
    with pytest.raises(TableError, match=r"births\.tsv:1: word, role, tag, source; expected the columns a, b"):
        read_rows("births", ("a", "b"))


# pseudonyms, kinds, errors


def test_a_pseudonym_is_the_same_in_every_spelling_and_another_with_another_key() -> None:
    one, other = (Redactor(style="pseudonym", key=key) for key in (KEY, KEY[::-1]))
    same = ["CNIC 35202-1234567-1", "CNIC ۳۵۲۰۲ ۱۲۳۴۵۶۷ ۱", "CNIC 3520212345671"]
    assert len({one(text).text for text in same}) == 1
    assert one(same[0]).text != other(same[0]).text != redact(same[0]).text
    assert one("a@b.com").text == one("A@B.com").text
    assert one("DOB 05/03/1990").text[3:] == one("DOB 5 March 1990").text[3:]


def test_the_key_is_not_shown() -> None:
    assert "bytes" not in repr(Redactor(style="pseudonym", key=KEY))


def test_only_the_kinds_that_are_asked_for_are_taken_out() -> None:
    text = "0300-1234567 35202-1234567-1 a@b.com"
    assert Redactor(kinds=["email"])(text).text == "0300-1234567 35202-1234567-1 [EMAIL]"
    assert Redactor(kinds=[])(text).text == text


@pytest.mark.parametrize(
    ("settings_of", "says"),
    [
        ({"kinds": ["fone"]}, "no kind 'fone'; choose from secret, email"),
        ({"style": "pseudonim"}, "choose from placeholder, pseudonym .did you mean 'pseudonym'"),
        ({"style": "pseudonym"}, "pseudonyms need a key"),
        ({"style": "pseudonym", "key": b"short"}, "a key of 5 bytes is too easy to guess; take 16 or more"),
        ({"key": KEY}, "placeholders take no key"),
    ],
)
def test_a_wrong_setting_is_explained(settings_of: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        Redactor(**settings_of)  # type: ignore[arg-type]


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, kind in (("phonenumbers", "phone"), ("stdnum", "iban")):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(MissingExtra, match=rf"{name}.*pip install 'boli\[pii\]'"):
            Redactor(kinds=[kind])
    assert Redactor(kinds=["cnic"])("35202-1234567-1").text == "[CNIC]"


def test_bytes_and_a_lone_text_for_a_batch_are_refused() -> None:
    with pytest.raises(TextError, match="expected str, got bytes"):
        redact(b"0300")  # type: ignore[arg-type]
    with pytest.raises(TextError, match="expected a list of texts"):
        Redactor().batch("0300")


# the command


def run(*arguments: str, text: str = "", environment: dict[str, str] | None = None) -> str:
    done = CliRunner().invoke(cli.app, ["redact", *arguments], input=text, env=environment or {})
    assert done.exit_code == 0, done
    return done.stdout


def test_the_command_redacts_lines_and_reports_counts_without_data(tmp_path: Path) -> None:
    source, report, out = (tmp_path / name for name in ("in.txt", "report.tsv", "out.txt"))
    source.write_text("salam\ncall 0300-1234567 or 0321-7654321\nCNIC 35202-1234567-1\n", "utf-8")
    assert run(str(source), "--report", str(report), "-o", str(out)) == ""
    assert out.read_text("utf-8") == "salam\ncall [PHONE] or [PHONE]\nCNIC [CNIC]\n"
    rows = [(str(source), "2", "phone", "2"), (str(source), "3", "cnic", "1"), (str(source), "*", "cnic", "1"),
            (str(source), "*", "phone", "2"), ("*", "*", "cnic", "1"), ("*", "*", "phone", "2")]  # fmt: skip
    expected = [("file", "line", "kind", "count"), *rows]
    assert [tuple(line.split("\t")) for line in report.read_text("utf-8").splitlines()] == expected
    assert list(tmp_path.glob("*.unfinished")) == []


def test_the_command_prints_json_without_what_was_taken_out() -> None:
    row = json.loads(run("--json", "--kinds", "+transaction", text="TID 451278903341\n"))
    span = {"start": 4, "end": 16, "kind": "transaction", "replacement": "[TRANSACTION]"}
    span |= {"output_start": 4, "output_end": 17}
    assert row == {"file": "stdin", "line": 1, "text": "TID [TRANSACTION]", "spans": [span]}


def test_the_key_comes_from_a_file_or_the_environment_and_both_agree(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(KEY + b"\n")
    by_file = run("--style", "pseudonym", "--key-file", str(key), text="0300-1234567\n")
    by_name = run("--style", "pseudonym", text="0300-1234567\n", environment={"BOLI_REDACTION_KEY": KEY.decode()})
    assert by_file == by_name == Redactor(style="pseudonym", key=KEY)("0300-1234567").text + "\n"


def test_the_command_explains_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {
        ("--kinds", "cnik"): "no kind 'cnik'",
        ("--style", "pseudonym"): "pseudonyms need a key; give --key-file FILE, or set BOLI_REDACTION_KEY",
        ("--style", "pseudonym", "--key-file", str(tmp_path / "no")): "the key cannot be read",
        ("--report", str(tmp_path / "no" / "r.tsv")): "there is no folder",
    }
    for arguments, says in wrong.items():
        assert cli.main(["redact", *arguments]) == 2
        assert says in capsys.readouterr().err
