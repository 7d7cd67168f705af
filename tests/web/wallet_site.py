"""A source that issues to wallets, served on a port of this machine; its login lets everybody in."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from blauweknop.domain.dataset import Dataset
from blauweknop.issuer.wallet.ports import WalletServices
from tests.serving import serving
from tests.unit.issuer.wallet.wallet_world import WalletWorld

__all__ = ["VERIFIER", "asked_by_a_wallet", "served"]

VERIFIER = "v" * 43


@contextmanager
def served(wallets: WalletWorld, services: WalletServices) -> Iterator[str]:
    """Its address, until the end of the block."""
    with serving(wallets.application(services)) as address:
        wallets.world.login.address = f"{address}/duo/terug?code=x&state=y"
        yield address


def asked_by_a_wallet(wallets: WalletWorld, services: WalletServices, *datasets: Dataset, **wallet: str) -> str:
    """Where a wallet sends its person, after it asked for these data sets behind the back of the browser."""
    asking = wallets.wallet(services, **wallet)
    answer = asking.push(" ".join(f"{dataset.id}.sd-jwt" for dataset in datasets), verifier=VERIFIER)
    return f"/duo/oid4vci/authorize?{urlencode({'client_id': asking.client_id, 'request_uri': answer.json()['request_uri']})}"
