"""Count words in running text and in frequency lists: what people write, and how often.

Only sources whose words may be shipped literally are read here (see the data cards): the counts become the word list of
the transliterator.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from boli.training.romanization.pairs import LONGEST
from boli.transliteration.forms import native_form

_WORD = re.compile(
    "[\u0620-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9\u064b-\u065f\u0670\u0615]+"
)
"""A run of letters of the Arabic script with their marks; the Sindhi signs for 'and' and 'in' are letters."""

_GURMUKHI = re.compile("[\u0a01-\u0a4d\u0a59-\u0a5e\u0a70\u0a71]+")


class Source(NamedTuple):
    """A file, how to read it, and how much a word of it counts beside the others."""

    path: str
    read: str
    weight: float = 1.0


SOURCES = {
    "ur-Arab": (
        Source("word_frequency/ur_makhzan.tsv", "json"),
        Source("word_frequency/ur_subtitles_2018.txt", "counted", 4.0),
        Source("word_frequency/ur_wordfreq_centibels.tsv", "centibels"),
        Source("text/ur-Arab/dakshina_wikipedia.txt", "text", 4.0),
        Source("text/ur-Arab/common_voice.txt", "text", 4.0),
        Source("text/ur-Arab/pali.txt", "text", 4.0),
    ),
    "sd-Arab": (
        Source("text/sd-Arab/dakshina_wikipedia_train.txt", "text"),
        Source("text/sd-Arab/dakshina_wikipedia_valid.txt", "text"),
        Source("text/sd-Arab/ud_isra.txt", "text", 2.0),
        Source("text/sd-Arab/legal.txt", "text"),
        Source("word_frequency/sd_wiki_titles.txt", "text"),
    ),
    "pa-Guru": (Source("text/contrast/pa-Guru/common_voice.txt", "text"),),
    "ps-Arab": (
        Source("word_frequency/ps_leipzig_news_2020.tsv", "ranked"),
        Source("word_frequency/ps_leipzig_wikipedia_2021.tsv", "ranked"),
        Source("text/ps-Arab/voa.txt", "text"),
        Source("text/ps-Arab/udhr_pbu.txt", "text"),
    ),
    "bal-Arab": (
        Source("text/bal-Arab/newspapers.txt", "text"),
        Source("text/bal-Arab/pali.txt", "text"),
    ),
    "pa-Arab": (Source("text/pa-Arab/udhr_pnb.txt", "text"),),
}
"""Tag -> its sources. Makhzan is its own counts, not its text."""


def count_words(root: Path, tag: str) -> Counter[str]:
    """Return weighted counts of the words of a language, in the form that the transliterator writes."""
    total: Counter[str] = Counter()
    for source in SOURCES[tag]:
        for word, count in _clean(_READERS[source.read](root / source.path, tag), tag).items():
            total[word] += count * source.weight  # type: ignore[assignment]
    return total


def words_of(text: str, tag: str) -> list[str]:
    """Return the words of a text that is in native form.

    >>> words_of("اب 12, ok", "ur-Arab") == ["اب"]
    True
    """
    return (_GURMUKHI if tag.endswith("Guru") else _WORD).findall(text)


def _clean(counts: Counter[str], tag: str) -> Counter[str]:
    words = list(counts)
    forms = native_form(tag).batch(words)
    clean: Counter[str] = Counter()
    for word, form in zip(words, forms, strict=True):
        if form and len(form) <= LONGEST and words_of(form, tag) == [form]:
            clean[form] += counts[word]
    return clean


def _read_text(path: Path, tag: str) -> Counter[str]:
    lines = path.read_text("utf-8").splitlines()
    return Counter(word for line in native_form(tag).batch(lines) for word in words_of(line, tag))


def _read_counted(path: Path, _: str) -> Counter[str]:
    return _sum((line.rpartition(" ")[::2] for line in path.read_text("utf-8").splitlines()), int)


def _read_ranked(path: Path, _: str) -> Counter[str]:
    return _sum((line.split("\t")[1:3] for line in path.read_text("utf-8").splitlines()), int)


def _read_centibels(path: Path, _: str) -> Counter[str]:
    """Zipf-like frequencies: hundredths of a decibel below one; as counts in ten million words."""
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    return Counter({word: max(1, round(10 ** (float(level) / 100) * 1e7)) for word, level in rows})


def _read_json(path: Path, _: str) -> Counter[str]:
    return Counter({str(word): int(count) for word, count in json.loads(path.read_text("utf-8")).items()})


def _sum(rows: Iterable[Iterable[str]], number: Callable[[str], int]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for word, count in rows:
        counts[word] += number(count)
    return counts


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file of text."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n")


_READERS: dict[str, Callable[[Path, str], Counter[str]]] = {
    "text": _read_text,
    "counted": _read_counted,
    "ranked": _read_ranked,
    "json": _read_json,
    "centibels": _read_centibels,
}
