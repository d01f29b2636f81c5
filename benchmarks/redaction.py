"""Speed of redaction over real text, and recall and precision on the marked sentences.

    python benchmarks/redaction.py ../shared/data [--megabytes 10] [--repeats 5]

Speed: lines of ``text/<tag>`` of the data folder, as they are (years, prices and scores in them), on one thread, in MB
of UTF-8 per second of processor time, best of several runs; beside it the same lines without digits, and a scan for six
digits by one regular expression that changes nothing. Recall and precision: whole spans of the right kind in the
sentences of ``tests/cases``, which are machine-written, with Wilson intervals; a share that leaked is counted in
characters. "held" was never used for tuning; "round" sentences were written after the rules and then used to mend
them, so that their figure here is not that of unseen text: for the first look at each round see
src/boli/data/redaction/README.md.
"""

import argparse
import csv
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import results

from boli.evaluation import wilson_interval
from boli.redaction import Redactor, load_kinds
from boli.redaction.scoring import Score, spans_of

TAGS = ("ur-Arab", "pa-Arab", "sd-Arab", "ps-Arab", "bal-Arab", "ur-Latn", "sd-Latn", "pa-Latn")
CASES = Path(__file__).parents[1] / "tests" / "cases"
PARTS = {"tune": "tuned on", "held": "held out", "round": "later rounds, mended"}
SIX_DIGITS = re.compile(r"\d(?:[ -]?\d){5}")
DIGIT = re.compile(r"\d")


class Case(NamedTuple):
    """A sentence, its redacted form, all kinds or the usual ones, and which part it belongs to."""

    text: str
    redacted: str
    everything: bool
    part: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--megabytes", type=float, default=10)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "redaction.tsv")
    args = parser.parse_args()
    for tag in TAGS:
        lines = read_lines(args.data, tag, args.megabytes)
        results.write(args.out, "redaction", speed(lines, tag, args.repeats), data=lines, key=f"{tag}:")
    cases = list(read_cases())
    for part in sorted({case.part for case in cases}):
        chosen = [case for case in cases if case.part == part]
        results.write(args.out, "redaction", quality(chosen, part), data=[c.text for c in chosen], key=f"{part}")


def read_lines(data: Path, tag: str, megabytes: float) -> list[str]:
    """Lines of every source of a tag, shuffled, repeated until there is enough."""
    files = sorted((data / "text" / tag).glob("*.txt"))
    lines = [line for file in files for line in file.read_text("utf-8").split("\n") if line]
    random.Random(0).shuffle(lines)
    size = sum(len(line.encode()) + 1 for line in lines)
    return (lines * int(megabytes * 1e6 // size + 1))[: int(len(lines) * megabytes * 1e6 / size) + 1]


def speed(lines: list[str], tag: str, repeats: int) -> list[results.Figure]:
    redactor = Redactor()
    bare = [line for line in lines if not DIGIT.search(line)]
    scan = rate(lambda text: SIX_DIGITS.sub("[NUMBER]", text), lines, repeats)
    beside = f"one regular expression for six digits {scan:.0f} MB/s"
    share = f"{sum(map(len, bare)) / sum(map(len, lines)):.0%} of the text"
    found = Counter(span.kind for span in redactor("\n".join(dict.fromkeys(lines))).spans)
    kinds = ", ".join(f"{count} {kind}" for kind, count in found.most_common()) or "none"
    return [
        results.Figure(f"{tag}: all lines", rate(redactor, lines, repeats), "MB/s", beside),
        results.Figure(f"{tag}: lines without digits", rate(redactor, bare, repeats), "MB/s", share),
        results.Figure(f"{tag}: spans found in the distinct lines", found.total(), "spans", kinds),
    ]


def rate(call: Callable[[str], object], lines: list[str], repeats: int) -> float:
    """MB of UTF-8 per second, in blocks of 256 kB as the command reads them."""
    blocks = list(in_blocks(lines))
    best = min(seconds(call, blocks) for _ in range(repeats))
    return sum(len(block.encode()) for block in blocks) / 1e6 / best


def seconds(call: Callable[[str], object], blocks: list[str]) -> float:
    start = time.process_time()
    for block in blocks:
        call(block)
    return time.process_time() - start


def in_blocks(lines: list[str]) -> Iterator[str]:
    block: list[str] = []
    size = 0
    for line in lines:
        block.append(line)
        size += len(line.encode()) + 1
        if size >= 1 << 18:
            yield "\n".join(block)
            block, size = [], 0
    if block:
        yield "\n".join(block)


def read_cases() -> Iterator[Case]:
    for path in sorted(CASES.glob("*/*redaction.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                text = unescape(row["input"])
                part = PARTS[row["note"].partition("-")[0]]
                yield Case(text, unescape(row["expected"]) or text, row["level"] == "all", part)


def unescape(text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)


def quality(cases: list[Case], part: str) -> list[results.Figure]:
    usual, everything, total = Redactor(), Redactor(kinds=list(load_kinds())), Score()
    for case in cases:
        found = (everything if case.everything else usual)(case.text).spans
        total.add(spans_of(case.text, case.redacted), found)
    rows = [
        results.Figure(f"{part}: recall, all kinds", 100 * total.recall(), "%", interval(total, total.wanted)),
        results.Figure(f"{part}: precision, all kinds", 100 * total.precision(), "%", interval(total, total.found)),
        results.Figure(f"{part}: leaked", total.leaked, "characters", f"{len(cases)} sentences"),
    ]
    for kind in load_kinds():
        counts = f"{total.right[kind]} right of {total.wanted[kind]} wanted and {total.found[kind]} found"
        rows.append(results.Figure(f"{part}: recall, {kind}", 100 * total.recall(kind), "%", counts))
    return rows


def interval(score: Score, whole: Counter[str]) -> str:
    right, count = sum(score.right.values()), sum(whole.values())
    found = wilson_interval(right, count)
    return f"{right} of {count}, 95 % interval {100 * found.low:.1f}-{100 * found.high:.1f}"


if __name__ == "__main__":
    main()
