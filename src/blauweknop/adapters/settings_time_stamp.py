"""Which time stamp authorities a source asks, how long, and what it does when none answers.

[time_stamp]
urls = ["https://tijd-een.example", "https://tijd-twee.example"]    # in this order; or url = "..." for one
certificates = ["keys/time-stamp.pem"]      # only stamps of these, or of authorities under these, are taken
timeout_seconds = 5                         # of one request
attempts = 2                                # at each authority
when_unavailable = "refuse"                 # or "seal_without": a document of level B-B, and that is said
"""

from dataclasses import dataclass
from pathlib import Path

from blauweknop.adapters.scheme_settings import SchemeSettings, web_address, web_addresses
from blauweknop.adapters.settings_table import Table

__all__ = ["TimeStampSettings", "time_stamp_settings"]

_MOST_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class TimeStampSettings:
    """Either addresses of time stamp authorities, or the folder with the keys of the exercise one.

    With `seal_without` a document is sealed without time stamp when none can be had; else it is refused.
    """

    urls: tuple[str, ...] = ()
    exercise_folder: Path | None = None
    certificates: tuple[Path, ...] = ()
    timeout_seconds: float = 5.0
    attempts: int = 2
    seal_without: bool = False


def time_stamp_settings(table: Table, scheme: SchemeSettings) -> TimeStampSettings:
    """The table [time_stamp].

    Raises:
        SettingsError: the first thing that is wrong.
    """
    urls: tuple[str, ...] = ()
    folder: Path | None = None
    if "urls" in table:
        urls = web_addresses(table, "urls", scheme.is_exercise)
        if "url" in table or len(set(urls)) < max(len(urls), 1):
            raise table.error("urls", "names no authority, or one twice", "name each authority once, and leave url out")
    elif "url" in table:
        urls = (web_address(table, "url", scheme.is_exercise),)
    elif scheme.is_exercise:
        folder = table.place("exercise_folder")
    else:
        raise table.error("url", "is missing", "give the address of your time stamp authority (RFC 3161)")
    settings = TimeStampSettings(
        urls,
        folder,
        table.existing_files("certificates"),
        table.seconds("timeout_seconds", 5),
        table.count("attempts", 2, most=_MOST_ATTEMPTS),
        table.choice("when_unavailable", ("refuse", "seal_without"), "refuse") == "seal_without",
    )
    table.finish()
    return settings
