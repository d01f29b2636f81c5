"""The end of a run, told to a person: what came out, who is left out, which model is worth it, and ten answers."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from boli.evaluation import SliceScore
from boli.training.cards import percent
from boli.training.finetuning import Outcome
from boli.training.plots import best_engine
from boli.training.reload import Example, read_examples
from boli.training.reports import Report


def summarize(outcome: Outcome) -> RenderableType:
    """Return the summary of a finished run, ready to print."""
    report = outcome.report
    return Group(
        _scores(report),
        Text(),
        Text(report.verdict, style="bold"),
        Text(_left_out(report)),
        Text(),
        _answers(read_examples(outcome.folder), report),
        Text(),
        Text(_where(outcome)),
    )


def _scores(report: Report) -> Table:
    table = Table(title=f"Test accuracy, {100 * report.comparison.level:g} % intervals", title_justify="left")
    for name, side in (("", "left"), ("rows", "right"), ("encoder", "right"), ("linear baseline", "right")):
        table.add_column(name, justify="right" if side == "right" else "left")
    encoder, linear = report.encoder, report.linear
    table.add_row("all", f"{report.rows[2]:,}", percent(encoder.accuracy), percent(linear.accuracy), style="bold")
    untold = percent(encoder.untold), percent(linear.untold)
    table.add_row("all, language not told", f"{report.rows[2]:,}", *untold, end_section=True)
    for first, second in ((encoder.languages, linear.languages), (encoder.scripts, linear.scripts)):
        _add_slices(table, first, second)
    _add_slices(table, encoder.forms, linear.forms)
    for one, two in zip(encoder.slots, linear.slots, strict=True):
        table.add_row(f"slot {one.name}, F1", f"{one.rows:,}", percent(one.interval), percent(two.interval))
    for flip, other in zip(encoder.flips, linear.flips, strict=True):
        table.add_row(f"flips: {flip.kind}", f"{flip.pairs:,}", percent(flip.rate), percent(other.rate))
    speed = (f"{each.milliseconds:.2f} ms, {each.size / 1e6:.1f} MB" for each in (encoder, linear))
    table.add_row("one message, size", "", *speed)
    return table


def _add_slices(table: Table, first: Sequence[SliceScore], second: Sequence[SliceScore]) -> None:
    for place, (one, two) in enumerate(zip(first, second, strict=True), start=1):
        rows = f"{one.count:,} (few)" if one.small else f"{one.count:,}"
        last = place == len(first)
        table.add_row(one.name, rows, percent(one.interval), percent(two.interval), end_section=last)


def _left_out(report: Report) -> str:
    best = best_engine(report)
    if not best.worst_form:
        return "No language and script has enough test rows to say who is left out."
    return f"Served worst by the {best.name} model: {best.worst_form}, {100 * best.gap:.1f} points below the best form."


def _answers(examples: Sequence[Example], report: Report) -> Table:
    right = sum(example.label == example.gold for example in examples)
    title = f"A new process loaded the folder and read {len(examples)} test messages; {right} answers are right"
    table = Table(title=title, title_justify="left", show_lines=True)
    for name in ("form", "message", f"answer ({report.engine}) and why"):
        table.add_column(name, overflow="fold")
    for example in examples:
        mark = Text("right", style="green") if example.label == example.gold else Text(f"wrong: {example.gold}", "red")
        table.add_row(example.tag, example.text, Text("\n").join([mark, Text(example.english), Text(example.urdu)]))
    return table


def _where(outcome: Outcome) -> str:
    worked = [done for done in outcome.stages if done.again]
    seconds = sum(done.seconds for done in outcome.stages)
    told = "It took" if worked else "Nothing to do: this run is finished. It took"
    use = f'from boli.pipeline import load; load("{outcome.folder}")("your message", "ur-Latn").label'
    return (
        f"{told} {seconds:.0f} s of work. Everything is in {outcome.folder}: the card is README.md, the pictures are "
        f"in plots, all on one page is report.html, the numbers are in report.json.\n"
        f"Reasons in Urdu are machine-written, unreviewed by native speakers.\n"
        f"Use it: {use}"
    )
