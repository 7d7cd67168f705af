"""The headers every answer carries: what a browser may load, keep, send on and show (ASVS 5.0 V3.4)."""

from collections.abc import Sequence
from http.cookies import SimpleCookie

from litestar.enums import ScopeType
from litestar.types import Message, Scope

from blauweknop.web.language import LANGUAGE_COOKIE, chosen_language, queried_languages

__all__ = ["SetHeaders", "content_security_policy", "security_headers"]

_A_YEAR = 365 * 24 * 3600
_NO_SENSORS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "hid",
        "magnetometer", "microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip


def content_security_policy(login_origins: Sequence[str] = ()) -> str:
    """No inline code, nothing from elsewhere; forms may end at the login origins, since browsers follow redirects of forms by this list."""
    return "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "font-src 'self'",
            "img-src 'self' data:",
            "script-src 'self'",
            "connect-src 'self'",
            " ".join(("form-action 'self'", *login_origins)),
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def security_headers(*, secure: bool, login_origins: Sequence[str] = ()) -> dict[str, str]:
    """The headers by name; with `secure` (https) also HSTS for a year."""
    headers = {
        "Content-Security-Policy": content_security_policy(login_origins),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": _NO_SENSORS,
        "Cache-Control": "no-store",
    }
    if secure:
        headers["Strict-Transport-Security"] = f"max-age={_A_YEAR}; includeSubDomains"
    return headers


class SetHeaders:
    """Puts the headers on every answer, also on errors, and keeps the language that `?taal=` chose.

    A handler that sets one of these headers itself (a public file that may be cached) keeps its own.
    """

    def __init__(self, headers: dict[str, str], *, secure: bool) -> None:
        self._headers = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
        self._secure = secure

    async def __call__(self, message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
            return
        headers = list(message["headers"])
        present = {name.lower() for name, _ in headers}
        headers += [header for header in self._headers if header[0] not in present]
        chosen = chosen_language(queried_languages(scope["query_string"]))
        if chosen:
            headers.append((b"set-cookie", _language_cookie(chosen, secure=self._secure).encode("ascii")))
        message["headers"] = headers


def _language_cookie(language: str, *, secure: bool) -> str:
    cookie: SimpleCookie = SimpleCookie()
    cookie[LANGUAGE_COOKIE] = language
    morsel = cookie[LANGUAGE_COOKIE]
    morsel["path"], morsel["max-age"], morsel["samesite"], morsel["httponly"], morsel["secure"] = "/", _A_YEAR, "Lax", True, secure
    return morsel.OutputString()
