"""The hashes of published wallet types, since credentials in the world name them.

`python -m tests.unit.document.type_hashes` adds the versions that are new. A version that is there stays as it is: take its line out by
hand only when nobody was ever given a credential of it.
"""

import json
import sys
from pathlib import Path

from blauweknop.catalogue import load_catalogue
from blauweknop.document.type_metadata import type_integrity, vct_of

__all__ = ["hashes", "kept"]

FILE = Path(__file__).with_name("type_hashes.json")


def hashes() -> dict[str, str]:
    """Of the catalogue as it is, by type."""
    return {vct_of(summary.dataset): type_integrity(summary) for summary in load_catalogue().summaries.values()}


def kept() -> dict[str, str]:
    """Of every version that credentials may have been made of."""
    return {str(name): str(value) for name, value in json.loads(FILE.read_text("utf-8")).items()}


if __name__ == "__main__":
    FILE.write_text(json.dumps(dict(sorted({**hashes(), **(kept() if FILE.exists() else {})}.items())), indent=2) + "\n", "utf-8")
    sys.exit(0)
