"""Read the sources of identification, by the rows of ``data/models/langid/synthesis/sources.tsv``.

Names of sources matter: whole sources are held out to see how identification does on text from elsewhere.
"""

import itertools
import json
import math
import random
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from boli.errors import ConfigError, require
from boli.training.langid_sampling import sample_roman
from boli.training.langid_synthesis import (
    Romanizer,
    lexicon_from,
    punjabi_roots,
    punjabi_verbs,
    punjabi_words,
    read_table,
    respelling,
    romanize_line,
    saraiki_words,
    swap_words,
    to_arabic_letters,
    to_shahmukhi,
    without_stress,
)

LEXICONS = {
    "ur": ("transliteration/ur/dakshina_lexicon.train.tsv",),
    "pa": ("transliteration/pa/dakshina_lexicon.train.tsv",),
    "sd": ("transliteration/sd/dakshina_lexicon.train.tsv", "transliteration/sd/aksharantar_sample.train.tsv"),
    "ps": ("transliteration/ps/lingdocs_grammar.tsv",),
    "bal": (),
}
"""Language -> files of native word, Roman word."""

_MOST = 30_000
"""Lines of one source that are read; more do not help."""


class Source(NamedTuple):
    """One row of sources.tsv. share: of its label's samples, against its label's other sources."""

    label: str
    name: str
    kind: str
    path: str
    share: float
    card: str


def list_sources() -> list[Source]:
    """Read sources.tsv."""
    rows = read_table("sources.tsv")
    return [Source(label, name, kind, path, float(share), card) for label, name, kind, path, share, card in rows]


def read_source(source: Source, data: Path) -> list[str]:
    """Give the lines of a source, converted as its kind says; the same on every run."""
    dice = random.Random(f"{source.label} {source.name} {source.path}")
    return list(dict.fromkeys(line for line in _convert(source, data, dice) if line.strip()))


@cache
def telling_words(source: Source, data: Path) -> frozenset[str]:
    """The words without which a piece of swapped text is still what it was made from; empty for other sources."""
    if source.kind == "punjabi":
        words = _punjabi(source.label.partition("-")[2], data)
        return frozenset(itertools.chain.from_iterable(words.values())) - frozenset(words) - _SHARED
    if source.kind == "saraiki":
        found = frozenset(itertools.chain.from_iterable(saraiki_words().values()))
        return found - frozenset(saraiki_words()) - frozenset(_punjabi("Arab", data))
    return frozenset()


_SHARED = frozenset(
    ["hi", "ho", "a", "e", "i", "c", "o", "sun", "san", "par", "pr", "se", "is", "ke", "ki", "hai", "te", "main", "in"]
)
"""Punjabi words in Roman letters that Urdu chat writes too."""


@cache
def english_words() -> tuple[str, ...]:
    """English words, as often as they are used, that chat mixes into every language."""
    dice = random.Random("english")
    return tuple(itertools.chain.from_iterable(line.split() for line in _wordfreq_lines("en", dice)))


def _convert(source: Source, data: Path, dice: random.Random) -> Iterator[str]:
    kind, _, column = source.kind.partition(":")
    script = source.label.partition("-")[2]
    if kind in ("lines", "tsv"):
        yield from _lines(data / source.path, dice, column)
    elif kind == "wallet":
        yield from _wallet(source.path)
    elif kind == "wordfreq":
        yield from _wordfreq_lines(source.path, dice)
    elif kind == "ajami":
        for line in _wordfreq_lines(source.path, dice):
            style = dice.randrange(3)
            yield " ".join(to_arabic_letters(word, style, dice) for word in line.split())
    elif kind == "stopwords":
        yield from _stopword_lines(source.path, dice)
    elif kind == "logprob":
        yield from _logprob_lines(data / source.path, dice)
    elif kind == "phonetic":
        yield from (without_stress(line.split("\t")[1]) for line in _lines(data / source.path, dice, ""))
    elif kind == "gurmukhi":
        for line in _lines(data / source.path, dice, "0"):
            yield _shahmukhi_line(line, _respelling(data), dice)
    elif kind == "punjabi":
        for line in _lines(data / source.path, dice, "" if script == "Arab" else "0"):
            yield _punjabi_line(line, script, data, dice)
    elif kind == "saraiki":
        for line in _lines(data / source.path, dice, ""):
            punjabi = _punjabi_line(line, "Arab", data, dice).split()
            yield " ".join(swap_words(punjabi, saraiki_words(), 0.95, dice))
    elif kind in ("romanized", "romanized-tsv"):
        romanizer = _romanizer(source.label.partition("-")[0], data)
        for line in itertools.islice(_lines(data / source.path, dice, column), 12_000):
            yield romanize_line(line, romanizer, dice)
    elif kind in ("sampled", "sampled-tsv", "sampled-gurmukhi"):
        lines = list(itertools.islice(_lines(data / source.path, dice, column), 12_000))
        if kind == "sampled-gurmukhi":
            lines = [_shahmukhi_line(line, _respelling(data), dice) for line in lines]
        yield from sample_roman(lines, f"{source.label.partition('-')[0]}-Arab", dice)
    else:
        raise ConfigError(f"no kind {source.kind!r} of source ({source.label} {source.name}); see langid_sources.py")


def _lines(path: Path, dice: random.Random, column: str) -> Iterator[str]:
    lines = path.read_text("utf-8").splitlines()
    if len(lines) > _MOST:
        lines = dice.sample(lines, _MOST)
    for line in lines:
        fields = line.split("\t")
        if not column:
            yield line
        elif len(fields) > int(column):
            yield fields[int(column)]


def _wallet(tag: str) -> Iterator[str]:
    text = (files("boli") / "data" / "datasets" / "wallet-intents" / "train.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    yield from (row["text"] for row in rows if row["tag"] == tag)


def _wordfreq_lines(language: str, dice: random.Random) -> Iterator[str]:
    """Draw words by frequency: what a model without word order can learn from running text."""
    frequencies = require("wordfreq", "langid").get_frequency_dict(language)
    words = [(_latin(word), share) for word, share in frequencies.items() if word.isalpha() or "'" in word]
    yield from _drawn(words[:40_000], dice, 6_000)


def _stopword_lines(language: str, dice: random.Random) -> Iterator[str]:
    words = sorted(require("stopwordsiso", "langid").stopwords(language))
    yield from _drawn([(word, 1.0) for word in words], dice, 1_500)


def _logprob_lines(path: Path, dice: random.Random) -> Iterator[str]:
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    yield from _drawn([(row[0], math.exp(float(row[1]))) for row in rows if len(row) == 2], dice, 8_000)


def _drawn(words: list[tuple[str, float]], dice: random.Random, count: int) -> Iterator[str]:
    names, shares = zip(*words, strict=True)
    sums = list(itertools.accumulate(shares))
    for _ in range(count):
        yield " ".join(dice.choices(names, cum_weights=sums, k=dice.randint(4, 14)))


def _latin(word: str) -> str:
    """Romanize Devanagari, Bengali and Tamil words by the names of their letters; leave others alone."""
    return word if ord(word[0]) < 0x900 or ord(word[0]) > 0xD7F else "".join(_indic_letter(c) for c in word)


@cache
def _indic_letter(letter: str) -> str:
    import unicodedata

    name = unicodedata.name(letter, "")
    last = name.rpartition(" ")[2].lower()
    if "VOWEL SIGN" in name:
        return last.replace("aa", "a").replace("uu", "u").replace("ii", "i")
    if "LETTER" in name:
        return last if len(last) < 2 or not last.endswith("a") else last[:-1] + "a"
    return "n" if last in ("anusvara", "candrabindu") else ""


def _shahmukhi_line(line: str, respell: dict[str, str], dice: random.Random) -> str:
    words = [to_shahmukhi(word.strip("।.,?!"), respell) for word in line.split()]
    return " ".join("ہے" if word == "اے" and dice.random() < 0.3 else word for word in words)


@cache
def _respelling(data: Path) -> dict[str, str]:
    return respelling(_urdu_counts(data))


@cache
def _punjabi(script: str, data: Path) -> dict[str, list[str]]:
    if script == "Arab":
        vocabulary = frozenset(_urdu_counts(data))
    else:
        paths = ("labels/ruhsold/task_1_train.tsv", "labels/roman_urdu_sentiment/train.tsv")
        vocabulary = frozenset(word for path in paths for word in (data / path).read_text("utf-8").lower().split())
    return punjabi_verbs(vocabulary, script) | punjabi_roots(script) | punjabi_words(script)


@cache
def _urdu_counts(data: Path) -> dict[str, int]:
    text = (data / "word_frequency/ur_makhzan.tsv").read_text("utf-8")
    counts = {word: int(count) for word, count in re.findall(r'"(\S+)" : (\d+)', text)}
    return {word: count for word, count in counts.items() if count >= 20}


def _punjabi_line(line: str, script: str, data: Path, dice: random.Random) -> str:
    tokens = line.replace("۔", " ۔").split() if script == "Arab" else line.lower().split()
    return " ".join(swap_words(tokens, _punjabi(script, data), 0.95, dice))


@cache
def _romanizer(language: str, data: Path) -> Romanizer:
    rows = [line.split("\t") for path in LEXICONS[language] for line in (data / path).read_text("utf-8").splitlines()]
    rows += _aligned(data / "transliteration" / language / "dakshina_sentences.dev.tsv")
    lexicon = lexicon_from([[row[0], without_stress(row[1]), *row[2:]] for row in rows if len(row) > 1])
    return Romanizer(language, lexicon)


def _aligned(path: Path) -> list[list[str]]:
    """Pair the words of romanized sentences that have as many words as the original; lexicons lack short words."""
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    pairs = [(native.split(), roman.lower().split()) for native, roman, *_ in rows]
    even = [pair for pair in pairs if len(pair[0]) == len(pair[1])]
    counts = Counter(word for pair in even for word in zip(*pair, strict=True))
    return [[native, roman] for (native, roman), count in counts.items() for _ in range(min(count, 10)) if count > 1]
