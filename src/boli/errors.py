"""What can go wrong, in one tree.

    BoliError
    |-- LanguageError (ValueError)     a tag or language that boli does not know
    |-- TextError (TypeError)          something that is not text where text is expected
    |-- TableError (ValueError)        a rule table or profile that contradicts itself
    |-- DataError (ValueError)         a data set, row or card that cannot be used
    |-- ConfigError (ValueError)       a configuration with a wrong key or value
    |-- RunError (RuntimeError)        a run folder that cannot be continued
    |-- ModelError                     weights that cannot be used
    |   |-- ModelNotFound
    |   `-- ChecksumError
    `-- MissingExtra (ImportError)     an optional package that is not installed

Every message says what came, what was expected and what to do.
"""

import difflib
import importlib
from collections.abc import Iterable
from types import ModuleType


class BoliError(Exception):
    """The root of every error that boli raises on purpose.

    >>> try:
    ...     raise LanguageError("no language 'urdoo'")
    ... except BoliError as problem:
    ...     print(problem)
    no language 'urdoo'
    """


class LanguageError(BoliError, ValueError):
    """A tag or language that boli does not know."""


class TextError(BoliError, TypeError):
    """Something that is not `str` where text is expected."""


class TableError(BoliError, ValueError):
    """A rule table or profile that contradicts itself; the message starts with file:line."""


class DataError(BoliError, ValueError):
    """A data set, row or card that cannot be used; the message starts with file:line where there is one."""


class ConfigError(BoliError, ValueError):
    """A configuration with a wrong key or value."""


class RunError(BoliError, RuntimeError):
    """A run folder that cannot be continued."""


class ModelError(BoliError):
    """Weights or a pipeline that cannot be used."""


class ModelNotFound(ModelError):
    """No installed pipeline or folder has this name."""


class ChecksumError(ModelError):
    """A file whose sha256 is not the recorded one."""


class MissingExtra(BoliError, ImportError):
    """An optional package that is not installed; the message names the pip command."""


def suggest(got: str, choices: Iterable[str]) -> str:
    """Say the nearest valid choice, as a suffix for a message; empty if none is near.

    >>> suggest("urdoo", ["ur", "urdu", "sd"])
    " (did you mean 'urdu'?)"
    >>> suggest("xyz", ["ur"])
    ''
    """
    near = difflib.get_close_matches(got, list(choices), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def require(module: str, extra: str) -> ModuleType:
    """Import an optional package or say which extra brings it.

    Raises:
        MissingExtra: the package is not installed.

    >>> require("no_such_package", "train")
    Traceback (most recent call last):
    ...
    boli.errors.MissingExtra: this needs no_such_package, which is not installed; run: pip install 'boli[train]'
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        if missing.name != module.split(".")[0]:
            raise
        raise MissingExtra(
            f"this needs {missing.name}, which is not installed; run: pip install 'boli[{extra}]'"
        ) from None


def check_text(text: object) -> str:
    """Return `text` if it is a `str`; say what to do with bytes and others.

    Raises:
        TextError: `text` is not a `str`.

    >>> check_text(b"abc")
    Traceback (most recent call last):
    ...
    boli.errors.TextError: expected str, got bytes; decode it first: text.decode("utf-8")
    """
    if isinstance(text, str):
        return text
    advice = '; decode it first: text.decode("utf-8")' if isinstance(text, bytes | bytearray) else ""
    raise TextError(f"expected str, got {type(text).__name__}{advice}")
