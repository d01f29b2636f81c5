"""Commands about tokenizers: train one, measure some, lengthen one."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from boli.commands.arguments import Json, print_text
from boli.errors import ConfigError, DataError

Models = Annotated[
    list[str],
    typer.Argument(metavar="MODEL...", help="tokenizer.json, its folder, .model, vocab.txt, or a shipped name."),
]
Texts = Annotated[
    list[str], typer.Option("--texts", metavar="TAG=PATH", help="Text that was not trained on; may be repeated.")
]
Root = Annotated[Path, typer.Option("--root", metavar="FOLDER", help="Where the paths of sources start from.")]
Without = Annotated[
    list[str] | None, typer.Option("--without", metavar="SOURCE", help="Leave a source out; may be repeated.")
]


def train_tokenizer(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="See scripts/configs/tokenizer_*.toml.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FOLDER", help="New folder.")] = Path("runs/tokenizer"),
    root: Root = Path(),
    without: Without = None,
    extend: Annotated[
        str | None, typer.Option("--extend", metavar="BASE", help="Add the pieces to this tokenizer.")
    ] = None,
) -> None:
    """Train a tokenizer that normalizes by itself, from text on disk (needs boli[train]).

    With --extend the size in the configuration is the number of pieces to add.
    """
    from boli.tokenization import read_recipe, train_recipe
    from boli.tokenization.making import extend_recipe

    recipe = read_recipe(config).without(without or ())
    if extend is not None:
        advice = extend_recipe(recipe, extend, out, root=root, makers=MAKERS, report=_say)
        print_text(f"wrote {out}\nTo make a model as long, its new embeddings being means of old ones:\n\n{advice}")
        return
    made = train_recipe(recipe, out, root=root, makers=MAKERS, report=_say, shown=sys.stderr.isatty())
    print_text(f"wrote {made.folder}: {made.pieces:,} pieces in {made.seconds:.0f} s\n")


def renew_tokenizer(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A folder that `boli tokenizer train` wrote.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FOLDER", help="New folder.")],
) -> None:
    """Write a tokenizer again with today's rules inside: the same pieces, no text needed."""
    from boli.tokenization.making import renew_tokenizer as renew

    renew(model, out)
    print_text(f"wrote {out}\n")


def report_tokenizers(
    models: Models,
    texts: Texts,
    level: Annotated[
        str | None, typer.Option("--level", help="Normalize each text by its tag first; by default as it is.")
    ] = None,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE.png", help="Draw tokens per word.")] = None,
    samples: Annotated[int, typer.Option(help="Bootstrap samples.")] = 1000,
    as_json: Json = False,
) -> None:
    """Measure tokenizers side by side: tokens per word and more, by language, with intervals."""
    from boli.listings import tokenizers as listing

    measured = listing.measure(models, read_texts(texts, level), samples=samples)
    print_text(listing.show_json(measured) if as_json else listing.show(measured))
    if plot is not None:
        listing.draw(measured, plot)
        _say(f"drew {plot}")


def read_texts(given: Iterable[str], level: str | None) -> dict[str, list[str]]:
    """Read ``TAG=PATH`` arguments: tag -> texts; a path is a file, a folder or a pattern.

    Raises:
        ConfigError: an argument without a tag.
        DataError: no text.
    """
    from boli.tokenization.mixing import normalizer_of
    from boli.tokenization.recipes import SourceSpec
    from boli.tokenization.sources import read_source

    found: dict[str, list[str]] = {}
    for each in given:
        tag, equals, path = each.partition("=")
        if not (equals and tag and path):
            raise ConfigError(f"--texts {each}: expected TAG=PATH, such as ur-Arab=news.txt")
        source = SourceSpec(tag, each, path)
        lines = [line for lines in read_source(source, Path(), {}, 0) for line in lines if line.strip()]
        if not lines:
            raise DataError(f"--texts {each}: no text there; give a file with a text a line")
        if level is not None:
            lines = normalizer_of(tag, level).batch(lines)
        found[tag] = [*found.get(tag, []), *lines]
    return found


def read_langid_text(what: str, root: Path) -> list[str]:
    """Make the text of a source of identification, named ``LABEL NAME PATH`` as in its sources.tsv.

    Raises:
        ConfigError: no such source.
    """
    from boli.training.langid_sources import list_sources, read_source

    label, name, path = what.split(" ", 2)
    for source in list_sources():
        if (source.label, source.name, source.path) == (label, name, path):
            return read_source(source, root)
    raise ConfigError(f"maker langid: no source '{what}'; expected label, name and path of a row of its sources.tsv")


def read_dataset_text(what: str, root: Path) -> list[str]:
    """Return the training texts of a data set in one language, named ``DATASET TAG``; a folder or a shipped name.

    Raises:
        ConfigError: no tag.
        DataError: no such data set.
    """
    from boli.datasets import load_dataset

    name, space, tag = what.rpartition(" ")
    if not space:
        raise ConfigError(f"maker dataset: '{what}' has no tag; write for example \"wallet-intents ur-Latn\"")
    folder = root / name
    data = load_dataset(str(folder) if folder.is_dir() else name)
    return [record.text for record in data.train if record.tag == tag]


MAKERS = {"langid": read_langid_text, "dataset": read_dataset_text}
"""Name of a maker in a recipe -> what makes its text."""


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
