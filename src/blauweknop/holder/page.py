"""A page of Mijn Blauwe Knop in the shared look; who is in can always log out."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response

from blauweknop.catalogue.texts import sentence, text
from blauweknop.holder.ports import HolderServices
from blauweknop.holder.removing import removed_of
from blauweknop.holder.visit import Visit
from blauweknop.web.language import language_of
from blauweknop.web.page import MenuItem, Portal, Visitor, page

__all__ = ["holder_page", "holder_portal", "saved"]


def holder_portal(services: HolderServices, *, inside: bool = False) -> Portal:
    """Whose pages these are; the menu is for who is in."""
    own = (
        ("overview", "/overzicht"),
        ("data", "/gegevens"),
        ("collect", "/ophalen"),
        ("shared", "/gedeeld"),
        ("rights", "/rechten"),
        ("access", "/toegang"),
    )
    menu = tuple(MenuItem(text(f"holder.menu.{name}"), services.path + path) for name, path in own if inside)
    return Portal(text("holder.name"), services.path, services.colour, menu)


def holder_page(
    request: Request[Any, Any, Any],
    services: HolderServices,
    template: str,
    visit: Visit | None,
    *,
    status_code: int = 200,
    switch_path: str = "",
    headers: Mapping[str, str] | None = None,
    **values: object,
) -> Response[str]:
    """Render a template of the holder. `switch_path` is where the language switch leads when this address cannot be opened again.

    While the recovery code was used not long ago, every page says so; `parts.undo()` tells what was taken away a moment ago.
    """
    visitor, recovered_at, removed = None, None, None
    if visit is not None:
        name = sentence("holder.visitor", language_of(request))
        seconds = int(services.sessions.idle.total_seconds())
        visitor = Visitor(name, f"{services.path}/uitloggen", f"{services.path}/gegevens", seconds)
        removed = removed_of(visit.session.notes)
        recovered_at = visit.state.recovered_at if visit.state.cooling_at(services.now()) else None
    return page(
        request,
        template,
        portal=holder_portal(services, inside=visit is not None and visit.state.has_recovery_code),
        visitor=visitor,
        status_code=status_code,
        switch_path=switch_path or (f"{services.path}/gegevens" if request.method == "POST" and visit else ""),
        headers=headers,
        here=services.path,
        relying_party=services.relying_party,
        recovered_at=recovered_at,
        removed=removed,
        in_hand=visit.session.notes.get("sharing") if visit is not None else None,
        **values,
    )


def saved(content: bytes, media_type: str, name: str) -> Response[bytes]:
    """A file to save; a browser opens nothing of it as a page of ours."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": "sandbox; default-src 'none'"}
    return Response(content, media_type=media_type, headers=headers)
