"""Measure everyday transliteration and write benchmarks/results/transliteration.tsv.

    python benchmarks/transliteration.py ../shared/data [--speed]

Words: the dev lexicons of Dakshina, of whose words none was taught; the weights of the ranking were fitted on them, and
two-fold figures of that fitting are in the training log. Sentences: two in five of Dakshina's dev sentences, which
nothing was taught with. Chat: the test messages of wallet-intents, machine-written by another writer than the training
messages. Pashto words: one in five of LingDocs' grammar. With --speed: words in a second beside uroman and ICU where
they can be imported (install them in an environment of their own).
"""

import argparse
import contextlib
import importlib
import json
import re
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import results
from conversion_scores import distance, fold_native, fold_roman, score_words, word_errors

from boli.datasets import load_dataset
from boli.transliteration import Transliterator, respell

PEERS = {"ur": "36.06 Nuqta-Nano, 42.1 IndicXlit, on the test words", "sd": "53.7 joint 6-gram, on the test words",
         "pa-Guru": "47.2 IndicXlit, on the test words"}  # fmt: skip
UROMAN = {"ur": "11.9 uroman, on the test words", "sd": "5.1 uroman, on the test words"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "transliteration.tsv")
    parser.add_argument("--speed", action="store_true")
    args = parser.parse_args()
    if args.speed:
        write(args.out, "speed", *measure_speed(args.data))
        return
    for language, native in (("ur", "ur-Arab"), ("sd", "sd-Arab"), ("pa", "pa-Guru")):
        pairs = read_pairs(args.data / f"transliteration/{language}/dakshina_lexicon.dev.tsv")
        write(args.out, f"words {native}", measure_words(native, pairs), ["\t".join(pair) for pair in pairs])
        sentences = read_sentences(args.data, language)
        write(args.out, f"sentences {native}", measure_sentences(native, sentences), ["\t".join(s) for s in sentences])
    pairs = read_lingdocs(args.data)
    write(args.out, "words ps-Arab", measure_words("ps-Arab", pairs), ["\t".join(pair) for pair in pairs])
    for language in ("ur", "pa", "sd", "ps", "bal"):
        messages = read_messages(language)
        write(args.out, f"chat {language}-Arab", measure_sentences(f"{language}-Arab", messages, "chat"),
              ["\t".join(message) for message in messages])  # fmt: skip
    write(args.out, "skeletons pa-Arab", *measure_skeletons(args.data))
    write(args.out, "respelling ur-Latn", *measure_respelling(args.data))


def write(out: Path, key: str, figures: list[results.Figure], data: list[str]) -> None:
    results.write(out, "transliteration", figures, data=data, key=key)


def read_pairs(path: Path) -> list[tuple[str, str]]:
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    return [(row[0], row[1]) for row in rows]


def read_sentences(data: Path, language: str) -> list[tuple[str, str]]:
    pairs = read_pairs(data / f"transliteration/{language}/dakshina_sentences.dev.tsv")
    return [pair for number, pair in enumerate(pairs) if number % 5 < 2]


def read_lingdocs(data: Path) -> list[tuple[str, str]]:
    from boli.training.romanization.material import lingdocs_pairs

    return sorted(lingdocs_pairs(data, measured=True))


def read_messages(language: str) -> list[tuple[str, str]]:
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for record in load_dataset("wallet-intents").test:
        if record.tag.startswith(f"{language}-"):
            found[record.template][record.tag.rpartition("-")[2]] = record.text
    return [(both["Arab"], both["Latn"]) for both in found.values() if len(both) == 2]


def measure_words(native: str, pairs: list[tuple[str, str]]) -> list[results.Figure]:
    language = native.partition("-")[0]
    folding = language if native.endswith("Arab") else ""
    figures: list[results.Figure] = []
    there: defaultdict[str, set[str]] = defaultdict(set)
    back: defaultdict[str, set[str]] = defaultdict(set)
    for word, roman in pairs:
        if fold_roman(roman):
            there[fold_roman(roman)].add(fold_native(word, folding))
            back[word].add(fold_roman(roman))
    key = language if native.endswith("Arab") else native
    reading = Transliterator(f"{language}-Latn", native)
    ranked = {word: [fold_native(one.text, folding) for one in reading.candidates(word)] for word in there}
    figures += _word_figures(f"words {native} from Roman", ranked, there, PEERS.get(key, "nothing published"))
    writing = Transliterator(native, f"{language}-Latn")
    ranked = {word: [fold_roman(one.text) for one in writing.candidates(word)] for word in back}
    return figures + _word_figures(f"words {native} to Roman", ranked, back, UROMAN.get(key, "nothing published"))


def _word_figures(
    name: str, ranked: dict[str, list[str]], attested: dict[str, set[str]], beside: str
) -> list[results.Figure]:
    first, five, letters = score_words(ranked, attested)
    return [
        results.Figure(f"{name}: first answer", first, f"% of {len(attested)}", beside),
        results.Figure(f"{name}: in five", five, f"% of {len(attested)}", ""),
        results.Figure(f"{name}: letter errors", letters, "%", ""),
    ]


def measure_sentences(native: str, pairs: list[tuple[str, str]], name: str = "sentences") -> list[results.Figure]:
    language = native.partition("-")[0]
    folding = language if native.endswith("Arab") else ""
    references, romans = [native_text for native_text, _ in pairs], [roman for _, roman in pairs]
    read = Transliterator(f"{language}-Latn", native).batch(romans)
    written = Transliterator(native, f"{language}-Latn").batch(references)
    back = word_errors([_roman_words(text) for text in romans], [_roman_words(text) for text in written], "")
    unit = f"% of words, {len(pairs)} texts"
    return [
        results.Figure(f"{name} {native} from Roman: word errors", word_errors(references, read, folding), unit, ""),
        results.Figure(f"{name} {native} to Roman: word errors", back, unit, "one of many spellings is the reference"),
    ]


def _roman_words(text: str) -> str:
    return " ".join(filter(None, (fold_roman(word) for word in text.split())))


_SOUNDS = (
    ("t͡ʃ", "c"), ("d͡ʒ", "j"), ("ʈ", "t"), ("t̪", "t"), ("ɖ", "d"), ("d̪", "d"), ("ɽ", "r"), ("ɾ", "r"), ("ɳ", "n"),
    ("ŋ", "n"), ("ɲ", "n"), ("ʃ", "s"), ("ɡ", "g"), ("x", "k"), ("ɣ", "g"), ("q", "k"), ("ʋ", "w"), ("ʒ", "j"),
    ("ɦ", ""), ("h", ""), ("ʰ", ""), ("ʱ", ""), ("ɭ", "l"),
)  # fmt: skip
_SPELT = (("ch", "c"), ("sh", "s"), ("v", "w"), ("q", "k"), ("x", "ks"), ("h", ""), ("zh", "j"))


def measure_skeletons(data: Path) -> tuple[list[results.Figure], list[str]]:
    """Consonants of Shahmukhi words as people would write them in Roman, against Wiktionary's IPA."""
    pairs = read_pairs(data / "transliteration/pa/wikipron_pa_broad.tsv")
    sounds: defaultdict[str, set[str]] = defaultdict(set)
    for word, ipa in pairs:
        sounds[word].add(_consonants(ipa, _SOUNDS))
    writing = Transliterator("pa-Arab", "pa-Latn")
    right = sum(_consonants(writing(word), _SPELT) in skeletons for word, skeletons in sounds.items())
    name = "skeletons pa-Arab to Roman: consonants right"
    figure = results.Figure(name, 100 * right / len(sounds), f"% of {len(sounds)}", "uroman 45.9 (measured elsewhere)")
    return [figure], ["\t".join(pair) for pair in pairs]


def _consonants(text: str, table: tuple[tuple[str, str], ...]) -> str:
    for old, new in table:
        text = text.replace(old, new)
    kept = re.sub("[^bcdfgjklmnprstwyz]", "", text)
    return re.sub(r"(.)\1+", r"\1", kept.replace("y", "").replace("w", ""))


def measure_respelling(data: Path) -> tuple[list[results.Figure], list[str]]:
    figures, used = [], []
    for name in ("ur_gold_standard", "ur_gold_standard_adversarial"):
        lines = (data / f"roman_spelling/{name}.jsonl").read_text("utf-8").splitlines()
        items = [json.loads(line) for line in lines if line.strip()]
        whole = words = wrong = before = 0
        for item in items:
            answer, right = respell(item["input"], "ur-Latn").lower().split(), item["expected"].lower().split()
            whole += answer == right
            wrong += distance(answer, right)
            before += distance(item["input"].lower().split(), right)
            words += len(right)
        key = f"respelling ur-Latn {name}"
        figures += [
            results.Figure(f"{key}: items exactly right", 100 * whole / len(items), f"% of {len(items)}", "tuned on"),
            results.Figure(f"{key}: word errors", 100 * wrong / words, "%", f"{100 * before / words:.1f} unchanged"),
        ]
        used += lines
    return figures, used


def measure_speed(data: Path) -> tuple[list[results.Figure], list[str]]:
    lines = (data / "text/ur-Latn/dakshina_romanized_dev.txt").read_text("utf-8").splitlines()
    native = (data / "text/ur-Arab/dakshina_wikipedia.txt").read_text("utf-8").splitlines()[:1500]
    started = time.perf_counter()
    reading = Transliterator("ur-Latn", "ur-Arab")
    reading("salam, zqalamistani")
    figures = [results.Figure("speed first call", 1000 * (time.perf_counter() - started), "ms", "with one new word")]
    words = sum(len(line.split()) for line in lines)
    reading.batch(lines)
    running = words / _seconds(lambda: reading.batch(lines))
    figures.append(results.Figure("speed Roman to Arabic, running text", running, "words/s", "all words seen before"))
    known = {word.lower() for word in " ".join(lines).split() if word.isascii() and word.isalpha()}
    new = sorted({start + word for start in ("kha", "mu", "sha") for word in known})
    seconds = _seconds(lambda: reading.batch(new), 1)
    speed = len(new) / seconds
    figures.append(results.Figure("speed Roman to Arabic, new words", speed, "words/s", f"{len(new)} words"))
    writing = Transliterator("ur-Arab", "ur-Latn")
    count = sum(len(line.split()) for line in native)
    ours = count / _seconds(lambda: writing.batch(native), 1)
    peers = {name: count / _seconds(lambda convert=convert: [convert(line) for line in native], 1)
             for name, convert in _peers().items()}  # fmt: skip
    beside = ", ".join(f"{name} {speed:.0f}" for name, speed in peers.items()) or "no peer installed"
    figures.append(results.Figure("speed Arabic to Roman, text met for the first time", ours, "words/s", beside))
    return figures, lines


def _peers() -> dict[str, Callable[[str], str]]:
    found: dict[str, Callable[[str], str]] = {}
    with contextlib.suppress(ImportError):
        found["uroman"] = importlib.import_module("uroman").Uroman().romanize_string
    with contextlib.suppress(ImportError):
        found["ICU"] = importlib.import_module("icu").Transliterator.createInstance("Arabic-Latin").transliterate
    return found


def _seconds(run: Callable[[], object], times: int = 3) -> float:
    best = float("inf")
    for _ in range(times):
        started = time.process_time()
        run()
        best = min(best, time.process_time() - started)
    return best


if __name__ == "__main__":
    main()
