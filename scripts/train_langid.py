"""Train the weights of identification: python scripts/train_langid.py DATA src/boli/data/models/langid/model.npz.

Needs `pip install wordfreq stopwordsiso` besides boli[train]. Uses one thread where OMP_NUM_THREADS=1; the same text
gives the same file.
"""

import argparse
from pathlib import Path

from boli.identification.model import save_weights
from boli.training.langid import train_langid

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("data", type=Path, help="folder that the paths of sources.tsv start from")
parser.add_argument("output", type=Path, help="npz to write")
parser.add_argument("--hold-out", nargs="*", default=[], metavar="SOURCE", help="names of sources to leave out")
arguments = parser.parse_args()
save_weights(train_langid(arguments.data, held_out=arguments.hold_out, report=print), arguments.output)
