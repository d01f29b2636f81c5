"""Topics, sentiment and offence in five languages: cheap models beside each other, by cross-validation.

Every method sees the same five folds over train and dev; the sentences of SIB-200 that are one sentence in several
languages are in one fold. Inside a fold one tenth of the rows is kept to choose settings on. Figures are of all rows,
each answered by a model that did not see it; the gain over the baseline is a paired bootstrap over rows. The baseline
is what `boli train` fits first: hashed n-grams and logistic regression. Cost is processor time to fit one fold.

    OMP_NUM_THREADS=1 python benchmarks/classification.py SHARED/data [task[=repeats] ...]

SHARED/data holds labels/ and text/ (and restricted/, of which weights alone may be kept). Text of the test parts is not
used anywhere. Writes benchmarks/results/classification.tsv.
"""

import csv
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from results import Figure, write

from boli.evaluation import Comparison, Metric, accuracy, bootstrap_interval, macro_f1, paired_bootstrap
from boli.models.ensemble import Scorer
from boli.pipeline.texts import TextPath
from boli.training.baseline import fit_linear
from boli.training.ensemble import Rows, fit_ensemble
from boli.training.vectors import WordVectors, learn_vectors, read_corpus

FOLDS = 5
PATH = TextPath("search")
RESULTS = Path(__file__).parent / "results" / "classification.tsv"
SIB = {"ur-Arab": "urd_Arab", "sd-Arab": "snd_Arab", "ps-Arab": "pbt_Arab"}
SISTERS = ("pes_Arab", "prs_Arab", "arb_Arab")
TEXTS = {
    "ur-Arab": "restricted/ur-Arab/*.txt text/ur-Arab/dakshina*.txt text/ur-Arab/common_voice.txt "
    "text/ur-Arab/pali.txt",
    "sd-Arab": "text/sd-Arab/dakshina*.txt text/sd-Arab/ud_isra.txt text/sd-Arab/legal.txt",
    "ps-Arab": "restricted/ps-Arab/*.txt text/ps-Arab/leipzig*.txt text/ps-Arab/voa.txt",
    "fa": "text/contrast/fa-Arab/common_voice.txt text/contrast/fa-Arab/pali.txt",
    "bal-Arab": "text/bal-Arab/newspapers.txt text/bal-Arab/pali.txt",
}


class Task(NamedTuple):
    """Labelled rows, what the score is, what to aim at, and the rows of sister languages, fold by fold the same."""

    name: str
    tag: str
    rows: Rows
    metric: Metric
    measure: str
    aim: float
    groups: Sequence[str]
    sisters: Sequence[tuple[Rows, Sequence[str]]] = ()


class Parts(NamedTuple):
    """What a method sees in one fold: rows to fit on, rows to choose on, rows of sister languages (none held out)."""

    fit: Rows
    choose: Rows
    also: Rows


Method = Callable[[Task, Parts], Scorer]


def read_pairs(path: Path, *, text: int, label: int, head: bool) -> Rows:
    """Read two columns of a table with tabs; quotes as in CSV, since some texts have line breaks inside."""
    with path.open(encoding="utf-8", newline="") as file:
        table = [row for row in csv.reader(file, delimiter="\t") if len(row) > max(text, label)][head:]
    return Rows([row[text] for row in table], [row[label].strip() for row in table])


def read_lines(path: Path) -> Rows:
    """Read text TAB label, one a line, quotes left as they are."""
    table = [line.rsplit("\t", 1) for line in path.read_text("utf-8").split("\n") if "\t" in line]
    return Rows([row[0] for row in table], [row[1].strip() for row in table])


def read_sib(data: Path, name: str) -> tuple[Rows, list[str]]:
    """Read the topics of one language in the order of the sentence numbers, which all languages share."""
    table: dict[str, tuple[str, str]] = {}
    for split in ("train", "dev"):
        lines = (data / f"labels/sib200/{name}/{split}.tsv").read_text("utf-8").split("\n")[1:]
        table |= {row[0]: (row[2], row[1]) for row in (line.split("\t") for line in lines) if len(row) == 3}
    order = sorted(table)
    return Rows([table[number][0] for number in order], [table[number][1] for number in order]), order


def list_tasks(data: Path) -> dict[str, Task]:
    """Return all tasks by name, their texts normalized."""
    offence = data / "labels/ruhsold"
    first, second = (read_lines(offence / f"task_1_{part}.tsv") for part in ("train", "validation"))
    coarse = Rows([*first.texts, *second.texts], [*first.labels, *second.labels])
    known = {"Positive", "Negative", "Neutral"}
    mood = read_pairs(data / "labels/roman_urdu_sentiment/train.tsv", text=0, label=1, head=False)
    kept = [row for row, label in enumerate(mood.labels) if label in known]
    mood = Rows([mood.texts[row] for row in kept], [mood.labels[row] for row in kept])
    balochi = read_pairs(data / "labels/balochi_sentiment/train.tsv", text=1, label=0, head=True)
    plain = [
        ("ruhsold-coarse", "ur-Latn", coarse, macro_f1, "macro-F1", 0.92),
        ("ruhsold-fine", "ur-Latn", read_lines(offence / "task_2_train.tsv"), macro_f1, "macro-F1", 0.72),
        ("roman-urdu-sentiment", "ur-Latn", mood, macro_f1, "macro-F1", 0.69),
        ("balochi-sentiment", "bal-Arab", balochi, accuracy, "accuracy", 0.85),
    ]
    tasks = [
        Task(name, tag, ready(rows, tag), metric, measure, aim, rows.texts)
        for name, tag, rows, metric, measure, aim in plain
    ]
    aims = {"ur-Arab": 0.78, "sd-Arab": 0.75, "ps-Arab": 0.73}
    sets = {tag: read_sib(data, name) for tag, name in SIB.items()} | {name: read_sib(data, name) for name in SISTERS}
    for tag, aim in aims.items():
        rows, numbers = sets[tag]
        others = [(ready(each, name), order) for name, (each, order) in sets.items() if name != tag]
        tasks.append(Task(f"sib200-{tag[:2]}", tag, ready(rows, tag), accuracy, "accuracy", aim, numbers, others))
    return {task.name: task for task in tasks}


def ready(rows: Rows, tag: str) -> Rows:
    """Normalize texts; languages that are not boli's by the rules of Urdu, so that shared words are spelt alike."""
    known = tag if tag in (*SIB, "ur-Latn", "bal-Arab") else "ur-Arab"
    return Rows(PATH.prepare(rows.texts, [known] * len(rows.texts)), rows.labels)


@cache
def vectors_of(data: Path, tags: tuple[str, ...]) -> WordVectors:
    """Learn word vectors from the text of some languages."""
    parts = [
        f"{'ur-Arab' if tag == 'fa' else tag}={data / pattern}" for tag in tags for pattern in TEXTS[tag].split()
    ]
    return learn_vectors(read_corpus(",".join(parts), PATH))


def methods_of(task: Task, data: Path) -> dict[str, Method]:
    """Return the methods that a task is tried with, the baseline first; each beside what it adds."""

    def linear(_: Task, parts: Parts) -> Scorer:
        return fit_linear(*parts.fit, dev_texts=parts.choose.texts, dev_labels=parts.choose.labels)

    def ensemble(_: Task, parts: Parts) -> Scorer:
        return fit_ensemble(*parts.fit, dev_texts=parts.choose.texts, dev_labels=parts.choose.labels)

    def with_vectors(_: Task, parts: Parts) -> Scorer:
        held = (vectors_of(data, (task.tag,)),)
        return fit_ensemble(*parts.fit, dev_texts=parts.choose.texts, dev_labels=parts.choose.labels, vectors=held)

    def with_sisters(_: Task, parts: Parts) -> Scorer:
        held = vectors_of(data, (task.tag,)), vectors_of(data, ("ur-Arab", "sd-Arab", "ps-Arab", "fa", "bal-Arab"))
        return fit_ensemble(
            *parts.fit, dev_texts=parts.choose.texts, dev_labels=parts.choose.labels, vectors=held, also=parts.also
        )

    found: dict[str, Method] = {"linear baseline": linear, "ensemble": ensemble}
    if task.sisters:
        found |= {"ensemble + word vectors": with_vectors, "ensemble + word vectors + sister languages": with_sisters}
    return found


def assign(groups: Sequence[str], seed: int) -> np.ndarray:
    """Return the fold of each row; rows of one group are in one fold."""
    names = list(dict.fromkeys(groups))
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {names[group]: place % FOLDS for place, group in enumerate(order)}
    return np.array([fold[name] for name in groups])


def parts_of(task: Task, folds: np.ndarray, fold: int) -> Parts:
    """Return what a method sees when one fold is held out."""
    seen = np.flatnonzero(folds != fold)
    chosen = np.random.default_rng(fold).permutation(seen)
    choose, fit = np.sort(chosen[: len(seen) // 10]), np.sort(chosen[len(seen) // 10 :])
    held_out = {task.groups[row] for row in np.flatnonzero(folds == fold)} | {task.groups[row] for row in choose}
    also = [
        (rows.texts[row], rows.labels[row])
        for rows, numbers in task.sisters
        for row, number in enumerate(numbers)
        if number not in held_out
    ]
    return Parts(_pick(task.rows, fit), _pick(task.rows, choose), Rows([a for a, _ in also], [b for _, b in also]))


def _pick(rows: Rows, which: np.ndarray) -> Rows:
    return Rows([rows.texts[row] for row in which], [rows.labels[row] for row in which])


def answer(task: Task, method: Method, repeats: int) -> tuple[list[list[str]], float]:
    """Return the answers to all rows, once for each repeat, and the seconds that fitting a fold took."""
    rounds, spent = [], 0.0
    for repeat in range(repeats):
        folds, answers = assign(task.groups, repeat), [""] * len(task.rows.texts)
        for fold in range(FOLDS):
            parts, rows = parts_of(task, folds, fold), np.flatnonzero(folds == fold)
            began = time.process_time()
            model = method(task, parts)
            spent += time.process_time() - began
            for row, label in zip(rows, model.predict([task.rows.texts[row] for row in rows]), strict=True):
                answers[row] = label
        rounds.append(answers)
    return rounds, spent / FOLDS / repeats


def compare(task: Task, ours: list[list[str]], theirs: list[list[str]]) -> Comparison:
    """Compare two methods over all repeats; the rows of one group are drawn together, repeats included."""
    gold = list(task.rows.labels) * len(ours)
    first, second = ([label for answers in rounds for label in answers] for rounds in (ours, theirs))
    clusters = list(task.groups) * len(ours)
    return paired_bootstrap(gold, first, second, task.metric, samples=1000, clusters=clusters)


def run(task: Task, data: Path, repeats: int) -> None:
    """Try all methods of a task and write their rows."""
    gold = list(task.rows.labels) * repeats
    clusters = list(task.groups) * repeats
    first: list[list[str]] = []
    figures = []
    for name, method in methods_of(task, data).items():
        if name.startswith("ensemble +"):
            vectors_of(data, (task.tag,))  # learned once, and not part of what a fold costs
        rounds, seconds = answer(task, method, repeats)
        flat = [label for answers in rounds for label in answers]
        value = bootstrap_interval(gold, flat, task.metric, samples=1000, clusters=clusters)
        beside = f"{task.measure}, 95 % interval {value.low:.3f} to {value.high:.3f}; aim {task.aim:g}"
        if first:
            gain = compare(task, rounds, first).difference
            beside += f"; gain over the baseline {gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})"
        first = first or rounds
        figures.append(Figure(f"{task.name}: {name}", value.value, "share", beside))
        figures.append(Figure(f"{task.name}: {name}, cost", seconds, "s/fold", "processor time to fit, one thread"))
        write(RESULTS, "classification", figures, data=task.rows.texts, key=f"{task.name}:")


if __name__ == "__main__":
    root = Path(sys.argv[1])
    tasks = list_tasks(root)
    for wanted in sys.argv[2:] or tasks:
        name, _, times = wanted.partition("=")
        run(tasks[name], root, int(times or 2))
