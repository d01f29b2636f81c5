"""Commands that read lines of text and write lines: normalize, segment, identify."""

from typing import TYPE_CHECKING, Annotated

import typer

from boli.commands.arguments import Files, Json, Out
from boli.errors import ConfigError

if TYPE_CHECKING:
    from boli.normalization import Normalizer


def normalize(
    lang: Annotated[str, typer.Option(metavar="TAG", help="ur, pa, sd, ps, bal, or a tag such as ur-Latn.")],
    files: Files = None,
    level: Annotated[str, typer.Option(metavar="LEVEL", help="encoding, visual, standard or search.")] = "standard",
    digits: Annotated[str | None, typer.Option(metavar="keep|native|ascii")] = None,
    diacritics: Annotated[str | None, typer.Option(metavar="keep|drop")] = None,
    zwnj: Annotated[str | None, typer.Option(metavar="keep|space|drop")] = None,
    quotations: Annotated[str | None, typer.Option(metavar="keep|normalize", help="Quoted Arabic.")] = None,
    orthography: Annotated[str | None, typer.Option(metavar="NAME", help="Balochi: press, newer or academy.")] = None,
    gaf: Annotated[str | None, typer.Option(metavar="keep|pashto", help="Pashto only.")] = None,
    joined: Annotated[str | None, typer.Option(metavar="keep|split", help="Joined words.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Print each step: offsets, row, reason.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Print what changes, by code point and name.")] = False,
    audit: Annotated[bool, typer.Option("--audit", help="Count characters foreign to the language.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="With --audit: exit code 1 if there are any.")] = False,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Bring lines of text to the canonical form of their language; every line stays a line, in its place.

    Line ends are written as line feeds. What is printed before a fault in the input stays printed; a file after -o is
    written only if all went well.
    """
    from boli import streams
    from boli.listings import texts
    from boli.normalization import Normalizer

    _check_forms(explain=explain, diff=diff, audit=audit, strict=strict, as_json=as_json)
    normalizer = Normalizer(
        lang, level=level, digits=digits, diacritics=diacritics, zwnj=zwnj, quotations=quotations,
        orthography=orthography, gaf=gaf, joined=joined,
    )  # fmt: skip
    if audit:
        _audit(normalizer, files, out, as_json=as_json, strict=strict)
        return
    show = texts.show_normalized_json if as_json else texts.show_normalized
    if explain:
        show = texts.show_steps_json if as_json else texts.show_steps
    streams.transform((texts.show_changes if diff else show)(normalizer), files or (), out)


def _check_forms(*, explain: bool, diff: bool, audit: bool, strict: bool, as_json: bool) -> None:
    forms = {"--explain": explain, "--diff": diff, "--audit": audit}
    for exclusive in (forms, {"--diff": diff, "--json": as_json}):
        given = [name for name, is_on in exclusive.items() if is_on]
        if len(given) > 1:
            raise ConfigError(f"{' and '.join(given)} exclude each other; choose one")
    if strict and not audit:
        raise ConfigError("--strict goes with --audit; add it, or leave --strict out")


def _audit(normalizer: "Normalizer", files: list[str] | None, out: str | None, *, as_json: bool, strict: bool) -> None:
    from boli import streams
    from boli.languages import load_language
    from boli.listings.texts import show_audit
    from boli.normalization.audit import CharacterAuditor

    auditor = CharacterAuditor(normalizer)
    with streams.reading(files or ()) as blocks:
        for block in blocks:
            auditor.add(block.lines, file=block.name, first=block.first)
    found = auditor.result()
    shown = found.to_json() if as_json else show_audit(found, load_language(found.tag).name)
    streams.write([shown.encode("utf-8", "surrogateescape")], out)
    if strict and found.foreign:
        raise typer.Exit(1)


def segment(
    lang: Annotated[str, typer.Option(metavar="TAG", help="ur, pa, sd, ps, bal, or a tag such as ur-Latn.")],
    files: Files = None,
    words: Annotated[bool, typer.Option("--words", help="Print the words of each line, with spaces between.")] = False,
    out: Out = None,
) -> None:
    """Print each sentence on a line of its own."""
    from boli import streams
    from boli.languages import parse_tag
    from boli.listings import labels

    streams.transform(labels.show_pieces(parse_tag(lang), words=words), files or (), out)


def identify(
    files: Files = None,
    words: Annotated[bool, typer.Option("--words", help="Tag each word.")] = False,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Say in which language and script each line, or each of its words, is written."""
    from boli import streams
    from boli.listings import labels

    show = labels.show_word_tags() if words else labels.show_tags()
    streams.transform(labels.show_tags_json(words=words) if as_json else show, files or (), out)
