"""How people spell in chat: the messages of `wallet-intents` in both scripts, and a set of chat spellings of Urdu.

The messages are machine-written and no speaker has read them (see their card); they are the only running text in both
scripts that there is for Pashto, Balochi and Shahmukhi.
"""

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

from boli.datasets import load_dataset
from boli.transliteration.forms import fold_roman, native_form
from boli.transliteration.pieces import cut_pieces

Weights = dict[tuple[str, str], float]

SPELLINGS = ("roman_spelling/ur_gold_standard.jsonl", "roman_spelling/ur_gold_standard_adversarial.jsonl")
_WORD = re.compile("[a-zA-Z']+")


def chat_counts(tag: str) -> Weights:
    """Return (native, roman) -> how often a word of the training messages is so spelt."""
    language = tag.partition("-")[0]
    if not tag.endswith("Arab"):
        return {}
    messages: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for record in load_dataset("wallet-intents").train:
        if record.tag.startswith(f"{language}-"):
            messages[record.template][record.tag.rpartition("-")[2]] = record.text
    counts: Weights = defaultdict(float)
    form = native_form(tag)
    for both in messages.values():
        native = _words(both.get("Arab", ""), "Arab")
        roman = _words(both.get("Latn", ""), "Latn")
        if len(native) == len(roman):
            for word, spelling in zip(form.batch(native), roman, strict=True):
                if word and fold_roman(spelling):
                    counts[word, fold_roman(spelling)] += 1
    return dict(counts)


def _words(text: str, script: str) -> list[str]:
    return [text[piece.start : piece.end] for piece in cut_pieces(text, script) if piece.is_word]


def chat_spellings(data: Path) -> Counter[tuple[str, str]]:
    """Return (chat spelling, common spelling) -> count, from the items whose two sides have as many words."""
    found: Counter[tuple[str, str]] = Counter()
    for name in SPELLINGS[:1]:
        for line in (data / name).read_text("utf-8").splitlines():
            if not line.strip():
                continue
            item = json.loads(line)
            left, right = _WORD.findall(item["input"].lower()), _WORD.findall(item["expected"].lower())
            if len(left) == len(right):
                found.update((fold_roman(a), fold_roman(b)) for a, b in zip(left, right, strict=True))
    return found
