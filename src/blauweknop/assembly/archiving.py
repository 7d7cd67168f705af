"""From settings to what a document needs to be kept for long: the newest revocation lists of its source, and time stamps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from blauweknop.adapters.settings import Settings
from blauweknop.assembly.sealing import RevocationFiles, time_stamping
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.register.exercise_keys import renew_crls

__all__ = ["ArchiveMeans", "archive_means"]


@dataclass(frozen=True, slots=True)
class ArchiveMeans:
    """The lists (DER) as they are now, and from a SHA-256 digest to a time stamp token."""

    crls: tuple[bytes, ...] = field(repr=False)
    stamp: Callable[[bytes], bytes] = field(repr=False)


def archive_means(settings: Settings, issuer_oin: str, *, now: datetime) -> ArchiveMeans:
    """The means for documents of the source with this OIN; an exercise scheme issues new lists on the spot, as it is its own authority.

    Raises:
        BlauweKnopError: no source of the settings has this OIN, or a file cannot be read.
    """
    source = next((source for source in settings.sources.values() if source.identity.oin.digits == issuer_oin), None)
    if source is None:
        raise BlauweKnopError(
            f"{settings.file.name}: the source of this document is not in it", remedy="give the configuration of that source with --config"
        )
    folder = settings.time_stamp.exercise_folder
    if folder is not None:
        renew_crls(folder, now=now)
    return ArchiveMeans(RevocationFiles(source.seal.crls)(), time_stamping(settings))
