"""Put the pages of one or more roles together into one web application with the look, the headers and the errors they share."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.config.csrf import CSRFConfig
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import HTTPException, PermissionDeniedException
from litestar.openapi import OpenAPIConfig
from litestar.types import ASGIApp, BeforeMessageSendHookHandler, ControllerRouterHandler, LifespanHook, Receive, Scope, Send

from blauweknop.web.about import ABOUT_HANDLERS
from blauweknop.web.assets import serve_asset, serve_theme
from blauweknop.web.errors import CSRF_REFUSAL, answer_error, answer_unexpected
from blauweknop.web.page import Portal, WebSettings
from blauweknop.web.request_log import log_request, start_clock
from blauweknop.web.security_headers import SetHeaders, security_headers
from blauweknop.web.style_guide import STYLE_HANDLERS
from blauweknop.web.templates import template_config

__all__ = ["MOST_BODY_BYTES", "csrf_config", "refuse_other_sites", "refuse_site", "web_application"]

MOST_BODY_BYTES = 1024 * 1024
"""The most a request may hold; a route that takes uploads sets its own `request_max_body_size`."""


def web_application(
    handlers: Sequence[ControllerRouterHandler],
    settings: WebSettings,
    *,
    portals: Sequence[Portal] = (),
    state: Mapping[str, Any] | None = None,
    templates: Mapping[str, Path] | None = None,
    openapi_config: OpenAPIConfig | None = None,
    before_send: Sequence[BeforeMessageSendHookHandler] = (),
    on_startup: Sequence[LifespanHook] = (),
    on_shutdown: Sequence[LifespanHook] = (),
) -> Litestar:
    """The Litestar application with these route handlers, `/stijl`, the help pages, static files, headers, CSRF and error pages.

    `portals` are used by error pages to know whose page went wrong; `state` is put on `app.state` beside `web` and `portals`;
    `templates` adds template folders by prefix; `before_send` may set headers before the common ones. Forms need `{{ ui.csrf() }}`; a
    machine's POST route says `exclude_from_csrf=True`.
    """
    headers = security_headers(secure=settings.secure, login_origins=settings.login_origins)
    return Litestar(
        route_handlers=[*handlers, *ABOUT_HANDLERS, *STYLE_HANDLERS, serve_asset, serve_theme],
        state=State({**(state or {}), "web": settings, "portals": tuple(portals)}),
        template_config=template_config(templates),
        csrf_config=csrf_config(settings),
        middleware=[start_clock, refuse_other_sites],
        before_send=[*before_send, SetHeaders(headers, secure=settings.secure), log_request],
        exception_handlers={HTTPException: answer_error, 500: answer_unexpected},
        openapi_config=openapi_config,
        logging_config=None,
        request_max_body_size=MOST_BODY_BYTES,
        on_startup=list(on_startup),
        on_shutdown=list(on_shutdown),
        debug=False,
    )


def csrf_config(settings: WebSettings) -> CSRFConfig:
    """The signed double-submit cookie of forms (ASVS 3.5.1); the prefix `__Host-` only exists over https."""
    return CSRFConfig(
        secret=settings.csrf_secret,
        cookie_name="__Host-bk-form" if settings.secure else "bk-form",
        cookie_secure=settings.secure,
        cookie_httponly=True,
        cookie_samesite="lax",
    )


def refuse_other_sites(app: ASGIApp) -> ASGIApp:
    """Litestar middleware: a form that the browser says is of another site is refused (Fetch metadata, ASVS 3.5.1), beside the token."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        unsafe = scope.get("method") not in ("GET", "HEAD", "OPTIONS")
        if unsafe and not scope["route_handler"].opt.get("exclude_from_csrf"):
            refuse_site(ASGIConnection(scope))
        await app(scope, receive, send)

    return guarded


def refuse_site(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Raises: PermissionDeniedException, when the browser says that the request comes from another site."""
    if connection.headers.get("sec-fetch-site", "same-origin") in ("cross-site", "same-site"):
        raise PermissionDeniedException(CSRF_REFUSAL)
