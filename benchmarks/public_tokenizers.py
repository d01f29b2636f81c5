"""Open tokenizers that come inside installed packages: tekken and tiktoken files, and the usual ones."""

import base64
import json
from pathlib import Path

import sentencepiece
import tokenizers

from boli.tokenization.report import Cutter, JsonCutter, ModelCutter, open_cutter
from boli.tokenization.vocabulary import list_merges

_END = r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_SHORT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
PATTERNS = {
    100_000: rf"{_SHORT}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+{_END}",
    200_000: rf"[^\r\n\p{{L}}\p{{N}}]?(?:{_UPPER}*{_LOWER}+|{_UPPER}+{_LOWER}*){_SHORT}?{_END}",
}
"""About how many pieces a tiktoken file has (cl100k_base, o200k_base) -> how it cuts text into words."""


def open_public(path: Path) -> Cutter:
    """Open a tokenizer by the look of its file: tekken*.json, tiktoken (no suffix), ``*.model*``, any other."""
    if path.name.startswith("tekken"):
        raw = json.loads(path.read_text("utf-8"))
        config = raw["config"]
        keep = config["default_vocab_size"] - config["default_num_special_tokens"]
        return _from_bytes([base64.b64decode(row["token_bytes"]) for row in raw["vocab"][:keep]], config["pattern"])
    if path.is_file() and not path.suffix:
        pieces = [base64.b64decode(line.split()[0]) for line in path.read_bytes().splitlines() if line]
        return _from_bytes(pieces, PATTERNS[round(len(pieces), -5)])
    if path.is_file() and ".model" in path.name:
        return ModelCutter(path, sentencepiece.SentencePieceProcessor(model_file=str(path)))
    return open_cutter(path)


def _from_bytes(pieces: list[bytes], pattern: str) -> JsonCutter:
    """Rebuild byte-level BPE from its pieces in the order of their ranks: the lowest rank is joined first."""
    letters = _letters()
    written = ["".join(letters[byte] for byte in piece) for piece in pieces]
    model = tokenizers.models.BPE({piece: place for place, piece in enumerate(written)}, list_merges(written))
    made = tokenizers.Tokenizer(model)
    cut = tokenizers.pre_tokenizers.Split(tokenizers.Regex(pattern), "isolated")
    level = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.pre_tokenizer = tokenizers.pre_tokenizers.Sequence([cut, level])
    return JsonCutter(made, "\0")


def _letters() -> dict[int, str]:
    """Byte -> the letter that byte-level tokenizers write for it."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {byte: chr(256 + place) for place, byte in enumerate(others)}
