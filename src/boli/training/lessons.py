"""Who teaches what in a run: the encoder that is kept, the same with other seeds, and the parts of a cross-validation.

Under torchrun process 0 says the name of each lesson, and all processes take it together.
"""

import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from boli.datasets import Dataset, Record
from boli.errors import RunError
from boli.evaluation import Metric, accuracy, bootstrap_interval, macro_f1_of_sets, paired_bootstrap
from boli.files import read_json, write_json
from boli.pipeline.texts import TextPath
from boli.training import parallel
from boli.training.config import FinetuneConfig
from boli.training.fitting import Split, fit_baseline
from boli.training.labels import LabelSet
from boli.training.objectives import score_labels
from boli.training.outputs import Fitted
from boli.training.progress import Progress, SilentProgress
from boli.training.reports import Folds, Repeat
from boli.training.store import Examples
from boli.training.teaching import Lesson, teach_encoder, teaching
from boli.training.texts import FILE, read_texts
from boli.training.tokens import join_examples, read_examples


@dataclass(frozen=True)
class Classroom:
    """The lessons of one run."""

    config: FinetuneConfig
    dataset: Dataset
    labels: LabelSet
    folder: Path

    def lesson(self, name: str) -> tuple[Lesson, Examples]:
        """Return a lesson by its name (``encoder``, ``repeat-1``, ``fold-0``) and the rows it is tested on."""
        kind, _, number = name.partition("-")
        seed = self.config.training.seed
        if kind == "fold":
            train, dev, test = self.parts(int(number))
            every = self._pool
            lesson = Lesson(self.config, self.labels, self.folder, every.choose(train), every.choose(dev), seed, name)
            return lesson, every.choose(test)
        shift = int(number or 0)
        taught, judged = self._read("train"), self._read("dev")
        return Lesson(self.config, self.labels, self.folder, taught, judged, seed + shift, name), self._read("test")

    def parts(self, number: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows to train on, to stop early on and to test on; rows of one template stay together."""
        folds = self.config.training.folds
        fold = assign_folds(self.records, folds, seed=self.config.training.seed)
        return tuple(np.flatnonzero(chosen) for chosen in _choose(fold, number, folds))  # type: ignore[return-value]

    @property
    def records(self) -> Sequence[Record]:
        """The rows of train and dev."""
        return (*self.dataset.train, *self.dataset.dev)

    def teach(self, progress: Progress) -> Fitted:
        """Teach the encoder that is kept."""
        parallel.tell_all("encoder")
        return teach_encoder(self.lesson("encoder")[0], progress)

    def repeat(self, progress: Progress) -> tuple[Repeat, ...]:
        """Teach with each seed but the first, which has the encoder's own, and score them on test."""
        repeats = self.config.training.repeats
        kept = [self._study(f"repeat-{number}", progress) for number in range(repeats)]
        gold = self.labels.number(self.dataset.test)
        return tuple(
            Repeat(self.config.training.seed + number, dev, score_labels(logits, gold, several=self.labels.several))
            for number, (dev, logits) in enumerate(kept)
        )

    def cross_validate(self, text_path: TextPath, progress: Progress) -> Folds:
        """Teach and fit on each part's complement, and compare both models on all rows, none of which they saw."""
        parts, records = self.config.training.folds, self.records
        texts = read_texts(self.folder / FILE)
        every = [*texts["train"].texts, *texts["dev"].texts]
        encoder, linear = [""] * len(records), [""] * len(records)
        for number in range(parts):
            _, logits = self._study(f"fold-{number}", progress)
            train, dev, test = self.parts(number)
            model = fit_baseline(
                self.config,
                self.labels,
                _split(every, records, train),
                _split(every, records, dev),
                text_path=text_path,
            )
            scores = model.scores([every[row] for row in test])
            for place, row in enumerate(test):
                encoder[row], linear[row] = (self._answer(each[place]) for each in (logits, scores))
        return self._compare(encoder, linear)

    def help(self) -> None:
        """Take each lesson that process 0 names, until it says that all is done."""
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # process 0 hears it and tells
        try:
            while (name := parallel.tell_all("")) != "done":
                try:
                    self._attend(name)
                except (KeyboardInterrupt, RunError):
                    continue  # process 0 has the same and says what to do
        finally:
            signal.signal(signal.SIGINT, before)

    def _attend(self, name: str) -> None:
        lesson, test = self.lesson(name)
        if name == "encoder":
            teach_encoder(lesson, SilentProgress())
            return
        with teaching(lesson, SilentProgress()) as taught:
            taught.predict(test)

    def _study(self, name: str, progress: Progress) -> tuple[float, NDArray[np.float32]]:
        """Teach one lesson unless that is done, and return its dev score and its logits on its test rows."""
        lesson, test = self.lesson(name)
        marker = self.folder / "checkpoints" / f"{name}.json"
        found = _read_marker(marker, lesson.key)
        if found is not None:
            return found
        parallel.tell_all(name)
        with teaching(lesson, progress) as taught:
            logits, score = taught.predict(test).logits, taught.state.best[0]
        write_json(marker, {"key": lesson.key, "dev": score, "logits": logits.astype(float).round(5).tolist()})
        shutil.rmtree(self.folder / "checkpoints" / name, ignore_errors=True)
        return score, logits

    def _read(self, split: str) -> Examples:
        gold = self.labels.number(self.dataset.split(split))
        return read_examples(self.folder, split, gold, slots=bool(self.labels.slots))

    @cached_property
    def _pool(self) -> Examples:
        return join_examples(self._read("train"), self._read("dev"))

    def _answer(self, scores: NDArray[np.float32]) -> str:
        names = self.labels.names
        if not self.labels.several:
            return names[int(scores.argmax())]
        return self.labels.join([names[place] for place in np.flatnonzero(scores > 0)])

    def _compare(self, encoder: Sequence[str], linear: Sequence[str]) -> Folds:
        gold, how, labels = self.labels.canonical(self.records), self.config.evaluation, self.labels
        metric: Metric = accuracy
        if labels.several:
            metric = macro_f1_of_sets(labels.separator, labels.none, gold, encoder, linear)
        clusters = [record.template or f"row {place}" for place, record in enumerate(self.records)]
        seed = self.config.training.seed

        first, second = (
            bootstrap_interval(gold, each, metric, samples=how.samples, level=how.level, seed=seed, clusters=clusters)
            for each in (encoder, linear)
        )
        both = paired_bootstrap(
            gold, encoder, linear, metric, samples=how.samples, level=how.level, seed=seed, clusters=clusters
        )
        return Folds(self.config.training.folds, len(gold), first, second, both.difference)


def assign_folds(records: Sequence[Record], folds: int, *, seed: int) -> NDArray[np.int64]:
    """Return the part of each row; rows of one template are in one part, parts are about equally large.

    >>> rows = [Record(str(row), "ur-Latn", "a", template=f"t{row // 2}") for row in range(8)]
    >>> parts = assign_folds(rows, 4, seed=0).tolist()
    >>> parts[::2] == parts[1::2], sorted(set(parts))
    (True, [0, 1, 2, 3])
    """
    names = [record.template or f"row {place}" for place, record in enumerate(records)]
    groups = list(dict.fromkeys(names))
    order = np.random.default_rng(seed).permutation(len(groups))
    part = {groups[group]: place % folds for place, group in enumerate(order)}
    return np.array([part[name] for name in names], np.int64)


def _choose(fold: NDArray[np.int64], number: int, folds: int) -> tuple[NDArray[np.bool_], ...]:
    test, dev = fold == number, fold == (number + 1) % folds
    return ~(test | dev), dev, test


def _split(texts: Sequence[str], records: Sequence[Record], rows: NDArray[np.int64]) -> Split:
    return Split([texts[row] for row in rows], [records[row] for row in rows])


def _read_marker(path: Path, key: str) -> tuple[float, NDArray[np.float32]] | None:
    try:
        found = read_json(path)
        if found["key"] != key:
            return None
        return float(str(found["dev"])), np.array(found["logits"], np.float32)
    except (OSError, ValueError, KeyError):
        return None
