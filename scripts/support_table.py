"""Write the support table into README.md: python scripts/support_table.py [--check].

Run it after cases were added, or after a native reader signed in tests/cases/readers.tsv; `boli review
apply` does the same.
"""

import argparse
import sys
from pathlib import Path

from boli.support import count_cases, make_table, put_table, read_signed

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases"
README = ROOT / "README.md"

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if the table is old")
arguments = parser.parse_args()
before = README.read_text("utf-8")
after = put_table(before, make_table(count_cases(CASES), read_signed(CASES)))
if arguments.check and after != before:
    sys.exit("the support table in README.md is old; run: python scripts/support_table.py")
if after != before:
    README.write_text(after, "utf-8")
