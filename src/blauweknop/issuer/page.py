"""A page of a source: the shared look with this source's name, colour and visitor."""

from typing import Any

from litestar import Request, Response

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.texts import Language, Text
from blauweknop.issuer.login import LoggedIn, Session
from blauweknop.issuer.ports import IssuerServices
from blauweknop.web.language import language_of
from blauweknop.web.page import Portal, Visitor, page

__all__ = ["issuer_page", "issuer_portal"]


def issuer_portal(services: IssuerServices) -> Portal:
    """Whose pages these are."""
    name = services.source.name
    return Portal(Text(name, name), services.path, services.colour)


def issuer_page(
    request: Request[Any, Any, Any],
    services: IssuerServices,
    template: str,
    session: Session | None,
    *,
    status_code: int = 200,
    switch_path: str = "",
    **values: object,
) -> Response[str]:
    """Render a template of the issuer; a person who is logged in sees that, and can always log out.

    `switch_path` is where the language switch leads when this address cannot be opened again.
    """
    visitor = None
    if session is not None:
        language = language_of(request)
        level = sentence(f"issuer.level.{session.person.level.value}", language)
        name = sentence("issuer.visitor", language, login=services.login.name, level=level)
        visitor = Visitor(name, f"{services.path}/uitloggen", f"{services.path}/kiezen", acting=_acting(session.person, language))
    return page(
        request,
        template,
        portal=issuer_portal(services),
        visitor=visitor,
        status_code=status_code,
        switch_path=switch_path or (f"{services.path}/kiezen" if request.method == "POST" else ""),
        headers=None,
        source_name=services.source.name,
        login_name=services.login.name,
        here=services.path,
        **values,
    )


def _acting(person: LoggedIn, language: Language) -> str:
    """For whom somebody with a mandate acts."""
    mandate = person.mandate
    if mandate is None:
        return ""
    capacity = sentence(f"acting.capacity.{mandate.representative.capacity.value}", language)
    if mandate.represented:
        return sentence("issuer.acting", language, name=mandate.represented, capacity=capacity)
    return sentence("issuer.acting.unnamed", language, capacity=capacity)
