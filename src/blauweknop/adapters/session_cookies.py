"""The cookies of a source: one for the session, one that ties a login attempt to the browser that started it (PROTOCOL 8.1, 8.4)."""

from dataclasses import dataclass

__all__ = ["LOGIN_SECONDS", "CookieName", "clear_site_data", "login_cookie", "request_cookie", "session_cookie", "step_cookie"]

LOGIN_SECONDS = 15 * 60
STEP_SECONDS = 10 * 60


@dataclass(frozen=True, slots=True)
class CookieName:
    """A cookie without its value, see `blauweknop.web.cookies`; `secure` is off only for the exercise over http on this machine."""

    name: str
    secure: bool
    seconds: int | None = None  # None: until the browser closes


def session_cookie(source: str, *, secure: bool = True) -> CookieName:
    """The cookie that holds the reference of a session."""
    return CookieName(f"__Host-bk-{source}" if secure else f"bk-{source}", secure)


def login_cookie(source: str, *, secure: bool = True) -> CookieName:
    """The cookie that holds the browser's part of a login attempt."""
    return CookieName(f"__Host-bk-login-{source}" if secure else f"bk-login-{source}", secure, LOGIN_SECONDS)


def step_cookie(*, secure: bool = True) -> CookieName:
    """The cookie that ties what Mijn Blauwe Knop asked of a passkey to the browser it asked."""
    return CookieName("__Host-bk-holder-step" if secure else "bk-holder-step", secure, STEP_SECONDS)


def request_cookie(*, secure: bool = True) -> CookieName:
    """The cookie that ties the request of a receiver to the browser that brought it, until its person has opened the account."""
    return CookieName("__Host-bk-holder-request" if secure else "bk-holder-request", secure, STEP_SECONDS)


def clear_site_data(*, shared_origin: bool = False) -> dict[str, str]:
    """The header that makes a browser forget the pages of a session after logout.

    On an origin that several sources share, as in the exercise, the cookies of the other sources stay.
    """
    return {"Clear-Site-Data": '"cache", "storage"' if shared_origin else '"cache", "cookies", "storage"'}
