"""The text that an encoder is pretrained on: read, normalized, drawn so that small languages are heard, held out."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from boli.datasets import textfiles
from boli.datasets.copies import write_copy
from boli.datasets.sealing import is_sealed
from boli.errors import ConfigError, DataError
from boli.languages import parse_tag
from boli.pipeline.texts import TextPath
from boli.training.config import CorpusConfig
from boli.training.vectors import list_files


class Line(NamedTuple):
    """One line of text and its tag."""

    tag: str
    text: str


class Corpus(NamedTuple):
    """Lines to learn from and lines kept apart; no line is in both."""

    train: list[Line]
    held_out: list[Line]


def read_lines(config: CorpusConfig, text_path: TextPath, *, seed: int) -> Corpus:
    """Read all files, once each, and hold some lines of each tag out; lines that occur twice are read once.

    Raises:
        ConfigError: a file is not there.
        DataError: no text.
    """
    by_tag: dict[str, list[str]] = {}
    for tag, path in list_files(config.files):
        by_tag.setdefault(tag, []).extend(line.strip() for line in textfiles.read_lines(path))
    if not any(by_tag.values()):
        raise DataError("no text to pretrain on; set corpus.files to tag=path, such as ur-Arab=text/*.txt")
    train: list[Line] = []
    held_out: list[Line] = []
    for tag, lines in sorted(by_tag.items()):
        kept = _choose(lines, config, seed)
        ready = [Line(tag, text) for text in text_path.prepare(kept, [tag] * len(kept))]
        apart = min(config.held_out, len(ready) // 10)
        held_out += ready[:apart]
        train += ready[apart:]
    return Corpus(train + romanize(train, config.romanize, seed=seed), held_out)


def sign_files(spec: str) -> str:
    """Return the sha256 of the bytes of all files, in the order in which they are named."""
    digest = hashlib.sha256()
    for tag, path in list_files(spec):
        raw = textfiles.read_bytes(path)
        digest.update(f"{tag} {len(raw)}\n".encode())
        digest.update(raw)
    return digest.hexdigest()


def any_sealed(spec: str) -> bool:
    """Say whether one of the files is sealed."""
    return any(is_sealed(path) for _, path in list_files(spec))


def balance(tags: Sequence[str], *, temperature: float, seed: int) -> list[int]:
    """Return how often each line is read in an epoch, so that small languages are heard.

    A tag's share of an epoch is its share of the lines to the power of 1 / temperature, and the epoch is as long as
    the lines are many; no line is read more than 20 times.

    >>> counts = balance(["ur-Arab"] * 90 + ["bal-Arab"] * 10, temperature=2.0, seed=0)
    >>> sum(counts[:90]), sum(counts[90:])
    (75, 25)
    """
    names = sorted(set(tags))
    sizes = np.array([tags.count(name) for name in names], np.float64)
    shares = sizes ** (1 / temperature)
    wanted = np.minimum(np.round(len(tags) * shares / shares.sum()), 20 * sizes).astype(np.int64)
    counts = np.zeros(len(tags), np.int64)
    random = np.random.default_rng(seed)
    for name, size, want in zip(names, sizes.astype(np.int64), wanted, strict=True):
        rows = np.array([row for row, tag in enumerate(tags) if tag == name])
        counts[rows] = want // size
        counts[random.permutation(rows)[: want % size]] += 1
    return [int(count) for count in counts]


def romanize(lines: Sequence[Line], share: float, *, seed: int) -> list[Line]:
    """Return a share of the Arabic-script lines in Roman letters, by the transliterator.

    Raises:
        ConfigError: a share is asked for and this boli cannot transliterate.
    """
    if not share:
        return []
    random = np.random.default_rng(seed)
    chosen = [line for line in lines if parse_tag(line.tag).script == "Arab" and random.random() < share]
    try:
        path = TextPath("standard", script="Latn")
        texts = path.prepare([line.text for line in chosen], [line.tag for line in chosen])
    except ConfigError as problem:
        raise ConfigError(f"corpus.romanize is {share:g}: {problem}; set it to 0") from None
    pairs = zip(chosen, texts, strict=True)
    return [Line(f"{parse_tag(line.tag).language}-Latn", text) for line, text in pairs]


def count_lines(lines: Sequence[Line]) -> Mapping[str, int]:
    """Return tag -> how many lines.

    >>> count_lines([Line("ur-Arab", "a"), Line("ur-Arab", "b")])
    {'ur-Arab': 2}
    """
    return {tag: sum(line.tag == tag for line in lines) for tag in sorted({line.tag for line in lines})}


def write_lines(path: Path, lines: Sequence[Line], *, sealed: bool = False) -> None:
    """Write lines as ``tag TAB text``, whole or not at all; `sealed`: with the user's key."""
    text = "".join(f"{line.tag}\t{' '.join(line.text.split())}\n" for line in lines)
    write_copy(path, text.encode("utf-8"), sealed=sealed)


def read_back(path: Path) -> list[Line]:
    """Read what `write_lines` wrote."""
    rows = textfiles.read_lines(path)
    return [Line(*row.split("\t", 1)) for row in rows if "\t" in row]


def _choose(lines: Sequence[str], config: CorpusConfig, seed: int) -> list[str]:
    distinct = list(dict.fromkeys(line for line in lines if line))
    order = np.random.default_rng(seed).permutation(len(distinct))[: config.most_lines or None]
    return [distinct[place] for place in order]
