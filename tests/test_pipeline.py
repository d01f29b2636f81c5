"""Pipelines: found, checked, asked, explained; without torch."""

import json
import shutil
import sys
import warnings
from dataclasses import replace
from importlib.metadata import EntryPoint
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import copy_run, finished_run, run_python, tiny_data

import boli
from boli.datasets import load_dataset
from boli.errors import ChecksumError, ConfigError, DataError, LanguageError, ModelError, ModelNotFound, TextError
from boli.files import read_json, write_json
from boli.models.weights import write_checksums
from boli.pipeline import Pipeline, load, loading, pipelines
from boli.pipeline.answers import find_words, leave_out
from boli.pipeline.encoding import encode, pad
from boli.pipeline.engines import soften
from boli.pipeline.plain import from_plain
from boli.pipeline.texts import TextPath
from boli.tokenization import train_tokenizer

KEHEH, KAF = "\N{ARABIC LETTER KEHEH}", "\N{ARABIC LETTER KAF}"
ENGINES = ("encoder", "linear")


@pytest.fixture(params=ENGINES)
def pipeline(request: pytest.FixtureRequest) -> Pipeline:
    return load(finished_run(), engine=request.param)


# --- asking


def test_an_answer_has_a_label_a_score_and_all_labels_in_order(pipeline: Pipeline) -> None:
    answer = pipeline("mera balance batao", "ur-Latn")
    assert answer.label == answer.scores[0].label
    assert answer.score == answer.scores[0].score
    assert {each.label for each in answer.scores} == {"check_balance", "reset_pin", "top_up"}
    assert sum(each.score for each in answer.scores) == pytest.approx(1, abs=1e-5)
    assert (answer.tag, answer.cut) == ("ur-Latn", False)


def test_a_batch_gives_the_answers_of_single_calls(pipeline: Pipeline) -> None:
    records = load_dataset(tiny_data()).test
    texts, tags = [record.text for record in records], [record.tag for record in records]
    for answer, text, tag in zip(pipeline.batch(texts, tags), texts, tags, strict=True):
        single = pipeline(text, tag)
        assert (answer.label, answer.tag) == (single.label, single.tag)
        assert answer.score == pytest.approx(single.score, abs=1e-5)


def test_no_texts_give_no_answers(pipeline: Pipeline) -> None:
    assert pipeline.batch([]) == []


def test_dirty_text_gets_the_same_answer_as_clean_text(pipeline: Pipeline) -> None:
    clean = f"{KEHEH}تنا بیلنس ہے"
    assert pipeline(clean.replace(KEHEH, KAF), "ur").scores == pipeline(clean, "ur").scores


def test_the_language_may_be_told_in_any_form(pipeline: Pipeline) -> None:
    assert pipeline("سلام", "Urdu").tag == pipeline("سلام", "urd_Arab").tag == "ur-Arab"


def test_without_a_language_the_text_is_identified(pipeline: Pipeline) -> None:
    assert pipeline("mera balance batao").tag == "ur-Latn"
    assert pipeline("??").tag == "und"


def test_an_identifier_is_asked_when_the_language_is_not_told() -> None:
    pipeline = load(finished_run(), engine="linear", identify=lambda text: "sd-Arab" if "۾" in text else "ur-Latn")
    assert [each.tag for each in pipeline.batch(["حساب ۾", "salam"])] == ["sd-Arab", "ur-Latn"]
    assert pipeline("salam", "ps-Latn").tag == "ps-Latn"


@pytest.mark.parametrize("text", ["", "  \n", "\u200b"])
def test_odd_but_valid_text_is_answered_or_refused_with_a_sentence(pipeline: Pipeline, text: str) -> None:
    if text.strip():
        assert pipeline(text).label
    else:
        with pytest.raises(DataError, match="text 1 of 1 is empty; expected words: leave it out"):
            pipeline(text)


def test_the_empty_text_of_a_batch_is_named(pipeline: Pipeline) -> None:
    with pytest.raises(DataError, match="text 2 of 3 is empty"):
        pipeline.batch(["a", " ", "b"])


def test_bytes_are_refused(pipeline: Pipeline) -> None:
    with pytest.raises(TextError, match="got bytes; decode it first"):
        pipeline(b"salam")  # type: ignore[arg-type]


def test_an_unknown_language_is_refused(pipeline: Pipeline) -> None:
    with pytest.raises(LanguageError, match=r"did you mean 'ur'\?"):
        pipeline("salam", "urdoo")


def test_one_language_for_all_or_one_for_each(pipeline: Pipeline) -> None:
    with pytest.raises(DataError, match="got 2 languages for 3 texts"):
        pipeline.batch(["a", "b", "c"], ["ur-Latn", "sd-Latn"])


def test_a_text_longer_than_the_encoder_reads_says_so() -> None:
    pipeline = load(finished_run(), engine="encoder")
    assert [each.cut for each in pipeline.batch(["balance " * 400, "balance"], "ur-Latn")] == [True, False]


# --- reasons


def test_weights_say_how_much_the_score_falls_without_the_word(pipeline: Pipeline) -> None:
    text = "mera balance, batao"
    why = pipeline.explain(text, "ur-Latn")
    assert [(word.start, word.end, word.text) for word in why.words] == [
        (0, 4, "mera"), (5, 12, "balance"), (14, 19, "batao"),
    ]  # fmt: skip
    without = dict(pipeline("mera , batao", "ur-Latn").scores)[why.prediction.label]
    assert why.words[1].weight == pytest.approx(why.prediction.score - without, abs=0.05)
    assert why.prediction == pipeline(text, "ur-Latn")


def test_the_reason_names_the_heaviest_word_in_english_and_urdu() -> None:
    why = load(finished_run(), engine="linear").explain("mera balance batao", "ur-Latn")
    heaviest = max(why.words, key=lambda word: word.weight)
    assert why.english.startswith(f"{why.prediction.label}, {100 * why.prediction.score:.0f} % sure")
    assert f"without '{heaviest.text}'" in why.english
    assert f"«{heaviest.text}» کے بغیر" in why.urdu


def test_a_text_of_one_word_rests_on_that_word(pipeline: Pipeline) -> None:
    why = pipeline.explain("balance", "ur-Latn")
    assert why.words[0].weight == why.prediction.score
    assert "no single word decides it" in why.english


def test_a_text_without_words_has_no_reasons(pipeline: Pipeline) -> None:
    why = pipeline.explain("?!", "ur-Latn")
    assert why.words == ()
    assert "no single word decides it" in why.english


@given(st.text(max_size=60))
def test_words_are_spans_of_the_text_and_leaving_one_out_keeps_the_others(text: str) -> None:
    words = find_words(text)
    for place, word in enumerate(words):
        assert text[word.start : word.end].strip()
        others = [text[each.start : each.end] for each in words[:place] + words[place + 1 :]]
        assert all(other in leave_out(text, word) for other in others)
    assert all(one.end <= two.start for one, two in pairwise(words))


# --- loading


def test_loading_and_asking_never_imports_torch() -> None:
    code = (
        "import sys; from boli.pipeline import load\n"
        "for engine in ('linear', 'encoder'):\n"
        "    load(sys.argv[1], engine=engine).explain('mera balance batao', 'ur-Latn')\n"
        "    heavy = {'torch', 'transformers', 'sklearn', 'onnxruntime', 'tokenizers'}\n"
        "    print(engine, sorted(heavy & set(sys.modules)))"
    )
    done = run_python(code, finished_run())
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["linear []", "encoder ['onnxruntime', 'tokenizers']"]


def test_the_command_answers_rows_and_says_what_is_wrong_in_one_sentence(tmp_path: Path) -> None:
    code = (
        "import io, sys; from boli.pipeline.__main__ import main\n"
        "sys.stdin = io.StringIO(sys.argv.pop())\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    rows = json.dumps({"text": "mera balance", "lang": "ur-Latn"})
    done = run_python(code, finished_run(), rows)
    assert json.loads(done.stdout)["label"] in {"check_balance", "reset_pin", "top_up"}
    done = run_python(code, tmp_path, rows)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"no config.json in {tmp_path}")


def test_the_engine_that_is_worth_it_answers_by_default() -> None:
    pipeline = load(finished_run())
    expected = load(finished_run(), engine=pipeline.info.engine)
    assert pipeline("mera balance batao", "ur-Latn") == expected("mera balance batao", "ur-Latn")


def test_a_misspelt_engine_is_named() -> None:
    with pytest.raises(
        ConfigError, match=r"no engine 'linea'; choose from: encoder, linear \(did you mean 'linear'\?\)"
    ):
        load(finished_run(), engine="linea")


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "baseline.npz"])
def test_a_changed_file_is_refused(tmp_path: Path, name: str) -> None:
    folder = copy_run(tmp_path / "run")
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    with pytest.raises(ChecksumError, match=name):
        load(folder)


def test_a_run_that_is_not_finished_is_refused(tmp_path: Path) -> None:
    folder = copy_run(tmp_path / "run")
    (folder / "checksums.json").unlink()
    with pytest.raises(ChecksumError, match="the folder is not complete"):
        load(folder)


def test_the_folder_works_without_what_is_only_needed_to_go_on(tmp_path: Path) -> None:
    folder = copy_run(tmp_path / "run")
    shutil.rmtree(folder / "checkpoints")
    assert load(folder)("mera balance", "ur-Latn").label


def test_a_folder_of_a_newer_format_says_which_version_to_install(tmp_path: Path) -> None:
    folder = copy_run(tmp_path / "run")
    _edit_info(folder, format=3, version="9.9")
    with pytest.raises(ModelError, match=rf"is in format 3 of boli 9.9; this boli {boli.__version__} reads format 2"):
        load(folder)


def test_a_damaged_or_foreign_folder_is_refused(tmp_path: Path) -> None:
    folder = copy_run(tmp_path / "run")
    _edit_info(folder, labels=3)
    with pytest.raises(ModelError, match="the section 'boli' is damaged"):
        load(folder)
    write_json(folder / "config.json", {"model_type": "bert"})
    with pytest.raises(ModelError, match="has no section 'boli'; expected a run folder of 'boli train'"):
        load(folder)
    (folder / "config.json").write_text("{")
    with pytest.raises(ModelError, match="is damaged"):
        load(folder)


def test_rules_other_than_those_of_training_are_warned_about(tmp_path: Path) -> None:
    folder = copy_run(tmp_path / "run")
    _edit_info(folder, signatures={"ur-Latn": "another"})
    pipeline = load(folder)
    with pytest.warns(
        UserWarning, match="the normalization rules of ur-Latn are not those this model was trained with"
    ):
        pipeline("salam", "ur-Latn")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pipeline("salam", "sd-Latn")


def _edit_info(folder: Path, **values: object) -> None:
    config = read_json(folder / "config.json")
    info = config["boli"]
    assert isinstance(info, dict)
    write_json(folder / "config.json", {**config, "boli": {**info, **values}})
    write_checksums(folder)


# --- installed pipelines


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    package = copy_run(tmp_path / "acme_intents")
    (package / "__init__.py").write_text("raise RuntimeError('a pipeline package must not be run')")
    monkeypatch.syspath_prepend(str(tmp_path))
    entry = EntryPoint("acme-intents", "acme_intents", loading.GROUP)
    monkeypatch.setattr(loading, "entry_points", lambda group: [entry] if group == loading.GROUP else [])
    return "acme-intents"


def test_an_installed_pipeline_is_loaded_by_name_without_running_its_package(installed: str) -> None:
    assert load(installed)("mera balance", "ur-Latn").label
    assert "acme_intents" not in sys.modules


def test_installed_pipelines_are_listed_with_size_languages_licence_and_scores(installed: str) -> None:
    (found,) = pipelines()
    assert (found.name, found.licence) == (installed, load_dataset(tiny_data()).card.licence)
    assert found.size > 10_000
    assert "ps-Latn" in found.languages
    assert [name for name, _ in found.scores] == ["encoder", "linear"]


def test_a_misspelt_name_is_answered_with_the_near_one(installed: str) -> None:
    with pytest.raises(ModelNotFound, match=r"installed are: acme-intents \(did you mean 'acme-intents'\?\)"):
        load("acme-intent")


# --- the parts


def test_a_cut_text_keeps_its_start_and_end_marks() -> None:
    tokenizer = train_tokenizer(["salam dunya"] * 9, size=40)
    (cut,) = encode(tokenizer, ["salam dunya " * 9], max_tokens=6)
    assert cut.was_longer
    assert [tokenizer.id_to_token(place) for place in cut.ids] == [
        "[CLS]", "▁salam", "▁dunya", "▁salam", "▁dunya", "[SEP]",
    ]  # fmt: skip


@given(st.lists(st.lists(st.integers(1, 9), max_size=9), max_size=9), st.sampled_from([1, 8]))
def test_padding_keeps_every_token_and_masks_the_rest(rows: list[list[int]], multiple: int) -> None:
    padded = pad(rows, multiple=multiple)
    assert [ids[mask == 1].tolist() for ids, mask in zip(*padded, strict=True)] == rows
    assert padded.ids.shape[1] % multiple == 0
    assert (padded.ids[padded.mask == 0] == 0).all()


@settings(max_examples=50)
@given(st.lists(st.floats(-50, 50, width=32), min_size=2, max_size=5), st.floats(0.25, 16))
def test_probabilities_add_up_to_one_and_keep_the_order(row: list[float], temperature: float) -> None:
    logits = np.array([row], dtype=np.float32)
    soft = soften(logits, temperature)
    assert soft.sum() == pytest.approx(1, abs=1e-5)
    assert soft[0, logits[0].argmax()] == soft.max()


def test_text_paths_of_training_and_serving_are_equal_for_equal_rules() -> None:
    info = load(finished_run()).info
    assert TextPath(info.level).sign(info.tags) == dict(info.signatures)


def test_run_info_refuses_wrong_types() -> None:
    info = load(finished_run()).info
    assert replace(info, engine="linear").temperature("linear") == 1.0
    with pytest.raises(ValueError, match="expected str, got 3"):
        from_plain(type(info), {**vars(info), "task": 3})
