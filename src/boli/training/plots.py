"""Pictures of a run, as PNG: accuracy by form, confusions, the training curve, calibration."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from boli.errors import require
from boli.files import write_bytes
from boli.training.reports import EngineReport, Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMES = ("accuracy_by_form", "confusion", "training", "calibration")
"""File names of the pictures, without ending."""

_COLOURS = {"encoder": "tab:blue", "linear": "tab:orange"}


def draw_plots(report: Report, folder: Path) -> None:
    """Write one PNG for each of `NAMES`.

    Raises:
        MissingExtra: matplotlib is not installed.
        RunError: the disk is full.
    """
    drawers = (_draw_forms, _draw_confusion, _draw_curve, _draw_calibration)
    for name, draw in zip(NAMES, drawers, strict=True):
        figure = _new_figure(height=7 if name == "confusion" else 4.5)
        draw(report, figure.add_subplot())
        write_bytes(folder / f"{name}.png", _to_png(figure))


def _new_figure(*, height: float) -> "Figure":
    figure: Figure = require("matplotlib.figure", "train").Figure(figsize=(8, height), dpi=100, layout="constrained")
    return figure


def _to_png(figure: "Figure") -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _draw_forms(report: Report, axes: "Axes") -> None:
    for shift, engine in ((-0.15, report.encoder), (0.15, report.linear)):
        places = [place + shift for place in range(len(engine.forms))]
        values = [100 * score.interval.value for score in engine.forms]
        below = [100 * (score.interval.value - score.interval.low) for score in engine.forms]
        above = [100 * (score.interval.high - score.interval.value) for score in engine.forms]
        axes.errorbar(
            places, values, yerr=[below, above], fmt="o", capsize=3, color=_COLOURS[engine.name], label=engine.name
        )
    axes.set_xticks(range(len(report.encoder.forms)), [score.name for score in report.encoder.forms], rotation=45)
    axes.set(ylabel="accuracy, % (bars: interval)", ylim=(0, 100), title="Test accuracy by language and script")
    axes.legend()


def _draw_confusion(report: Report, axes: "Axes") -> None:
    engine = best_engine(report)
    axes.imshow(engine.confusion, cmap="Blues")
    darkest = max(max(counts) for counts in engine.confusion)
    for row, counts in enumerate(engine.confusion):
        for column, count in enumerate(counts):
            if count:
                shade = "white" if count > darkest / 2 else "black"
                axes.text(column, row, str(count), ha="center", va="center", fontsize=8, color=shade)
    axes.set_xticks(range(len(engine.answers)), engine.answers, rotation=90)
    axes.set_yticks(range(len(engine.answers)), engine.answers)
    axes.set(xlabel="answer", ylabel="truth", title=f"What the {engine.name} model mixes up (test rows)")


def _draw_curve(report: Report, axes: "Axes") -> None:
    epochs = [point.epoch + 1 for point in report.curve]
    axes.plot(epochs, [point.train_loss for point in report.curve], color="tab:gray", label="train loss")
    axes.plot(epochs, [point.dev_loss for point in report.curve], color="tab:red", label="dev loss")
    axes.set(xlabel="epoch", ylabel="loss, nats", title="How the encoder learned")
    right = axes.twinx()
    right.plot(epochs, [100 * point.dev_score for point in report.curve], color="tab:blue", label="dev score")
    right.set(ylabel="dev score, %", ylim=(0, 100))
    lines = [*axes.get_lines(), *right.get_lines()]
    axes.legend(lines, [str(line.get_label()) for line in lines], loc="center right")


def _draw_calibration(report: Report, axes: "Axes") -> None:
    axes.plot([0, 100], [0, 100], color="lightgray", label="as sure as right")
    for engine in (report.encoder, report.linear):
        sure = [100 * each.confidence for each in engine.bins]
        right = [100 * each.accuracy for each in engine.bins]
        axes.plot(sure, right, "o-", color=_COLOURS[engine.name], label=engine.name)
    axes.set(xlabel="how sure, %", ylabel="how often right, %", title="Can the scores be believed? (test rows)")
    axes.legend()


def best_engine(report: Report) -> EngineReport:
    """Return the report of the model that answers by default."""
    return report.encoder if report.engine == "encoder" else report.linear
