"""``boli``: a table of commands that delegate. Every command imports what it needs when it runs."""

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from boli.errors import BoliError, ConfigError

if TYPE_CHECKING:
    from boli.normalization import Normalizer

app = typer.Typer(
    name="boli",
    help="Normalize, identify and classify Urdu, Punjabi, Sindhi, Pashto and Balochi, in Arabic script and in Roman.",
    add_completion=False,
    rich_markup_mode=None,
)


def _show_help(context: typer.Context) -> None:
    """Print help when no command is given."""
    if context.invoked_subcommand is None:
        _print(f"{context.get_help()}\n")


def _group(name: str, help_: str) -> typer.Typer:
    group = typer.Typer(callback=_show_help, invoke_without_command=True, help=help_)
    app.add_typer(group, name=name)
    return group


tables = _group("tables", "Rule tables: format them, check them.")
data = _group("data", "Data sets: check that one is complete, audit who is in it.")
train = _group("train", "Train models (needs boli[train]).")

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
TextLang = Annotated[str | None, typer.Option("--lang", metavar="TAG", help="Language of the texts, such as ur-Latn.")]
Engine = Annotated[str, typer.Option(metavar="encoder|linear", help="Which model answers; by default the better one.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Throw away what an earlier run left in the folder.")]
DatasetName = Annotated[str, typer.Argument(metavar="DATASET", help="A folder, or the name of a shipped data set.")]
Tables = Annotated[list[Path] | None, typer.Argument(metavar="FILES", help="Rule tables; none: all of boli's.")]


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """Print the version, or help when no command is given."""
    if version:
        import boli

        _print(f"boli {boli.__version__}\n")
    else:
        _show_help(context)


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
def predict(
    pipeline: Name,
    files: Files = None,
    lang: TextLang = None,
    engine: Engine = "",
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Label each line with a trained model."""
    from boli import pipeline as loaders
    from boli import streams
    from boli.listings import labels

    show = labels.show_predictions_json if as_json else labels.show_predictions
    streams.transform(show(loaders.load(pipeline, engine=engine), lang), files or (), out)


@app.command()
def explain(
    pipeline: Name,
    files: Files = None,
    lang: TextLang = None,
    engine: Engine = "",
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Label each line and say why: each word is left out once."""
    from boli import pipeline as loaders
    from boli import streams
    from boli.listings import labels

    show = labels.show_reasons_json if as_json else labels.show_reasons
    streams.transform(show(loaders.load(pipeline, engine=engine), lang), files or (), out)


@app.command()
def pipelines(as_json: Json = False) -> None:
    """List the pipelines that are installed: size, languages, licence, scores."""
    from boli import pipeline, streams
    from boli.listings.labels import show_pipelines
    from boli.pipeline.plain import to_plain

    found = pipeline.pipelines()
    rows = (dict(one._asdict(), folder=str(one.folder), scores=to_plain(dict(one.scores))) for one in found)
    _print(streams.json_lines(rows) if as_json else show_pipelines(found))


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Of the run.")] = Path("runs/demo"), fresh: Fresh = False
) -> None:
    """Do the main job from end to end on shipped data (needs boli[train]); go on where an earlier call stopped."""
    from boli.demo import run_demo

    run_demo(folder, fresh=fresh)


@train.command("intent")
def train_intent(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="See scripts/configs.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Change a setting; may be repeated.")
    ] = None,
    folder: Annotated[Path, typer.Option(help="Of the run.")] = Path("runs/intent"),
    fresh: Fresh = False,
) -> None:
    """Train an intent model and a cheap baseline; run it again to go on after a power cut."""
    from boli.training import read_config, run_intent

    run_intent(read_config(config, settings or ()), folder, fresh=fresh)


@tables.command("fmt")
def format_tables(files: Tables = None) -> None:
    """Fill in names or glyphs where one of the two is missing, and put the columns in order."""
    from boli.normalization import inspection

    changed = inspection.format_tables(files or inspection.find_tables())
    _print("".join(f"formatted {path}\n" for path in changed) or "all tables were formatted already\n")


@tables.command("check")
def check_tables(files: Tables = None) -> None:
    """Check that tables are formatted, load for every language and level, and keep every never-merge contract."""
    from boli.normalization import inspection

    paths = files or inspection.find_tables()
    count = inspection.check_tables(paths)
    _print(f"{len(paths)} tables are formatted; {count} rule sets load and keep their contracts\n")


@data.command("check")
def check_data(dataset: DatasetName) -> None:
    """Check rows and card of a data set; say what is in it."""
    from boli.datasets import load_dataset

    found = load_dataset(dataset)
    rows = f"{len(found.train):,} train, {len(found.dev):,} dev, {len(found.test):,} test rows"
    _print(f"{found.name}: {rows}; {', '.join(found.card.languages)}; {found.card.licence}; sha256 {found.sha256}\n")


@data.command("audit")
def audit_data(dataset: DatasetName, as_json: Json = False) -> None:
    """Say who is in a data set and who is left out, and find repeats, leaks and empty cells."""
    from boli.datasets import audit_dataset, load_dataset

    found = audit_dataset(load_dataset(dataset))
    _print(found.to_json() if as_json else "".join(f"{sentence}\n" for sentence in found.sentences))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0: done; 1: ``--strict`` found something; 2: one sentence on standard error says why not; 130: Ctrl-C; 141: nobody
    reads the output any more.

    Args:
        arguments: without the program's name; by default those of the process.

    >>> main(["pipelines", "--jsn"])
    2
    """
    command = typer.main.get_command(app)
    try:
        with command.make_context("boli", list(sys.argv[1:] if arguments is None else arguments)) as context:
            command.invoke(context)
        sys.stdout.flush()
    except typer.Exit as end:
        return int(end.exit_code)
    except BrokenPipeError:
        return _leave_quietly()
    except KeyboardInterrupt as stopped:
        return _fail(str(stopped) or "stopped", 130)
    except BoliError as problem:
        return _fail(str(problem), 2)
    except OSError as problem:
        return _fail(f"{problem.filename or 'output'}: {problem.strerror or problem}", 2)
    except Exception as problem:
        return _fail_otherwise(problem)
    return 0


def _fail(sentence: str, code: int) -> int:
    sys.stderr.write(f"boli: {' '.join(sentence.splitlines())}\n")
    return code


def _fail_otherwise(problem: Exception) -> int:
    """Tell a wrong command line (typer's errors know a message for it) from a fault of ours."""
    message = getattr(problem, "format_message", None)
    if callable(message):
        path = getattr(getattr(problem, "ctx", None), "command_path", "boli")
        return _fail(f"{str(message()).rstrip('.')}; run: {path} --help", 2)
    if os.environ.get("BOLI_TRACEBACK"):
        raise problem
    return _fail(
        f"a fault in boli, not in what you typed: {type(problem).__name__}: {problem};"
        " please report it with what the same command says under BOLI_TRACEBACK=1",
        1,
    )


def _leave_quietly() -> int:
    """Whoever read our output has had enough: say nothing now, and nothing when Python flushes at the end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141


def _print(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
