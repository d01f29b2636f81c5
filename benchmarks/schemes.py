"""Measure the schemes of transliteration and write benchmarks/results/schemes.tsv.

    python benchmarks/schemes.py ../shared/data

There is no set of Shahmukhi-Gurmukhi pairs, so the two directions of Punjabi are measured on stand-ins: Gurmukhi words
that people romanize like an Urdu word of the same letters (Dakshina, dev), the way there and back, IPA of Shahmukhi
words (Wiktionary), and CLDR's strings, most of which are translations. Nothing here was trained on the dev words.
"""

import argparse
import re
import time
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path

import results

from boli.transliteration import gurmukhi
from boli.transliteration.letters import load_rules
from boli.transliteration.readings import read_plainly
from boli.transliteration.reversible import load_codec
from boli.transliteration.standards import load_standard, read_roman
from boli.transliteration.word_list import fold_roman

YEARS = {"ur": 2007, "ps": 1968, "bal": 2008}
SAME_SOUND = str.maketrans(
    {
        **dict.fromkeys("ثص", "س"), "ح": "ہ", "ط": "ت", **dict.fromkeys("ذضظز", "ج"), "ق": "ک", "خ": "ک", "غ": "گ",
        "ف": "پ", "ش": "س", "آ": "ا", "ں": "ن", **dict.fromkeys("ئے", "ی"), "ؤ": "و", "ع": None, "ھ": None,
    }
)  # fmt: skip
IPA_VOWELS = [("ɪ", "i"), ("ʊ", "u"), ("aː", "A"), ("äː", "A"), ("ä̃ː", "A"), ("ãː", "A"), ("ɑː", "A"), ("iː", "I"),
              ("ĩː", "I"), ("uː", "U"), ("ũː", "U"), ("eː", "e"), ("ẽː", "e"), ("ɛː", "E"), ("ɛ̃ː", "E"), ("ɛ", "E"),
              ("oː", "o"), ("õː", "o"), ("ɔː", "O"), ("ɔ̃ː", "O")]  # fmt: skip
GURMUKHI_VOWELS = dict(zip("ਿੁਾੀੂੇੈੋੌਇਉਆਈਊਏਐਓਔ", "iuAIUeEoOiuAIUeEoO", strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "schemes.tsv")
    args = parser.parse_args()
    for language in ("ur", "pa", "sd", "ps", "bal"):
        lines = read_text(args.data, language)
        figures = measure_reversible(language, lines)
        results.write(args.out, "schemes", figures, data=lines, key=f"reversible {language}")
    for language, year in YEARS.items():
        pairs = read_columns(args.data / f"alphabets/bgn_pcgn/{language}_{year}.examples.tsv")[1:]
        figures = measure_standard(language, pairs)
        results.write(args.out, "schemes", figures, data=map("\t".join, pairs), key=f"bgn-pcgn {language}")
    figures, used = measure_punjabi(args.data)
    results.write(args.out, "schemes", figures, data=used, key="shahmukhi")


def measure_reversible(language: str, lines: list[str]) -> list[results.Figure]:
    codec, start = load_codec(language), time.process_time()
    back = sum(codec.read(codec.write(line)) == line for line in lines)
    speed = sum(map(len, lines)) / (time.process_time() - start) / 1000
    name = f"reversible {language}"
    of = f"of {len(lines):,} lines"
    return [
        results.Figure(f"{name}: lines of text that come back", 100 * back / len(lines), "%", of),
        results.Figure(f"{name}: there and back", speed, "thousand letters/s", "processor time"),
    ]


def measure_standard(language: str, pairs: list[list[str]]) -> list[results.Figure]:
    standard = load_standard(language)
    right = {True: 0, False: 0}
    for native, roman in pairs:
        for mark in right:
            right[mark] += same(standard(native, names=True, mark_unknown=mark), roman)
    back = sum(same(standard(read_roman(roman, language), names=True, mark_unknown=False), roman) for _, roman in pairs)
    of = f"of {len(pairs)} official examples"
    name = f"bgn-pcgn {language}"
    return [
        results.Figure(f"{name}: exact", right[True], "examples", of),
        results.Figure(f"{name}: exact, unknown vowels not marked", right[False], "examples", of),
        results.Figure(f"{name}: Roman to Arabic script and to the same Roman", back, "examples", of),
    ]


def measure_punjabi(data: Path) -> tuple[list[results.Figure], list[str]]:
    dev = read_romans(data / "transliteration/pa/dakshina_lexicon.dev.tsv")
    urdu = read_romans(data / "transliteration/ur/dakshina_lexicon.train.tsv")
    urdu |= read_romans(data / "transliteration/ur/dakshina_lexicon.dev.tsv")
    words = [load_rules("shahmukhi/spelling.tsv")(word) for word in dev]
    ipa = read_columns(data / "transliteration/pa/wikipron_pa_broad.tsv")
    cldr = read_columns(data / "transliteration/cldr/pa-Arab__pa-Guru.tsv")
    figures = [*to_shahmukhi(find_pairs(dev, urdu)), *there_and_back(words), *read_ipa(ipa), *read_cldr(cldr)]
    return [*figures, *speed(words)], [*words, *(word for word, *_ in ipa), *(word for word, *_ in cldr)]


def to_shahmukhi(pairs: list[tuple[str, str]]) -> Iterable[results.Figure]:
    rules = load_rules("shahmukhi/to_shahmukhi.tsv")
    of = f"{len(pairs)} Gurmukhi words read like an Urdu word"
    spellings = [gurmukhi.shahmukhi_candidates(word) for word, _ in pairs]
    for name, right in (
        ("rules alone", [rules(word) == urdu for word, urdu in pairs]),
        ("with word lists", [five[0] == urdu for five, (_, urdu) in zip(spellings, pairs, strict=True)]),
        ("with word lists, first five", [urdu in five for five, (_, urdu) in zip(spellings, pairs, strict=True)]),
    ):
        yield results.Figure(f"shahmukhi from Gurmukhi: {name}", 100 * sum(right) / len(right), "%", of)


def there_and_back(words: list[str]) -> Iterable[results.Figure]:
    readings = [gurmukhi.gurmukhi_candidates(gurmukhi.to_shahmukhi(word)) for word in words]
    of = f"{len(words)} Gurmukhi words (dev) to Shahmukhi and back"
    plain = [read_plainly(gurmukhi.to_shahmukhi(word)) == word for word in words]
    yield results.Figure("shahmukhi and back: letters alone", 100 * sum(plain) / len(words), "%", of)
    for name, right in (
        ("first", [five[0] == word for five, word in zip(readings, words, strict=True)]),
        ("first five", [word in five for five, word in zip(readings, words, strict=True)]),
    ):
        yield results.Figure(f"shahmukhi and back: {name}", 100 * sum(right) / len(words), "%", of)


def read_ipa(rows: list[list[str]]) -> Iterable[results.Figure]:
    heard: dict[str, set[str]] = {}
    for word, ipa in rows:
        heard.setdefault(word, set()).add(vowels_of_ipa(ipa))
    of = f"{len(heard)} Shahmukhi words with IPA; vowels but schwa, nasality and tone aside"
    for name, read in (("letters alone", read_plainly), ("with lists and model", gurmukhi.to_gurmukhi)):
        right = sum(vowels_of_gurmukhi(read(word)) in known for word, known in heard.items())
        yield results.Figure(f"shahmukhi read in Gurmukhi: vowels as in IPA, {name}", 100 * right / len(heard), "%", of)


def read_cldr(rows: list[list[str]]) -> Iterable[results.Figure]:
    of = f"{len(rows)} CLDR strings, most of them translations"
    there = sum(gurmukhi.to_shahmukhi(guru) == bare(arab) for arab, guru, _ in rows)
    back = sum(gurmukhi.to_gurmukhi(arab) == load_rules("shahmukhi/spelling.tsv")(guru) for arab, guru, _ in rows)
    yield results.Figure("shahmukhi from Gurmukhi: CLDR", there, "strings", of)
    yield results.Figure("shahmukhi read in Gurmukhi: CLDR", back, "strings", of)


def speed(words: list[str]) -> Iterable[results.Figure]:
    there = [gurmukhi.to_shahmukhi(word) for word in words]
    calls = ("to Shahmukhi", gurmukhi.to_shahmukhi, words), ("to Gurmukhi", gurmukhi.to_gurmukhi, there)
    for name, call, given in calls:
        gurmukhi._shahmukhi_word.cache_clear()
        gurmukhi._gurmukhi_word.cache_clear()
        for state in ("new", "seen"):
            yield results.Figure(f"shahmukhi speed: {name}, {state}", rate(call, given), "words/s", "processor time")


def rate(call: Callable[[str], str], words: list[str]) -> float:
    start = time.process_time()
    for word in words:
        call(word)
    return len(words) / (time.process_time() - start)


def find_pairs(punjabi: dict[str, set[str]], urdu: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Pair Gurmukhi words with the Urdu word of the same letters, or letters of one sound, that is romanized alike."""
    by_sound: dict[str, list[str]] = {}
    for word in urdu:
        by_sound.setdefault(sound(word), []).append(word)
    pairs = []
    for word, romans in sorted(punjabi.items()):
        key = sound(load_rules("shahmukhi/to_shahmukhi.tsv")(load_rules("shahmukhi/spelling.tsv")(word)))
        alike = [(len(romans & urdu[one]) / len(romans | urdu[one]), one) for one in by_sound.get(key, ())]
        if alike and max(alike)[0] > 0:
            pairs.append((word, max(alike)[1]))
    return pairs


def sound(word: str) -> str:
    return re.sub("ہ$", "ا", word.translate(SAME_SOUND))


def vowels_of_ipa(ipa: str) -> str:
    text = re.sub("[˥˦˧˨˩ \u032f\u0306ʰʱᵊˑ]", "", ipa)
    for old, new in sorted(IPA_VOWELS, key=lambda pair: -len(pair[0])):
        text = text.replace(old, new)
    return re.sub("[^iuAIUeEoO]", "", text)


def vowels_of_gurmukhi(word: str) -> str:
    return "".join(GURMUKHI_VOWELS.get(letter, "") for letter in word)


def bare(word: str) -> str:
    return re.sub("[\u064b-\u0652]", "", word)


def same(one: str, other: str) -> bool:
    return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


def read_columns(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text("utf-8").split("\n") if line]


def read_romans(path: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for native, roman, _ in read_columns(path):
        found.setdefault(native, set()).add(fold_roman(roman))
    return found


def read_text(data: Path, language: str) -> list[str]:
    paths = sorted((data / "text" / f"{language}-Arab").glob("*.txt"))
    return [line for path in paths for line in path.read_text("utf-8").split("\n") if line]


if __name__ == "__main__":
    main()
