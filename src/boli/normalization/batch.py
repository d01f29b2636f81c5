"""Many texts at once: one NumPy walk over UTF-16 code units, and the plain engine for the words that need it.

Most characters keep or change by one table look-up. A word in which marks meet, a ligature opens or a joiner stands
goes to the plain engine and into a cache; a line that may hold a protected span goes there whole. A property test holds
this engine equal to the plain one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from boli.normalization.alignment import Alignment
from boli.normalization.tabulation import Tables
from boli.normalization.walk import CHUNK, Walk

_SENTINEL = "\uffff"
_CACHE_LIMIT = 1 << 16

T = TypeVar("T")


@dataclass
class BatchEngine:
    """The fast path of one normalizer.

    Args:
        plain: the plain engine.
        explain: the plain engine with its alignment.
        tables: see `compile_tables`.
    """

    plain: Callable[[str], str]
    explain: Callable[[str], tuple[str, Alignment]]
    tables: Tables
    _words: dict[str, str] = field(default_factory=dict)
    _aligned: dict[str, tuple[str, Alignment]] = field(default_factory=dict)

    def run(self, texts: Sequence[str]) -> list[str]:
        """Return the normalized texts, in order; works on pieces that fit the processor's cache."""
        outputs: list[str] = []
        for chunk in _chunks(texts):
            outputs += self._run_chunk(chunk)
        return outputs

    def run_aligned(self, texts: Sequence[str]) -> list[tuple[str, Alignment]]:
        """Return the normalized texts with their alignments, in order."""
        outputs: list[tuple[str, Alignment]] = []
        for chunk in _chunks(texts):
            outputs += self._align_chunk(chunk)
        return outputs

    def _run_chunk(self, texts: Sequence[str]) -> list[str]:
        joined = "\n".join(texts)
        if "\r" in joined or joined.count("\n") != len(texts) - 1:
            return _apart(texts, _has_breaks, self.plain, self._run_chunk)
        walk = Walk(joined, self.tables)
        changed = walk.changed_lines()
        if 4 * len(changed) > len(texts):
            return self._finish(walk, texts)
        outputs = list(texts)  # most lines stay: keep them, and walk once more over the others alone
        for line, output in zip(changed, self._renew([texts[line] for line in changed]), strict=True):
            outputs[line] = output
        return outputs

    def _renew(self, texts: Sequence[str]) -> list[str]:
        return self._finish(Walk("\n".join(texts), self.tables), texts) if texts else []

    def _finish(self, walk: Walk, texts: Sequence[str]) -> list[str]:
        words = [_remember(self._words, walk.slice(start, end), self.plain) for start, end in walk.complex_words]
        outputs = _assemble(walk.simple(), words).split("\n")
        for line in walk.doubtful_lines(words):
            outputs[line] = self.plain(texts[line])
        return outputs

    def _align_chunk(self, texts: Sequence[str]) -> list[tuple[str, Alignment]]:
        joined = "\n".join(texts)
        if "\r" in joined or joined.count("\n") != len(texts) - 1:
            return _apart(texts, _has_breaks, self.explain, self._align_chunk)
        walk = Walk(joined, self.tables)
        if len(walk.units) != len(joined):
            return _apart(texts, _has_planes, self.explain, self._align_chunk)
        found = [_remember(self._aligned, walk.slice(start, end), self.explain) for start, end in walk.complex_words]
        words = [word for word, _ in found]
        lines = _assemble(walk.simple(), words).split("\n")
        outputs = list(zip(lines, _cut(walk, [alignment for _, alignment in found], lines, texts), strict=True))
        for line in walk.doubtful_lines(words):
            outputs[line] = self.explain(texts[line])
        return outputs


def _remember(cache: dict[str, T], word: str, decide: Callable[[str], T]) -> T:
    """Look a word up, or decide it and remember; the cache starts anew when it is full."""
    found = cache.get(word)
    if found is None:
        if len(cache) >= _CACHE_LIMIT:
            cache.clear()
        found = cache[word] = decide(word)
    return found


def _has_breaks(text: str) -> bool:
    return "\n" in text or "\r" in text


def _has_planes(text: str) -> bool:
    """Whether a character takes two UTF-16 code units, so that offsets in code units are not those of the text."""
    return not text.isascii() and max(text) > "\uffff"


def _apart(
    texts: Sequence[str], odd: Callable[[str], bool], one: Callable[[str], T], many: Callable[[Sequence[str]], list[T]]
) -> list[T]:
    """Send the odd texts one by one to the plain engine, and the others together."""
    alone = [odd(text) for text in texts]
    together = [text for text, is_odd in zip(texts, alone, strict=True) if not is_odd]
    rest = iter(many(together) if together else [])
    return [one(text) if is_odd else next(rest) for text, is_odd in zip(texts, alone, strict=True)]


def _cut(walk: Walk, words: list[Alignment], lines: list[str], texts: Sequence[str]) -> Iterator[Alignment]:
    """Cut the alignment of the joined text into one for each line."""
    starts, ends = walk.offsets(words)
    lengths = np.fromiter(map(len, texts), np.int32, len(texts))
    firsts = np.concatenate([[0], np.cumsum(lengths[:-1] + 1)]).astype(np.int32)
    sizes = np.fromiter(map(len, lines), np.int64, len(lines))
    shift = np.repeat(firsts, sizes + 1)[: len(starts)]
    starts, ends = starts - shift, ends - shift
    at = 0
    for size, length in zip(sizes.tolist(), lengths.tolist(), strict=True):
        yield Alignment(starts[at : at + size], ends[at : at + size], length)
        at += size + 1


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut a list of texts in pieces of about `CHUNK` code points.

    The length of a line is guessed from the piece before: to ask each line for it costs as much as to join them.
    """
    first, step = 0, 1 << 6
    while first < len(texts):
        chunk = texts[first : first + step]
        yield chunk
        first += len(chunk)
        sample = chunk[:: max(1, len(chunk) // 16)]
        mean = sum(map(len, sample)) / len(sample) + 1
        step = max(1, min(4 * step, int(CHUNK / mean)))


def _assemble(simple: str, words: list[str]) -> str:
    """Put the plain engine's words in the places of the sentinels."""
    if not words:
        return simple
    pieces = [""] * (2 * len(words) + 1)
    pieces[0::2] = simple.split(_SENTINEL)
    pieces[1::2] = words
    return "".join(pieces)
