"""Train a tokenizer: python scripts/train_tokenizer.py scripts/configs/tokenizer_boli_32k.toml -o OUT --root DATA.

The same as `boli tokenizer train`. Needs boli[train]; the same text gives the same files.
"""

import sys

from boli.cli import main

sys.exit(main(["tokenizer", "train", *sys.argv[1:]]))
