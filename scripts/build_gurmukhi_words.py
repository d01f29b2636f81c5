"""Build the word lists of Gurmukhi and Shahmukhi: python scripts/build_gurmukhi_words.py DATA [--out FOLDER].

DATA is a folder like shared/data. The lists are the same for the same data, byte by byte.
"""

import argparse
from pathlib import Path

from boli.transliteration.word_list import write_lists

FOLDER = Path(__file__).parents[1] / "src" / "boli" / "data" / "schemes" / "shahmukhi-words"

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("data", type=Path)
parser.add_argument("--out", type=Path, default=FOLDER)
arguments = parser.parse_args()
write_lists(arguments.data, arguments.out)
