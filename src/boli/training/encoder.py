"""The encoder that learns: made from scratch in the shape of ModernBERT, or one from elsewhere, with our outputs."""

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from boli.errors import ModelError
from boli.files import write_bytes
from boli.tokenization import SPECIAL_TOKENS
from boli.training.config import ModelConfig
from boli.training.sources import Specials, load_classifier

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel

PAD, UNKNOWN, START, END, MASK = range(len(SPECIAL_TOKENS))
OURS = Specials(PAD, MASK, (START, END))
"""Special tokens of the tokenizers that boli trains."""

_SLOTS = "slot_head."


class EncoderClassifier(nn.Module):
    """A Hugging Face sequence classifier; forward takes ids and mask, returns the logits, and those of slots if any.

    The slots are read from the last layer of the same encoder, which a hook keeps while it passes by: so every class
    that `transformers` knows keeps its own head, and its weights keep their names.
    """

    def __init__(self, model: "PreTrainedModel", tags: int = 0) -> None:
        super().__init__()
        self.model: nn.Module = model
        self.shape: PreTrainedConfig = model.config
        self.slot_head = nn.Linear(int(model.config.hidden_size), tags) if tags else None
        self._hidden: Tensor | None = None
        if tags:
            model.base_model.register_forward_hook(self._keep)

    def _keep(self, _module: nn.Module, _inputs: object, output: object) -> None:
        self._hidden = getattr(output, "last_hidden_state", None)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        """Return logits (batch, labels), and (batch, tokens, tags) with slots, for ids and mask (batch, tokens)."""
        logits: Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        if self.slot_head is None:
            return logits
        if self._hidden is None:
            raise ModelError("this encoder gives no last_hidden_state; use another model.source, or model.slots=false")
        return logits, self.slot_head(self._hidden)


def split_outputs(output: Tensor | tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor | None]:
    """Return logits and slot logits; None where the model finds no slots."""
    return output if isinstance(output, tuple) else (output, None)


def build_encoder(
    config: ModelConfig, *, vocabulary: int, labels: Sequence[str], tags: int = 0, several: bool = False
) -> EncoderClassifier:
    """Make the encoder that a configuration describes: loaded from its source, or fresh from torch's random state.

    The class is ``AutoModelForSequenceClassification``, so `transformers` can load what a run writes. In one from
    scratch every second layer looks at its neighbours only, as in ModernBERT; the label is read from the mean of all
    tokens, which learns from little data sooner than the first token does.

    Args:
        config: source or shape.
        vocabulary: number of token ids, for one from scratch.
        labels: names, in the order of the outputs.
        tags: outputs for each token, where slots are found too.
        several: a text may have several labels.
    """
    if config.source:
        return EncoderClassifier(load_classifier(config, labels, several=several), tags)
    from transformers import AutoModelForSequenceClassification

    shape = describe_shape(config, vocabulary=vocabulary, labels=labels, several=several)
    built = AutoModelForSequenceClassification.from_config(shape)  # type: ignore[no-untyped-call]
    return EncoderClassifier(built, tags)


def describe_shape(
    config: ModelConfig, *, vocabulary: int, labels: Sequence[str] = (), several: bool = False
) -> "PreTrainedConfig":
    """Return the configuration of an encoder from scratch, as `transformers` wants it."""
    from transformers import ModernBertConfig

    shape = ModernBertConfig(
        vocab_size=vocabulary,
        hidden_size=config.width,
        intermediate_size=config.width * 3 // 2,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        layer_types=[("full_attention", "sliding_attention")[layer % 2] for layer in range(config.layers)],
        local_attention=64,
        max_position_embeddings=config.max_tokens,
        embedding_dropout=config.dropout,
        mlp_dropout=config.dropout,
        classifier_dropout=config.dropout,
        classifier_pooling="mean",
        pad_token_id=PAD,
        cls_token_id=START,
        sep_token_id=END,
        bos_token_id=START,
        eos_token_id=END,
    )
    if labels:
        shape.id2label = dict(enumerate(labels))
        shape.label2id = {name: place for place, name in enumerate(labels)}
    if several:
        shape.problem_type = "multi_label_classification"
    return shape


def add_lora(model: EncoderClassifier, config: ModelConfig) -> None:
    """Freeze the weights and put low-rank additions beside them; the outputs stay as they are and learn.

    Raises:
        ModelError: the encoder has no linear layers that can be added to.
    """
    from peft import LoraConfig, TaskType, get_peft_model

    base = model.model.base_model
    inside = {id(part) for part in base.modules()} if isinstance(base, nn.Module) else set()
    named = [(name, part) for name, part in model.model.named_modules() if isinstance(part, nn.Linear)]
    learning = [name for name, child in model.model.named_children() if id(child) not in inside]
    settings = LoraConfig(
        task_type=TaskType.SEQ_CLS,
        r=config.lora_rank,
        lora_alpha=config.lora_alpha,
        lora_dropout=0.05,
        target_modules=[name for name, part in named if id(part) in inside],
        modules_to_save=[name for name in learning if any(True for _ in getattr(model.model, name).parameters())],
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers by a name that is going away
            model.model = get_peft_model(model.model, settings)
    except (ValueError, TypeError) as problem:
        raise ModelError(f"this encoder cannot take LoRA ({problem}); set model.lora_rank=0") from None


def merge_lora(model: EncoderClassifier) -> None:
    """Add the low-rank additions to the weights, so that the model has its plain names again; nothing without LoRA."""
    merge = getattr(model.model, "merge_and_unload", None)
    if merge is not None:
        model.model = merge()
        model.model.requires_grad_(True)


def drop_tokens(ids: Tensor, mask: Tensor, share: float, specials: Specials = OURS) -> Tensor:
    """Replace a random share of the tokens by the mask token, so that the model does not lean on single words.

    Special tokens stay. Draws from torch's random state. Does nothing where the tokenizer has no mask token.
    """
    if not share or specials.mask < 0:
        return ids
    chosen = torch.rand(ids.shape, device=ids.device) < share
    plain = mask == 1
    for special in specials.around:
        plain &= ids != special
    return torch.where(chosen & plain, specials.mask, ids)


def save_encoder(model: EncoderClassifier, path: Path) -> None:
    """Write the weights as safetensors, under the names that `transformers` uses; those of slots beside them.

    Raises:
        RunError: the disk is full.
    """
    # Clones: models that share a matrix between two names cannot be written as they are.
    weights = {name: value.detach().cpu().clone().contiguous() for name, value in model.model.state_dict().items()}
    if model.slot_head is not None:
        weights |= {f"{_SLOTS}{name}": value.detach().cpu() for name, value in model.slot_head.state_dict().items()}
    write_bytes(path, save(weights, metadata={"format": "pt"}))


def shape_of(model: EncoderClassifier) -> Mapping[str, object]:
    """Return the encoder's configuration as plain data, with the class that `transformers` loads it as."""
    shape: dict[str, object] = json.loads(model.shape.to_json_string(use_diff=False))
    kind = type(getattr(model.model, "base_model", model.model)) if hasattr(model.model, "merge_and_unload") else None
    return shape | {"architectures": [(kind or type(model.model)).__name__]}


def load_encoder(
    path: Path, config: ModelConfig, *, vocabulary: int, labels: Sequence[str], tags: int = 0, several: bool = False
) -> EncoderClassifier:
    """Build the encoder again and fill it with the weights of a file.

    Raises:
        ModelError: the file is damaged or holds weights of another shape.
    """
    model = build_encoder(config, vocabulary=vocabulary, labels=labels, tags=tags, several=several)
    try:
        weights = load(path.read_bytes())
        slots = {name.removeprefix(_SLOTS): weights.pop(name) for name in list(weights) if name.startswith(_SLOTS)}
        model.model.load_state_dict(weights)
        if model.slot_head is not None:
            model.slot_head.load_state_dict(slots)
    except (SafetensorError, RuntimeError) as problem:
        raise ModelError(f"{path} does not fit this configuration ({problem}); run again with --fresh") from None
    return model.eval()
