"""A draft of a card, filled in from an audit: what was counted is said, what nobody said is "not known"."""

from collections import Counter
from collections.abc import Callable, Sequence

from boli.datasets.audit import Audit
from boli.datasets.cards import DRAFT_TAG, SECTIONS
from boli.datasets.keys import is_ours
from boli.datasets.phrases import script_of
from boli.datasets.sentences import many, name_form
from boli.errors import DataError

UNKNOWN = "Not known: the draft was written by a program; say it here."

_USES = (
    "Decisions about a person without a human being to turn to; judging people by language, script, dialect, name or"
    f" gender; claims about languages and forms that have no rows here.\n\n{UNKNOWN}"
)

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (10**7, "1M<n<10M"))
_CONTENT = ("Code-mixing", "Words marked", "Of the rows that name", "No word of the draft", "No city")


def draft_card(audit: Audit, *, name: str = "", licence: str = "unknown") -> str:
    """Write a card with what an audit knows; everything else says that it is not known.

    The card is complete in form, so `check_card` reads it, but marked as a draft until somebody takes the tag
    ``draft-card`` out of its head.

    Args:
        audit: of the data set; a deep one says more.
        name: a name for people; by default that of the audit.
        licence: Hugging Face's id of the licence, where it is known.

    Raises:
        DataError: no row is in a language of boli's, so that the head could name none.

    >>> from boli.datasets import audit_dataset, load_dataset
    >>> card = draft_card(audit_dataset(load_dataset("wallet-intents")), name="Ours")
    >>> card.splitlines()[1:3]
    ["pretty_name: 'Ours'", "license: 'unknown'"]
    """
    title = " ".join((name or audit.name).replace("'", "").replace("\\", "/").split())
    body = "".join(f"\n## {section}\n\n{_write(section, audit)}\n" for section in SECTIONS)
    return f"{_head(audit, title, licence)}\n# {title}\n\nA draft, written by `boli data draft-card`.\n{body}"


def _write(section: str, audit: Audit) -> str:
    return _WRITERS[section](audit) if section in _WRITERS else UNKNOWN


def _head(audit: Audit, title: str, licence: str) -> str:
    tags = sorted({cell.tag for cell in audit.cells if cell.rows and is_ours(cell.tag)})
    if not tags:
        raise DataError(f"{audit.name}: no row is in a language of boli's; a card needs one: give the rows their tag")
    languages = sorted({tag.partition("-")[0] for tag in tags})
    size = next((name for most, name in _SIZES if _rows(audit) < most), "n>10M")
    lines = (
        f"pretty_name: '{title}'",
        f"license: '{licence}'",
        f"language: [{', '.join(languages)}]",
        f"language_bcp47: [{', '.join(tags)}]",
        f"size_categories: ['{size}']",
        f"tags: [{DRAFT_TAG}]",
    )
    return "\n".join(("---", *lines, "---"))


def _composition(audit: Audit) -> str:
    tags, splits = sorted({cell.tag for cell in audit.cells}), list(dict.fromkeys(cell.split for cell in audit.cells))
    counts = Counter[tuple[str, str]]()
    for cell in audit.cells:
        counts[cell.tag, cell.split] += cell.rows
    header = f"| form | {' | '.join(splits)} | rows |\n|---|{'---:|' * (len(splits) + 1)}"
    lines = [_line(tag, [counts[tag, split] for split in splits]) for tag in tags]
    labels = Counter[str]()
    for cell in audit.cells:
        labels[cell.label] += cell.rows
    named = ", ".join(f"{label} {number:,}" for label, number in labels.most_common() if label) or "none"
    after = ("", f"Labels: {named}.", "", f"Signature: {audit.sha256}.")
    return "\n".join((audit.sentences[0], "", header, *lines, *after))


def _line(tag: str, counts: Sequence[int]) -> str:
    return f"| {tag} | {' | '.join(map(str, [*counts, sum(counts)]))} |"


def _authors(audit: Audit) -> str:
    groups = [group for group in audit.groups if group.field in ("author", "gender")]
    found = [f"{group.value or 'not said'}: {many(group.rows, 'row')}" for group in groups]
    return f"Counted: {'; '.join(found)}.\n\n{UNKNOWN}" if found else UNKNOWN


def _languages(audit: Audit) -> str:
    counts = Counter[str]()
    for cell in audit.cells:
        counts[cell.tag] += cell.rows
    found = [(tag, rows) for tag, rows in sorted(counts.items()) if rows]
    forms = "\n".join(f"- {name_form(tag)} (`{tag}`): {many(rows, 'row')}" for tag, rows in found)
    dialects = [f"{group.value or 'not said'} {group.rows:,}" for group in audit.groups if group.field == "dialect"]
    said = f"Dialects: {', '.join(dialects)}." if dialects else "Dialects: not known; no row names one."
    return f"{forms}\n\n{said}"


def _scripts(audit: Audit) -> str:
    names = sorted({script_of(cell.tag) for cell in audit.cells if cell.rows} - {""})
    spelling = [sentence for sentence in audit.sentences if sentence.startswith("Spelling of")]
    return "\n".join((f"Scripts: {', '.join(names)}.", *(f"- {sentence}" for sentence in spelling)))


def _collection(audit: Audit) -> str:
    sources = [f"{group.value or 'not said'} {group.rows:,}" for group in audit.groups if group.field == "source"]
    personal = [sentence for sentence in audit.sentences if "ersonal data" in sentence]
    said = f"Sources: {', '.join(sources)}." if sources else UNKNOWN
    return "\n\n".join((said, *personal))


def _gaps(audit: Audit) -> str:
    rows = [gap for gap in audit.census if gap.name != "other" and gap.people_percent >= 1]
    gaps = [
        f"- {gap.name}: {gap.rows_percent:g} % of the rows, mother tongue of {gap.people_percent:g} % of Pakistan"
        f" (gap {gap.points:+g} points)."
        for gap in rows
    ]
    others = [f"- {said}" for said in audit.sentences if said.startswith(_CONTENT) or " are empty: " in said]
    return "\n".join((*gaps, *others))


def _rows(audit: Audit) -> int:
    return sum(cell.rows for cell in audit.cells)


_WRITERS: dict[str, Callable[[Audit], str]] = {
    "Composition": _composition,
    "Who wrote it": _authors,
    "Languages and dialects": _languages,
    "Scripts": _scripts,
    "Collection": _collection,
    "Known gaps": _gaps,
    "Do not use for": lambda _: _USES,
}
"""Section of a card -> what an audit can say for it."""
