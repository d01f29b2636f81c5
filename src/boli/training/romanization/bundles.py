"""Put together what one language needs: its words, its letters, the weights of the ranking, the tables."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from boli.training.romanization.chat import chat_counts, chat_spellings
from boli.training.romanization.context_counts import TEXTS, fit_context, read_sentences
from boli.training.romanization.joint_counts import fit_joint_model
from boli.training.romanization.kinship import read_kin
from boli.training.romanization.letter_counts import fit_letter_model
from boli.training.romanization.material import Weights, spoken_counts
from boli.training.romanization.ranking import accuracy, collect, cross_validate, fit_ranker
from boli.training.romanization.teaching import REACH
from boli.transliteration.alphabet import Alphabet
from boli.transliteration.emissions import best_cuts
from boli.transliteration.joint_model import JointModel
from boli.transliteration.lexicon import Lexicon
from boli.transliteration.model_files import ROMAN, Direction, PairModel, Table, make_table
from boli.transliteration.ranker import straight
from boli.transliteration.tagger import Tagger
from boli.transliteration.word_model import FACT_STEP, Search, WordModel

READING = Search(choices=3, beam=12, free=10, listed=64)
READING_FEW_WORDS = Search(choices=4, beam=32, free=24, listed=48, closer=40)
"""For Gurmukhi: half of the words are in no list here, so more is put together freely."""

WRITING = Search(choices=4, beam=24, free=24, listed=0)

PLAIN_READING = (0.22, 0.8, 1.8, -0.1, 0.6, 0.0, 0.3, 0.2, 0.8, 0.26, -0.17)
PLAIN_WRITING = (0.6, 1.5, -0.2, 0.0, 0.0, 0.0, 0.5, 0.17, 0.3, 0.3, 0.0)
"""Weights of the ranking where no dev words tell better."""

_LETTERS = 110
_WRITTEN_OFTEN = 1.4
_RAREST_LETTERS = 3.0
_PRIOR = 2.0
_WRITING_PRIOR = 8.0
"""How many sightings the model's own opinion of a word is worth beside what was seen."""

_FAINTEST = -7.0
_WORST_FIT = -2.5
_CHAT = 2.0
"""A word of the chat messages counts like two of the encyclopedia's sentences."""

_CONTEXT_WEIGHT = 0.5


@dataclass(frozen=True)
class Sizes:
    """Limits of what is kept of one language."""

    words: int = 170_000
    pairs: int = 220_000
    most_pairs: int = 600_000
    reading_table: int = 20_000
    writing_table: int = 20_000


@dataclass(frozen=True)
class Known:
    """What is known of a language: counts of its words, taught pairs, and dev words to weigh the features on."""

    tag: str
    counts: Mapping[str, float]
    material: Weights
    dev_reading: Mapping[str, frozenset[str]]
    dev_writing: Mapping[str, frozenset[str]]


def build_pair(
    data: Path, known: Known, reading: Tagger, writing: Tagger, sizes: Sizes, report: Callable[[str], object]
) -> PairModel:
    """Build both directions of a language, weigh their features on its dev words, and fill the tables."""
    reader = _weighed(_reader(known, reading, sizes), known.dev_reading, f"{known.tag} reading", report)
    writer = _weighed(_writer(known, writing), known.dev_writing, f"{known.tag} writing", report)
    spoken = _plausible(reader, spoken_counts(data, known.tag))
    chat = _plausible(reader, chat_counts(known.tag))
    for pair, count in chat.items():
        spoken[pair] = spoken.get(pair, 0.0) + _CHAT * count
    texts = [data / name for name in TEXTS[known.tag]]
    most = sizes.most_pairs if known.tag == "ur-Arab" else sizes.pairs
    context = fit_context(
        read_sentences(texts, known.tag), reader.alphabet, most=most, weight=_CONTEXT_WEIGHT
    )
    read, written = _sightings(known, spoken)
    chosen = _chat_spellings(reader, chat_spellings(data), read) if known.tag == "ur-Arab" else {}
    reading_words = _commonest(read, known, sizes.reading_table)
    writing_words = sorted(known.counts, key=lambda word: (-known.counts[word], word))[: sizes.writing_table]
    return PairModel(
        Direction(reader, _table(reader, reading_words, read, 5, _PRIOR)),
        Direction(writer, _table(writer, writing_words, written, 3, _WRITING_PRIOR)),
        context,
        {**_common(written), **chosen},
        tuple(sorted({roman for _, roman in chat_spellings(data) if len(roman) > 1})) if chosen else (),
        {"words": str(len(known.counts)), "pairs": str(len(known.material))},
    )


def _reader(known: Known, tagger: Tagger, sizes: Sizes) -> WordModel:
    counts = Counter(known.counts)
    for native, _ in known.material:
        counts.setdefault(native, 1.0)  # type: ignore[arg-type]
    frequent = Counter(letter for word in counts for letter in word).most_common(_LETTERS)
    alphabet = Alphabet("".join(sorted(letter for letter, _ in frequent)), read_kin())
    taught = {native for native, _ in known.material}
    listed = [word for word in counts if all(letter in alphabet.known for letter in word)]
    listed.sort(key=lambda word: (word not in taught, -counts[word], word))
    pairs = {(roman, native): weight for (native, roman), weight in known.material.items()}
    joint = fit_joint_model(pairs, tagger, REACH["reading"])
    search = READING_FEW_WORDS if known.tag == "pa-Guru" else READING
    return _model(known.tag, tagger, alphabet, counts, listed[: sizes.words], pairs, joint, search, PLAIN_READING)


def _writer(known: Known, tagger: Tagger) -> WordModel:
    counts: Counter[str] = Counter()
    for (_, roman), weight in known.material.items():
        counts[roman] += weight  # type: ignore[assignment]
    joint = fit_joint_model(known.material, tagger, REACH["writing"])
    listed = [word for word, count in counts.items() if count >= _WRITTEN_OFTEN]
    return _model(known.tag, tagger, ROMAN, counts, listed, known.material, joint, WRITING, PLAIN_WRITING)


def _model(
    tag: str, tagger: Tagger, alphabet: Alphabet, counts: Mapping[str, float], listed: list[str], pairs: Weights,
    joint: JointModel, search: Search, plain: tuple[float, ...],
) -> WordModel:  # fmt: skip
    letters = fit_letter_model(
        {word: math.log1p(count) + 0.3 for word, count in counts.items()}, alphabet, least=_RAREST_LETTERS
    )
    answers: Counter[str] = Counter()
    for (_, answer), weight in pairs.items():
        answers[answer] += weight  # type: ignore[assignment]
    taught = fit_letter_model(answers, alphabet, order=4, least=_RAREST_LETTERS)
    codes = alphabet.encode(listed)
    common = np.log1p(np.array([counts[word] for word in listed]))
    facts = np.stack([common, -letters.scores(codes) / 2, -taught.scores(codes) / 2], axis=1) / FACT_STEP
    order = np.lexsort((-common, alphabet.skeletons(codes)))
    words = Lexicon(alphabet, codes[order], np.clip(np.round(facts), 0, 255).astype(np.uint8)[order])
    return WordModel(tag, alphabet, tagger, letters, taught, joint, straight(plain), words, search)


def _weighed(
    model: WordModel, dev: Mapping[str, frozenset[str]], name: str, report: Callable[[str], object]
) -> WordModel:
    if not dev:
        return model
    sample = collect(model, dev)
    first, five = cross_validate(sample)
    ranker = fit_ranker(sample)
    report(
        f"{name}: {sample.words} dev words, two-fold {100 * first:.2f} first, {100 * five:.2f} in five;"
        f" fitted {100 * accuracy(sample, ranker)[0]:.2f}"
    )
    return replace(model, ranker=ranker)


def _plausible(reader: WordModel, spoken: Weights) -> Weights:
    """Leave out pairs whose letters do not go together: words of sentences that were paired by their place alone."""
    kept: Weights = {}
    by_length: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for native, roman in spoken:
        by_length[len(roman)].append((native, roman))
    for length, pairs in by_length.items():
        romans = [roman for _, roman in pairs]
        scores = reader.tagger.scores(reader.tagger.codes(romans), reader.language)
        rows = reader.alphabet.encode([native for native, _ in pairs])
        cuts = best_cuts(scores, np.arange(len(pairs)), rows, reader.table).scores / length
        kept |= {pair: spoken[pair] for pair, cut in zip(pairs, cuts, strict=True) if cut >= _WORST_FIT}
    return kept


def _sightings(known: Known, spoken: Weights) -> tuple[dict[str, Counter[str]], dict[str, Counter[str]]]:
    """Return Roman -> native -> times seen in sentences, and native -> Roman -> times seen anywhere."""
    read: defaultdict[str, Counter[str]] = defaultdict(Counter)
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (native, roman), count in spoken.items():
        read[roman][native] += count  # type: ignore[assignment]
        written[native][roman] += count  # type: ignore[assignment]
    for (native, roman), weight in known.material.items():
        if weight >= 1.0:
            written[native][roman] += weight  # type: ignore[assignment]
    return read, written


def _chat_spellings(
    reader: WordModel, spellings: Counter[tuple[str, str]], read: dict[str, Counter[str]]
) -> dict[str, str]:
    """Let chat spellings be read like the common ones that stand for them; return native word -> common spelling."""
    common = sorted({roman for _, roman in spellings})
    ranking = reader.rank(common, 1)
    first = dict(zip(common, reader.alphabet.decode(ranking.codes[:, 0]), strict=True))
    natives = {
        roman: max(read[roman], key=lambda word: read[roman][word]) if read.get(roman) else first[roman]
        for roman in common
    }
    chosen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (chat, roman), count in spellings.items():
        chosen[natives[roman]][roman] += count
        if chat != roman:
            read[chat][natives[roman]] += 2 * count
    return {native: romans.most_common(1)[0][0] for native, romans in chosen.items() if native}


def _commonest(read: Mapping[str, Counter[str]], known: Known, most: int) -> list[str]:
    weights: Counter[str] = Counter({roman: 4 * sum(natives.values()) for roman, natives in read.items()})
    for (native, roman), weight in known.material.items():
        weights[roman] += weight * math.log1p(known.counts.get(native, 0)) / 4  # type: ignore[assignment]
    return [word for word, _ in sorted(weights.items(), key=lambda row: (-row[1], row[0]))[:most]]


def _table(
    model: WordModel, words: Iterable[str], seen: Mapping[str, Counter[str]], width: int, prior: float
) -> Table:
    listed = list(words)
    ranking = model.rank(listed, width)
    texts = model.alphabet.decode(ranking.codes.reshape(-1, ranking.codes.shape[2]))
    table: dict[str, tuple[tuple[str, float], ...]] = {}
    for row, word in enumerate(listed):
        shares = {
            text: prior * math.exp(score)
            for text, score in zip(texts[row * width : (row + 1) * width], ranking.scores[row].tolist(), strict=True)
            if text and score > -math.inf
        }
        for text, count in seen.get(word, {}).items():
            shares[text] = shares.get(text, 0.0) + count
        total = sum(shares.values())
        scored = sorted(((text, math.log(share / total)) for text, share in shares.items()), key=lambda one: -one[1])
        if scored:
            table[word] = tuple(one for one in scored[:width] if one[1] >= _FAINTEST)
    return make_table(table)


def _common(written: Mapping[str, Counter[str]]) -> dict[str, str]:
    """Return the most attested spelling of every word that was seen written."""
    return {native: max(romans, key=lambda roman: (romans[roman], roman)) for native, romans in written.items()}
