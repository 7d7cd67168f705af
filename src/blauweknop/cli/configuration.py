"""Find the configuration file: the one given, the one in the environment, or the nearest `blauweknop.toml`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from blauweknop.domain.errors import BlauweKnopError

if TYPE_CHECKING:
    from blauweknop.adapters.settings import Settings

__all__ = ["CONFIGURATION_VARIABLE", "FILE_NAME", "find_configuration", "find_settings", "no_configuration"]

FILE_NAME = "blauweknop.toml"
CONFIGURATION_VARIABLE = "BLAUWEKNOP_CONFIG"


def find_configuration(given: Path | None, *, near: Path | None = None) -> Path | None:
    """`given`, else `BLAUWEKNOP_CONFIG`, else `blauweknop.toml` here, or in the folder of `near` or one above it."""
    if given is not None:
        return given
    if named := os.environ.get(CONFIGURATION_VARIABLE):
        return Path(named)
    places = [Path.cwd(), *(near.resolve().parents if near else ())]
    return next((place / FILE_NAME for place in places if (place / FILE_NAME).is_file()), None)


def find_settings(given: Path | None, *, near: Path | None = None) -> "Settings":
    """The settings of the file that `find_configuration` finds.

    Raises:
        SettingsError: the file is broken.
        BlauweKnopError: there is none.
    """
    path = find_configuration(given, near=near)
    if path is None:
        raise no_configuration()
    from blauweknop.adapters.settings import load_settings  # who only checks documents may not have the web parts

    return load_settings(path)


def no_configuration() -> BlauweKnopError:
    """The fault that nothing was found."""
    remedy = f"give one with --config FILE, or with BLAUWEKNOP_CONFIG, or put {FILE_NAME} here"
    return BlauweKnopError("there is no configuration file", remedy=remedy)
