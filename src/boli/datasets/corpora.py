"""Readers for published sets that have a form of their own, with the slips that are known of each.

None of these sets comes with boli. A slip is never mended in silence: a wrong row is named with its line.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from boli.datasets.readers import (
    find_files,
    guess_split,
    is_same_file,
    read_header,
    read_json_lines,
    read_tab_separated,
)
from boli.datasets.records import Slot
from boli.datasets.schemas import RawRow, Schema, read_tag
from boli.datasets.sealing import plain_path
from boli.errors import DataError

TOPICS = ("entertainment", "geography", "health", "politics", "science/technology", "sports", "travel")
OFFENCES = {"0": "abusive", "1": "normal", "2": "religious_hate", "3": "sexism", "4": "profane"}
"""RUHSOLD's numbers, by the label definitions that come with it; the coarse task has the first two."""

_MARKED = re.compile(r"\[\s*([^\[\]:]+?)\s*:\s*([^\[\]]*?)\s*\]")
_MASSIVE_KEYS = frozenset({"utt", "annot_utt", "locale", "intent"})


@dataclass(frozen=True)
class Corpus:
    """A published set: how it is read, and what its columns mean."""

    read: Callable[[Path], Iterator[RawRow]]
    schema: Schema


def read_massive(path: Path) -> Iterator[RawRow]:
    """Yield intents of a file in MASSIVE's form (one JSON object a line, ``annot_utt`` with ``[slot : words]``).

    Source: FitzGerald and others 2022, "MASSIVE: a 1M-example multilingual NLU dataset".
    """
    for file in _files(path, "*.jsonl"):
        for row in read_json_lines(file):
            yield row if row.error else _massive_row(row)


def read_sib200(path: Path) -> Iterator[RawRow]:
    """Yield topics of SIB-200: a file, the folder of one language (``urd_Arab``), or the folder above those.

    Folders of languages that boli does not know are left out, with a warning each.
    """
    for file in _files(path, "*.tsv"):
        try:
            tag = read_tag(file.parent.name, str(file.parent))
        except DataError as problem:
            if path.is_file() or file.parent == path:
                raise
            if file == min(file.parent.glob("*.tsv")):
                yield RawRow(str(file), 1, {}, note=f"{problem}; the folder is left out")
            continue
        for row in read_tab_separated(file):
            yield row._replace(cells=row.cells | {"tag": tag})


def read_ruhsold(path: Path) -> Iterator[RawRow]:
    """Yield messages of RUHSOLD: a file, or a folder of one task's files (the tasks hold the same messages).

    As published, the fine-grained validation file is the training file again. Such a file is refused, for a score on it
    would be a score on training rows.

    Source: Rizwan, Shakeel and Karim 2020, "Hate-speech and offensive language detection in Roman Urdu".
    """
    files = _files(path, "task_*.tsv")
    tasks = sorted({file.name[:6] for file in files})
    if len(tasks) > 1:
        raise DataError(
            f"{path}: {' and '.join(tasks)} label the same messages; give the files of one task, for example {files[0]}"
        )
    for file in files:
        copied = _training_copy(file)
        for row in read_tab_separated(file, header=("text", "label")):
            yield row._replace(error=copied) if copied else row
            if copied:
                break


def read_uci_roman_urdu(path: Path) -> Iterator[RawRow]:
    """Yield comments of the UCI Roman Urdu data set as text, tab, label.

    Source: Sharf and Rahman 2018, UCI Machine Learning Repository.
    """
    for file in _files(path, "*.tsv"):
        yield from read_tab_separated(file, header=("text", "label"))


def read_balochi_sentiment(path: Path) -> Iterator[RawRow]:
    """Yield sentences of the Balochi sentiment set: ``labels``, tab, ``text``."""
    for file in _files(path, "*.tsv"):
        yield from read_tab_separated(file)


def parse_annotated(annotated: str) -> tuple[str, tuple[Slot, ...]]:
    """Take the marks out of a MASSIVE message: ``[date : kal]`` becomes the words and a span in code points.

    Raises:
        ValueError: a bracket is left over.

    >>> parse_annotated("mujhe [date : kal] [time : subah nau baje] jagao")
    ('mujhe kal subah nau baje jagao', (Slot(start=6, end=9, name='date'), Slot(start=10, end=24, name='time')))
    """
    text, slots, at = "", list[Slot](), 0
    for match in _MARKED.finditer(annotated):
        text += annotated[at : match.start()]
        slots.append(Slot(len(text), len(text) + len(match[2]), match[1]))
        text, at = text + match[2], match.end()
    text += annotated[at:]
    if "[" in text or "]" in text:
        raise ValueError("a bracket without its partner")
    return text, tuple(slot for slot in slots if slot.start < slot.end)


CORPORA = {
    "massive": Corpus(read_massive, Schema()),
    "sib200": Corpus(read_sib200, Schema({"text": "text", "label": "category"}, labels=TOPICS)),
    "ruhsold": Corpus(read_ruhsold, Schema(tag="ur-Latn", names=OFFENCES)),
    "uci-roman-urdu": Corpus(
        read_uci_roman_urdu, Schema(tag="ur-Latn", labels=("Negative", "Neutral", "Positive"))
    ),
    "balochi-sentiment": Corpus(
        read_balochi_sentiment,
        Schema({"label": "labels"}, "bal-Arab", names={"0": "negative", "1": "positive", "2": "neutral"}),
    ),
}  # fmt: skip
"""Name of a form -> the corpus that has it."""


def guess_corpus(path: Path) -> str:
    """Say which published set a file or folder is, by its header or the names of its files; "" if none."""
    if path.is_dir():
        first = next((file for kind in ("*.tsv", "*.jsonl") for file in find_files(path, kind)), None)
        return guess_corpus(first) if first else ""
    plain = plain_path(path)
    if re.fullmatch(r"task_[12]_\w+\.tsv", plain.name):
        return "ruhsold"
    if plain.suffix == ".jsonl":
        first_row = next(read_json_lines(path), None)
        return "massive" if first_row and set(first_row.cells) >= _MASSIVE_KEYS else ""
    if plain.suffix != ".tsv":
        return ""
    return _BY_HEADER.get(read_header(path), "uci-roman-urdu" if "roman_urdu_sentiment" in path.parts else "")


_BY_HEADER = {("index_id", "category", "text"): "sib200", ("labels", "text"): "balochi-sentiment"}


def _files(path: Path, pattern: str) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = find_files(path, pattern)
    if not found:
        raise DataError(f"{path}: no {pattern} files there; give the folder that holds them")
    return found


def _massive_row(row: RawRow) -> RawRow:
    missing = sorted(_MASSIVE_KEYS - set(row.cells))
    if missing:
        return row._replace(error=f"{row.place}: the row has no {missing[0]!r}; a MASSIVE row has {_listed()}")
    wanted = ("locale", "utt", "annot_utt", "intent", "partition", "worker_id")
    locale, utterance, annotated, intent, partition, author = (str(row.cells.get(key, "")) for key in wanted)
    try:
        text, slots = parse_annotated(annotated)
    except ValueError as problem:
        return row._replace(error=f"{row.place}: cannot read annot_utt {annotated!r}: {problem}")
    if text != utterance:
        return row._replace(error=f"{row.place}: annot_utt without its marks is {text!r}, but utt is {utterance!r}")
    cells: dict[str, object] = {
        "text": text, "tag": locale, "intent": intent, "slots": [slot._asdict() for slot in slots], "author": author
    }  # fmt: skip
    return row._replace(cells=cells, split=guess_split(partition) or row.split)


def _listed() -> str:
    return ", ".join(sorted(_MASSIVE_KEYS))


def _training_copy(file: Path) -> str:
    """Say that a validation file is its training file again; "" if it is not."""
    train = file.with_name(re.sub(r"(validation|valid|dev|test)", "train", file.name))
    if train == file or not train.is_file() or not is_same_file(file, train):
        return ""
    return (
        f"{file}:1: the file is {train.name} again (a known slip of RUHSOLD's fine-grained task): a score on it is a"
        " score on training rows; split the training file instead"
    )
