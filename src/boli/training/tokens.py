"""From normalized texts to token files that training maps into memory."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from boli.datasets.folders import SPLITS
from boli.pipeline.answers import find_words
from boli.pipeline.encoding import Cut, encode
from boli.pipeline.slots import list_tags, place_tokens, tag_words
from boli.tokenization import load_tokenizer
from boli.training.labels import LabelSet
from boli.training.store import IGNORED, Examples, TokenStore
from boli.training.texts import FILE, Prepared, read_texts

_FOLDER = "checkpoints/tokens"


def name_files(*, slots: bool) -> tuple[str, ...]:
    """Return the files that `write_tokens` writes, relative to the run folder."""
    kinds = ("ids", "tags") if slots else ("ids",)
    return tuple(f"{_FOLDER}/{split}.{kind}" for split in SPLITS for kind in kinds)


def write_tokens(folder: Path, labels: LabelSet, *, max_tokens: int, sealed: bool = False) -> tuple[int, int]:
    """Cut the texts of a run into tokens and write them; return how many tokens there are and how many texts were cut.

    Raises:
        RunError: the disk is full.
    """
    tokenizer, texts = load_tokenizer(folder / "tokenizer.json"), read_texts(folder / FILE)
    total = longer = 0
    for split in SPLITS:
        cuts = encode(tokenizer, texts[split].texts, max_tokens=max_tokens)
        TokenStore.collect(each.ids for each in cuts).save(folder / _FOLDER / f"{split}.ids", sealed=sealed)
        if labels.slots:
            tags = TokenStore.collect(tag_tokens(texts[split], cuts, labels.slots))
            tags.save(folder / _FOLDER / f"{split}.tags", sealed=sealed)
        total += sum(len(each.ids) for each in cuts)
        longer += sum(each.was_longer for each in cuts)
    return total, longer


def tag_tokens(prepared: Prepared, cuts: list[Cut], names: tuple[str, ...]) -> list[list[int]]:
    """Return the number of the tag of each token: that of its word, `IGNORED` outside words."""
    numbers = {tag: number for number, tag in enumerate(list_tags(names))}
    rows = []
    for text, slots, cut in zip(prepared.texts, prepared.slots, cuts, strict=True):
        words = find_words(text)
        known = [slot for slot in slots if slot.name in names]
        tags = [numbers[tag] for tag in tag_words(words, known)]
        rows.append([tags[place] if place >= 0 else IGNORED for place in place_tokens(cut.offsets, words)])
    return rows


def read_examples(folder: Path, split: str, gold: NDArray[np.generic], *, slots: bool) -> Examples:
    """Map the tokens of a split into memory, with its labels.

    Raises:
        RunError: a file is missing or damaged.
    """
    ids = TokenStore.open(folder / _FOLDER / f"{split}.ids")
    tags = TokenStore.open(folder / _FOLDER / f"{split}.tags") if slots else None
    return Examples(ids, gold, tags, np.arange(len(ids)))


def join_examples(first: Examples, second: Examples) -> Examples:
    """Return the texts of both, one after the other."""
    tags = None
    if first.tags is not None and second.tags is not None:
        tags = _join(first.tags, second.tags)
    gold = np.concatenate([first.gold, second.gold])
    return Examples(_join(first.tokens, second.tokens), gold, tags, np.arange(len(gold)))


def _join(first: TokenStore, second: TokenStore) -> TokenStore:
    starts = np.concatenate([first.starts, second.starts[1:] + first.starts[-1]])
    return TokenStore(np.concatenate([first.ids, second.ids]), starts)
