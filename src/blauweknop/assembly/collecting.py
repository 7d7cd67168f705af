"""From settings to what Mijn Blauwe Knop needs to fetch at sources."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.adapters.collecting_settings import CollectSettings
from blauweknop.adapters.http_client import FetchProblem, GuardedClient, Reach
from blauweknop.adapters.keys import KeyProblem, load_private_key
from blauweknop.adapters.sandbox import Sandbox
from blauweknop.adapters.scheme_settings import SchemeSettings
from blauweknop.adapters.status_fetching import fetch_status_list
from blauweknop.adapters.status_store import StatusStore
from blauweknop.assembly.trust import KeptTrust, StatusUpkeep, fetch_trust_list
from blauweknop.catalogue import Catalogue
from blauweknop.checking.trust import Trust
from blauweknop.domain.verdict import Verdict
from blauweknop.holder.collecting.ports import Answer, Client, CollectingServices, ProblemCode, Send, Source, SourceProblem
from blauweknop.holder.keeping import Check
from blauweknop.standards.jwk import thumbprint
from blauweknop.standards.signing import key_signer
from blauweknop.standards.trust_list import ServiceKind

__all__ = ["ServedCheck", "collecting_services", "guarded_send", "nothing_to_collect"]

_PATIENCE = 25.0  # seconds; a source may wait for its own systems and then sets and seals a document
_MOST_ANSWER = 24 * 1024 * 1024
_PROBLEMS: Mapping[str, ProblemCode] = {"timeout": "silent", "connection": "silent", "too_large": "too_large", "encoding": "answer"}


def collecting_services(
    settings: CollectSettings, *, redirect_uri: str, trust: Callable[[datetime], Trust], check: Check, catalogue: Catalogue
) -> CollectingServices:
    """What the pages need to fetch at the sources of the settings that the trust list knows.

    Raises:
        KeyProblem: our key cannot be used.
    """
    key = load_private_key(settings.key)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyProblem(f"{settings.key.name}: expected a P-256 key", remedy="make one with: openssl genpkey -algorithm EC")
    hosts = frozenset(urlsplit(source.issuer).netloc.lower() for source in settings.sources.values())
    loopback = all(urlsplit(source.issuer).hostname in ("127.0.0.1", "localhost") for source in settings.sources.values())
    reach = Reach(hosts, allow_loopback=loopback, timeout_seconds=_PATIENCE, max_bytes=_MOST_ANSWER)

    def sources(now: datetime) -> Sequence[Source]:
        return _known(settings, trust(now), now)

    return CollectingServices(
        sources=sources,
        client=Client(settings.client_id, redirect_uri, key_signer(key, b""), thumbprint(key.public_key())),
        send=guarded_send(GuardedClient(reach)),
        check=check,
        catalogue=catalogue,
        now=lambda: datetime.now(UTC),
        random=secrets.token_bytes,
        copies=settings.copies,
    )


class ServedCheck:
    """The one check for a server of its own: trust list and status lists kept fresh, files judged in processes that may be lost."""

    def __init__(self, scheme: SchemeSettings, *, state: Path) -> None:
        self.trust = KeptTrust(scheme, state=state, fetch=fetch_trust_list)
        self._statuses = StatusStore(state=state, fetch=fetch_status_list)
        self._upkeep = StatusUpkeep(self._statuses, self.trust)
        self._sandbox = Sandbox()

    def __call__(self, data: bytes, at: datetime) -> Verdict:
        return self._statuses.check(lambda given: self._sandbox.check(data, trust=given, at=at), self.trust(at), at)

    def trust_with(self, uri: str, at: datetime) -> Trust:
        """The trust with the status list at this address, when that can be had."""
        trust = self.trust(at)
        self._statuses.renew(uri, trust, at)
        return self._statuses.given(trust)

    def start(self) -> None:
        self._upkeep.start()

    def stop(self) -> None:
        self._upkeep.stop()
        self._sandbox.close()


def nothing_to_collect(catalogue: Catalogue, *, redirect_uri: str, check: Check | None) -> CollectingServices:
    """For who set up no sources: nothing can be fetched. Papers can be kept, and with a trust list documents."""

    def no_way(method: str, address: str, *, headers: Mapping[str, str], content: bytes | None) -> Answer:
        raise SourceProblem("unreachable", "no source is set up")

    key = ec.generate_private_key(ec.SECP256R1())
    return CollectingServices(
        sources=lambda _: (),
        client=Client("", redirect_uri, key_signer(key, b""), ""),
        send=no_way,
        check=check,
        catalogue=catalogue,
        now=lambda: datetime.now(UTC),
        random=secrets.token_bytes,
    )


def guarded_send(client: GuardedClient) -> Send:
    """Requests by the one door to the outside."""

    def send(method: str, address: str, *, headers: Mapping[str, str], content: bytes | None) -> Answer:
        try:
            answer = client.send(method, address, headers=headers, content=content)
        except FetchProblem as problem:
            raise SourceProblem(_PROBLEMS.get(problem.code, "unreachable"), str(problem)) from problem
        return Answer(answer.status, answer.headers, answer.body)

    return send


def _known(settings: CollectSettings, trust: Trust, now: datetime) -> tuple[Source, ...]:
    """Those of the settings that may certify now, with the name and the data sets that the trust list gives them."""
    entities = {entity.oin: entity for entity in trust.trust_list.entities} if trust.trust_list else {}
    found = []
    for name, place in settings.sources.items():
        entity = entities.get(place.oin)
        if entity is not None and entity.certificates(ServiceKind.SEAL, at=now):
            found.append(Source(name, place.oin.digits, entity.name.nl, place.issuer, entity.datasets))
    return tuple(found)
