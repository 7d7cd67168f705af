"""How far a long run is, on standard error: a bar on a terminal, otherwise a line now and then, and nothing when it is short."""

import sys
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

__all__ = ["RunProgress"]

_BAR_EVERY = 0.2
_LINE_EVERY = 10.0


class RunProgress:
    """`total` counts what `show` counts; None when it is not known. Draws only when it is told something: no thread of its own."""

    def __init__(self, total: int | None = None, *, quiet: bool = False) -> None:
        self._total = total
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._next = time.monotonic() + _LINE_EVERY
        if quiet:
            self._next = float("inf")
        elif sys.stderr.isatty():
            self._bar = Progress(
                TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=Console(stderr=True), auto_refresh=False
            )
            self._task = self._bar.add_task("", total=total)
            self._bar.start()
            self._next = 0.0

    def show(self, done: int, words: str) -> None:
        """Now `done` of the total, in words that name no person."""
        now = time.monotonic()
        if now < self._next:
            return
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, description=words, refresh=True)
            self._next = now + _BAR_EVERY
            return
        share = f"{100 * done // self._total}%  " if self._total else ""
        sys.stderr.write(f"{share}{words}\n")
        self._next = now + _LINE_EVERY

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
            self._next = float("inf")
