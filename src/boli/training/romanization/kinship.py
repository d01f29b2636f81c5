"""Which letters sound alike, from the table `data/transliteration/kin.tsv`."""

from importlib.resources import files

from boli.errors import TableError


def read_kin() -> dict[str, str]:
    """Return letter -> the letter of its kind, '' for vowels and breaths.

    >>> read_kin()["\\N{ARABIC LETTER SAD}"] == "\\N{ARABIC LETTER SEEN}"
    True
    """
    table = files("boli") / "data" / "transliteration" / "kin.tsv"
    kin: dict[str, str] = {}
    for number, line in enumerate(table.read_text("utf-8").splitlines()[1:], start=2):
        fields = line.split("\t")
        if len(fields) != 3:
            raise TableError(f"kin.tsv:{number}: expected letter, kind and name, got {len(fields)} fields")
        kin[_letter(fields[0])] = "" if fields[1] == "-" else _letter(fields[1])
    return kin


def _letter(code_point: str) -> str:
    return chr(int(code_point.removeprefix("U+"), 16))
