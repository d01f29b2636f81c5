"""Commands that change the script or the spelling of lines of text: transliterate, respell."""

from pathlib import Path
from typing import Annotated

import typer

from boli.commands.arguments import Files, Json, Out
from boli.errors import ConfigError

Source = Annotated[str, typer.Option("--from", metavar="TAG", help="Tag of the input, such as ur-Latn.")]
Target = Annotated[str, typer.Option("--to", metavar="TAG", help="The same language in another script: ur-Arab.")]


def transliterate(
    source: Source,
    target: Target,
    files: Files = None,
    scheme: Annotated[str | None, typer.Option(metavar="NAME", help="bgn-pcgn or reversible; none: everyday.")] = None,
    english: Annotated[str, typer.Option(metavar="convert|keep", help="English words in Roman text.")] = "convert",
    capitals: Annotated[bool, typer.Option("--capitals", help="A capital letter at the start of sentences.")] = False,
    user_words: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your own words: word TAB answer, one pair a line.")
    ] = None,
    candidates: Annotated[int, typer.Option(metavar="N", help="Print N answers for every word instead.")] = 0,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Write lines of text in another script of their language; every line stays a line, in its place."""
    from boli import streams
    from boli.listings import conversions
    from boli.transliteration import Transliterator, read_user_words

    if candidates and as_json:
        raise ConfigError("--candidates and --json exclude each other; choose one")
    transliterator = Transliterator(
        source, target, scheme=scheme, english=english, capitals=capitals,
        user_words=read_user_words(user_words) if user_words else {},
    )  # fmt: skip
    show = conversions.show_converted(transliterator.batch)
    if as_json:
        show = conversions.show_converted_json(transliterator)
    if candidates:
        show = conversions.show_candidates(transliterator, candidates)
    streams.transform(show, files or (), out)


def respell(
    lang: Annotated[str, typer.Option(metavar="TAG", help="ur-Latn, pa-Latn, sd-Latn or ps-Latn.")],
    files: Files = None,
    out: Out = None,
) -> None:
    """Bring the many Roman spellings of a word to the common one; English words and names stay."""
    from boli import streams
    from boli.listings import conversions
    from boli.transliteration import Respeller

    streams.transform(conversions.show_converted(Respeller(lang).batch), files or (), out)
