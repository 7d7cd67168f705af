"""The configuration of who checks documents and asks for data: the scheme, for an API its clients, for both a database."""

from dataclasses import dataclass
from pathlib import Path

from blauweknop.adapters.api_settings import ApiSettings, api_settings
from blauweknop.adapters.requests_settings import RequestsSettings, requests_settings
from blauweknop.adapters.scheme_settings import SchemeSettings, load_scheme
from blauweknop.adapters.settings_reports import ReportSettings, load_report_settings
from blauweknop.adapters.settings_storage import StorageSettings, storage_settings
from blauweknop.adapters.settings_table import read_toml
from blauweknop.adapters.settings_time_stamp import TimeStampSettings, time_stamp_settings

__all__ = ["VerifierSettings", "load_verifier"]


@dataclass(frozen=True, slots=True)
class VerifierSettings:
    """Without `api` and `requests` there is only the check page, which needs no database; without `reports` it gives no signed ones."""

    scheme: SchemeSettings
    api: ApiSettings | None = None
    storage: StorageSettings | None = None
    reports: ReportSettings | None = None
    requests: RequestsSettings | None = None
    time_stamp: TimeStampSettings | None = None
    """For the seals of receivers; without it they have none."""


def load_verifier(path: Path) -> VerifierSettings:
    """What `serve verifier` needs of a TOML file, which may be that of a source too.

    Raises:
        SettingsError: the first thing that is wrong, with file, line and remedy.
    """
    scheme = load_scheme(path)
    root = read_toml(path)
    reports = load_report_settings(path)
    asks = "requests" in root
    storage = storage_settings(root.table("storage")) if "storage" in root and (asks or "api" in root) else None
    if asks and storage is None:
        raise root.error("storage", "is missing", "who asks for data needs a database: docs/roles/verifier.md has an example")
    return VerifierSettings(
        scheme,
        api_settings(root.table("api"), scheme, has_storage=storage is not None) if "api" in root else None,
        storage,
        reports,
        requests_settings(root.table("requests"), exercise=scheme.is_exercise) if asks else None,
        time_stamp_settings(root.table("time_stamp"), scheme) if asks and "time_stamp" in root else None,
    )
