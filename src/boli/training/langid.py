"""Train identification: samples of every length from every source, fitted block by block, thresholds on top."""

import hashlib
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from boli.identification.grams import BLOCKS
from boli.identification.identifier import UND
from boli.identification.model import Block, Weights
from boli.languages import LANGUAGES
from boli.models.weights import sha256_of
from boli.training.langid_fit import FitOptions, build_problem, fit_block
from boli.training.langid_sources import Source, english_words, list_sources, read_source, telling_words

_LENGTHS = ((1, 1, 10), (2, 2, 10), (3, 3, 12), (4, 8, 25), (9, 40, 43))
"""Shortest, longest (words) and share of the samples."""

_WEIGHTS = {
    "ar-Arab": 0.6, "bal-Arab": 1.3, "brh-Arab": 0.4, "fa-Arab": 0.5, "hi-Latn": 0.4, "ks-Arab": 0.3, "skr-Arab": 0.3,
    "trw-Arab": 0.4, "ur-Arab": 1.5, "ur-Latn": 1.5,
}  # fmt: skip
"""What is rarer among messages, or what a neighbour shares most of its words with, counts less or more than others."""

_KEYBOARDS = (
    str.maketrans({"ی": "ي", "ک": "ك"}),
    str.maketrans({"ہ": "ه", "ی": "ي"}),
    str.maketrans({"ي": "ی", "ك": "ک"}),
    str.maketrans({"ہ": "ھ"}),
    str.maketrans({"ه": "ہ", "ي": "ی"}),
)
"""Letters that other keyboards give for the same sound; the picture is often the same."""


@dataclass(frozen=True)
class LangidOptions:
    """Options of a training run.

    samples: for each label. keyboard: share of samples typed on another keyboard or
    misspelt. mixing: share of Roman samples with English words among ours. weight: by label, against 1.
    """

    samples: int = 20_000
    keyboard: float = 0.15
    mixing: float = 0.3
    seed: int = 0
    thresholds: tuple[float, ...] = (0.42, 0.42, 0.4, 0.37, 0.35)
    fit: tuple[FitOptions, FitOptions] = (FitOptions(penalty=2e-7), FitOptions(penalty=7e-8))
    weight: dict[str, float] = field(default_factory=lambda: dict(_WEIGHTS), hash=False)


class Sample(NamedTuple):
    """Tokens with their label, and what this sample counts."""

    tokens: list[str]
    label: str
    weight: float


def train_langid(
    data: Path,
    *,
    held_out: Collection[str] = (),
    options: LangidOptions | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> Weights:
    """Train the weights of identification.

    Args:
        data: the folder that the paths of sources.tsv start from.
        held_out: names of sources that are left out.
        options: sizes and strengths.
        report: told what goes on, a line at a time.
    """
    options = options or LangidOptions()
    sources = [source for source in list_sources() if source.name not in held_out]
    blocks = []
    for place, script in enumerate(BLOCKS):
        chosen = [source for source in sources if source.label.endswith(script)]
        samples = draw_samples(chosen, data, options)
        report(f"{script}: {len(samples)} samples")
        blocks.append(_fit(samples, place, options, report))
    roman = [source for source in sources if source.label.endswith(BLOCKS[1])]
    words = _fit(draw_words(roman, data, options), 1, options, report)
    facts = {
        "data_sha256": hash_sources(sources, data),
        "seed": str(options.seed),
        "held_out": " ".join(sorted(held_out)),
    }
    return Weights(tuple(blocks), words, options.thresholds, facts)


def hash_sources(sources: Sequence[Source], data: Path) -> str:
    """Hash the list of sources and every file of theirs under `data`: another text, another sha256."""
    total = hashlib.sha256()
    for source in sources:
        total.update("\t".join(map(str, source)).encode("utf-8"))
        if (data / source.path).is_file():
            total.update(sha256_of(data / source.path).encode("ascii"))
    return total.hexdigest()


def draw_samples(sources: Sequence[Source], data: Path, options: LangidOptions) -> list[Sample]:
    """Draw pieces of lines, each label as much as any other, each source by its share."""
    shares: dict[str, float] = defaultdict(float)
    for source in sources:
        shares[source.label] += source.share
    samples: list[Sample] = []
    for source in sources:
        lines = [line.split() for line in read_source(source, data)]
        count = round(options.samples * source.share / shares[source.label])
        dice = random.Random(f"{options.seed} {source.label} {source.name} {source.path}")
        samples += _pieces(lines, source, count, options, dice, telling_words(source, data))
    return samples


def draw_words(sources: Sequence[Source], data: Path, options: LangidOptions) -> list[Sample]:
    """Draw single words, so that each language's own words differ from the English ones among them.

    A word that is much more usual in English than in a language is taken for English wherever it stands.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for source in sources:
        if source.kind == "wallet":
            continue  # half of its words are English ones, over and over
        words = Counter(word for line in read_source(source, data) for word in _plain_words(line))
        total = words.total()
        for word, count in words.items():
            counts[source.label][word] += source.share * count / total  # type: ignore[assignment]
    english = _shares(counts["en-Latn"])
    samples: list[Sample] = []
    for label in sorted(counts):
        own = _shares(counts[label])
        if label.partition("-")[0] in LANGUAGES:
            own = {word: share for word, share in own.items() if english.get(word, 0.0) < _ENGLISH * share}
        samples += _draw(own, label, options)
    return samples


def _draw(shares: dict[str, float], label: str, options: LangidOptions) -> list[Sample]:
    dice = random.Random(f"{options.seed} words {label}")
    words = sorted(shares)
    drawn = Counter(dice.choices(words, [shares[word] ** 0.6 for word in words], k=2 * options.samples))
    return [Sample([word], label, float(count)) for word, count in sorted(drawn.items())]


def _shares(counts: Counter[str]) -> dict[str, float]:
    total = sum(counts.values())
    return {word: count / total for word, count in counts.items()}


def _plain_words(line: str) -> list[str]:
    return [word for word in _WORD.findall(line.lower()) if len(word) < 20]


_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = 0.5
"""How many times more usual in English a word of a Roman text must be to count as English."""


def _pieces(
    lines: list[list[str]],
    source: Source,
    count: int,
    options: LangidOptions,
    dice: random.Random,
    telling: frozenset[str],
) -> list[Sample]:
    most = min(count, 4 * len(lines))
    weight = count / most * options.weight.get(source.label, 1.0)
    shares = [share for _, _, share in _LENGTHS]
    found: list[Sample] = []
    for _ in range(most):
        line = dice.choice(lines)
        low, high, _ = dice.choices(_LENGTHS, shares)[0]
        size = dice.randint(low, high)
        start = dice.randint(0, max(0, len(line) - size))
        tokens = line[start : start + size]
        if telling and sum(token in telling for token in tokens) < max(1, len(tokens) // 5):
            continue
        found.append(Sample(_disturbed(tokens, source.label, options, dice), source.label, weight))
    return found


def _disturbed(tokens: list[str], label: str, options: LangidOptions, dice: random.Random) -> list[str]:
    language, _, script = label.partition("-")
    if script == "Latn" and language in LANGUAGES and len(tokens) > 2 and dice.random() < options.mixing:
        english = english_words()
        tokens = [dice.choice(english) if dice.random() < 0.25 else token for token in tokens]
    if dice.random() >= options.keyboard:
        return tokens
    if script == "Latn":
        return [_misspelt(token, dice) for token in tokens]
    table = dice.choice(_KEYBOARDS)
    return [token.translate(table) for token in tokens]


def _misspelt(token: str, dice: random.Random) -> str:
    """Drop, double or swap one letter of a longer word."""
    if len(token) < 4 or dice.random() < 0.5:
        return token
    place = dice.randint(1, len(token) - 2)
    changed = ("", token[place] * 2, token[place + 1] + token[place])[dice.randrange(3)]
    return token[:place] + changed + token[place + (2 if len(changed) == 2 and changed[0] != changed[1] else 1) :]


def _fit(samples: list[Sample], place: int, options: LangidOptions, report: Callable[[str], None]) -> Block:
    labels = tuple(sorted({sample.label for sample in samples}))
    number = {label: index for index, label in enumerate(labels)}
    problem = build_problem(
        [sample.tokens for sample in samples],
        [number[sample.label] for sample in samples],
        [sample.weight for sample in samples],
        place,
        options.fit[place],
    )
    names = tuple(UND if label.startswith(UND) else label for label in labels)
    return fit_block(problem, names, options.fit[place], report)
