"""Save and load tokenizers as files that Hugging Face tools read too."""

import json
import warnings
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from boli.errors import LanguageError, ModelError, ModelNotFound, require, suggest
from boli.files import read_json, write_json, write_text
from boli.tokenization.building import hash_normalizer
from boli.tokenization.vocabulary import SPECIAL_TOKENS

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from boli.normalization import Normalizer

FILE, CONFIG = "tokenizer.json", "tokenizer_config.json"


def save_tokenizer(
    tokenizer: "Tokenizer",
    folder: Path,
    *,
    max_tokens: int,
    carried: "Normalizer | None" = None,
    portable: "Normalizer | None" = None,
    special: Sequence[str] = (),
) -> None:
    """Write ``tokenizer.json`` and ``tokenizer_config.json``, each whole or not at all.

    Args:
        tokenizer: what `boli.tokenization.train_tokenizer` returns.
        folder: made if it does not exist.
        max_tokens: the longest input of the model, in tokens, special tokens included.
        carried: the normalizer inside it, to be recorded.
        portable: the normalizer inside the SentencePiece model beside it, to be recorded.
        special: reserved pieces beside the five.

    Raises:
        RunError: the disk is full.

    >>> import tempfile
    >>> from boli.tokenization import load_tokenizer, train_tokenizer
    >>> folder = Path(tempfile.mkdtemp())
    >>> save_tokenizer(train_tokenizer(["salam dunya"] * 9, kind="bpe", size=40), folder, max_tokens=64)
    >>> load_tokenizer(folder / "tokenizer.json").encode("salam").tokens
    ['[CLS]', '▁salam', '[SEP]']
    """
    text = tokenizer.to_str()
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    config: dict[str, object] = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": max_tokens}
    config |= dict(zip(names, SPECIAL_TOKENS, strict=True))
    config |= {"model_input_names": ["input_ids", "attention_mask"], "clean_up_tokenization_spaces": False}
    if special:
        config["extra_special_tokens"] = list(special)
    if carried is not None:
        config["boli"] = record(carried, portable, text)
    write_text(folder / FILE, text)
    write_json(folder / CONFIG, config)


def record(carried: "Normalizer", portable: "Normalizer | None", text: str) -> dict[str, object]:
    """Return what is recorded of the normalizer inside a ``tokenizer.json``, and of that in the model beside it."""
    facts: dict[str, object] = {
        "normalizer": str(carried.tag), "level": carried.level, "rules_sha256": carried.signature,
        "normalizer_sha256": hash_normalizer(text),
    }  # fmt: skip
    return facts | ({"sentencepiece_rules_sha256": portable.signature} if portable else {})


def load_tokenizer(path: Path | str) -> "Tokenizer":
    """Read a tokenizer; needs only the `tokenizers` package.

    Where its configuration records the normalizer it carries, that is checked: a file whose normalizer was changed or
    taken out is refused; rules that are no longer those of this boli are warned about, since text normalized here then
    differs from what the file does.

    Args:
        path: a ``tokenizer.json``, its folder, or the name of a shipped one: ``boli-32k``.

    Raises:
        ModelNotFound: no such file.
        ModelError: the file is damaged, or carries another normalizer than it says.

    >>> load_tokenizer(Path("no/tokenizer.json"))
    Traceback (most recent call last):
    ...
    boli.errors.ModelNotFound: no tokenizer at no/tokenizer.json; expected a tokenizer.json file
    """
    tokenizers, file = require("tokenizers", "onnx"), find_tokenizer(path)
    try:
        text = file.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise ModelNotFound(f"no tokenizer at {path}; expected a tokenizer.json file") from None
    try:
        loaded: Tokenizer = tokenizers.Tokenizer.from_str(text)
    except Exception as problem:  # tokenizers raises bare Exception
        raise ModelError(f"{path} is damaged ({problem}); copy or train it again") from None
    _check_record(file, text)
    return loaded


def shipped_tokenizers() -> tuple[str, ...]:
    """Return the names of the tokenizers that come with boli.

    >>> "boli-32k" in shipped_tokenizers()
    True
    """
    models = Path(str(files("boli") / "data" / "models"))
    return tuple(sorted(found.parent.name for found in models.glob(f"*/{FILE}")))


def find_tokenizer(path: Path | str) -> Path:
    """Return the ``tokenizer.json`` that a path, a folder or a shipped name means.

    Raises:
        ModelNotFound: a bare name that is neither.
    """
    given = Path(path)
    if given.is_dir():
        return given / FILE
    if isinstance(path, str) and not given.exists() and given.name == path and not given.suffix:
        names = shipped_tokenizers()
        if path not in names:
            raise ModelNotFound(
                f"no tokenizer '{path}'; shipped: {', '.join(names)}{suggest(path, names)}; or give a folder"
            )
        return Path(str(files("boli") / "data" / "models" / path / FILE))
    return given


def _check_record(file: Path, text: str) -> None:
    try:
        known = read_json(file.with_name(CONFIG)).get("boli")
    except (FileNotFoundError, NotADirectoryError):
        return
    except (ValueError, UnicodeDecodeError) as problem:
        raise ModelError(f"{file.with_name(CONFIG)} is damaged ({problem}); copy it again") from None
    if not isinstance(known, dict):
        return
    if known.get("normalizer_sha256") != hash_normalizer(text):
        raise ModelError(
            f"{file} carries another normalizer than {CONFIG} records; copy both files again from where they were made"
        )
    now = _normalizer_now(str(known.get("normalizer")), str(known.get("level")))
    if known.get("rules_sha256") != now.signature and not carries(text, now):
        warnings.warn(
            f"the normalization rules inside {file} are not those of this boli; the file still does what it was trained"
            " for, but text normalized here first may differ: run boli tokenizer renew, or install the boli it was"
            " made with",
            stacklevel=3,
        )


def carries(tokenizer_json: str, normalizer: "Normalizer") -> bool:
    """Say whether the normalizer in a ``tokenizer.json`` begins with the steps that `normalizer` exports now.

    A signature also changes with what an export does not hold, such as the engine or the names of rows.
    """
    tokenizers = require("tokenizers", "onnx")
    empty: Tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    empty.normalizer = normalizer.to_tokenizers()
    there, here = (json.loads(text)["normalizer"].get("normalizers", []) for text in (tokenizer_json, empty.to_str()))
    return bool(there[: len(here)] == here)


def _normalizer_now(tag: str, level: str) -> "Normalizer":
    from boli.errors import ConfigError
    from boli.normalization import Normalizer

    try:
        return Normalizer(tag.removesuffix("-Arab"), level=level)
    except (LanguageError, ConfigError) as problem:
        raise ModelError(f"the tokenizer carries rules that this boli does not have ({problem}); update boli") from None
