"""The stages of a fine-tuning run, one method each; torch is loaded by those that need it."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from boli.datasets import Dataset, audit_dataset
from boli.evaluation import accuracy
from boli.files import explaining_full_disk, read_json, write_json, write_text
from boli.models.weights import write_checksums
from boli.pipeline.engines import SLOT_MODEL
from boli.pipeline.plain import from_plain, to_plain
from boli.pipeline.runs import RunInfo
from boli.pipeline.texts import TextPath, neutral_normalizer
from boli.tokenization import report_tokenizer, save_tokenizer, train_tokenizer
from boli.training.cards import CardFacts, write_card
from boli.training.config import FinetuneConfig
from boli.training.extras import read_extras
from boli.training.fitting import Split, fit_baseline, fit_tagger
from boli.training.labels import LabelSet
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
from boli.training.pages import write_page
from boli.training.plots import draw_plots
from boli.training.progress import Progress
from boli.training.reload import ask_new_process, choose_examples
from boli.training.reports import Folds, Repeat, Report, read_report, write_report
from boli.training.scoring import Judge, TestSet, compare_answers
from boli.training.stages import Done, Stage
from boli.training.texts import FILE, read_texts, write_texts
from boli.training.tokens import name_files, write_tokens

if TYPE_CHECKING:
    from boli.training.lessons import Classroom

LIMIT = "checkpoints/limit.json"
REPEATS, FOLDS = "checkpoints/repeats.json", "checkpoints/folds.json"


@dataclass(frozen=True)
class ClassRun:
    """The stages of one run. Each method after `stages` does one of them and returns a few words on what came out."""

    task: str
    config: FinetuneConfig
    dataset: Dataset
    labels: LabelSet

    @cached_property
    def text_path(self) -> TextPath:
        """How raw text becomes canonical text."""
        return TextPath(self.config.text.level, script=self.config.text.script)

    @cached_property
    def signatures(self) -> Mapping[str, str]:
        """Tag -> signature of the normalization rules, and of the transliteration where there is one."""
        return self.text_path.sign(self.dataset.card.languages)

    def classroom(self, folder: Path) -> "Classroom":
        """Return what teaches encoders in a run folder."""
        from boli.training.lessons import Classroom

        return Classroom(self.config, self.dataset, self.labels, folder)

    def help(self, folder: Path) -> tuple[Done, ...]:
        """Take part in what process 0 teaches, until it is done."""
        self.classroom(folder).help()
        return ()

    def stages(self) -> tuple[Stage, ...]:
        """Return the stages in their order."""
        config, data = self.config, {"data": self.dataset.sha256, "labels": to_plain(self.labels)}
        model, training = to_plain(config.model), to_plain(config.training)
        tokenizer = {"tokenizer": to_plain(config.tokenizer), "model": model}
        linear = {**data, "seed": config.training.seed, "kind": to_plain(config.baseline), "rules": self.signatures}
        encoder = {**data, "model": model, "training": training}
        baseline = ("baseline.npz", SLOT_MODEL) if self.labels.slots else ("baseline.npz",)
        tokens, read = name_files(slots=bool(self.labels.slots)), ("texts", "tokenizer", "tokens")
        tested = (*read, "linear", "encoder", "export", *(("repeats",) if config.training.repeats > 1 else ()))
        tested += ("folds",) if config.training.folds else ()
        chain = (
            Stage("audit", "look at the data", data, (), ("audit.json",), self.audit),
            Stage("texts", "normalize", {**data, "rules": self.signatures}, (), (FILE,), self.normalize),
            Stage("tokenizer", "make the tokenizer", tokenizer, ("texts",), (*TOKENIZER_FILES, LIMIT), self.cut),
            Stage("tokens", "cut into tokens", data, ("texts", "tokenizer"), tokens, self.tokenize),
            Stage("linear", "fit the baseline", linear, ("texts",), baseline, self.fit),
            Stage("encoder", "train the encoder", encoder, read, ENCODER_FILES, self.teach),
            Stage("export", "export and compare", data, (*read, "encoder"), EXPORT_FILES, self.export),
            Stage("repeats", "train with other seeds", encoder, read, (REPEATS,), self.repeat),
            Stage("folds", "cross-validate", {**encoder, **linear}, read, (FOLDS,), self.cross_validate),
            Stage("test", "test both models", {"how": to_plain(config.evaluation)}, tested, TEST_FILES, self.test),
            Stage("card", "write the card", {}, (*tested, "test"), CARD_FILES, self.describe),
            Stage("reload", "load in a new process", {}, ("card",), ("examples.json",), self.reload),
        )
        return tuple(each for each in chain if each.name not in ("repeats", "folds") or each.name in tested)

    def audit(self, folder: Path, _: Progress) -> str:
        """Look for leaks, duplicates, conflicts and empty cells."""
        audit = audit_dataset(self.dataset)
        write_json(folder / "audit.json", to_plain(audit))
        faults = len(audit.leaks) + len(audit.duplicates) + len(audit.conflicts) + len(audit.split_templates)
        rows = len(self.dataset.train) + len(self.dataset.dev) + len(self.dataset.test)
        kind = "intents" if self.task == "intent" else "labels"
        return f"{rows:,} messages, {len(self.labels.names)} {kind}, {faults or 'no'} leaks or repeats"

    def normalize(self, folder: Path, _: Progress) -> str:
        """Write every message in its canonical form."""
        changed = write_texts(folder / FILE, self.dataset, self.text_path, slots=bool(self.labels.slots))
        return f"{changed:,} messages changed"

    def cut(self, folder: Path, _: Progress) -> str:
        """Learn the pieces from the training rows alone, or take those of the model that is fine-tuned."""
        texts, model, kind = read_texts(folder / FILE), self.config.model, self.config.tokenizer
        limit = model.max_tokens
        if model.source:
            from boli.training.sources import copy_tokenizer, find_limit

            limit = find_limit(model)
            tokenizer = copy_tokenizer(
                model.source, folder, max_tokens=limit, trust_remote_code=model.trust_remote_code
            )
        else:
            carried = neutral_normalizer().to_tokenizers()
            tokenizer = train_tokenizer(texts["train"].texts, kind=kind.kind, size=kind.size, normalizer=carried)
            save_tokenizer(tokenizer, folder, max_tokens=limit)
        scores = report_tokenizer(tokenizer, texts["dev"].texts, [record.tag for record in self.dataset.dev])
        write_json(folder / "tokenizer_report.json", to_plain(scores))
        write_json(folder / LIMIT, {"max_tokens": limit})
        return f"{tokenizer.get_vocab_size():,} pieces, {scores[-1].tokens_per_word:.2f} tokens a word on dev"

    def tokenize(self, folder: Path, _: Progress) -> str:
        """Write the token ids that training maps into memory."""
        total, longer = write_tokens(
            folder, self.labels, max_tokens=read_limit(folder), sealed=self.dataset.is_sealed
        )
        return f"{total:,} tokens, {longer or 'no'} texts cut"

    def fit(self, folder: Path, _: Progress) -> str:
        """Fit the cheap model, and one that tags words where slots are asked for."""
        texts, data = read_texts(folder / FILE), self.dataset
        train, dev = Split(texts["train"].texts, data.train), Split(texts["dev"].texts, data.dev)
        model = fit_baseline(self.config, self.labels, train, dev, text_path=self.text_path)
        with explaining_full_disk(folder / "baseline.npz"):
            model.save(folder / "baseline.npz")
        note = ""
        if self.labels.slots:
            tagger, right = fit_tagger(texts["train"], texts["dev"], self.labels, seed=self.config.training.seed)
            with explaining_full_disk(folder / SLOT_MODEL):
                tagger.save(folder / SLOT_MODEL)
            note = f", {100 * right:.1f} % of the words' tags"
        if self.labels.several:
            return "one yes or no for each label"
        gold = [record.label for record in data.dev]
        return f"dev accuracy {100 * accuracy(gold, model.predict(texts['dev'].texts)):.1f} %{note}"

    def teach(self, folder: Path, progress: Progress) -> str:
        """Train the encoder, with checkpoints on the way."""
        fitted = self.classroom(folder).teach(progress)
        write_json(folder / "checkpoints" / "encoder.json", to_plain(fitted))
        return f"dev score {100 * max(point.dev_score for point in fitted.curve):.1f} % on {fitted.device}"

    def export(self, folder: Path, _: Progress) -> str:
        """Write the encoder for onnxruntime, and fit on dev how sure it may sound."""
        from boli.training.teaching import export_encoder

        gold, limit = self.labels.number(self.dataset.dev), read_fitted(folder).max_tokens
        exported = export_encoder(self.config, folder, read_texts(folder / FILE), gold, self.labels, limit=limit)
        write_json(folder / "checkpoints" / "export.json", to_plain(exported))
        return f"onnxruntime and torch differ by {exported.largest_difference:.0e} at most"

    def repeat(self, folder: Path, progress: Progress) -> str:
        """Train with other seeds and keep only their scores."""
        scores = self.classroom(folder).repeat(progress)
        write_json(folder / REPEATS, {"repeats": to_plain(scores)})
        tests = np.array([each.test for each in scores])
        return f"test {100 * tests.mean():.1f} %, spread {100 * tests.std(ddof=1):.1f} over {len(tests)} seeds"

    def cross_validate(self, folder: Path, progress: Progress) -> str:
        """Train on all parts of train and dev but one, for each part, and compare with the baseline on that part."""
        folds = self.classroom(folder).cross_validate(self.text_path, progress)
        write_json(folder / FOLDS, {"folds": [to_plain(folds)]})
        return f"encoder {100 * folds.encoder.value:.1f} %, linear {100 * folds.linear.value:.1f} %"

    def test(self, folder: Path, _: Progress) -> str:
        """Test the exported encoder and the linear model on the test rows, the way an app runs them."""
        fitted, exported, config = read_fitted(folder), read_exported(folder), self.config
        rows = TestSet(self.dataset.test, self.dataset.dev, self.labels, read_extras(self.dataset))
        judge = Judge(self.text_path, rows, config.evaluation, config.training.seed)
        engines = open_engines(folder, fitted, exported, self.labels)
        encoder, linear = (judge.judge(each, size=size_of(folder, each.name)) for each in engines.values())
        comparison, engine, sentence = compare_answers(encoder, linear, judge)
        report = Report(
            task=self.task,
            data_name=self.dataset.name,
            data_sha256=self.dataset.sha256,
            rows=(len(self.dataset.train), len(self.dataset.dev), len(self.dataset.test)),
            labels=self.labels.names,
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
            hourly_price=config.evaluation.hourly_price,
            repeats=_read_rows(folder / REPEATS, "repeats", Repeat) if config.training.repeats > 1 else (),
            folds=_read_rows(folder / FOLDS, "folds", Folds) if config.training.folds else (),
        )
        write_report(folder / "report.json", report)
        draw_plots(report, folder / "plots")
        write_text(folder / "report.html", write_page(report, folder / "plots"))
        return f"encoder {100 * comparison.first:.1f} %, linear {100 * comparison.second:.1f} % of test messages right"

    def describe(self, folder: Path, _: Progress) -> str:
        """Write the card and the configuration, then the checksums, which make the folder a finished one."""
        report, fitted = read_report(folder / "report.json"), read_fitted(folder)
        facts = CardFacts(self.config, self.dataset.card, read_seconds(folder), self.signatures)
        write_text(folder / "README.md", write_card(report, facts))
        info = RunInfo(
            task=self.task,
            labels=self.labels.names,
            tags=self.dataset.card.languages,
            engine=report.engine,
            temperatures={"encoder": read_exported(folder).temperature},
            level=self.config.text.level,
            signatures=self.signatures,
            max_tokens=fitted.max_tokens,
            licence=self.dataset.card.licence,
            data_name=self.dataset.name,
            data_sha256=self.dataset.sha256,
            scores={"encoder": report.comparison.first, "linear": report.comparison.second},
            script=self.config.text.script,
            padding=fitted.padding,
            multi_label=self.labels.several,
            thresholds={each.name: each.threshold for each in (report.encoder, report.linear)},
            slots=self.labels.slots,
        )
        write_json(folder / "config.json", {**fitted.shape, "boli": to_plain(info)})
        with explaining_full_disk(folder / "checksums.json"):
            write_checksums(folder)
        return f"the {report.engine} model answers by default"

    def reload(self, folder: Path, _: Progress) -> str:
        """Let a new process load the folder and answer one test message of each form, with reasons."""
        examples = ask_new_process(folder, choose_examples(self.dataset.test, self.labels.names))
        if self.dataset.is_sealed:
            examples = tuple(example.without_text() for example in examples)
        write_json(folder / "examples.json", to_plain(examples))
        shutil.rmtree(folder / "checkpoints" / "encoder", ignore_errors=True)  # the encoder is finished and tested
        right = sum(example.label == example.gold for example in examples)
        return f"{right} of {len(examples)} messages understood"


def read_limit(folder: Path) -> int:
    """Return the longest text that the encoder of a run reads, in tokens."""
    return int(str(read_json(folder / LIMIT)["max_tokens"]))


def _read_rows(path: Path, key: str, kind: type) -> tuple:  # type: ignore[type-arg]
    return tuple(from_plain(kind, row) for row in json.loads(path.read_text("utf-8"))[key])
