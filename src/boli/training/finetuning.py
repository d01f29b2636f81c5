"""Fine-tune a classifier or an intent model: from labelled messages to a run folder that a pipeline can load.

A run is a chain of stages (see `boli.training.stages`); each writes files into the run folder:

    audit       audit.json                          what is in the data, and what is wrong with it
    texts       checkpoints/texts.jsonl             normalized messages
    tokenizer   tokenizer.json, ..._report.json     pieces of our own, or those of the model that is fine-tuned
    tokens      checkpoints/tokens/                 ids that training maps into memory
    linear      baseline.npz                        the cheap model that the encoder must beat
    encoder     model.safetensors                   checkpoints on the way: checkpoints/encoder
    export      model.onnx                          agrees with torch, or the run stops
    repeats     checkpoints/repeats.json            other seeds, where asked for
    folds       checkpoints/folds.json              cross-validation, where asked for
    test        report.json, report.html, plots/    both models, run the way an app runs them
    card        README.md, config.json, checksums.json (last)
    reload      examples.json                       answers of a new process that loaded the folder
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from boli.datasets import load_dataset
from boli.errors import MissingExtra
from boli.training.classwork import ClassRun
from boli.training.config import FinetuneConfig
from boli.training.labels import read_labels
from boli.training.progress import Progress
from boli.training.reports import Report, read_report
from boli.training.runs import RunIdentity, opening_run
from boli.training.stages import Done, run_stages

_NEEDED = (
    "torch", "transformers", "tokenizers", "safetensors", "sklearn", "matplotlib", "onnx", "onnxscript", "onnxruntime",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """A finished run: its folder, its report, and what each stage did.

    >>> Outcome.__match_args__
    ('folder', 'report', 'stages')
    """

    folder: Path
    report: Report
    stages: tuple[Done, ...]


def train_intent(config: FinetuneConfig, folder: Path, progress: Progress, *, fresh: bool = False) -> Outcome:
    """Train an intent model and a cheap baseline, test both, and leave a run folder; go on where a call stopped.

    Args, Raises: as for `train_classifier`.

    >>> from boli.training import SilentProgress, parse_config
    >>> train_intent(parse_config({"data": {"name": "walet-intents"}}), Path("runs/x"), SilentProgress())
    Traceback (most recent call last):
    ...
    boli.errors.DataError: no data set 'walet-intents'; shipped: wallet-intents (did you mean 'wallet-intents'?); ...
    """
    return _finetune("intent", config, folder, progress, fresh=fresh)


def train_classifier(config: FinetuneConfig, folder: Path, progress: Progress, *, fresh: bool = False) -> Outcome:
    """Train a classifier and a cheap baseline, test both, and leave a run folder; go on where a call stopped.

    Under torchrun, process 0 does and tells everything; the others help it to teach.

    Args:
        config: what to do.
        folder: of the run; made if it does not exist.
        progress: told about every step.
        fresh: throw away what an earlier run left in the folder.

    Raises:
        MissingExtra: a package of ``boli[train]`` is not installed.
        DataError: the data set cannot be used.
        ModelNotFound: the model to fine-tune is not here.
        RunError: the folder cannot be continued, memory or the disk is full, or the loss is not a number.
        KeyboardInterrupt: somebody asked to stop; what is done is saved.

    Cost: half a minute of two cores for the shipped data, most of it the encoder.

    >>> from boli.training import SilentProgress, parse_config
    >>> train_classifier(parse_config({"data": {"name": "walet-intents"}}), Path("runs/x"), SilentProgress())
    Traceback (most recent call last):
    ...
    boli.errors.DataError: no data set 'walet-intents'; shipped: wallet-intents (did you mean 'wallet-intents'?); ...
    """
    return _finetune("classifier", config, folder, progress, fresh=fresh)


def _finetune(task: str, config: FinetuneConfig, folder: Path, progress: Progress, *, fresh: bool) -> Outcome:
    check_packages(config)
    dataset = load_dataset(config.data.name)
    run = ClassRun(task, config, dataset, read_labels(dataset, config))
    with joining(config.training.device) as first:
        stages = _run(run, folder, progress, fresh=fresh) if first else run.help(folder)
    return Outcome(folder, read_report(folder / "report.json"), stages)


def _run(run: ClassRun, folder: Path, progress: Progress, *, fresh: bool) -> tuple[Done, ...]:
    identity = RunIdentity(run.task, run.config.to_dict(), run.dataset.sha256)
    with opening_run(folder, identity, fresh=fresh):
        return run_stages(folder, run.stages(), progress)


@contextmanager
def joining(device: str) -> Iterator[bool]:
    """Join the processes that torchrun started, if it did, and tell whether this is the first of them.

    The first one lets the others go at the end. Alone, torch is not even imported.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield True
        return
    from boli.training import parallel

    with parallel.joined(device):
        try:
            yield parallel.rank() == 0
        finally:
            if parallel.rank() == 0:
                parallel.tell_all("done")


def check_packages(config: FinetuneConfig) -> None:
    """Look for the packages that a run needs, before it begins.

    Raises:
        MissingExtra: one of them is not installed.
    """
    wanted = (*_NEEDED, *(("peft",) if config.model.lora_rank else ()))
    wanted += ("tensorboard",) if config.training.tensorboard else ()
    missing = next((name for name in wanted if find_spec(name) is None), None)
    if missing:
        raise MissingExtra(f"training needs {missing}, which is not installed; run: pip install 'boli[train]'")
