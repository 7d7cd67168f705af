"""A credential says who its holder is, so who acts for another gets none of that person in their own wallet; the document they can have."""

from litestar import Response

from blauweknop.issuer.login import Session
from blauweknop.issuer.page import issuer_page
from blauweknop.issuer.visit import PageRequest
from blauweknop.issuer.wallet.ports import WalletServices

__all__ = ["not_for_others"]


def not_for_others(request: PageRequest, services: WalletServices, session: Session) -> Response[str]:
    """Why not, and what can be done instead."""
    return issuer_page(
        request,
        services.issuer,
        "issuer/wallet-not-for-others.html",
        session,
        status_code=403,
        switch_path=f"{services.issuer.path}/kiezen",
    )
