"""The road from raw text to model input, the same object in training and in serving."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from boli.errors import check_text
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

    >>> TextPath("standard").prepare(["\\N{ARABIC LETTER KAF}"], ["ur-Arab"]) == ["\\N{ARABIC LETTER KEHEH}"]
    True
    """

    level: str
    signatures: Mapping[str, str] = field(default_factory=dict)

    def prepare(self, texts: Sequence[str], tags: Sequence[str]) -> list[str]:
        """Return the normalized texts in the order given.

        Warns when the rules of a tag are not those that the model was trained with.
        """
        prepared = [check_text(text) for text in texts]
        for tag in dict.fromkeys(tags):
            rows = [row for row, each in enumerate(tags) if each == tag]
            for row, text in zip(rows, self._normalizer(tag).batch([texts[row] for row in rows]), strict=True):
                prepared[row] = text
        return prepared

    def sign(self, tags: Sequence[str]) -> dict[str, str]:
        """Return tag -> signature of the rules in use, for the tags given and for texts without one."""
        return {tag: _normalizer(tag, self.level).signature for tag in sorted({*tags, UNKNOWN})}

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
