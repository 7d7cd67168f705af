"""Wallets in the configuration of a source organisation: which ones it issues to, and how. Without [wallets] it issues to none.

[wallets]
profile = "haip10"                  # or "etsi", "nlwallet"
batch_size = 10                     # copies at once
encrypted_only = false              # whether answers must be encrypted
unknown = false                     # whether a wallet that nobody vouches for may fetch what a person offers it with a code
key_level = "iso_18045_high"        # the least a wallet must prove of its keys; left out: nothing
calls_a_minute = 600                # from one address
# link = "https://wallet.example/"  # what "on this device" opens; left out: the scheme of the profile

[wallets.known.example]             # one table for each wallet solution, and for each server that acts for people
name = "Voorbeeldwallet"            # for people
client_id = "https://wallet.example"
redirect_uris = ["https://wallet.example/callback"]
providers = ["keys/wallet-provider.pem"]   # certificates: who vouches for its instances (attest_jwt_client_auth)
challenges = true                          # false for a wallet that cannot answer our challenges yet
# keys = "keys/jwks.json"                  # or its own keys (private_key_jwt)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from blauweknop.adapters.settings_table import Table
from blauweknop.standards.openid4vci.key_attestation import ATTACK_POTENTIALS
from blauweknop.standards.openid4vci.profiles import PROFILES, Profile
from blauweknop.standards.redirect_address import may_be_redirect_address

__all__ = ["KnownWallet", "WalletSettings", "wallet_settings"]

_MOST_COPIES = 20  # more of the longest credential do not fit in one encrypted answer


@dataclass(frozen=True, slots=True)
class KnownWallet:
    """Either `providers` or `keys` is there."""

    name: str
    client_id: str
    redirect_uris: tuple[str, ...]
    providers: tuple[Path, ...]
    keys: Path | None
    challenges: bool = True


@dataclass(frozen=True, slots=True)
class WalletSettings:
    known: Mapping[str, KnownWallet] = field(default_factory=dict)
    profile: Profile = "haip10"
    batch_size: int = 10
    encrypted_only: bool = False
    unknown: bool = False
    key_level: str | None = None
    calls_a_minute: int = 600
    link: str | None = None


def wallet_settings(table: Table) -> WalletSettings:
    """The table [wallets].

    Raises:
        SettingsError: the first thing that is wrong.
    """
    profiles = {str(name): name for name in PROFILES}
    settings = WalletSettings(
        {name: _known(child) for name, child in table.table("known").tables()} if "known" in table else {},
        profiles[table.choice("profile", tuple(profiles), "haip10")],
        table.count("batch_size", 10, most=_MOST_COPIES),
        table.flag("encrypted_only", False),
        table.flag("unknown", False),
        table.choice("key_level", ATTACK_POTENTIALS, ATTACK_POTENTIALS[0]) if "key_level" in table else None,
        table.count("calls_a_minute", 600, most=1_000_000),
        table.text("link") if "link" in table else None,
    )
    table.finish()
    if settings.link is not None and ("?" in settings.link or not may_be_redirect_address(settings.link)):
        raise table.error("link", "is nothing that opens a wallet", "use an https address without a question mark, or a scheme with ://")
    names = [wallet.client_id for wallet in settings.known.values()]
    for name, wallet in settings.known.items():
        if names.count(wallet.client_id) > 1:
            raise table.error(f"known.{name}", "has the client_id of another wallet", "give each wallet one table")
    return settings


def _known(table: Table) -> KnownWallet:
    wallet = KnownWallet(
        table.text("name"),
        table.text("client_id"),
        table.texts("redirect_uris", ()),
        table.existing_files("providers"),
        table.optional_file("keys"),
        table.flag("challenges", True),
    )
    table.finish()
    if bool(wallet.providers) == (wallet.keys is not None):
        raise table.error(
            "providers", "must say how the wallet is known", "give the certificates of its provider, or its own keys, not both"
        )
    if not all(may_be_redirect_address(address) for address in wallet.redirect_uris):
        raise table.error(
            "redirect_uris", "has an address that a wallet may not have", "use https, or a scheme of the wallet with a dot in it"
        )
    return wallet
