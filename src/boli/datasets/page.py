"""The audit as one page of HTML that needs nothing else: sentences first, then pictures and tables."""

import base64
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from boli.datasets.audit import Audit, quote_text
from boli.datasets.plots import can_draw, draw_audit
from boli.files import write_text

PAGE, DATA = "audit.html", "audit.json"
"""Names of the files that `write_page` writes."""

_STYLE = """
body { font-family: system-ui, "Noto Sans", "Noto Nastaliq Urdu", sans-serif; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; line-height: 1.5; color: #222; background: #fff }
table { border-collapse: collapse; margin: 1rem 0; font-size: .9rem }
th, td { border: 1px solid #ccc; padding: .2rem .6rem; text-align: start }
td.number { text-align: end; font-variant-numeric: tabular-nums }
td.none { background: #fde8e8 }
img { max-width: 100%; height: auto }
.wide { overflow-x: auto }
"""

_SHOWN = 100
"""Rows of the longest table of repeats."""


def write_page(audit: Audit, folder: Path) -> tuple[Path, Path]:
    """Write an audit as a page and as JSON, each whole or not at all, and return the two paths.

    Without matplotlib the page has no pictures and says so.

    Raises:
        RunError: the disk is full.
    """
    page, data = folder / PAGE, folder / DATA
    write_text(data, audit.to_json())
    write_text(page, render_page(audit))
    return page, data


def render_page(audit: Audit) -> str:
    """Return the page as text; pictures are inside it."""
    title = escape(f"Audit of {audit.name}")
    parts = [
        f"<h1>{title}</h1>",
        f"<p>sha256 of the rows: <code>{escape(audit.sha256)}</code></p>",
        "<h2>In sentences</h2>",
        _list(audit.sentences),
        *_pictures(audit),
        *_tables(audit),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def _pictures(audit: Audit) -> Iterable[str]:
    if not can_draw():
        yield "<p>There are no pictures: matplotlib is not installed. Run: pip install 'boli[data]'</p>"
        return
    yield "<h2>In pictures</h2>"
    for title, png in draw_audit(audit).items():
        data = base64.b64encode(png).decode("ascii")
        yield f'<p><img alt="{escape(title)}" src="data:image/png;base64,{data}"></p>'


def _tables(audit: Audit) -> Iterable[str]:
    yield "<h2>Mother tongues</h2>"
    header = ("language", "rows", "% of rows", "% of Pakistan, census 2023", "gap, points")
    yield _table(header, [(gap.name, *gap[2:]) for gap in audit.census])
    if {cell.label for cell in audit.cells} != {""}:
        yield "<h2>Labels by language and script</h2>"
        yield _label_table(audit)
    if audit.contents is not None:
        yield from _content_tables(audit)
    named = {
        "Messages twice in one split": audit.duplicates, "Messages in two splits": audit.leaks,
        "Messages under two labels": audit.conflicts, "Nearly the same, in one split": audit.near_duplicates,
        "Nearly the same, in two splits": audit.near_leaks,
    }  # fmt: skip
    for title, repeats in named.items():
        if repeats:
            yield f"<h2>{title}</h2>"
            rows = [(quote_text(one.text), ", ".join(map(str, one.places))) for one in repeats[:_SHOWN]]
            yield _table(("text", "where"), rows)
            yield f"<p>{_SHOWN} of {len(repeats):,} are shown.</p>" if len(repeats) > _SHOWN else ""
    if audit.problems:
        yield "<h2>Problems when the rows were read</h2>"
        yield _list(audit.problems)


def _content_tables(audit: Audit) -> Iterable[str]:
    found = audit.contents
    if found is None:
        return
    yield "<h2>Code-mixing</h2>"
    header = ("form", "rows looked at", "mixed rows", "words", "English words", "words of others")
    yield _table(header, found.mixing)
    yield "<h2>Words marked for gender (draft list)</h2>"
    yield _table(("form", "kind", "rows: women", "rows: men", "of rows"), found.gender)
    yield "<h2>Places by province</h2>"
    rows = [(*one[:4], ", ".join(f"{name} {count:,}" for name, count in one.places)) for one in found.provinces]
    yield _table(("province", "rows", "% of such rows", "% of people", "named most"), rows)
    yield "<h2>Spelling</h2>"
    yield _table(("form", "what", "how", "rows", "of rows"), found.styles)
    yield "<h2>Foreign characters</h2>"
    shown = [(*one[:3], ", ".join(f"{code} {name} {n:,}" for code, name, n in one.characters)) for one in found.foreign]
    yield _table(("form", "rows", "of rows", "commonest"), shown)
    if found.personal:
        yield "<h2>Personal data</h2>"
        yield _table(("kind", "rows", "pieces"), found.personal)


def _label_table(audit: Audit) -> str:
    rows = Counter[tuple[str, str]]()
    for cell in audit.cells:
        rows[cell.label, cell.tag] += cell.rows
    labels, tags = sorted({label for label, _ in rows}), sorted({tag for _, tag in rows})
    return _table(("label", *tags), [(label, *(rows[label, tag] for tag in tags)) for label in labels])


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "\n".join(f"<tr>{''.join(_cell(value) for value in row)}</tr>" for row in rows)
    return f'<div class="wide"><table>\n<tr>{head}</tr>\n{body}\n</table></div>'


def _cell(value: object) -> str:
    if isinstance(value, int | float):
        shown = f"{value:,}" if isinstance(value, int) else f"{value:g}"
        return f'<td class="{"number" if value else "number none"}">{shown}</td>'
    return f'<td dir="auto">{escape(str(value))}</td>'


def _list(sentences: Iterable[str]) -> str:
    return "<ul>\n" + "\n".join(f'<li dir="auto">{escape(sentence)}</li>' for sentence in sentences) + "\n</ul>"
