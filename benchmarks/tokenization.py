"""Measure tokenizers on text that boli-32k was not trained on; write benchmarks/results/tokenization.tsv.

    python benchmarks/tokenization.py words DATA NAME=PATH...     tokens per word of tokenizers, by held-out source
    python benchmarks/tokenization.py words DATA NAME=PATH --every-line
                                     the same for a tokenizer trained `--without pa-roman-wiki --without sd-roman-wiki`
    python benchmarks/tokenization.py speed DATA NAME=PATH        encoding with and without the carried normalizer

DATA is the folder that the paths of scripts/configs/tokenizer_boli_32k.toml start from. A line that also stands in a
source of that file is not measured on. `eight` is the mean over the forms with real text: five in Arabic script and
three in Roman, each form its held-out sources together. In `words`, text is measured as it was typed; for a name that
ends in ``+standard`` it is brought to the standard level of its language first.
"""

import argparse
import csv
import datetime
import hashlib
import platform
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

from public_tokenizers import open_public

import boli
from boli.evaluation import resamples
from boli.listings.tokenizers import row_of
from boli.models import sha256_of
from boli.normalization import Normalizer
from boli.tokenization import load_tokenizer, read_recipe
from boli.tokenization.mixing import normalizer_of
from boli.tokenization.report import Counts, Cutter, count_texts
from boli.tokenization.storage import find_tokenizer

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "tokenization.tsv"
RECIPE = ROOT / "scripts" / "configs" / "tokenizer_boli_32k.toml"
HEAD = ("part", "tokenizer", "language", "source", "figure", "value", "low", "high", "words", "data_sha256",
        "tokenizer_sha256", "version", "date", "machine")  # fmt: skip


class Source(NamedTuple):
    """A source that training left out. part: lines that are measured on, one in so many; 1 is all."""

    tag: str
    name: str
    path: str
    column: int | None = None
    part: int = 1


SOURCES = (
    Source("ur-Arab", "common_voice", "text/ur-Arab/common_voice.txt"),
    Source("ur-Arab", "udhr", "text/ur-Arab/udhr_urd.txt"),
    Source("pa-Arab", "udhr", "text/pa-Arab/udhr_pnb.txt"),
    Source("sd-Arab", "ud_isra", "text/sd-Arab/ud_isra.txt"),
    Source("ps-Arab", "voa", "text/ps-Arab/voa.txt"),
    Source("ps-Arab", "udhr", "text/ps-Arab/udhr_pbu.txt"),
    Source("bal-Arab", "pali", "text/bal-Arab/pali.txt"),
    Source("ur-Latn", "ruhsold", "labels/ruhsold/task_1_train.tsv", 0),
    Source("pa-Latn", "dakshina", "text/pa-Latn/dakshina_romanized_dev.txt", part=5),
    Source("sd-Latn", "dakshina", "text/sd-Latn/dakshina_romanized_dev.txt", part=5),
)
"""The eight forms with real text."""

APART = (
    Source("ps-Latn", "lingdocs examples", "transliteration/ps/lingdocs_grammar.tsv", 1, part=2),
    Source("bal-Latn", "cldr", "text/bal-Latn/cldr.txt", part=2),
    Source("en-Latn", "sib200", "labels/sib200/eng_Latn/train.tsv", 2),
    Source("ur-Arab", "sib200", "labels/sib200/urd_Arab/train.tsv", 2),
    Source("sd-Arab", "sib200", "labels/sib200/snd_Arab/train.tsv", 2),
    Source("ps-Arab", "sib200", "labels/sib200/pbt_Arab/train.tsv", 2),
)
"""No running text, or text that is not ours."""


def read_lines(source: Source, data: Path, trained: frozenset[str]) -> list[str]:
    """Return the lines of a source that training did not see, without stress marks of a grammar."""
    lines = [line for line in (data / source.path).read_text("utf-8").split("\n") if line.strip()]
    lines = lines[:: source.part]
    if source.column is not None:
        rows = [line.split("\t") for line in lines]
        lines = [row[source.column] for row in rows if len(row) > source.column]
    if source.tag == "ps-Latn":
        lines = [line.translate(_STRESS) for line in lines]
    return [line for line in lines if bare(line) not in trained]


_STRESS = str.maketrans("áéíóúăÁÉÍÓÚ", "aeiouaAEIOU")


def read_trained(data: Path, left_out: Sequence[str] = ()) -> frozenset[str]:
    """Return the lines of the recipe's files, without punctuation and case; fifth lines left out as in training."""
    found: set[str] = set()
    for source in read_recipe(RECIPE).without(left_out).sources:
        if not source.maker:
            lines = (data / source.path).read_text("utf-8").split("\n")
            column = int(source.column) if source.format == "tsv" else None
            for at, line in enumerate(line for line in lines if line):
                if source.skip_every and at % source.skip_every == 0:
                    continue
                cells = line.split("\t")
                found.add(bare(line if column is None else cells[column] if len(cells) > column else ""))
    return frozenset(found)


def bare(line: str) -> str:
    """Return the words of a line in small letters.

    >>> bare("Salam,  dunya!")
    'salam dunya'
    """
    return " ".join(re.findall(r"\w+", line.lower()))


def word_figures(
    name: str, cutter: Cutter, texts: dict[Source, list[str]], *, standard: bool
) -> Iterator[tuple[str, ...]]:
    """Yield rows: every figure of every source, then of the forms, then the mean over the eight forms."""
    forms: dict[str, list[Counts]] = defaultdict(list)
    for source, lines in texts.items():
        prepared = normalizer_of(source.tag).batch(lines) if standard else lines
        counts, used = count_texts(cutter, prepared)
        row = row_of(source.tag, counts, used, cutter.size)
        score, words = row.score, str(row.score.words)
        yield _row(name, source.tag, source.name, "tokens per word", row.tokens_per_word, words)
        yield _row(name, source.tag, source.name, "share of words whole", row.whole, words)
        for figure, value in (
            ("characters per token", score.characters_per_token), ("bytes per token", score.bytes_per_token),
            ("unknown share", score.unknown_share), ("byte share", score.byte_share),
            ("share of vocabulary used", score.used),
        ):  # fmt: skip
            yield _row(name, source.tag, source.name, figure, (value, None, None), words)
        if source not in APART:
            forms[source.tag] += counts
    yield from _mean_rows(name, forms)


def _mean_rows(name: str, forms: dict[str, list[Counts]]) -> Iterator[tuple[str, ...]]:
    drawn = [0.0] * 1000
    total = 0.0
    for tag, counts in forms.items():
        row = row_of(tag, counts, frozenset(), 1)
        total += row.tokens_per_word.value / len(forms)
        yield _row(name, tag, "all its sources", "tokens per word", row.tokens_per_word, str(row.score.words))
        for at, rows in enumerate(resamples(len(counts), samples=1000)):
            words, tokens = (sum(counts[place][column] for place in rows) for column in (0, 1))
            drawn[at] += tokens / words / len(forms)
    drawn.sort()
    words = sum(count.words for counts in forms.values() for count in counts)
    yield _row(name, "eight", "mean of the forms", "tokens per word", (total, drawn[25], drawn[974]), str(words))


def _row(
    name: str, tag: str, source: str, figure: str, values: Sequence[float | None], words: str
) -> tuple[str, ...]:
    return (name, tag, source, figure, *("" if value is None else f"{value:.4f}" for value in values), words)


def speed_figures(path: Path, data: Path) -> Iterator[tuple[str, ...]]:
    """Time encoding on one thread: as it is, without the normalizer, with boli's fast normalizer before it."""
    import sentencepiece

    folder = find_tokenizer(str(path)).parent
    whole = load_tokenizer(folder)
    naked = load_tokenizer(folder)
    from tokenizers import normalizers

    naked.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    boli_first = Normalizer("und", level="encoding")
    for source in (SOURCES[0], SOURCES[3], SOURCES[7]):
        lines = read_lines(source, data, frozenset())[:5000]
        size = sum(len(line) for line in lines) / 1e6
        runs: dict[str, Callable[[], object]] = {
            "tokenizer.json": lambda: whole.encode_batch_fast(lines),  # noqa: B023
            "tokenizer.json without its normalizer": lambda: naked.encode_batch_fast(lines),  # noqa: B023
            "Normalizer.batch, then without its normalizer": lambda: naked.encode_batch_fast(boli_first.batch(lines)),  # noqa: B023
            "tokenizer.model": lambda: model.encode(lines),  # noqa: B023
        }
        for how, run in runs.items():
            run()
            best = min(_seconds(run) for _ in range(3))
            words = str(sum(len(line.split()) for line in lines))
            yield _row(how, source.tag, source.name, "million characters/s", (size / best, None, None), words)


def _seconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def write_rows(part: str, rows: Sequence[tuple[str, ...]], signature: tuple[str, ...]) -> None:
    """Replace the rows of a part and tokenizer, and print the new ones."""
    names = {row[0] for row in rows}
    kept: list[Sequence[str]] = []
    if RESULTS.exists():
        with RESULTS.open(encoding="utf-8", newline="") as file:
            kept = [row for row in list(csv.reader(file, delimiter="\t"))[1:] if row[0] != part or row[1] not in names]
    fixed = (*signature, boli.__version__, str(datetime.date.today()), _machine())
    with RESULTS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerows([HEAD, *sorted([*map(tuple, kept), *((part, *row, *fixed) for row in rows)])])
    for row in rows:
        if row[3] in ("tokens per word", "million characters/s"):
            print("\t".join(row))


def _machine() -> str:
    processor = next((line.split(":")[1].split()[:2] for line in _cpuinfo() if line.startswith("model name")), ["?"])
    return f"{' '.join(processor)}, 1 thread, Python {platform.python_version()}"


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def main() -> None:
    """Run one command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=("words", "speed"))
    parser.add_argument("data", type=Path)
    parser.add_argument("tokenizers", nargs="+", metavar="NAME=PATH")
    parser.add_argument("--every-line", action="store_true", help="for a tokenizer trained --without the Roman wiki")
    arguments = parser.parse_args()
    left_out = ("pa-roman-wiki", "sd-roman-wiki") if arguments.every_line else ()
    trained = read_trained(arguments.data, left_out) if arguments.part == "words" else frozenset()
    sources = [source._replace(part=1) for source in SOURCES] if arguments.every_line else SOURCES
    chosen = (*sources, *APART)
    texts = {source: read_lines(source, arguments.data, trained) for source in chosen}
    digest = hashlib.sha256("\n".join(line for lines in texts.values() for line in lines).encode("utf-8")).hexdigest()
    for given in arguments.tokenizers:
        name, _, path = given.partition("=")
        file = find_tokenizer(path)
        if arguments.part == "speed":
            rows = list(speed_figures(path, arguments.data))
        else:
            cutter = open_public(file)
            rows = list(word_figures(name, cutter, texts, standard=name.endswith("+standard")))
        write_rows(arguments.part, rows, (digest[:16], sha256_of(file)[:16]))


if __name__ == "__main__":
    main()
