"""`boli review`: rows for speakers to judge, and their verdicts back."""

from pathlib import Path
from typing import Annotated

import typer

from boli.commands.arguments import print_text

Root = Annotated[Path, typer.Option("--root", metavar="FOLDER", help="A checkout of boli; by default this folder.")]
Data = Annotated[str, typer.Option("--data", metavar="DATASET", help="A folder or shipped data set, for messages.")]


def write_page(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="tables, cases, messages or explanations.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The page; the CSV gets the same name.")],
    lang: Annotated[str, typer.Option("--lang", metavar="TAG", help="Such as ur-Latn, or ur for both scripts.")] = "",
    most: Annotated[int, typer.Option("--most", metavar="ROWS", min=1, help="Spread evenly over all rows.")] = 100,
    data: Data = "wallet-intents",
    root: Root = Path(),
) -> None:
    """Write one page that opens without a network, and a CSV, of rows for a speaker to judge: right, wrong, better so.

    It speaks the language of its rows, with English beneath. Send it to somebody; what they save comes back by apply.
    """
    from boli.files import write_text
    from boli.review import Sources, list_items, render_csv, render_page

    items = list_items(kind, Sources.of(root, data), lang=lang)
    step = max(1, len(items) / most)
    chosen = [items[int(at * step)] for at in range(min(most, len(items)))]
    write_text(out, render_page(chosen))
    write_text(out.with_suffix(".csv"), render_csv(chosen))
    print_text(f"wrote {out} and {out.with_suffix('.csv')}: {len(chosen):,} of {len(items):,} rows\n")


def apply_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON or CSV that a page saved, or a filled-in CSV.")],
    data: Data = "wallet-intents",
    root: Root = Path(),
) -> None:
    """Take a reader's verdicts over: reviews.tsv beside the tables, corrected messages, the support table.

    All or nothing: a row that was changed since the page was made is refused with file and line.
    """
    from boli.review import Sources, apply_verdicts, read_verdicts

    done = apply_verdicts(read_verdicts(file), Sources.of(root, data))
    lines = [
        f"{done.right:,} right, {done.wrong:,} wrong, {done.better:,} better",
        *(f"wrote {p}" for p in done.written),
    ]
    lines += [f"for a person to take up: {correction}" for correction in done.waiting]
    print_text("".join(f"{line}\n" for line in lines))
