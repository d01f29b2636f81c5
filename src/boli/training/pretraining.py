"""Pretrain an encoder on plain text: from files to a folder that `model.source` of a fine-tuning run can name.

    corpus      checkpoints/train.tsv, held_out.tsv     normalized lines
    tokenizer   tokenizer.json                          pieces, with the normalizer inside
    tokens      checkpoints/tokens/                     ids that training maps into memory
    encoder     model.safetensors                       checkpoints on the way: checkpoints/encoder
    card        README.md, report.json, config.json, checksums.json (last)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

import boli
from boli.files import explaining_full_disk, write_json, write_text
from boli.models.weights import write_checksums
from boli.pipeline.encoding import encode
from boli.pipeline.plain import from_plain, to_plain
from boli.pipeline.texts import TextPath, neutral_normalizer
from boli.tokenization import load_tokenizer, save_tokenizer, train_tokenizer
from boli.training.config import PretrainConfig
from boli.training.corpora import any_sealed, balance, count_lines, read_back, read_lines, sign_files, write_lines
from boli.training.finetuning import joining
from boli.training.progress import ConsoleProgress, Progress, SilentProgress
from boli.training.reports import CurvePoint
from boli.training.runs import RunIdentity, opening_run
from boli.training.stages import Stage, run_stages
from boli.training.store import TokenStore

TRAIN, HELD_OUT = "checkpoints/train.tsv", "checkpoints/held_out.tsv"
TOKENS = ("checkpoints/tokens/train.ids", "checkpoints/tokens/held_out.ids")


class Pretrained(NamedTuple):
    """What came out of a pretraining run.

    Args:
        lines: tag -> lines learned from.
        guessed: share of the hidden tokens of held-out lines that are guessed right.
        by_tag: tag -> the same for its lines.
    """

    lines: Mapping[str, int]
    parameters: int
    device: str
    guessed: float
    by_tag: Mapping[str, float]
    curve: tuple[CurvePoint, ...]
    shape: Mapping[str, object]


def train_encoder(config: PretrainConfig, folder: Path, progress: Progress, *, fresh: bool = False) -> Pretrained:
    """Pretrain an encoder by hidden tokens and leave a folder that a fine-tuning run can start from.

    Args:
        config: what to do.
        folder: of the run; made if it does not exist.
        progress: told about every step.
        fresh: throw away what an earlier run left in the folder.

    Raises:
        ConfigError, DataError: no text, or a file is not there.
        RunError: the folder cannot be continued, memory or the disk is full, or the loss is not a number.
        KeyboardInterrupt: somebody asked to stop; what is done is saved.

    >>> from boli.training import SilentProgress
    >>> train_encoder(PretrainConfig(), Path("runs/x"), SilentProgress())
    Traceback (most recent call last):
    ...
    boli.errors.DataError: no text to pretrain on; set corpus.files to tag=path, such as ur-Arab=text/*.txt
    """
    run = EncoderRun(config)
    if not config.corpus.files:
        read_lines(config.corpus, run.text_path, seed=0)  # raises, and says what to set
    with joining(config.training.device) as first:
        if not first:
            run.help(folder)
            return read_pretrained(folder)
        identity = RunIdentity("encoder", config.to_dict(), run.data)
        with opening_run(folder, identity, fresh=fresh):
            run_stages(folder, run.stages(), progress)
    return read_pretrained(folder)


def run_pretraining(
    config: PretrainConfig, folder: Path, *, fresh: bool = False, console: Console | None = None
) -> Pretrained:
    """Pretrain as `train_encoder` does, and show it.

    Raises:
        KeyboardInterrupt: Ctrl-C; the message says how to go on.

    >>> run_pretraining(PretrainConfig(), Path("runs/x"))
    Traceback (most recent call last):
    ...
    boli.errors.DataError: no text to pretrain on; set corpus.files to tag=path, such as ur-Arab=text/*.txt
    """
    import os

    if int(os.environ.get("RANK", "0")):
        return train_encoder(config, folder, SilentProgress())
    console = console or Console()
    progress = ConsoleProgress(console)
    with progress.listening():
        made = train_encoder(config, folder, progress, fresh=fresh)
    console.print(f"\n{describe(made)}\nFine-tune it: boli train classifier CONFIG.toml --set model.source={folder}")
    return made


def read_pretrained(folder: Path) -> Pretrained:
    """Read the report of a pretraining run."""
    from boli.files import read_json

    return from_plain(Pretrained, read_json(folder / "report.json"))


def describe(made: Pretrained) -> str:
    """Say in a few sentences what came out."""
    total = sum(made.lines.values())
    worst = min(made.by_tag, key=lambda tag: made.by_tag[tag], default="")
    served = f"; worst {worst}: {100 * made.by_tag[worst]:.1f} %" if worst else ""
    return (
        f"An encoder of {made.parameters:,} parameters, {len(made.curve)} epochs of {total:,} lines on {made.device}. "
        f"Of the hidden tokens of held-out lines it guesses {100 * made.guessed:.1f} %{served}."
    )


@dataclass(frozen=True)
class EncoderRun:
    """The stages of a pretraining run."""

    config: PretrainConfig

    @cached_property
    def text_path(self) -> TextPath:
        """How raw text becomes canonical text."""
        return TextPath(self.config.text.level, script=self.config.text.script)

    @cached_property
    def data(self) -> str:
        """The sha256 of the files."""
        return sign_files(self.config.corpus.files)

    @cached_property
    def is_sealed(self) -> bool:
        """Whether a file is sealed, so that copies of its lines are to be sealed too."""
        return any_sealed(self.config.corpus.files)

    def stages(self) -> tuple[Stage, ...]:
        """Return the stages in their order."""
        config, seed = self.config, {"seed": self.config.training.seed}
        corpus = {"files": self.data, "corpus": to_plain(config.corpus), "text": to_plain(config.text), **seed}
        tokenizer = {"tokenizer": to_plain(config.tokenizer), "max_tokens": config.shape.max_tokens}
        files = ("tokenizer.json", "tokenizer_config.json")
        encoder = {"shape": to_plain(config.shape), "training": to_plain(config.training)}
        made = ("model.safetensors", "report.json", "config.json")
        return (
            Stage("corpus", "read the text", corpus, (), (TRAIN, HELD_OUT), self.read),
            Stage("tokenizer", "make the tokenizer", tokenizer, ("corpus",), files, self.cut),
            Stage("tokens", "cut into tokens", {}, ("corpus", "tokenizer"), TOKENS, self.tokenize),
            Stage("encoder", "pretrain the encoder", encoder, ("corpus", "tokenizer", "tokens"), made, self.teach),
            Stage("card", "write the card", {}, ("encoder",), ("README.md", "checksums.json"), self.describe),
        )

    def read(self, folder: Path, _: Progress) -> str:
        """Read, normalize and hold out."""
        corpus = read_lines(self.config.corpus, self.text_path, seed=self.config.training.seed)
        write_lines(folder / TRAIN, corpus.train, sealed=self.is_sealed)
        write_lines(folder / HELD_OUT, corpus.held_out, sealed=self.is_sealed)
        forms = len(count_lines(corpus.train))
        return f"{len(corpus.train):,} lines in {forms} forms, {len(corpus.held_out):,} held out"

    def cut(self, folder: Path, _: Progress) -> str:
        """Learn the pieces on lines drawn as training draws them."""
        lines, kind = read_back(folder / TRAIN), self.config.tokenizer
        counts = self._counts(folder)
        texts = [line.text for line, count in zip(lines, counts, strict=True) for _ in range(count)]
        carried = neutral_normalizer().to_tokenizers()
        tokenizer = train_tokenizer(texts, kind=kind.kind, size=kind.size, normalizer=carried)
        save_tokenizer(tokenizer, folder, max_tokens=self.config.shape.max_tokens)
        return f"{tokenizer.get_vocab_size():,} pieces"

    def tokenize(self, folder: Path, _: Progress) -> str:
        """Write the token ids that training maps into memory."""
        tokenizer, total = load_tokenizer(folder / "tokenizer.json"), 0
        for source, target in zip((TRAIN, HELD_OUT), TOKENS, strict=True):
            texts = [line.text for line in read_back(folder / source)]
            cuts = encode(tokenizer, texts, max_tokens=self.config.shape.max_tokens)
            store = TokenStore.collect(each.ids for each in cuts)
            store.save(folder / target, sealed=self.is_sealed)
            total += len(store.ids)
        return f"{total:,} tokens"

    def teach(self, folder: Path, progress: Progress) -> str:
        """Teach the encoder to guess hidden tokens."""
        from boli.training import parallel
        from boli.training.masking import pretrain

        parallel.tell_all("encoder")
        made = pretrain(self.config, folder, self._counts(folder), progress)
        write_json(folder / "config.json", made.shape)
        write_json(folder / "report.json", to_plain(made))
        return f"{100 * made.guessed:.1f} % of hidden tokens guessed"

    def help(self, folder: Path) -> None:
        """Take part in what process 0 teaches, until it is done."""
        import signal

        from boli.training import parallel
        from boli.training.masking import pretrain

        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            while parallel.tell_all("") != "done":
                pretrain(self.config, folder, self._counts(folder), SilentProgress())
        finally:
            signal.signal(signal.SIGINT, before)

    def describe(self, folder: Path, _: Progress) -> str:
        """Write the card, then the checksums, which make the folder a finished one."""
        write_text(folder / "README.md", _card(read_pretrained(folder), self.config, self.data))
        with explaining_full_disk(folder / "checksums.json"):
            write_checksums(folder)
        return "a folder for model.source"

    def _counts(self, folder: Path) -> list[int]:
        tags = [line.tag for line in read_back(folder / TRAIN)]
        return balance(tags, temperature=self.config.corpus.temperature, seed=self.config.training.seed)


def _card(made: Pretrained, config: PretrainConfig, data: str) -> str:
    languages = sorted({tag.partition("-")[0] for tag in made.lines})
    head = f'---\nlanguage: [{", ".join(languages)}]\nlibrary_name: boli\npipeline_tag: fill-mask\ntags: ["boli"]\n---'
    shares = {tag: f"{100 * made.by_tag[tag]:.1f} %" if tag in made.by_tag else "" for tag in made.lines}
    rows = "".join(f"| {tag} | {count:,} | {shares[tag]} |\n" for tag, count in made.lines.items())
    return (
        f"{head}\n\n# Encoder\n\n{describe(made)}\n\n| form | lines | hidden tokens guessed |\n|---|---|---|\n{rows}\n"
        "Normalize text with `boli.normalize` before it goes in. Name the licences of the text it was trained on "
        f"before you pass it on.\n\n- Files: sha256 {data}\n- boli {boli.__version__}, seed {config.training.seed}\n"
        f"- {config.shape.layers} layers, {config.shape.width} wide, {config.shape.masked:g} of the tokens hidden\n"
    )


