"""The page behind the link of a receipt: take back what was shared, without a wallet that can say so.

/intrekken/{link}            asks whether it is meant; looking at it changes nothing. Later it says that all is gone
/intrekken/{link}/bewijs     the signed proof, as a file

Who has the link may withdraw, as who has the receipt. It says nothing of what was shared, and nor do the pages.
"""

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, SkipValidation

from blauweknop.verifier.afterwards.ports import AfterwardsServices, KeptSharing
from blauweknop.verifier.afterwards.withdrawing import withdraw_by_link
from blauweknop.verifier.asking.page import asking_page
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.web.page import see_other

__all__ = ["AfterwardsPages", "give_proof", "show_withdrawal", "withdraw_here"]

_LINK_LENGTH = 43

_PageRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class AfterwardsPages:
    """Of one receiver."""

    asking: AskingServices
    afterwards: AfterwardsServices


Pages = NamedDependency[SkipValidation[AfterwardsPages]]


@get("/intrekken/{link:str}", sync_to_thread=True)
def show_withdrawal(request: _PageRequest, pages: Pages, link: FromPath[str]) -> Response[Any]:
    """The question whether it is meant, or that all is gone."""
    sharing = _sharing(link, pages)
    template = "verifier/withdrawn.html" if sharing.proof is not None else "verifier/withdraw.html"
    return asking_page(request, pages.asking, template, link=link)


@post("/intrekken/{link:str}", status_code=200, sync_to_thread=True)
def withdraw_here(request: _PageRequest, pages: Pages, link: FromPath[str]) -> Response[Any]:
    """All goes now."""
    _sharing(link, pages)
    withdraw_by_link(link, pages.afterwards)
    return see_other(f"{pages.asking.receiver.path}/intrekken/{link}")


@get("/intrekken/{link:str}/bewijs", sync_to_thread=True)
def give_proof(request: _PageRequest, pages: Pages, link: FromPath[str]) -> Response[Any]:
    """The signed proof, for who wants to keep it."""
    proof = _sharing(link, pages).proof
    if proof is None:
        raise NotFoundException("nothing was erased")
    headers = {"Content-Disposition": 'attachment; filename="bewijs-van-wissen.jwt"'}
    return Response(proof.encode("ascii"), media_type="application/jwt", headers=headers)


def _sharing(link: str, pages: AfterwardsPages) -> KeptSharing:
    sharing = pages.afterwards.sharings.of_link(link) if len(link) == _LINK_LENGTH and link.isascii() else None
    if sharing is None:
        raise NotFoundException("no sharing has this link")
    return sharing
