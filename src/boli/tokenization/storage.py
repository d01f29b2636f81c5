"""Save and load tokenizers as files that Hugging Face tools read too."""

from pathlib import Path
from typing import TYPE_CHECKING

from boli.errors import ModelError, ModelNotFound, require
from boli.files import write_json, write_text
from boli.tokenization.trainer import SPECIAL_TOKENS

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def save_tokenizer(tokenizer: "Tokenizer", folder: Path, *, max_tokens: int) -> None:
    """Write ``tokenizer.json`` and ``tokenizer_config.json``, each whole or not at all.

    Args:
        tokenizer: what `boli.tokenization.train_tokenizer` returns.
        folder: made if it does not exist.
        max_tokens: the longest input of the model, in tokens, special tokens included.

    Raises:
        RunError: the disk is full.

    >>> import tempfile
    >>> from boli.tokenization import load_tokenizer, train_tokenizer
    >>> folder = Path(tempfile.mkdtemp())
    >>> save_tokenizer(train_tokenizer(["salam dunya"] * 9, kind="bpe", size=40), folder, max_tokens=64)
    >>> load_tokenizer(folder / "tokenizer.json").encode("salam").tokens
    ['[CLS]', '▁salam', '[SEP]']
    """
    write_text(folder / "tokenizer.json", tokenizer.to_str(pretty=True))
    names = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")
    config: dict[str, object] = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": max_tokens}
    config |= dict(zip(names, SPECIAL_TOKENS, strict=True))
    config |= {"model_input_names": ["input_ids", "attention_mask"], "clean_up_tokenization_spaces": False}
    write_json(folder / "tokenizer_config.json", config)


def load_tokenizer(path: Path) -> "Tokenizer":
    """Read a ``tokenizer.json``; needs only the `tokenizers` package.

    Raises:
        ModelNotFound: no such file.
        ModelError: the file is damaged.

    >>> load_tokenizer(Path("no/tokenizer.json"))
    Traceback (most recent call last):
    ...
    boli.errors.ModelNotFound: no tokenizer at no/tokenizer.json; expected a tokenizer.json file
    """
    tokenizers = require("tokenizers", "onnx")
    try:
        text = path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise ModelNotFound(f"no tokenizer at {path}; expected a tokenizer.json file") from None
    try:
        loaded: Tokenizer = tokenizers.Tokenizer.from_str(text)
    except Exception as problem:  # tokenizers raises bare Exception
        raise ModelError(f"{path} is damaged ({problem}); copy or train it again") from None
    return loaded
