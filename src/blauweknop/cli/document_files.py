"""Which files are to be checked: those that were named, and every PDF and credential in a folder and those in it, sorted by name."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FoundFile", "documents_in", "read_document", "shown_name", "usable_cores"]


_ENDINGS = (".pdf", ".sd-jwt", ".mdoc")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to read; `named` by the user, or met in a folder. A folder that cannot be read or has nothing to check stands for itself."""

    path: Path
    named: bool = False


def documents_in(paths: Iterable[Path]) -> Iterator[FoundFile]:
    """One by one, so that a large folder costs no more memory than its names; links to folders are not followed."""
    for path in paths:
        if not path.is_dir():
            yield FoundFile(path, named=True)
            continue
        empty = True
        for found in _in_folder(path):
            empty = False
            yield found
        if empty:
            yield FoundFile(path)


def read_document(found: FoundFile, most: int) -> bytes:
    """The first `most` bytes. In a folder only ordinary files are read: of a pipe nobody may ever write the end.

    Raises:
        OSError: it cannot be read, or is something else (IsADirectoryError for a folder).
    """
    if found.named:
        with found.path.open("rb") as file:
            return file.read(most)
    with os.fdopen(os.open(found.path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("expected an ordinary file")
        return file.read(most)


def shown_name(path: Path) -> str:
    """The name for the screen: a stranger chose it, so what could steer a terminal or is no text is written as an escape."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return text if text.isprintable() else "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def usable_cores() -> int:
    """How many processes of ours can work at the same time."""
    with suppress(AttributeError):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _in_folder(folder: Path) -> Iterator[FoundFile]:
    waiting: list[tuple[str, bool]] = [(os.fspath(folder), True)]  # path, whether it is a folder; the next one last
    while waiting:
        path, is_folder = waiting.pop()
        if not is_folder:
            yield FoundFile(Path(path))
            continue
        try:
            with os.scandir(path) as entries:
                inside = sorted(
                    ((entry.path, True) if entry.is_dir(follow_symlinks=False) else (entry.path, False))
                    for entry in entries
                    if entry.name.lower().endswith(_ENDINGS) or entry.is_dir(follow_symlinks=False)
                )
        except OSError:
            yield FoundFile(Path(path))
            continue
        waiting.extend(reversed(inside))
