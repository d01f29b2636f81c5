"""The road from raw text to model input, the same object in training and in serving.

Identify (where nobody told the language), normalize, and write in another script where the model was trained on one.
"""

import importlib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from boli.errors import ConfigError, LanguageError, check_text
from boli.identification import identify_batch
from boli.languages import parse_tag
from boli.normalization import Normalizer

UNKNOWN = "und"
"""The tag of a text whose language nobody told and nobody could tell (BCP 47, undetermined)."""


@dataclass(frozen=True)
class TextPath:
    """Normalize each text by the rules of its tag.

    A text without a tag goes by the rules that hold in every language. The tokenizer that comes after carries those
    same rules once more, so that it is safe by itself.

    Args:
        level: of the normalizer, for texts whose tag is known.
        signatures: tag -> signature of the rules that the model was trained with; empty when training.
        script: write every text in this script, ``Arab`` or ``Latn``, as far as boli can; empty: leave each in its own.

    >>> TextPath("standard").prepare(["\\N{ARABIC LETTER KAF}"], ["ur-Arab"]) == ["\\N{ARABIC LETTER KEHEH}"]
    True
    """

    level: str
    signatures: Mapping[str, str] = field(default_factory=dict)
    script: str = ""

    def prepare(self, texts: Sequence[str], tags: Sequence[str]) -> list[str]:
        """Return the normalized texts in the order given.

        Warns when the rules of a tag are not those that the model was trained with.
        """
        prepared = [check_text(text) for text in texts]
        for tag in dict.fromkeys(tags):
            rows = [row for row, each in enumerate(tags) if each == tag]
            canonical = self._normalizer(tag).batch([texts[row] for row in rows])
            for row, text in zip(rows, self._rewrite(canonical, tag), strict=True):
                prepared[row] = text
        return prepared

    def locate(self, text: str, tag: str, start: int, end: int) -> tuple[int, int]:
        """Return the span of the raw text that a span of the prepared text came from; code points, half-open."""
        return self._normalizer(tag).explain(text).alignment.to_input(start, end)

    def place(self, text: str, tag: str, start: int, end: int) -> tuple[int, int]:
        """Return the span of the prepared text that a span of the raw text became."""
        return self._normalizer(tag).explain(text).alignment.to_output(start, end)

    def sign(self, tags: Sequence[str]) -> dict[str, str]:
        """Return tag -> signature of the rules in use, for the tags given and for texts without one."""
        rules = {tag: _normalizer(tag, self.level).signature for tag in sorted({*tags, UNKNOWN})}
        return rules | {f"{tag} to {self.script}": self._sign_rewriting(tag) for tag in self._rewritten(tags)}

    def _sign_rewriting(self, tag: str) -> str:
        return str(getattr(_rewriting(tag, self.script), "signature", "unsigned"))

    def _rewritten(self, tags: Sequence[str]) -> list[str]:
        return [tag for tag in sorted(set(tags)) if self.script and _script_of(tag) not in ("", self.script)]

    def _rewrite(self, texts: list[str], tag: str) -> list[str]:
        return _rewriting(tag, self.script).batch(texts) if self._rewritten([tag]) else texts

    def _normalizer(self, tag: str) -> Normalizer:
        normalizer = _normalizer(tag, self.level)
        if self.signatures.get(tag, normalizer.signature) != normalizer.signature:
            warnings.warn(
                f"the normalization rules of {tag} are not those this model was trained with; "
                "answers may differ from the tested ones: train again or install the boli it was made with",
                stacklevel=3,
            )
        return normalizer


@cache
def _normalizer(tag: str, level: str) -> Normalizer:
    return Normalizer(tag, level="encoding" if tag == UNKNOWN else level)


def neutral_normalizer() -> Normalizer:
    """Return the normalizer that a tokenizer for several languages carries: rules that hold in all of them."""
    return _normalizer(UNKNOWN, "encoding")


def tell_tags(texts: Sequence[str]) -> list[str]:
    """Identify the language and script of each text; ``und`` where that cannot be known, or is no tag of ours.

    >>> tell_tags(["?!"])
    ['und']
    """
    return [_ours(guess.tag) for guess in identify_batch(texts)]


@cache
def _ours(tag: str) -> str:
    try:
        return tag if tag == UNKNOWN else str(parse_tag(tag))
    except LanguageError:
        return UNKNOWN


@cache
def _script_of(tag: str) -> str:
    return "" if tag == UNKNOWN else parse_tag(tag).script


class _Transliterator(Protocol):
    def batch(self, texts: Sequence[str]) -> list[str]: ...


@cache
def _rewriting(tag: str, script: str) -> _Transliterator:
    """The transliterator from a tag to the same language in another script; loaded when it is first needed."""
    scripts = importlib.import_module("boli.transliteration")
    if not hasattr(scripts, "Transliterator"):
        raise ConfigError(f"text.script is {script!r}, but this boli cannot transliterate; leave text.script empty")
    made: _Transliterator = scripts.Transliterator(tag, f"{parse_tag(tag).language}-{script}")
    return made
