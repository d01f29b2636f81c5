"""Curves for TensorBoard, where they are asked for; nothing elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from boli.errors import require


class _Writer(Protocol):
    def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> None: ...


class Board:
    """Writes numbers as they come; without a writer it does nothing.

    >>> Board().write("train/loss", 0.5, 1)
    """

    def __init__(self, writer: _Writer | None = None) -> None:
        self._writer = writer

    def write(self, name: str, value: float, step: int) -> None:
        """Add one point to a curve."""
        if self._writer is not None:
            self._writer.add_scalar(name, value, step)


@contextmanager
def opening_board(folder: Path | None) -> Iterator[Board]:
    """Open a board that writes into a folder; None: one that does nothing.

    Raises:
        MissingExtra: TensorBoard is not installed.
    """
    if folder is None:
        yield Board()
        return
    writer = require("torch.utils.tensorboard", "train").SummaryWriter(str(folder))
    try:
        yield Board(writer)
    finally:
        writer.close()
