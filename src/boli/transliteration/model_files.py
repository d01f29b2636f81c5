"""The files of the learned models: arrays without pickle, one file for the taggers and one for each language."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from boli.errors import ModelError, ModelNotFound
from boli.transliteration.alphabet import Alphabet
from boli.transliteration.context import ContextModel
from boli.transliteration.hashing import HashedTable
from boli.transliteration.joint_model import JointModel
from boli.transliteration.letter_model import LetterModel
from boli.transliteration.lexicon import Lexicon
from boli.transliteration.ranker import Ranker
from boli.transliteration.tagger import Tagger
from boli.transliteration.word_model import Search, WordModel

FOLDER = "data/models/transliteration"
VERSION = 1
TABLE_STEP = 1 / 16
_RANKER = ("direct", "inner", "shift", "outer")
ROMAN = Alphabet("abcdefghijklmnopqrstuvwxyz", {})

Candidates = Mapping[str, Sequence[tuple[str, float]]]
"""Word -> its candidates with their log-probability, best first."""

Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Table:
    """Words that come worked out.

    texts: candidates of all words in a row, best first. counts: (words,) of each word. scores: (texts,)
    log-probabilities.
    """

    words: list[str]
    texts: list[str]
    counts: NDArray[np.int64]
    scores: NDArray[np.float32]

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where the candidates of each word start among `texts`: (words,)."""
        return np.cumsum(self.counts) - self.counts

    def candidates(self, place: int) -> tuple[str, ...]:
        """Return the candidates of the word at `place`."""
        start = int(self.starts[place])
        return tuple(self.texts[start : start + int(self.counts[place])])


def make_table(candidates: Candidates) -> Table:
    """Lay candidates out in rows.

    >>> make_table({"a": [("x", 0.0), ("y", -1.0)]}).candidates(0)
    ('x', 'y')
    """
    rows = [one for row in candidates.values() for one in row]
    counts = np.array([len(row) for row in candidates.values()], np.int64)
    scores = np.array([score for _, score in rows], np.float32)
    return Table(list(candidates), [text for text, _ in rows], counts, scores)


class Direction(NamedTuple):
    """One way of a pair: the model for new words, and the table of words that come worked out."""

    model: WordModel
    table: Table


@dataclass(frozen=True)
class PairModel:
    """A language's two directions.

    reading: Roman to its own script; writing: the way back; common: native word -> its common Roman spelling; accepted:
    Roman spellings that are common for one word or another; facts: how it was taught.
    """

    reading: Direction
    writing: Direction
    context: ContextModel
    common: Mapping[str, str]
    accepted: tuple[str, ...]
    facts: Mapping[str, str]


@cache
def load_direction(tag: str, name: str) -> Direction:
    """Load one way of the shipped model of a language: ``reading`` or ``writing``.

    Args:
        tag: of the native side, such as ``ur-Arab``.

    Raises:
        ModelNotFound: there is no learned model for this tag.
        ModelError: the file is damaged or of another version.
    """
    arrays = read_arrays(_path(tag), name)
    return unpack_direction(arrays, name, tag, load_tagger(name))


@cache
def load_context(tag: str) -> ContextModel:
    """Load the model of word pairs of a language."""
    return unpack_context(read_arrays(_path(tag), "context"))


class Common(NamedTuple):
    """spellings: native word -> its common Roman spelling; accepted: spellings that never change."""

    spellings: Mapping[str, str]
    accepted: frozenset[str]


@cache
def load_common(tag: str) -> Common:
    """Load the common Roman spellings of the native words that were seen written."""
    return unpack_common(read_arrays(_path(tag), "common"))


def _path(tag: str) -> Path:
    path = Path(str(files("boli") / FOLDER / f"{tag}.npz"))
    if not path.is_file():
        known = sorted(each.name.removesuffix(".npz") for each in path.parent.glob("*-*.npz"))
        raise ModelNotFound(f"no transliteration model for {tag!r}; there are: {', '.join(known)}")
    return path


@cache
def load_tagger(name: str) -> Tagger:
    """Load the tagger that reads Roman letters or the one that writes them (``reading`` or ``writing``)."""
    return unpack_tagger(read_arrays(Path(str(files("boli") / FOLDER / f"{name}.npz"))))


def read_arrays(path: Path, part: str = "") -> Arrays:
    """Read a model file, or of its arrays those whose names start with `part`.

    Raises:
        ModelError: it is damaged or of another version.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            wanted = [name for name in stored.files if name == "head" or name.startswith(part)]
            arrays = {name: stored[name] for name in wanted}
        version = json.loads(str(arrays["head"]))["version"]
    except (OSError, ValueError, KeyError) as problem:
        raise ModelError(f"{path.name}: not a model file ({problem}); install boli again") from None
    if version != VERSION:
        raise ModelError(f"{path.name}: version {version}, this boli reads {VERSION}; install boli again")
    return arrays


def write_arrays(file: BinaryIO, arrays: Arrays, head: Mapping[str, object]) -> None:
    """Write arrays with a head of JSON."""
    body = json.dumps({"version": VERSION, **head}, ensure_ascii=False, sort_keys=True)
    np.savez_compressed(file, head=np.array(body), **arrays)  # type: ignore[arg-type]


def pack_tagger(tagger: Tagger) -> tuple[Arrays, dict[str, object]]:
    """Return the arrays and the head of a tagger; weights as float16."""
    arrays = {name: weights.astype(np.float16) for name, weights in tagger.weights.items()}
    head: dict[str, object] = {
        "letters": tagger.letters, "languages": tagger.languages, "tags": tagger.tags, "dilations": tagger.dilations,
    }  # fmt: skip
    return arrays, head


def unpack_tagger(arrays: Arrays) -> Tagger:
    """Make a tagger of what `pack_tagger` returned."""
    head = json.loads(str(arrays["head"]))
    weights = {name: array.astype(np.float32) for name, array in arrays.items() if name != "head"}
    return Tagger(head["letters"], tuple(head["languages"]), tuple(head["tags"]), tuple(head["dilations"]), weights)


def pack_pair(pair: PairModel) -> tuple[Arrays, dict[str, object]]:
    """Return the arrays and the head of a pair; the taggers are not among them."""
    arrays: dict[str, NDArray[np.generic]] = {}
    head: dict[str, object] = {"facts": dict(pair.facts), "context_weight": pair.context.weight}
    arrays |= _pack_hashes("context", pair.context.table)
    arrays |= {"common_words": _bytes(list(pair.common)), "common_texts": _bytes(list(pair.common.values()))}
    arrays["common_accepted"] = _bytes(pair.accepted)
    for name, way in (("reading", pair.reading), ("writing", pair.writing)):
        arrays |= _pack_hashes(f"{name}_letters", way.model.letters.table)
        arrays |= _pack_hashes(f"{name}_taught", way.model.taught.table)
        arrays |= _pack_hashes(f"{name}_joint", way.model.joint.table)
        for part in _RANKER:
            arrays[f"{name}_{part}"] = getattr(way.model.ranker, part)
        arrays |= _pack_table(name, way.table)
        head[name] = {
            "orders": [way.model.letters.order, way.model.taught.order], "search": list(way.model.search),
            "alphabet": way.model.alphabet.letters, "kin": dict(way.model.alphabet.kin),
        }  # fmt: skip
        codes = way.model.words.codes
        arrays[f"{name}_word_letters"] = codes[codes > 0]
        arrays[f"{name}_word_lengths"] = (codes > 0).sum(axis=1).astype(np.uint8)
        arrays[f"{name}_word_facts"] = way.model.words.facts
    return arrays, head


def unpack_context(arrays: Arrays) -> ContextModel:
    """Make the context model of what `pack_pair` returned."""
    head = json.loads(str(arrays["head"]))
    return ContextModel(_unpack_hashes("context", arrays), float(head["context_weight"]))


def unpack_common(arrays: Arrays) -> Common:
    """Make the common spellings of what `pack_pair` returned."""
    spellings = dict(zip(_texts(arrays["common_words"]), _texts(arrays["common_texts"]), strict=True))
    return Common(spellings, frozenset(_texts(arrays["common_accepted"])))


def unpack_direction(arrays: Arrays, name: str, tag: str, tagger: Tagger) -> Direction:
    """Make one way of a pair of what `pack_pair` returned, with its tagger."""
    head: Mapping[str, Any] = json.loads(str(arrays["head"]))[name]
    alphabet = Alphabet(head["alphabet"], head["kin"])
    letters, taught = (
        LetterModel(order, _unpack_hashes(f"{name}_{part}", arrays))
        for part, order in zip(("letters", "taught"), head["orders"], strict=True)
    )
    joint = JointModel(_unpack_hashes(f"{name}_joint", arrays))
    ranker = Ranker(*(arrays[f"{name}_{part}"].astype(np.float32) for part in _RANKER))
    codes = _unflatten(arrays[f"{name}_word_letters"], arrays[f"{name}_word_lengths"])
    words = Lexicon(alphabet, codes, arrays[f"{name}_word_facts"].astype(np.uint8))
    model = WordModel(tag, alphabet, tagger, letters, taught, joint, ranker, words, Search(*head["search"]))
    return Direction(model, _unpack_table(name, arrays))


def _unflatten(letters: NDArray[np.generic], lengths: NDArray[np.generic]) -> NDArray[np.uint8]:
    sizes = lengths.astype(np.int64)
    codes = np.zeros((len(sizes), int(sizes.max(initial=1))), np.uint8)
    codes[np.arange(codes.shape[1])[None, :] < sizes[:, None]] = letters
    return codes


def _pack_hashes(name: str, table: HashedTable) -> dict[str, NDArray[np.generic]]:
    return {f"{name}_marks": table.marks, f"{name}_values": table.values}


def _unpack_hashes(name: str, arrays: Arrays) -> HashedTable:
    return HashedTable(arrays[f"{name}_marks"].astype(np.uint16), arrays[f"{name}_values"].astype(np.uint8))


def _pack_table(name: str, table: Table) -> dict[str, NDArray[np.generic]]:
    return {
        f"{name}_table_words": _bytes(table.words),
        f"{name}_table_texts": _bytes(table.texts),
        f"{name}_table_counts": table.counts.astype(np.uint8),
        f"{name}_table_scores": np.clip(np.round(-table.scores / TABLE_STEP), 0, 255).astype(np.uint8),
    }


def _unpack_table(name: str, arrays: Arrays) -> Table:
    words, texts = _texts(arrays[f"{name}_table_words"]), _texts(arrays[f"{name}_table_texts"])
    scores = arrays[f"{name}_table_scores"].astype(np.float32) * np.float32(-TABLE_STEP)
    return Table(words, texts, arrays[f"{name}_table_counts"].astype(np.int64), scores)


def _bytes(texts: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(texts).encode("utf-8"), np.uint8)


def _texts(stored: NDArray[np.generic]) -> list[str]:
    return stored.tobytes().decode("utf-8").split("\n") if stored.size else []
