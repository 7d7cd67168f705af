"""Mijn Blauwe Knop at an address of this machine, for a real browser with an authenticator that is none of hardware."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

from blauweknop.adapters.database import open_database, upgrade
from blauweknop.adapters.holder_settings import HolderSettings
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.assembly.holder import holder_services
from blauweknop.holder.keeping import Check
from blauweknop.holder.page import holder_portal
from blauweknop.holder.routes import holder_router
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.serving import address_of, any_port, serving
from tests.unit.holder.holder_world import CHEAP

__all__ = ["Authenticator", "add_authenticator", "served_holder"]


@contextmanager
def served_holder(folder: Path, check: Check | None = None, *, now: datetime | None = None) -> Iterator[str]:
    """Its address; with `now`, its clock stands still."""
    engine = open_database(f"sqlite:///{folder / 'mijn.sqlite'}")
    upgrade(engine)
    with any_port() as listener:
        base_url = address_of(listener, "localhost")
        key = RowKey.from_secret(bytes(range(32)))
        services = replace(holder_services(engine, key, HolderSettings(new_accounts=1000, attempts=1000), base_url=base_url), cost=CHEAP)
        services = services if now is None else replace(services, now=lambda: now)
        app = web_application(
            [holder_router(services, check=check)], WebSettings("x" * 32, secure=False), portals=(holder_portal(services),)
        )
        with serving(app, listener):
            yield base_url
    engine.dispose()


class Authenticator:
    """A device that recognises its owner when `present`."""

    def __init__(self, session: CDPSession, authenticator: str) -> None:
        self._session = session
        self._id = authenticator

    def recognises(self, present: bool) -> None:
        self._session.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": present})

    def passkeys(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._session.send("WebAuthn.getCredentials", {"authenticatorId": self._id})["credentials"]
        return found

    def remove(self) -> None:
        self._session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self._id})


def add_authenticator(page: Page, *, prf: bool = True) -> Authenticator:
    """Of the browser of this page, until the page closes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "hasPrf": prf,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Authenticator(session, added["authenticatorId"])
