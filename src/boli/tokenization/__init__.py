"""Tokenizers that carry their normalizer: train, save, load, measure."""

from boli.tokenization.extension import Extension, extend_tokenizer
from boli.tokenization.making import Made, train_recipe
from boli.tokenization.recipes import Recipe, parse_recipe, read_recipe
from boli.tokenization.report import TokenizerScore, report_tokenizer
from boli.tokenization.storage import find_tokenizer, load_tokenizer, save_tokenizer, shipped_tokenizers
from boli.tokenization.trainer import train_tokenizer
from boli.tokenization.vocabulary import KINDS, SPECIAL_TOKENS

__all__ = [
    "KINDS",
    "SPECIAL_TOKENS",
    "Extension",
    "Made",
    "Recipe",
    "TokenizerScore",
    "extend_tokenizer",
    "find_tokenizer",
    "load_tokenizer",
    "parse_recipe",
    "read_recipe",
    "report_tokenizer",
    "save_tokenizer",
    "shipped_tokenizers",
    "train_recipe",
    "train_tokenizer",
]
