"""What an audit found in the words of a data set, in sentences that a person who does not code can read."""

from collections import defaultdict
from collections.abc import Sequence

from boli.datasets.cells import Group
from boli.datasets.contents import ForeignCount, Mixing, PersonalCount, StyleCount
from boli.datasets.people import SPEAKER, GenderCount, ProvinceCount
from boli.datasets.sentences import listed, many, percent

_FIELDS = {"dialect": "dialect", "source": "source", "author": "author", "gender": "gender of the writer or speaker"}
_GENDERS = {"f": "women", "m": "men", "x": "others"}
_KINDS = {
    "name": "given names of women in {women:,}, of men in {men:,}",
    "kin": "female relatives in {women:,}, male ones in {men:,}",
    "person": "words for women in {women:,}, for men in {men:,}",
    SPEAKER: "verbs by which a woman speaks in {women:,}, a man in {men:,}",
}


def say_groups(groups: Sequence[Group]) -> list[str]:
    """Say which dialects, sources and genders the rows name, or that they name none.

    >>> say_groups([Group("gender", "f", 3), Group("gender", "", 1)])
    ['Gender of the writer or speaker: women 3, not said 1.', 'No row names its dialect, source or author.']
    """
    fields: dict[str, list[str]] = defaultdict(list)
    for field, value, rows in groups:
        name = (_GENDERS.get(value, value) if field == "gender" else value) or "not said"
        fields[field].append(f"{name} {rows:,}")
    said = [f"{_FIELDS[field].capitalize()}: {_few(values)}." for field, values in fields.items()]
    silent = [name for field, name in _FIELDS.items() if field not in fields]
    return [*said, f"No row names its {_either(silent)}."] if silent else said


def say_mixing(found: Sequence[Mixing]) -> list[str]:
    """Say how much other languages are mixed in.

    >>> say_mixing([Mixing("ur-Latn", 200, 90, 1000, 120, 30)])
    ['Code-mixing in ur-Latn: 45.0 % of 200 rows have a word of another language; of the words 12.0 % are English and
    3.0 % of other languages, as boli.identify_words guesses.',
     'English words in Arabic letters are not counted as English.']
    """
    said = [
        f"Code-mixing in {one.tag}: {percent(100 * one.mixed / one.rows)} of {many(one.rows, 'row')} have a word of"
        f" another language; of the words {percent(100 * one.english / one.words)} are English and"
        f" {percent(100 * one.others / one.words)} of other languages, as boli.identify_words guesses."
        for one in found
        if one.words
    ]
    return [*said, "English words in Arabic letters are not counted as English."] if said else []


def say_gender(found: Sequence[GenderCount]) -> list[str]:
    """Say how often women and men are named, and who speaks.

    >>> say_gender([GenderCount("ur-Latn", "kin", 3, 5, 100)])
    ['Words marked for gender in ur-Latn, of 100 rows: female relatives in 3, male ones in 5.',
     'Words marked for gender are counted by a draft list: a lean, not a count of people.']
    """
    if not found:
        return ["No word of the draft list of names and words marked for gender was found."]
    forms: dict[tuple[str, int], list[str]] = defaultdict(list)
    for one in found:
        forms[one.tag, one.rows].append(_KINDS[one.kind].format(women=one.women, men=one.men))
    said = [
        f"Words marked for gender in {tag}, of {many(rows, 'row')}: {'; '.join(parts)}."
        for (tag, rows), parts in forms.items()
    ]
    return [*said, "Words marked for gender are counted by a draft list: a lean, not a count of people."]


def say_places(found: Sequence[ProvinceCount]) -> list[str]:
    """Say which provinces the rows name, beside where people live.

    >>> say_places([ProvinceCount("Sindh", 3, 100.0, 23.1, ()), ProvinceCount("Punjab", 0, 0, 52.9, ())])
    ['Of the rows that name a place of Pakistan: Sindh 100.0 % (3 rows; 23.1 % of the people), Punjab none (52.9 %
    of the people).']
    """
    if not any(one.rows for one in found):
        return ["No city or district of Pakistan is named."]
    parts = []
    for one in found:
        people = f"{percent(one.people_percent)} of the people" if one.people_percent else "not in the census"
        share = f"{percent(one.share_percent)} ({many(one.rows, 'row')}; {people})" if one.rows else f"none ({people})"
        parts.append(f"{one.province} {share}")
    return [f"Of the rows that name a place of Pakistan: {', '.join(parts)}."]


def say_styles(found: Sequence[StyleCount]) -> list[str]:
    """Say how each form is spelled, one sentence for each form.

    >>> say_styles([StyleCount("ps-Arab", "gaf", "Persian gaf", 5, 20)])
    ['Spelling of ps-Arab, rows with: Persian gaf 25.0 %.']
    """
    forms: dict[str, list[str]] = defaultdict(list)
    for one in found:
        forms[one.tag].append(f"{one.style} {percent(100 * one.rows / one.of)}")
    return [f"Spelling of {tag}, rows with: {', '.join(styles)}." for tag, styles in forms.items()]


def say_foreign(found: Sequence[ForeignCount]) -> list[str]:
    """Say which characters are foreign to each form.

    >>> say_foreign([ForeignCount("ur-Arab", 3, 10, (("U+0643", "ARABIC LETTER KAF", 4),))])
    ['Foreign characters in ur-Arab: in 3 of 10 rows, most often U+0643 ARABIC LETTER KAF (4).']
    """
    return [
        f"Foreign characters in {one.tag}: in {one.rows:,} of {many(one.of, 'row')}, most often"
        f" {listed(f'{code} {name} ({count:,})' for code, name, count in one.characters)}."
        for one in found
        if one.rows
    ] or ["No row has characters foreign to its language."]


def say_personal(found: Sequence[PersonalCount] | None) -> list[str]:
    """Say which personal data was found, or that it was not looked for.

    >>> say_personal([PersonalCount("phone", 2, 3)])
    ['Personal data, or what looks like it: phone in 2 rows (3 pieces). boli redact takes it out.']
    """
    if found is None:
        return ["Personal data was not looked for: redaction is not installed; run: pip install 'boli[pii]'"]
    if not found:
        return ["No personal data was found by its form (numbers, addresses); names of people are not looked for."]
    parts = [f"{one.kind} in {many(one.rows, 'row')} ({many(one.pieces, 'piece')})" for one in found]
    return [f"Personal data, or what looks like it: {', '.join(parts)}. boli redact takes it out."]


def _few(values: Sequence[str], most: int = 8) -> str:
    more = f", and {len(values) - most:,} more" if len(values) > most else ""
    return ", ".join(values[:most]) + more


def _either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
