"""Train an intent model: from labelled messages to a run folder that a pipeline can load.

A run is nine stages (see `boli.training.stages`); each writes files into the run folder:

    audit       audit.json                          what is in the data, and what is wrong with it
    texts       checkpoints/texts.jsonl             normalized messages
    tokenizer   tokenizer.json, ..._report.json     pieces, with the normalizer inside
    linear      baseline.npz                        the cheap model that the encoder must beat
    encoder     model.safetensors                   checkpoints on the way: checkpoints/encoder
    export      model.onnx                          agrees with torch, or the run stops
    test        report.json, plots/                 both models, run the way an app runs them
    card        README.md, config.json, checksums.json (last)
    reload      examples.json                       answers of a new process that loaded the folder
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from boli.datasets import Dataset, audit_dataset, load_dataset
from boli.datasets.folders import SPLITS
from boli.errors import MissingExtra, require
from boli.evaluation import accuracy
from boli.files import explaining_full_disk, write_json, write_text
from boli.models.weights import write_checksums
from boli.pipeline.plain import to_plain
from boli.pipeline.runs import RunInfo
from boli.pipeline.texts import TextPath, neutral_normalizer
from boli.tokenization import report_tokenizer, save_tokenizer, train_tokenizer
from boli.training.cards import CardFacts, write_card
from boli.training.config import IntentConfig
from boli.training.outputs import (
    CARD_FILES,
    ENCODER_FILES,
    EXPORT_FILES,
    TEST_FILES,
    TOKENIZER_FILES,
    open_engines,
    read_exported,
    read_fitted,
    read_seconds,
    size_of,
)
from boli.training.plots import draw_plots
from boli.training.progress import Progress
from boli.training.reload import ask_new_process, choose_examples
from boli.training.reports import Report, read_report, write_report
from boli.training.runs import RunIdentity, opening_run
from boli.training.scoring import TestSet, compare_answers, judge
from boli.training.stages import Done, Stage, run_stages
from boli.training.texts import FILE, check_labels, read_texts, write_texts

_NEEDED = (
    "torch", "transformers", "tokenizers", "safetensors", "sklearn", "matplotlib", "onnx", "onnxscript", "onnxruntime",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """A finished run: its folder, its report, and what each stage did.

    >>> Outcome.__match_args__
    ('folder', 'report', 'stages')
    """

    folder: Path
    report: Report
    stages: tuple[Done, ...]


def train_intent(config: IntentConfig, folder: Path, progress: Progress, *, fresh: bool = False) -> Outcome:
    """Train an encoder and a linear baseline, test both, and leave a run folder; go on where an earlier call stopped.

    Args:
        config: what to do.
        folder: of the run; made if it does not exist.
        progress: told about every step.
        fresh: throw away what an earlier run left in the folder.

    Raises:
        MissingExtra: a package of ``boli[train]`` is not installed.
        DataError: the data set cannot be used.
        RunError: the folder cannot be continued, or the disk is full.
        KeyboardInterrupt: somebody asked to stop; what is done is saved.

    Cost: half a minute of two cores for the shipped data, most of it the encoder.

    >>> from boli.training import SilentProgress, parse_config
    >>> train_intent(parse_config({"data": {"name": "walet-intents"}}), Path("runs/x"), SilentProgress())
    Traceback (most recent call last):
    ...
    boli.errors.DataError: no data set 'walet-intents'; shipped: wallet-intents (did you mean 'wallet-intents'?); ...
    """
    missing = next((name for name in _NEEDED if find_spec(name) is None), None)
    if missing:
        raise MissingExtra(f"training needs {missing}, which is not installed; run: pip install 'boli[train]'")
    run = IntentRun(config, load_dataset(config.data.name))
    check_labels(run.dataset)
    identity = RunIdentity("intent", config.to_dict(), run.dataset.sha256)
    with opening_run(folder, identity, fresh=fresh):
        stages = run_stages(folder, run.stages(), progress)
    return Outcome(folder, read_report(folder / "report.json"), stages)


@dataclass(frozen=True)
class IntentRun:
    """The stages of one run. Each method after `stages` does one of them and returns a few words on what came out."""

    config: IntentConfig
    dataset: Dataset

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels in the order of the outputs."""
        return check_labels(self.dataset)

    @cached_property
    def text_path(self) -> TextPath:
        """How raw text is normalized."""
        return TextPath(self.config.text.level)

    @cached_property
    def signatures(self) -> Mapping[str, str]:
        """Tag -> signature of the normalization rules."""
        return self.text_path.sign(self.dataset.card.languages)

    def stages(self) -> tuple[Stage, ...]:
        """Return the stages in their order."""
        config, data = self.config, {"data": self.dataset.sha256}
        tokenizer = {"tokenizer": to_plain(config.tokenizer), "max_tokens": config.model.max_tokens}
        linear = {**data, "seed": config.training.seed}
        encoder = {**data, "model": to_plain(config.model), "training": to_plain(config.training)}
        tested = ("texts", "tokenizer", "linear", "encoder", "export")
        return (
            Stage("audit", "look at the data", data, (), ("audit.json",), self.audit),
            Stage("texts", "normalize", {**data, "rules": self.signatures}, (), (FILE,), self.normalize),
            Stage("tokenizer", "train the tokenizer", tokenizer, ("texts",), TOKENIZER_FILES, self.cut),
            Stage("linear", "fit the baseline", linear, ("texts",), ("baseline.npz",), self.fit),
            Stage("encoder", "train the encoder", encoder, ("texts", "tokenizer"), ENCODER_FILES, self.teach),
            Stage("export", "export and compare", data, ("texts", "tokenizer", "encoder"), EXPORT_FILES, self.export),
            Stage("test", "test both models", {"how": to_plain(config.evaluation)}, tested, TEST_FILES, self.test),
            Stage("card", "write the card", {}, (*tested, "test"), CARD_FILES, self.describe),
            Stage("reload", "load in a new process", {}, ("card",), ("examples.json",), self.reload),
        )

    def audit(self, folder: Path, _: Progress) -> str:
        """Look for leaks, duplicates, conflicts and empty cells."""
        audit = audit_dataset(self.dataset)
        write_json(folder / "audit.json", to_plain(audit))
        faults = len(audit.leaks) + len(audit.duplicates) + len(audit.conflicts) + len(audit.split_templates)
        rows = len(self.dataset.train) + len(self.dataset.dev) + len(self.dataset.test)
        return f"{rows:,} messages, {len(self.labels)} intents, {faults or 'no'} leaks or repeats"

    def normalize(self, folder: Path, _: Progress) -> str:
        """Write every message in its canonical form."""
        changed = write_texts(folder / FILE, self.dataset, self.text_path)
        return f"{changed:,} messages changed"

    def cut(self, folder: Path, _: Progress) -> str:
        """Learn the pieces, from the training rows alone."""
        texts, kind = read_texts(folder / FILE), self.config.tokenizer
        carried = neutral_normalizer().to_tokenizers()
        tokenizer = train_tokenizer(texts["train"], kind=kind.kind, size=kind.size, normalizer=carried)
        save_tokenizer(tokenizer, folder, max_tokens=self.config.model.max_tokens)
        scores = report_tokenizer(tokenizer, texts["dev"], [record.tag for record in self.dataset.dev])
        write_json(folder / "tokenizer_report.json", to_plain(scores))
        return f"{tokenizer.get_vocab_size():,} pieces, {scores[-1].tokens_per_word:.2f} tokens a word on dev"

    def fit(self, folder: Path, _: Progress) -> str:
        """Fit the linear model."""
        from boli.training.baseline import fit_linear

        texts, data = read_texts(folder / FILE), self.dataset
        gold, dev = [record.label for record in data.train], [record.label for record in data.dev]
        seed = self.config.training.seed
        # Several threads make this small fit no faster on an idle machine and seven times slower on a busy one. The
        # limit holds for libraries that are loaded already, so scikit-learn comes first.
        require("sklearn.linear_model", "train")
        with require("threadpoolctl", "train").threadpool_limits(1):
            model = fit_linear(texts["train"], gold, dev_texts=texts["dev"], dev_labels=dev, seed=seed)
        with explaining_full_disk(folder / "baseline.npz"):
            model.save(folder / "baseline.npz")
        return f"dev accuracy {100 * accuracy(dev, model.predict(texts['dev'])):.1f} %"

    def teach(self, folder: Path, progress: Progress) -> str:
        """Train the encoder, with checkpoints on the way."""
        from boli.training.teaching import teach_encoder

        numbers = {split: [self.labels.index(each.label) for each in self.dataset.split(split)] for split in SPLITS}
        fitted = teach_encoder(self.config, folder, read_texts(folder / FILE), numbers, self.labels, progress)
        write_json(folder / "checkpoints" / "encoder.json", to_plain(fitted))
        return f"dev accuracy {100 * max(point.dev_accuracy for point in fitted.curve):.1f} % on {fitted.device}"

    def export(self, folder: Path, _: Progress) -> str:
        """Write the encoder for onnxruntime, and fit on dev how sure it may sound."""
        from boli.training.teaching import export_encoder

        gold = [self.labels.index(record.label) for record in self.dataset.dev]
        exported = export_encoder(self.config, folder, read_texts(folder / FILE), gold, self.labels)
        write_json(folder / "checkpoints" / "export.json", to_plain(exported))
        return f"onnxruntime and torch differ by {exported.largest_difference:.0e} at most"

    def test(self, folder: Path, _: Progress) -> str:
        """Test the exported encoder and the linear model on the test rows, the way an app runs them."""
        fitted, exported = read_fitted(folder), read_exported(folder)
        rows, how, seed = TestSet(self.dataset.test, self.labels), self.config.evaluation, self.config.training.seed
        engines = open_engines(folder, self.config.model.max_tokens, exported.temperature)
        encoder, linear = (
            judge(name, engine, self.text_path, rows, how, size=size_of(folder, name), seed=seed)
            for name, engine in engines.items()
        )
        comparison, engine, sentence = compare_answers(encoder, linear, rows, how, seed=seed)
        report = Report(
            data_name=self.dataset.name,
            data_sha256=self.dataset.sha256,
            rows=(len(self.dataset.train), len(self.dataset.dev), len(self.dataset.test)),
            labels=self.labels,
            encoder=encoder.report,
            linear=linear.report,
            comparison=comparison,
            engine=engine,
            verdict=sentence,
            agreement=exported.largest_difference,
            cut=encoder.cut,
            device=fitted.device,
            parameters=fitted.parameters,
            curve=fitted.curve,
        )
        write_report(folder / "report.json", report)
        draw_plots(report, folder / "plots")
        return f"encoder {100 * comparison.first:.1f} %, linear {100 * comparison.second:.1f} % of test messages right"

    def describe(self, folder: Path, _: Progress) -> str:
        """Write the card and the configuration, then the checksums, which make the folder a finished one."""
        report, fitted = read_report(folder / "report.json"), read_fitted(folder)
        facts = CardFacts(self.config, self.dataset.card, read_seconds(folder), self.signatures)
        write_text(folder / "README.md", write_card(report, facts))
        info = RunInfo(
            task="intent",
            labels=self.labels,
            tags=self.dataset.card.languages,
            engine=report.engine,
            temperatures={"encoder": read_exported(folder).temperature},
            level=self.config.text.level,
            signatures=self.signatures,
            max_tokens=self.config.model.max_tokens,
            licence=self.dataset.card.licence,
            data_name=self.dataset.name,
            data_sha256=self.dataset.sha256,
            scores={each.name: each.accuracy.value for each in (report.encoder, report.linear)},
        )
        write_json(folder / "config.json", {**fitted.shape, "boli": to_plain(info)})
        with explaining_full_disk(folder / "checksums.json"):
            write_checksums(folder)
        return f"the {report.engine} model answers by default"

    def reload(self, folder: Path, _: Progress) -> str:
        """Let a new process load the folder and answer one test message of each form, with reasons."""
        examples = ask_new_process(folder, choose_examples(self.dataset.test, self.labels))
        write_json(folder / "examples.json", to_plain(examples))
        shutil.rmtree(folder / "checkpoints" / "encoder", ignore_errors=True)  # the encoder is finished and tested
        right = sum(example.label == example.gold for example in examples)
        return f"{right} of {len(examples)} messages understood"
