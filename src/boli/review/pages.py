"""The page that a speaker opens without a network, and the same rows as CSV."""

import csv
import io
import json
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files

from boli.normalization.tables import is_invisible, names_of
from boli.review.items import Item, Part
from boli.support import sign_text

VERDICTS = ("right", "wrong", "better")
READER = ("name", "dialect", "date")
"""What a page asks of its reader."""

COLUMNS = ("id", "hash", "verdict", "better", "note", *READER)
"""Columns of a CSV of verdicts; a CSV of rows has what to read after them."""

_QUESTIONS = {"tables": "rule", "cases": "case", "messages": "message", "explanations": "explanation"}
_LONGEST = 8
_FORMULAS = ("=", "+", "-", "@")


@cache
def read_words() -> Mapping[str, Mapping[str, str]]:
    """Read what pages say: language -> key -> words.

    >>> read_words()["en"]["right"]
    'right'
    """
    return tomllib.loads((files("boli") / "data" / "review" / "words.toml").read_text("utf-8"))


def render_page(items: Sequence[Item]) -> str:
    """Return one page of HTML that needs nothing else and speaks the language of most rows, with English beneath.

    It has no link to anywhere, and forbids itself to load anything.
    """
    languages = [item.tag.partition("-")[0] for item in items]
    language = max(dict.fromkeys(languages), key=languages.count, default="en")
    words = read_words()[language if language in read_words() else "en"]
    shown = "\n".join(_article(item, words) for item in items)
    page = json.dumps({"id": sign_text("\n".join(f"{item.id} {item.hash}" for item in items))})
    folder = files("boli") / "data" / "review"
    style, script = ((folder / name).read_text("utf-8") for name in ("page.css", "page.js"))
    return f"""<!DOCTYPE html>
<html lang="{language}" dir="{"ltr" if language == "en" else "rtl"}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(words["title"])}</title>
<style>{style}</style>
</head>
<body>
<h1>{_both("title", words)}</h1>
<p>{_both("intro", words)}</p>
<p class="machine">{_both("machine", words)}</p>
{_reader(words)}
{shown}
<footer><span>{_both("done", words)}: <b id="count"></b></span>
<button id="json" type="button">{escape(words["save"])} (JSON)</button>
<button id="csv" type="button">{escape(words["save"])} (CSV)</button></footer>
<script type="application/json" id="page">{page}</script>
<script>{script}</script>
</body>
</html>
"""  # noqa: E501 - the lines are those of the page


def render_csv(items: Sequence[Item]) -> str:
    """Return the rows as CSV for a spreadsheet: fill in verdict (right, wrong, better), better, note, name, date."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow((*COLUMNS, "tag", "question", "read"))
    for item in items:
        read = " | ".join(f"{part.name}: {part.text}" for part in item.parts)
        question = read_words()["en"][_QUESTIONS[item.kind]]
        table.writerow([item.id, item.hash, *[""] * (len(COLUMNS) - 2), item.tag, question, _harmless(read)])
    return f"\N{ZERO WIDTH NO-BREAK SPACE}{out.getvalue()}"


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _article(item: Item, words: Mapping[str, str]) -> str:
    rows = "".join(_part(part, item, words) for part in item.parts)
    radios = "".join(
        f'<label><input type="radio" name="{escape(item.id)}" value="{verdict}"> {_both(verdict, words)}</label>'
        for verdict in VERDICTS
    )
    return (
        f'<article data-id="{escape(item.id)}" data-hash="{item.hash}"><p>{_both(_QUESTIONS[item.kind], words)}</p>'
        f"<dl>{rows}</dl><fieldset>{radios}</fieldset>"
        f'<label class="field">{_both("better", words)}<textarea data-better rows="2" {_direction(item.tag)}'
        f' placeholder="{escape(item.answer)}"></textarea></label>'
        f'<label class="field">{_both("note", words)}<input type="text" data-note dir="auto"></label></article>'
    )


def _part(part: Part, item: Item, words: Mapping[str, str]) -> str:
    if part.name in ("message", "explanation"):
        return f"<dt></dt><dd {_direction(item.tag)}>{_visible(part)}</dd>"
    direction = 'lang="en" dir="ltr"' if part.name == "label" else _direction(item.tag)
    return f"<dt>{_both(part.name, words)}</dt><dd {direction}>{_visible(part)}</dd>"


def _visible(part: Part) -> str:
    """The text, and the names of its characters where they cannot be seen by themselves."""
    if not part.text:
        return "\N{EMPTY SET}" if part.name == "after" else ""
    is_short = part.name in ("before", "after") and len(part.text) <= _LONGEST
    hidden = is_short and any(is_invisible(char) or unicodedata.combining(char) for char in part.text if char != " ")
    names = f'<br><small lang="en" dir="ltr">{escape(names_of(part.text))}</small>' if hidden else ""
    return f"{escape(part.text)}{names}"


def _direction(tag: str) -> str:
    language, _, script = tag.partition("-")
    return f'lang="{escape(tag if language != "en" else "en")}" dir="{"rtl" if script == "Arab" else "ltr"}"'


def _both(key: str, words: Mapping[str, str]) -> str:
    english = read_words()["en"][key]
    if words[key] == english:
        return escape(english)
    return f'{escape(words[key])} <small class="en" lang="en" dir="ltr">{escape(english)}</small>'


def _reader(words: Mapping[str, str]) -> str:
    named = (("name", "name", "text"), ("dialect", "your_dialect", "text"), ("date", "date", "date"))
    return "".join(
        f'<label class="field">{_both(key, words)}<input type="{kind}" data-reader="{name}" dir="auto"></label>'
        for name, key, kind in named
    )
