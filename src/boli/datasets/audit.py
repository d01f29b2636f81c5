"""An audit: who is represented in a data set and who is left out, as numbers, as sentences and as JSON."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, replace

from boli.datasets.cells import Cell, Group, Lengths, count_cells, count_groups, measure_lengths
from boli.datasets.census import Gap, compare_with_census, read_census
from boli.datasets.contents import (
    ForeignCount,
    Mixing,
    PersonalCount,
    StyleCount,
    count_foreign,
    count_mixing,
    count_personal,
    count_styles,
)
from boli.datasets.findings import say_foreign, say_gender, say_groups, say_mixing, say_personal, say_places, say_styles
from boli.datasets.folders import Dataset
from boli.datasets.keys import make_keys, search_texts
from boli.datasets.minhash import find_near_pairs
from boli.datasets.people import GenderCount, ProvinceCount, count_gender, count_places
from boli.datasets.repeats import (
    Repeat,
    find_conflicts,
    find_duplicates,
    find_leaks,
    find_near_duplicates,
    find_near_leaks,
    find_split_templates,
)
from boli.datasets.rows import Rows, rows_of
from boli.datasets.sentences import (
    say_absent,
    say_balance,
    say_cells,
    say_forms,
    say_lengths,
    say_near,
    say_problems,
    say_repeats,
    say_size,
)
from boli.errors import DataError, MissingExtra
from boli.redaction import redact

HIDDEN = "(sealed)"
"""Stands for a message of sealed data."""

_REPEATS = ("duplicates", "leaks", "split_templates", "conflicts", "near_duplicates", "near_leaks")


@dataclass(frozen=True)
class Contents:
    """What an audit found in the words; `personal` is None where redaction is not installed."""

    mixing: tuple[Mixing, ...]
    gender: tuple[GenderCount, ...]
    provinces: tuple[ProvinceCount, ...]
    styles: tuple[StyleCount, ...]
    foreign: tuple[ForeignCount, ...]
    personal: tuple[PersonalCount, ...] | None


@dataclass(frozen=True)
class Audit:
    """What `audit_dataset` found; `sha256` names the data it is about.

    `cells` holds every split x form x label, with 0 where there are no rows. Lengths are in code points. `contents` is
    None where the words were not looked into.

    >>> from boli.datasets import load_dataset
    >>> audit = audit_dataset(load_dataset("wallet-intents"))
    >>> audit.leaks
    ()
    """

    name: str
    sha256: str
    cells: tuple[Cell, ...]
    duplicates: tuple[Repeat, ...]
    leaks: tuple[Repeat, ...]
    split_templates: tuple[Repeat, ...]
    conflicts: tuple[Repeat, ...]
    near_duplicates: tuple[Repeat, ...]
    near_leaks: tuple[Repeat, ...]
    lengths: tuple[Lengths, ...]
    groups: tuple[Group, ...]
    census: tuple[Gap, ...]
    problems: tuple[str, ...]
    contents: Contents | None
    sentences: tuple[str, ...]

    @property
    def empty_cells(self) -> tuple[Cell, ...]:
        """The cells without a row."""
        return tuple(cell for cell in self.cells if not cell.rows)

    def count_rows(self, *, split: str | None = None, tag: str | None = None, label: str | None = None) -> int:
        """Add up the cells that have this split, tag and label; None takes them all.

        >>> from boli.datasets import load_dataset
        >>> audit = audit_dataset(load_dataset("wallet-intents"))
        >>> audit.count_rows(tag="bal-Latn", split="test") < audit.count_rows(tag="bal-Latn")
        True
        """
        wanted = (split, tag, label)
        return sum(
            cell.rows for cell in self.cells if all(w in (None, got) for w, got in zip(wanted, cell[:3], strict=True))
        )

    def to_json(self) -> str:
        """Write the audit as JSON: the fields of this class, named tuples as objects; messages without personal data.

        >>> from boli.datasets import load_dataset
        >>> audit = audit_dataset(load_dataset("wallet-intents"))
        >>> json.loads(audit.to_json())["leaks"]
        []
        """
        found: dict[str, object] = asdict(self)
        for name in ("cells", "lengths", "groups", "census"):
            found[name] = [one._asdict() for one in getattr(self, name)]
        for name in _REPEATS:
            found[name] = [_repeat(repeat) for repeat in getattr(self, name)]
        if self.contents is not None:
            listed = {name: getattr(self.contents, name) for name in self.contents.__dataclass_fields__}
            found["contents"] = {
                name: [one._asdict() for one in ones] if ones is not None else None for name, ones in listed.items()
            }
        return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def audit_dataset(dataset: Dataset | Rows, *, deep: bool = False) -> Audit:
    """Count who is in a data set, and find empty cells, repeated messages and leaks between splits.

    Messages are the same if they are the same at level `search`, with case, spaces, punctuation and emoji folded away.
    Of sealed data no message is quoted: repeats have their places alone.

    Args:
        dataset: a data set folder, or rows of any source.
        deep: look into the words too: code-mixing, gender, places, spelling, foreign characters, personal data.

    Raises:
        DataError: the data set has no rows.

    Cost: about 25,000 messages a second; 2,500 to 10,000 if deep, where words are identified in 1,000 rows of a form.

    >>> from boli.datasets import load_dataset
    >>> print(audit_dataset(load_dataset("wallet-intents")).sentences[2])
    Balochi in Roman script: 738 rows of 7,374 (10.0 %); mother tongue of 3.4 % of Pakistan.
    """
    rows = rows_of(dataset) if isinstance(dataset, Dataset) else dataset
    if not rows.records:
        raise DataError(f"{rows.name} has no rows; an audit needs at least one")
    keys = make_keys(rows.records)
    pairs = find_near_pairs(keys)
    audit = Audit(
        name=rows.name,
        sha256=rows.sha256,
        cells=count_cells(rows),
        duplicates=find_duplicates(rows, keys),
        leaks=find_leaks(rows, keys),
        split_templates=find_split_templates(rows),
        conflicts=find_conflicts(rows, keys),
        near_duplicates=find_near_duplicates(rows, keys, pairs),
        near_leaks=find_near_leaks(rows, keys, pairs),
        lengths=measure_lengths(rows),
        groups=count_groups(rows),
        census=compare_with_census(Counter(record.tag.partition("-")[0] for record in rows.records)),
        problems=tuple(str(problem) for problem in rows.problems),
        contents=_look_into(rows) if deep else None,
        sentences=(),
    )
    audit = _without_messages(audit) if rows.is_sealed else audit
    return replace(audit, sentences=tuple(_say(audit)))


def _without_messages(audit: Audit) -> Audit:
    return replace(
        audit,
        duplicates=_hide(audit.duplicates),
        leaks=_hide(audit.leaks),
        split_templates=_hide(audit.split_templates),
        conflicts=_hide(audit.conflicts),
        near_duplicates=_hide(audit.near_duplicates),
        near_leaks=_hide(audit.near_leaks),
    )


def _hide(repeats: tuple[Repeat, ...]) -> tuple[Repeat, ...]:
    return tuple(repeat._replace(text=HIDDEN) for repeat in repeats)


def _look_into(rows: Rows) -> Contents:
    texts = search_texts(rows.records)
    return Contents(
        mixing=count_mixing(rows.records),
        gender=count_gender(rows.records, texts),
        provinces=count_places(rows.records, texts),
        styles=count_styles(rows.records),
        foreign=count_foreign(rows.records),
        personal=count_personal(rows.records),
    )


def _say(audit: Audit) -> list[str]:
    said = [
        *say_size(audit.name, audit.cells),
        *say_problems(audit.problems),
        *say_forms(audit.cells, read_census()),
        *say_absent(audit.cells, read_census()),
        *say_groups(audit.groups),
        *say_balance(audit.cells),
        *say_cells(audit.cells),
        *say_repeats(audit.duplicates, audit.leaks, audit.split_templates, audit.conflicts),
        *say_near(audit.near_duplicates, audit.near_leaks),
        *say_lengths(audit.lengths),
    ]
    return said if audit.contents is None else [*said, *_say_contents(audit.contents)]


def _say_contents(found: Contents) -> list[str]:
    return [
        *say_mixing(found.mixing),
        *say_gender(found.gender),
        *say_places(found.provinces),
        *say_styles(found.styles),
        *say_foreign(found.foreign),
        *say_personal(found.personal),
    ]


def _repeat(repeat: Repeat) -> dict[str, object]:
    return {"text": quote_text(repeat.text), "places": [place._asdict() for place in repeat.places]}


def quote_text(text: str) -> str:
    """Return a message as a report may show it: without personal data, or not at all where nothing can look for it.

    >>> quote_text("0300 1234567 par call karein")
    '[PHONE] par call karein'
    """
    try:
        return redact(text).text
    except MissingExtra:
        return "(not shown: boli[pii] is not installed, so personal data cannot be taken out)"
