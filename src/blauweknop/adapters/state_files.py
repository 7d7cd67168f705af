"""Files in which our programs keep what they must remember: written in one step, by one at a time, readable for one account only."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import get_ident
from time import monotonic, sleep

__all__ = ["one_at_a_time", "write_in_one_step"]

_LONGEST_WAIT = 5.0  # seconds; what others do meanwhile takes milliseconds
_BETWEEN_TRIES = 0.02


def write_in_one_step(file: Path, content: bytes) -> None:
    """Replace a file as a whole, so that nobody ever reads half of it. Raises: OSError."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}-{get_ident()}")
    _make(file.parent)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
    fresh.replace(file)


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Keep other threads and processes out of this while something in the folder is read, compared and written.

    Raises:
        OSError: the folder cannot be made or read, or another does not let go of it (TimeoutError).
    """
    _make(folder)
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        until = monotonic() + _LONGEST_WAIT
        while not _take(held):
            if monotonic() > until:
                raise TimeoutError(f"{folder} is held by another program")
            sleep(_BETWEEN_TRIES)
        yield
    finally:
        os.close(held)  # lets go of it too


def _take(held: int) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _make(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
