"""`blauweknop db`: bring the database of the configuration to this version, or say whether it is."""

from pathlib import Path

import typer

from blauweknop.adapters.database import open_database, pending, upgrade
from blauweknop.cli.configuration import find_settings

__all__ = ["check_database", "upgrade_database"]


def upgrade_database(config: Path | None) -> int:
    """Run the migrations that are still to do; repeatable."""
    engine = open_database(find_settings(config).storage.url)
    upgrade(engine)
    typer.echo("database: up to date")
    return 0


def check_database(config: Path | None) -> int:
    """0 when the tables are those of this version, else 1."""
    if pending(open_database(find_settings(config).storage.url)):
        typer.echo("database: migrations are waiting; run: blauweknop db upgrade", err=True)
        return 1
    typer.echo("database: up to date")
    return 0
