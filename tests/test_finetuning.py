"""Fine-tuning what comes from elsewhere, several labels, slots, other seeds, folds, pairs, messages out of scope."""

import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import tiny
from tiny import run_python, tiny_config, tiny_data

from boli.datasets import Record, load_dataset
from boli.errors import ConfigError, DataError, ModelError, ModelNotFound
from boli.models.weights import verify_checksums
from boli.pipeline import load
from boli.training import Outcome, SilentProgress, parse_config, train_classifier, train_intent
from boli.training.config import ModelConfig
from boli.training.corpora import balance, read_lines
from boli.training.ensemble import fit_ensemble
from boli.training.extras import read_pairs
from boli.training.labels import LabelSet
from boli.training.reports import read_report
from boli.training.sources import copy_tokenizer, load_classifier, longest_input
from boli.training.vectors import VectorSettings, learn_vectors, list_files

MONEY = ("check_balance", "send_money", "top_up")
QUICK = ("training.epochs=2", "training.averaging=0", "model.token_dropout=0.1")


def write_money(folder: Path) -> Path:
    """Write three intents, two of them with slots, six rows of each form and label to learn from."""
    shipped = load_dataset("wallet-intents")
    tiny.write_data(folder)
    for split in ("train", "dev", "test"):
        rows = [record for record in shipped.split(split) if record.label in MONEY]
        tiny.write_rows(folder / f"{split}.jsonl", rows)
    return folder


@cache
def money() -> Path:
    return write_money(Path(tempfile.mkdtemp(), "money"))


@cache
def small_bert() -> Path:
    """A folder with a BERT of nobody's, as `transformers` writes one."""
    from transformers import AutoModel, BertConfig

    from boli.tokenization import save_tokenizer, train_tokenizer

    folder = Path(tempfile.mkdtemp(), "bert")
    tokenizer = train_tokenizer([row.text for row in load_dataset(money()).train], kind="bpe", size=300)
    shape = BertConfig(
        vocab_size=300, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=40,
    )  # fmt: skip
    AutoModel.from_config(shape).save_pretrained(folder)
    save_tokenizer(tokenizer, folder, max_tokens=40)
    return folder


@cache
def joint_run() -> Outcome:
    """Intents and slots on a model of elsewhere, with all that can be asked for beside."""
    data = write_money(Path(tempfile.mkdtemp(), "data"))
    outside = [Record(text, "ur-Latn", "none") for text in ("kal barish ho gi", "?!")]
    tiny.write_rows(data / "outside.jsonl", outside)
    pair = {"text": "Ali ko 500 bhejo", "tag": "ur-Latn", "other": "Sana ko 500 bhejo", "other_tag": "ur-Latn"}
    (data / "pairs.jsonl").write_text(json.dumps(pair | {"kind": "name"}) + "\n", "utf-8")
    asked = ("model.slots=true", "training.repeats=2", "evaluation.hourly_price=2", "training.tensorboard=true")
    config = tiny_config(data, *QUICK, f"model.source={small_bert()}", *asked)
    return train_intent(config, Path(tempfile.mkdtemp(), "run"), SilentProgress())


@cache
def several_run() -> Outcome:
    """Several labels for a text, with LoRA and a cross-validation."""
    data = write_money(Path(tempfile.mkdtemp(), "data"))
    for split in ("train", "dev", "test"):
        rows = load_dataset(data).split(split)
        labels = {"check_balance": "none", "send_money": "money | people", "top_up": "money"}
        tiny.write_rows(data / f"{split}.jsonl", [Record(row.text, row.tag, labels[row.label]) for row in rows])
    config = tiny_config(data, *QUICK, "data.multi_label=true", "model.lora_rank=2", "training.folds=3")
    return train_classifier(config, Path(tempfile.mkdtemp(), "run"), SilentProgress())


def test_a_model_of_elsewhere_is_fine_tuned_and_serves_without_transformers() -> None:
    folder = joint_run().folder
    verify_checksums(folder)
    code = (
        "import sys; from boli.pipeline import load\n"
        "print(load(sys.argv[1], engine='encoder')('balance batao', 'ur-Latn').label)\n"
        "print(sorted({'torch', 'transformers'} & set(sys.modules)))"
    )
    done = run_python(code, folder)
    assert done.stderr == ""
    assert done.stdout.splitlines()[0] in MONEY
    assert done.stdout.splitlines()[1] == "[]"
    assert load(folder).info.max_tokens == 40, "the model reads no more"


def test_slots_are_scored_by_whole_span_and_answered_in_offsets_of_the_raw_text() -> None:
    report = joint_run().report
    assert report.linear.slots[0].name == "all"
    assert report.linear.slots[0].interval.value > 0.3
    text = "bhai 500 rupay bhejo \N{ARABIC LETTER KAF}"
    for slot in load(joint_run().folder, engine="linear")(text, "ur-Latn").slots:
        assert text[slot.start : slot.end].strip() == text[slot.start : slot.end]


def test_the_report_has_seeds_costs_pairs_and_messages_out_of_scope() -> None:
    report = read_report(joint_run().folder / "report.json")
    assert [each.seed for each in report.repeats] == [7, 8]
    assert report.encoder.cost > 0
    assert "At 2 an hour, 1,000 texts one by one cost" in report.verdict
    assert [(flip.kind, flip.pairs) for flip in report.encoder.flips] == [("name", 1)]
    assert report.linear.scope[0].rows == 2
    assert 0 <= report.linear.scope[0].auroc <= 1


def test_one_page_shows_everything_and_needs_nothing_else() -> None:
    page = (joint_run().folder / "report.html").read_text("utf-8")
    for words in (joint_run().report.verdict.split(":")[0], "F1 by whole span", "out of scope", "seed 8", "base64,"):
        assert words in page
    assert "http" not in page.replace("http-equiv", "")


def test_curves_for_tensorboard_are_written_when_asked() -> None:
    assert list((joint_run().folder / "tensorboard" / "encoder").glob("events*"))


def test_the_card_names_the_base_model() -> None:
    card = (joint_run().folder / "README.md").read_text("utf-8")
    assert f"fine-tuned from {small_bert()}" in card
    assert "2 seeds" in card


def test_a_text_may_have_several_labels_or_none() -> None:
    outcome = several_run()
    assert outcome.report.labels == ("money", "people")
    pipeline = load(outcome.folder, engine="linear")
    answers = pipeline.batch([row.text for row in load_dataset(money()).train[:40]])
    assert {answer.labels for answer in answers} >= {("money", "people"), ()}
    assert all(answer.known == bool(answer.labels) for answer in answers)


def test_folds_cover_all_rows_of_train_and_dev() -> None:
    folds = several_run().report.folds[0]
    data = load_dataset(money())
    assert (folds.parts, folds.rows) == (3, len(data.train) + len(data.dev))
    assert folds.difference.low <= folds.encoder.value - folds.linear.value <= folds.difference.high


def test_merged_low_rank_additions_leave_plain_weights() -> None:
    from safetensors.numpy import load_file

    assert not [name for name in load_file(several_run().folder / "model.safetensors") if "lora" in name]


@pytest.mark.parametrize("kind", ["XLMRobertaConfig", "DistilBertConfig", "ElectraConfig", "DebertaV2Config"])
def test_other_kinds_of_encoders_take_low_rank_additions_and_slots(kind: str) -> None:
    import torch
    import transformers

    from boli.training.encoder import EncoderClassifier, add_lora, merge_lora

    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    if kind == "DistilBertConfig":
        sizes = {"dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 32}
    shape = getattr(transformers, kind)(vocab_size=50, num_labels=3, **sizes)
    model = EncoderClassifier(transformers.AutoModelForSequenceClassification.from_config(shape), tags=4)
    add_lora(model, ModelConfig(lora_rank=2))
    model.eval()
    ids = torch.tensor([[2, 7, 8, 3]])
    before = model(ids, torch.ones_like(ids))
    merge_lora(model)
    after = model(ids, torch.ones_like(ids))
    assert [tuple(part.shape) for part in after] == [(1, 3), (1, 4, 4)]
    assert torch.allclose(before[0], after[0], atol=1e-5)


# --- what is wrong is named


def test_a_model_that_is_not_here_says_how_to_bring_it(tmp_path: Path) -> None:
    config = tiny_config(tiny_data(), "model.source=nobody/no-such-model")
    with pytest.raises(ModelNotFound, match=r"hf download nobody/no-such-model --local-dir FOLDER; copy FOLDER"):
        train_intent(config, tmp_path / "run", SilentProgress())


def test_a_model_with_code_of_its_own_is_refused_unless_trusted(tmp_path: Path) -> None:
    classes = {"AutoConfig": "theirs.C", "AutoModelForSequenceClassification": "theirs.M"}
    shape = {"model_type": "theirs", "auto_map": classes}
    (tmp_path / "config.json").write_text(json.dumps(shape))
    (tmp_path / "theirs.py").write_text("raise SystemExit('this must never run')")
    with pytest.raises(ConfigError, match=r"brings Python code of its own; read it, .* model.trust_remote_code=true"):
        load_classifier(ModelConfig(source=str(tmp_path)), ["a", "b"], several=False)


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises((ModelNotFound, ConfigError, ModelError)):
        copy_tokenizer(str(tmp_path / "nothing"), tmp_path, max_tokens=8)


def test_models_that_count_positions_from_two_read_two_tokens_less() -> None:
    from transformers import BertConfig, XLMRobertaConfig

    assert longest_input(XLMRobertaConfig(max_position_embeddings=514), 600) == 512
    assert longest_input(BertConfig(max_position_embeddings=512), 600) == 512


def test_slots_that_are_not_there_are_not_looked_for(tmp_path: Path) -> None:
    data = tiny.write_data(tmp_path / "data")
    for split in ("train", "dev", "test"):
        bare = [Record(row.text, row.tag, row.label) for row in load_dataset(data).split(split)]
        tiny.write_rows(data / f"{split}.jsonl", bare)
    with pytest.raises(DataError, match=r"no row of train has a slot; mark some, or set model.slots=false"):
        train_intent(tiny_config(data, "model.slots=true"), tmp_path / "run", SilentProgress())


def test_slots_and_several_labels_do_not_go_together() -> None:
    with pytest.raises(ConfigError, match=r"model.slots and data.multi_label cannot both be true"):
        parse_config({}, ["model.slots=true", "data.multi_label=true"])


def test_a_pair_with_a_part_missing_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").write_text('{"text": "a", "tag": "ur-Latn", "other": "b", "kind": "name"}\n')
    with pytest.raises(DataError, match=r"pairs.jsonl:1: not a pair \('other_tag'\)"):
        read_pairs(tmp_path / "pairs.jsonl")


def test_labels_are_split_and_joined_in_one_order() -> None:
    labels = LabelSet(("a", "b"), several=True)
    rows = [Record("x", "ur-Latn", "b|a"), Record("y", "ur-Latn", "none")]
    assert labels.number(rows).tolist() == [[1, 1], [0, 0]]
    assert labels.canonical(rows) == ["a|b", "none"]


# --- vectors, ensembles, pretraining

LINES = [f"{word} {other} rupay" for word in ("do", "teen", "chaar") for other in ("bhejo", "lao", "dikhao")] * 9


def test_an_ensemble_with_vectors_comes_back_from_its_file(tmp_path: Path) -> None:
    from boli.models.ensemble import load_scorer

    texts, labels = ["do rupay bhejo", "balance dikhao"] * 4, ["send", "look"] * 4
    vectors = (learn_vectors(LINES, VectorSettings(dimensions=3)),)
    model = fit_ensemble(texts, labels, dev_texts=texts[:2], dev_labels=labels[:2], vectors=vectors)
    model.save(tmp_path / "baseline.npz")
    loaded = load_scorer(tmp_path / "baseline.npz")
    assert loaded.predict(texts) == labels
    assert np.allclose(loaded.scores(texts), model.scores(texts), atol=0.1), "vectors are kept as float16"
    (tmp_path / "baseline.npz").write_bytes(b"half")
    with pytest.raises(ModelError, match="not a model that can be read"):
        load_scorer(tmp_path / "baseline.npz")


def test_too_little_text_for_vectors_is_told() -> None:
    with pytest.raises(DataError, match=r"only 3 words occur 5 times or more .* give more text"):
        learn_vectors(["ek do teen"] * 5)


def test_a_file_of_text_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        list(list_files(f"ur-Arab={tmp_path}/*.txt"))


def test_small_languages_are_heard_but_no_line_more_than_twenty_times() -> None:
    counts = balance(["ur-Arab"] * 1000 + ["bal-Arab"], temperature=100.0, seed=0)
    assert counts[-1] == 20
    assert sum(counts[:1000]) < 1000


def test_held_out_lines_are_not_learned_from(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("".join(f"satar {number}\n" for number in range(100)))
    config = parse_pretraining(f"corpus.files=ur-Latn={tmp_path}/a.txt")
    from boli.pipeline.texts import TextPath

    corpus = read_lines(config.corpus, TextPath("standard"), seed=0)
    assert len(corpus.held_out) == 10
    assert not {line.text for line in corpus.held_out} & {line.text for line in corpus.train}


def parse_pretraining(*overrides: str):  # type: ignore[no-untyped-def]
    from boli.training.config import PretrainConfig
    from boli.training.settings import fill_config

    return fill_config(PretrainConfig(), {}, overrides)


def test_an_encoder_is_pretrained_stopped_resumed_and_fine_tuned(tmp_path: Path) -> None:
    from boli.training import train_encoder

    texts = [row.text for row in load_dataset("wallet-intents").train if row.tag.endswith("Latn")]
    (tmp_path / "a.txt").write_text("\n".join(texts), "utf-8")
    small = (
        "tokenizer.size=300", "shape.layers=1", "shape.width=16", "shape.heads=2", "shape.max_tokens=32",
        "training.epochs=2", "training.batch_tokens=1024", "training.averaging=0.0", "training.learning_rate=0.01",
    )  # fmt: skip
    config = parse_pretraining(f"corpus.files=ur-Latn={tmp_path}/a.txt", *small)
    straight = train_encoder(config, tmp_path / "straight", SilentProgress())

    class Stopper(SilentProgress):
        left = 5

        def advance(self, amount: int = 1, note: str = "") -> None:
            self.left -= amount

        def stopping(self) -> bool:
            return self.left == 0

    with pytest.raises(KeyboardInterrupt, match="stopped and saved at step"):
        train_encoder(config, tmp_path / "stopped", Stopper())
    train_encoder(config, tmp_path / "stopped", SilentProgress())
    first, second = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("straight", "stopped"))
    assert first == second
    assert straight.curve[-1].dev_loss < straight.curve[0].dev_loss
    found = load_classifier(ModelConfig(source=str(tmp_path / "straight")), ["a", "b"], several=False)
    assert found.config.num_labels == 2


@pytest.mark.slow
def test_two_processes_fine_tune_one_model(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text(f'[data]\nname = "{tiny_data().as_posix()}"\n', "utf-8")
    script = Path(__file__).parent.parent / "scripts" / "finetune_classifier.py"
    settings = [word for setting in (*tiny.SETTINGS, "training.device=cpu") for word in ("--set", setting)]
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", str(script)]
    done = subprocess.run(
        [*command, str(config), "--folder", str(tmp_path / "run"), *settings],
        capture_output=True, encoding="utf-8", check=False, timeout=400,
        env={**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    verify_checksums(tmp_path / "run")
    assert done.stdout.count("A new process loaded the folder") == 1


