"""Pretrain an encoder on plain text: python scripts/pretrain_encoder.py CONFIG.toml --set "corpus.files=ur-Arab=a.txt".

The same as `boli train encoder`; see scripts/configs/encoder_cpu.toml. Run it again to go on after a power cut.
On several GPUs: torchrun --nproc-per-node 2 scripts/pretrain_encoder.py CONFIG.toml
"""

import sys

from boli.cli import main

if __name__ == "__main__":
    sys.exit(main(["train", "encoder", *sys.argv[1:]]))
