"""`boli data counterfactuals`: pairs of messages that should get one answer."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from boli.commands.arguments import print_text
from boli.errors import DataError


def write_counterfactuals(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="As for boli data audit.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="FILE", help="JSON lines; pairs.jsonl beside the splits is tested.")
    ],
    kinds: Annotated[
        list[str] | None, typer.Option("--kind", metavar="KIND", help="Only this kind of pair; may be repeated.")
    ] = None,
    split: Annotated[
        str, typer.Option("--split", metavar="NAME", help="Rows to make pairs of; all takes every row.")
    ] = "test",
    seed: Annotated[int, typer.Option("--seed", help="Of the choice of names, places and words.")] = 0,
) -> None:
    """Write pairs that differ in a name, a place, a script, a spelling or a dialect, which must not change the answer.

    Pairs made of sealed rows are sealed.
    """
    from boli.datasets import load_rows
    from boli.datasets.copies import write_copy
    from boli.datasets.counterfactuals import KINDS, make_counterfactuals

    rows = load_rows(dataset)
    chosen = rows.records if split == "all" else rows.split(split)
    if not chosen:
        raise DataError(f"{dataset} has no split {split!r}; choose from: {', '.join((*rows.splits, 'all'))}")
    pairs = make_counterfactuals(chosen, tuple(kinds or KINDS), seed=seed)
    write_copy(out, "".join(f"{pair.to_json()}\n" for pair in pairs).encode("utf-8"), sealed=rows.is_sealed)
    counts = Counter(pair.kind for pair in pairs)
    said = ", ".join(f"{kind} {counts[kind]:,}" for kind in kinds or KINDS)
    print_text(f"wrote {out}: {len(pairs):,} pairs of {len(chosen):,} rows ({said}){'; sealed' * rows.is_sealed}\n")
