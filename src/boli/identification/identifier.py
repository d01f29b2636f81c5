"""Identify the language and the script of a text.

Script first, exactly; then the language, by the weights of that script. `und` (undetermined) is an answer: for text
without letters, for scripts and languages that are not known here, and where no language is probable enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boli.errors import ModelNotFound, TextError, check_text
from boli.identification.grams import GROUPS
from boli.identification.model import Ints, Weights, load_weights

UND = "und"
"""BCP 47: a language that could not be determined."""


class Guess(NamedTuple):
    """A tag such as ``ur-Arab``, and how probable it is, from 0 to 1; of `und`: that none of the others is right.

    >>> guess = Guess("ur-Arab", 0.98)
    >>> guess.tag, guess.probability
    ('ur-Arab', 0.98)
    """

    tag: str
    probability: float


BY_SCRIPT = {GROUPS.index("Guru"): Guess("pa-Guru", 0.99)}
"""Scripts that tell the language by themselves. Devanagari does not: it is Hindi, Marathi, Nepali, Sindhi."""

_BATCH = 1024


@dataclass(frozen=True)
class Identifier:
    """Identification with given weights; the functions of this module use the ones that come with the package.

    Safe to share between threads.
    """

    weights: Weights

    def identify(self, text: str, *, n_best: int = 1) -> list[Guess]:
        """List the `n_best` most probable guesses; see `boli.identify`."""
        sums = self.weights.add_up([check_text(text).split()])
        first = self._answer(sums)[0]
        group = int(_groups(sums, self.weights)[0][0]) if n_best > 1 else len(GROUPS)
        if group >= len(self.weights.blocks):
            return [first]
        chances = np.exp(self.weights.log_probabilities(sums, group)[0])
        labels = self.weights.blocks[group].labels
        rest = [Guess(labels[place], _rounded(chances[place])) for place in np.argsort(-chances, kind="stable")]
        return [first, *(guess for guess in rest if guess.tag != first.tag)][:n_best]

    def identify_batch(self, texts: Sequence[str]) -> list[Guess]:
        """Give the most probable guess for each text, the same as `identify` gives; see `boli.identify_batch`."""
        if isinstance(texts, str | bytes):
            raise TextError("expected a list of texts, got one text; write [text]")
        found: list[Guess] = []
        for start in range(0, len(texts), _BATCH):
            part = [check_text(text).split() for text in texts[start : start + _BATCH]]
            found += self._answer(self.weights.add_up(part))
        return found

    def _answer(self, sums: Ints) -> list[Guess]:
        groups, floors = _groups(sums, self.weights)
        nothing = Guess(UND, 1.0)
        answers = [BY_SCRIPT.get(group, nothing) for group in groups.tolist()]
        for place, block in enumerate(self.weights.blocks):
            chosen = (groups == place).nonzero()[0]
            if len(chosen) == 0:
                continue
            scores = self.weights.scores(sums[chosen], place)
            best = scores.argmax(axis=1).tolist()
            chances = (1 / np.exp(scores).sum(axis=1)).round(6).tolist()
            for row, label, chance, floor in zip(chosen.tolist(), best, chances, floors[chosen].tolist(), strict=True):
                tag = block.labels[label]
                is_unsure = chance < floor and tag != UND
                answers[row] = Guess(UND, round(1 - chance, 6)) if is_unsure else Guess(tag, chance)
        return answers


def identify(text: str, *, n_best: int = 1) -> list[Guess]:
    """Say which language and script a text is written in.

    Args:
        text: a word, a message or a page. Links, numbers, emoji and punctuation do not count.
        n_best: how many guesses, the most probable first.

    Returns:
        Guesses with full tags (``ur-Arab``), or `und`: no letters, an unknown language, or nothing probable enough.

    Raises:
        TextError: `text` is not `str`.

    Cost: about 50 us for a sentence of 100 characters; the first call reads the weights.

    >>> identify("آپ کیسے ہیں؟")[0].tag, identify("tusi kithe ja rahe o")[0].tag, identify("12:30 :)")
    ('ur-Arab', 'pa-Latn', [Guess(tag='und', probability=1.0)])
    """
    return default_identifier().identify(text, n_best=n_best)


def identify_batch(texts: Sequence[str]) -> list[Guess]:
    """Give the most probable guess for each text: `identify` for many texts, and faster.

    Raises:
        TextError: `texts` is one text, or holds something that is not `str`.

    >>> [guess.tag for guess in identify_batch(["اسان سنڌي ڳالهايون ٿا", ""])]
    ['sd-Arab', 'und']
    """
    return default_identifier().identify_batch(texts)


@cache
def default_identifier() -> Identifier:
    """Load the identifier that comes with the package, once.

    Raises:
        ModelNotFound: the package was installed without its weights.
    """
    model = files("boli") / "data" / "models" / "langid" / "model.npz"
    with as_file(model) as path:
        if not Path(path).is_file():
            raise ModelNotFound(f"no weights at {path}; install boli from its wheel, or run scripts/train_langid.py")
        return Identifier(load_weights(path))


def _groups(sums: Ints, weights: Weights) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Place in `GROUPS` of each text's script, `len(GROUPS)` without letters; and the probability that it needs.

    Short texts need more than long ones. Length is counted in letters, five to a word.
    """
    letters = sums[:, weights.layout.letters]
    total = letters.sum(axis=1)
    groups: NDArray[np.int64] = letters.argmax(axis=1)
    groups[total == 0] = len(GROUPS)
    return groups, weights.floors[np.minimum(total // 5, len(weights.floors) - 1)]


def _rounded(chance: float) -> float:
    return round(float(chance), 6)
