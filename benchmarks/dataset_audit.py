"""Data sets: how fast they load, are audited and are searched for near-duplicates, and how many of those are found.

    OMP_NUM_THREADS=1 python benchmarks/dataset_audit.py ../shared/data [--rows 200000]

Times are processor time of one thread, the best of three runs in one process (words seen before are quicker). Recall is
counted beside every pair compared exactly, on real messages of which
each was typed again with some letters changed; datasketch is timed too where it is installed.
"""

import argparse
import importlib.util
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import results

from boli.datasets import Rows, audit_dataset, load_rows, stream_rows, write_record
from boli.datasets.keys import fold_message, make_keys
from boli.datasets.minhash import SIZE, THRESHOLD, cut_shingles, find_near_pairs, measure_jaccard, sign_shingles

SETS = {
    "wallet-intents": "wallet-intents",
    "UCI Roman Urdu": "labels/roman_urdu_sentiment",
    "RUHSOLD coarse": "labels/ruhsold/task_1_train.tsv",
    "Balochi sentiment": "labels/balochi_sentiment",
    "SIB-200 (four forms)": "labels/sib200",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "dataset_audit.tsv")
    args = parser.parse_args()
    audit_dataset(load_rows("wallet-intents"), deep=True)  # tables and weights are read before anything is timed
    for name, path in SETS.items():
        rows = load_rows(path if name == path else args.data / path, skip_bad=True)
        figures = list(audit_figures(name, rows, path if name == path else args.data / path))
        results.write(args.out, "dataset_audit", figures, data=[rows.sha256], key=f"{name}:")
    texts = read_texts(args.data, args.rows)
    results.write(args.out, "dataset_audit", list(near_figures(texts)), data=texts, key="near-duplicates:")
    uci = load_rows(args.data / SETS["UCI Roman Urdu"], skip_bad=True)
    results.write(args.out, "dataset_audit", list(recall_figures(uci)), data=[uci.sha256], key="beside exact:")
    results.write(args.out, "dataset_audit", list(reading_figures(uci)), data=[uci.sha256], key="reading:")


def audit_figures(name: str, rows: Rows, source: str | Path) -> Iterator[results.Figure]:
    beside = f"{len(rows.records):,} rows"
    yield results.Figure(f"{name}: load", seconds(lambda: load_rows(source, skip_bad=True)), "s", beside)
    yield results.Figure(f"{name}: audit of rows", seconds(lambda: audit_dataset(rows)), "s", beside)
    deep = seconds(lambda: audit_dataset(rows, deep=True))
    yield results.Figure(f"{name}: audit of rows and words", deep, "s", beside)
    found = audit_dataset(rows)
    counts = f"{len(found.duplicates):,} repeated, {len(found.conflicts):,} under two labels"
    yield results.Figure(f"{name}: near-duplicates", len(found.near_duplicates), "pairs", counts)


def read_texts(data: Path, most: int) -> list[str]:
    lines = (data / "text" / "ur-Arab" / "pali.txt").read_text("utf-8").split("\n")
    lines += (data / "text" / "ur-Arab" / "dakshina_wikipedia.txt").read_text("utf-8").split("\n")
    return [line for line in lines if line][:most]


def near_figures(texts: list[str]) -> Iterator[results.Figure]:
    keys = [fold_message(text) for text in texts]
    beside = f"{len(keys):,} sentences of {sum(map(len, keys)) / len(keys):.0f} letters"
    took = seconds(lambda: find_near_pairs(keys), runs=1)
    yield results.Figure("near-duplicates: boli", len(keys) / took, "rows/s", beside)
    if importlib.util.find_spec("datasketch"):
        some = keys[:5_000]
        took = seconds(lambda: run_datasketch(some), runs=1)
        yield results.Figure("near-duplicates: datasketch", len(some) / took, "rows/s", f"{len(some):,} of those")


def run_datasketch(keys: list[str]) -> int:
    from datasketch import MinHash, MinHashLSH

    lsh, found = MinHashLSH(threshold=THRESHOLD, num_perm=125), 0
    for at, key in enumerate(dict.fromkeys(keys)):
        one = MinHash(num_perm=125)
        one.update_batch([key[n : n + SIZE].encode() for n in range(max(1, len(key) - SIZE + 1))])
        found += len(lsh.query(one))
        lsh.insert(at, one)
    return found


def recall_figures(rows: Rows) -> Iterator[results.Figure]:
    dice = random.Random(0)
    keys = [key for key in dict.fromkeys(make_keys(rows.records)) if len(key) >= 20]
    some = dice.sample(keys, 1500)
    keys = list(dict.fromkeys(some + [mistype(key, dice) for key in some]))
    pairs = np.stack(np.triu_indices(len(keys), 1), axis=1)
    likeness = measure_jaccard(cut_shingles(keys), pairs)
    for threshold in (0.5, 0.6, 0.75, 0.9):
        exact = {tuple(pair) for pair in pairs[likeness >= threshold].tolist()}
        found = {(pair.first, pair.second) for pair in find_near_pairs(keys, threshold)}
        beside = f"{len(exact):,} pairs from {len(pairs):,}"
        both = 100 * len(found & exact)
        yield results.Figure(f"beside exact: recall at {threshold}", both / len(exact), "%", beside)
        yield results.Figure(f"beside exact: precision at {threshold}", both / len(found), "%", beside)
    signatures = sign_shingles(cut_shingles(keys))
    near = pairs[likeness >= 0.3]
    said = (signatures[near[:, 0]] == signatures[near[:, 1]]).mean(axis=1)
    error = float(np.abs(said - likeness[likeness >= 0.3]).mean())
    beside = f"mean of {len(near):,} pairs from 0.3"
    yield results.Figure("beside exact: error of a signature", error, "Jaccard", beside)


def mistype(key: str, dice: random.Random) -> str:
    letters = list(key)
    for _ in range(dice.randint(1, max(1, len(key) // 12))):
        letters[dice.randrange(len(letters))] = dice.choice("aeiouhnk")
    return "".join(letters)


def reading_figures(rows: Rows) -> Iterator[results.Figure]:
    import pyarrow
    import pyarrow.parquet

    lines = [write_record(row) for row in rows.records]
    cells = [{"text": row.text, "tag": row.tag, "label": row.label} for row in rows.records]
    with tempfile.TemporaryDirectory() as folder:
        jsonl, parquet = Path(folder, "a.jsonl"), Path(folder, "a.parquet")
        jsonl.write_text("\n".join(lines) + "\n", "utf-8")
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(cells), parquet)
        for path in (jsonl, parquet):
            took = seconds(lambda path=path: [None for _ in stream_rows(path)])
            name = f"reading: {path.suffix[1:]}"
            yield results.Figure(name, len(lines) / took, "rows/s", f"{len(lines):,} rows, checked and streamed")


def seconds(run: Callable[[], object], runs: int = 3) -> float:
    best = float("inf")
    for _ in range(runs):
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return best


if __name__ == "__main__":
    main()
