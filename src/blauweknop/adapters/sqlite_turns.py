"""Begin a change of an SQLite file as soon as the one of another process is ready.

SQLite itself looks again after 1, 2, 5, 10, 15, 20 and then 25 to 100 milliseconds, while a change takes less than one. While it sleeps,
the other threads of this process wait behind it: the processors had nothing to do, though work waited.
"""

import sqlite3
import time
from typing import Protocol

__all__ = ["begin_change"]

_FIRST_PAUSE, _LONGEST_PAUSE = 0.0003, 0.01  # seconds
_LONGER = 0.1  # who has waited long looks less often
_KIND = 0xFF  # of an error; the bits above say which of that kind


class _Driver(Protocol):
    """A connection of `sqlite3`."""

    def execute(self, sql: str, /) -> object: ...


def begin_change(driver: _Driver, *, patience: int) -> None:
    """Begin a transaction that may write; after so many milliseconds in vain SQLite says that the file is busy.

    Everything that is asked of it afterwards waits as long as that, in the manner of SQLite.

    Raises:
        sqlite3.OperationalError: it cannot begin.
    """
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        _begin(driver, patience / 1000)
    finally:
        driver.execute(f"PRAGMA busy_timeout = {patience}")


def _begin(driver: _Driver, seconds: float) -> None:
    began = time.monotonic()
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - began
            if error.sqlite_errorcode & _KIND != sqlite3.SQLITE_BUSY or waited >= seconds:
                raise
        time.sleep(min(_FIRST_PAUSE + waited * _LONGER, _LONGEST_PAUSE))
