"""A source that issues to wallets, served on a port of this machine; its login lets everybody in."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import uvicorn

from blauweknop.domain.dataset import Dataset
from blauweknop.issuer.wallet.ports import WalletServices
from tests.unit.issuer.wallet.wallet_world import WalletWorld

__all__ = ["VERIFIER", "asked_by_a_wallet", "served"]

VERIFIER = "v" * 43


@contextmanager
def served(wallets: WalletWorld, services: WalletServices) -> Iterator[str]:
    """Its address, until the end of the block."""
    server = uvicorn.Server(uvicorn.Config(wallets.application(services), port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 10
    while not server.started and time.monotonic() < end:
        time.sleep(0.02)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    wallets.world.login.address = f"{address}/duo/terug?code=x&state=y"
    yield address
    server.should_exit = True
    thread.join(10)


def asked_by_a_wallet(wallets: WalletWorld, services: WalletServices, *datasets: Dataset, **wallet: str) -> str:
    """Where a wallet sends its person, after it asked for these data sets behind the back of the browser."""
    asking = wallets.wallet(services, **wallet)
    answer = asking.push(" ".join(f"{dataset.id}.sd-jwt" for dataset in datasets), verifier=VERIFIER)
    return f"/duo/oid4vci/authorize?{urlencode({'client_id': asking.client_id, 'request_uri': answer.json()['request_uri']})}"
