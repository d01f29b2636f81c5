"""The command that takes personal data out of lines of text."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from boli.commands.arguments import Files, Json, Out
from boli.errors import ConfigError, DataError

KEY_VARIABLE = "BOLI_REDACTION_KEY"
"""Environment variable with the key of the pseudonyms. A key on the command line would be seen by every user."""


def redact(
    files: Files = None,
    kinds: Annotated[
        str | None, typer.Option(metavar="KIND,...", help="Such as cnic,phone; +transaction adds to the usual ones.")
    ] = None,
    style: Annotated[str, typer.Option(metavar="placeholder|pseudonym", help="[PHONE], or a stable name.")] = (
        "placeholder"
    ),
    key_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help=f"Key of the pseudonyms; else {KEY_VARIABLE} is read.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write counts by kind, file and line (TSV), without any data.")
    ] = None,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Take personal data out of lines of text: identity cards, phones, accounts, addresses and others.

    A placeholder such as [PHONE] stands in its place, or with a key a pseudonym that is the same for the same number.
    Names of people stay. Every line stays a line, in its place.
    """
    from boli import streams
    from boli.listings import redactions
    from boli.redaction import Redactor, Tally, tallying

    redactor = Redactor(_kinds(kinds), style, _key(style, key_file))
    show = redactions.show_redacted_json if as_json else redactions.show_redacted
    with tallying(report) if report else nullcontext(Tally()) as tally:
        streams.transform(show(redactor, tally), files or (), out)


def _kinds(asked: str | None) -> list[str] | None:
    from boli.redaction import load_kinds

    if asked is None:
        return None
    names = [name.strip() for name in asked.split(",")]
    usual = [kind.name for kind in load_kinds().values() if kind.default]
    return [*usual, *(name.removeprefix("+") for name in names)] if asked.startswith("+") else names


def _key(style: str, path: Path | None) -> bytes | None:
    """Read the key from its file, or from the environment; the line feed at its end does not count."""
    import os

    if path:
        try:
            return path.read_bytes().rstrip(b"\r\n")
        except OSError as problem:
            raise DataError(f"{path}: the key cannot be read ({problem.strerror}); give a file with a key") from None
    if style != "pseudonym":
        return None
    key = os.environ.get(KEY_VARIABLE)
    if not key:
        raise ConfigError(f"pseudonyms need a key; give --key-file FILE, or set {KEY_VARIABLE}")
    return key.encode("utf-8", "surrogateescape")
