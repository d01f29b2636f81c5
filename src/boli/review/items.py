"""Rows that a speaker can judge, whatever they stand in: rules, cases, messages, explanations."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from boli.datasets.folders import SPLITS, load_dataset
from boli.datasets.records import Record
from boli.datasets.sealing import find_file
from boli.errors import ConfigError, DataError, suggest
from boli.normalization.tables import Row, read_table
from boli.support import Case, read_cases, sign_text

KINDS = ("tables", "cases", "messages", "explanations")
"""What can be judged.

``tables``: rules of normalization with examples. ``cases``: texts and what boli makes of them; the support table counts
these. ``messages``: rows of a data set. ``explanations``: sentences that say why a pipeline chose a label.
"""

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_FOLDERS = {"roman": "Latn", "gurmukhi": "Guru"}
_NO_RULES = ("abbreviations.tsv", "reviews.tsv")
_EXAMPLES = 4
_FACTS = {
    "label": "send_money", "score": "91", "words": "500", "word": "500", "other": "check_balance", "less": "64",
    "text": "500",
}  # fmt: skip


class Part(NamedTuple):
    """A piece of an item: which word of the page names it, and its text."""

    name: str
    text: str


class Item(NamedTuple):
    """A row to judge.

    Args:
        id: stays the same as long as the row is there.
        hash: of what is judged; a verdict on another state of the row is not taken.
        kind: of `KINDS`.
        tag: of the text.
        parts: what is shown.
        answer: what a correction takes the place of.
        place: file:line.
    """

    id: str
    hash: str
    kind: str
    tag: str
    parts: tuple[Part, ...]
    answer: str
    place: str


@dataclass(frozen=True)
class Sources:
    """Where rows are read from and verdicts written to.

    Args:
        data: the folder ``src/boli/data`` of a checkout, or that of the installed package.
        cases: the folder ``tests/cases``; need not exist.
        readme: the page with the support table; need not exist.
        dataset: a data set folder or the name of a shipped one, for messages.
    """

    data: Path
    cases: Path
    readme: Path
    dataset: str = "wallet-intents"

    @classmethod
    def of(cls, root: Path, dataset: str = "wallet-intents") -> "Sources":
        """Return the sources of a checkout; without one, the tables of the installed package."""
        inside = root / "src" / "boli" / "data"
        data = inside if inside.is_dir() else Path(str(files("boli") / "data"))
        return cls(data, root / "tests" / "cases", root / "README.md", dataset)


def list_items(kind: str, sources: Sources, *, lang: str = "") -> list[Item]:
    """List the rows of a kind.

    Args:
        kind: of `KINDS`.
        sources: where to look.
        lang: a tag (``ur-Latn``) or a language (``ur``, both scripts); "" takes all.

    Raises:
        ConfigError: there is no such kind.
        DataError: there is nothing to judge, or a file is wrong.

    >>> len(list_items("explanations", Sources.of(Path("no-checkout")), lang="ur"))
    3
    """
    if kind not in KINDS:
        raise ConfigError(f"no kind {kind!r}; choose from: {', '.join(KINDS)}{suggest(kind, KINDS)}")
    makers = {"tables": _rules, "cases": _cases, "messages": _messages, "explanations": _explanations}
    found = [item for item in makers[kind](sources) if lang in ("", item.tag, item.tag.partition("-")[0])]
    if not found:
        raise DataError(
            f"no {kind} of {lang or 'any language'} to judge; look from the root of a checkout, or give --root"
        )
    return found


def read_reasons(sources: Sources) -> Mapping[str, Mapping[str, str]]:
    """Read the sentences of explanations: language -> key -> sentence."""
    return tomllib.loads((sources.data / "pipeline" / "reasons.toml").read_text("utf-8"))


def _rules(sources: Sources) -> Iterator[Item]:
    examples = _list_examples(sources)
    folder = sources.data / "langs"
    for path in sorted(folder.rglob("*.tsv")):
        if path.name in _NO_RULES:
            continue
        name = path.relative_to(folder).as_posix()
        language, script = name.split("/")[0], _FOLDERS.get(name.split("/")[1], "Arab")
        for number, row in enumerate(read_table(path, f"langs/{name}"), start=2):
            shown = examples.get((language, row.id), [])[:_EXAMPLES]
            yield _rule(row, f"{language}-{script}", f"rule:{name}:{row.id}", f"{path}:{number}", shown)


def _rule(row: Row, tag: str, name: str, place: str, examples: list[str]) -> Item:
    parts = [Part("before", row.source), Part("after", row.target)]
    parts += [Part("examples", "\n".join(examples))] if examples else []
    signed = sign_text(f"{row.id}\t{row.source}\t{row.target}\t{row.where}")
    return Item(name, signed, "tables", tag, tuple(parts), row.target, place)


def _list_examples(sources: Sources) -> dict[tuple[str, str], list[str]]:
    """Language and id of a rule -> its cases, by the notes of the cases."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for case in read_cases(sources.cases):
        for word in re.findall(r"row ([\w.-]+)", case.row["note"] or ""):
            language = case.cell.tag.partition("-")[0]
            found[language, word].append(f"{_plain(case.row['input'])} \N{RIGHTWARDS ARROW} {_expected(case)}")
    return found


def _cases(sources: Sources) -> Iterator[Item]:
    for case in read_cases(sources.cases):
        same = case.row["expect"] == "same"
        after = Part("after", "" if same else _expected(case))
        parts = (Part("before", _plain(case.row["input"])), Part("same", "") if same else after)
        yield Item(f"case:{case.id}", case.hash, "cases", case.cell.tag, parts, _expected(case), case.place)


def _expected(case: Case) -> str:
    return _plain(case.row["input"] if case.row["expect"] == "same" else case.row["expected"])


def _messages(sources: Sources) -> Iterator[Item]:
    dataset = load_dataset(sources.dataset)
    for split in SPLITS:
        path = find_file(dataset.card.path.parent / f"{split}.jsonl")
        for number, record in enumerate(dataset.split(split), start=1):
            yield _message(record, f"message:{dataset.name}/{split}:{number}", f"{path}:{number}")


def _message(record: Record, name: str, place: str) -> Item:
    parts = [Part("message", record.text), Part("label", record.label.replace("_", " "))]
    parts += [Part("dialect", record.dialect)] if record.dialect else []
    signed = sign_text(f"{record.tag}\t{record.label}\t{record.text}")
    return Item(name, signed, "messages", record.tag, tuple(parts), record.text, place)


def _explanations(sources: Sources) -> Iterator[Item]:
    path = sources.data / "pipeline" / "reasons.toml"
    lines = path.read_text("utf-8").splitlines()
    for language, sentences in read_reasons(sources).items():
        for key, sentence in sentences.items():
            if key in ("quote", "join"):
                continue
            number = next((at for at, line in enumerate(lines, start=1) if sentence in line), 1)
            tag = f"{language}-{'Latn' if language == 'en' else 'Arab'}"
            parts = (Part("explanation", sentence.format(**_FACTS)),)
            name = f"explanation:{language}.{key}"
            yield Item(name, sign_text(sentence), "explanations", tag, parts, sentence, f"{path}:{number}")


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
