"""Score conversions by rules of our own that agree with the protocol the figures of others are measured with.

A test compares them with that protocol. Words: distinct inputs; an answer is right if, folded, it is an attested one.
Sentences: edits over folded words.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

_DROPPED = dict.fromkeys([0x0640, *range(0x200B, 0x2010), 0xFEFF])
_PAIRS = {
    "ur": {"ي": "ی", "ى": "ی", "ك": "ک", "ه": "ہ", "ۀ": "ۂ"},
    "pa": {"ي": "ی", "ى": "ی", "ك": "ک", "ه": "ہ"},
    "sd": {"ی": "ي", "ى": "ي", "ہ": "ه", "ھ": "ه", "ك": "ڪ"},
    "ps": {"ك": "ک", "ہ": "ه", "ھ": "ه", "ى": "ی"},
    "bal": {"ك": "ک", "ي": "ی", "ى": "ی", "ہ": "ه", "ھ": "ه"},
}
_SIGNS = re.compile(
    "[\u0610-\u0614\u0616-\u061a\u064b-\u0653\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08ca-\u08ff]"
)
_NOT_A_WORD = re.compile(r"[^\w\s\u06fd\u06fe\u0654\u0655\u0615]|_")


def fold_native(text: str, language: str) -> str:
    """Compose, drop joiners, kashida and vowel signs, and merge look-alikes of a language."""
    plain = unicodedata.normalize("NFC", text).translate(_DROPPED)
    return _SIGNS.sub("", plain).translate(str.maketrans(_PAIRS.get(language, {})))


def fold_roman(text: str) -> str:
    """Keep the letters a to z, in lower case, without accents."""
    decomposed = unicodedata.normalize("NFD", text.lower()).replace("\N{LATIN SMALL LETTER SCHWA}", "a")
    return "".join(letter for letter in decomposed if "a" <= letter <= "z")


def words_of(text: str, language: str) -> list[str]:
    """Return the folded words of a text."""
    return _NOT_A_WORD.sub(" ", fold_native(text, language)).split()


def distance(left: Sequence[str], right: Sequence[str]) -> int:
    """Return the fewest insertions, deletions and replacements that turn one sequence into the other."""
    row = list(range(len(right) + 1))
    for i, one in enumerate(left, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(right, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (one != other))
    return row[-1]


def score_words(ranked: Mapping[str, Sequence[str]], attested: Mapping[str, set[str]]) -> tuple[float, float, float]:
    """Return percent right first, percent right among five, and percent of wrong letters of the first answer."""
    first = five = wrong = letters = 0
    for word, answers in attested.items():
        found = list(ranked.get(word) or [""])
        first += found[0] in answers
        five += not answers.isdisjoint(found[:5])
        near = min(answers, key=lambda answer: distance(found[0], answer))
        wrong += distance(found[0], near)
        letters += len(near)
    return 100 * first / len(attested), 100 * five / len(attested), 100 * wrong / max(1, letters)


def word_errors(references: Sequence[str], answers: Sequence[str], language: str) -> float:
    """Return the word error rate in percent, over all sentences together."""
    wrong = total = 0
    for reference, answer in zip(references, answers, strict=True):
        right = words_of(reference, language)
        wrong += distance(right, words_of(answer, language))
        total += len(right)
    return 100 * wrong / max(1, total)
