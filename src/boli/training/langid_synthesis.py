"""Make text where there is none: Shahmukhi from Gurmukhi and Urdu, Saraiki, and Roman text from Arabic script.

What comes out is not good language. It has the words, endings and spellings by which a reader tells the language, in
the proportions of running text, and that is what identification learns from. The tables stand in
``data/models/langid/synthesis``.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

Words = Mapping[str, Sequence[str]]
Romanize = Callable[[str, random.Random], str]

_DROPPED = 0.3
"""How often chat leaves a short vowel out."""

_EDGES = "।–۔،؟!؛:.,\"'()[]«»“”‘’-ـ?;/*…|"


@cache
def read_table(name: str) -> tuple[tuple[str, ...], ...]:
    """Read a table of ``data/models/langid/synthesis`` without its head."""
    text = (files("boli") / "data" / "models" / "langid" / "synthesis" / name).read_text("utf-8")
    return tuple(tuple(line.split("\t")) for line in text.splitlines()[1:] if line)


def swap_words(tokens: Sequence[str], words: Words, share: float, dice: random.Random) -> list[str]:
    """Replace tokens that `words` knows by one of its choices, each with probability `share`.

    >>> swap_words(["کا", "گھر۔"], {"کا": ["دا"]}, 1.0, random.Random(0))
    ['دا', 'گھر۔']
    """
    return [dice.choice(words[token]) if token in words and dice.random() < share else token for token in tokens]


def punjabi_words(script: str) -> dict[str, list[str]]:
    """Urdu word -> Punjabi words, in Arabic script or in Roman chat spelling."""
    found: dict[str, list[str]] = defaultdict(list)
    for urdu, punjabi, urdu_roman, punjabi_roman in read_table("punjabi_words.tsv"):
        pair = (urdu, punjabi) if script == "Arab" else (urdu_roman, punjabi_roman)
        for word in pair[0].split():
            found[word] += pair[1].split()
    return dict(found)


_VERB_ENDINGS = {
    "Arab": ("نا", (("تا", "دا"), ("تی", "دی"), ("تے", "دے"), ("نے", "ن"), ("ا", "یا"))),
    "Latn": (
        "na",
        (("ta", "da"), ("ti", "di"), ("te", "de"), ("ty", "dy"), ("tay", "day"), ("ne", "an"), ("ny", "an")),
    ),
}
"""How an infinitive ends, and endings of Urdu verbs with the Punjabi ones."""


def punjabi_verbs(vocabulary: frozenset[str], script: str) -> dict[str, list[str]]:
    """Urdu verb form -> Punjabi verb form, for verbs whose infinitive is in the vocabulary.

    >>> punjabi_verbs(frozenset(["سوچنا", "سوچتا"]), "Arab")["سوچتا"]
    ['سوچدا']
    """
    infinitive, endings = _VERB_ENDINGS[script]
    stems = sorted(word.removesuffix(infinitive) for word in vocabulary if word.endswith(infinitive) and len(word) > 4)
    nasal = {"Arab": "ن", "Latn": "n"}[script]
    return {
        stem + urdu: [stem + (nasal if stem[-1] in "اa" and punjabi[0] in "دd" else "") + punjabi]
        for stem in stems
        for urdu, punjabi in endings
        if stem + urdu in vocabulary
    }


_ROOT_ENDINGS = {
    "Arab": (
        "",
        "و",
        "ی",
        "ے",
        "وں",
        "یں",
        "نا",
        "نی",
        "نے ن",
        "تا دا",
        "تی دی",
        "تے دے",
        "ا یا",
        "ؤ و",
        "ئی ی",
        "یا یا",
    ),
    "Latn": ("", "o", "i", "e", "ay", "on", "na", "ne an", "ta da", "ti di", "te de", "a ya", "ein o"),
}
"""Endings that roots take: Urdu's, then Punjabi's where it is another."""


def punjabi_roots(script: str) -> dict[str, list[str]]:
    """Forms of Urdu verbs -> forms of the verbs that Punjabi has instead.

    >>> punjabi_roots("Arab")["دیکھو"]
    ['ویکھو']
    """
    found: dict[str, list[str]] = {}
    for row in read_table("punjabi_roots.tsv"):
        urdu, punjabi = row[:2] if script == "Arab" else row[2:]
        for ending in _ROOT_ENDINGS[script]:
            old, _, new = ending.partition(" ")
            if old or urdu != punjabi:
                found[urdu + old] = [punjabi + (new or old)]
    return {old: new for old, new in found.items() if new != [old]}


def saraiki_words() -> dict[str, list[str]]:
    """Punjabi word -> Saraiki words."""
    return {punjabi: saraiki.split() for punjabi, saraiki in read_table("saraiki_words.tsv")}


@cache
def _shahmukhi_letters() -> dict[str, str]:
    return {row[0]: row[1] for row in read_table("gurmukhi_shahmukhi.tsv")}


_NASALS = "ੰਂ"
_VOWELS = "ਾਿੀੁੂੇੈੋੌ"
_INDEPENDENT_E = {"ਏ": "اے", "ਐ": "اے"}
_COMMON = {
    "ਹੈ": "اے", "ਹਨ": "نیں", "ਇਹ": "ایہہ", "ਉਹ": "اوہ", "ਇਸ": "ایس", "ਉਸ": "اوس", "ਨਹੀਂ": "نئیں", "ਵਿਚ": "وچ",
    "ਕਿ": "کہ", "ਕੀ": "کیہہ", "ਹੋ": "ہو", "ਕੇ": "کے", "ਇੱਕ": "اک", "ਇਕ": "اک", "ਉਨ੍ਹਾਂ": "اوہناں", "ਅਤੇ": "تے",
    "ਜੋ": "جو", "ਨੇ": "نے", "ਵੀ": "وی", "ਲਈ": "لئی", "ਕਰਨ": "کرن", "ਗਿਆ": "گیا", "ਗਈ": "گئی", "ਗਏ": "گئے",
}  # fmt: skip


def to_shahmukhi(word: str, respell: Mapping[str, str]) -> str:
    """Write a Gurmukhi word in Shahmukhi by its sounds; `respell` gives words of Persian and Arabic their letters.

    >>> to_shahmukhi("ਪੰਜਾਬੀ", {}), to_shahmukhi("ਵਿੱਚ", {}), to_shahmukhi("ਤੋਂ", {})
    ('پنجابی', 'وچ', 'توں')
    """
    if word in _COMMON:
        return _COMMON[word]
    out, place = [], 0
    letters = _shahmukhi_letters()
    while place < len(word):
        pair = word[place : place + 2]
        size = 2 if len(pair) == 2 and pair in letters else 1
        out.append(_one_letter(word, place, size, letters))
        place += size
    plain = "".join(out)
    return respell.get(plain, plain)


def _one_letter(word: str, place: int, size: int, letters: Mapping[str, str]) -> str:
    letter, is_last = word[place : place + size], place + size == len(word)
    after_vowel = place > 0 and word[place - 1] in _VOWELS + "ਾਆਈਊਓ"
    if letter in _NASALS:
        return "ں" if is_last else "ن"
    if letter in "ੇੈ":
        return "ے" if is_last else "ی"
    if letter in _INDEPENDENT_E:
        return ("ئے" if is_last else "ئی") if after_vowel else ("اے" if is_last else "ای")
    if letter == "ਈ" and place:
        return "ئی"
    if letter == "ਇ" and place:
        return "ی" if word[place + 1 : place + 2] == "ਆ" else "ئ"
    if letter == "ਆ" and place:
        return "یا" if word[place - 1] == "ਿ" else "ا"
    if letter in "ਓਉਊ" and place:
        return "ؤ"
    return letters.get(letter, letter)


def sound_key(word: str) -> str:
    """Write an Urdu word as its sounds would be written by somebody who never saw it.

    >>> sound_key("صاحب")
    'ساہب'
    """
    return word.translate(_SAME_SOUND)


_SAME_SOUND = str.maketrans({"ص": "س", "ث": "س", "ح": "ہ", "ط": "ت", "ذ": "ز", "ض": "ز", "ظ": "ز", "ق": "ک", "ع": "ا"})


def respelling(counts: Mapping[str, int]) -> dict[str, str]:
    """From counts of Urdu words, find for each way a word sounds its commonest spelling, where that is another."""
    best: dict[str, str] = {}
    for word in sorted(counts, key=lambda word: (-counts[word], word)):
        best.setdefault(sound_key(word), word)
    return {key: word for key, word in best.items() if key != word}


class Romanizer:
    """Spell Arabic-script (or, with a lexicon, any) words in Roman letters, each time as another writer might.

    Args:
        language: whose words and letters of the tables are used.
        lexicon: native word -> attested spellings, the better attested more often.
        accents: keep á é ó ú (the published spelling of Balochi); chat does without.
    """

    def __init__(self, language: str, lexicon: Words) -> None:
        self.lexicon: dict[str, list[str]] = {word: list(found) for word, found in lexicon.items()}
        for tag, native, roman in read_table("roman_words.tsv"):
            if tag == language:
                self.lexicon[native] = [*roman.split()]
        rows = [row for row in read_table("roman_letters.tsv") if row[0] in ("any", language)]
        self.letters = {native: (roman.split() or [""], kind) for _, native, roman, kind in rows}

    def spell(self, word: str, dice: random.Random, *, accents: bool = False) -> str:
        """Spell one word; punctuation at its edges stays."""
        core = word.strip(_EDGES)
        choices = self.lexicon.get(core)
        plain = dice.choice(choices) if choices else self._by_letters(core, dice)
        if not accents:
            plain = plain.translate(_PLAIN)
        return word[: word.find(core)] + plain + word[word.find(core) + len(core) :].translate(_ROMAN_POINTS)

    def _by_letters(self, word: str, dice: random.Random) -> str:
        out: list[str] = []
        before = "start"
        for place, letter in enumerate(word):
            choices, kind = self.letters.get(letter, ([letter if letter.isascii() else ""], "vowel"))
            following = self.letters.get(word[place + 1], ([], "none"))[1] if place + 1 < len(word) else "none"
            if kind == "glide":
                kind, choices = _glide(choices, before, following)
            aspirates = letter in "ھ" or (
                letter in "هہ" and before == "consonant" and following != "none" and dice.random() < 0.3
            )
            if kind == "consonant" and before == "consonant" and not aspirates:
                out.append(_short_vowel(dice, following))
            if letter in "هہ" and following == "none" and before == "consonant":
                out.append("a" if out and out[-1] != "a" else "")
                continue
            out.append(dice.choice(choices) if dice.random() < 0.35 else choices[0])
            before = kind
        return "".join(out)


def _glide(choices: Sequence[str], before: str, following: str) -> tuple[str, list[str]]:
    """Read و and ی as a consonant beside vowels and as a vowel between consonants."""
    is_consonant = before == "start" or following == "vowel" or (before == "vowel" and following != "none")
    return ("consonant", [choices[-1]]) if is_consonant else ("vowel", list(choices[:-1]))


def _short_vowel(dice: random.Random, following: str) -> str:
    if dice.random() < (_DROPPED if following != "none" else 0.15):
        return ""
    return dice.choices("aiue", (7, 1.2, 1, 1))[0]


_PLAIN = str.maketrans("áéíóúăÁÉÍÓÚ", "aeiouaAEIOU")
_ROMAN_POINTS = str.maketrans({"۔": ".", "،": ",", "؟": "?", "؛": ";", "।": "."})


def without_stress(text: str) -> str:
    """Drop the stress marks of a phonetic spelling.

    >>> without_stress("kawúl")
    'kawul'
    """
    return text.translate(_PLAIN)


def to_arabic_letters(word: str, style: int, dice: random.Random) -> str:
    """Write a Latin word in Arabic letters, as languages do that are not known here (Azerbaijani, Malay, Hausa).

    Args:
        word: in Latin letters.
        style: 0 as Azerbaijani in Iran (e mostly unwritten), 1 with all vowels, 2 consonants and long vowels alone.
        dice: decides between letters of one sound.

    >>> to_arabic_letters("benim", 0, random.Random(1))
    'بنيم'
    """
    out = []
    for place, letter in enumerate(word.lower()):
        is_first, is_last = place == 0, place == len(word) - 1
        if letter == "e" and style == 0:
            out.append("ا" if is_first else "ه" if is_last else "" if dice.random() < 0.8 else "ئ")
        elif letter in "oöuü" and is_first and style != 1:
            out.append("او")
        elif letter == "a" and is_first:
            out.append("آ" if style == 0 else "ا")
        elif letter in "ıi" and is_first:
            out.append("ای")
        elif letter in "aeiıouöü" and style == 2:
            out.append("" if dice.random() < 0.6 else dice.choice("اوی"))
        else:
            out.append(dice.choice(_AJAMI.get(letter, " ")).strip())
    return "".join(out)


_AJAMI: dict[str, str] = {
    "a": "ا", "b": "ب", "c": "ج", "ç": "چ", "d": "د", "e": "ئاە", "f": "ف", "g": "گق", "ğ": "غ", "h": "هح", "ı": "ی",
    "i": "یي", "j": "ژج", "k": "کك", "l": "ل", "m": "م", "n": "ن", "o": "و", "ö": "ؤۆو", "p": "پ", "q": "ق", "r": "ر",
    "s": "سس", "ş": "ش", "t": "تط", "u": "و", "ü": "ۆو", "v": "و", "w": "و", "x": "خ", "y": "یي", "z": "ز",
}  # fmt: skip


def romanize_line(line: str, romanizer: Romanizer, dice: random.Random) -> str:
    """Romanize a line in one writer's style: with accents or without, in lower case or not."""
    accents = dice.random() < 0.4
    return " ".join(romanizer.spell(word, dice, accents=accents) for word in line.split())


def lexicon_from(rows: Iterable[Sequence[str]]) -> dict[str, list[str]]:
    """Native word -> attested Roman spellings, from rows native, Roman, count (or no count)."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        times = min(int(row[2]), 4) if len(row) > 2 and row[2].isdigit() else 1
        found[row[0]] += [row[1]] * times
    return dict(found)
