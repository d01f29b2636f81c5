"""The report of a run as one HTML page that needs nothing else: scores, slices, pictures."""

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

from boli.evaluation import Interval, SliceScore
from boli.training.plots import NAMES
from boli.training.reports import EngineReport, Report

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;margin:1rem 0}th,td{border:1px solid #ccc;padding:.3rem .6rem;text-align:left}"
    "td+td{text-align:right}img{max-width:100%}.few{color:#777}.verdict{font-weight:bold;font-size:1.1rem}"
)


def write_page(report: Report, plots: Path) -> str:
    """Return the page; pictures of the folder `plots` are inside it.

    Raises:
        OSError: a picture is missing.
    """
    parts = (
        f"<h1>{escape(report.data_name)}: {escape(report.task)}</h1>",
        f'<p class="verdict">{escape(report.verdict)}</p>',
        _scores(report),
        "<h2>Who is served how well</h2>"
        + "".join(_slices(report, kind) for kind in ("forms", "languages", "scripts")),
        _slots(report),
        _more(report),
        "<h2>Pictures</h2>" + "".join(_picture(name, plots) for name in NAMES),
        _origin(report),
    )
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(report.data_name)}</title>'
    return f"{head}<style>{_STYLE}</style><body>{''.join(parts)}</body></html>\n"


def show(interval: Interval) -> str:
    """Write a share with its interval in percent.

    >>> show(Interval(0.5, 0.41, 0.6))
    '50.0 % (41.0 to 60.0)'
    """
    return f"{100 * interval.value:.1f} % ({100 * interval.low:.1f} to {100 * interval.high:.1f})"


def _scores(report: Report) -> str:
    def row(name: str, one: str, two: str) -> tuple[str, str, str]:
        return name, one, two

    first, second = report.encoder, report.linear
    rows = [
        row("accuracy", show(first.accuracy), show(second.accuracy)),
        row("macro-F1", show(first.macro_f1), show(second.macro_f1)),
        row("Matthews' correlation", f"{first.matthews:.3f}", f"{second.matthews:.3f}"),
        row("accuracy, language not told", show(first.untold), show(second.untold)),
        row("calibration error", *(f"{100 * each.calibration_error:.1f} points" for each in (first, second))),
        row("one text on the CPU", *(f"{each.milliseconds:.2f} ms" for each in (first, second))),
        row("size", *(f"{each.size / 1e6:.1f} MB" for each in (first, second))),
    ]
    if report.hourly_price:
        rows.append(row("1,000 texts one by one", *(f"{each.cost:.3g}" for each in (first, second))))
    title = f"<h2>Scores on {report.rows[2]:,} test rows, {100 * report.comparison.level:g} % intervals</h2>"
    return title + _table(("", "encoder", "linear baseline"), rows)


def _slices(report: Report, kind: str) -> str:
    first, second = (_slices_of(each, kind) for each in (report.encoder, report.linear))
    rows = [
        (f"{one.name}{' (few)' if one.small else ''}", f"{one.count:,}", show(one.interval), show(two.interval))
        for one, two in zip(first, second, strict=True)
    ]
    return _table((kind, "rows", "encoder", "linear baseline"), rows)


def _slices_of(engine: EngineReport, kind: str) -> Sequence[SliceScore]:
    return {"forms": engine.forms, "languages": engine.languages, "scripts": engine.scripts}[kind]


def _slots(report: Report) -> str:
    if not report.encoder.slots:
        return ""
    rows = [
        (one.name, f"{one.rows:,}", show(one.interval), show(two.interval))
        for one, two in zip(report.encoder.slots, report.linear.slots, strict=True)
    ]
    return "<h2>Slots, F1 by whole span</h2>" + _table(("slot", "in test", "encoder", "linear baseline"), rows)


def _more(report: Report) -> str:
    rows = []
    for engine in (report.encoder, report.linear):
        for scope in engine.scope:
            found = f"AUROC {scope.auroc:.3f}; below {scope.threshold:.2f}: {100 * scope.caught:.0f} % of them"
            rows.append(
                (f"out of scope ({scope.rows}), {engine.name}", f"{found}, {100 - 100 * scope.kept:.0f} % of ours")
            )
        for flip in engine.flips:
            rows.append((f"answer moves with the {flip.kind} ({flip.pairs} pairs), {engine.name}", show(flip.rate)))
    rows += [
        (f"seed {each.seed}", f"dev {100 * each.dev:.1f} %, test {100 * each.test:.1f} %") for each in report.repeats
    ]
    for folds in report.folds:
        name = f"{folds.parts} parts of {folds.rows:,} rows"
        rows.append((name, f"encoder {show(folds.encoder)}, linear {show(folds.linear)}"))
        rows.append((f"{name}, difference", show(folds.difference)))
    return "<h2>More checks</h2>" + _table(("", ""), rows) if rows else ""


def _picture(name: str, plots: Path) -> str:
    data = base64.b64encode((plots / f"{name}.png").read_bytes()).decode("ascii")
    return f'<p><img alt="{name.replace("_", " ")}" src="data:image/png;base64,{data}"></p>'


def _origin(report: Report) -> str:
    return (
        f"<p>{report.parameters:,} parameters, {len(report.curve)} epochs on {escape(report.device)}. "
        f"Data sha256 {report.data_sha256[:16]}. The numbers are in report.json.</p>"
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"
