"""Data sets: rows with a label, the card that says whose words they are, and an audit in plain sentences."""

from boli.datasets.audit import Audit, audit_dataset
from boli.datasets.cards import Card, check_card
from boli.datasets.cells import Cell, Lengths
from boli.datasets.folders import Dataset, load_dataset
from boli.datasets.records import Record, Slot, read_records
from boli.datasets.repeats import Place, Repeat

__all__ = [
    "Audit",
    "Card",
    "Cell",
    "Dataset",
    "Lengths",
    "Place",
    "Record",
    "Repeat",
    "Slot",
    "audit_dataset",
    "check_card",
    "load_dataset",
    "read_records",
]
