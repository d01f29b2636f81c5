"""The optimizer, the learning rate of each step and of each layer."""

import math
import re
from collections.abc import Iterable, Mapping

import torch
from torch import nn

from boli.training.config import LoopConfig

_LAYER = re.compile(r"\.(?:layers?|h|block|blocks)\.(\d+)\.")
_BOTTOM = re.compile(r"(?:^|\.)(?:embeddings?|wte|wpe|shared|word_embeddings|embed_tokens)\.")


def build_optimizer(model: nn.Module, config: LoopConfig, *, fused: bool) -> torch.optim.AdamW:
    """Make AdamW for the weights that learn; vectors (norms, biases) do not decay, lower layers may learn slower.

    Each group has a ``scale``, which the rate of a step is multiplied by.
    """
    named = [(name, each) for name, each in model.named_parameters() if each.requires_grad]
    depths = find_depths(name for name, _ in named)
    top = max(depths.values(), default=0)
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, each in named:
        decay = config.weight_decay if each.ndim > 1 else 0.0
        scale = config.layer_decay ** (top - depths[name])
        groups.setdefault((decay, scale), []).append(each)
    parts = [{"params": held, "weight_decay": decay, "scale": scale} for (decay, scale), held in groups.items()]
    return torch.optim.AdamW(parts, lr=config.learning_rate, fused=fused)


def find_depths(names: Iterable[str]) -> Mapping[str, int]:
    """Return name -> depth: 0 for the embeddings, 1 for the first layer, one more than the last for the outputs.

    >>> list(find_depths(["embeddings.tok.weight", "m.layers.0.w", "m.layers.1.w", "classifier.weight"]).values())
    [0, 1, 2, 3]
    """
    kept = list(names)
    layers = {name: int(found[1]) + 1 for name in kept if (found := _LAYER.search(name))}
    top = max(layers.values(), default=0) + 1
    return {name: layers.get(name, 0 if _BOTTOM.search(name) else top) for name in kept}


def rate_of(config: LoopConfig, step: int, total: int) -> float:
    """Rise for the warmup share of all steps, then fall along a cosine to a tenth."""
    warm = max(1, round(config.warmup * total))
    if step < warm:
        return config.learning_rate * (step + 1) / warm
    done = (step - warm) / max(1, total - warm)
    return config.learning_rate * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Give every group its rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate * float(group["scale"])
