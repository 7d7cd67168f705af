"""Who runs the check, for the reports that it gives out: the table [verifier] of the configuration file. Without it there are no reports.

[verifier]
name = "Controledienst van de gemeente"
oin = "00000099000000004000"                # or identifier = "NTRNL-12345678", as its certificates have it
colour = "#154273"

[verifier.seal]                             # seals the letter; as of a source, also in hardware
key = "keys/seal-key.pem"
certificate = "keys/seal.pem"
chain = ["keys/issuing.pem"]
crls = ["keys/issuing.crl", "keys/root.crl"]

[verifier.credential]                       # signs the report inside; always P-256
key = "keys/report-key.pem"
certificate = "keys/report.pem"

Time stamps come from [time_stamp], as those of a source do. Without that table a report has none, and says so.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from blauweknop.adapters.scheme_settings import SchemeSettings, scheme_of
from blauweknop.adapters.settings_keys import KeyFiles, SealSettings, key_files, seal_settings
from blauweknop.adapters.settings_table import Table, read_toml
from blauweknop.adapters.settings_time_stamp import TimeStampSettings, time_stamp_settings
from blauweknop.checking.verification_report import CheckService, plain_name

__all__ = ["ReportSettings", "load_report_settings"]

_MOST_NAME = 60  # letters, so that it fits above a letter


@dataclass(frozen=True, slots=True)
class ReportSettings:
    file: Path
    scheme: SchemeSettings
    service: CheckService
    colour: str
    seal: SealSettings
    credential: KeyFiles
    time_stamp: TimeStampSettings | None


def load_report_settings(path: Path) -> ReportSettings | None:
    """The settings of who runs the check; None when the file has no [verifier]. Tables of a source are left for the source.

    Raises:
        SettingsError: the first thing that is wrong, with file, line and remedy.
    """
    root = read_toml(path)
    if "verifier" not in root:
        return None
    scheme = scheme_of(root.table("scheme"))
    time_stamp = time_stamp_settings(root.table("time_stamp"), scheme) if "time_stamp" in root else None
    table = root.table("verifier")
    colour = table.text("colour", "#154273")
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise table.error("colour", "must be a colour such as #154273", "write # and six hexadecimal digits")
    settings = ReportSettings(
        path,
        scheme,
        CheckService(_name(table), _identifier(table)),
        colour,
        seal_settings(table.table("seal")),
        key_files(table.table("credential")),
        time_stamp,
    )
    table.finish()
    return settings


def _name(table: Table) -> str:
    name = table.text("name")
    if len(name) > _MOST_NAME or plain_name(name) != name:
        raise table.error("name", "cannot stand on a letter", f"give a name of at most {_MOST_NAME} Latin letters")
    return name


def _identifier(table: Table) -> str:
    if ("oin" in table) == ("identifier" in table):
        raise table.error("oin", "must say who runs the check", "give oin or identifier, not both, as the certificates have it")
    if "oin" in table:
        oin = table.text("oin")
        if not re.fullmatch(r"[0-9]{20}", oin):
            raise table.error("oin", "must be an OIN of twenty digits", "take it from the OIN register")
        return oin
    identifier = table.text("identifier")
    if not re.fullmatch(r"[A-Z]{5}-[0-9A-Z-]{1,50}", identifier):
        raise table.error(
            "identifier", "must be an identifier such as NTRNL-12345678", "take the organizationIdentifier of the certificate"
        )
    return identifier
