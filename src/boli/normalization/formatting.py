"""``python -m boli.normalization.formatting FILES``: fill in names or glyphs of rule tables (``boli tables fmt``)."""

import sys
from pathlib import Path

from boli.normalization.tables import format_table


def format_files(paths: list[Path], *, check: bool = False) -> list[Path]:
    """Format tables in place and return those that were not formatted; with `check`, write nothing."""
    changed = []
    for path in paths:
        before = path.read_text("utf-8")
        after = format_table(before, str(path))
        if after != before:
            changed.append(path)
            if not check:
                path.write_text(after, "utf-8")
    return changed


if __name__ == "__main__":
    format_files([Path(name) for name in sys.argv[1:]])
