"""Punjabi in its two scripts: Gurmukhi (``pa-Guru``) and Shahmukhi (``pa-Arab``), by tables.

Gurmukhi writes every vowel and one letter for each sound; Shahmukhi leaves short vowels out and spells words of Arabic
and Persian with their own letters (four letters for z, three for s). So each direction needs a list of words beside
its rules: `to_shahmukhi` to choose among letters of one sound, `to_gurmukhi` to know the vowels. Tables and their
sources: ``data/schemes/shahmukhi``. All of it is machine-written and unreviewed by readers of Punjabi.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from boli.transliteration.letters import load_rules, read_rows
from boli.transliteration.readings import LetterModel, read_word
from boli.transliteration.spellings import doubt_letters, load_vocabulary, rank_spellings, read_pairs, spell

_GURMUKHI_WORD = re.compile("[\u0a01-\u0a65\u0a70-\u0a75]+")
_ARABIC_WORD = re.compile("[\u0621-\u0652\u0670-\u06d3\u0750-\u077f\u08c7\u200c]+")
_VOWEL_SIGNS = re.compile("[\u064e-\u0652\u200c\u0640]")

_AA, _II, _E = "\u0a3e", "\u0a40", "\u0a47"
_STEMS = (
    (_AA, (_E, "\u0a3f\u0a06\u0a02")),
    (_E, (_AA, "\u0a3f\u0a06\u0a02")),
    ("", ("\u0a40\u0a06\u0a02", "\u0a3e\u0a02", "\u0a4b\u0a02", "\u0a06\u0a02", _II)),
)
"""What a listed stem may end in, and the endings that take its place: AA -> E, IAAN; E -> AA, IAAN; none -> IAN, ..."""

_VOWEL_ENDS = "\N{ARABIC LETTER ALEF}\N{ARABIC LETTER HEH GOAL}\N{ARABIC LETTER YEH BARREE}"


def to_shahmukhi(text: str) -> str:
    """Write Gurmukhi in Shahmukhi; everything else passes untouched.

    Listed words come from the table, others by the rules of their letters. Short vowels and doubling are not written,
    retroflex n is a plain noon, as most writers have it.

    >>> to_shahmukhi("ਪੰਜਾਬੀ ਵਿੱਚ ਲਿਖੋ। ਸਾਹਿਬ ਜ਼ਰੂਰ")
    'پنجابی وچ لکھو۔ صاحب ضرور'
    """
    return _GURMUKHI_WORD.sub(_write_shahmukhi, load_rules("shahmukhi/signs_to_shahmukhi.tsv")(text))


def shahmukhi_candidates(word: str, n: int = 5) -> list[str]:
    """Return up to `n` Shahmukhi spellings of one Gurmukhi word, the likeliest first.

    >>> shahmukhi_candidates("ਸਾਲ", 3)
    ['سال', 'صال', 'ثال']
    """
    plain = load_rules("shahmukhi/spelling.tsv")(word)
    ranked = sorted(spell(plain).items(), key=lambda pair: (pair[1], pair[0]))
    return list(dict.fromkeys([_shahmukhi_word(word), *(text for text, _ in ranked if text)]))[:n]


def to_gurmukhi(text: str) -> str:
    """Write Shahmukhi in Gurmukhi; everything else passes untouched.

    A listed word becomes the commonest Gurmukhi word that is spelt so; of any other the vowels are guessed.

    >>> to_gurmukhi("پنجابی وچ لکھو۔")
    'ਪੰਜਾਬੀ ਵਿੱਚ ਲਿਖੋ।'
    """
    return load_rules("shahmukhi/signs_to_gurmukhi.tsv")(_ARABIC_WORD.sub(_write_gurmukhi, text))


def gurmukhi_candidates(word: str, n: int = 5) -> list[str]:
    """Return up to `n` Gurmukhi words that one Shahmukhi word may stand for, the likeliest first.

    >>> gurmukhi_candidates("دل", 1)
    ['ਦਿਲ']
    """
    listed = _reverse().get(_bare(word), ())
    guessed = read_word(word, _letter_model()) if len(listed) < n else []
    return list(dict.fromkeys([*listed, *guessed]))[:n]


def _write_gurmukhi(found: re.Match[str]) -> str:
    return _gurmukhi_word(found[0])


@lru_cache(1 << 16)
def _gurmukhi_word(word: str) -> str:
    return gurmukhi_candidates(word, 1)[0]


def _bare(word: str) -> str:
    """Leave the vowel signs of a word out, as most text does."""
    return _VOWEL_SIGNS.sub("", word)


@cache
def _reverse() -> dict[str, tuple[str, ...]]:
    """Shahmukhi -> the Gurmukhi words that are spelt so, the commonest first."""
    found: dict[str, list[str]] = {}
    for row in read_rows("shahmukhi/common_to_gurmukhi.tsv"):
        found.setdefault(row.source, []).append(row.target)
    for gurmukhi, _ in read_pairs("words.tsv.gz"):
        found.setdefault(_shahmukhi_word(gurmukhi), []).append(gurmukhi)
    return {shahmukhi: tuple(dict.fromkeys(words)) for shahmukhi, words in found.items()}


@cache
def _letter_model() -> LetterModel:
    return LetterModel(gurmukhi for gurmukhi, _ in read_pairs("words.tsv.gz"))


def _write_shahmukhi(found: re.Match[str]) -> str:
    return _shahmukhi_word(found[0])


@lru_cache(1 << 16)
def _shahmukhi_word(word: str) -> str:
    plain = load_rules("shahmukhi/spelling.tsv")(word)
    listed = _listed().get(plain)
    if inferred := listed or next(_by_stem(plain), ""):
        return inferred
    if listed is None:
        return rank_spellings(plain, load_vocabulary(), _doubt)[0][1]
    return load_rules("shahmukhi/to_shahmukhi.tsv")(plain)


def _doubt(word: str, text: str, plain: str) -> float:
    """Doubt a spelling a little, since nobody said how the word is read; half a nat, tuned on Dakshina's dev."""
    return doubt_letters(word, text, plain) + 0.5


def _by_stem(word: str) -> Iterator[str]:
    """Spell an inflected word like its listed stem: what stands before the ending keeps its letters."""
    for stem_ending, endings in _STEMS:
        for ending in endings:
            stem = word.removesuffix(ending) + stem_ending
            spelling = _listed().get(stem) if word.endswith(ending) else None
            if stem_ending and spelling and spelling[-1] not in _VOWEL_ENDS + "\N{ARABIC LETTER AIN}":
                continue
            if spelling and len(stem) > (3 if ending == _II else 2):
                yield _inflect(stem, spelling, stem_ending, ending)


def _inflect(stem: str, spelling: str, stem_ending: str, ending: str) -> str:
    rules = load_rules("shahmukhi/to_shahmukhi.tsv")
    kept = spelling[:-1] if stem_ending and spelling[-1] in _VOWEL_ENDS else spelling
    if (stem_ending, ending) == (_E, _AA):  # stems with letters of Arabic: a noun in -a, spelt with heh
        return kept + "\N{ARABIC LETTER HEH GOAL}"
    inflected = rules(stem.removesuffix(stem_ending) + ending)
    return kept + inflected[len(rules(stem)) - len(stem_ending) :]


@cache
def _listed() -> dict[str, str]:
    """Gurmukhi -> Shahmukhi, empty where the rules give it; hand-written rows win."""
    return dict(read_pairs("words.tsv.gz")) | {row.source: row.target for row in read_rows("shahmukhi/common.tsv")}
