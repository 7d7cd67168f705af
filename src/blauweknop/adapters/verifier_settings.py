"""The configuration of who checks documents: the scheme, and for an API its clients and its database."""

from dataclasses import dataclass
from pathlib import Path

from blauweknop.adapters.api_settings import ApiSettings, api_settings
from blauweknop.adapters.scheme_settings import SchemeSettings, load_scheme
from blauweknop.adapters.settings_reports import ReportSettings, load_report_settings
from blauweknop.adapters.settings_storage import StorageSettings, storage_settings
from blauweknop.adapters.settings_table import read_toml

__all__ = ["VerifierSettings", "load_verifier"]


@dataclass(frozen=True, slots=True)
class VerifierSettings:
    """Without `api` there is only the check page, which needs no database; without `reports` it gives no signed ones."""

    scheme: SchemeSettings
    api: ApiSettings | None = None
    storage: StorageSettings | None = None
    reports: ReportSettings | None = None


def load_verifier(path: Path) -> VerifierSettings:
    """What `serve verifier` needs of a TOML file, which may be that of a source too.

    Raises:
        SettingsError: the first thing that is wrong, with file, line and remedy.
    """
    scheme = load_scheme(path)
    root = read_toml(path)
    reports = load_report_settings(path)
    if "api" not in root:
        return VerifierSettings(scheme, reports=reports)
    storage = storage_settings(root.table("storage")) if "storage" in root else None
    return VerifierSettings(scheme, api_settings(root.table("api"), scheme, has_storage=storage is not None), storage, reports)
