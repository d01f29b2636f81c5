"""Measure identification and write benchmarks/results/identification.tsv.

    python benchmarks/identification.py sources DATA        train without whole sources, test on them (about 5 minutes)
    python benchmarks/identification.py words               spans of the code-mixed gold sentences
    python benchmarks/identification.py speed DATA          speed, beside the other identifiers that are installed

DATA is the folder that the paths of sources.tsv start from. Each command replaces its own rows of the results.
"""

import argparse
import datetime
import platform
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

from code_mixed import PATH, join_words, read_sentences, span_f1
from identification_speed import measure_all

from boli.identification import Identifier
from boli.identification.identifier import default_identifier
from boli.identification.spans import label_words
from boli.models import sha256_of

RESULTS = Path(__file__).parent / "results" / "identification.tsv"
MODEL = Path(__file__).parents[1] / "src/boli/data/models/langid/model.npz"
HEAD = ("part", "figure", "value", "count", "data_sha256", "model_sha256", "date", "machine")

FOLDS = {
    "A": (
        "ur-voice ur-udhr pa-interface pa-udhr wallet sd-isra sd-legal ps-voa ps-udhr ps-interface ps-oscar "
        "bal-newspapers fa-voice ckb-interface skr-interface ks-interface ruhsold"
    ),
    "B": (
        "ur-wiki ur-pali ur-interface pa-interface pa-udhr wallet sd-wiki sd-interface ps-news bal-pali bal-sentiment "
        "bal-interface fa-pali ar-pali skr-udhr uci en-voice tr-voice"
    ),
}
"""Names of sources that are left out of training together, then tested."""

OURS = tuple(f"{language}-{script}" for script in ("Arab", "Latn") for language in ("ur", "pa", "sd", "ps", "bal"))
LENGTHS = (("1-3 words", 1, 3), ("4-8 words", 4, 8), ("9+ words", 9, 40), ("sentences", 4, None))
"""Name, fewest and most words; pieces are the first words of a sentence, `None` is the whole of it."""

EACH = 600


class Line(NamedTuple):
    """A sentence of a held-out source or a piece of one, which length it stands for, and what was found."""

    source: str
    label: str
    length: str
    found: str


def held_out_lines(fold: str, data: Path) -> tuple[list[Line], str]:
    """Train without the sources of a fold and identify their sentences: whole ones, and the first 1-3 and 4-8 words."""
    from boli.training.langid import train_langid
    from boli.training.langid_sources import list_sources, read_source

    names = FOLDS[fold].split()
    weights = train_langid(data, held_out=names, report=print)
    identifier, dice = Identifier(weights), random.Random(0)
    lines: list[Line] = []
    for source in list_sources():
        if source.name not in names or source.kind not in ("lines", "tsv:0", "tsv:1", "wallet"):
            continue
        texts = [text.split() for text in read_source(source, data)]
        texts = [text for text in texts if len(text) >= 4]
        dice.shuffle(texts)
        for length, low, high in LENGTHS:
            chosen = [text for text in texts if len(text) >= low][:EACH]
            pieces = [" ".join(text[: dice.randint(low, high)] if high else text) for text in chosen]
            lines += [Line(source.name, source.label, length, guess.tag) for guess in identifier.identify_batch(pieces)]
    return lines, weights.facts["data_sha256"]


def source_figures(lines: Sequence[Line]) -> Iterator[tuple[str, float, int]]:
    """Recall by source and length, F1 by label and macro over our labels; each source counts the same."""
    for length, _, _ in LENGTHS:
        chosen = [line for line in lines if line.length == length]
        if not chosen:
            continue
        for source, label in sorted({(line.source, line.label) for line in chosen}):
            mine = [line.found == label for line in chosen if (line.source, line.label) == (source, label)]
            yield f"recall {length} {label} {source}", 100 * sum(mine) / len(mine), len(mine)
        scores = label_f1(chosen)
        for script in ("Arab", "Latn"):
            own = [scores[label] for label in OURS if label.endswith(script) and label in scores]
            for label in (label for label in OURS if label.endswith(script) and label in scores):
                yield f"F1 {length} {label}", 100 * scores[label], sum(line.label == label for line in chosen)
            if own:
                yield f"macro-F1 {length} {script} ({len(own)} languages)", 100 * sum(own) / len(own), len(chosen)
    prose = label_f1([line for line in lines if line.length == "sentences" and not line.source.endswith("interface")])
    for script in ("Arab", "Latn"):
        own = {label: prose[label] for label in OURS if label.endswith(script) and label in prose}
        for label, score in own.items():
            yield f"F1 sentences without interface strings {label}", 100 * score, 0
        if own:
            name = f"macro-F1 sentences without interface strings {script} ({len(own)} languages)"
            yield name, 100 * sum(own.values()) / len(own), 0
    english = [line.found in OURS for line in lines if line.label == "en-Latn" and line.length == "sentences"]
    if english:
        yield "English taken for one of ours, sentences", 100 * sum(english) / len(english), len(english)


def write_confusion(lines: Sequence[Line]) -> None:
    """Write how whole sentences of our labels were read, as a table and as a picture, in per cent of each label."""
    from matplotlib import pyplot

    chosen = [line for line in lines if line.length == "sentences" and line.label in OURS]
    counts = Counter((line.label, line.found) for line in chosen)
    found = [*OURS, *sorted({line.found for line in chosen} - set(OURS))]
    totals = Counter(line.label for line in chosen)
    table = [[100 * counts[label, other] / totals[label] for other in found] for label in OURS]
    rows = ["\t".join((label, *(f"{share:.2f}" for share in row))) for label, row in zip(OURS, table, strict=True)]
    RESULTS.with_name("identification_confusion.tsv").write_text(
        "\n".join(["\t".join(("label", *found)), *rows]) + "\n"
    )
    figure, axes = pyplot.subplots(figsize=(9, 5))
    axes.imshow(table, cmap="Blues")
    axes.set_xticks(range(len(found)), found, rotation=60, ha="right")
    axes.set_yticks(range(len(OURS)), [f"{label} ({totals[label]})" for label in OURS])
    for y, row in enumerate(table):
        for x, share in enumerate(row):
            if share >= 0.5:
                axes.text(x, y, f"{share:.0f}", ha="center", va="center", color="white" if share > 60 else "black")
    axes.set_title("Sentences of sources that were not trained on, per cent of each row")
    figure.savefig(MODEL.with_name("confusion.png"), dpi=80, bbox_inches="tight", metadata={"Software": None})


def label_f1(lines: Sequence[Line]) -> dict[str, float]:
    """F1 of each label that has lines, each source of a label weighing the same."""
    sizes = Counter((line.source, line.label) for line in lines)
    sources = Counter(label for _, label in sizes)
    right: defaultdict[str, float] = defaultdict(float)
    found: defaultdict[str, float] = defaultdict(float)
    for line in lines:
        weight = 1 / sizes[line.source, line.label] / sources[line.label]
        found[line.found] += weight
        right[line.label] += weight * (line.found == line.label)
    return {label: 2 * right[label] / (1 + found[label]) for label in sources}


def word_figures() -> Iterator[tuple[str, float, int]]:
    """Span F1 and word accuracy on the gold sentences; dev chose four numbers of spans.py, test chose none."""
    for split in ("dev", "test"):
        sentences = [sentence for sentence in read_sentences() if sentence.split == split]
        found = [[tuple(word)[:3] for word in label_words(s.text, default_identifier())] for s in sentences]
        gold = [join_words(sentence.words) for sentence in sentences]
        yield f"span F1 {split}", 100 * span_f1(gold, [join_words(words) for words in found]), len(sentences)
        words = sum(len(sentence.words) for sentence in sentences)
        right = sum(len(set(map(tuple, s.words)) & set(words)) for s, words in zip(sentences, found, strict=True))
        yield f"word accuracy {split}", 100 * right / words, words


def write_rows(part: str, rows: Sequence[tuple[str, float, int]], data_sha256: str) -> None:
    """Replace one part of the results."""
    old = RESULTS.read_text("utf-8").splitlines()[1:] if RESULTS.exists() else []
    kept = [line for line in old if line.split("\t")[0] != part]
    model = "trained in the run" if part.startswith("held out") else sha256_of(MODEL)[:16]
    signature = (data_sha256[:16], model, str(datetime.date.today()), _machine())
    new = ["\t".join((part, figure, f"{value:.6g}", str(count), *signature)) for figure, value, count in rows]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(["\t".join(HEAD), *sorted(kept), *new]) + "\n", "utf-8")
    print(*new, sep="\n")


def _machine() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    return f"{names[0] if names else platform.processor()}, 1 thread, Python {platform.python_version()}"


def main() -> None:
    """Run one command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("sources", "words", "speed"))
    parser.add_argument("data", type=Path, nargs="?")
    arguments = parser.parse_args()
    if arguments.command == "sources":
        everything: list[Line] = []
        for fold in FOLDS:
            lines, sha256 = held_out_lines(fold, arguments.data)
            write_rows(f"held out {fold}", list(source_figures(lines)), sha256)
            everything += lines
        write_confusion(everything)
    elif arguments.command == "words":
        write_rows("words", list(word_figures()), sha256_of(PATH))
    else:
        write_rows("speed", *measure_all(arguments.data))


if __name__ == "__main__":
    main()
