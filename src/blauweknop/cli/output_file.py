"""Where a command writes its document, and how: whole or not at all."""

import os
import tempfile
from pathlib import Path

from blauweknop.domain.errors import BlauweKnopError

__all__ = ["place_for", "write_whole"]


def place_for(output: Path, source: Path, *, otherwise: str = "give another file with -o") -> Path:
    """Where to write: through a link, never over what it is made from, and only over an ordinary file; `otherwise` is what to do then.

    Raises:
        BlauweKnopError: there it cannot be written.
    """
    place = output.resolve()
    if place == source.resolve():
        raise BlauweKnopError("the output is the input", remedy=otherwise)
    if (place.exists() and not place.is_file()) or not place.parent.is_dir():
        raise BlauweKnopError(f"{output} is not a file that can be written", remedy="give the name of a PDF in a folder that is there")
    return place


def write_whole(pdf: bytes, place: Path) -> None:
    """In one step, readable for this user only: the content is personal.

    Raises:
        BlauweKnopError: it cannot be written; what was there is there still.
    """
    fresh: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=place.parent, prefix=f".{place.name}.", delete=False) as file:
            fresh = Path(file.name)
            file.write(pdf)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(place)
    except OSError as error:
        if fresh is not None:
            fresh.unlink(missing_ok=True)
        raise BlauweKnopError(
            f"{place.name} cannot be written", remedy="check the rights of the folder and the room on the disk"
        ) from error
