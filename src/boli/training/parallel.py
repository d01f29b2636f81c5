"""Several processes that teach one model, one for each GPU: ``torchrun --nproc-per-node 2 scripts/...``.

Process 0 does everything that is done once and writes every file; the others take their share of each batch. The sum of
the gradients is the same whatever their number, so a run may go on with more or fewer of them.
"""

import datetime
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch import distributed as processes

from boli.errors import RunError

_PATIENCE = datetime.timedelta(hours=6)
_SETTLING = 0.2
"""Seconds for gloo's threads to let go of tensors: one that does so while Python ends aborts the process."""


def rank() -> int:
    """Return the number of this process, 0 where it is alone."""
    return processes.get_rank() if processes.is_initialized() else 0


def world() -> int:
    """Return how many processes work together."""
    return processes.get_world_size() if processes.is_initialized() else 1


@contextmanager
def joined(device: str) -> Iterator[None]:
    """Join the other processes for the length of a block; does nothing where this one is alone.

    Args:
        device: ``cpu`` for gloo, anything else for NCCL where there are GPUs.

    Raises:
        RunError: the others cannot be reached.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1 or processes.is_initialized():
        yield
        return
    on_gpu = device != "cpu" and torch.cuda.is_available()
    if on_gpu:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    try:
        processes.init_process_group("nccl" if on_gpu else "gloo", timeout=_PATIENCE)
    except (RuntimeError, ValueError) as problem:
        raise RunError(f"cannot join the other processes ({problem}); start them with torchrun, all at once") from None
    try:
        yield
    finally:
        processes.destroy_process_group()
        time.sleep(0.0 if on_gpu else _SETTLING)


def tell_all(text: str) -> str:
    """Return what process 0 says, on every process."""
    if world() == 1:
        return text
    held: list[object] = [text]
    processes.broadcast_object_list(held, src=0)
    return str(held[0])


def wait_for_all() -> None:
    """Wait until every process is here."""
    if world() > 1:
        processes.barrier()


def add_gradients(model: nn.Module) -> None:
    """Replace each gradient by the sum over all processes, in one message."""
    if world() == 1:
        return
    learning = [each for each in model.parameters() if each.requires_grad]
    for each in learning:
        if each.grad is None:
            each.grad = torch.zeros_like(each)
    flat = torch.cat([each.grad.flatten() for each in learning if each.grad is not None])
    processes.all_reduce(flat)
    start = 0
    for each in learning:
        size = each.numel()
        each.grad = flat[start : start + size].view_as(each).clone()
        start += size


def add_numbers(values: Tensor) -> Tensor:
    """Return the sum of a small tensor over all processes."""
    if world() > 1:
        processes.all_reduce(values)
    return values


def gather(rows: dict[int, NDArray[np.float32]]) -> dict[int, NDArray[np.float32]]:
    """Return the rows of all processes together, on every process."""
    if world() == 1:
        return rows
    parts: list[dict[int, NDArray[np.float32]]] = [{} for _ in range(world())]
    processes.all_gather_object(parts, rows)
    return {place: row for part in parts for place, row in part.items()}


def any_of(flag: bool, device: torch.device) -> bool:
    """Tell whether the flag is up on any process."""
    if world() == 1:
        return flag
    return bool(add_numbers(torch.tensor([float(flag)], device=device)).item())
