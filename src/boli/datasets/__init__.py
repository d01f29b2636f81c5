"""Data sets: rows with a label, the card that says whose words they are, and an audit in plain sentences."""

from boli.datasets.audit import Audit, Contents, audit_dataset
from boli.datasets.cards import Card, check_card, check_cards
from boli.datasets.cells import Cell, Group, Lengths
from boli.datasets.drafts import draft_card
from boli.datasets.folders import Dataset, load_dataset
from boli.datasets.page import write_page
from boli.datasets.records import Place, Record, Slot, read_records, write_record
from boli.datasets.repeats import Repeat, drop_repeats
from boli.datasets.rows import Row, Rows, rows_of
from boli.datasets.schemas import Problem, Schema
from boli.datasets.sources import load_rows, stream_rows
from boli.datasets.splits import balance_labels, split_rows, weigh_rows

__all__ = [
    "Audit",
    "Card",
    "Cell",
    "Contents",
    "Dataset",
    "Group",
    "Lengths",
    "Place",
    "Problem",
    "Record",
    "Repeat",
    "Row",
    "Rows",
    "Schema",
    "Slot",
    "audit_dataset",
    "balance_labels",
    "check_card",
    "check_cards",
    "draft_card",
    "drop_repeats",
    "load_dataset",
    "load_rows",
    "read_records",
    "rows_of",
    "split_rows",
    "stream_rows",
    "weigh_rows",
    "write_page",
    "write_record",
]
