"""Fine-tune an intent model: python scripts/finetune_intent.py scripts/configs/intent_cpu.toml --set training.epochs=5.

The same as `boli train intent`. Run it again to go on after a power cut.
"""

import argparse
import sys
from pathlib import Path

from boli.errors import BoliError
from boli.training import read_config, run_intent

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("config", type=Path, help="TOML file, see scripts/configs")
parser.add_argument("--folder", type=Path, default=Path("runs/intent"), help="of the run")
parser.add_argument("--set", action="append", default=[], metavar="section.key=value", help="change one setting")
parser.add_argument("--fresh", action="store_true", help="throw away an earlier run in the folder")
arguments = parser.parse_args()
try:
    run_intent(read_config(arguments.config, arguments.set), arguments.folder, fresh=arguments.fresh)
except BoliError as problem:
    print(problem, file=sys.stderr)
    sys.exit(2)
except KeyboardInterrupt as stop:
    print(stop, file=sys.stderr)
    sys.exit(130)
