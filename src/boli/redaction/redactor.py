"""Take personal data out of text and say what stood where.

Line by line: nothing that is personal goes over the end of a line. A text without digits, @ and = is returned as it is
after one scan. Where it is wrong: names of people are not looked for; a number without a known form or a word beside it
stays; the word lists are machine-written and unreviewed by native speakers.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, NamedTuple

from boli.errors import ConfigError, TextError, check_text, require, suggest
from boli.redaction.accounts import find_accounts, find_transactions
from boli.redaction.addresses import find_addresses
from boli.redaction.births import find_birthdates
from boli.redaction.folding import DIGITS
from boli.redaction.gates import may_hold
from boli.redaction.identifiers import find_cards, find_cnics, find_ibans
from boli.redaction.lines import Finder, Line, without_overlaps
from boli.redaction.links import find_emails, find_secrets
from boli.redaction.phones import find_phones
from boli.redaction.plates import find_plates
from boli.redaction.pseudonyms import STYLES, check_key, replacement_for, replacements
from boli.redaction.tables import load_kinds

_FINDERS: Final[dict[str, Finder]] = {
    "secret": find_secrets,
    "email": find_emails,
    "iban": find_ibans,
    "transaction": find_transactions,
    "account": find_accounts,
    "cnic": find_cnics,
    "card": find_cards,
    "phone": find_phones,
    "birthdate": find_birthdates,
    "plate": find_plates,
    "address": find_addresses,
}
_NEEDS = {"phone": "phonenumbers", "card": "stdnum", "iban": "stdnum"}
_SIGN = re.compile(f"[{DIGITS}@=\uff20\uff1d]")
"""Whatever a line of personal data has: it is looked for in whole texts, before lines."""


class RedactedSpan(NamedTuple):
    """A piece that was taken out: where it stood, what stands there now.

    `start` and `end` are half-open code points of the input, `output_start` and `output_end` of the output.
    """

    start: int
    end: int
    kind: str
    replacement: str
    output_start: int
    output_end: int


@dataclass(frozen=True)
class Redaction:
    """A text without its personal data, and what was taken out, in order.

    >>> redact("call 0300-1234567").spans[0].kind
    'phone'
    """

    text: str
    spans: tuple[RedactedSpan, ...]


class _Piece(NamedTuple):
    """A found span of the whole text, its kind and its value in one spelling."""

    start: int
    end: int
    kind: str
    value: str


@dataclass(frozen=True)
class Redactor:
    """Redaction with chosen kinds and a chosen style; safe to share between threads.

    Args:
        kinds: names such as "cnic" and "phone"; by default all but "transaction".
        style: "placeholder" writes [PHONE], "pseudonym" writes [PHONE_5665dab051b0]: the same for the same number,
            however it is written.
        key: the secret of the pseudonyms, 16 bytes or more. Whoever has it can find out which number a pseudonym is.

    Raises:
        ConfigError: an unknown kind or style, or a key that does not fit.
        MissingExtra: phone, card or iban is asked for and its library is not installed.

    >>> Redactor(kinds=["cnic"])("id 35202-1234567-1, call 0300-1234567").text
    'id [CNIC], call 0300-1234567'
    """

    kinds: Sequence[str] | None = None
    style: str = "placeholder"
    key: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        known = load_kinds()
        asked = [kind.name for kind in known.values() if kind.default] if self.kinds is None else list(self.kinds)
        for name in asked:
            if name not in known:
                raise ConfigError(f"no kind {name!r}; choose from {', '.join(known)}{suggest(name, known)}")
        if self.style not in STYLES:
            raise ConfigError(f"no style {self.style!r}; choose from {', '.join(STYLES)}{suggest(self.style, STYLES)}")
        check_key(self.key, self.style)
        object.__setattr__(self, "kinds", tuple(name for name in known if name in asked))
        for name in sorted({_NEEDS[name] for name in asked if name in _NEEDS}):
            require(name, "pii")

    def __call__(self, text: str) -> Redaction:
        """Return the text without its personal data, and what was taken out.

        Raises:
            TextError: `text` is not a `str`.
        """
        kinds, pieces, spans, at, size = load_kinds(), [], [], 0, 0
        for piece in self._pieces(check_text(text)):
            replacement = replacement_for(kinds[piece.kind], piece.value, self.key)
            pieces += [text[at : piece.start], replacement]
            size += piece.start - at
            spans.append(RedactedSpan(piece.start, piece.end, piece.kind, replacement, size, size + len(replacement)))
            size, at = size + len(replacement), piece.end
        return Redaction("".join([*pieces, text[at:]]) if spans else text, tuple(spans))

    def batch(self, texts: Sequence[str]) -> list[Redaction]:
        """Redact many texts.

        Raises:
            TextError: `texts` is one text, or holds something that is not `str`.
        """
        if isinstance(texts, str | bytes):
            raise TextError("expected a list of texts, got one text; write [text]")
        return [self(text) for text in texts]

    def _pieces(self, text: str) -> Iterator[_Piece]:
        """Yield what is found, in order; only lines with a sign of personal data are looked into."""
        at = 0
        while sign := _SIGN.search(text, at):
            start = text.rfind("\n", at, sign.start()) + 1 or at
            end = text.find("\n", sign.end())
            end = len(text) if end < 0 else end
            for piece in self._search(text[start:end]):
                yield piece._replace(start=start + piece.start, end=start + piece.end)
            at = end

    def _search(self, raw: str) -> list[_Piece]:
        """Search one line until nothing more is found, so that a second redaction finds nothing."""
        line = Line.of(raw)
        if "[" in raw:
            line = line.cover(match.span() for match in replacements().finditer(raw))
        found: list[_Piece] = []
        while may_hold(line):
            line, more = self._pass(line)
            if not more:
                break
            found += more
        return sorted(found)

    def _pass(self, line: Line) -> tuple[Line, list[_Piece]]:
        """Search for each kind in turn; a later one does not see what an earlier one took."""
        pieces: list[_Piece] = []
        for kind in self.kinds or ():
            found = without_overlaps(_FINDERS[kind](line))
            if found:
                line = line.cover((one.start, one.end) for one in found)
                pieces += [_Piece(one.start, one.end, kind, one.value) for one in found]
        return line, pieces


def redact(text: str) -> Redaction:
    """Take personal data out of a text and put placeholders such as [PHONE] there.

    Identity cards, phones, IBANs, cards, accounts, e-mail addresses, secrets in links, dates of birth, plates and
    postal addresses, in any of the digits that people mix. Names of people stay, and no rule finds everything: let
    somebody look at the result before it is published.

    Raises:
        TextError: `text` is not a `str`.
        MissingExtra: the packages of ``boli[pii]`` are not installed.

    >>> redact("CNIC ۳۵۲۰۲-۱۲۳۴۵۶۷-۱ hai, phone 0300 1234567").text
    'CNIC [CNIC] hai, phone [PHONE]'
    """
    return _default_redactor()(text)


@cache
def _default_redactor() -> Redactor:
    return Redactor()
