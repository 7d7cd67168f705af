"""What the pages for people need, beside what the endpoints for wallets need: to count how often somebody does something."""

from dataclasses import dataclass, field

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.web.rate_limit import MemoryCounter

__all__ = ["PageServices", "WalletPages"]


@dataclass(frozen=True, slots=True)
class WalletPages:
    """Of one source, in this process."""

    services: WalletServices
    logins: MemoryCounter = field(default_factory=MemoryCounter, repr=False)
    offers: MemoryCounter = field(default_factory=MemoryCounter, repr=False)


PageServices = NamedDependency[SkipValidation[WalletPages]]
