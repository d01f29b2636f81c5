"""Score a redactor on sentences whose redacted form is known: recall and precision of whole spans, by kind."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from boli.errors import DataError
from boli.redaction.redactor import RedactedSpan
from boli.redaction.tables import load_kinds


class MarkedSpan(NamedTuple):
    """A span of personal data in a sentence: half-open code points, and its kind."""

    start: int
    end: int
    kind: str


@dataclass
class Score:
    """How many spans were there, were found, and were found exactly: same start, end and kind; and what leaked.

    >>> score = Score()
    >>> score.add([MarkedSpan(0, 4, "cnic")], [MarkedSpan(0, 4, "cnic"), MarkedSpan(9, 12, "phone")])
    >>> score.recall(), score.precision(), score.recall("phone")
    (1.0, 0.5, 1.0)
    """

    wanted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    leaked: int = 0
    """Characters of wanted spans that no found span covers, of whatever kind."""

    def add(self, wanted: Iterable[MarkedSpan], found: Iterable[MarkedSpan | RedactedSpan]) -> None:
        """Count the spans of one sentence."""
        there, got = set(wanted), {MarkedSpan(*span[:3]) for span in found}
        for counter, spans in ((self.wanted, there), (self.found, got), (self.right, there & got)):
            counter.update(span.kind for span in spans)
        covered = {place for span in got for place in range(span.start, span.end)}
        self.leaked += sum(place not in covered for span in there for place in range(span.start, span.end))

    def recall(self, kind: str | None = None) -> float:
        """Return the share of the wanted spans that were found; 1 if none was wanted."""
        return _share(self.right, self.wanted, kind)

    def precision(self, kind: str | None = None) -> float:
        """Return the share of the found spans that were wanted; 1 if none was found."""
        return _share(self.right, self.found, kind)


def spans_of(text: str, redacted: str) -> list[MarkedSpan]:
    """Return the spans that turn a sentence into its redacted form with placeholders.

    Raises:
        DataError: the forms do not fit, or fit in more than one way.

    >>> spans_of("call 0300-1234567 now", "call [PHONE] now")
    [MarkedSpan(start=5, end=17, kind='phone')]
    """
    kinds = {kind.placeholder: name for name, kind in load_kinds().items()}
    parts = re.split(f"\\[({'|'.join(kinds)})\\]", redacted)
    literals = [re.escape(part) for part in parts[::2]]
    ways = [re.fullmatch(group.join(literals), text, re.DOTALL) for group in ("(.+?)", "(.+)")]
    first, second = ways
    if not first or not second or first.regs != second.regs:
        raise DataError(f"{redacted!r} is not a redacted form of {text!r}, or fits in two ways; correct it")
    return [MarkedSpan(*first.span(at + 1), kinds[name]) for at, name in enumerate(parts[1::2])]


def _share(part: Counter[str], whole: Counter[str], kind: str | None) -> float:
    above, below = (part[kind], whole[kind]) if kind else (part.total(), whole.total())
    return above / below if below else 1.0
