"""Fine-tune a classifier: python scripts/finetune_classifier.py CONFIG.toml --set training.epochs=5.

The same as `boli train classifier`. Run it again to go on after a power cut.
On several GPUs: torchrun --nproc-per-node 2 scripts/finetune_classifier.py CONFIG.toml
"""

import sys

from boli.cli import main

if __name__ == "__main__":
    sys.exit(main(["train", "classifier", *sys.argv[1:]]))
