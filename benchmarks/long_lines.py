"""Time of one long text: that it grows with the length alone, whatever the text is made of.

    python benchmarks/long_lines.py ../shared/data [--lang ur] [--megabytes 100]

One line of real text of 1, 10 and 100 MB, in MB of UTF-8 per second of processor time; and one line of 100,000 code
points that repeats a sign which some pattern looks for, beside one of 10,000: the ratio of their times is about ten
where time is linear, and would be about a hundred where it is quadratic.
"""

import argparse
import time
from pathlib import Path

import results
from normalization import read_lines

from boli.normalization import Normalizer

SHAPES = {
    "marks on one letter": "\N{ARABIC FATHA}\N{ARABIC SHADDA}",
    "marks that change places": "\N{ARABIC SHADDA}\N{ARABIC KASRA}\N{ARABIC HAMZA ABOVE}",
    "zero-width non-joiners": "\N{ZERO WIDTH NON-JOINER}",
    "zero-width joiners": "\N{ZERO WIDTH JOINER}",
    "kashidas": "\N{ARABIC TATWEEL}",
    "letters placed by position": "\N{ARABIC LETTER YEH}",
    "vocalised words": "\N{ARABIC LETTER BEH}\N{ARABIC FATHA}\N{ARABIC LETTER BEH}\N{ARABIC FATHA} ",
    "ornate parentheses": "\N{ORNATE LEFT PARENTHESIS}",
    "spaces": " ",
    "at signs": "a@",
    "addresses": "www.",
    "controls of direction": "\N{RIGHT-TO-LEFT OVERRIDE}\N{ARABIC LETTER KAF}\N{POP DIRECTIONAL FORMATTING}a",
    "lone surrogates": "\ud800",
    "unassigned code points": "\U000e0fff",
    "NUL": "\0",
}
SHORT, LONG = 10_000, 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--lang", default="ur")
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "long_lines.tsv")
    args = parser.parse_args()
    normalizer = Normalizer(args.lang)
    lines = read_lines(args.data, args.lang, 1)
    normalizer(lines[0])
    figures = [real(normalizer, lines, args.lang, size) for size in (1, 10, 100) if size <= args.megabytes]
    figures += [growth(normalizer, args.lang, name, sign) for name, sign in SHAPES.items()]
    results.write(args.out, "long_lines", figures, data=lines, key=f"{args.lang} ")


def real(normalizer: Normalizer, lines: list[str], lang: str, megabytes: int) -> results.Figure:
    text = " ".join(lines * megabytes)
    size = len(text.encode()) / 1e6
    beside = f"rules {normalizer.signature[:16]}"
    return results.Figure(f"{lang} one line of {megabytes} MB", size / seconds(normalizer, text), "MB/s", beside)


def growth(normalizer: Normalizer, lang: str, name: str, sign: str) -> results.Figure:
    short = min(seconds(normalizer, (sign * SHORT)[:SHORT]) for _ in range(5))
    long = min(seconds(normalizer, (sign * LONG)[:LONG]) for _ in range(3))
    beside = f"{1e3 * long:.1f} ms for {LONG:,} code points"
    return results.Figure(f"{lang} growth, {name}", long / short, f"x for {LONG // SHORT} x the length", beside)


def seconds(normalizer: Normalizer, text: str) -> float:
    start = time.process_time()
    normalizer(text)
    return time.process_time() - start


if __name__ == "__main__":
    main()
