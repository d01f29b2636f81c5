"""Add pieces of our languages to an existing tokenizer, so that a model made for others can go on learning from ours.

The pieces go on from those that the base makes: neighbours that stand together most often are joined, again and again,
in the way the base joins its own. Text in the base's languages keeps its ids wherever no new piece fits.
"""

import heapq
import itertools
import json
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from boli.errors import ConfigError, ModelError, require
from boli.tokenization.vocabulary import CONTINUATION
from boli.tokenization.words import SPACE

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from tokenizers.normalizers import Normalizer as TokenizersNormalizer

Pair = tuple[str, str]


@dataclass(frozen=True)
class Extension:
    """A longer vocabulary.

    parts: id of a new piece -> ids of the base's pieces that it is made of, in order: the mean of their embeddings is
    where the new one's starts.
    """

    tokenizer: "Tokenizer"
    base_size: int
    parts: Mapping[int, tuple[int, ...]]

    def advice(self) -> str:
        """Return Python that makes a model as long as the vocabulary, new embeddings being means of old ones."""
        return (
            f"# {len(self.parts):,} new pieces behind {self.base_size:,}; parts.json has the base's pieces of each.\n"
            "import json, pathlib, torch\n"
            'parts = json.loads(pathlib.Path("parts.json").read_text())\n'
            f"model.resize_token_embeddings({self.base_size + len(self.parts)}, mean_resizing=False)\n"
            "tables = {model.get_input_embeddings(), model.get_output_embeddings()} - {None}\n"
            "with torch.no_grad():\n"
            "    for table in tables:\n"
            "        for new, old in parts.items():\n"
            "            table.weight[int(new)] = table.weight[old].mean(0)\n"
        )


def extend_tokenizer(
    base: "Tokenizer", counts: Mapping[str, int], size: int, normalizer: "TokenizersNormalizer | None" = None
) -> Extension:
    """Add at most `size` pieces, learned from counted units, to a BPE, Unigram or WordPiece tokenizer.

    Args:
        base: what `boli.tokenization.load_tokenizer` returns; it is not changed.
        counts: units (`boli.tokenization.words`) and how often each occurs.
        size: how many pieces to add.
        normalizer: put before the base's own.

    Raises:
        ConfigError: no size.
        ModelError: a tokenizer of another kind.

    Cost: seconds for a thousand pieces from 200,000 distinct units, in Python.
    """
    if size < 1:
        raise ConfigError(f"{size} new pieces; expected 1 or more, such as 8000")
    state = json.loads(base.to_str())
    kind = state["model"]["type"]
    if kind not in ("BPE", "Unigram", "WordPiece"):
        raise ModelError(f"the base is a {kind} tokenizer; only BPE, Unigram and WordPiece can be extended")
    cuts = _cut_units(base, counts, unknown=state["model"].get("unk_token"))
    joins = _join_often(cuts, size, frozenset(base.get_vocab()), CONTINUATION if kind == "WordPiece" else "")
    return _build(base, state, kind, joins, sum(count for _, count in cuts), normalizer)


def _cut_units(base: "Tokenizer", counts: Mapping[str, int], unknown: str | None) -> list[tuple[list[str], int]]:
    """Cut each word as the base cuts it within a text; words with unknown letters cannot be joined."""
    units = sorted(unit for unit, count in counts.items() if count > 0 and unit.startswith(SPACE) and unit != SPACE)
    # Some put a space before a text themselves; the others must be given it.
    space = " " if len(_cut_one(base, " x")) <= len(_cut_one(base, "x")) else ""
    texts = [space + unit.removeprefix(SPACE) for unit in units]
    encodings = base.encode_batch(texts, add_special_tokens=False)
    found = [(encoding.tokens, counts[unit]) for unit, encoding in zip(units, encodings, strict=True)]
    return [(tokens, count) for tokens, count in found if unknown not in tokens]


def _cut_one(base: "Tokenizer", text: str) -> list[str]:
    return list(base.encode(text, add_special_tokens=False).tokens)


def _join_often(
    cuts: Sequence[tuple[list[str], int]], size: int, known: frozenset[str], prefix: str
) -> list[tuple[str, Pair, int]]:
    """Join the commonest pair of neighbours, `size` times: piece, its two halves, and how often they met."""
    words = [list(tokens) for tokens, _ in cuts]
    times = [count for _, count in cuts]
    pairs: Counter[Pair] = Counter()
    places: defaultdict[Pair, set[int]] = defaultdict(set)
    for place, word in enumerate(words):
        _note(word, place, times[place], pairs, places)
    queue = [(-count, pair) for pair, count in pairs.items()]
    heapq.heapify(queue)
    made: list[tuple[str, Pair, int]] = []
    seen = set(known)
    while len(made) < size and queue:
        count, pair = heapq.heappop(queue)
        if -count != pairs[pair]:
            continue  # the count changed since; the pair stands in the queue again
        if -count < 2:
            break
        piece = pair[0] + pair[1].removeprefix(prefix)
        touched: set[Pair] = set()
        for place in places.pop(pair):
            touched |= _note(words[place], place, -times[place], pairs, places)
            words[place] = _joined(words[place], pair, piece)
            touched |= _note(words[place], place, times[place], pairs, places)
        for each in touched:
            heapq.heappush(queue, (-pairs[each], each))
        if piece not in seen:
            made.append((piece, pair, -count))
            seen.add(piece)
    return made


def _note(
    word: Sequence[str], place: int, count: int, pairs: Counter[Pair], places: defaultdict[Pair, set[int]]
) -> set[Pair]:
    """Count the pairs of one word, up or down, and return them."""
    touched = set(itertools.pairwise(word))
    for pair in itertools.pairwise(word):
        pairs[pair] += count
        if count > 0:
            places[pair].add(place)
    return touched


def _joined(word: Sequence[str], pair: Pair, piece: str) -> list[str]:
    out: list[str] = []
    at = 0
    while at < len(word):
        if tuple(word[at : at + 2]) == pair:
            out.append(piece)
            at += 2
        else:
            out.append(word[at])
            at += 1
    return out


def _build(
    base: "Tokenizer",
    state: dict[str, object],
    kind: str,
    joins: Sequence[tuple[str, Pair, int]],
    total: int,
    normalizer: "TokenizersNormalizer | None",
) -> Extension:
    tokenizers = require("tokenizers", "train")
    model = state["model"]
    assert isinstance(model, dict)
    ids: dict[str, int] = dict(base.get_vocab())
    first = max(ids.values()) + 1
    parts: dict[int, tuple[int, ...]] = {}
    for new, (piece, pair, count) in enumerate(joins, first):
        ids[piece] = new
        parts[new] = tuple(old for half in pair for old in parts.get(ids[half], (ids[half],)))
        if kind == "Unigram":
            halves = sum(score for text, score in model["vocab"] if text in pair)
            model["vocab"].append([piece, max(math.log(count / total), halves + 0.1)])
        else:
            model["vocab"][piece] = new
        if kind == "BPE":
            model["merges"].append(list(pair))
    extended: Tokenizer = tokenizers.Tokenizer.from_str(json.dumps(state))
    if normalizer is not None:
        own = [extended.normalizer] if extended.normalizer else []
        extended.normalizer = tokenizers.normalizers.Sequence([normalizer, *own])
    return Extension(extended, first, parts)
