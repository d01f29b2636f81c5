"""Training: configuration, batches, loop, stages, run folders, report and card."""

import errno
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import copy_run, finished_run, run_python, tiny_config, tiny_data, write_data, write_rows
from transformers import AutoModelForSequenceClassification

import boli
from boli.datasets import load_dataset, read_records
from boli.errors import ConfigError, DataError, ModelError, RunError
from boli.files import read_json, write_json
from boli.models.weights import verify_checksums
from boli.pipeline.plain import from_plain, to_plain
from boli.training import FinetuneConfig, SilentProgress, parse_config, read_config, train_intent
from boli.training.batches import plan_epoch
from boli.training.reports import read_report
from boli.training.runs import RunIdentity, opening_run
from boli.training.stages import Stage, run_stages

CONFIGS = Path(__file__).parent.parent / "scripts" / "configs"


class Recorder(SilentProgress):
    """Remember what was done and what was skipped; ask to stop after some steps."""

    def __init__(self, stop_after: int = -1) -> None:
        self.started: list[str] = []
        self.skipped: list[str] = []
        self.left = stop_after

    def start(self, step: str) -> None:
        self.started.append(step)

    def skip(self, step: str, note: str) -> None:
        self.skipped.append(step)

    def advance(self, amount: int = 1, note: str = "") -> None:
        self.left -= amount

    def stopping(self) -> bool:
        return self.left == 0


# --- configuration


def test_the_example_configuration_shows_every_key_with_its_default() -> None:
    path = CONFIGS / "intent_cpu.toml"
    assert read_config(path) == FinetuneConfig()
    shown = re.findall(r"^(\w+) = ", path.read_text("utf-8"), re.MULTILINE)
    assert sorted(shown) == sorted(key for section in FinetuneConfig().to_dict().values() for key in section)


def test_overrides_win_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("[training]\nepochs = 3\nlearning_rate = 1\n")
    config = read_config(path, ["training.epochs=5", "data.name=my data", "training.learning_rate=1e-4"])
    assert (config.training.epochs, config.data.name, config.training.learning_rate) == (5, "my data", 1e-4)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.epoch=3", r"no key 'epoch' in \[training\]; .* \(did you mean 'epochs'\?\)"),
        ("trainin.epochs=3", r"no section 'trainin'; .* \(did you mean 'training'\?\)"),
        ("training.epochs=three", "training.epochs must be a whole number, got 'three'; the default is 40"),
        ("training.epochs=true", "training.epochs must be a whole number, got True"),
        ("training.epochs=0", "training.epochs must be above zero, got 0"),
        ("model.dropout=1.5", "model.dropout is a share and must be below 1, got 1.5"),
        ("model.heads=5", "model.width 128 must be a multiple of 2 x model.heads"),
        ("text.level=standrd", r"no text.level 'standrd'; choose from: .* \(did you mean 'standard'\?\)"),
        ("epochs=3", "expected section.key=value, for example training.epochs=5"),
    ],
)
def test_a_wrong_setting_is_named_with_the_right_ones(override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_config({}, [override])


def test_a_key_outside_a_section_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"training must be a section with keys, got 3; write \[training\]"):
        parse_config({"training": 3})


def test_a_file_that_is_missing_or_not_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no configuration file"):
        read_config(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="is not a TOML file"):
        read_config(tmp_path / "bad.toml")


# --- batches


@given(st.lists(st.integers(2, 60), max_size=300), st.integers(1, 200), st.integers(0, 5), st.integers(0, 5))
def test_a_plan_has_each_text_once_and_keeps_the_budget(
    lengths: Sequence[int], budget: int, seed: int, epoch: int
) -> None:
    plan = plan_epoch(lengths, budget=budget, seed=seed, epoch=epoch)
    assert sorted(row for batch in plan for row in batch) == list(range(len(lengths)))
    sizes = [len(batch) * max(lengths[row] for row in batch) for batch in plan]
    assert all(size <= budget or len(batch) == 1 for size, batch in zip(sizes, plan, strict=True))


def test_epochs_differ_and_repeat_themselves() -> None:
    first, second = (plan_epoch(range(2, 40), budget=99, seed=1, epoch=epoch) for epoch in (0, 1))
    assert first != second
    assert first == plan_epoch(range(2, 40), budget=99, seed=1, epoch=0)


def test_little_of_a_batch_is_padding() -> None:
    lengths = np.random.default_rng(0).integers(5, 60, 2000).tolist()
    plan = plan_epoch(lengths, budget=2048, seed=0, epoch=0)
    padded = sum(len(batch) * max(lengths[row] for row in batch) for batch in plan)
    assert padded < 1.1 * sum(lengths)


# --- stages


def stage(name: str, needs: tuple[str, ...] = (), *, words: str = "") -> Stage:
    def work(folder: Path, _: object) -> str:
        write_json(folder / f"{name}.txt", words)
        return name

    return Stage(name, name, {"words": words}, needs, (f"{name}.txt",), work)


def test_finished_stages_are_not_done_again(tmp_path: Path) -> None:
    chain = (stage("one"), stage("two", ("one",)))
    run_stages(tmp_path, chain, SilentProgress())
    seen = Recorder()
    run_stages(tmp_path, chain, seen)
    assert (seen.started, seen.skipped) == ([], ["one", "two"])


def test_a_damaged_file_is_made_anew_and_what_did_not_change_stays(tmp_path: Path) -> None:
    chain = (stage("one"), stage("two", ("one",)))
    run_stages(tmp_path, chain, SilentProgress())
    (tmp_path / "one.txt").write_text("")
    seen = Recorder()
    run_stages(tmp_path, chain, seen)
    assert (seen.started, seen.skipped) == (["one"], ["two"])


def test_other_settings_do_a_stage_and_those_that_need_it_again(tmp_path: Path) -> None:
    chain = (stage("one"), stage("two", ("one",)), stage("three"))
    run_stages(tmp_path, chain, SilentProgress())
    seen = Recorder()
    run_stages(tmp_path, (stage("one", words="new"), *chain[1:]), seen)
    assert (seen.started, seen.skipped) == (["one", "two"], ["three"])


def test_a_garbled_marker_counts_as_not_done(tmp_path: Path) -> None:
    run_stages(tmp_path, (stage("one"),), SilentProgress())
    (tmp_path / "checkpoints" / "stages" / "one.json").write_text('{"key": ')
    seen = Recorder()
    run_stages(tmp_path, (stage("one"),), seen)
    assert seen.started == ["one"]


def test_a_request_to_stop_is_heard_between_stages(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt, match="stopped before 'one'; run the same command again to go on"):
        run_stages(tmp_path, (stage("one"),), Recorder(stop_after=0))
    assert not (tmp_path / "one.txt").exists()


# --- run folders

IDENTITY = RunIdentity("intent", {"training": {"epochs": 3}}, "data")


def open_run(folder: Path, identity: RunIdentity = IDENTITY, *, fresh: bool = False) -> None:
    with opening_run(folder, identity, fresh=fresh):
        pass


def test_a_run_of_another_version_configuration_or_data_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    open_run(folder)
    other = RunIdentity("intent", {"training": {"epochs": 5}}, "more data", version="9.9")
    with pytest.raises(RunError) as problem:
        open_run(folder, other)
    assert str(problem.value) == (
        f"{folder} was made with boli {boli.__version__}, not 9.9, other data, training.epochs = 3, not 5; "
        "use --fresh to start over, or another --folder to keep both"
    )


def test_fresh_throws_the_old_run_away(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    open_run(folder)
    (folder / "old.txt").write_text("old")
    open_run(folder, RunIdentity("intent", {}, "other"), fresh=True)
    assert [path.name for path in folder.iterdir()] == ["checkpoints"]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("fresh", [False, True])
def test_a_folder_with_other_files_is_never_touched(tmp_path: Path, fresh: bool) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(RunError, match="use another --folder"):
        open_run(tmp_path, fresh=fresh)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_two_processes_cannot_work_in_one_folder(tmp_path: Path) -> None:
    pytest.importorskip("fcntl", reason="this system has no file locks")
    with (
        opening_run(tmp_path / "run", IDENTITY, fresh=False),
        pytest.raises(RunError, match="another process is working in"),
        opening_run(tmp_path / "run", IDENTITY, fresh=False),
    ):
        pass


def test_what_a_killed_process_left_is_cleaned_up(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    open_run(folder)
    (folder / ".model.onnx.12-ab.tmp").write_text("half")
    (folder / "checkpoints" / ".step-00000003.12.tmp").mkdir()
    open_run(folder)
    assert [path.name for path in folder.rglob("*.tmp")] == []


# --- data


def test_one_label_is_not_enough(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data")
    for split in ("train", "dev", "test"):
        path = data / f"{split}.jsonl"
        write_rows(path, [record for record in read_records(path) if record.label == "top_up"])
    with pytest.raises(DataError, match="the only label in train is 'top_up'; expected two or more"):
        train_intent(tiny_config(data), tmp_path / "run", SilentProgress())
    assert not (tmp_path / "run").exists()


def test_a_label_that_training_lacks_is_named_with_its_line(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data")
    path = data / "test.jsonl"
    path.write_text(path.read_text("utf-8").replace('"top_up"', '"top_upp"', 1), "utf-8")
    with pytest.raises(DataError, match=r"test.jsonl:\d+: label 'top_upp' .* \(did you mean 'top_up'\?\)"):
        train_intent(tiny_config(data), tmp_path / "run", SilentProgress())


def test_data_without_a_card_does_not_start(tmp_path: Path) -> None:
    data = write_data(tmp_path / "data")
    (data / "README.md").unlink()
    with pytest.raises(DataError, match=r"README\.md"):
        train_intent(tiny_config(data), tmp_path / "run", SilentProgress())


# --- the finished run


def test_a_finished_run_has_all_its_files_and_the_right_sums() -> None:
    folder = finished_run()
    verify_checksums(folder)
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert names >= {
        "README.md", "config.json", "model.safetensors", "model.onnx", "baseline.npz", "tokenizer.json", "report.json",
        "tokenizer_config.json", "tokenizer_report.json", "audit.json", "examples.json", "checksums.json",
        "plots/accuracy_by_form.png", "plots/confusion.png", "plots/training.png", "plots/calibration.png",
    }  # fmt: skip
    assert not any(name.startswith("checkpoints/encoder/") or ".tmp" in name for name in names)


def test_transformers_loads_the_run_folder_as_it_is() -> None:
    model = AutoModelForSequenceClassification.from_pretrained(finished_run(), local_files_only=True)
    assert model.config.id2label == {0: "check_balance", 1: "reset_pin", 2: "top_up"}


def test_the_report_comes_back_and_names_the_engine_that_the_verdict_names() -> None:
    report = read_report(finished_run() / "report.json")
    dataset = load_dataset(tiny_data())
    assert (report.data_sha256, report.rows) == (
        dataset.sha256, (len(dataset.train), len(dataset.dev), len(dataset.test)),
    )  # fmt: skip
    assert sum(map(sum, report.linear.confusion)) == len(dataset.test)
    assert [score.name for score in report.encoder.languages] == ["Balochi", "Pashto", "Punjabi", "Sindhi", "Urdu"]
    assert len(report.encoder.forms) == 10
    assert report.agreement < 1e-4
    assert report.verdict.startswith(("The encoder is", "Either the encoder"))


def test_the_card_says_who_wrote_the_data_which_model_answers_and_what_it_must_not_be_used_for() -> None:
    card = (finished_run() / "README.md").read_text("utf-8")
    report = read_report(finished_run() / "report.json")
    assert card.startswith("---\nlicense: ")
    for words in (
        report.verdict,
        report.data_sha256,
        "## Who is left out",
        "### Do not use for",
        "### Who wrote the data",
    ):
        assert words in card


def test_the_same_settings_give_the_same_weights_and_answers(tmp_path: Path) -> None:
    train_intent(tiny_config(tiny_data()), tmp_path / "run", SilentProgress())
    first, second = finished_run(), tmp_path / "run"
    for name in ("model.safetensors", "tokenizer.json", "baseline.npz", "model.onnx", "examples.json", "audit.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_a_deleted_file_is_made_anew_and_the_folder_is_whole_again(tmp_path: Path) -> None:
    folder = copy_run(tmp_path / "run")
    (folder / "model.onnx").write_bytes(b"half")
    seen = Recorder()
    train_intent(tiny_config(tiny_data()), folder, seen)
    verify_checksums(folder)
    assert seen.started[0] == "export and compare"
    assert "train the encoder" in seen.skipped


def test_a_full_disk_is_one_sentence_and_the_run_goes_on_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copy_run(tmp_path / "run")
    (folder / "report.json").unlink()
    config = tiny_config(tiny_data())
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _full_disk)
        with pytest.raises(RunError, match=r"the disk is full: could not write .*report.json; .* run the same command"):
            train_intent(config, folder, SilentProgress())
    assert not list(folder.rglob("*.tmp"))
    train_intent(config, folder, SilentProgress())
    verify_checksums(folder)


def _full_disk(descriptor: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_report_of_another_shape_is_refused(tmp_path: Path) -> None:
    raw = read_json(finished_run() / "report.json")
    raw["surprise"] = 1
    write_json(tmp_path / "report.json", raw)
    with pytest.raises(ModelError, match=r"is not a report of this boli \(Report has the keys"):
        read_report(tmp_path / "report.json")


def test_plain_values_come_back_as_they_were() -> None:
    report = read_report(finished_run() / "report.json")
    assert from_plain(type(report), json.loads(json.dumps(to_plain(report)))) == report


def test_a_missing_package_is_named_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boli.training.finetuning.find_spec", lambda name: None if name == "onnxscript" else name)
    with pytest.raises(ImportError, match=r"training needs onnxscript, .* pip install 'boli\[train\]'"):
        train_intent(FinetuneConfig(), tmp_path / "run", SilentProgress())


def test_importing_training_brings_no_torch() -> None:
    done = run_python(
        "import sys, boli.training, boli.demo; print(sorted({'torch', 'sklearn', 'matplotlib'} & set(sys.modules)))"
    )
    assert done.stdout.strip() == "[]", done.stderr
