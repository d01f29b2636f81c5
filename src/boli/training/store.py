"""Token ids on disk, mapped into memory, and a thread that gets the next batches ready while the model works."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from boli.datasets.copies import write_copy
from boli.datasets.sealing import is_sealed
from boli.datasets.textfiles import read_bytes
from boli.errors import RunError

Ints = NDArray[np.int32]
IGNORED = -100
"""The tag of a token that belongs to no word."""

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, eq=False)
class TokenStore:
    """The token ids of many texts, one after the other.

    Args:
        ids: (all tokens,) int32.
        starts: (texts + 1,) int64: text i is ``ids[starts[i]:starts[i + 1]]``.

    >>> store = TokenStore.collect([[2, 7, 3], [2, 3]])
    >>> len(store), store[1].tolist()
    (2, [2, 3])
    """

    ids: Ints
    starts: NDArray[np.int64]

    @classmethod
    def collect(cls, sequences: Iterable[Sequence[int]]) -> "TokenStore":
        """Lay sequences one after the other."""
        parts = [np.asarray(each, np.int32) for each in sequences]
        starts = np.cumsum([0, *(len(each) for each in parts)], dtype=np.int64)
        return cls(np.concatenate([np.zeros(0, np.int32), *parts]), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> Ints:
        return self.ids[self.starts[row] : self.starts[row + 1]]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The tokens of each text."""
        return np.diff(self.starts)

    def save(self, path: Path, *, sealed: bool = False) -> None:
        """Write the store as two plain arrays in one file, whole or not at all; `sealed`: with the user's key.

        Raises:
            RunError: the disk is full.
        """
        head = np.array([len(self)], np.int64).tobytes()
        starts, ids = np.asarray(self.starts, np.int64), np.asarray(self.ids, np.int32)
        write_copy(path, head + starts.tobytes() + ids.tobytes(), sealed=sealed)

    @classmethod
    def open(cls, path: Path) -> "TokenStore":
        """Map what `save` wrote into memory; nothing is read until it is used. A sealed file is decrypted in memory.

        Raises:
            RunError: the file is missing or damaged.
        """
        if is_sealed(path):
            return cls._parse(read_bytes(path))
        try:
            count = int(np.fromfile(path, np.int64, 1)[0])
            starts = np.fromfile(path, np.int64, count + 1, offset=8)
            ids = np.memmap(path, np.int32, "r", offset=8 * (count + 2), shape=(int(starts[-1]),))
        except (OSError, ValueError, IndexError) as problem:
            raise RunError(f"{path} is damaged ({problem}); run the same command again to make it anew") from None
        return cls(ids, starts)

    @classmethod
    def _parse(cls, raw: bytes) -> "TokenStore":
        count = int(np.frombuffer(raw, np.int64, 1)[0])
        starts = np.frombuffer(raw, np.int64, count + 1, offset=8)
        return cls(np.frombuffer(raw, np.int32, int(starts[-1]), offset=8 * (count + 2)), starts)


class Examples(NamedTuple):
    """Rows to learn from or to be judged on.

    Args:
        tokens: ids of each text.
        gold: (texts,) int64, or (texts, labels) float32 where a text may have several.
        tags: slot tags of each token, as many as ids; None without slots.
        rows: numbers of the texts that count; all others are left alone.
    """

    tokens: TokenStore
    gold: NDArray[np.generic]
    tags: TokenStore | None
    rows: NDArray[np.int64]

    def choose(self, rows: NDArray[np.int64]) -> "Examples":
        """Return the same texts with other rows that count."""
        return self._replace(rows=rows)


def prefetch(items: Iterable[T], make: Callable[[T], U], *, depth: int) -> Iterator[U]:
    """Yield ``make(item)`` for each item, made ahead by a thread; at most `depth` wait. 0: no thread.

    An error of `make` comes out where its item would have.

    >>> list(prefetch([1, 2, 3], lambda number: number * 2, depth=2))
    [2, 4, 6]
    """
    if not depth:
        yield from map(make, items)
        return
    ready: queue.Queue[tuple[U | None, BaseException | None]] = queue.Queue(maxsize=depth)
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=(items, make, ready, stop), daemon=True)
    thread.start()
    try:
        while True:
            made, problem = ready.get()
            if problem is not None:
                raise problem
            if made is None:
                return
            yield made
    finally:
        stop.set()
        while thread.is_alive():
            _drain(ready)
            thread.join(timeout=0.05)


def _work(
    items: Iterable[T],
    make: Callable[[T], U],
    ready: "queue.Queue[tuple[U | None, BaseException | None]]",
    stop: threading.Event,
) -> None:
    try:
        for item in items:
            if stop.is_set():
                return
            ready.put((make(item), None))
        ready.put((None, None))
    except BaseException as problem:  # whatever it is, it belongs to the thread that waits
        ready.put((None, problem))


def _drain(ready: "queue.Queue[tuple[U | None, BaseException | None]]") -> None:
    try:
        while True:
            ready.get_nowait()
    except queue.Empty:
        return
