"""The object that an app holds: text in, label with score and reason out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from boli.datasets.records import Slot
from boli.errors import DataError, check_text
from boli.languages import parse_tag
from boli.pipeline.answers import Explanation, LabelScore, Prediction, WordWeight, find_words, leave_out, write_reason
from boli.pipeline.engines import Engine
from boli.pipeline.runs import RunInfo
from boli.pipeline.texts import UNKNOWN, TextPath, tell_tags

Identify = Callable[[str], str]
"""Tells the tag of a text; returns ``und`` where it cannot."""

Languages = str | Sequence[str] | None
"""One tag for all texts, one for each, or None: identify them."""


@dataclass(frozen=True)
class Pipeline:
    """A loaded model. Safe to share between threads.

    Args:
        info: what the run folder says about itself.
        engine: what scores normalized text.
        text_path: how raw text is normalized.
        identify: tells the tag of a text when the caller does not; None: `boli.identify` does.

    >>> from boli.pipeline import load, pipelines
    >>> [load(each.name)("mera balance batao", "ur-Latn").label for each in pipelines()]
    [...]
    """

    info: RunInfo
    engine: Engine
    text_path: TextPath
    identify: Identify | None = None

    def __call__(self, text: str, lang: str | None = None) -> Prediction:
        """Label one text.

        Raises:
            TextError: not a `str`.
            DataError: nothing but spaces.
            LanguageError: no such language.
        """
        return self.batch([text], lang)[0]

    def batch(self, texts: Sequence[str], lang: Languages = None) -> list[Prediction]:
        """Label many texts, in their order; much faster than one by one.

        Raises:
            TextError: one of them is not a `str`.
            DataError: one of them is nothing but spaces; the message says which.
            LanguageError: no such language.
        """
        for row, text in enumerate(texts):
            if not check_text(text).strip():
                raise DataError(f"text {row + 1} of {len(texts)} is empty; expected words: leave it out")
        return self._score(texts, self._tags(texts, lang)) if texts else []

    def explain(self, text: str, lang: str | None = None) -> Explanation:
        """Label one text and say why, by leaving out one word at a time.

        Words are what stands between spaces. A word counts as much as the score of the answer falls without it; so two
        words that say the same can both look light.
        """
        full = self(text, lang)
        words = find_words(text)
        shorter = [leave_out(text, word) for word in words]
        kept = [row for row, each in enumerate(shorter) if each]
        answers = dict(zip(kept, self._score([shorter[row] for row in kept], [full.tag] * len(kept)), strict=True))
        weights = tuple(
            WordWeight(word.start, word.end, text[word.start : word.end], _fall(full, answers.get(row)))
            for row, word in enumerate(words)
        )
        heaviest = max(kept, key=lambda row: weights[row].weight, default=None)
        without = None if heaviest is None else answers[heaviest]
        english, urdu = (write_reason(language, weights, full, without) for language in ("en", "ur"))
        return Explanation(full, weights, english, urdu)

    def _score(self, texts: Sequence[str], tags: Sequence[str]) -> list[Prediction]:
        if not texts:
            return []
        scored = self.engine.score(self.text_path.prepare(texts, tags))
        orders = np.argsort(-scored.probabilities, axis=1, kind="stable")
        answers = [
            self._prediction(scored.probabilities[row], orders[row], tags[row], cut=bool(scored.cut[row]))
            for row in range(len(texts))
        ]
        if not scored.slots:
            return answers
        found = zip(answers, texts, scored.slots, strict=True)
        return [replace(each, slots=self._locate(text, each.tag, slots)) for each, text, slots in found]

    def _prediction(self, row: NDArray[np.float32], order: NDArray[np.int64], tag: str, *, cut: bool) -> Prediction:
        scores = tuple(LabelScore(self.info.labels[place], float(row[place])) for place in order)
        best, least = scores[0], self.threshold
        if self.info.multi_label:
            labels = tuple(each.label for each in scores if each.score >= least)
            return Prediction(best.label, best.score, tag, scores, cut, labels, known=bool(labels))
        return Prediction(best.label, best.score, tag, scores, cut, (best.label,), known=best.score >= least)

    @property
    def threshold(self) -> float:
        """The score from which a label counts where texts have several, else below which one may be out of scope."""
        return self.info.threshold(self.engine.name)

    def _locate(self, text: str, tag: str, slots: Sequence[Slot]) -> tuple[Slot, ...]:
        return tuple(Slot(*self.text_path.locate(text, tag, slot.start, slot.end), slot.name) for slot in slots)

    def _tags(self, texts: Sequence[str], lang: Languages) -> list[str]:
        if lang is None:
            return [self.identify(text) for text in texts] if self.identify else tell_tags(texts)
        tags = [lang] * len(texts) if isinstance(lang, str) else list(lang)
        if len(tags) != len(texts):
            raise DataError(f"got {len(tags)} languages for {len(texts)} texts; give one for all or one for each")
        return [tag if tag == UNKNOWN else str(parse_tag(tag)) for tag in tags]


def _fall(full: Prediction, without: Prediction | None) -> float:
    """Return how far the score falls; without its only word a text says nothing, so the whole score."""
    return full.score - dict(without.scores)[full.label] if without else full.score
