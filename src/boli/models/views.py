"""Other ways to look at a text, for models that see more in them: the skeleton of Roman spelling, and bare words."""

import re
from collections.abc import Callable, Mapping, Sequence

import regex

from boli.errors import ModelError, suggest

View = Callable[[str], str]

_RUNS = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"(?<=.)[aeiouyh]+")
_LATIN = re.compile(r"[a-z]+")
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_SAME = str.maketrans({"q": "k", "w": "v", "z": "j", "e": "a", "i": "a", "o": "a", "u": "a"})


def keep(text: str) -> str:
    """Return the text as it is.

    >>> keep("Bohat acha")
    'Bohat acha'
    """
    return text


def to_skeletons(text: str) -> str:
    """Return each Latin word without what Roman spelling is free about: vowels inside, h, doubled letters, q and k.

    >>> to_skeletons("Bohat achha") == to_skeletons("bht acha") == "bt ac"
    True
    """
    return _LATIN.sub(lambda found: _skeleton(found.group()), text.lower())


def _skeleton(word: str) -> str:
    single = _RUNS.sub(r"\1", word.replace("ph", "f"))
    return single[:1].translate(_SAME) + _RUNS.sub(r"\1", _VOWELS.sub("", single).translate(_SAME)[1:])


VIEWS: Mapping[str, View] = {"text": keep, "skeletons": to_skeletons}
"""Name, as it stands in a saved model -> view."""


def look(texts: Sequence[str], view: str) -> list[str]:
    """Return each text as `view` sees it.

    Raises:
        ModelError: no such view.

    >>> look(["Salam"], "text")
    ['Salam']
    """
    if view not in VIEWS:
        raise ModelError(f"no view {view!r}; this boli knows: {', '.join(VIEWS)}{suggest(view, VIEWS)}")
    return [VIEWS[view](text) for text in texts]


def list_words(text: str) -> list[str]:
    """Return the runs of letters, marks and digits, in lower case.

    >>> list_words("Salam, dunya!")
    ['salam', 'dunya']
    """
    return [found.group() for found in _WORD.finditer(text.lower())]
