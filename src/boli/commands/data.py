"""`boli data`: what is in a data set, and who."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from boli.commands.arguments import Json, Out, print_text
from boli.errors import ConfigError

if TYPE_CHECKING:
    from boli.datasets import Rows, Schema

Source = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="A file (JSON lines, CSV, TSV, Parquet, text), a folder, a shipped data set, or OWNER/NAME of the hub.",
    ),
]
Checked = Annotated[str, typer.Argument(metavar="DATA", help="As for audit; or a card (.md), or a folder of cards.")]
Form = Annotated[str, typer.Option("--form", metavar="FORM", help="Of the file, where its name does not say it.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="FIELD=COLUMN", help="Which column holds text, label, tag ...; may be repeated."),
]
RowTag = Annotated[str, typer.Option("--lang", metavar="TAG", help="Of rows that have none; or: identify.")]
Download = Annotated[bool, typer.Option("--download", help="Fetch a set of the hub that is not on this computer.")]


def check_data(
    dataset: Checked, form: Form = "", columns: Columns = None, lang: RowTag = "", download: Download = False
) -> None:
    """Check the rows and the card of a data set, or cards alone; say what is in it. Exit code 2 at the first fault."""
    if Path(dataset).suffix == ".md" or _holds_cards(Path(dataset)):
        _check_cards(Path(dataset))
        return
    from boli.datasets import load_rows

    found = load_rows(dataset, form=form, schema=_schema(columns, lang), download=download)
    counts = ", ".join(f"{len(found.split(split)):,} {split}" for split in found.splits)
    tags = ", ".join(sorted({row.tag for row in found.records}))
    licence = found.card.licence if found.card else "no card"
    warnings = "".join(f"warning: {problem}\n" for problem in found.problems)
    print_text(f"{warnings}{found.name}: {counts} rows; {tags}; {licence}; sha256 {found.sha256}\n{_say_draft(found)}")


def audit_data(
    dataset: Source,
    form: Form = "",
    columns: Columns = None,
    lang: RowTag = "",
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FOLDER", help="Write a page (audit.html) and audit.json there.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Count rows; do not look into the words.")] = False,
    most: Annotated[
        int | None, typer.Option("--sample", metavar="ROWS", min=1, help="Draw so many rows of a larger file.")
    ] = None,
    as_json: Json = False,
    download: Download = False,
) -> None:
    """Say who is in a data set and who is left out; find repeats, leaks, empty cells and personal data.

    Rows that are wrong are named and left out.
    """
    from boli.datasets import audit_dataset, load_rows, write_page

    schema = _schema(columns, lang)
    rows = load_rows(dataset, form=form, schema=schema, skip_bad=True, most=most, download=download)
    found = audit_dataset(rows, deep=not quick)
    written = "".join(f"wrote {path}\n" for path in write_page(found, html)) if html else ""
    print_text(found.to_json() if as_json else "".join(f"{said}\n" for said in found.sentences) + written)


def draft_card(
    dataset: Source,
    form: Form = "",
    columns: Columns = None,
    lang: RowTag = "",
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Of the data set, for people.")] = "",
    licence: Annotated[str, typer.Option("--licence", metavar="ID", help="Such as cc-by-4.0.")] = "unknown",
    out: Out = None,
) -> None:
    """Write a draft of a card, filled in from an audit; what nobody counted says that it is not known."""
    from boli import streams
    from boli.datasets import audit_dataset, load_rows
    from boli.datasets import draft_card as draft

    rows = load_rows(dataset, form=form, schema=_schema(columns, lang), skip_bad=True)
    card = draft(audit_dataset(rows, deep=True), name=name, licence=licence)
    streams.write([card.encode("utf-8")], out)


def _holds_cards(path: Path) -> bool:
    return path.is_dir() and any(card.name != "README.md" for card in path.glob("*.md"))


def _check_cards(path: Path) -> None:
    from boli.datasets import check_card, check_cards

    cards = check_cards(path) if path.is_dir() else (check_card(path),)
    lines = [
        f"{card.path}: {card.name}; {', '.join(card.languages)}; {card.licence}{'; a draft' if card.is_draft else ''}\n"
        for card in cards
    ]
    print_text("".join(lines))


def _say_draft(found: "Rows") -> str:
    if found.card is None or not found.card.is_draft:
        return ""
    return f"{found.card.path} is a draft: fill in what is not known, then take the tag draft-card out of its head\n"


def _schema(columns: list[str] | None, lang: str) -> "Schema":
    from boli.datasets import Schema

    pairs = [pair.partition("=") for pair in columns or ()]
    wrong = next(("".join(pair) for pair in pairs if not (pair[0] and pair[2])), None)
    if wrong is not None:
        raise ConfigError(f"cannot read --column {wrong!r}; write FIELD=COLUMN, for example text=sentence")
    return Schema({field: column for field, _, column in pairs}, lang)
