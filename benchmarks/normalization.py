"""Speed of normalization beside its peers, in one process on one thread: MB of UTF-8 per second of processor time.

    python benchmarks/normalization.py ../shared/data [--lang ur] [--megabytes 10]

Text: lines of ``text/<lang>`` of the data folder, as they are ("clean") and, in Arabic script, with one letter in six
swapped for a look-alike ("dirty"). Peers run where they are installed: SentencePiece with our portable rows, with and
without offsets; ICU's NFC and a transliterator with the same single-letter rules (PyICU); urduhack's rules for Urdu
(without the rest of that package, which wants TensorFlow); `str.translate`. Install them apart and lend their folder:

    python -m venv peers && peers/bin/pip install PyICU && peers/bin/pip install --no-deps urduhack
    PYTHONPATH=peers/lib/python3.11/site-packages python benchmarks/normalization.py ../shared/data
"""

import argparse
import gc
import importlib.util
import random
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import results

from boli.languages import load_language, parse_tag
from boli.normalization import Normalizer

LOOK_ALIKES = {
    "ur": {"ی": "ي", "ک": "ك", "ہ": "ه"},
    "pa": {"ی": "ي", "ک": "ك", "ہ": "ه"},
    "sd": {"ي": "ی", "ه": "ہ"},
    "ps": {"ی": "ي", "ک": "ك", "ه": "ہ"},
    "bal": {"ی": "ي", "ک": "ك"},
}
"""A letter of the language -> the one that another keyboard gives for it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--lang", default="ur")
    parser.add_argument("--megabytes", type=float, default=10)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "normalization.tsv")
    args = parser.parse_args()
    clean = read_lines(args.data, args.lang, args.megabytes)
    rows = []
    rows += measure("clean", clean, args.lang, args.repeats)
    if args.lang in LOOK_ALIKES:
        rows += measure("dirty", soil(clean, args.lang), args.lang, args.repeats)
    rows += single(clean, args.lang)
    results.write(args.out, "normalization", rows, data=clean, key=f"{args.lang} ")


def read_lines(data: Path, lang: str, megabytes: float) -> list[str]:
    """Lines of every source of the language, in order, repeated until there is enough."""
    files = sorted((data / "text" / str(parse_tag(lang))).glob("*.txt"))
    lines = [line for file in files for line in file.read_text("utf-8").split("\n") if line]
    random.Random(0).shuffle(lines)
    kept, size = [], 0
    while size < megabytes * 1e6:
        for line in lines:
            kept.append(line)
            size += len(line.encode())
            if size >= megabytes * 1e6:
                break
    return kept


def soil(lines: list[str], lang: str) -> list[str]:
    """Swap letters for their look-alikes, so that one letter in six of the text is swapped (or all that have one)."""
    chooser, swaps = random.Random(1), LOOK_ALIKES[lang]
    letters = set(load_language(lang).letters)
    total = sum(character in letters for line in lines for character in line)
    able = sum(line.count(letter) for line in lines for letter in swaps)
    share = min(1.0, total / 6 / able)
    return ["".join(swaps[c] if c in swaps and chooser.random() < share else c for c in line) for line in lines]


def peers(lang: str) -> Iterator[tuple[str, Callable[[list[str]], object]]]:
    normalizer = Normalizer(lang)
    yield "boli batch, full standard level", normalizer.batch
    yield "boli batch with alignment", normalizer.align_batch
    yield from sentencepiece_peers(normalizer)
    table = {ord(row.source): row.target for row in normalizer.portable().rules.letters if len(row.source) == 1}
    yield "str.translate with our single letters", lambda lines: [line.translate(table) for line in lines]
    yield from icu_peers(table)
    yield from urdu_peers(lang)


def sentencepiece_peers(normalizer: Normalizer) -> Iterator[tuple[str, Callable[[list[str]], object]]]:
    import sentencepiece

    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "rules.tsv"
        normalizer.portable().to_sentencepiece_tsv(rules)
        peer = sentencepiece.SentencePieceNormalizer(
            rule_tsv=str(rules), add_dummy_prefix=False, escape_whitespaces=False, remove_extra_whitespaces=False
        )
    yield "SentencePiece, our portable rows", lambda lines: peer.normalize(lines)
    yield (
        "SentencePiece, our portable rows, with offsets",
        lambda lines: [peer.normalize(x, with_offsets=True) for x in lines],
    )


def icu_peers(table: dict[int, str]) -> Iterator[tuple[str, Callable[[list[str]], object]]]:
    try:
        import icu
    except ImportError:
        return
    nfc = icu.Normalizer2.getNFCInstance()
    yield "ICU NFC alone", lambda lines: [nfc.normalize(line) for line in lines]
    rules = "".join(f"{escaped(chr(source))} > {escaped(target)} ;" for source, target in table.items())
    transliterator = icu.Transliterator.createFromRules("boli", rules, icu.UTransDirection.FORWARD)
    yield "ICU transliterator, our single letters", lambda lines: [transliterator.transliterate(line) for line in lines]


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(c):04X}" for c in text)


def urdu_peers(lang: str) -> Iterator[tuple[str, Callable[[list[str]], object]]]:
    if lang != "ur" or not stand_in_for("urduhack"):
        return
    from urduhack.normalization import normalize, normalize_characters

    yield "urduhack normalize", lambda lines: [normalize(line) for line in lines]
    yield "urduhack normalize_characters", lambda lines: [normalize_characters(line) for line in lines]


def stand_in_for(package: str) -> bool:
    """Let a package's modules be imported without its own ``__init__``, which imports TensorFlow."""
    if package not in sys.modules and (found := importlib.util.find_spec(package)):
        module = sys.modules[package] = types.ModuleType(package)
        module.__path__ = list(found.submodule_search_locations or [])
    return package in sys.modules


def measure(kind: str, lines: list[str], lang: str, repeats: int) -> list[results.Figure]:
    """Best of several runs, the runners taking turns, so that a busy machine treats them alike."""
    megabytes = sum(len(line.encode()) for line in lines) / 1e6
    runners = list(peers(lang))
    best = dict.fromkeys([name for name, _ in runners], float("inf"))
    for _ in range(repeats):
        for name, run in runners:
            gc.collect()
            start = time.process_time()
            run(lines)
            best[name] = min(best[name], time.process_time() - start)
    rival = megabytes / best["SentencePiece, our portable rows"]
    return [
        results.Figure(
            f"{lang} {kind}: {name}", megabytes / seconds, "MB/s", f"{megabytes / seconds / rival:.2f} x SentencePiece"
        )
        for name, seconds in best.items()
    ]


def single(lines: list[str], lang: str) -> list[results.Figure]:
    """Median time of one call on 100 code points."""
    normalizer = Normalizer(lang)
    texts = [line[:100] for line in lines if len(line) >= 100][:5000]
    if not texts:  # word lists alone
        return []
    times = []
    for text in texts:
        start = time.perf_counter_ns()
        normalizer(text)
        times.append(time.perf_counter_ns() - start)
    times.sort()
    median = times[len(times) // 2] / 1000
    beside = f"rules {normalizer.signature[:16]}"
    return [results.Figure(f"{lang} single: one string of 100 code points, median", median, "us", beside)]


if __name__ == "__main__":
    main()
