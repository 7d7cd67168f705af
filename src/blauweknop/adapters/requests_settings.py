"""Receivers that ask people for data, in the configuration: the table [requests], and one table for each receiver.

[requests]
holder = "https://mijn.example/mijn/delen"   # where Mijn Blauwe Knop takes questions
# link = "haip-vp://"                        # what opens a wallet on this device
# get = false                                # whether wallets that know no request_uri_method may fetch by GET
# calls_a_minute = 600                       # of wallets, from one address
# begins_a_minute = 60                       # how often people begin to answer, from one address
# all_begins_a_minute = 6000                 # and all together, in each process
# links = ["https://mijn.example/mijn"]      # whose links are taken; as a rule that Mijn Blauwe Knop

[requests.receivers.schuldhulp]
path = "/schuldhulp"                         # where its pages are, below base_url of [scheme]
colour = "#0b4a8f"
registrations = ["schuldhulp.jwt"]           # registration certificates: one for each use
# link_keys = ["keys/link-key.pem"]          # P-256; of which the registrations name the public half, then those of before

[requests.receivers.schuldhulp.access]
key = "keys/access-key.pem"                  # P-256
certificate = "keys/access.pem"              # the access certificate

[requests.receivers.schuldhulp.seal]         # optional: seals dossiers that its staff take along, as the seal of a source
key = "keys/dossier-key.pem"
certificate = "keys/dossier.pem"
chain = ["keys/issuing.pem"]
crls = ["keys/issuing.crl", "keys/root.crl"]

With [requests.receivers.schuldhulp.staff] there are pages for its staff: `staff_settings`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from blauweknop.adapters.settings_keys import KeyFiles, SealSettings, key_files, seal_settings
from blauweknop.adapters.settings_table import Table
from blauweknop.adapters.staff_settings import StaffAgreement, staff_settings
from blauweknop.standards.redirect_address import may_be_redirect_address

__all__ = ["AskingReceiver", "RequestsSettings", "requests_settings"]

_LINK = "haip-vp://"
_CALLS, _BEGINS, _ALL_BEGINS = 600, 60, 6000


@dataclass(frozen=True, slots=True)
class AskingReceiver:
    path: str
    colour: str
    registrations: tuple[Path, ...]
    access: KeyFiles
    staff: StaffAgreement | None = None
    link_keys: tuple[Path, ...] = ()
    seal: SealSettings | None = None


@dataclass(frozen=True, slots=True)
class RequestsSettings:
    holder: str
    receivers: Mapping[str, AskingReceiver]
    link: str = _LINK
    calls_a_minute: int = _CALLS
    begins_a_minute: int = _BEGINS
    all_begins_a_minute: int = _ALL_BEGINS
    gives_by_get: bool = False
    links: tuple[str, ...] = ()
    """The addresses of each Mijn Blauwe Knop whose links are taken."""


def requests_settings(table: Table, *, exercise: bool) -> RequestsSettings:
    """The table [requests].

    Raises:
        SettingsError: the first thing that is wrong.
    """
    holder = table.text("holder")
    settings = RequestsSettings(
        holder,
        {name: _receiver(child, exercise) for name, child in table.table("receivers").tables()},
        table.text("link", _LINK),
        table.count("calls_a_minute", _CALLS, most=1_000_000),
        table.count("begins_a_minute", _BEGINS, most=1_000_000),
        table.count("all_begins_a_minute", _ALL_BEGINS, most=1_000_000),
        table.flag("get", False),
        table.texts("links") if "links" in table else (holder.removesuffix("/delen"),),
    )
    table.finish()
    if not re.fullmatch(r"https?://[!-~]+", settings.holder) or "?" in settings.holder:
        raise table.error("holder", "is no address", "write the https address of its page for questions, without a question mark")
    if "?" in settings.link or not (settings.link.endswith("://") or may_be_redirect_address(settings.link)):
        raise table.error("link", "is nothing that opens a wallet", "use an https address without a question mark, or a scheme with ://")
    if not all(
        re.fullmatch(r"https?://[!-~]+", place) and not set("?#") & {*place} and not place.endswith("/") for place in settings.links
    ):
        raise table.error("links", "has what is no address", "write https addresses without a slash at the end, and nothing behind them")
    if not settings.receivers:
        raise table.error("receivers", "names nobody", "add a table for each receiver, such as [requests.receivers.schuldhulp]")
    return settings


def _receiver(table: Table, exercise: bool) -> AskingReceiver:
    staff, seal = table.optional_table("staff"), table.optional_table("seal")
    receiver = AskingReceiver(
        table.text("path"),
        table.text("colour", "#0b4a8f"),
        table.existing_files("registrations"),
        key_files(table.table("access")),
        staff_settings(staff, exercise=exercise) if staff is not None else None,
        table.existing_files("link_keys") if "link_keys" in table else (),
        seal_settings(seal) if seal is not None else None,
    )
    table.finish()
    if not re.fullmatch(r"(/[a-z0-9-]+)+", receiver.path):
        raise table.error("path", "must be a path such as /schuldhulp", "start with a slash; small letters, digits and hyphens")
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", receiver.colour):
        raise table.error("colour", "must be a colour such as #0b4a8f", "write # and six hexadecimal digits")
    if not receiver.registrations:
        raise table.error("registrations", "names nothing", "give the registration certificates: without one nothing may be asked")
    return receiver
