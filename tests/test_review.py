"""Pages for speakers, and the way of their verdicts back into tables, cases, data sets and the support table."""

import csv
import html
import io
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
import tiny

from boli.cli import main
from boli.datasets import Record, Slot, load_dataset, write_record
from boli.datasets.sealing import is_sealed, seal_file
from boli.errors import DataError
from boli.languages import LANGUAGES
from boli.review import KINDS, Item, Sources, apply_verdicts, list_items, read_verdicts, render_csv, render_page
from boli.review.pages import read_words
from boli.support import MINIMUM, Cell, read_cases, read_reviews, read_signed

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The tables and cases of Urdu, a small data set and the page, as in a checkout."""
    root = tmp_path / "checkout"
    data = root / "src" / "boli" / "data"
    shutil.copytree(ROOT / "src/boli/data/langs/ur", data / "langs" / "ur")
    shutil.copytree(ROOT / "src/boli/data/pipeline", data / "pipeline")
    shutil.copytree(ROOT / "tests/cases/ur", root / "tests/cases/ur")
    shutil.copy(ROOT / "tests/cases/readers.tsv", root / "tests/cases")
    shutil.copy(ROOT / "README.md", root)
    tiny.write_data(root / "data")
    return root


def sources(root: Path) -> Sources:
    return Sources.of(root, str(root / "data"))


def saved(root: Path, verdicts: list[tuple[Item, str, str]], name: str = "Zahra", **about: str) -> Path:
    head = {"boli_review": 1, "page": "x", "name": name, "dialect": "Karachi", "date": "2026-03-31"} | about
    rows = [{"id": i.id, "hash": i.hash, "verdict": v, "better": b, "note": ""} for i, v, b in verdicts]
    path = root / "verdicts.json"
    path.write_text("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in [head, *rows]) + "\n]\n", "utf-8")
    return path


class Page(HTMLParser):
    """What a browser would load, and the attributes of every tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_needs_nothing_and_goes_nowhere(checkout: Path, kind: str) -> None:
    items = list_items(kind, sources(checkout), lang="ur-Arab")[:20]
    text = render_page(items)
    page = Page(text)
    assert not [one for one in page.tags if {"src", "href", "action", "srcset"} & set(one[1])]
    assert "http://" not in text
    assert "https://" not in text
    assert ("html", {"lang": "ur", "dir": "rtl"}) in page.tags
    policy = next(attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv"))
    assert str(policy).startswith("default-src 'none';")
    articles = [attrs for tag, attrs in page.tags if tag == "article"]
    assert [(one["data-id"], one["data-hash"]) for one in articles] == [(item.id, item.hash) for item in items]
    assert html.escape(read_words()["ur"]["machine"]) in text


def test_roman_rows_are_shown_from_left_to_right(checkout: Path) -> None:
    page = Page(render_page(list_items("messages", sources(checkout), lang="ur-Latn")[:3]))
    texts = [attrs for tag, attrs in page.tags if tag == "dd" and attrs.get("lang") == "ur-Latn"]
    assert texts == [{"lang": "ur-Latn", "dir": "ltr"}] * 3


def test_a_message_cannot_become_markup(checkout: Path) -> None:
    (item,) = list_items("explanations", sources(checkout), lang="ur")[:1]
    evil = item._replace(parts=(item.parts[0]._replace(text="<script>alert(1)</script>"),), answer='"><b>')
    text = render_page([evil])
    assert "<script>alert" not in text
    assert '"><b>' not in text


def test_pages_speak_every_language() -> None:
    words = read_words()
    assert set(words) == {"en", *LANGUAGES}
    assert {tuple(sorted(section)) for section in words.values()} == {tuple(sorted(words["en"]))}
    assert all(text.strip() for section in words.values() for text in section.values())


def test_rules_come_with_examples(checkout: Path) -> None:
    rule = next(item for item in list_items("tables", sources(checkout)) if item.id == "rule:ur/standard.tsv:kaf")
    shown = {part.name: part.text for part in rule.parts}
    assert (shown["before"], shown["after"]) == ("\N{ARABIC LETTER KAF}", "\N{ARABIC LETTER KEHEH}")
    assert "\N{RIGHTWARDS ARROW}" in shown["examples"]


def test_ids_are_unique_in_the_whole_checkout() -> None:
    for kind in KINDS:
        ids = [item.id for item in list_items(kind, Sources.of(ROOT))]
        assert len(ids) == len(set(ids)), kind


def test_the_csv_has_the_same_rows_and_no_formulas(checkout: Path) -> None:
    items = list_items("messages", sources(checkout))[:5]
    items[0] = items[0]._replace(parts=(items[0].parts[0]._replace(name="=x", text="y"),))
    rows = list(csv.DictReader(io.StringIO(render_csv(items).removeprefix("\ufeff"))))
    assert [row["id"] for row in rows] == [item.id for item in items]
    assert rows[0]["read"].startswith("'=x")


def test_verdicts_of_a_spreadsheet_are_read(checkout: Path) -> None:
    items = list_items("messages", sources(checkout))[:3]
    rows = list(csv.DictReader(io.StringIO(render_csv(items).removeprefix("\ufeff"))))
    rows[1] |= {"verdict": "right", "name": "Zahra", "date": "2026-03-31"}
    out = io.StringIO()
    table = csv.DictWriter(out, list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    path = checkout / "v.csv"
    path.write_text("\ufeff" + out.getvalue(), "utf-8")
    (verdict,) = read_verdicts(path)
    assert (verdict.id, verdict.verdict, verdict.reader) == (items[1].id, "right", "Zahra")
    assert verdict.place == f"{path}:3"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"verdict": "maybe"}, r":3: no verdict 'maybe'; choose from: right, wrong, better"),
        ({"verdict": "better"}, r":3: 'better' without a better text"),
        ({"date": "31.3.2026"}, r":3: no date '31.3.2026'; write for example 2026-03-31"),
        ({"hash": ""}, r":3: a verdict without id and hash"),
        ({"verdict": ""}, r": no verdicts there"),
    ],
)
def test_wrong_verdicts_are_named_by_file_and_line(tmp_path: Path, change: dict[str, str], message: str) -> None:
    row = {"id": "case:x", "hash": "1", "verdict": "right", "better": "", "note": "", "date": "2026-03-31"} | change
    path = tmp_path / "v.json"
    path.write_text(f'[\n{{"boli_review": 1, "name": "Z"}},\n{json.dumps(row)}\n]')
    with pytest.raises(DataError, match=message):
        read_verdicts(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[\n{}\n]", r"v\.json:2: not a file that a page"),
        ('[\n{"boli_review": 1},\n{"id"\n]', r"v\.json:3: broken JSON"),
        ("[\n5]", r"v\.json:2: expected an object, got int"),
        ("a,b\n1,2\n", r"v\.json:1: no column 'id'"),
    ],
)
def test_files_of_another_form_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "v.json"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_verdicts(path)


def test_a_verdict_on_a_rule_stands_beside_its_table(checkout: Path) -> None:
    rule = next(item for item in list_items("tables", sources(checkout)) if item.id == "rule:ur/standard.tsv:kaf")
    done = apply_verdicts(
        read_verdicts(saved(checkout, [(rule, "better", "\N{ARABIC LETTER KAF}")])), sources(checkout)
    )
    path = checkout / "src/boli/data/langs/ur/reviews.tsv"
    assert path in done.written
    assert read_reviews(path) == [{
        "id": rule.id, "hash": rule.hash, "verdict": "better", "better": "\N{ARABIC LETTER KAF}", "note": "",
        "reader": "Zahra", "dialect": "Karachi", "date": "2026-03-31",
    }]  # fmt: skip
    assert done.waiting[0].endswith(": \N{ARABIC LETTER KAF}")
    again = [item.id for item in list_items("tables", sources(checkout))]
    assert rule.id in again


def test_a_reader_takes_a_cell_from_draft_to_checked(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cell = Cell("ur-Arab", "normalize")
    cases = [item for item in list_items("cases", sources(checkout)) if item.id.split(":")[1] == "ur/standard.tsv"]
    kinds = {case.id: case.row["expect"] for case in read_cases(checkout / "tests/cases")}
    change, same = ([i for i in cases if kinds[i.id[5:]] == word][:MINIMUM] for word in ("pass", "same"))
    for few in (change, [*change, *same]):
        path = saved(checkout, [(item, "right", "") for item in few], name="Zahra |<b> Bibi")
        assert main(["review", "apply", str(path), "--root", str(checkout), "--data", str(checkout / "data")]) == 0
        enough = len(few) > MINIMUM
        assert (cell in read_signed(checkout / "tests/cases")) is enough
        assert ("| checked by Zahra b Bibi |" in (checkout / "README.md").read_text("utf-8")) is enough
    assert f"{2 * MINIMUM} right, 0 wrong, 0 better" in capsys.readouterr().out
    rows = (checkout / "tests/cases/reviews.tsv").read_text("utf-8").splitlines()
    assert len(rows) == 1 + 2 * MINIMUM, "the same verdict twice is one"


def test_one_case_found_wrong_keeps_a_cell_a_draft_until_it_is_mended(checkout: Path) -> None:
    cell, folder = Cell("ur-Arab", "normalize"), checkout / "tests/cases"
    cases = [item for item in list_items("cases", sources(checkout)) if item.id.split(":")[1] == "ur/standard.tsv"]
    apply_verdicts(read_verdicts(saved(checkout, [(item, "right", "") for item in cases])), sources(checkout))
    assert read_signed(folder)[cell] == "Zahra"
    apply_verdicts(read_verdicts(saved(checkout, [(cases[0], "wrong", "")], name="Amir")), sources(checkout))
    assert cell not in read_signed(folder)
    path = folder / "ur" / "standard.tsv"
    name = cases[0].id.rpartition(":")[2]
    path.write_text(re.sub(rf"(?m)^{name}\t.*\n", "", path.read_text("utf-8")), "utf-8")
    assert read_signed(folder)[cell] == "Zahra"


def test_a_changed_case_is_no_longer_approved(checkout: Path) -> None:
    case = list_items("cases", sources(checkout))[0]
    verdicts = read_verdicts(saved(checkout, [(case, "right", "")]))
    path = Path(case.place.rpartition(":")[0])
    before = path.read_text("utf-8")
    name = case.id.rpartition(":")[2]
    path.write_text(re.sub(rf"(?m)^({name}\t\w+\t[^\t]+\t)", r"\1x", before), "utf-8")
    with pytest.raises(
        DataError, match=r"verdicts\.json:3: .*\.tsv:\d+ was changed after the page was made.*nothing was"
    ):
        apply_verdicts(verdicts, sources(checkout))
    assert not (checkout / "tests/cases/reviews.tsv").exists()


def test_an_unknown_row_stops_all(checkout: Path) -> None:
    case = list_items("cases", sources(checkout))[0]
    gone = case._replace(id=case.id + "x")
    before = {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()}
    path = saved(checkout, [(case, "right", ""), (gone, "right", "")])
    with pytest.raises(DataError, match=rf"{path}:4: no row '{gone.id}' \(did you mean '{case.id}'\?\)"):
        apply_verdicts(read_verdicts(path), sources(checkout))
    path.unlink()
    assert {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()} == before


def test_a_corrected_message_takes_the_place_of_the_message(checkout: Path) -> None:
    items = list_items("messages", sources(checkout))
    before = load_dataset(checkout / "data")
    raw = (checkout / "data/train.jsonl").read_text("utf-8").splitlines()
    path = saved(checkout, [(items[0], "better", "nayi satar"), (items[1], "right", ""), (items[2], "wrong", "")])
    apply_verdicts(read_verdicts(path), sources(checkout))
    after = load_dataset(checkout / "data")
    assert (after.train[0].text, after.train[0].reviewed_by) == ("nayi satar", "Zahra")
    assert (after.train[1].text, after.train[1].reviewed_by) == (before.train[1].text, "Zahra")
    assert after.train[2:] == before.train[2:]
    assert (checkout / "data/train.jsonl").read_text("utf-8").splitlines()[2:] == raw[2:]
    rows = read_reviews(checkout / "data/reviews.tsv")
    assert [(row["verdict"], row["better"]) for row in rows] == [("better", ""), ("right", ""), ("wrong", "")]
    again = saved(checkout, [(list_items("messages", sources(checkout))[0], "right", "")], name="Amir")
    apply_verdicts(read_verdicts(again), sources(checkout))
    assert load_dataset(checkout / "data").train[0].reviewed_by == "Zahra; Amir"


def test_slots_move_with_their_words_or_stop_everything(checkout: Path) -> None:
    record = Record("500 bhejo", "ur-Latn", "top_up", (Slot(0, 3, "amount"),), "t.x")
    path = checkout / "data/train.jsonl"
    path.write_text(f"{write_record(record)}\n{path.read_text('utf-8')}", "utf-8")
    item = list_items("messages", sources(checkout))[0]
    lost = read_verdicts(saved(checkout, [(item, "better", "paise bhejo")]))
    with pytest.raises(DataError, match=r"verdicts\.json:3: the better text lacks '500', the amount of the row"):
        apply_verdicts(lost, sources(checkout))
    apply_verdicts(read_verdicts(saved(checkout, [(item, "better", "zara 500 bhejo")])), sources(checkout))
    assert load_dataset(checkout / "data").train[0].slots == (Slot(5, 8, "amount"),)


def test_a_sealed_set_stays_sealed_and_its_notes_quote_nothing(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOLI_KEY", "ab" * 32)
    path = seal_file(checkout / "data/train.jsonl", b"\xab" * 32, remove=True)
    item = list_items("messages", sources(checkout))[0]
    apply_verdicts(read_verdicts(saved(checkout, [(item, "better", "nayi satar")])), sources(checkout))
    assert is_sealed(path)
    assert load_dataset(checkout / "data").train[0].text == "nayi satar"
    assert "satar" not in (checkout / "data/reviews.tsv").read_text("utf-8")


def test_a_better_explanation_keeps_its_braces(checkout: Path) -> None:
    item = next(item for item in list_items("explanations", sources(checkout)) if item.id == "explanation:ur.spread")
    with pytest.raises(DataError, match=r"must keep label, score in braces"):
        apply_verdicts(read_verdicts(saved(checkout, [(item, "better", "{label} theek")])), sources(checkout))
    done = apply_verdicts(read_verdicts(saved(checkout, [(item, "better", "{label} {score}")])), sources(checkout))
    assert checkout / "src/boli/data/pipeline/reviews.tsv" in done.written


def test_tables_are_still_checked_with_reviews_beside_them(checkout: Path) -> None:
    from boli.normalization.inspection import find_tables

    assert "reviews.tsv" not in {path.name for path in find_tables()}


def test_the_commands_say_what_they_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "review.html"
    assert main(["review", "page", "cases", "--lang", "sd", "--most", "7", "--root", str(ROOT), "-o", str(out)]) == 0
    assert re.fullmatch(rf"wrote {out} and {tmp_path}/review\.csv: 7 of [\d,]+ rows\n", capsys.readouterr().out)
    assert main(["review", "page", "casess", "-o", str(out)]) == 2
    assert "did you mean 'cases'?" in capsys.readouterr().err
    assert main(["review", "page", "cases", "--root", str(tmp_path), "-o", str(out)]) == 2
    assert "no cases of any language to judge; look from the root of a checkout" in capsys.readouterr().err


BROWSER = """
const rows = JSON.parse(process.argv[1]), saved = [], handlers = {};
const make = (given) => {
  const fields = { better: { value: given.better }, note: { value: "" } };
  const radios = ["right", "wrong", "better"].map((value) => ({ value, checked: value === given.verdict }));
  return { dataset: { id: given.id, hash: given.hash }, classList: { toggle() {} }, querySelector(what) {
    if (what.includes(":checked")) return radios.find((radio) => radio.checked) || null;
    const radio = radios.find((one) => what.includes('"' + one.value + '"'));
    return what === "[data-better]" ? fields.better : what === "[data-note]" ? fields.note : radio; } };
};
const articles = rows.map(make);
const field = (name) => ({ dataset: { reader: name }, value: name === "date" ? "" : "Z" });
const readers = ["name", "dialect", "date"].map(field);
const ids = { page: { textContent: '{"id": "p"}' }, count: {},
  json: { addEventListener: (_, f) => { handlers.json = f; } },
  csv: { addEventListener: (_, f) => { handlers.csv = f; } } };
globalThis.document = { getElementById: (id) => ids[id], addEventListener() {}, createElement: () => ({ click() {} }),
  querySelectorAll: (what) => (what === "article" ? articles : readers), querySelector: () => readers[2] };
globalThis.Blob = class { constructor(parts) { saved.push(parts[0]); } };
URL.createObjectURL = () => "blob:"; URL.revokeObjectURL = () => {};
require(process.argv[2]);
handlers.json(); handlers.csv();
console.log(JSON.stringify([ids.count.textContent, ...saved]));
"""


def test_what_the_page_saves_is_what_apply_reads(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: the script of the page cannot be run")
    given = [
        {"id": "case:a", "hash": "1", "verdict": "right", "better": ""},
        {"id": "case:b", "hash": "2", "verdict": "better", "better": 'یہ "بہتر", ہے'},
        {"id": "case:c", "hash": "3", "verdict": "", "better": ""},
    ]
    script = str(files("boli") / "data" / "review" / "page.js")
    done = subprocess.run([node, "-e", BROWSER, json.dumps(given), script], capture_output=True, text=True, check=True)
    count, as_json, as_csv = json.loads(done.stdout)
    assert count == "2 / 3"
    found = []
    for name, text in (("v.json", as_json), ("v.csv", as_csv)):
        (tmp_path / name).write_text(text, "utf-8")
        found.append([verdict._replace(place="") for verdict in read_verdicts(tmp_path / name)])
    assert found[0] == found[1]
    assert [(one.id, one.verdict, one.better, one.reader) for one in found[0]] == [
        ("case:a", "right", "", "Z"), ("case:b", "better", 'یہ "بہتر", ہے', "Z"),
    ]  # fmt: skip
