"""Tokenizers that carry their normalizer: train, save, load, measure."""

from boli.tokenization.report import TokenizerScore, report_tokenizer
from boli.tokenization.storage import load_tokenizer, save_tokenizer
from boli.tokenization.trainer import KINDS, SPECIAL_TOKENS, train_tokenizer

__all__ = [
    "KINDS",
    "SPECIAL_TOKENS",
    "TokenizerScore",
    "load_tokenizer",
    "report_tokenizer",
    "save_tokenizer",
    "train_tokenizer",
]
