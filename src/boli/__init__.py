"""Tools for Urdu, Punjabi (Shahmukhi), Sindhi, Pashto and Balochi, in Arabic script and in Roman letters."""

from boli.languages import Language, Tag, load_language, parse_tag

__version__ = "0.1.0"

__all__ = ["Language", "Tag", "load_language", "parse_tag"]
