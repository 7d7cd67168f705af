"""A page: a template of a role in the shared look, in the person's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from litestar import Request, Response
from litestar.response import Redirect

from blauweknop.domain.texts import Text
from blauweknop.web.language import language_of, switch_address

__all__ = ["HTML", "PLAIN_PORTAL", "MenuItem", "Portal", "Visitor", "WebSettings", "page", "see_other"]

HTML = "text/html"


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A link in the header of a portal."""

    label: Text
    path: str


@dataclass(frozen=True, slots=True)
class Portal:
    """Whose page it is: the name beside the mark, where the mark leads, the colour of the organisation as `#rrggbb`."""

    name: Text
    path: str
    colour: str = ""
    menu: tuple[MenuItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who is logged in: the header shows the name and a button that posts to `sign_out_path`.

    With `stay_path` (any page of theirs that answers a GET) the page warns three minutes before `idle_seconds` have passed.
    """

    name: str = field(repr=False)
    sign_out_path: str
    stay_path: str = ""
    idle_seconds: int = 900
    acting: str = field(default="", repr=False)
    """For whom they act, as a sentence that every page shows; empty for who acts for themselves."""


@dataclass(frozen=True, slots=True)
class WebSettings:
    """What the whole web application knows: https or not, exercise or not, who may receive its forms besides itself."""

    csrf_secret: str = field(repr=False)
    secure: bool = True
    exercise: bool = False
    login_origins: tuple[str, ...] = ()
    """Origins such as `https://digid.example` that a form of ours may lead to by way of a redirect (CSP form-action)."""


PLAIN_PORTAL = Portal(Text(nl="", en=""), "/")


def page(
    request: Request[Any, Any, Any],
    template: str,
    *,
    portal: Portal = PLAIN_PORTAL,
    visitor: Visitor | None = None,
    status_code: int = 200,
    switch_path: str = "",
    headers: Mapping[str, str] | None = None,
    **values: object,
) -> Response[str]:
    """Render a template such as `issuer/offer.html` with the common context; `values` are for the template itself.

    The language switch shows the same page; after a POST there is no such page, so name another with `switch_path`
    (else it is the portal's first page).
    """
    html = _render(request, template, portal, visitor, switch_path, values)
    return Response(html, media_type=HTML, status_code=status_code, headers=headers)


def see_other(path: str) -> Redirect:
    """After a form that was handled: go and look there (303), so that reloading does not send the form again."""
    return Redirect(path, status_code=303)


def _render(
    request: Request[Any, Any, Any],
    template: str,
    portal: Portal,
    visitor: Visitor | None,
    switch_path: str,
    values: Mapping[str, object],
) -> str:
    language = language_of(request)
    settings: WebSettings = request.app.state.web
    if switch_path:
        switch = switch_address(switch_path, (), language)
    elif request.method in ("GET", "HEAD"):
        switch = switch_address(request.url.path, request.query_params.multi_items(), language)
    else:
        switch = switch_address(portal.path, (), language)
    engine = request.app.template_engine
    assert engine is not None  # noqa: S101 - web_application always sets it
    context = {
        "request": request,
        "language": language,
        "switch": switch,
        "portal": portal,
        "visitor": visitor,
        "exercise": settings.exercise,
    }
    return str(engine.get_template(template).render(**{**context, **values}))
