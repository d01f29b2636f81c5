"""How fast fine-tuning is: three recipes on the same model, data and machine, and the dev score that each ends with.

- naive: `transformers.Trainer` with its defaults, every text padded to the longest the model reads, float32;
- good: bf16 where the GPU has it, padding to the longest of a batch, fused AdamW, as many tokens in a batch as ours;
- ours: the loop of boli.training: batches of like length by a budget of tokens, memory-mapped ids, prefetching.

Each sees the same number of rows, once to warm up and then measured. Watts are read from nvidia-smi where there is one.
Without a GPU the same runs on the CPU, in float32, and says so: the ratios there are not those of a GPU.

    OMP_NUM_THREADS=1 python benchmarks/finetuning.py [MODEL_FOLDER] [HOURLY_PRICE]

Without a folder: a small encoder with random weights (2 layers, 128 wide). Writes benchmarks/results/finetuning.tsv.
"""

import itertools
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from results import Figure, write
from torch.utils.data import Dataset as TorchDataset
from transformers import DataCollatorWithPadding, PreTrainedTokenizerFast, Trainer, TrainingArguments

from boli.datasets import load_dataset
from boli.evaluation import wilson_interval
from boli.pipeline.encoding import encode
from boli.pipeline.texts import TextPath, neutral_normalizer
from boli.tokenization import train_tokenizer
from boli.training.config import ModelConfig, TrainingConfig
from boli.training.encoder import EncoderClassifier, build_encoder
from boli.training.loop import DevScore, Loop, seeded, train
from boli.training.losses import RowLoss
from boli.training.machines import choose_device, describe_machine
from boli.training.objectives import Classification, predict_logits
from boli.training.progress import SilentProgress
from boli.training.sources import copy_tokenizer, find_specials
from boli.training.store import Examples, TokenStore

EPOCHS, LONGEST, BUDGET = 3, 96, 2048
RESULTS = Path(__file__).parent / "results" / "finetuning.tsv"


class Work(NamedTuple):
    """The same for every recipe."""

    config: ModelConfig
    labels: tuple[str, ...]
    vocabulary: int
    train: Examples
    dev: Examples
    tokenizer: PreTrainedTokenizerFast
    device: torch.device


class Run(NamedTuple):
    """What one recipe reached: samples a second, right answers on dev, watts (0: not readable)."""

    rate: float
    right: int
    watts: float


class Rows(TorchDataset):
    """Token ids and label of each row, as Trainer wants them."""

    def __init__(self, examples: Examples) -> None:
        self.examples = examples

    def __len__(self) -> int:
        return len(self.examples.rows)

    def __getitem__(self, row: int) -> dict[str, object]:
        ids = self.examples.tokens[row].tolist()
        return {"input_ids": ids, "attention_mask": [1] * len(ids), "labels": int(self.examples.gold[row])}


def prepare(source: str) -> Work:
    """Read the shipped intents, normalize them and cut them into tokens."""
    data, path = load_dataset("wallet-intents"), TextPath("standard")
    texts = {
        split: path.prepare([row.text for row in data.split(split)], [row.tag for row in data.split(split)])
        for split in ("train", "dev")
    }
    if source:
        cutter = copy_tokenizer(source, Path(tempfile.mkdtemp()), max_tokens=LONGEST)
    else:
        carried = neutral_normalizer().to_tokenizers()
        cutter = train_tokenizer(texts["train"], kind="bpe", size=4000, normalizer=carried)
    labels = tuple(sorted({row.label for row in data.train}))
    examples = {}
    for split, rows in texts.items():
        gold = np.array([labels.index(row.label) for row in data.split(split)], np.int64)
        store = TokenStore.collect(cut.ids for cut in encode(cutter, rows, max_tokens=LONGEST))
        examples[split] = Examples(store, gold, None, np.arange(len(gold)))
    wrapped = PreTrainedTokenizerFast(tokenizer_object=cutter, pad_token="[PAD]", model_max_length=LONGEST)
    config = ModelConfig(source=source, dropout=0.1, token_dropout=0.0, max_tokens=LONGEST)
    device = choose_device("auto")
    return Work(config, labels, cutter.get_vocab_size(), examples["train"], examples["dev"], wrapped, device)


def make(work: Work) -> EncoderClassifier:
    """Build the same model each time."""
    torch.manual_seed(7)
    return build_encoder(work.config, vocabulary=work.vocabulary, labels=work.labels).to(work.device)


def run_trainer(work: Work, *, good: bool) -> Run:
    """Train with `transformers.Trainer`, with its defaults or well set."""
    model = make(work)
    mean = float(work.train.tokens.lengths.mean())
    half = good and work.device.type == "cuda" and torch.cuda.is_bf16_supported()
    arguments = TrainingArguments(
        output_dir=tempfile.mkdtemp(), num_train_epochs=EPOCHS, report_to=[], save_strategy="no", disable_tqdm=True,
        logging_strategy="no", bf16=half, optim="adamw_torch_fused" if good and half else "adamw_torch", seed=7,
        per_device_train_batch_size=max(1, int(BUDGET / mean)) if good else 8, use_cpu=work.device.type == "cpu",
        learning_rate=1e-3,
    )  # fmt: skip
    padding = True if good else "max_length"
    collator = DataCollatorWithPadding(work.tokenizer, padding=padding, max_length=LONGEST)
    trainer = Trainer(model=model.model, args=arguments, train_dataset=Rows(work.train), data_collator=collator)
    began = time.perf_counter()
    trainer.train()
    return finish(work, model, time.perf_counter() - began)


def run_ours(work: Work) -> Run:
    """Train with the loop of boli."""
    config = TrainingConfig(
        epochs=EPOCHS, patience=EPOCHS, batch_tokens=BUDGET, averaging=0.0, checkpoint_steps=10**9, learning_rate=1e-3
    )
    with seeded(7, work.device, threads=torch.get_num_threads()):
        model = make(work)
        specials = find_specials(work.tokenizer.backend_tokenizer)
        task = Classification(
            work.train, work.dev, RowLoss(torch.ones(len(work.labels))), specials, 0.0, work.device, config.precision
        )
        # Trainer does not look at dev while it trains; neither may we: each epoch counts as better than the last.
        rising = itertools.count()
        quiet = replace(task.objective(), judge=lambda _: DevScore(next(rising), 0.0))
        loop = Loop(model, quiet, config, Path(tempfile.mkdtemp()), "k", work.device)
        began = time.perf_counter()
        train(loop, SilentProgress())
        return finish(work, model, time.perf_counter() - began)


def finish(work: Work, model: EncoderClassifier, seconds: float) -> Run:
    """Score a trained model on dev."""
    watts = read_watts()
    sequences = [work.dev.tokens[row].tolist() for row in work.dev.rows]
    logits = predict_logits(model.to(work.device), sequences, work.device).logits
    right = int((logits.argmax(axis=1) == work.dev.gold).sum())
    return Run(EPOCHS * len(work.train.rows) / seconds, right, watts)


def read_watts() -> float:
    """Return what the GPU draws now, 0 where that cannot be read."""
    command = ["nvidia-smi", "--query-gpu=power.draw", "--format=csv,noheader,nounits"]
    try:
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0])
    except (OSError, subprocess.CalledProcessError, ValueError, IndexError):
        return 0.0


if __name__ == "__main__":
    work = prepare(sys.argv[1] if len(sys.argv) > 1 else "")
    price = float(sys.argv[2]) if len(sys.argv) > 2 else 2.0
    name = describe_machine(work.device)
    runs = {"naive": run_trainer(work, good=False), "good": run_trainer(work, good=True), "ours": run_ours(work)}
    figures = []
    for recipe, run in runs.items():
        dev = wilson_interval(run.right, len(work.dev.rows))
        beside = f"on {name}; dev accuracy {dev.value:.3f} ({dev.low:.3f} to {dev.high:.3f}); "
        beside += f"{price * 1000 / run.rate / 3600:.2g} a 1,000 rows at {price:g} an hour; "
        beside += f"{run.watts:.0f} W" if run.watts else "watts not readable"
        figures.append(Figure(f"finetuning: {recipe}", run.rate, "samples/s", beside))
    for other in ("good", "naive"):
        ratio = runs["ours"].rate / runs[other].rate
        figures.append(Figure(f"finetuning: ours over {other}", ratio, "times", f"on {name}; samples/s of the two"))
    write(RESULTS, "finetuning", figures, data=[str(row) for row in work.train.gold], key="finetuning:")
