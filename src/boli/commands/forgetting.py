"""`boli data forget`: a person's rows out of a data set."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from boli.commands.arguments import print_text
from boli.commands.redaction import KEY_VARIABLE
from boli.errors import ConfigError, DataError

if TYPE_CHECKING:
    from boli.datasets.forgetting import Cut, Matcher

_SHOWN = 20


def forget(
    folder: Annotated[Path, typer.Argument(metavar="DATASET", help="A folder with *.jsonl files and README.md.")],
    match: Annotated[
        str | None, typer.Option("--match", metavar="TEXT", help="A name or number; - reads it from standard input.")
    ] = None,
    pseudonym: Annotated[
        str | None, typer.Option("--pseudonym", metavar="ID", help="As boli redact writes it, or of an author.")
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option("--key-file", metavar="FILE", help=f"Key of the pseudonyms; else {KEY_VARIABLE} is read."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be removed; write nothing.")] = False,
) -> None:
    """Remove a person's rows from all splits of a data set, and note on its card how many, never what they said.

    A number is found however it is written, a name as whole words. Of a sealed data set BOLI_KEY_FILE names the key.
    """
    from boli.datasets.forgetting import find_rows, forget_rows, say_removal

    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; give the folder of a data set")
    matcher = _matcher(match, pseudonym, key_file)
    cuts = find_rows(folder, matcher)
    if not any(cut.lines for cut in cuts):
        print_text("0 rows found; nothing was written\n")
        return
    if not dry_run:
        forget_rows(folder, cuts, how="pseudonym" if pseudonym else "match", today=datetime.now(UTC).date())
    print_text(f"{'would remove' if dry_run else 'removed'} {say_removal(cuts)}\n{_say_more(cuts, dry_run)}")


def _matcher(match: str | None, pseudonym: str | None, key_file: Path | None) -> "Matcher":
    from boli.datasets.forgetting import match_pseudonym, match_text

    if (match is None) == (pseudonym is None):
        raise ConfigError("say who: give --match TEXT or --pseudonym ID, one of them")
    if match is not None:
        return match_text(sys.stdin.readline() if match == "-" else match)
    return match_pseudonym(str(pseudonym), _key(key_file))


def _key(path: Path | None) -> bytes | None:
    if path:
        try:
            return path.read_bytes().rstrip(b"\r\n")
        except OSError as problem:
            raise DataError(f"{path}: the key cannot be read ({problem.strerror}); give a file with a key") from None
    value = os.environ.get(KEY_VARIABLE)
    return value.encode("utf-8", "surrogateescape") if value else None


def _say_more(cuts: "tuple[Cut, ...]", dry_run: bool) -> str:
    places = [f"{cut.path}:{line}" for cut in cuts for line in cut.lines]
    related = [f"{cut.path}:{line}" for cut in cuts for line in cut.related]
    empty = [cut.path for cut in cuts if cut.lines and len(cut.lines) == cut.rows]
    said = [f"  {place}" for place in places[:_SHOWN]] if dry_run else []
    if dry_run and len(places) > _SHOWN:
        said.append(f"  and {len(places) - _SHOWN:,} more")
    if related:
        said.append(
            f"rows that share a template with them stay, {len(related):,} of them; look at: {', '.join(related[:5])}"
        )
    said += [f"{path} has no rows left; a data set needs some in each split" for path in empty]
    said.append(
        "models that were trained on these rows know them still: train them again; counts on the card are old: boli"
        " data audit"
    )
    return "".join(f"{line}\n" for line in said)
