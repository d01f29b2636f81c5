"""Byte-equality of the exports with the normalizer: random strings and real text, form by form.

    python benchmarks/export_equality.py ../shared/data [--strings 20000] [--lines 4000]

Prints and records how many of how many texts differ: `tokenizers` with the whole `standard` level, SentencePiece with
the portable rows. `--lines 0` takes every line of the language's text (some ten minutes for the five languages).
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

import results
import sentencepiece

from boli.normalization import Normalizer

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from test_export import random_strings  # the tests' own strings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--strings", type=int, default=20_000)
    parser.add_argument("--lines", type=int, default=4_000)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "export_equality.tsv")
    args = parser.parse_args()
    for lang in ("ur", "pa", "sd", "ps", "bal"):
        normalizer = Normalizer(lang)
        lines = real_lines(args.data, lang)
        strings = random_strings(normalizer, args.strings, seed=7)
        some = random.Random(0).sample(lines, min(len(lines), args.lines)) if args.lines else lines
        whole = normalizer.to_tokenizers().normalize_str
        figures = [
            compare(f"{lang}: tokenizer.json, random strings", whole, normalizer, strings),
            compare(f"{lang}: tokenizer.json, lines of text", whole, normalizer, some),
            compare(f"{lang}: SentencePiece, random strings", carried(normalizer), normalizer.portable(), strings),
            compare(f"{lang}: SentencePiece, every line of text", carried(normalizer), normalizer.portable(), lines),
        ]
        results.write(args.out, "export_equality", figures, data=lines, key=lang)


def real_lines(data: Path, lang: str) -> list[str]:
    files = sorted((data / "text" / f"{lang}-Arab").glob("*.txt"))
    return [line for file in files for line in file.read_text("utf-8").split("\n") if line]


def carried(normalizer: Normalizer):
    with tempfile.TemporaryDirectory() as folder:
        normalizer.portable().to_sentencepiece_tsv(Path(folder) / "rules.tsv")
        return sentencepiece.SentencePieceNormalizer(
            rule_tsv=str(Path(folder) / "rules.tsv"), add_dummy_prefix=False, escape_whitespaces=False,
            remove_extra_whitespaces=False,
        ).normalize  # fmt: skip


def compare(name: str, peer, normalizer: Normalizer, texts: list[str]) -> results.Figure:
    different = sum(peer(text) != output for text, output in zip(texts, normalizer.batch(texts), strict=True))
    return results.Figure(name, different, "texts differ", f"of {len(texts):,}")


if __name__ == "__main__":
    main()
