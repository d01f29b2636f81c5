"""A small encoder made from scratch, in the shape of ModernBERT."""

from collections.abc import Sequence
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

if TYPE_CHECKING:
    from transformers import PreTrainedModel

PAD, UNKNOWN, START, END, MASK = range(len(SPECIAL_TOKENS))


class EncoderClassifier(nn.Module):
    """A Hugging Face sequence classifier whose forward takes ids and mask and returns logits alone."""

    def __init__(self, model: "PreTrainedModel") -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return logits (batch, labels) for ids and mask of (batch, tokens) int64, padding = 0."""
        logits: Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def build_encoder(config: ModelConfig, *, vocabulary: int, labels: Sequence[str]) -> EncoderClassifier:
    """Make an encoder with fresh weights from torch's random state.

    The class is ``AutoModelForSequenceClassification``, so `transformers` can load what a run writes. Every second
    layer looks at its neighbours only, as in ModernBERT; the label is read from the mean of all tokens, which learns
    from little data sooner than the first token does.

    Args:
        config: shape.
        vocabulary: number of token ids.
        labels: names, in the order of the outputs.
    """
    from transformers import AutoModelForSequenceClassification, ModernBertConfig

    names = dict(enumerate(labels))
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
        id2label=names,
        label2id={name: place for place, name in names.items()},
    )
    built = AutoModelForSequenceClassification.from_config(shape)  # type: ignore[no-untyped-call]
    return EncoderClassifier(built)


def drop_tokens(ids: Tensor, mask: Tensor, share: float) -> Tensor:
    """Replace a random share of the tokens by [MASK], so that the model does not lean on single words.

    Special tokens stay. Draws from torch's random state.
    """
    if not share:
        return ids
    chosen = torch.rand(ids.shape, device=ids.device) < share
    plain = (ids != START) & (ids != END) & (mask == 1)
    return torch.where(chosen & plain, MASK, ids)


def save_encoder(model: EncoderClassifier, path: Path) -> None:
    """Write the weights as safetensors, under the names that `transformers` uses.

    Raises:
        RunError: the disk is full.
    """
    weights = {name: value.detach().cpu().contiguous() for name, value in model.model.state_dict().items()}
    write_bytes(path, save(weights, metadata={"format": "pt"}))


def load_encoder(path: Path, config: ModelConfig, *, vocabulary: int, labels: Sequence[str]) -> EncoderClassifier:
    """Build the encoder again and fill it with the weights of a file.

    Raises:
        ModelError: the file is damaged or holds weights of another shape.
    """
    model = build_encoder(config, vocabulary=vocabulary, labels=labels)
    try:
        model.model.load_state_dict(load(path.read_bytes()))
    except (SafetensorError, RuntimeError) as problem:
        raise ModelError(f"{path} does not fit this configuration ({problem}); run again with --fresh") from None
    return model.eval()
