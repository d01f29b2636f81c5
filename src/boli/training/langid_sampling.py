"""Write Roman text for sentences in Arabic script, each word as one of the spellings that the transliterator gives it.

Only what its model says of each word is used, not the table of words that come worked out with it: that table has seen
the spellings of `wallet-intents`, which identification is tested on when they are held out.
"""

import random
from collections.abc import Mapping, Sequence

import numpy as np

from boli.transliteration.forms import native_form
from boli.transliteration.model_files import load_direction
from boli.transliteration.pieces import LONGEST_WORD, cut_pieces, roman_marks

Spellings = Mapping[str, tuple[Sequence[str], Sequence[float]]]
"""Word -> its Roman spellings and their probabilities, best first."""

_BEST = 5


def sample_roman(lines: Sequence[str], tag: str, dice: random.Random) -> list[str]:
    """Write lines in Roman letters, a spelling drawn anew for every word, by probability.

    Args:
        lines: in the script of `tag`.
        tag: such as ``ps-Arab``.
        dice: draws the spellings.

    >>> text = "\\N{ARABIC LETTER BEH}\\N{ARABIC LETTER ALEF}\\N{ARABIC QUESTION MARK}"
    >>> sample_roman([text], "bal-Arab", random.Random(1))
    ['ba?']
    """
    cuts = [tuple(cut_pieces(line, "Arab")) for line in lines]
    words = dict.fromkeys(
        line[piece.start : piece.end]
        for line, pieces in zip(lines, cuts, strict=True)
        for piece in pieces
        if piece.is_word
    )
    known = _spellings(list(words), tag)
    return [
        "".join(_write(line[piece.start : piece.end], known, dice) for piece in pieces)
        for line, pieces in zip(lines, cuts, strict=True)
    ]


def _spellings(words: Sequence[str], tag: str) -> Spellings:
    """Rank the spellings of words; words without any are left out."""
    model = load_direction(tag, "writing").model
    pairs = zip(words, native_form(tag).batch(words), strict=True)
    forms = {word: form for word, form in pairs if 0 < len(form) <= LONGEST_WORD}
    distinct = sorted(set(forms.values()))
    ranking = model.rank(distinct, _BEST)
    texts = model.alphabet.decode(ranking.codes.reshape(-1, ranking.codes.shape[2]))
    chances = np.exp(ranking.scores).tolist()
    rows = {form: (texts[at * _BEST : (at + 1) * _BEST], chances[at]) for at, form in enumerate(distinct)}
    return {word: rows[form] for word, form in forms.items() if rows[form][0][0]}


def _write(part: str, known: Spellings, dice: random.Random) -> str:
    return dice.choices(*known[part])[0] if part in known else roman_marks(part)
