"""Files in which our programs keep what they must remember: written in one step, readable for one account only."""

import os
from pathlib import Path

__all__ = ["write_in_one_step"]


def write_in_one_step(file: Path, content: bytes) -> None:
    """Replace a file as a whole, so that nobody ever reads half of it. Raises: OSError."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
    fresh.replace(file)
