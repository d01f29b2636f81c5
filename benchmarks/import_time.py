"""Time `import boli` over an empty interpreter, and write benchmarks/results/import_time.tsv.

    python benchmarks/import_time.py [--runs 40]

Wall-clock time of whole processes that take turns, the best of each: one that runs `pass`, one that runs `import boli`,
and one for each first call that an app makes. The target is 50 ms for `import boli`; exit code 1 if it is missed.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from results import Figure, write

RESULTS = Path(__file__).parent / "results" / "import_time.tsv"
TARGET = 50.0
"""Milliseconds for `import boli` over an empty interpreter."""

EMPTY = "pass"
PROGRAMS = {
    "import boli": "import boli",
    "import boli; boli.parse_tag": "import boli; boli.parse_tag('ur')",
    "import boli; boli.normalize": "import boli; boli.normalize('a', 'ur')",
    "import boli; boli.identify": "import boli; boli.identify('a')",
}


def time_once(program: str) -> float:
    """Run a program in a new interpreter; return milliseconds."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True)
    return (time.perf_counter() - start) * 1000


def measure(programs: list[str], runs: int) -> dict[str, float]:
    """Return the best time of each program, in milliseconds; they take turns, so that a busy moment hits all."""
    rounds = [{program: time_once(program) for program in programs} for _ in range(runs + 1)]
    return {program: min(each[program] for each in rounds[1:]) for program in programs}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=40, help="of each program; one more warms the disk's cache")
    runs = parser.parse_args().runs
    best = measure([EMPTY, *PROGRAMS.values()], runs)
    over = {name: best[program] - best[EMPTY] for name, program in PROGRAMS.items()}
    beside = f"over an empty interpreter ({best[EMPTY]:.0f} ms), best of {runs}"
    figures = [Figure(name, milliseconds, "ms", beside) for name, milliseconds in over.items()]
    write(RESULTS, "import_time", figures, data=PROGRAMS.values(), key="import")
    if over["import boli"] >= TARGET:
        sys.exit(f"import boli takes {over['import boli']:.0f} ms; expected less than {TARGET:.0f}")
