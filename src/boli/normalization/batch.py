"""Many texts at once: one NumPy walk over UTF-16 code units, and the plain engine for the words that need it.

Most characters keep or change by one table look-up. A word in which marks meet, a ligature opens or a joiner stands
goes to the plain engine and into a cache; protected spans are put back as they were. A property test holds this engine
equal to the plain one.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from boli.normalization.alignment import Alignment, identity
from boli.normalization.shielding import NOTHING, Shield, shield
from boli.normalization.tabulation import Tables
from boli.normalization.tracing import cut
from boli.normalization.walk import Places, Spans, Walk

CHUNK = 3 << 16
"""Code points of one pass: they fit the processor's cache."""

_SENTINEL = "\uffff"
_CACHE_LIMIT = 1 << 16

T = TypeVar("T")


@dataclass
class BatchEngine:
    """The fast path of one normalizer.

    Args:
        plain: the plain engine.
        explain: the plain engine with its alignment.
        tidy: the plain engine's pass over repeated spaces alone.
        hiding: the pattern of protected spans, if there are any.
        tables: see `compile_tables`.
    """

    plain: Callable[[str], str]
    explain: Callable[[str], tuple[str, Alignment]]
    tidy: Callable[[str], str]
    hiding: re.Pattern[str] | None
    tables: Tables
    _words: dict[str, str | None] = field(default_factory=dict)
    _aligned: dict[str, tuple[str, Alignment] | None] = field(default_factory=dict)

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
        walk = Walk(texts, self.tables)
        if walk.broken:
            return _apart(texts, _has_breaks, self.plain, self._run_chunk)
        kept, words = self._settle(walk, texts)
        spelt = [_remember(self._words, walk.slice(*word), self._decide) for word in words.pairs()]
        covered = _cover(walk, words, spelt)
        new = [word for word in spelt if word is not None]
        loose = walk.lines_at(_loose(walk, covered, new)).tolist()
        outputs = _write(walk, texts, covered.starts, new)
        for line in {*loose} - {*kept.alone}:
            outputs[line] = self.plain(texts[line]) if line in kept.lines else self.tidy(outputs[line])
        for line in kept.alone:
            outputs[line] = self.plain(texts[line])
        return outputs

    def _align_chunk(self, texts: Sequence[str]) -> list[tuple[str, Alignment]]:
        walk = Walk(texts, self.tables)
        if walk.broken:
            return _apart(texts, _has_breaks, self.explain, self._align_chunk)
        if not walk.flat:
            return _apart(texts, _has_planes, self.explain, self._align_chunk)
        kept, words = self._settle(walk, texts)
        found = [_remember(self._aligned, walk.slice(*word), self._trace) for word in words.pairs()]
        covered = _cover(walk, words, found)
        new = [word for word in found if word is not None]
        loose = walk.lines_at(_loose(walk, covered, [word for word, _ in new])).tolist()
        lines = _assemble(walk.written(None), [word for word, _ in new]).split("\n")
        outputs = list(zip(lines, cut(walk, covered, [alignment for _, alignment in new], lines), strict=True))
        for line in {*loose, *kept.alone}:
            outputs[line] = self.explain(texts[line])
        return outputs

    def _settle(self, walk: Walk, texts: Sequence[str]) -> tuple[Shield, Spans]:
        """Look everything up; return what is protected, and the words that the plain engine must decide."""
        walk.look_up()
        kept = shield(walk, texts, self.hiding) if self.hiding else NOTHING
        if kept.lines:
            walk.restore(kept.spans)
            walk.unsure = walk.unsure[~kept.covers(walk.unsure)]
        words = walk.words()
        if kept.lines:
            broken = walk.lines_at(words.starts[kept.touches(words)]).tolist()
            kept = kept._replace(alone=(*kept.alone, *broken))
        if walk.tables.trims:
            trimmed = walk.trim_spaces()
            walk.trim(trimmed[~kept.covers(trimmed)] if kept.lines else trimmed)
        return kept, words

    def _decide(self, word: str) -> str | None:
        output = self.plain(word)
        return None if output == word and _SENTINEL not in word else output

    def _trace(self, word: str) -> tuple[str, Alignment] | None:
        output, alignment = self.explain(word)
        same = identity(len(word))
        idle = output == word and _SENTINEL not in word and np.array_equal(alignment.starts, same.starts)
        return None if idle and np.array_equal(alignment.ends, same.ends) else (output, alignment)


def _cover(walk: Walk, words: Spans, decided: Sequence[object]) -> Spans:
    """Leave the words of which nothing came as they were; put sentinels for the others, and return those."""
    if not decided:
        return words
    new = np.fromiter((word is not None for word in decided), bool, len(decided))
    walk.restore(words.take(~new))
    covered = words.take(new)
    if len(covered.starts):
        walk.cover(covered)
    return covered


def _loose(walk: Walk, covered: Spans, words: Sequence[str]) -> Places:
    """Return places of words that may have left two spaces: those that fell away, or begin or end with one."""
    pairs = zip(covered.starts.tolist(), words, strict=True)
    emptied = [start for start, word in pairs if not word or " " in word[0] + word[-1]]
    return np.sort(np.concatenate([np.array(emptied, np.int64), walk.lost_starts()]))


def _write(walk: Walk, texts: Sequence[str], covered: Places, words: list[str]) -> list[str]:
    """Return the output lines; where few lines change, the others are the very texts that came."""
    changed = walk.changed()
    lines: Places | None = None
    if np.count_nonzero(changed) < 2 * len(texts):
        lines = walk.lines_at(np.sort(np.concatenate([np.flatnonzero(changed), covered])))
    if lines is None or 2 * len(lines) > len(texts):
        return _assemble(walk.written(None), words).split("\n")
    outputs = list(texts)
    if lines.size:
        new = _assemble(walk.written(lines), words).split("\n")
        for line, output in zip(lines.tolist(), new, strict=True):
            outputs[line] = output
    return outputs


def _remember(cache: dict[str, T | None], word: str, decide: Callable[[str], T | None]) -> T | None:
    """Look a word up, or decide it and remember; the cache starts anew when it is full."""
    if word in cache:
        return cache[word]
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
