"""Build joint models from aligned pairs."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from boli.training.romanization.alignment import fit_aligner
from boli.transliteration.hashing import build_table
from boli.transliteration.joint_model import BITS, ORDER, STEP, JointModel, frame, unit_keys
from boli.transliteration.tagger import FIRST_LETTER, Tagger


def fit_joint_model(weights: Mapping[tuple[str, str], float], tagger: Tagger, reach: int) -> JointModel:
    """Count n-grams of units over (source, target) pairs, aligned anew.

    Args:
        weights: (source, target) -> weight.
        tagger: whose letters and tags give the units their codes.
        reach: of the alignment.
    """
    pairs, values = list(weights), list(weights.values())
    chunks = fit_aligner(pairs, values, reach=reach).chunks_of(pairs)
    tag_number = {tag: number for number, tag in enumerate(tagger.tags)}
    code = {letter: number for number, letter in enumerate(tagger.letters, start=FIRST_LETTER)}
    by_length: defaultdict[int, list[tuple[list[int], list[int], float]]] = defaultdict(list)
    for (source, _), cut, weight in zip(pairs, chunks, values, strict=True):
        if cut and all(chunk in tag_number for chunk in cut) and all(letter in code for letter in source):
            row = ([code[letter] for letter in source], [tag_number[chunk] for chunk in cut], weight)
            by_length[len(source)].append(row)
    counts: Counter[int] = Counter()
    for rows in by_length.values():
        _count(rows, counts)
    return _smoothed(counts)


def _count(rows: Sequence[tuple[list[int], list[int], float]], counts: Counter[int]) -> None:
    framed = frame(np.array([letters for letters, _, _ in rows]), np.array([tags for _, tags, _ in rows]))
    weights = np.array([weight for _, _, weight in rows])
    for place in range(ORDER - 1, framed.shape[1]):
        for size in range(1, ORDER + 1):
            keys, inverse = np.unique(unit_keys(framed, place, size), return_inverse=True)
            for key, count in zip(keys.tolist(), np.bincount(inverse, weights), strict=True):
                counts[key] += float(count)  # type: ignore[assignment]


def _smoothed(counts: Counter[int], least: float = 1.0) -> JointModel:
    by_size: defaultdict[int, list[int]] = defaultdict(list)
    for key, count in counts.items():
        size = (key.bit_length() - 1) // BITS
        if size == 1 or count >= least:
            by_size[size].append(key)
    total = sum(counts[key] for key in by_size[1])
    chance = {key: (counts[key] + 0.5) / (total + 0.5 * len(by_size[1])) for key in by_size[1]}
    backs: dict[int, float] = {}
    for size in range(2, ORDER + 1):
        after: defaultdict[int, list[int]] = defaultdict(list)
        for key in by_size[size]:
            after[_context(key, size)].append(key)
        for context, keys in after.items():
            seen = sum(counts[key] for key in keys)
            new = len(keys) / (seen + len(keys))
            backs[context] = new
            for key in keys:
                chance[key] = (1 - new) * counts[key] / seen + new * chance.get(_shorter(key, size), 1e-6)
    order = sorted(chance, key=lambda key: (key.bit_length(), -counts[key]))
    values = np.array([(_steps(chance[key]), _steps(backs.get(key, 1.0))) for key in order], np.uint8)
    return JointModel(build_table(np.array(order, np.uint64), values))


def _context(key: int, size: int) -> int:
    body = (key & ((1 << (BITS * size)) - 1)) >> BITS
    return ((size - 1) << (BITS * (size - 1))) | body


def _shorter(key: int, size: int) -> int:
    return ((size - 1) << (BITS * (size - 1))) | (key & ((1 << (BITS * (size - 1))) - 1))


def _steps(probability: float) -> int:
    return int(min(255, max(0, round(-np.log(max(probability, 1e-12)) / STEP))))
