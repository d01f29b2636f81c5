"""Identification: which language and script a text, or each of its words, is written in; `und` where it cannot know."""

from boli.identification.identifier import Guess, Identifier, identify, identify_batch
from boli.identification.scripts import count_scripts, detect_script
from boli.identification.spans import WordGuess, identify_words

__all__ = [
    "Guess",
    "Identifier",
    "WordGuess",
    "count_scripts",
    "detect_script",
    "identify",
    "identify_batch",
    "identify_words",
]
