"""Who applies together with somebody: what a person sees of the other, and the invitation that they may pass on.

/klaar/uitnodiging             a link for the other, shown this once; one that was made before does not work any more
/klaar/uitnodiging/intrekken   the link that there is does not work any more

Of the other one sees whether there is an answer. An answer that was taken back is shown as one that is not there yet: that somebody took
something back is not for the other to know.
"""

from dataclasses import dataclass
from typing import Any

from litestar import Response, post

from blauweknop.catalogue.texts import sentence
from blauweknop.verifier.asking.household import Part
from blauweknop.verifier.asking.inviting import OtherState, PlaceFilled, invite, other_part, take_back_invitation
from blauweknop.verifier.asking.page import PageRequest, Pages, asking_page, session_of
from blauweknop.verifier.asking.ports import AskingServices, KeptRequest, Phase
from blauweknop.verifier.asking.questions import QuestionRefused
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["ShownTogether", "make_invitation", "shown_together", "take_invitation_back"]


@dataclass(frozen=True, slots=True)
class ShownTogether:
    """For the page of one of two people. `may_invite` is for the first of them, while nobody answered the second part; `has_links_left`
    tells whether the link may be made anew."""

    answered: bool
    invited: bool
    may_invite: bool
    has_links_left: bool


def shown_together(kept: KeptRequest, services: AskingServices) -> ShownTogether | None:
    """None for who applies alone."""
    other = other_part(kept.id, services)
    if other is None:
        return None
    answered = other.state is OtherState.ANSWERED
    return ShownTogether(answered, other.state is OtherState.OPEN, other.part is Part.FIRST and not answered, other.household.may_invite)


@post("/klaar/uitnodiging", status_code=200, sync_to_thread=True)
def make_invitation(request: PageRequest, pages: Pages) -> Response[Any]:
    """For the browser that just gave the first answer."""
    services = pages.services
    first = _answered_here(request, services)
    if first is None:
        return see_other(f"{services.receiver.path}/klaar")
    try:
        link, second = invite(first.id, services)
    except (PlaceFilled, QuestionRefused):
        return see_other(f"{services.receiver.path}/klaar")
    words = sentence("asking.invited.message", language_of(request), receiver=services.receiver.name, link=link)
    return asking_page(
        request,
        services,
        "verifier/request-invited.html",
        switch_path=f"{services.receiver.path}/klaar",
        link=link,
        words=words,
        ends_at=second.ends_at,
    )


@post("/klaar/uitnodiging/intrekken", status_code=200, sync_to_thread=True)
def take_invitation_back(request: PageRequest, pages: Pages) -> Response[Any]:
    """Nobody can answer with the link that was given."""
    services = pages.services
    first = _answered_here(request, services)
    if first is not None:
        take_back_invitation(first.id, services)
    return see_other(f"{services.receiver.path}/klaar")


def _answered_here(request: PageRequest, services: AskingServices) -> KeptRequest | None:
    """The request that this browser answered, a moment ago."""
    session = session_of(request, services)
    transaction = services.transactions.of_session(session, now=services.now) if session else None
    if transaction is None or transaction.phase is not Phase.DONE or "received" not in transaction.content:
        return None
    return services.requests.by_id(transaction.request_id)
