"""Speed and memory of ``boli normalize`` over a million lines, one process, one thread.

    python benchmarks/cli_lines.py ../shared/data [--lang ur] [--lines 1000000]

Text: lines of ``text/<lang>-Arab`` of the data folder, shuffled, repeated until there are enough. Time is processor
time of the whole process, its start included (user and system; the machine may be busy), the best of several runs that
take turns with those beside it: ``cat``, and a Python loop that decodes and encodes each line and does nothing else.
Memory is the largest resident set.
"""

import argparse
import csv
import datetime
import gzip
import hashlib
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import results

import boli
from boli.normalization import Normalizer

COLUMNS = ["benchmark", "figure", "value", "unit", "beside", "data", "signature", "version", "machine", "date"]
LOOP = "import sys\nfor line in sys.stdin.buffer: sys.stdout.buffer.write(line.decode().encode())"

KEEPER = """
import os, sys, time
start = time.perf_counter()
nowhere = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=nowhere)
_, status, used = os.wait4(child, 0)
print(used.ru_utime + used.ru_stime, time.perf_counter() - start, used.ru_maxrss, status)
"""


class Cost(NamedTuple):
    """What a process used: seconds of processor, seconds on the clock, MB of memory."""

    processor: float
    clock: float
    memory: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--lang", default="ur")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "cli_lines.tsv")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = write_lines(args.data, args.lang, args.lines, Path(folder))
        figures = measure(path, args.lang, args.lines, args.repeats)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    write(args.out, args.lang, figures, f"sha256 {digest}")


def write_lines(data: Path, lang: str, count: int, folder: Path) -> Path:
    files = sorted((data / "text" / f"{lang}-Arab").glob("*.txt"))
    lines = [line for file in files for line in file.read_text("utf-8").split("\n") if line]
    random.Random(0).shuffle(lines)
    path = folder / "lines.txt"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for number in range(count):
            file.write(lines[number % len(lines)] + "\n")
    with path.open("rb") as whole, (folder / "tenth.txt").open("wb") as tenth:
        tenth.writelines(line for line, _ in zip(whole, range(count // 10), strict=False))
    (folder / "lines.gz").write_bytes(gzip.compress(path.read_bytes(), 6))
    return path


def measure(path: Path, lang: str, count: int, repeats: int) -> list[results.Figure]:
    normalize = [sys.executable, "-m", "boli.cli", "normalize", "--lang", lang]
    commands = {
        "cat": ["cat", str(path)],
        "loop": [sys.executable, "-c", LOOP],
        "boli": [*normalize, str(path)],
        "packed": [*normalize, str(path.with_name("lines.gz"))],
        "tenth": [*normalize, str(path.with_name("tenth.txt"))],
    }
    best = {name: Cost(float("inf"), float("inf"), 0) for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            best[name] = better(best[name], cost(command, path))
    megabytes = path.stat().st_size / 1e6
    speed = {name: megabytes / used.processor for name, used in best.items()}
    beside = f"decode-encode loop {speed['loop']:.0f} MB/s, cat {speed['cat']:.0f} MB/s"
    what = f"{lang}: {count:,} lines ({megabytes:.0f} MB)"
    clock = {name: megabytes / used.clock for name, used in best.items()}
    tenth = f"{best['tenth'].memory:.0f} MB for a tenth of the lines"
    return [
        results.Figure(f"{what}, processor time", speed["boli"], "MB/s", beside),
        results.Figure(f"{what}, .gz, processor time", speed["packed"], "MB/s", beside),
        results.Figure(f"{what}, clock", clock["boli"], "MB/s", f"decode-encode loop {clock['loop']:.0f} MB/s"),
        results.Figure(f"{what}, memory", best["boli"].memory, "MB", tenth),
    ]


def cost(command: list[str], path: Path) -> Cost:
    """Run a command over the lines in the hands of a small process: a child is charged its parent's memory at birth."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with path.open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-c", KEEPER, *command], stdin=file, stdout=subprocess.PIPE, env=environment, check=True
        )
    processor, clock, memory, status = map(float, done.stdout.split())
    if status:
        raise SystemExit(f"{command} ended with status {status:.0f}")
    unit = 1e6 if sys.platform == "darwin" else 1e3  # ru_maxrss: bytes on macOS, kB elsewhere
    return Cost(max(processor, 1e-3), clock, memory / unit)


def better(first: Cost, second: Cost) -> Cost:
    """The least time, the most memory."""
    return Cost(
        min(first.processor, second.processor), min(first.clock, second.clock), max(first.memory, second.memory)
    )


def write(path: Path, lang: str, figures: list[results.Figure], data: str) -> None:
    """Replace the rows of a language and print them."""
    signature, today = Normalizer(lang).signature[:16], datetime.date.today().isoformat()
    fixed = [data, signature, boli.__version__, results.machine(), today]
    rows = [["cli_lines", f.name, f"{f.value:.3g}", f.unit, f.beside, *fixed] for f in figures]
    kept: list[list[str]] = []
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            kept = [row for row in list(csv.reader(file, delimiter="\t"))[1:] if not row[1].startswith(f"{lang}:")]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t", lineterminator="\n").writerows([COLUMNS, *sorted(kept + rows)])
    for row in rows:
        print("\t".join(row[1:5]))


if __name__ == "__main__":
    main()
