"""Arguments that several commands share, so that one thing has one name and one help text everywhere."""

import sys
from pathlib import Path
from typing import Annotated

import typer

Files = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILES", help="UTF-8 text, plain, .gz or .zst; none, or -: standard input."),
]
Out = Annotated[
    str | None,
    typer.Option("-o", "--out", metavar="FILE", help="Write here, whole or not at all; .gz and .zst are packed."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(metavar="PIPELINE", help="A run folder, or the name of an installed pipeline.")]
Config = Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="See scripts/configs.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Change a setting; may be repeated.")
]
TextLang = Annotated[str | None, typer.Option("--lang", metavar="TAG", help="Language of the texts, such as ur-Latn.")]
Engine = Annotated[str, typer.Option(metavar="encoder|linear", help="Which model answers; by default the better one.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Throw away what an earlier run left in the folder.")]
DatasetName = Annotated[str, typer.Argument(metavar="DATASET", help="A folder, or the name of a shipped data set.")]
Tables = Annotated[list[Path] | None, typer.Argument(metavar="FILES", help="Rule tables; none: all of boli's.")]


def print_text(text: str) -> None:
    """Print text as UTF-8, whatever the terminal says, with undecodable bytes as they came."""
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.flush()
