"""What a source tells wallets of itself: its metadata, made from the catalogue once and kept (OpenID4VCI section 12; PROTOCOL 2.1)."""

from datetime import timedelta
from functools import lru_cache

from blauweknop.catalogue.texts import sentence
from blauweknop.document.type_metadata import BACKGROUND, FOREGROUND, picture_address, vct_of
from blauweknop.domain.document import JsonValue
from blauweknop.domain.texts import Language, Text
from blauweknop.issuer.wallet.configurations import Configuration
from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.standards.openid4vci.metadata import (
    ClaimDescription,
    CredentialDescription,
    IssuerDescription,
    IssuerRegistration,
    KeyAttestationRules,
    Logo,
    authorization_server_metadata,
    issuer_metadata,
    sign_issuer_metadata,
)

__all__ = ["issuer_document", "server_document", "signed_document"]

_LIFE = timedelta(hours=24)


def issuer_document(services: WalletServices, languages: tuple[Language, ...]) -> dict[str, JsonValue]:
    """The credential issuer metadata, with texts in these languages."""
    return issuer_metadata(_described(services), languages)


def server_document(services: WalletServices) -> dict[str, JsonValue]:
    """The metadata of the authorization server."""
    return authorization_server_metadata(_described(services))


def signed_document(services: WalletServices, languages: tuple[Language, ...]) -> str:
    """The credential issuer metadata as a signed message.

    Raises:
        KeyProblem, UnsuitableKey: it cannot be signed.
    """
    signer = services.wallet_issuer.signer
    return sign_issuer_metadata(issuer_document(services, languages), services.identifier, signer, services.now, _LIFE)


def _described(services: WalletServices) -> IssuerDescription:
    source = services.issuer.source
    attested = any(wallet.providers for wallet in services.wallets.values())
    return IssuerDescription(
        issuer=services.identifier,
        endpoints=services.address,
        name=Text(source.name, source.name),
        logo=_logo(),
        credentials=tuple(_credential(configuration) for configuration in services.configurations.values()),
        batch_size=services.batch_size,
        encryption_keys={services.request_key.key_id: services.request_key.public},
        encryption_required=services.encrypted_only,
        key_attestations=KeyAttestationRules(services.key_level is not None, services.key_level) if attested else None,
        servers=any(wallet.keys for wallet in services.wallets.values()),
        unknown_wallets=services.unknown_wallets,
        registration=_registration(services) if services.rules.issuer_info else None,
    )


@lru_cache(maxsize=128)
def _credential(configuration: Configuration) -> CredentialDescription:
    dataset = configuration.dataset
    mdoc = configuration.format == "mso_mdoc"
    return CredentialDescription(
        configuration_id=configuration.id,
        format=configuration.format,
        type_name=dataset.doctype if mdoc else vct_of(dataset),
        scope=configuration.id,
        name=dataset.title,
        description=dataset.about,
        logo=_logo(),
        background_color=BACKGROUND,
        text_color=FOREGROUND,
        claims=tuple(
            ClaimDescription((dataset.doctype, claim.name) if mdoc else (claim.name,), claim.label, claim.always)
            for claim in configuration.summary.claims
        ),
    )


def _logo() -> Logo:
    return Logo(picture_address(), Text(sentence("credentials.logo", "nl"), sentence("credentials.logo", "en")))


def _registration(services: WalletServices) -> IssuerRegistration:
    source = services.issuer.source
    about = Text(*(sentence("wallet.issuer.service", language, source=source.name) for language in ("nl", "en")))
    return IssuerRegistration(source.oin.digits, about, services.registry)
