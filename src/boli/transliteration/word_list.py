"""Build the lists that `boli.transliteration.gurmukhi` reads: Gurmukhi words with their Shahmukhi spelling, Urdu words.

No list of pairs was found that may be used, so the spelling is inferred: a word of Arabic or Persian is spelt in
Shahmukhi as in Urdu. For each Gurmukhi word, the spellings that sound like it are looked up among counted Urdu words;
the best is that with the highest ``log(count) - cost``, the spelling of the rules among them. Roman spellings that
people gave (Dakshina) tell z from j and f from ph, and whether the Urdu word and the Punjabi word are read alike.

Sources, all free to share with credit: see ``data/schemes/shahmukhi-words/README.md``. Machine-made and unreviewed.
"""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from boli.files import write_bytes
from boli.transliteration.letters import load_rules
from boli.transliteration.readings import LetterModel
from boli.transliteration.spellings import Vocabulary, doubt_letters, has_new, make_vocabulary, rank_spellings

FEWEST = 5
"""An Urdu spelling seen less often decides nothing."""

_GURMUKHI = re.compile("[\u0a01-\u0a65\u0a70-\u0a75]+")
_ARABIC = re.compile("[\u0620-\u06d3\u0670]+")
_ONE_SOUND = {"aa": "a", "ee": "i", "ii": "i", "oo": "u", "uu": "u", "q": "k", "w": "v", "y": "i"}
_AA, _II = "\N{GURMUKHI VOWEL SIGN AA}", "\N{GURMUKHI VOWEL SIGN II}"
_SOUNDS_Z = frozenset("\N{ARABIC LETTER ZAIN}\N{ARABIC LETTER THAL}\N{ARABIC LETTER DAD}\N{ARABIC LETTER ZAH}")
_SOUNDS_F = frozenset("\N{ARABIC LETTER FEH}")
_SOUNDS_SH = frozenset("\N{ARABIC LETTER SHEEN}")


@dataclass(frozen=True)
class Evidence:
    """What the list is inferred from."""

    urdu: Vocabulary
    gurmukhi: Mapping[str, int]
    roman_of_urdu: Mapping[str, frozenset[str]]
    roman_of_punjabi: Mapping[str, frozenset[str]]


def read_evidence(data: Path) -> Evidence:
    """Read counts and Roman spellings from a folder like ``shared/data``."""
    counts = {word: count for word, count in _urdu_counts(data).items() if count >= FEWEST}
    punjabi = _romans(data / "transliteration/pa/dakshina_lexicon.train.tsv")
    urdu = _romans(data / "transliteration/ur/dakshina_lexicon.train.tsv")
    return Evidence(make_vocabulary(counts), _gurmukhi_counts(data, punjabi), urdu, punjabi)


def choose_spelling(word: str, evidence: Evidence) -> str:
    """Return the likeliest Shahmukhi spelling of a Gurmukhi word."""

    def doubt(word: str, text: str, plain: str) -> float:
        return _doubt(word, text, plain, evidence)

    return rank_spellings(word, evidence.urdu, doubt)[0][1]


def _doubt(word: str, text: str, plain: str, evidence: Evidence) -> float:
    """Nats to take off for what speaks against a spelling; negative where Roman spellings speak for it."""
    total = doubt_letters(word, text, plain)
    if text[-1] in "\N{ARABIC LETTER HEH GOAL}\N{ARABIC LETTER ALEF MAKSURA}" and word[-1] == _AA:
        total += 3.0 if word[:-1] + _II in evidence.gurmukhi else 0.0
    given = evidence.roman_of_punjabi.get(word)
    if given is None:
        return total + 1.0
    for letters, roman in ((_SOUNDS_Z, "z"), (_SOUNDS_F, "f"), (_SOUNDS_SH, "sh")):
        if has_new(letters, text, plain) and letters.isdisjoint(plain):
            total += -1.0 if any(roman in one for one in given) else 4.0
    heard = evidence.roman_of_urdu.get(text)
    if heard is None:
        return total + 1.0
    if heard & given:
        return total - 1.5
    return total + (2.0 if {_consonants(one) for one in heard} & {_consonants(one) for one in given} else 4.0)


def _consonants(roman: str) -> str:
    return re.sub("[aeiou]", "", roman)


def fold_roman(roman: str) -> str:
    """Fold what Roman spellings of one sound differ in.

    >>> fold_roman("qaanoon") == fold_roman("kanun")
    True
    """
    for old, new in _ONE_SOUND.items():
        roman = roman.replace(old, new)
    return re.sub(r"(.)\1", r"\1", roman)


def build_words(evidence: Evidence, *, least: int) -> list[tuple[str, str]]:
    """Return (Gurmukhi, Shahmukhi), the commonest first; Shahmukhi is empty where the rules give it.

    Words counted alike are in the order in which their letters are usual.

    Args:
        evidence: see `read_evidence`.
        least: a word that the rules spell right is listed if it was counted so often.
    """
    rules, found = load_rules("shahmukhi/to_shahmukhi.tsv"), []
    model = LetterModel(evidence.gurmukhi)
    usual = {word: model.score("", word + " ") / len(word) for word in evidence.gurmukhi}
    for word, count in sorted(evidence.gurmukhi.items(), key=lambda pair: (-pair[1], -usual[pair[0]], pair[0])):
        spelling = choose_spelling(word, evidence)
        if spelling != rules(word):
            found.append((word, spelling))
        elif count >= least:
            found.append((word, ""))
    return found


def write_pairs(path: Path, pairs: Iterable[tuple[str, object]]) -> None:
    """Write a table of two columns, gzipped; the same bytes for the same pairs."""
    lines = "".join(f"{first}\t{second}\n" for first, second in pairs)
    write_bytes(path, gzip.compress(lines.encode("utf-8"), 9, mtime=0))


def write_lists(data: Path, folder: Path) -> None:
    """Build both lists from a folder like ``shared/data`` and write them."""
    evidence = read_evidence(data)
    write_pairs(folder / "urdu.tsv.gz", sorted(evidence.urdu.counts.items()))
    write_pairs(folder / "words.tsv.gz", build_words(evidence, least=1))


def _urdu_counts(data: Path) -> Counter[str]:
    counts: Counter[str] = Counter(json.loads((data / "word_frequency/ur_makhzan.tsv").read_text("utf-8")))
    for line in (data / "word_frequency/ur_subtitles_2018.txt").read_text("utf-8").split("\n"):
        word, _, count = line.rpartition(" ")
        counts[word] += int(count or 0)
    for name in ("dakshina_wikipedia", "common_voice", "pali"):
        counts.update(_ARABIC.findall((data / f"text/ur-Arab/{name}.txt").read_text("utf-8")))
    return counts


def _gurmukhi_counts(data: Path, lexicon: Iterable[str]) -> dict[str, int]:
    """Count words of sentences; a word of the lexicon alone, which was taken from Wikipedia, counts as seen once."""
    spelling = load_rules("shahmukhi/spelling.tsv")
    text = (data / "text/contrast/pa-Guru/common_voice.txt").read_text("utf-8")
    return dict(Counter(dict.fromkeys(lexicon, 1)) + Counter(_GURMUKHI.findall(spelling(text))))


def _romans(path: Path) -> dict[str, frozenset[str]]:
    spelling, found = load_rules("shahmukhi/spelling.tsv"), dict[str, set[str]]()
    for line in path.read_text("utf-8").split("\n"):
        if line:
            native, roman, _ = line.split("\t")
            found.setdefault(spelling(native), set()).add(fold_roman(roman))
    return {native: frozenset(romans) for native, romans in found.items()}
