"""Cards: who is in a data set, who wrote it, under which licence, and what it must not be used for.

The form is Hugging Face's dataset card: a head in YAML (see `boli.datasets.heads` for the subset) and sections.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from boli.datasets.heads import Head, read_head, split_head
from boli.datasets.textfiles import read_lines
from boli.errors import DataError, suggest

SECTIONS = (
    "Motivation",
    "Composition",
    "Who wrote it",
    "Consent",
    "Languages and dialects",
    "Scripts",
    "Licence",
    "Collection",
    "Known gaps",
    "Do not use for",
    "Retention and how to delete a person's rows",
)
"""Headings (``## ...``) that every card has, each with text under it."""

DRAFT_TAG = "draft-card"
"""A tag in the head of a card that a program wrote and nobody has read yet."""

TEMPLATE = "TEMPLATE.md"
"""The form to copy; not a card itself."""

REQUIRED_KEYS = ("pretty_name", "license", "language", "language_bcp47")
OPTIONAL_KEYS = (
    "annotations_creators",
    "language_creators",
    "license_link",
    "license_name",
    "multilinguality",
    "size_categories",
    "source_datasets",
    "tags",
    "task_categories",
    "task_ids",
)
"""Keys of the head that Hugging Face's card form defines."""

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCED = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^## +(.+?) *#*$", re.MULTILINE)
_TAG = re.compile(r"[a-z]{2,3}-[A-Z][a-z]{3}")


@dataclass(frozen=True)
class Card:
    """A card that was checked: its head, and the text of its sections.

    `languages` holds full tags (``ur-Arab``), from ``language_bcp47``; `licence` is Hugging Face's licence id.

    >>> from boli.datasets import load_dataset
    >>> load_dataset("wallet-intents").card.head["annotations_creators"]
    ('machine-generated',)
    """

    name: str
    licence: str
    languages: tuple[str, ...]
    head: Head = field(hash=False)
    sections: dict[str, str] = field(hash=False, repr=False)
    path: Path

    @property
    def is_draft(self) -> bool:
        """Whether a program wrote the card and nobody has taken the tag ``draft-card`` out of its head."""
        return DRAFT_TAG in self.head.get("tags", ())


def check_cards(folder: str | Path) -> tuple[Card, ...]:
    """Check every card (``*.md`` but the template) of a folder, and that no data set has two.

    Two cards are of one set if their names are the same but for case, spaces and punctuation.

    Raises:
        DataError: there is no card, one is incomplete, or two are of one data set.
    """
    paths = sorted(path for path in Path(folder).glob("*.md") if path.name != TEMPLATE)
    if not paths:
        raise DataError(f"{folder}: no cards (*.md) there; copy {TEMPLATE} and fill it in")
    known: dict[str, Path] = {}
    cards = tuple(check_card(path) for path in paths)
    for card in cards:
        for name in (_plain(card.name), _plain(card.path.stem)):
            first = known.setdefault(name, card.path)
            if first != card.path:
                raise DataError(
                    f"{card.path}:1: a second card for the data set {card.name!r}; the first is {first}; keep one"
                )
    return cards


def check_card(path: str | Path) -> Card:
    """Read a card and check that nothing which every card must say is missing.

    A comment (``<!-- ... -->``) does not count as text, so an unfilled copy of the template is refused.

    Args:
        path: the card, or the folder whose ``README.md`` is the card.

    Raises:
        DataError: the head has a wrong or missing key, or a section is missing, empty or there twice.

    >>> from importlib.resources import files
    >>> card = check_card(str(files("boli") / "data" / "datasets" / "wallet-intents"))
    >>> card.name, card.licence, card.languages[:2]
    ('Wallet intents', 'cc0-1.0', ('bal-Arab', 'bal-Latn'))
    """
    path = Path(path)
    path = path / "README.md" if path.is_dir() else path
    head_lines, body = split_head(read_lines(path), path)
    head = read_head(head_lines, path)
    _check_keys(head, path)
    sections = split_sections("\n".join(body), path)
    _check_sections(sections, path)
    return Card(
        name=_text(head, "pretty_name", path),
        licence=_text(head, "license", path),
        languages=_tags(head, path),
        head=head,
        sections=sections,
        path=path,
    )


def split_sections(body: str, path: Path) -> dict[str, str]:
    """Split the body of a card at its ``## `` headings; comments are dropped, headings inside code fences ignored.

    Raises:
        DataError: a heading is there twice.

    >>> split_sections("# Title\\n## Consent\\nNobody's words.\\n## Scripts\\n<!-- which? -->", Path("README.md"))
    {'Consent': "Nobody's words.", 'Scripts': ''}
    """
    body = _COMMENT.sub("", body)
    fences = [match.span() for match in _FENCED.finditer(body)]
    found = [match for match in _HEADING.finditer(body) if not any(a <= match.start() < b for a, b in fences)]
    ends = [match.start() for match in found[1:]] + [len(body)]
    sections: dict[str, str] = {}
    for match, end in zip(found, ends, strict=True):
        if match[1] in sections:
            raise DataError(f"{path}: section {match[1]!r} is there twice; join the two")
        sections[match[1]] = body[match.end() : end].strip()
    return sections


def _plain(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _check_keys(head: Head, path: Path) -> None:
    valid = (*REQUIRED_KEYS, *OPTIONAL_KEYS)
    wrong = next((key for key in head if key not in valid), None)
    if wrong is not None:
        raise DataError(
            f"{path}: no key {wrong!r} in the head of a card; valid keys: {', '.join(valid)}{suggest(wrong, valid)}"
        )
    missing = next((key for key in REQUIRED_KEYS if not head.get(key)), None)
    if missing is not None:
        raise DataError(f"{path}: the head has no {missing!r}; every card has: {', '.join(REQUIRED_KEYS)}")
    if head["license"] == "other" and not head.get("license_name"):
        raise DataError(f"{path}: license is 'other' without a 'license_name'; name the licence")


def _check_sections(sections: dict[str, str], path: Path) -> None:
    for name in SECTIONS:
        if name not in sections:
            got = ", ".join(sections) or "none"
            raise DataError(f"{path}: no section '## {name}'; every card has: {', '.join(SECTIONS)}; got: {got}")
        if not sections[name]:
            raise DataError(f"{path}: section '## {name}' is empty; say it in a sentence, 'unknown' if it is unknown")


def _text(head: Head, key: str, path: Path) -> str:
    value = head[key]
    if not isinstance(value, str):
        raise DataError(f"{path}: {key!r} must be one text, got a list; write '{key}: {value[0]}'")
    return value


def _tags(head: Head, path: Path) -> tuple[str, ...]:
    tags, languages = _texts(head, "language_bcp47", path), _texts(head, "language", path)
    wrong = next((tag for tag in tags if not _TAG.fullmatch(tag)), None)
    if wrong is not None:
        raise DataError(f"{path}: {wrong!r} in language_bcp47 is no tag with a script; write for example ur-Arab")
    if {tag.partition("-")[0] for tag in tags} != set(languages):
        raise DataError(
            f"{path}: language says {', '.join(languages)}, language_bcp47 {', '.join(tags)}; make them agree"
        )
    return tags


def _texts(head: Head, key: str, path: Path) -> tuple[str, ...]:
    value = head[key]
    if isinstance(value, str):
        raise DataError(f"{path}: {key!r} must be a list, got {value!r}; write '{key}: [{value}]'")
    return value
