"""From settings to what each source needs to issue to wallets."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from blauweknop.adapters.database import one_transaction
from blauweknop.adapters.settings import Settings
from blauweknop.adapters.wallet_keys import load_wallet, request_key
from blauweknop.adapters.wallet_nonces import TimedNonces
from blauweknop.adapters.wallet_settings import WalletSettings
from blauweknop.adapters.wallet_store import WalletReferences, WalletUses
from blauweknop.assembly.issuers import SharedParts
from blauweknop.document.wallet_credentials import WalletIssuer
from blauweknop.issuer.ports import IssuerServices
from blauweknop.issuer.wallet.configurations import configurations_of
from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.standards.openid4vci.profiles import PROFILES
from blauweknop.standards.status_list import StatusReference

__all__ = ["wallet_services"]

_NONCE_LIFE = timedelta(minutes=5)


def wallet_services(settings: Settings, services: IssuerServices, parts: SharedParts) -> WalletServices | None:
    """What a source needs for wallets; None when it issues to none: there is no [wallets], it has no status lists, or no credentials.

    Raises:
        KeyProblem: a certificate or key of a wallet cannot be used.
    """
    chosen, place = settings.wallets, services.certifier.status_place
    if chosen is None or place is None:
        return None
    return _services(settings, chosen, services, parts, place)


def _services(
    settings: Settings,
    chosen: WalletSettings,
    services: IssuerServices,
    parts: SharedParts,
    place: Callable[[datetime], StatusReference],
) -> WalletServices:
    source = services.source.id
    identifier = f"{settings.scheme.base_url}{services.path}"
    summaries = [parts.catalogue.summaries[dataset.id] for dataset in services.datasets if dataset.id in parts.catalogue.summaries]
    wallets = [load_wallet(known) for known in chosen.known.values()]

    def nonces(use: str) -> TimedNonces:
        return TimedNonces(parts.row_key, f"{source}|{use}", _NONCE_LIFE)

    return WalletServices(
        issuer=services,
        identifier=identifier,
        configurations=configurations_of(summaries),
        wallets={wallet.client_id: wallet for wallet in wallets},
        profile=chosen.profile,
        rules=PROFILES[chosen.profile],
        wallet_issuer=WalletIssuer(services.source, identifier, services.certifier.credential_signer, secrets.token_bytes),
        status_place=place,
        references=WalletReferences(parts.engine, parts.row_key, source),
        used=WalletUses(parts.engine),
        together=lambda: one_transaction(parts.engine),
        proof_nonces=nonces("proof"),
        dpop_nonces=nonces("dpop"),
        challenges=nonces("challenge"),
        request_key=request_key(parts.row_key, source),
        wallet_link=chosen.link,
        registry=f"{settings.scheme.base_url}/register",
        batch_size=chosen.batch_size,
        key_level=chosen.key_level,
        unknown_wallets=chosen.unknown,
        encrypted_only=chosen.encrypted_only,
        calls_a_minute=chosen.calls_a_minute,
    )
