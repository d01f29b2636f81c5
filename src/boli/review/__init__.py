"""How speakers take part: a page of rows to judge, and their verdicts back into tables, cases and data sets."""

from boli.review.applying import Applied, apply_verdicts
from boli.review.items import KINDS, Item, Sources, list_items
from boli.review.pages import render_csv, render_page
from boli.review.verdicts import Verdict, read_verdicts

__all__ = [
    "KINDS",
    "Applied",
    "Item",
    "Sources",
    "Verdict",
    "apply_verdicts",
    "list_items",
    "read_verdicts",
    "render_csv",
    "render_page",
]
