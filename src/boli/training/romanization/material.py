"""What each language is taught with: attested pairs where there are any, else converted and invented ones.

The dev words of Dakshina are left out everywhere, whatever the source, so that a figure on them is of unseen words; of
the grammar book's Pashto words one in five is kept for measuring.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from boli.training.langid_synthesis import Romanizer, without_stress
from boli.training.romanization.pairs import Pair, clean_pairs, read_lexicon
from boli.training.romanization.wordlists import count_words, words_of
from boli.transliteration.forms import fold_roman, native_form
from boli.transliteration.gurmukhi import to_shahmukhi

Weights = dict[tuple[str, str], float]

LANGUAGES = ("ur-Arab", "sd-Arab", "pa-Guru", "pa-Arab", "ps-Arab", "bal-Arab")
"""Tags of the native side, in the order of the network's language codes."""

MINED = {"ur-mined": "ur-Arab", "sd-mined": "sd-Arab"}
"""Pairs found by machines spell in a way of their own: the network knows them as languages apart."""

_HELD_OUT_SENTENCES = 5
"""Of the dev sentences, those whose number leaves a remainder of 0 or 1 when divided by this are kept for measuring."""

_HINDI = "text/contrast/hi-Deva/common_voice.txt"
_DEVANAGARI = {code: code + 0x100 for code in range(0x900, 0x980)}
"""The blocks of both scripts are laid out alike."""

_STAND_IN = 0.3
_MINED = 0.6
_INVENTED = 0.3
_NO_LETTER = re.compile(r"[^\w\u0654\u0655\u0615\u06fd\u06fe\u0a01-\u0a4d\u0a70\u0a71]")
_PASHTO_WORD = re.compile("[\u0621-\u06d3]+")


def teaching_pairs(data: Path, tag: str, counts: Mapping[str, float]) -> Weights:
    """Return (native, roman) -> weight for a language.

    Args:
        data: the folder of the training data.
        tag: of the native side.
        counts: words of the language, for languages whose spellings are invented.
    """
    return _MATERIAL[tag](data, counts)


def is_measured(number: int) -> bool:
    """Whether a line of the dev sentences is kept for measuring; the others teach."""
    return number % _HELD_OUT_SENTENCES < 2


def dev_words(data: Path, language: str, tag: str) -> frozenset[str]:
    """Native words of a Dakshina dev lexicon, in native form."""
    path = data / "transliteration" / language / "dakshina_lexicon.dev.tsv"
    return frozenset(pair.native for pair in clean_pairs(read_lexicon(path), tag)) if path.exists() else frozenset()


def sentence_pairs(data: Path, language: str) -> Iterator[tuple[int, str, str]]:
    """Yield number, native and Roman sentence of the dev half."""
    path = data / "transliteration" / language / "dakshina_sentences.dev.tsv"
    for number, line in enumerate(path.read_text("utf-8").splitlines()):
        native, _, roman = line.partition("\t")
        yield number, native, roman


def _aksharantar(language: str, tag: str) -> Callable[[Path, Mapping[str, float]], Weights]:
    def read(data: Path, _: Mapping[str, float]) -> Weights:
        kept_out = dev_words(data, language, tag)
        path = data / "transliteration" / language / "aksharantar_sample.train.tsv"
        pairs = clean_pairs(read_lexicon(path), tag)
        return {(pair.native, pair.roman): _MINED for pair in pairs if pair.native not in kept_out}

    return read


def _dakshina(language: str, tag: str) -> Callable[[Path, Mapping[str, float]], Weights]:
    def read(data: Path, _: Mapping[str, float]) -> Weights:
        folder = data / "transliteration" / language
        kept_out = dev_words(data, language, tag)
        weights: Weights = defaultdict(float)
        for pair in clean_pairs(read_lexicon(folder / "dakshina_lexicon.train.tsv"), tag):
            weights[pair.native, pair.roman] += min(pair.count, 3) ** 0.5
        for (native, roman), count in _from_sentences(data, language, tag).items():
            weights[native, roman] += min(count, 9) ** 0.5
        return {pair: weight for pair, weight in weights.items() if pair[0] not in kept_out}

    return read


def spoken_counts(data: Path, tag: str) -> Weights:
    """Return (native, roman) -> how often a word was so spelt in the teaching sentences."""
    if tag == "pa-Arab":
        return _converted(_from_sentences(data, "pa", "pa-Guru"))
    language = tag.partition("-")[0]
    path = data / "transliteration" / language / "dakshina_sentences.dev.tsv"
    return _from_sentences(data, language, tag) if path.exists() else {}


def _from_sentences(data: Path, language: str, tag: str) -> Weights:
    """Pair the words of sentences that have as many words in one script as in the other."""
    found: list[Pair] = []
    for number, native, roman in sentence_pairs(data, language):
        left, right = native.split(), roman.split()
        if not is_measured(number) and len(left) == len(right):
            found += [Pair(word, spelling) for word, spelling in zip(left, right, strict=True)]
    stripped = [Pair(_NO_LETTER.sub("", pair.native), pair.roman) for pair in found]
    counts: Weights = defaultdict(float)
    for pair in clean_pairs(stripped, tag):
        if pair.count > 1 or abs(len(pair.native) - len(pair.roman)) < 4:
            counts[pair.native, pair.roman] += pair.count
    return counts


def _shahmukhi(data: Path, counts: Mapping[str, float]) -> Weights:
    """Dakshina's Gurmukhi words, converted."""
    return _converted(_dakshina("pa", "pa-Guru")(data, counts))


def gurmukhi_counts(data: Path) -> dict[str, float]:
    """Return counts of Gurmukhi words; Hindi words, letter for letter in Gurmukhi, stand in where text is lacking."""
    counts: defaultdict[str, float] = defaultdict(float, count_words(data, "pa-Guru"))
    lines = [native for number, native, _ in sentence_pairs(data, "pa") if not is_measured(number)]
    for line in native_form("pa-Guru").batch(lines):
        for word in words_of(line, "pa-Guru"):
            counts[word] += 1
    for line in (data / _HINDI).read_text("utf-8").splitlines():
        for word in words_of(native_form("pa-Guru")(line.translate(_DEVANAGARI)), "pa-Guru"):
            counts[word] += _STAND_IN
    return dict(counts)


def shahmukhi_counts(data: Path) -> dict[str, float]:
    """Return counts of Shahmukhi words: Gurmukhi ones converted, and the little Shahmukhi text there is."""
    counts: defaultdict[str, float] = defaultdict(float, count_words(data, "pa-Arab"))
    gurmukhi = gurmukhi_counts(data)
    forms = native_form("pa-Arab").batch([to_shahmukhi(word) for word in gurmukhi])
    for form, count in zip(forms, gurmukhi.values(), strict=True):
        if form and " " not in form:
            counts[form] += count
    return dict(counts)


def _converted(gurmukhi: Weights) -> Weights:
    natives = sorted({native for native, _ in gurmukhi})
    form = native_form("pa-Arab")
    shahmukhi = dict(zip(natives, form.batch([to_shahmukhi(native) for native in natives]), strict=True))
    weights: Weights = defaultdict(float)
    for (native, roman), weight in gurmukhi.items():
        if " " not in shahmukhi[native]:
            weights[shahmukhi[native], roman] += weight
    return dict(weights)


def lingdocs_pairs(data: Path, *, measured: bool) -> Weights:
    """Words of the Pashto grammar with their phonetics; those kept for measuring, or the others."""
    weights: Weights = defaultdict(float)
    form = native_form("ps-Arab")
    for line in (data / "transliteration" / "ps" / "lingdocs_grammar.tsv").read_text("utf-8").splitlines():
        native, _, phonetics = line.partition("\t")
        native = form(native.strip())
        spellings = [fold_roman(without_stress(one)) for one in phonetics.split(",")]
        if _PASHTO_WORD.fullmatch(native) and (_number(native) % 5 == 0) is measured:
            for roman in filter(None, spellings):
                for chat in {roman, roman.replace("x", "kh"), roman.replace("x", "sh")}:
                    weights[native, chat] += 1.0
    return dict(weights)


def _number(word: str) -> int:
    return sum((place + 1) * ord(letter) for place, letter in enumerate(word))


def _pashto(data: Path, counts: Mapping[str, float]) -> Weights:
    attested = lingdocs_pairs(data, measured=False)
    weights = _invented("ps", counts, 25_000, 2)
    for pair, weight in attested.items():
        weights[pair] = 5.0 * weight
    kept_out = {native for native, _ in lingdocs_pairs(data, measured=True)}
    return {pair: weight for pair, weight in weights.items() if pair[0] not in kept_out}


def _balochi(_: Path, counts: Mapping[str, float]) -> Weights:
    return _invented("bal", counts, 14_000, 3)


def _invented(language: str, counts: Mapping[str, float], most: int, each: int) -> Weights:
    """Spell common words by the letters' usual sounds, as different writers might."""
    romanizer, dice = Romanizer(language, {}), random.Random(7)
    common = sorted(counts, key=lambda word: (-counts[word], word))[:most]
    weights: Weights = {}
    for word in common:
        for _ in range(each):
            roman = fold_roman(romanizer.spell(word, dice))
            if roman:
                weights[word, roman] = _INVENTED
    return weights


_MATERIAL: dict[str, Callable[[Path, Mapping[str, float]], Weights]] = {
    "ur-Arab": _dakshina("ur", "ur-Arab"),
    "sd-Arab": _dakshina("sd", "sd-Arab"),
    "ur-mined": _aksharantar("ur", "ur-Arab"),
    "sd-mined": _aksharantar("sd", "sd-Arab"),
    "pa-Guru": _dakshina("pa", "pa-Guru"),
    "pa-Arab": _shahmukhi,
    "ps-Arab": _pashto,
    "bal-Arab": _balochi,
}
