"""Verdicts flow back: notes beside tables and cases, corrected rows of data sets, the support table.

All or nothing: a verdict on a row that is not there, or that is no longer what was judged, stops everything before
anything is written. A correction of a rule, a case or an explanation is noted and waits for a person; a corrected
message takes the place of the message.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from boli.datasets.copies import pack, replace_files
from boli.datasets.folders import Dataset, load_dataset
from boli.datasets.records import Record, Slot, write_record
from boli.datasets.sealing import find_file, is_sealed
from boli.datasets.textfiles import read_lines
from boli.errors import DataError, suggest
from boli.review.items import KINDS, Item, Sources, list_items
from boli.review.verdicts import Verdict
from boli.support import MARKS, REVIEWED, REVIEWS, count_cases, make_table, put_table, read_reviews, read_signed

_KIND = {"rule": "tables", "case": "cases", "message": "messages", "explanation": "explanations"}
_FIELD = re.compile(r"\{(\w+)\}")


class Applied(NamedTuple):
    """What was written, and how many verdicts of each sort; `waiting` are corrections for a person to take up."""

    written: tuple[Path, ...]
    right: int
    wrong: int
    better: int
    waiting: tuple[str, ...]


class _Judged(NamedTuple):
    verdict: Verdict
    item: Item


def apply_verdicts(verdicts: Sequence[Verdict], sources: Sources) -> Applied:
    """Write verdicts to where their rows are, and the support table anew.

    Raises:
        DataError: verdicts that cannot be taken; the message names the file and line of the first and counts them.
        RunError: the disk is full.
    """
    judged = _match(verdicts, sources)
    contents = {**_notes(judged, sources), **_messages(judged, sources)}
    replace_files(contents)
    page = _support(sources)
    replace_files(page)
    counts = Counter(one.verdict.verdict for one in judged)
    waiting = [one for one in judged if one.verdict.better and one.item.kind != "messages"]
    return Applied(
        tuple(sorted({*contents, *page})),
        counts["right"],
        counts["wrong"],
        counts["better"],
        tuple(f"{one.item.place}: {one.verdict.better}" for one in waiting),
    )


def _match(verdicts: Sequence[Verdict], sources: Sources) -> list[_Judged]:
    kinds = {_KIND.get(verdict.id.partition(":")[0], "") for verdict in verdicts}
    items = {item.id: item for kind in KINDS if kind in kinds for item in list_items(kind, sources)}
    problems = [problem for verdict in verdicts if (problem := _refuse(verdict, items))]
    if problems:
        more = f" (and {len(problems) - 1} more like it)" if len(problems) > 1 else ""
        raise DataError(f"{problems[0]}{more}; nothing was written")
    return [_Judged(verdict, items[verdict.id]) for verdict in verdicts]


def _refuse(verdict: Verdict, items: Mapping[str, Item]) -> str:
    item = items.get(verdict.id)
    if item is None:
        return f"{verdict.place}: no row {verdict.id!r}{suggest(verdict.id, items)}; was it renamed or removed?"
    if item.hash != verdict.hash:
        return f"{verdict.place}: {item.place} was changed after the page was made; let it be judged again"
    if not verdict.better:
        return ""
    if item.kind == "explanations" and sorted(_FIELD.findall(item.answer)) != sorted(_FIELD.findall(verdict.better)):
        return f"{verdict.place}: the better sentence must keep {', '.join(_FIELD.findall(item.answer))} in braces"
    return ""


def _notes(judged: Sequence[_Judged], sources: Sources) -> dict[Path, bytes]:
    """Files ``reviews.tsv`` with the new verdicts at their ends."""
    groups: dict[Path, list[_Judged]] = defaultdict(list)
    for one in judged:
        groups[_beside(one.item, sources)].append(one)
    return {path: _append(path, ones, sources) for path, ones in groups.items()}


def _beside(item: Item, sources: Sources) -> Path:
    name = item.id.partition(":")[2]
    if item.kind == "tables":
        return sources.data / "langs" / name.split("/")[0] / REVIEWS
    if item.kind == "explanations":
        return sources.data / "pipeline" / REVIEWS
    return sources.cases / REVIEWS if item.kind == "cases" else _folder(sources) / REVIEWS


def _append(path: Path, judged: Sequence[_Judged], sources: Sources) -> bytes:
    rows = [[row[name] or "" for name in REVIEWED] for row in read_reviews(path)]
    sealed = judged[0].item.kind == "messages" and load_dataset(sources.dataset).is_sealed
    for verdict, item in judged:
        better = "" if item.kind == "messages" else verdict.better  # it is in the data set, where it can be forgotten
        note = "" if sealed else verdict.note
        name = item.id if item.kind != "cases" else item.id.removeprefix("case:")
        row = [name, verdict.hash, verdict.verdict, better, note, verdict.reader, verdict.dialect, verdict.date]
        rows += [row] if row not in rows else []
    return "".join(f"{line}\n" for line in ("\t".join(REVIEWED), *map("\t".join, rows))).encode("utf-8")


def _messages(judged: Sequence[_Judged], sources: Sources) -> dict[Path, bytes]:
    """Files of a data set with corrected rows, and who reviewed each."""
    by_split: dict[str, dict[int, _Judged]] = defaultdict(dict)
    for one in judged:
        if one.item.kind == "messages" and one.verdict.verdict != "wrong":
            split, _, line = one.item.id.rpartition("/")[2].partition(":")
            by_split[split][int(line)] = one
    if not by_split:
        return {}
    dataset = load_dataset(sources.dataset)
    return dict(_rewrite(dataset, split, ones) for split, ones in by_split.items())


def _rewrite(dataset: Dataset, split: str, judged: Mapping[int, _Judged]) -> tuple[Path, bytes]:
    path = find_file(dataset.card.path.parent / f"{split}.jsonl")
    lines = read_lines(path)
    for number, one in judged.items():
        lines[number - 1] = write_record(_correct(dataset.split(split)[number - 1], one.verdict))
    return path, pack("".join(f"{line}\n" for line in lines).encode("utf-8"), sealed=is_sealed(path))


def _correct(record: Record, verdict: Verdict) -> Record:
    names = [*filter(None, record.reviewed_by.split("; ")), verdict.reader]
    signed = replace(record, reviewed_by="; ".join(dict.fromkeys(names)))
    if not verdict.better:
        return signed
    return replace(signed, text=verdict.better, slots=_place_slots(record, verdict))


def _place_slots(record: Record, verdict: Verdict) -> tuple[Slot, ...]:
    """Find the words of each slot in the better text, in order.

    Raises:
        DataError: one is not there; a person has to say where it went.
    """
    slots, at = list[Slot](), 0
    for slot in record.slots:
        words = record.text[slot.start : slot.end]
        start = verdict.better.find(words, at)
        if start < 0:
            raise DataError(
                f"{verdict.place}: the better text lacks {words!r}, the {slot.name} of the row; write the row into the"
                " data set by hand and take this verdict out"
            )
        at = start + len(words)
        slots.append(Slot(start, at, slot.name))
    return tuple(slots)


def _support(sources: Sources) -> dict[Path, bytes]:
    """The page with the support table of now; nothing where there is no checkout or nothing changed."""
    if not (sources.readme.is_file() and sources.cases.is_dir()):
        return {}
    page = sources.readme.read_text("utf-8")
    if not all(mark in page for mark in MARKS):
        return {}
    after = put_table(page, make_table(count_cases(sources.cases), read_signed(sources.cases)))
    return {sources.readme: after.encode("utf-8")} if after != page else {}


def _folder(sources: Sources) -> Path:
    return load_dataset(sources.dataset).card.path.parent
