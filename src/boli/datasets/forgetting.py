"""Take one person's rows out of a data set: out of every split and every file beside them, all files or none.

Where it is wrong: a row that is about a person without naming what was looked for stays. Weights that were trained on
the rows, copies elsewhere and backups know them still.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

import regex

from boli.datasets.cards import SECTIONS
from boli.datasets.copies import pack, replace_files
from boli.datasets.keys import is_ours
from boli.datasets.records import UND, parse_object
from boli.datasets.sealing import find_file, is_sealed, plain_path
from boli.datasets.textfiles import decode, read_bytes
from boli.errors import DataError, MissingExtra
from boli.normalization import Normalizer
from boli.redaction import Redactor

Matcher = Callable[[str, str], bool]
"""Text and tag of a row -> whether it is the person's."""

_TEXTS = (("text", "tag"), ("other", "other_tag"), ("counterpart", "tag"), ("author", "tag"), ("source", "tag"))
"""Keys of a row that are looked into, with the keys of their tags."""

_WORD = regex.compile(r"[\p{L}\p{M}\p{So}]+|\p{N}+")
_RETENTION = f"## {SECTIONS[-1]}"
_LEAST_DIGITS = 5


class Cut(NamedTuple):
    """What is taken out of one file: numbers of lines from 1; and lines with the same template as one of them."""

    path: Path
    lines: tuple[int, ...]
    related: tuple[int, ...]
    rows: int


class _Line(NamedTuple):
    raw: str
    row: dict[str, object]


def match_text(wanted: str) -> Matcher:
    """Return what finds a text in rows: whole words at level `search`, digits of any script, spaces and dashes aside.

    A text that is personal data as a whole (a phone number, an identity card) is found however it is written.

    Raises:
        DataError: there is no letter or digit in it.

    >>> match_text("0300-1234567")("mera number ۰۳۰۰ ۱۲۳۴۵۶۷ hai", "ur-Latn")
    True
    >>> match_text("Ali")("kali billi", "ur-Latn")
    False
    """
    if not _WORD.search(wanted):
        raise DataError("nothing to look for: the text has no letter and no digit; give a name or a number")
    digits = "".join(_split(wanted, UND))
    is_number = digits.isdigit() and len(digits) >= _LEAST_DIGITS
    value = _value_of(wanted.strip())

    @cache
    def words_of(tag: str) -> list[str]:
        return _split(wanted, tag)

    def matches(text: str, tag: str) -> bool:
        words = _split(text, tag)
        found = _has_digits(words, digits) if is_number else _has_words(words, words_of(tag))
        return found or (value is not None and value(text))

    return matches


def match_pseudonym(pseudonym: str, key: bytes | None = None) -> Matcher:
    """Return what finds a pseudonym: in rows that hold it, and with a key in rows whose data would get it.

    Args:
        pseudonym: ``PHONE_5665dab051b0`` with or without brackets, or the pseudonym of an author.
        key: that of `boli.redaction`; None looks for the pseudonym itself alone.

    Raises:
        ConfigError: the key is too short.

    >>> match_pseudonym("PHONE_5665dab051b0", b"a key of 16 bytes")("call +92 300 1234567", "ur-Latn")
    True
    """
    bare = pseudonym.strip().strip("[]")
    redactor = Redactor(style="pseudonym", key=key) if key is not None else None

    def matches(text: str, _: str) -> bool:
        if f"[{bare}]" in text or text == bare:
            return True
        return redactor is not None and any(span.replacement == f"[{bare}]" for span in redactor(text).spans)

    return matches


def find_rows(folder: Path, matches: Matcher) -> tuple[Cut, ...]:
    """Find a person's rows in all files of JSON lines of a data set, sealed or not.

    Raises:
        DataError: there are none, or a line is broken; the message starts with file:line.
    """
    paths = sorted({find_file(plain_path(path)) for path in (*folder.glob("*.jsonl"), *folder.glob("*.jsonl.sealed"))})
    if not paths:
        raise DataError(f"{folder}: no *.jsonl files there; give the folder of a data set")
    return tuple(_find(path, matches) for path in paths)


def forget_rows(folder: Path, cuts: Sequence[Cut], *, how: str, today: date) -> None:
    """Take found rows out and note it on the card: date and number of rows by file, never the text.

    All new files are written before the first old one is replaced, so a fault leaves everything as it was.

    Args:
        folder: of the data set.
        cuts: what `find_rows` found there.
        how: "match" or "pseudonym".
        today: of the note.

    Raises:
        DataError: there is no card to note it on.
        RunError: the disk is full.
    """
    card = folder / "README.md"
    if not card.is_file():
        raise DataError(f"{folder}: no README.md, the card, to note the removal on; write one: boli data draft-card")
    contents = {cut.path: pack(_without(cut), sealed=is_sealed(cut.path)) for cut in cuts if cut.lines}
    note = f"- {today.isoformat()}: {say_removal(cuts)} removed on request (found by {how})."
    replace_files({card: _note(decode(card.read_bytes(), card), note).encode("utf-8"), **contents})


def say_removal(cuts: Sequence[Cut]) -> str:
    """Say how many rows of each file.

    >>> say_removal([Cut(Path("dev.jsonl"), (), (), 9), Cut(Path("train.jsonl.sealed"), (3, 8), (), 40)])
    '2 rows (dev 0, train 2)'
    """
    total = sum(len(cut.lines) for cut in cuts)
    counts = ", ".join(f"{plain_path(cut.path).stem} {len(cut.lines):,}" for cut in cuts)
    return f"{total:,} {'row' if total == 1 else 'rows'} ({counts})"


def _find(path: Path, matches: Matcher) -> Cut:
    lines = [_Line(raw, parse_object(raw, f"{path}:{at}")) for at, raw in enumerate(_read(path), start=1)]
    found = {at for at, line in enumerate(lines, start=1) if _is_theirs(line.row, matches)}
    templates = {lines[at - 1].row.get("template") for at in found} - {None, ""}
    related = [at for at, line in enumerate(lines, start=1) if line.row.get("template") in templates]
    return Cut(path, tuple(sorted(found)), tuple(at for at in related if at not in found), len(lines))


def _is_theirs(row: dict[str, object], matches: Matcher) -> bool:
    pairs = ((row.get(key), row.get(tag, UND)) for key, tag in _TEXTS)
    return any(isinstance(text, str) and matches(text, str(tag)) for text, tag in pairs)


def _read(path: Path) -> list[str]:
    """Lines with their ends; only line feeds end a line."""
    text = decode(read_bytes(path), path)
    return [f"{line}\n" for line in text.split("\n")[:-1]] + ([text.split("\n")[-1]] if text.split("\n")[-1] else [])


def _without(cut: Cut) -> bytes:
    gone = set(cut.lines)
    return "".join(raw for at, raw in enumerate(_read(cut.path), start=1) if at not in gone).encode("utf-8")


def _note(card: str, note: str) -> str:
    """Append a line to the section on retention, which other sections may follow."""
    lines = card.rstrip("\n").split("\n")
    starts = [at for at, line in enumerate(lines) if line.rstrip(" #") == _RETENTION]
    if not starts:
        raise DataError(f"the card has no section '{_RETENTION}' to note the removal in; run: boli data check")
    end = next((at for at in range(starts[0] + 1, len(lines)) if lines[at].startswith("## ")), len(lines))
    while not lines[end - 1].strip():
        end -= 1
    gap = [] if lines[end - 1].startswith("- ") else [""]
    return "\n".join([*lines[:end], *gap, note, *lines[end:]]) + "\n"


def _split(text: str, tag: str) -> list[str]:
    searched = (_normalizer(tag)(text) if is_ours(tag) else text).casefold()
    ascii_digits = "".join(str(int(char)) if char.isdecimal() else char for char in searched)
    return [str(word) for word in _WORD.findall(ascii_digits)]


@cache
def _normalizer(tag: str) -> Normalizer:
    return Normalizer(tag, level="search")


def _has_words(words: Sequence[str], wanted: Sequence[str]) -> bool:
    length = len(wanted)
    return length > 0 and any(list(words[at : at + length]) == list(wanted) for at in range(len(words) - length + 1))


def _has_digits(words: Sequence[str], digits: str) -> bool:
    """Whether words one after the other, joined, are the digits."""
    for start in range(len(words)):
        joined = ""
        for word in words[start:]:
            joined += word
            if joined == digits:
                return True
            if not digits.startswith(joined):
                break
    return False


def _value_of(wanted: str) -> Callable[[str], bool] | None:
    """Return what finds the same personal data in another spelling; None if the text is none."""
    try:
        redactor = Redactor(style="pseudonym", key=secrets.token_bytes(32))
    except MissingExtra:
        return None
    spans = redactor(wanted).spans
    if len(spans) != 1 or (spans[0].start, spans[0].end) != (0, len(wanted)):
        return None
    same = spans[0].replacement
    return lambda text: any(span.replacement == same for span in redactor(text).spans)
