"""A person who came with a request of a wallet decides what it gets (PROTOCOL 2.2 step 3)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from urllib.parse import urlencode, urlsplit

from blauweknop.domain.dataset import AssuranceLevel, Dataset
from blauweknop.domain.document import NoData, Outcome
from blauweknop.issuer.choose import needed_level
from blauweknop.issuer.login import Session
from blauweknop.issuer.wallet.configurations import document_name
from blauweknop.issuer.wallet.entitlement import Entitlement, can_come
from blauweknop.issuer.wallet.ports import Kind, WalletServices
from blauweknop.issuer.wallet.pushing import PushedRequest

__all__ = [
    "CODE_LIFE",
    "agree",
    "asked_datasets",
    "asked_documents",
    "form_target",
    "is_server",
    "level_of",
    "refuse",
    "wanted_with_bsn",
    "was_decided",
]

CODE_LIFE = timedelta(seconds=60)


def asked_datasets(request: PushedRequest, services: WalletServices) -> tuple[Dataset, ...]:
    """What the wallet asks for, each data set once whatever the formats."""
    datasets = [services.dataset_of(name) for name in request.wanted]
    return tuple({dataset.id: dataset for dataset in datasets if dataset}.values())


def asked_documents(request: PushedRequest, services: WalletServices) -> tuple[Dataset, ...]:
    """Of which data sets the whole document is asked."""
    return tuple(dataset for dataset in asked_datasets(request, services) if document_name(dataset.id) in request.wanted)


def level_of(request: PushedRequest, services: WalletServices) -> AssuranceLevel:
    """How sure the login must be."""
    return needed_level(asked_datasets(request, services))


def wanted_with_bsn(session: Session) -> frozenset[str]:
    """The data sets that this person chose, on the page before, to go with the burgerservicenummer."""
    return frozenset(chosen.dataset_id for chosen in session.selections if chosen.with_bsn)


def agree(
    visit: str,
    request: PushedRequest,
    session: Session,
    outcomes: Mapping[str, Outcome],
    services: WalletServices,
    now: datetime,
    *,
    ticked: Sequence[str],
) -> str | None:
    """Back to the wallet with a code for the data sets that are ticked; None when this visit was decided upon before."""
    used = services.references.use(Kind.VISIT, visit, now=now)
    if used is None or used.used:
        return None
    asked = {dataset.id for dataset in asked_datasets(request, services)}
    agreed = {name: outcomes.get(name) for name in ticked if name in asked and can_come(outcomes.get(name))}
    agreed = {name: outcome for name, outcome in agreed.items() if session.person.may_have(name)}
    wanted = tuple(name for name in request.wanted if (dataset := services.dataset_of(name)) and dataset.id in agreed)
    if session.person.mandate is not None:
        wanted = tuple(name for name in wanted if not _is_mobile(name, services))
    nothing = _nothing(request, outcomes, services)
    if not wanted:
        return _back(request, {"error": "access_denied", **nothing}, services)
    entitlement = Entitlement(
        session.person.bsn,
        wanted,
        wanted_with_bsn(session) & agreed.keys(),
        {name: outcome for name, outcome in agreed.items() if outcome is not None},
        mandate=session.person.mandate,
    )
    content = {"request": request.as_json(), "entitlement": entitlement.as_json()}
    code = services.references.keep(Kind.CODE, content, now=now, life=CODE_LIFE)
    return _back(request, {"code": code, **nothing}, services)


def refuse(
    visit: str,
    request: PushedRequest,
    services: WalletServices,
    now: datetime,
    outcomes: Mapping[str, Outcome] = MappingProxyType({}),
) -> str | None:
    """Back to the wallet with nothing; None when this visit was decided upon before."""
    used = services.references.use(Kind.VISIT, visit, now=now)
    if used is None or used.used:
        return None
    return _back(request, {"error": "access_denied", **_nothing(request, outcomes, services)}, services)


def is_server(request: PushedRequest, services: WalletServices) -> bool:
    """Whether it is a server that asks, for somebody who reads its pages; no wallet on a telephone."""
    wallet = services.wallets.get(request.client_id)
    return wallet is not None and bool(wallet.keys)


def _is_mobile(name: str, services: WalletServices) -> bool:
    """Whether it is an mdoc, which has no place for who acts for the person."""
    configuration = services.configurations.get(name)
    return configuration is not None and configuration.format == "mso_mdoc"


def _nothing(request: PushedRequest, outcomes: Mapping[str, Outcome], services: WalletServices) -> dict[str, str]:
    """A server is told of which data sets the source has nothing on this person, as the page says, so that it can say so in its list."""
    if not is_server(request, services):
        return {}
    names = [dataset.id for dataset in asked_datasets(request, services) if isinstance(outcomes.get(dataset.id), NoData)]
    return {"nothing": " ".join(names)} if names else {}


def was_decided(visit: str, services: WalletServices, now: datetime) -> bool:
    """Whether this person, or this person in another tab, said yes or no to it."""
    kept = services.references.read(Kind.VISIT, visit, now=now)
    return kept is not None and kept.used


def form_target(redirect_uri: str) -> str:
    """Where the form of the consent page leads in the end, as the content security policy names it: an origin, or a scheme."""
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("https", "http") else f"{parts.scheme}:"


def _back(request: PushedRequest, answer: Mapping[str, str], services: WalletServices) -> str:
    """RFC 6749 section 4.1.2 with the name of who answers (RFC 9207)."""
    told = {**answer, "iss": services.identifier}
    if request.state is not None:
        told["state"] = request.state
    return f"{request.redirect_uri}{'&' if '?' in request.redirect_uri else '?'}{urlencode(told)}"
