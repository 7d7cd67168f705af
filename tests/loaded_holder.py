"""Loads, when it is imported, what Mijn Blauwe Knop needs to serve; processes that are forked after that need not do so themselves."""

from pathlib import Path
from tempfile import TemporaryDirectory

from blauweknop.adapters.database import open_database
from tests import killed_holder  # noqa: F401 - that is the purpose
from tests.unit.holder.holder_world import HolderWorld

with TemporaryDirectory() as folder:
    HolderWorld(open_database(f"sqlite:///{Path(folder) / 'nothing.sqlite'}")).application()
