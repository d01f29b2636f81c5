"""Scripts: which one a text is written in, exactly, from its code points alone.

The facts are rows of ``data/common/scripts.tsv``: Unicode's Script property for every letter and mark. Digits,
punctuation, emoji, symbols and styled letters of mathematics have no script of their own and do not count. Two words
of Sindhi, U+06FD and U+06FE, are symbols to Unicode and letters here.
"""

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from boli.errors import TableError, check_text

UNDETERMINED = "Zyyy"
"""ISO 15924: no letter tells the script."""

UNKNOWN = "Zzzz"
"""ISO 15924 for an uncoded script: a letter of a script that has no row of its own here."""

NONE, MARK = 0, 1
"""Classes of a code point that is no letter, and of a combining mark that takes its letter's script."""

Classes = NDArray[np.uint8]


@cache
def script_names() -> tuple[str, ...]:
    """Name the classes that `script_classes` gives: place is class; the first two are no scripts.

    >>> script_names()[:5]
    ('', 'Zinh', 'Arab', 'Latn', 'Guru')
    """
    found = {name for _, _, name in _rows()}
    first = ("Zinh", "Arab", "Latn", "Guru", "Deva", UNKNOWN)
    return ("", *first, *sorted(found - set(first)))


@cache
def script_classes() -> Classes:
    """Give the class of each code point: (0x110000,) uint8, read-only.

    Cost: 1.1 MB, made once in about 2 ms.

    >>> names, classes = script_names(), script_classes()
    >>> names[classes[0x06D2]], names[classes[ord("1")]]
    ('Arab', '')
    """
    number = {name: place for place, name in enumerate(script_names())}
    classes = np.zeros(0x110000, np.uint8)
    for first, last, name in _rows():
        classes[first : last + 1] = number[name]
    classes.flags.writeable = False
    return classes


def code_points(text: str) -> NDArray[np.uint32]:
    """Give the code points of a text; a half of a broken surrogate pair stays what it is."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def hide_disguises(classes: Classes, tokens: NDArray[np.int64]) -> None:
    """Give letters the class of unknown letters where one token mixes Latin with Greek or Cyrillic, in place.

    No writer does that; who hides a word from a filter does ("bаnk"). Such a token says
    nothing about a language. Source: Unicode Technical Standard 39, mixed-script detection.

    Args:
        classes: of each code point.
        tokens: number of the token that each code point belongs to.
    """
    names = script_names()
    if classes.max(initial=0) <= names.index(UNKNOWN):
        return
    foreign = (classes == names.index("Grek")) | (classes == names.index("Cyrl"))
    if foreign.any():
        mixed = np.intersect1d(tokens[foreign], tokens[classes == names.index("Latn")])
        classes[np.isin(tokens, mixed) & (classes > MARK)] = names.index(UNKNOWN)


def count_scripts(text: str) -> dict[str, int]:
    """Count the letters of each script, the most frequent first; letters that no row knows count as ``Zzzz``.

    Returns:
        ISO 15924 code -> letters. Marks are not counted. A tie goes to the script that comes first in the text.

    >>> count_scripts("bill جمع kar dein")
    {'Latn': 11, 'Arab': 3}
    """
    classes = script_classes()[code_points(check_text(text))]
    letters = classes[classes > MARK]
    found, first, counts = np.unique(letters, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))
    names = script_names()
    return {names[found[place]]: int(counts[place]) for place in order}


def detect_script(text: str) -> str:
    """Name the script of most letters of a text, as an ISO 15924 code; ``Zyyy`` if there is no letter.

    >>> detect_script("کیا حال ہے؟"), detect_script("kya haal hai?"), detect_script("ਕੀ ਹਾਲ"), detect_script("123 :)")
    ('Arab', 'Latn', 'Guru', 'Zyyy')
    """
    return next(iter(count_scripts(text)), UNDETERMINED)


@cache
def _rows() -> tuple[tuple[int, int, str], ...]:
    text = (files("boli") / "data" / "common" / "scripts.tsv").read_text("utf-8")
    return tuple(_row(line, number) for number, line in enumerate(text.splitlines()[1:], start=2))


def _row(line: str, number: int) -> tuple[int, int, str]:
    fields = line.split("\t")
    if len(fields) != 3:
        raise TableError(f"common/scripts.tsv:{number}: {len(fields)} fields; expected first, last, script")
    return int(fields[0], 16), int(fields[1], 16), fields[2]
