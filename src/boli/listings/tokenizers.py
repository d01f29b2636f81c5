"""What `boli tokenizer report` prints and draws. Intervals come in here: evaluation stands above tokenization."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from boli.errors import require
from boli.evaluation import Interval, resamples
from boli.tokenization.report import (
    Counts,
    TokenizerScore,
    count_texts,
    name_of,
    open_cutter,
    score_counts,
    scripts_of,
)


class Row(NamedTuple):
    """One tokenizer on the texts of one language; intervals are of tokens per word and of the share of whole words."""

    score: TokenizerScore
    tokens_per_word: Interval
    whole: Interval


class Measured(NamedTuple):
    """One tokenizer: its pieces, their scripts (shares), and a row for each language."""

    name: str
    pieces: int
    scripts: Mapping[str, float]
    rows: tuple[Row, ...]


def measure(
    models: Sequence[Path | str], texts: Mapping[str, Sequence[str]], *, samples: int = 1000
) -> tuple[Measured, ...]:
    """Measure each tokenizer on the texts of each language; the same texts are drawn for all of them."""
    return tuple(_measure_one(model, texts, samples) for model in models)


def _measure_one(model: Path | str, texts: Mapping[str, Sequence[str]], samples: int) -> Measured:
    cutter = open_cutter(model)
    rows = []
    for tag, lines in texts.items():
        counts, used = count_texts(cutter, lines)
        rows.append(row_of(tag, counts, used, cutter.size, samples=samples))
    scripts = {name: count / cutter.size for name, count in scripts_of(cutter.pieces()).most_common()}
    return Measured(name_of(model), cutter.size, scripts, tuple(rows))


def row_of(
    tag: str, counts: Sequence[Counts], used: frozenset[str], pieces: int, *, samples: int = 1000
) -> Row:
    """Score the texts of one language, with 95 % bootstrap intervals over texts."""
    score = score_counts(tag, counts, used, pieces)
    words, tokens, whole = (np.array([count[at] for count in counts], np.float64) for at in (0, 1, 4))
    drawn = np.array(
        [
            (tokens[rows].sum() / total, whole[rows].sum() / total)
            for rows in resamples(len(counts), samples=samples)
            if (total := words[rows].sum())
        ]
    )
    if not drawn.size:
        nothing = Interval(0.0, 0.0, 0.0)
        return Row(score, nothing, nothing)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    return Row(
        score,
        Interval(score.tokens_per_word, float(low[0]), float(high[0])),
        Interval(score.whole, float(low[1]), float(high[1])),
    )


def show(measured: Sequence[Measured]) -> str:
    """Print a table: a line for each tokenizer and language."""
    head = (
        "tokenizer", "pieces", "language", "texts", "words", "tokens/word (95 %)", "chars/token", "bytes/token",
        "whole words (95 %)", "unknown", "bytes alone", "vocabulary used",
    )  # fmt: skip
    rows = [head, *(_cells(one, row) for one in measured for row in one.rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines += ["", *(_say_scripts(one) for one in measured)]
    return "\n".join(lines) + "\n"


def _cells(one: Measured, row: Row) -> tuple[str, ...]:
    score = row.score
    return (
        one.name, f"{one.pieces:,}", score.group, f"{score.texts:,}", f"{score.words:,}",
        f"{score.tokens_per_word:.3f} ({row.tokens_per_word.low:.3f}-{row.tokens_per_word.high:.3f})",
        f"{score.characters_per_token:.2f}", f"{score.bytes_per_token:.2f}",
        f"{_percent(score.whole)} ({_percent(row.whole.low)}-{_percent(row.whole.high)})",
        _percent(score.unknown_share), _percent(score.byte_share), _percent(score.used),
    )  # fmt: skip


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _say_scripts(one: Measured) -> str:
    return f"{one.name}: " + ", ".join(f"{name} {_percent(share)}" for name, share in one.scripts.items())


def show_json(measured: Sequence[Measured]) -> str:
    """Print one JSON object."""
    listed = [
        {
            "tokenizer": one.name,
            "pieces": one.pieces,
            "scripts": dict(one.scripts),
            "languages": [
                row.score._asdict()
                | {"tokens_per_word_interval": row.tokens_per_word[1:], "whole_interval": row.whole[1:]}
                for row in one.rows
            ],
        }
        for one in measured
    ]
    return json.dumps(listed, ensure_ascii=False, indent=1) + "\n"


def draw(measured: Sequence[Measured], path: Path) -> None:
    """Draw tokens per word with intervals, languages side by side."""
    figure = require("matplotlib.figure", "train").Figure(figsize=(9, 4.5), layout="constrained")
    axes = figure.subplots()
    tags = [row.score.group for row in measured[0].rows]
    width = 0.8 / len(measured)
    for place, one in enumerate(measured):
        at = np.arange(len(tags)) + place * width
        values = np.array([row.tokens_per_word for row in one.rows])
        reach = np.abs(values[:, 1:].T - values[:, 0])
        axes.bar(at, values[:, 0], width, yerr=reach, label=one.name, capsize=2)
    axes.set_xticks(np.arange(len(tags)) + 0.4 - width / 2, tags)
    axes.set_ylabel("tokens per word (fewer is better)")
    axes.axhline(1, color="black", linewidth=0.5)
    axes.legend()
    figure.savefig(path, dpi=120)
