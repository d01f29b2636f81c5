"""Tools for Urdu, Punjabi (Shahmukhi), Sindhi, Pashto and Balochi, in Arabic script and in Roman letters.

Every public name is imported when it is first asked for, so that ``import boli`` alone reads nothing and costs little.

>>> import boli
>>> boli.normalize("كتاب", "ur") == "کتاب"
True
"""

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from boli.errors import BoliError
    from boli.identification import Guess, WordGuess, identify, identify_batch, identify_words
    from boli.languages import Language, Tag, load_language, parse_tag
    from boli.normalization import Normalization, Normalizer, normalize
    from boli.pipeline import Explanation, Pipeline, Prediction, load, pipelines
    from boli.redaction import Redaction, Redactor, redact
    from boli.segmentation import Span, split_sentences, split_words
    from boli.transliteration import Candidate, Transliterator, respell, transliterate

__version__ = "0.1.0"

__all__ = [
    "BoliError",
    "Candidate",
    "Explanation",
    "Guess",
    "Language",
    "Normalization",
    "Normalizer",
    "Pipeline",
    "Prediction",
    "Redaction",
    "Redactor",
    "Span",
    "Tag",
    "Transliterator",
    "WordGuess",
    "identify",
    "identify_batch",
    "identify_words",
    "load",
    "load_language",
    "normalize",
    "parse_tag",
    "pipelines",
    "redact",
    "respell",
    "split_sentences",
    "split_words",
    "transliterate",
]

_HOMES: Final[dict[str, str]] = {
    "BoliError": "boli.errors",
    "Candidate": "boli.transliteration",
    "Explanation": "boli.pipeline",
    "Guess": "boli.identification",
    "Language": "boli.languages",
    "Normalization": "boli.normalization",
    "Normalizer": "boli.normalization",
    "Pipeline": "boli.pipeline",
    "Prediction": "boli.pipeline",
    "Redaction": "boli.redaction",
    "Redactor": "boli.redaction",
    "Span": "boli.segmentation",
    "Tag": "boli.languages",
    "Transliterator": "boli.transliteration",
    "WordGuess": "boli.identification",
    "identify": "boli.identification",
    "identify_batch": "boli.identification",
    "identify_words": "boli.identification",
    "load": "boli.pipeline",
    "load_language": "boli.languages",
    "normalize": "boli.normalization",
    "parse_tag": "boli.languages",
    "pipelines": "boli.pipeline",
    "redact": "boli.redaction",
    "respell": "boli.transliteration",
    "split_sentences": "boli.segmentation",
    "split_words": "boli.segmentation",
    "transliterate": "boli.transliteration",
}
"""Public name -> the module that holds it. A test compares it with `__all__` and with the imports for type checkers."""


if not TYPE_CHECKING:  # a type checker must not take every misspelt name for an attribute

    def __getattr__(name: str) -> object:
        """Import the home of a public name, once; PEP 562."""
        if name not in _HOMES:
            raise AttributeError(f"module 'boli' has no attribute {name!r}")
        found = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
