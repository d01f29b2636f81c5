"""What depends on the machine: the device, half precision, compilation, and what to do when memory runs out."""

import contextlib
import gc

import torch
from torch import nn

from boli.errors import RunError
from boli.training import parallel
from boli.training.config import LoopConfig

_STEPS_TO_COMPILE = 500
"""Compilation takes a minute or two; fewer steps than this do not win it back."""


def choose_device(name: str) -> torch.device:
    """Return the device that a configuration names; ``auto`` takes a GPU where there is one.

    Raises:
        RunError: ``cuda`` is asked for and torch sees no GPU, or the GPU does not answer.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise RunError("training.device is 'cuda' but torch sees no GPU; use --set training.device=cpu or auto")
    if name == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    try:
        torch.zeros(1, device="cuda")
    except RuntimeError as problem:
        first = str(problem).splitlines()[0]
        raise RunError(f"the GPU does not answer ({first}); restart it, or use --set training.device=cpu") from None
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.backends.cudnn.allow_tf32 = True
    return torch.device("cuda", torch.cuda.current_device())


def half_precision(device: torch.device, precision: str) -> contextlib.AbstractContextManager[object]:
    """Return the block in which the model computes in bf16, if it should.

    >>> import torch
    >>> with half_precision(torch.device("cpu"), "bf16"):
    ...     (torch.ones(2, 2) @ torch.ones(2, 2)).dtype
    torch.bfloat16
    """
    auto = device.type == "cuda" and torch.cuda.is_bf16_supported()
    return torch.autocast(
        device.type, dtype=torch.bfloat16, enabled=precision == "bf16" or (precision == "auto" and auto)
    )


def make_faster(model: nn.Module, config: LoopConfig, device: torch.device, steps: int) -> nn.Module:
    """Return what to call instead of the model: compiled where asked for, or where it pays; itself elsewhere."""
    if config.recompute == "always":
        turn_on_recomputing(model)
    pays = device.type == "cuda" and steps >= _STEPS_TO_COMPILE and parallel.world() == 1
    if config.compile == "never" or (config.compile == "auto" and not pays):
        return model
    compiled: nn.Module = torch.compile(model, dynamic=True)  # type: ignore[assignment]
    return compiled


def turn_on_recomputing(model: nn.Module) -> bool:
    """Let the layers be computed again on the way back instead of being kept; False where the model cannot."""
    inner = getattr(model, "model", model)
    enable = getattr(inner, "activation_checkpointing_enable", None)  # the new name, transformers 5.2x
    old = getattr(inner, "gradient_checkpointing_enable", None)
    if (enable is None and old is None) or not getattr(inner, "supports_gradient_checkpointing", True):
        return False
    if enable is not None:
        enable(activation_checkpointing_kwargs={"use_reentrant": False})
    elif old is not None:
        old(gradient_checkpointing_kwargs={"use_reentrant": False})
    return True


def is_out_of_memory(problem: BaseException) -> bool:
    """Tell whether an error says that memory ran out, on a GPU or on the CPU.

    >>> is_out_of_memory(RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"))
    True
    """
    words = str(problem)
    said = "out of memory" in words or "can't allocate memory" in words
    return isinstance(problem, torch.OutOfMemoryError | MemoryError) or said


def release_memory(device: torch.device) -> None:
    """Give back what the last attempt held."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()


def describe_machine(device: torch.device) -> str:
    """Return the name of the processor that trained.

    >>> describe_machine(torch.device("cpu"))
    'cpu'
    """
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
