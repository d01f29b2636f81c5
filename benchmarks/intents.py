"""The intent set `wallet-intents`: how different its messages are, and how far words alone carry a guess.

    OMP_NUM_THREADS=1 python benchmarks/intents.py [--skip-models]

Different: the share of word 3-grams that stand only once, how near each test message is to its nearest train message
of the same form (Jaccard of character 3-grams, 1 for the same text), and the share of phrasings that have none of the
words that one would look for (data/intent_words.tsv). Words alone: a hand list, and for each intent the one word that
finds it best in train; both should be poor. Beside them the linear baseline of boli and the ensemble, fitted on all
forms together and on each form alone; settings are chosen on dev. Intervals are 95 % bootstraps; the two scripts of
a phrasing are drawn together.

Everything is on the test part, which nothing is tuned on. Writes results/intents.tsv.
"""

import argparse
import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from results import Figure, write

from boli.datasets import Dataset, Record, load_dataset
from boli.datasets.keys import fold_message
from boli.evaluation import accuracy, bootstrap_interval
from boli.models.ensemble import Scorer
from boli.pipeline.texts import TextPath
from boli.training.baseline import fit_linear
from boli.training.ensemble import fit_ensemble

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "intents.tsv"
PATH = TextPath("search")
ELSE = "out_of_scope"
NEAR = 0.5


class Part(NamedTuple):
    """Rows of one or all forms, their texts normalized."""

    texts: list[str]
    labels: list[str]
    clusters: list[str]
    tags: list[str]


Predict = Callable[[Sequence[str]], list[str]]


def part_of(records: Sequence[Record], tag: str = "") -> Part:
    """Return the rows of a form, or all, ready for a model."""
    kept = [record for record in records if not tag or record.tag == tag]
    tags = [record.tag for record in kept]
    texts = PATH.prepare([record.text for record in kept], tags)
    return Part(texts, [record.label for record in kept], [record.template for record in kept], tags)


def trigrams(text: str) -> frozenset[str]:
    """Return the character 3-grams of a folded message."""
    padded = f" {fold_message(text)} "
    return frozenset(padded[place : place + 3] for place in range(len(padded) - 2))


def nearest(test: Sequence[Record], train: Sequence[Record]) -> np.ndarray:
    """Return for each test message its similarity to the nearest train message."""
    known = [trigrams(record.text) for record in train]
    asked = [trigrams(record.text) for record in test]
    return np.array([max(len(one & other) / len(one | other) for other in known) for one in asked])


def distinct_share(records: Sequence[Record]) -> float:
    """Return distinct word 3-grams divided by all of them."""
    words = [words_of(record.text) for record in records]
    grams = [tuple(each[place : place + 3]) for each in words for place in range(len(each) - 2)]
    return len(set(grams)) / len(grams)


def words_of(text: str) -> list[str]:
    """Return the words of a message without punctuation."""
    return [kept for word in text.lower().split() if (kept := "".join(char for char in word if char.isalnum()))]


def read_hand_list() -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Return the obvious words: for each form, intents with normalized words, in order of precedence."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    with (HERE / "data" / "intent_words.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t"))
    for row in rows:
        words = row["words"].split()
        found.setdefault(row["tag"], []).append((row["intent"], tuple(PATH.prepare(words, [row["tag"]] * len(words)))))
    return found


def has_any(text: str, words: tuple[str, ...]) -> bool:
    """Whether a word of the text begins with one of the words."""
    return any(word.startswith(words) for word in words_of(text))


def by_hand(ranked: list[tuple[str, tuple[str, ...]]]) -> Predict:
    """Guess the first intent whose word is there."""
    return lambda texts: [next((label for label, words in ranked if has_any(text, words)), ELSE) for text in texts]


def by_best_word(train: Part) -> Predict:
    """Guess by one word for each intent, the one with the best F1 in train; the surest word wins."""
    counts, totals = Counter[tuple[str, str]](), Counter[str]()
    for text, label in zip(train.texts, train.labels, strict=True):
        for word in set(words_of(text)):
            counts[word, label] += 1
            totals[word] += 1
    sizes, best = Counter(train.labels), dict[str, tuple[float, float, str]]()
    for (word, label), count in sorted(counts.items()):
        score = 2 * count / (totals[word] + sizes[label])
        best[label] = max(best.get(label, (0.0, 0.0, "")), (score, count / totals[word], word))
    ranked = sorted(((precision, word, label) for label, (_, precision, word) in best.items()), reverse=True)
    return lambda texts: [_first(ranked, set(words_of(text))) for text in texts]


def _first(ranked: list[tuple[float, str, str]], words: set[str]) -> str:
    return next((label for _, word, label in ranked if word in words), ELSE)


def measure_texts(dataset: Dataset) -> list[Figure]:
    """Return how different the messages are, form by form."""
    figures = []
    for tag in dataset.card.languages:
        train, test = ([row for row in rows if row.tag == tag] for rows in (dataset.train, dataset.test))
        near = nearest(test, train)
        beside = f"{len(test)} test and {len(train)} train messages"
        figures += [
            Figure(f"texts: {tag}: distinct word 3-grams, train", distinct_share(train), "share", beside),
            Figure(f"texts: {tag}: distinct word 3-grams, test", distinct_share(test), "share", beside),
            Figure(f"texts: {tag}: nearest train message, median", float(np.median(near)), "Jaccard", beside),
            Figure(f"texts: {tag}: nearest train message, 9 in 10", float(np.quantile(near, 0.9)), "Jaccard", beside),
            Figure(f"texts: {tag}: test messages nearer than {NEAR}", float((near >= NEAR).mean()), "share", beside),
        ]
    return figures


def measure_words(dataset: Dataset) -> list[Figure]:
    """Return the share of phrasings without an obvious word; out_of_scope has none to look for."""
    figures, hand = [], read_hand_list()
    for tag in dataset.card.languages:
        obvious = dict(hand[tag])
        for split in ("train", "test"):
            part = part_of(dataset.split(split), tag)
            pairs = [(text, label) for text, label in zip(part.texts, part.labels, strict=True) if label in obvious]
            share = sum(not has_any(text, obvious[label]) for text, label in pairs) / len(pairs)
            name = f"texts: {tag}: phrasings without an obvious word, {split}"
            figures.append(Figure(name, share, "share", f"{len(pairs)} messages of 24 intents"))
    return figures


def count_slots(dataset: Dataset) -> list[Figure]:
    """Return how many slots of each name there are."""
    counts = {
        split: Counter(slot.name for row in dataset.split(split) for slot in row.slots)
        for split in ("train", "dev", "test")
    }
    names = sorted(set().union(*counts.values()))
    return [
        Figure(f"slots: {name}", sum(each[name] for each in counts.values()), "slots",
               ", ".join(f"{split} {each[name]}" for split, each in counts.items()))
        for name in names
    ]  # fmt: skip


def score(name: str, test: Part, guesses: Sequence[str]) -> list[Figure]:
    """Return the accuracy on all test rows and on those of each form."""
    figures = []
    for tag in ("", *sorted(set(test.tags))):
        rows = [place for place, each in enumerate(test.tags) if not tag or each == tag]
        gold, found = [test.labels[row] for row in rows], [guesses[row] for row in rows]
        value = bootstrap_interval(gold, found, accuracy, clusters=[test.clusters[row] for row in rows])
        beside = f"95 % interval {value.low:.3f} to {value.high:.3f}; {len(rows)} test messages, 25 intents"
        figures.append(Figure(f"{name}: {tag or 'all'}", value.value, "accuracy", beside))
    return figures


def guess_each(dataset: Dataset, fit: Callable[[Part, Part, str], Predict]) -> tuple[Part, list[str]]:
    """Fit on each form alone and return all test rows with their guesses."""
    parts, guesses = [], list[str]()
    for tag in dataset.card.languages:
        train, dev, test = (part_of(dataset.split(name), tag) for name in ("train", "dev", "test"))
        guesses += fit(train, dev, tag)(test.texts)
        parts.append(test)
    return Part(*([item for part in parts for item in part[field]] for field in range(4))), guesses


def methods() -> Iterator[tuple[str, Callable[[Part, Part, str], Predict]]]:
    """Yield the models with their names."""

    def of(fit: Callable[..., Scorer]) -> Callable[[Part, Part, str], Predict]:
        return lambda train, dev, _: fit(train.texts, train.labels, dev_texts=dev.texts, dev_labels=dev.labels).predict

    yield "linear baseline", of(fit_linear)
    yield "ensemble", of(fit_ensemble)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skip-models", action="store_true")
    arguments = parser.parse_args()
    dataset, hand = load_dataset("wallet-intents"), read_hand_list()
    data = [row.text for split in ("train", "dev", "test") for row in dataset.split(split)]

    def keep(figures: list[Figure], key: str) -> None:
        write(RESULTS, "intents", figures, data=data, key=key)

    keep(measure_texts(dataset) + measure_words(dataset), "texts:")
    keep(count_slots(dataset), "slots:")
    keep(score("one word an intent", *guess_each(dataset, lambda train, _, __: by_best_word(train))), "one word")
    keep(score("words by hand", *guess_each(dataset, lambda _, __, tag: by_hand(hand[tag]))), "words by hand")
    if arguments.skip_models:
        return
    train, dev, test = (part_of(dataset.split(name)) for name in ("train", "dev", "test"))
    for name, fit in methods():
        keep(score(f"{name}, forms alone", *guess_each(dataset, fit)), f"{name}, forms alone")
        keep(score(f"{name}, all forms", test, fit(train, dev, "")(test.texts)), f"{name}, all forms")


if __name__ == "__main__":
    main()
