"""Count what was taken out, by kind, file and line, without keeping any of it."""

import os
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import TextIO

from boli.errors import DataError
from boli.redaction.redactor import RedactedSpan

COLUMNS = ("file", "line", "kind", "count")
"""Of a report; ``*`` stands for all lines or all files."""

ALL = "*"


@dataclass
class Tally:
    """Counts by file and kind; those of lines go to a file at once, so that memory stays small.

    >>> tally = Tally()
    >>> tally.add("a.txt", 5, ["call me", "0300 1234567"], [RedactedSpan(8, 20, "phone", "[PHONE]", 8, 15)])
    >>> tally.totals()
    [('a.txt', '*', 'phone', 1), ('*', '*', 'phone', 1)]
    """

    file: TextIO | None = None
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, name: str, first: int, lines: Sequence[str], spans: Iterable[RedactedSpan]) -> None:
        """Count the spans of lines that were joined with line feeds.

        Args:
            name: the file.
            first: number of the first line, from 1.
            lines: the lines as they came.
            spans: with offsets in the joined text.
        """
        starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
        found = Counter((bisect_right(starts, span.start) - 1 + first, span.kind) for span in spans)
        for (line, kind), count in sorted(found.items()):
            self.counts[name, kind] += count
            if self.file:
                self.file.write(_row((name, str(line), kind, count)))

    def totals(self) -> list[tuple[str, str, str, int]]:
        """Return rows of a report: for each file and kind, then for each kind."""
        kinds: Counter[str] = Counter()
        for (_, kind), count in self.counts.items():
            kinds[kind] += count
        by_file = [(name, ALL, kind, count) for (name, kind), count in sorted(self.counts.items())]
        return [*by_file, *((ALL, ALL, kind, count) for kind, count in sorted(kinds.items()))]


@contextmanager
def tallying(path: Path) -> Iterator[Tally]:
    """Open a report that appears when it is whole: a TSV file with the columns `COLUMNS`.

    Raises:
        DataError: the file cannot be written.
    """
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write("\t".join(COLUMNS) + "\n")
            tally = Tally(file)
            yield tally
            file.writelines(map(_row, tally.totals()))
    except FileNotFoundError as problem:
        if problem.filename != str(unfinished):
            raise
        raise DataError(f"{path}: there is no folder {path.parent}; make it first") from None
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    os.replace(unfinished, path)  # noqa: PTH105 -- one step, over an older report


def _row(cells: tuple[str, str, str, int]) -> str:
    return "\t".join(str(cell).replace("\t", " ").replace("\n", " ") for cell in cells) + "\n"
