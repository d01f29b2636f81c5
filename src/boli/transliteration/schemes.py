"""Schemes: ways of writing a text in another script that are fixed by tables, so that the answer is always the same.

    bgn-pcgn     the standard of maps for names: ur 2007, ps 1968, bal 2008, to Roman letters and (vowelled) back
    reversible   Roman letters from which the very same text comes back: ur, pa, sd, ps, bal
    shahmukhi    Punjabi in its two scripts, Gurmukhi and Shahmukhi

Bad input is no error: what a scheme does not know passes untouched.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from boli.errors import ConfigError, suggest
from boli.languages import Tag, parse_tag
from boli.transliteration.gurmukhi import to_gurmukhi, to_shahmukhi
from boli.transliteration.reversible import load_codec
from boli.transliteration.standards import load_standard, read_roman

Pair = tuple[str, str]
"""Two tags: from, to."""


def _both(languages: str) -> tuple[Pair, ...]:
    pairs = [(f"{language}-Arab", f"{language}-Latn") for language in languages.split()]
    return (*pairs, *((roman, arabic) for arabic, roman in pairs))


SCHEMES: dict[str, tuple[Pair, ...]] = {
    "bgn-pcgn": _both("ur ps bal"),
    "reversible": _both("ur pa sd ps bal"),
    "shahmukhi": (("pa-Guru", "pa-Arab"), ("pa-Arab", "pa-Guru")),
}
"""Name -> the pairs of tags it can be asked for."""


@dataclass(frozen=True)
class Scheme:
    """A scheme for one pair of tags; call it with a text, or with a single word."""

    name: str
    source: Tag
    target: Tag
    _convert: Callable[[str], str] = field(repr=False)

    def __call__(self, text: str) -> str:
        """Return `text` in the other script; takes time in proportion to its length."""
        return self._convert(text)


def load_scheme(name: str, source: str, target: str) -> Scheme:
    """Return the scheme `name` from one tag to another.

    Raises:
        LanguageError: a tag is not known.
        ConfigError: no scheme has this name, or it has not this pair.

    >>> load_scheme("bgn-pcgn", "ur", "ur-Latn")("وَطَن")
    'waţan'
    >>> load_scheme("reversible", "sd-Arab", "sd-Latn")("ڪتاب")
    'ktāb'
    >>> load_scheme("iso", "ur", "ur-Latn")
    Traceback (most recent call last):
    ...
    boli.errors.ConfigError: no scheme 'iso'; choose from: bgn-pcgn, reversible, shahmukhi
    """
    if name not in SCHEMES:
        raise ConfigError(f"no scheme {name!r}; choose from: {', '.join(SCHEMES)}{suggest(name, SCHEMES)}")
    pair = parse_tag(source), parse_tag(target)
    if pair not in SCHEMES[name]:
        choices = ", ".join(f"{one} -> {other}" for one, other in SCHEMES[name])
        raise ConfigError(f"scheme {name!r} has no {pair[0]} -> {pair[1]}; choose from: {choices}")
    return Scheme(name, *pair, _find(name, *pair))


def _find(name: str, source: Tag, target: Tag) -> Callable[[str], str]:
    language, to_roman = source.language, target.script == "Latn"
    if name == "shahmukhi":
        return to_shahmukhi if target.script == "Arab" else to_gurmukhi
    if name == "reversible":
        return load_codec(language).write if to_roman else load_codec(language).read
    return load_standard(language) if to_roman else lambda text: read_roman(text, language)
