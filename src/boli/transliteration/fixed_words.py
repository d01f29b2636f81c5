"""Roman words that stand for more than one word, abbreviations, and the names of single capital letters."""

from functools import cache
from importlib.resources import files

from boli.errors import TableError


@cache
def read_fixed_words(language: str) -> dict[str, str]:
    """Return Roman form -> what is written for it, from `data/transliteration/words.tsv`.

    Lower-case forms are looked up like other words; a capital letter is a letter that stands alone.

    >>> read_fixed_words("ur")["isne"], read_fixed_words("ur")["B"]
    ('اس نے', 'بی')
    """
    table = files("boli") / "data" / "transliteration" / "words.tsv"
    words: dict[str, str] = {}
    for number, line in enumerate(table.read_text("utf-8").splitlines()[1:], start=2):
        fields = line.split("\t")
        if len(fields) != 4 or not all(fields):
            raise TableError(f"words.tsv:{number}: expected language, roman, native and source; fill in each")
        if fields[0] == language:
            words[fields[1]] = fields[2]
    return words
