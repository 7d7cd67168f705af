"""The log of the exercise in a file that cannot grow without end: it starts anew, and the part before the last is forgotten."""

import io
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["request_file"]

_MOST_BYTES = 5 * 1024 * 1024


def request_file(path: Path, *, most_bytes: int = _MOST_BYTES) -> TextIO:
    """Writes to `path`, emptied first. When it is full it is kept as `<name>.1`, over the one before, and emptied again.

    Raises:
        OSError: the file cannot be written.
    """
    return io.TextIOWrapper(_BoundedFile(path, most_bytes), encoding="utf-8", write_through=True)


class _BoundedFile(io.FileIO):
    """One writer at a time: the log that writes here has a lock of its own."""

    def __init__(self, path: Path, most_bytes: int) -> None:
        super().__init__(path, "w")
        self._path = path
        self._earlier = path.with_name(f"{path.name}.1")
        self._earlier.unlink(missing_ok=True)
        self._most = most_bytes

    def write(self, data: "Buffer", /) -> int:
        line = bytes(data)
        if self.tell() and self.tell() + len(line) > self._most:
            shutil.copyfile(self._path, self._earlier)
            self.seek(0)
            self.truncate()
        return super().write(line)
