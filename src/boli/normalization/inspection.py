"""All rule tables at once: which files they are, and whether they load at every level and keep every contract."""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from boli.errors import TableError
from boli.languages import LANGUAGES, load_language
from boli.normalization.formatting import format_files
from boli.normalization.normalizer import Normalizer
from boli.normalization.tables import LEVELS, option_values

_OPTIONS = ("diacritics", "orthography", "gaf", "joined")


def find_tables() -> list[Path]:
    """Return the rule tables of this installation (in a checkout: of the checkout), sorted.

    >>> "standard.tsv" in {path.name for path in find_tables()}
    True
    """
    data = Path(str(files("boli") / "data"))
    found = [*(data / "langs").rglob("*.tsv"), *(data / "common").glob("*/*.tsv")]
    return sorted(path for path in found if path.name not in ("abbreviations.tsv", "reviews.tsv"))


def format_tables(paths: Sequence[Path]) -> list[Path]:
    """Format rule tables in place; return those that changed.

    Raises:
        TableError: a file is not a rule table; the files before it are formatted.
    """
    return [path for path in paths if _unformatted(path, check=False)]


def check_tables(paths: Sequence[Path]) -> int:
    """Check that rule tables are formatted, load for every tag, level and option, and merge no letters of a contract.

    Returns:
        How many rule sets were loaded.

    Raises:
        TableError: what is wrong first, with its file.

    >>> check_tables([]) > 40
    True
    """
    wrong = [path for path in paths if _unformatted(path, check=True)]
    if wrong:
        raise TableError(f"not formatted: {', '.join(map(str, wrong))}; run: boli tables fmt")
    return len(list(_load_all()))


def _unformatted(path: Path, *, check: bool) -> bool:
    try:
        return bool(format_files([path], check=check))
    except KeyError as missing:
        raise TableError(f"{path}: no column or character is named {missing.args[0]!r}; correct it") from None
    except UnicodeDecodeError as problem:
        raise TableError(f"{path}: not UTF-8 ({problem.reason} at byte {problem.start}); save it as UTF-8") from None
    except OSError as problem:
        raise TableError(f"{path}: cannot be read or written ({problem.strerror}); give a rule table") from None


def _load_all() -> Iterator[str]:
    for language in LANGUAGES:
        for script in load_language(language).scripts:
            for level in LEVELS:
                yield _load(Normalizer(f"{language}-{script}", level=level))
            for option in _OPTIONS:
                for value in option_values(language, script, option):
                    yield _load(_with_option(f"{language}-{script}", option, value))
    yield _load(Normalizer("und", level="encoding"))


def _with_option(tag: str, option: str, value: str) -> Normalizer:
    chosen = {option: value}
    return Normalizer(
        tag,
        diacritics=chosen.get("diacritics"),
        orthography=chosen.get("orthography"),
        gaf=chosen.get("gaf"),
        joined=chosen.get("joined"),
    )


def _load(normalizer: Normalizer) -> str:
    """Use it once: only then the passes are made, and rows found whose target is rewritten without end."""
    return normalizer("\N{ARABIC LETTER KAF}a")
