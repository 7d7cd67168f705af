"""The pages of a source for people with a wallet: agree to what a wallet asks, and offer it what was chosen."""

from litestar import Router
from litestar.di import Provide

from blauweknop.issuer.wallet.page_services import WalletPages
from blauweknop.issuer.wallet.pages_consent import authorize, decide, show_consent
from blauweknop.issuer.wallet.pages_offer import make_offer, show_offer, stop_offer
from blauweknop.issuer.wallet.ports import WalletServices

__all__ = ["wallet_pages"]


def wallet_pages(services: WalletServices) -> Router:
    """All pages of one source, below its path."""
    pages = WalletPages(services)
    return Router(
        services.issuer.path,
        route_handlers=[authorize, show_consent, decide, show_offer, make_offer, stop_offer],
        dependencies={"wallets": Provide(lambda: pages, sync_to_thread=False)},
    )
