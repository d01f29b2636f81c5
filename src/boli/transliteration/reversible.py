"""Roman letters that can be turned back: any string there and back is the same string.

Each letter, mark, digit and sign of a table has a spelling of its own. Where two spellings side by side could be read
as another, a middle dot parts them (``k·h`` is not ``kh``), as BGN/PCGN does. Latin letters that stand in the text are
put between ``⟨`` and ``⟩``, and read back as they are. Everything else passes untouched.
"""

import re
from collections.abc import Iterator
from functools import cache

from boli.transliteration.letters import Row, Rules, read_rows

PART = "\N{MIDDLE DOT}"
OPEN, CLOSE = "\N{MATHEMATICAL LEFT ANGLE BRACKET}", "\N{MATHEMATICAL RIGHT ANGLE BRACKET}"

_LATIN = "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0300-\u036f\u1d00-\u1dbf\u1e00-\u1eff\u2c60-\u2c7f"
_BETWEEN = r"0-9 .,:;/@_+=%&?!#()\-"
_INSIDE = re.compile(f"(?:[^{CLOSE}]|{CLOSE}{CLOSE})*")


class Codec:
    """The two directions of one table.

    >>> codec = load_codec("ur")
    >>> codec.write("کھا کہا ABC")
    'khā k·hā ⟨ABC⟩'
    >>> codec.read(codec.write("کھا کہا ABC"))
    'کھا کہا ABC'
    """

    __slots__ = ("_from_roman", "_literal", "_longest", "_spelling", "_to_roman")

    def __init__(self, rows: tuple[Row, ...]) -> None:
        romans = [row.target for row in rows]
        sources = "".join(row.source for row in rows)
        signs = "".join(sorted({*"".join(romans), PART, OPEN, CLOSE} - set(sources) - set(" ")))
        self._to_roman = Rules(rows)
        turned = [row._replace(source=row.target, target=row.source) for row in rows]
        self._from_roman = Rules([*turned, Row("part", PART, "", "any", "", "")])
        special = f"[{_LATIN}{re.escape(signs)}]"
        self._literal = re.compile(f"{special}(?:[{_LATIN}{re.escape(signs)}{_BETWEEN}]*{special})?")
        self._spelling = re.compile("|".join(re.escape(roman) for roman in sorted(romans, key=len, reverse=True)))
        self._longest = max(map(len, romans))

    def write(self, text: str) -> str:
        """Return `text` in Roman letters."""
        out, after = [], ""
        for piece, is_spelling in reversed(list(self._pieces(text))):
            found = self._spelling.match(piece + after) if is_spelling else None
            if found and found.end() != len(piece):
                out.append(PART)
                after = PART
            out.append(piece)
            after = (piece + after)[: self._longest]
        return "".join(reversed(out))

    def read(self, text: str) -> str:
        """Return what `write` was given; other Roman text is read letter by letter as far as it goes."""
        out, place = [], 0
        while (start := text.find(OPEN, place)) >= 0:
            inside = _INSIDE.match(text, start + 1)
            end = inside.end() if inside else len(text)
            if end >= len(text):  # never closed: not ours
                break
            out.append(self._from_roman(text[place:start]))
            out.append(text[start + 1 : end].replace(CLOSE + CLOSE, CLOSE))
            place = end + 1
        return "".join([*out, self._from_roman(text[place:])])

    def _pieces(self, text: str) -> Iterator[tuple[str, bool]]:
        place = 0
        for found in self._literal.finditer(text):
            yield from self._spell(text[place : found.start()])
            yield OPEN + found[0].replace(CLOSE, CLOSE + CLOSE) + CLOSE, False
            place = found.end()
        yield from self._spell(text[place:])

    def _spell(self, text: str) -> Iterator[tuple[str, bool]]:
        return ((step.text, bool(step.row)) for step in self._to_roman.steps(text) if step.text)


@cache
def load_codec(language: str) -> Codec:
    """Return the codec of a language: ur, pa, sd, ps or bal."""
    return Codec(read_rows(f"reversible/{language}.tsv"))
