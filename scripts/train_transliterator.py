"""Teach the transliterator: python scripts/train_transliterator.py ../shared/data runs/transliteration.

About two hours on two quiet cores. Run it again to go on after a power cut; copy the .npz files to
src/boli/data/models/transliteration to ship them. The same as `boli train transliterator`.
"""

import argparse
import sys
from pathlib import Path

from boli.errors import BoliError
from boli.training.romanization.course import run_course

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("data", type=Path, help="folder of the training data, see data_cards")
parser.add_argument("folder", type=Path, help="for the model files and finished stages")
arguments = parser.parse_args()
try:
    run_course(arguments.data, arguments.folder)
except BoliError as problem:
    print(problem, file=sys.stderr)
    sys.exit(2)
