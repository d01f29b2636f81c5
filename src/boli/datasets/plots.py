"""Pictures of an audit, as PNG: rows beside the census, lengths, labels, women and men, provinces."""

import importlib.util
import io
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from boli.datasets.audit import Audit
from boli.datasets.people import GenderCount
from boli.errors import require
from boli.languages import LANGUAGES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LABELS = 30
"""Labels that a picture has room for; the commonest are shown."""


def can_draw() -> bool:
    """Say whether matplotlib is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def draw_audit(audit: Audit) -> Mapping[str, bytes]:
    """Draw the pictures that an audit has numbers for: title -> PNG.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    drawers: dict[str, Callable[[Audit, Axes], None]] = {"Rows beside mother tongues of Pakistan": _draw_census}
    drawers["Rows by language and script"] = _draw_forms
    drawers["Length of messages"] = _draw_lengths
    if {cell.label for cell in audit.cells} != {""}:
        drawers["Labels"] = _draw_labels
    if audit.contents is not None and audit.contents.gender:
        drawers["Rows with words marked for women and for men"] = _draw_gender
    if audit.contents is not None and any(one.rows for one in audit.contents.provinces):
        drawers["Rows that name a place, beside where people live"] = _draw_provinces
    return {title: _draw(audit, title, drawer) for title, drawer in drawers.items()}


def _draw(audit: Audit, title: str, drawer: "Callable[[Audit, Axes], None]") -> bytes:
    figure: Figure = require("matplotlib.figure", "data").Figure(figsize=(8, 4.5), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    drawer(audit, axes)
    axes.set(title=title)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _draw_census(audit: Audit, axes: "Axes") -> None:
    shown = [gap for gap in audit.census if gap.name != "other" and (gap.rows or gap.people_percent >= 0.1)]
    rows, people = [gap.rows_percent for gap in shown], [gap.people_percent for gap in shown]
    _two_bars(axes, [gap.name for gap in shown], (rows, "rows"), (people, "mother tongue, census 2023"))
    axes.set(ylabel="%")


def _draw_forms(audit: Audit, axes: "Axes") -> None:
    rows = Counter({f"{language}-{script}": 0 for language in LANGUAGES for script in ("Arab", "Latn")})
    for cell in audit.cells:
        rows[cell.tag] += cell.rows
    tags = sorted(rows, reverse=True)
    axes.barh(tags, [rows[tag] for tag in tags], color="tab:blue")
    axes.set(xlabel="rows (forms without any are shown too)")


def _draw_lengths(audit: Audit, axes: "Axes") -> None:
    for place, one in enumerate(audit.lengths):
        axes.plot([one.shortest, one.longest], [place, place], color="tab:gray")
        axes.plot([one.median], [place], "o", color="tab:blue")
    axes.set_yticks(range(len(audit.lengths)), [one.tag for one in audit.lengths])
    axes.set(xlabel="characters, from the shortest to the longest (dot: median)", xscale="log")


def _draw_labels(audit: Audit, axes: "Axes") -> None:
    rows = Counter[str]()
    for cell in audit.cells:
        rows[cell.label] += cell.rows
    shown = rows.most_common(_LABELS)[::-1]
    axes.barh([label for label, _ in shown], [number for _, number in shown], color="tab:blue")
    axes.set(xlabel="rows" if len(rows) <= _LABELS else f"rows (the {_LABELS} commonest of {len(rows)} labels)")
    axes.tick_params(axis="y", labelsize=7)


def _draw_gender(audit: Audit, axes: "Axes") -> None:
    found: tuple[GenderCount, ...] = audit.contents.gender if audit.contents else ()
    tags = sorted({one.tag for one in found})
    women = [float(sum(one.women for one in found if one.tag == tag)) for tag in tags]
    men = [float(sum(one.men for one in found if one.tag == tag)) for tag in tags]
    _two_bars(axes, tags, (women, "women"), (men, "men"))
    axes.set(ylabel="rows, by kind of word, added up")


def _draw_provinces(audit: Audit, axes: "Axes") -> None:
    found = audit.contents.provinces if audit.contents else ()
    rows, people = [one.share_percent for one in found], [one.people_percent for one in found]
    _two_bars(axes, [one.province for one in found], (rows, "rows that name a place"), (people, "people, census 2023"))
    axes.set(ylabel="%")


def _two_bars(axes: "Axes", names: list[str], *series: tuple[list[float], str]) -> None:
    for shift, (values, label) in zip((-0.2, 0.2), series, strict=True):
        axes.bar([place + shift for place in range(len(names))], values, width=0.4, label=label)
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.legend()
