"""Where a command writes what it makes of a document, and how: whole or not at all."""

import os
import tempfile
from pathlib import Path

from blauweknop.cli.document_files import shown_name
from blauweknop.domain.errors import BlauweKnopError

__all__ = ["place_for", "write_whole"]


def place_for(output: Path, source: Path, *, same: str = "the output is the input", otherwise: str = "give another file with -o") -> Path:
    """Where to write: through a link, never over what it is made from, and only over an ordinary file.

    Raises:
        BlauweKnopError: there it may not be written; `same` and `otherwise` are said when it is the source.
    """
    place = output.resolve()
    if place == source.resolve():
        raise BlauweKnopError(same, remedy=otherwise)
    if (place.exists() and not place.is_file()) or not place.parent.is_dir():
        raise BlauweKnopError(f"{shown_name(output)} is not a file that can be written", remedy="give a name in a folder that is there")
    return place


def write_whole(content: bytes, place: Path) -> None:
    """In one step, readable for this user only: it is personal.

    Raises:
        BlauweKnopError: it cannot be written; what was there is there still.
    """
    fresh: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=place.parent, prefix=f".{place.name}.", delete=False) as file:
            fresh = Path(file.name)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(place)
    except OSError as error:
        if fresh is not None:
            fresh.unlink(missing_ok=True)
        raise BlauweKnopError(
            f"{shown_name(Path(place.name))} cannot be written", remedy="check the rights of the folder and the room on the disk"
        ) from error
