"""The command line: each command in use, and one sentence instead of a traceback where it cannot be done."""

import gzip
import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import zstandard
from typer.testing import CliRunner

import boli
from boli import cli, pipeline
from boli.identification import Guess, WordGuess
from boli.listings import labels
from boli.normalization import Normalizer, inspection
from boli.pipeline import Explanation, Installed, LabelScore, Prediction, WordWeight

KAF, KEHEH = "\N{ARABIC LETTER KAF}", "\N{ARABIC LETTER KEHEH}"
RAW = f"{KAF}تاب  اچھی\nابھی\n"
CLEAN = f"{KEHEH}تاب اچھی\nابھی\n"


class Said(NamedTuple):
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


Boli = Callable[..., Said]


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Boli:
    """Run one command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, stdin: bytes = b"") -> Said:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        code = cli.main(arguments)
        sys.stderr.flush()
        out, err = capfdbinary.readouterr()
        return Said(code, out.decode(), err.decode())

    return call


def one_sentence(said: Said) -> str:
    """Return the sentence of a command that failed and printed nothing else."""
    assert (said.code, said.out) == (2, ""), said
    assert said.err.startswith("boli: ")
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err
    return said.err.removeprefix("boli: ").rstrip("\n")


# normalize


def test_lines_of_standard_input_are_normalized(run: Boli) -> None:
    assert run("normalize", "--lang", "ur", stdin=RAW.encode()) == Said(0, CLEAN, "")


@pytest.mark.parametrize(
    ("name", "pack"), [("a.txt", bytes), ("a.gz", gzip.compress), ("a.zst", zstandard.compress)]
)
def test_files_are_normalized_packed_or_not(run: Boli, name: str, pack: Callable[[bytes], bytes]) -> None:
    Path(name).write_bytes(pack(RAW.encode()))
    assert run("normalize", "--lang", "ur", name).out == CLEAN


def test_the_order_of_files_and_lines_is_kept(run: Boli) -> None:
    for name in "abc":
        Path(name).write_text("".join(f"{name}{number}\n" for number in range(5000)), "utf-8")
    out = run("normalize", "--lang", "ur", "c", "-", "a", stdin=b"between\n").out
    assert out.split() == [*(f"c{n}" for n in range(5000)), "between", *(f"a{n}" for n in range(5000))]


def test_every_line_is_what_the_library_makes_of_it(run: Boli) -> None:
    lines = [f"{KAF}ل \N{ARABIC LETTER YEH}ہ {number}  " for number in range(300)]
    for lang, level in (("ur", "visual"), ("ps", "search"), ("ur-Latn", "standard")):
        normalizer = Normalizer(lang, level=level)
        out = run("normalize", "--lang", lang, "--level", level, stdin="\n".join(lines).encode()).out
        assert out == "".join(f"{normalizer(line)}\n" for line in lines)


def test_options_reach_the_normalizer(run: Boli) -> None:
    text = f"{KAF}ِتاب گل 12"

    def out(*options: str) -> str:
        return run("normalize", "--lang", "ps", *options, stdin=text.encode()).out.rstrip("\n")

    assert out("--digits", "native") == Normalizer("ps", digits="native")(text)
    assert out("--diacritics", "drop", "--gaf", "pashto") == Normalizer("ps", diacritics="drop", gaf="pashto")(text)


def test_no_text_gives_no_text(run: Boli) -> None:
    assert run("normalize", "--lang", "ur") == Said(0, "", "")


def test_output_goes_to_a_file(run: Boli) -> None:
    assert run("normalize", "--lang", "ur", "-o", "new.txt", stdin=RAW.encode()) == Said(0, "", "")
    assert Path("new.txt").read_bytes() == CLEAN.encode()


def test_explain_prints_each_step_with_offsets_row_and_reason(run: Boli) -> None:
    out = run("normalize", "--lang", "ur", "--explain", stdin=RAW.encode()).out
    assert "stdin:1\n" in out
    assert "    0-1\tkaf\tU+0643 -> U+06A9\tARABIC LETTER KAF is written ARABIC LETTER KEHEH\n" in out
    assert out.endswith("stdin:2\n  ابھی\n  nothing changes\n")


def test_explain_reports_quotations(run: Boli) -> None:
    verse = f"\N{ORNATE RIGHT PARENTHESIS}مل{KAF}\N{ORNATE LEFT PARENTHESIS}"
    out = run("normalize", "--lang", "ur", "--explain", stdin=verse.encode()).out
    assert f"quotation of Arabic left alone: {verse}\n" in out


def test_diff_prints_code_points_with_names(run: Boli) -> None:
    assert run("normalize", "--lang", "ur", "--diff", stdin=f"ٹھیک\nبا{KAF}\n".encode()).out == (
        "stdin:2:2-3\tU+0643 ARABIC LETTER KAF -> U+06A9 ARABIC LETTER KEHEH\n"
    )


def test_json_has_text_and_changes_with_offsets(run: Boli) -> None:
    first, second = map(json.loads, run("normalize", "--lang", "ur", "--json", stdin=RAW.encode()).out.splitlines())
    assert first["changes"][0] == {"start": 0, "end": 1, "before": KAF, "after": KEHEH}
    assert (first["normalized"], second["line"], second["changes"]) == (CLEAN.split("\n")[0], 2, [])
    rebuilt = list(first["text"])
    for change in reversed(first["changes"]):
        rebuilt[change["start"] : change["end"]] = change["after"]
    assert "".join(rebuilt) == first["normalized"]


def test_explain_as_json_has_steps(run: Boli) -> None:
    row = json.loads(run("normalize", "--lang", "ur", "--explain", "--json", stdin=KAF.encode()).out)
    reason = "ARABIC LETTER KAF is written ARABIC LETTER KEHEH"
    assert row["steps"] == [
        {"row": "kaf", "reason": reason, "start": 0, "end": 1, "before": KAF, "after": KEHEH}
    ]


def test_audit_counts_characters_foreign_to_the_language(run: Boli) -> None:
    Path("a.txt").write_text(RAW, "utf-8")
    said = run("normalize", "--lang", "ur", "--audit", "a.txt")
    assert said.code == 0
    assert said.out.startswith("2 lines, 14 characters; 1 character foreign to Urdu (ur-Arab), 1 time in 1 line.")
    assert "U+0643 ARABIC LETTER KAF" in said.out
    assert "1 x  U+0643 ARABIC LETTER KAF -> U+06A9 ARABIC LETTER KEHEH" in said.out
    assert "a.txt:1:0: " in said.out


def test_audit_as_json(run: Boli) -> None:
    found = json.loads(run("normalize", "--lang", "ur", "--audit", "--json", stdin=RAW.encode()).out)
    assert found["foreign"][0]["examples"][0]["file"] == "stdin"


def test_a_strict_audit_fails_where_there_are_foreign_characters(run: Boli) -> None:
    assert run("normalize", "--lang", "ur", "--audit", "--strict", stdin=RAW.encode()).code == 1
    assert run("normalize", "--lang", "ur", "--audit", "--strict", stdin=CLEAN.encode()).code == 0


# bad input


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("normalize --lang urdoo", "no language 'urdoo'; supported: bal, pa, ps, sd, ur (did you mean 'ur'?)"),
        ("normalize --lang ur-Guru", "no script 'Guru' for 'ur' in 'ur-Guru'; choose from: Arab, Latn"),
        ("normalize --lang ur --level standrd", "no level 'standrd'; choose from: encoding, visual, standard"),
        ("normalize --lang ur --digits roman", "no digits='roman' for 'ur-Arab'; choose from: keep, native, ascii"),
        ("normalize --lang ur --gaf pashto", "no gaf='pashto' for 'ur-Arab'; choose from: keep"),
        ("normalize --lang ur nowhere.txt", "nowhere.txt: no such file; check the path"),
        ("normalize --lang ur -o no/where", "no/where: there is no folder"),
        ("normalize --lang ur --explain --diff", "--explain and --diff exclude each other; choose one"),
        ("normalize --lang ur --diff --json", "--diff and --json exclude each other; choose one"),
        ("normalize --lang ur --strict", "--strict goes with --audit; add it, or leave --strict out"),
        ("normalize", "Missing option '--lang'; run: boli normalize --help"),
        ("normalize --lang ur --levle visual", "No such option: --levle"),
        ("normalise", "No such command 'normalise'"),
        ("tables chek", "No such command 'chek'"),
        ("data check nothing", "no data set 'nothing'; shipped: wallet-intents"),
        ("predict nothing", "no pipeline 'nothing': not a folder, and installed are: "),
        ("explain nothing", "no pipeline 'nothing': not a folder, and installed are: "),
        ("train intent", "Missing argument 'CONFIG.toml'; run: boli train intent --help"),
        ("train intent nothing.toml", "no configuration file nothing.toml; expected a TOML file"),
        ("tables fmt nothing.tsv", "nothing.tsv: cannot be read or written (No such file or directory)"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_one_sentence(run: Boli, line: str, sentence: str) -> None:
    assert sentence in one_sentence(run(*line.split()))


def test_text_that_is_not_utf_8_is_named_by_file_line_and_byte(run: Boli) -> None:
    Path("old.txt").write_bytes(b"fine\n" + "كتاب".encode("cp1256") + b"\n")
    said = run("normalize", "--lang", "ur", "-o", "new.txt", "old.txt")
    assert "old.txt:2: byte 0xdf (number 1 of the line) is not UTF-8; save the file as UTF-8" in one_sentence(said)
    assert [path.name for path in Path().iterdir()] == ["old.txt"]


def test_a_misspelt_key_of_a_configuration_is_named(run: Boli) -> None:
    Path("intent.toml").write_text("[training]\nepoch = 3\n", "utf-8")
    assert "intent.toml: no key 'epoch' in [training]" in one_sentence(run("train", "intent", "intent.toml"))
    said = run("train", "intent", "intent.toml", "--set", "training.epochs")
    assert not Path("runs").exists()
    assert one_sentence(said)


def test_a_wrong_setting_is_named(run: Boli) -> None:
    Path("intent.toml").write_text("", "utf-8")
    said = run("train", "intent", "intent.toml", "--set", "training.epochs=many")
    assert "--set training.epochs=many: training.epochs must be a whole number, got 'many'" in one_sentence(said)


def test_a_data_row_without_its_label_is_named(run: Boli) -> None:
    card = Path(boli.__file__).parent / "data" / "datasets" / "wallet-intents" / "README.md"
    Path("mine").mkdir()
    Path("mine/README.md").write_bytes(card.read_bytes())
    for split in ("train", "dev", "test"):
        Path(f"mine/{split}.jsonl").write_text('{"text": "a", "tag": "ur-Latn"}\n', "utf-8")
    assert one_sentence(run("data", "check", "mine")).startswith("mine/train.jsonl:1: ")


def test_a_full_disk_leaves_nothing_half_written(run: Boli, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    said = run("normalize", "--lang", "ur", "-o", "new.txt", stdin=RAW.encode())
    assert one_sentence(said).startswith("the disk is full")
    assert list(Path().iterdir()) == []


def test_a_fault_of_ours_is_said_without_a_traceback(run: Boli, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("bug")

    monkeypatch.setattr(pipeline, "pipelines", broken)
    said = run("pipelines")
    assert said.code == 1
    assert said.err.startswith("boli: a fault in boli, not in what you typed: RuntimeError: bug; please report it")
    assert said.err.count("\n") == 1
    monkeypatch.setenv("BOLI_TRACEBACK", "1")
    with pytest.raises(RuntimeError, match="bug"):
        run("pipelines")


def test_ctrl_c_says_what_the_command_says(run: Boli, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped() -> None:
        raise KeyboardInterrupt("stopped; saved: run it again to go on")

    monkeypatch.setattr(pipeline, "pipelines", stopped)
    assert run("pipelines") == Said(130, "", "boli: stopped; saved: run it again to go on\n")


# pipelines

SURE = Prediction("top_up", 0.75, "ur-Latn", (LabelScore("top_up", 0.75), LabelScore("charges", 0.25)))


class Stub:
    """A pipeline with one answer."""

    def batch(self, texts: list[str], lang: str | None) -> list[Prediction]:
        return [SURE for _ in texts]

    def explain(self, text: str, lang: str | None) -> Explanation:
        return Explanation(SURE, (WordWeight(0, 4, text[:4], 0.5),), "because", "کیونکہ")


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "load", lambda name, engine="": Stub())


@pytest.mark.usefixtures("stub")
def test_predict_prints_label_score_and_text(run: Boli) -> None:
    assert run("predict", "x", stdin=b"load karo\nagain\n").out == "top_up\t0.750\tload karo\ntop_up\t0.750\tagain\n"
    row = json.loads(run("predict", "x", "--json", stdin=b"load karo\n").out)
    assert (row["label"], row["scores"], row["line"]) == ("top_up", {"top_up": 0.75, "charges": 0.25}, 1)


@pytest.mark.usefixtures("stub")
def test_explain_prints_the_reason_and_the_weight_of_each_word(run: Boli) -> None:
    out = run("explain", "x", stdin=b"load karo\n").out
    assert out == "top_up\t0.750\tload karo\n  because\n  کیونکہ\n    +0.500\tload\n"
    row = json.loads(run("explain", "x", "--json", stdin=b"load karo\n").out)
    assert (row["english"], row["words"][0]["weight"]) == ("because", 0.5)


@pytest.mark.usefixtures("stub")
def test_an_empty_message_is_named_by_its_line(run: Boli) -> None:
    for command in ("predict", "explain"):
        said = one_sentence(run(command, "x", stdin=b"load\n \n"))
        assert said == "stdin:2: the line is empty; expected a message: take the line out"


def test_pipelines_lists_what_is_installed(run: Boli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("pipelines").code == 0
    acme = Installed("acme", "acme-intents", "1.0", Path("/x"), 2_500_000, ("ur-Latn",), "mit", (("linear", 0.875),))
    monkeypatch.setattr(pipeline, "pipelines", lambda: [acme])
    assert run("pipelines").out == "acme\tacme-intents 1.0\t2.5 MB\tur-Latn\tmit\tlinear 87.5 %\n"
    assert json.loads(run("pipelines", "--json").out)["scores"] == {"linear": 0.875}


# identify


def test_identify_prints_tag_probability_and_text(run: Boli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "identify_batch", lambda texts: [Guess("ur-Latn", 0.75) for _ in texts])
    monkeypatch.setattr(labels, "identify_words", lambda text: [WordGuess(0, 4, "ur-Latn", 0.5)])
    assert run("identify", stdin=b"kya haal\n").out == "ur-Latn\t0.750\tkya haal\n"
    assert run("identify", "--words", stdin=b"haal\n").out == "haal/ur-Latn\n"
    row = json.loads(run("identify", "--json", "--words", stdin=b"haal\n").out)
    assert (row["tag"], row["words"]) == ("ur-Latn", [{"start": 0, "end": 4, "tag": "ur-Latn", "probability": 0.5}])


# tables and data


def test_the_tables_of_the_package_are_in_order(run: Boli) -> None:
    said = run("tables", "check")
    assert said.code == 0, said.err
    assert said.out.endswith(" rule sets load and keep their contracts\n")


def test_tables_are_formatted_in_place_and_checked(run: Boli) -> None:
    Path("x.tsv").write_text(f"id\tfrom\tto\twhere\tsource\nkaf\t{KAF}\t{KEHEH}\tany\tCLDR\n", "utf-8")
    assert one_sentence(run("tables", "check", "x.tsv")) == "not formatted: x.tsv; run: boli tables fmt"
    assert run("tables", "fmt", "x.tsv").out == "formatted x.tsv\n"
    assert "ARABIC LETTER KAF" in Path("x.tsv").read_text("utf-8")
    assert run("tables", "fmt", "x.tsv").out == "all tables were formatted already\n"


def test_a_table_with_a_name_that_does_not_exist_is_refused(run: Boli) -> None:
    Path("x.tsv").write_text("id\tfrom_names\tto\twhere\tsource\nk\tARABIC LETTER KAFF\tx\tany\tCLDR\n", "utf-8")
    assert "x.tsv: no column or character is named 'ARABIC LETTER KAFF'" in one_sentence(run("tables", "fmt", "x.tsv"))


def test_every_rule_table_is_found() -> None:
    names = {"/".join(path.parts[-2:]) for path in inspection.find_tables()}
    assert {"ur/standard.tsv", "arabic/encoding.tsv", "roman/search.tsv", "options/gaf.pashto.tsv"} <= names
    assert not any(name.startswith(("common/", "synthesis/")) for name in names)


def test_a_data_set_is_checked_and_audited(run: Boli) -> None:
    assert run("data", "check", "wallet-intents").out.startswith("wallet-intents: ")
    sentences = run("data", "audit", "wallet-intents").out
    assert sentences.count("\n") > 5
    assert json.loads(run("data", "audit", "wallet-intents", "--json").out)["name"] == "wallet-intents"


# demo and train


def test_demo_and_train_hand_on_their_settings(run: Boli, monkeypatch: pytest.MonkeyPatch) -> None:
    import boli.demo
    import boli.training

    calls: list[tuple[object, ...]] = []
    monkeypatch.setattr(boli.demo, "run_demo", lambda folder, fresh: calls.append((folder, fresh)))
    monkeypatch.setattr(
        boli.training, "run_intent", lambda config, folder, fresh: calls.append((config.training.epochs, folder, fresh))
    )
    Path("i.toml").write_text("", "utf-8")
    assert run("demo", "--fresh").code == 0
    assert run("train", "intent", "i.toml", "--set", "training.epochs=3", "--folder", "r").code == 0
    assert calls == [(Path("runs/demo"), True), (3, Path("r"), False)]


# the program itself


def test_help_and_version(run: Boli) -> None:
    assert run("--version").out == f"boli {boli.__version__}\n"
    assert run().out.startswith("Usage: boli")
    assert "intent" in run("train").out


@pytest.mark.parametrize("command", ["", "normalize", "tables", "data audit", "train intent", "predict", "demo"])
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(cli.app, [*command.split(), "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output
