"""What a long job tells the person who waits, and how that person can stop it.

The job calls a `Progress`; what is drawn is the rim's business. `SilentProgress` draws nothing; `ConsoleProgress`
draws one line with a bar for each step.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol, runtime_checkable

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, Task, TaskID, TextColumn
from rich.progress import Progress as Bars
from rich.table import Column
from rich.text import Text


@runtime_checkable
class Progress(Protocol):
    """The calls that a job makes while it works.

    >>> isinstance(SilentProgress(), Progress)
    True
    """

    def start(self, step: str) -> None:
        """Begin a step."""

    def expect(self, total: int) -> None:
        """Say how many units the step takes; without it, one."""

    def advance(self, amount: int = 1, note: str = "") -> None:
        """Say that `amount` more units are done."""

    def finish(self, note: str = "") -> None:
        """End the step with a few words on what came out."""

    def skip(self, step: str, note: str) -> None:
        """Say that a step needs no work."""

    def stopping(self) -> bool:
        """Tell whether somebody asked to stop; the job then saves and raises KeyboardInterrupt."""


class SilentProgress:
    """Draw nothing and never stop.

    >>> SilentProgress().stopping()
    False
    """

    def start(self, step: str) -> None:
        """Do nothing."""

    def expect(self, total: int) -> None:
        """Do nothing."""

    def advance(self, amount: int = 1, note: str = "") -> None:
        """Do nothing."""

    def finish(self, note: str = "") -> None:
        """Do nothing."""

    def skip(self, step: str, note: str) -> None:
        """Do nothing."""

    def stopping(self) -> bool:
        """Return False."""
        return False


class _Seconds(ProgressColumn):
    """The seconds that a step took so far; nothing for a step that was done before."""

    def render(self, task: Task) -> Text:
        """Return for example ` 12 s`."""
        if task.fields["before"]:
            return Text("     ")
        return Text(f"{task.finished_time or task.elapsed or 0:3.0f} s", style="dim")


class ConsoleProgress:
    """Draw one line for each step: a tick, the name, a bar, seconds and a note.

    >>> ConsoleProgress(Console()).stopping()
    False
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Bars(
            SpinnerColumn(finished_text="[green]\N{CHECK MARK}[/]"),
            TextColumn("{task.description:<21}", table_column=Column(no_wrap=True)),
            BarColumn(bar_width=12, table_column=Column(min_width=12)),
            _Seconds(table_column=Column(no_wrap=True)),
            TextColumn("{task.fields[note]}", table_column=Column(overflow="fold")),
            console=console,
        )
        self._task: TaskID | None = None
        self._stop = threading.Event()

    def start(self, step: str) -> None:
        """Add a line."""
        self._task = self._bars.add_task(step, total=None, note="", before=False)

    def expect(self, total: int) -> None:
        """Give the bar of the current line its length."""
        if self._task is not None:
            self._bars.update(self._task, total=max(total, 1))

    def advance(self, amount: int = 1, note: str = "") -> None:
        """Move the bar of the current line."""
        if self._task is not None:
            self._bars.update(self._task, advance=amount, note=note)

    def finish(self, note: str = "") -> None:
        """Fill the bar of the current line."""
        if self._task is not None:
            total = self._bars.tasks[self._task].total or 1
            self._bars.update(self._task, total=total, completed=total, note=note)

    def skip(self, step: str, note: str) -> None:
        """Add a line that is done already."""
        task = self._bars.add_task(step, total=1, note=f"[dim]{note}[/]", before=True)
        self._bars.update(task, completed=1)

    def stopping(self) -> bool:
        """Tell whether Ctrl-C was pressed inside `listening`."""
        return self._stop.is_set()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Draw while the block runs; the first Ctrl-C asks it to save and stop, the second stops it at once."""
        if threading.current_thread() is not threading.main_thread():
            with self._bars:
                yield
            return
        before = signal.signal(signal.SIGINT, self._on_interrupt)
        try:
            with self._bars:
                yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self._stop.is_set():
            raise KeyboardInterrupt("stopped at once")
        self._stop.set()
        self._bars.console.print("[yellow]stopping: saving first (Ctrl-C again to stop at once)[/]")
