"""What an audit found, in sentences that a person who does not code can read."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from boli.datasets.cells import Cell, Lengths
from boli.datasets.census import MotherTongue
from boli.datasets.folders import SPLITS
from boli.datasets.keys import is_ours
from boli.datasets.records import UND, Place
from boli.datasets.repeats import Repeat
from boli.datasets.rows import ALL
from boli.languages import LANGUAGES, SCRIPT_NAMES, load_language, parse_tag

SMALL_CELL = 30
"""Rows below which a share is too uncertain to be reported on its own."""

_SHOWN = 3
"""How many examples a sentence gives before it says "and more"."""


def say_size(name: str, cells: Sequence[Cell]) -> list[str]:
    """Say how many rows and labels there are.

    >>> say_size("tiny", [Cell("train", "ur-Arab", "a", 2), Cell("test", "ur-Arab", "a", 1)])
    ['tiny: 3 rows (train 2, dev 0, test 1), 1 label.']
    """
    rows = Counter[str]()
    for cell in cells:
        rows[cell.split] += cell.rows
    labels = len({cell.label for cell in cells} - {""})
    splits = {ALL: rows[ALL]} if rows[ALL] else {}
    splits |= {split: rows[split] for split in SPLITS} if rows.total() > rows[ALL] else {}
    parts = ", ".join(f"{split} {number:,}" for split, number in splits.items())
    shown = "" if set(splits) == {ALL} else f" ({parts})"
    return [f"{name}: {many(rows.total(), 'row')}{shown}, {many(labels, 'label') if labels else 'no labels'}."]


def say_forms(cells: Sequence[Cell], census: Sequence[MotherTongue]) -> list[str]:
    """Say how many rows each language has in each script, beside its share of mother tongues.

    Every language of boli is named in both scripts, with 0 rows too: who is left out is the point.
    """
    rows = Counter[str]()
    for cell in cells:
        rows[cell.tag] += cell.rows
    shares = _shares(census)
    forms = {f"{language}-{script}" for language in LANGUAGES for script in ("Arab", "Latn")}
    return [_say_form(tag, rows[tag], rows.total(), shares) for tag in sorted(forms | set(rows))]


def say_absent(cells: Sequence[Cell], census: Sequence[MotherTongue]) -> list[str]:
    """Name the mother tongues of Pakistan that have no row at all."""
    present = {cell.tag.partition("-")[0] for cell in cells if cell.rows}
    absent = [tongue for tongue in census if tongue.tag not in present and tongue.name != "other"]
    if not absent:
        return []
    shares = _shares(census)
    names = ", ".join(f"{tongue.name} ({percent(shares[tongue.name])})" for tongue in absent)
    total = percent(sum(shares[tongue.name] for tongue in absent))
    return [f"No rows in: {names}; together the mother tongues of {total} of Pakistan."]


def say_cells(cells: Sequence[Cell]) -> list[str]:
    """Say which cells are empty, and whether the smallest can carry a number of its own; nothing without labels."""
    if {cell.label for cell in cells} == {""}:
        return []
    empty = [f"{cell.label} in {cell.tag} ({cell.split})" for cell in cells if not cell.rows]
    said = "Every label has rows in every form and split."
    if empty:
        said = f"{len(empty):,} of {len(cells):,} cells (split x form x label) are empty: {listed(empty)}."
    smallest = min((cell for cell in cells if cell.rows), key=lambda cell: cell.rows)
    if smallest.rows >= SMALL_CELL:
        return [said]
    return [
        said,
        f"The smallest cell that is not empty has {many(smallest.rows, 'row')}"
        f" ({smallest.label} in {smallest.tag}, {smallest.split});"
        f" cells below {SMALL_CELL} rows carry no number of their own: pool them.",
    ]


def say_balance(cells: Sequence[Cell]) -> list[str]:
    """Say how far the commonest label is from the rarest; nothing where there are not two.

    >>> say_balance([Cell("train", "ur-Arab", "a", 30), Cell("train", "ur-Arab", "b", 12)])
    ['The commonest label is a (30 rows), the rarest b (12 rows): 2.5 to 1.']
    """
    rows = Counter[str]()
    for cell in cells:
        rows[cell.label] += cell.rows
    if len(rows) < 2:
        return []
    (common, most), *_, (rare, least) = sorted(rows.items(), key=lambda item: (-item[1], item[0]))
    if most == least:
        return [f"Every label has {many(most, 'row')}."]
    return [
        f"The commonest label is {common} ({many(most, 'row')}), the rarest {rare} ({many(least, 'row')}):"
        f" {most / max(least, 1):.1f} to 1."
    ]


def say_repeats(
    duplicates: Sequence[Repeat], leaks: Sequence[Repeat], templates: Sequence[Repeat], conflicts: Sequence[Repeat]
) -> list[str]:
    """Say what is there more than once; case, spaces and punctuation aside.

    >>> say_repeats([], [Repeat("salam", (Place("train", 3), Place("test", 1)))], [], [])[1]
    '1 message is in two splits: train.jsonl:3 = test.jsonl:1.'
    """
    return [
        _say_repeats(duplicates, "message", "twice in one split"),
        _say_repeats(leaks, "message", "in two splits"),
        _say_repeats(templates, "template", "in two splits"),
        _say_repeats(conflicts, "message", "under two labels"),
    ]


def say_near(duplicates: Sequence[Repeat], leaks: Sequence[Repeat]) -> list[str]:
    """Say how many pairs of messages are nearly the same.

    >>> say_near([], [Repeat("salam ji", (Place("train", 3), Place("test", 1)))])
    ['No pair of messages is nearly the same in one split.',
     '1 pair of messages is nearly the same in two splits: train.jsonl:3 = test.jsonl:1.']
    """
    kinds = ((duplicates, "nearly the same in one split"), (leaks, "nearly the same in two splits"))
    return [_say_repeats(found, "pair of messages", where) for found, where in kinds]


def say_problems(problems: Sequence[str]) -> list[str]:
    """Say how many problems there were when the rows were read, and name the first.

    >>> say_problems(["a.tsv:7: no label 'Neative'"])
    ["1 problem when the rows were read: a.tsv:7: no label 'Neative'."]
    """
    return [f"{many(len(problems), 'problem')} when the rows were read: {listed(problems)}."] if problems else []


def say_lengths(lengths: Sequence[Lengths]) -> list[str]:
    """Say how long messages are, and which form has the shortest and the longest typical message.

    >>> say_lengths([Lengths("ur-Arab", 4, 31, 120), Lengths("ur-Latn", 5, 38, 131)])
    ['Messages have 4 to 131 characters; the typical (median) message has 31 in ur-Arab and 38 in ur-Latn.']
    """
    low, high = min(one.shortest for one in lengths), max(one.longest for one in lengths)
    brief, long = min(lengths, key=lambda one: one.median), max(lengths, key=lambda one: one.median)
    typical = f"{brief.median} in {brief.tag}"
    if long.median > brief.median:
        typical += f" and {long.median} in {long.tag}"
    return [f"Messages have {low:,} to {high:,} characters; the typical (median) message has {typical}."]


def name_form(tag: str) -> str:
    """Name a form in words; the tag itself stands for languages that boli has no profile of.

    >>> name_form("bal-Latn"), name_form("fa-Arab"), name_form("und")
    ('Balochi in Roman script', 'Other language (fa-Arab)', 'Unknown language')
    """
    if tag == UND:
        return "Unknown language"
    if not is_ours(tag):
        return f"Other language ({tag})"
    script = SCRIPT_NAMES[parse_tag(tag).script]
    return f"{load_language(tag).name} in {script if script.endswith('script') else script + ' script'}"


def _say_form(tag: str, rows: int, total: int, shares: dict[str, float]) -> str:
    name = load_language(tag).name if is_ours(tag) else ""
    share = f" ({percent(100 * rows / total)})" if rows else ""
    tongue = f"; mother tongue of {percent(shares[name])} of Pakistan" if name in shares else ""
    return f"{name_form(tag)}: {many(rows, 'row')} of {total:,}{share}{tongue}."


def _shares(census: Sequence[MotherTongue]) -> dict[str, float]:
    # From the counts: the table's shares are rounded already, and rounding twice turns 9.253 into 9.2 by way of 9.25.
    total = sum(tongue.speakers for tongue in census)
    return {tongue.name: 100 * tongue.speakers / total for tongue in census}


def percent(share: float) -> str:
    """Write a share in percent.

    >>> percent(3.38), percent(0.003)
    ('3.4 %', 'under 0.1 %')
    """
    return f"{share:.1f} %" if share >= 0.05 else "under 0.1 %"


def _say_repeats(repeats: Sequence[Repeat], noun: str, where: str) -> str:
    if not repeats:
        return f"No {noun} is {where}."
    places = [" = ".join(_short(place) for place in repeat.places[:_SHOWN]) for repeat in repeats]
    verb = "is" if len(repeats) == 1 else "are"
    return f"{many(len(repeats), noun)} {verb} {where}: {listed(places)}."


def _short(place: Place) -> str:
    """The name of the file and of the folder above it are enough for a person; JSON has the whole path."""
    return "/".join(Path(str(place)).parts[-2:])


def listed(items: Iterable[str]) -> str:
    """Write the first three, and how many more there are.

    >>> listed(["a", "b", "c", "d"])
    'a; b; c; and 1 more'
    """
    items = list(items)
    more = f"; and {len(items) - _SHOWN:,} more" if len(items) > _SHOWN else ""
    return "; ".join(items[:_SHOWN]) + more


def many(number: int, noun: str) -> str:
    """Write a number with its noun.

    >>> many(1, "row"), many(2000, "pair of messages")
    ('1 row', '2,000 pairs of messages')
    """
    first, _, rest = noun.partition(" ")
    return f"{number:,} {first}{'' if number == 1 else 's'}{' ' + rest if rest else ''}"
