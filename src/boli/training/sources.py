"""Tokenizers and encoders from elsewhere: a Hugging Face id in the cache, or a folder. Never their code, unasked."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from boli.errors import ConfigError, ModelError, ModelNotFound, require

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedModel

    from boli.training.config import ModelConfig

_PADS, _MASKS = ("[PAD]", "<pad>", "<|padding|>"), ("[MASK]", "<mask>")


class Specials(NamedTuple):
    """Ids of special tokens; `mask` is -1 where the tokenizer has none; `around` stand at the ends of every text."""

    pad: int
    mask: int
    around: tuple[int, ...]


def find_specials(tokenizer: "Tokenizer") -> Specials:
    """Find the special tokens of a tokenizer by their usual names and by what it puts around an empty text.

    >>> from boli.tokenization import train_tokenizer
    >>> find_specials(train_tokenizer(["salam dunya"] * 9, kind="bpe", size=40))
    Specials(pad=0, mask=4, around=(2, 3))
    """
    pad, mask = (
        next((found for name in names if (found := tokenizer.token_to_id(name)) is not None), missing)
        for names, missing in ((_PADS, 0), (_MASKS, -1))
    )
    return Specials(pad, mask, tuple(tokenizer.encode("").ids))


def copy_tokenizer(source: str, folder: Path, *, max_tokens: int, trust_remote_code: bool = False) -> "Tokenizer":
    """Write the tokenizer of a source into a run folder, as ``tokenizer.json``, and return it.

    Raises:
        ModelNotFound: the source is not here and cannot be fetched.
        ModelError: it has no fast tokenizer, so that serving could not read it without transformers.
        ConfigError: it wants to run code.
    """
    transformers = require("transformers", "train")
    with explaining(source), quiet_transformers():
        found = transformers.AutoTokenizer.from_pretrained(source, trust_remote_code=trust_remote_code)
    backend: Tokenizer | None = getattr(found, "backend_tokenizer", None)
    if backend is None:
        raise ModelError(f"{source} has no tokenizer.json; convert its tokenizer with transformers' fast classes first")
    found.model_max_length = max_tokens
    with quiet_transformers():
        found.save_pretrained(str(folder))
    backend.no_truncation()
    backend.no_padding()
    backend.save(str(folder / "tokenizer.json"))
    return backend


def load_classifier(config: "ModelConfig", labels: Sequence[str], *, several: bool) -> "PreTrainedModel":
    """Load an encoder of elsewhere in float32, with a new output for the labels.

    Raises:
        ModelNotFound: the source is not here and cannot be fetched.
        ConfigError: it wants to run code, or the attention asked for is not there.
    """
    transformers = require("transformers", "train")
    names = dict(enumerate(labels))
    with explaining(config.source), quiet_transformers():
        found: PreTrainedModel = transformers.AutoModelForSequenceClassification.from_pretrained(
            config.source,
            num_labels=len(names),
            id2label=names,
            label2id={name: place for place, name in names.items()},
            problem_type="multi_label_classification" if several else "single_label_classification",
            trust_remote_code=config.trust_remote_code,
            attn_implementation=choose_attention(config.attention),
            ignore_mismatched_sizes=True,
            dtype="float32",
        )
    return found


def choose_attention(name: str) -> str | None:
    """Return the attention to load a model with: flash attention where a GPU and the package are there.

    None leaves it to `transformers`, which takes PyTorch's own fused one where the model can.

    >>> choose_attention("eager")
    'eager'
    """
    from importlib.util import find_spec

    import torch

    if name != "auto":
        return name
    flash = torch.cuda.is_available() and find_spec("flash_attn") is not None
    return "flash_attention_2" if flash else None


def longest_input(shape: object, wanted: int) -> int:
    """Return how many tokens a model can read, at most `wanted`.

    Args:
        shape: the configuration of `transformers`; models of RoBERTa's kind count positions from 2.
    """
    positions = getattr(shape, "max_position_embeddings", None)
    if not isinstance(positions, int) or positions <= 0:
        return wanted
    offset = 2 if "roberta" in str(getattr(shape, "model_type", "")) else 0
    return min(wanted, positions - offset)


@contextlib.contextmanager
def explaining(source: str) -> Iterator[None]:
    """Say what to do when a source is not here or wants to run code.

    Raises:
        ModelNotFound: it is not here and cannot be fetched.
        ConfigError: it wants to run code, or cannot be loaded with these settings.
    """
    try:
        yield
    except OSError as problem:
        first = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise ModelNotFound(
            f"no model {source!r} here ({first}); on a machine with a network run: hf download {source} --local-dir "
            "FOLDER; copy FOLDER to this machine and set model.source to it"
        ) from None
    except (ValueError, ImportError) as problem:
        if "trust_remote_code" in str(problem):
            raise ConfigError(
                f"{source} brings Python code of its own; read it, and if you trust it set model.trust_remote_code=true"
            ) from None
        raise ConfigError(f"{source} cannot be loaded: {problem}") from None


@contextlib.contextmanager
def quiet_transformers() -> Iterator[None]:
    """Silence the remarks of `transformers` about weights that are new, which are new on purpose."""
    logging = require("transformers.utils.logging", "train")
    before = logging.get_verbosity()
    bars = logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(before)
        if bars:
            logging.enable_progress_bar()


def find_limit(config: "ModelConfig") -> int:
    """Return how many tokens the encoder of a source can read, at most those the configuration asks for.

    Raises:
        ModelNotFound, ConfigError: as for `load_classifier`.
    """
    transformers = require("transformers", "train")
    with explaining(config.source), quiet_transformers():
        shape = transformers.AutoConfig.from_pretrained(config.source, trust_remote_code=config.trust_remote_code)
    return longest_input(shape, config.max_tokens)
