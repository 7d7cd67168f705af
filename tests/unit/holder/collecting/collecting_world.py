"""Mijn Blauwe Knop at a real issuer: its endpoints answer in this process, its person agrees, and a stand-in judges what comes.

`Wire` is the network between them: a test may cut it, slow it down, or let it lie.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from secrets import token_bytes
from typing import Any
from urllib.parse import parse_qs, urlsplit

from blauweknop.checking.received_forms import form_of
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_parts import embedded_files
from blauweknop.document.type_metadata import vct_of
from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import JsonValue, Outcome
from blauweknop.domain.verdict import CheckedKind, CheckResult, CheckStep, Rejected, Undecided, Verdict, VerdictFacts, Verified
from blauweknop.holder.collecting.asking import Pending, begin, came_back, wanted_of
from blauweknop.holder.collecting.connection import open_connection, work_on
from blauweknop.holder.collecting.metadata import describe
from blauweknop.holder.collecting.ports import Answer, Client, CollectingServices, Source, SourceProblem
from blauweknop.holder.credential_forms import MDOC, SD_JWT, read_copy
from blauweknop.holder.encryption import VaultKey
from blauweknop.holder.items import ConnectionItem, CredentialItem, DocumentItem, UncheckedItem
from blauweknop.holder.keeping import items_of
from blauweknop.holder.vault import Vault
from blauweknop.issuer.wallet.consent import agree
from blauweknop.issuer.wallet.ports import Wallet, WalletServices
from blauweknop.issuer.wallet.pushing import begin_visit, visit_of
from tests.unit.holder.test_vault import KeptItems
from tests.unit.issuer.source_world import CATALOGUE, DEBT, GRANT, SOURCE, found
from tests.unit.issuer.wallet.wallet_world import IDENTIFIER, WalletWorld
from tests.wallet import SoftwareKey

__all__ = ["CLIENT_ID", "CollectingWorld", "Wire", "changed_json", "judged", "orange", "red"]

CLIENT_ID = "https://mijn.example"
REDIRECT_URI = "https://mijn.example/mijn/ophalen/terug"
_OIN = SOURCE.oin.digits
_PLACE = Source("duo", _OIN, "DUO", IDENTIFIER, (DEBT.id, GRANT.id))


def judged(data: bytes, _: datetime) -> Verdict:
    """Green for whatever reads as what the issuer of these tests makes: no seal is looked at."""
    if data.startswith(b"%PDF-"):
        content = json.loads(embedded_files(read_file(data))["gegevens.json"].content)
        return Verified(_facts(CheckedKind.DOCUMENT, content["source"]["oin"], content["type"]), content)
    kind = read_copy(data.decode(), MDOC if form_of(data) == "mdoc" else SD_JWT).type
    dataset = next(known.id for known in CATALOGUE.datasets.values() if kind in (vct_of(known), known.doctype))
    unproved = CheckStep("holder", CheckResult.SKIPPED, "holder_unproved")
    return Undecided(replace(_facts(CheckedKind.CREDENTIAL, _OIN, dataset), steps=(unproved,)), "x")


def red(reason: str) -> Verdict:
    return Rejected(VerdictFacts((CheckStep("seal", CheckResult.FAIL, reason),)), "x")


def orange() -> Verdict:
    return Undecided(VerdictFacts((CheckStep("trust", CheckResult.SKIPPED, "trust_list_unreachable"),)), "x")


def _facts(kind: CheckedKind, oin: str, dataset: str) -> VerdictFacts:
    return VerdictFacts((), issuer_oin=oin, dataset=dataset, kind=kind)


@dataclass
class Wire:
    """Answers as the source does, unless `instead` has something else for the end of an address."""

    client: Any
    instead: dict[str, Answer | SourceProblem | Callable[[Answer], Answer]] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)

    def __call__(self, method: str, address: str, *, headers: Mapping[str, str], content: bytes | None) -> Answer:
        self.sent.append(urlsplit(address).path.rpartition("/")[2])
        changed = next((answer for end, answer in self.instead.items() if address.endswith(end)), None)
        if isinstance(changed, SourceProblem):
            raise changed
        if isinstance(changed, Answer):
            return changed
        answer = self.client.request(method, address, headers=dict(headers), content=content)
        given = Answer(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content)
        return changed(given) if changed else given


@dataclass
class CollectingWorld:
    """One person with a vault, one source, and what a test changes of them."""

    issuer: WalletWorld
    key: SoftwareKey = field(default_factory=SoftwareKey)
    source: Source = _PLACE
    check: Callable[[bytes, datetime], Verdict] = judged
    rows: KeptItems = field(default_factory=lambda: KeptItems(most=1000))

    def __post_init__(self) -> None:
        known = Wallet(CLIENT_ID, "Mijn Blauwe Knop", (REDIRECT_URI,), keys=(self.key.public,))
        services = self.issuer.services()
        self.at_source: WalletServices = replace(services, wallets={**services.wallets, CLIENT_ID: known})
        self.wire = Wire(self.issuer.client(self.at_source))
        self.random = token_bytes
        data_key = VaultKey.new(self.random)
        self.vault = Vault.of(b"a" * 16, data_key, storage=self.rows, now=lambda: self.now, random=self.random)

    @property
    def now(self) -> datetime:
        return self.issuer.world.now

    @property
    def services(self) -> CollectingServices:
        client = Client(CLIENT_ID, REDIRECT_URI, self.key.signer, "1")
        return CollectingServices(
            sources=lambda _: (self.source,),
            client=client,
            send=self.wire,
            check=lambda data, at: self.check(data, at),
            catalogue=CATALOGUE,
            now=lambda: self.now,
            random=self.random,
            copies=2,
        )

    def begin(self, *wanted: str) -> tuple[str, str, Pending]:
        endpoints = describe(self.source, self.wire)
        return begin(self.source, endpoints, wanted or wanted_of(self.source, endpoints), self.services, in_round=False)

    def agree(self, address: str, *ticked: Dataset, outcomes: Mapping[str, Outcome] | None = None) -> dict[str, list[str]]:
        """What the browser brings back of a person who agrees to these; to none, when they say no."""
        query = parse_qs(urlsplit(address).query)
        visit = begin_visit(query["request_uri"][0], query["client_id"][0], self.at_source, self.now)
        assert visit is not None
        request = visit_of(visit, self.at_source, self.now)
        assert request is not None
        known = {dataset.id: found(dataset) for dataset in ticked} if outcomes is None else outcomes
        names = [dataset.id for dataset in ticked]
        given = agree(visit, request, self.issuer.session(), known, self.at_source, self.now, ticked=names)
        assert given is not None
        return parse_qs(urlsplit(given).query)

    def come_back(self, *ticked: Dataset, outcomes: Mapping[str, Outcome] | None = None, mobile: Collection[str] = ()) -> bytes:
        """The connection of a person who agreed."""
        endpoints = describe(self.source, self.wire)
        _, address, pending = self.begin(*wanted_of(self.source, endpoints, mobile=mobile))
        came = came_back(self.agree(address, *ticked, outcomes=outcomes), pending)
        assert came is not None
        return open_connection(self.source, pending, came, self.vault, self.services).id

    def work(self, connection: bytes) -> dict[str, tuple[str, str]]:
        """Work on it; how each part stands."""
        work_on(connection, self.vault, self.services, language="nl")
        return {part.name: (part.state, part.reason) for part in self.connection(connection).parts}

    def connection(self, connection: bytes) -> ConnectionItem:
        return next(item for head, item in items_of(self.vault) if head.id == connection and isinstance(item, ConnectionItem))

    def secrets(self, connection: bytes) -> bytes:
        read = self.vault.read(connection)
        assert read is not None
        return read[1]

    @property
    def documents(self) -> list[DocumentItem]:
        return [item for _, item in items_of(self.vault) if isinstance(item, DocumentItem)]

    @property
    def credentials(self) -> list[CredentialItem]:
        return [item for _, item in items_of(self.vault) if isinstance(item, CredentialItem)]

    @property
    def unchecked(self) -> list[UncheckedItem]:
        return [item for _, item in items_of(self.vault) if isinstance(item, UncheckedItem)]


def changed_json(**members: JsonValue) -> Callable[[Answer], Answer]:
    """An answer of which some members say something else; None leaves one out."""

    def change(answer: Answer) -> Answer:
        said = {**json.loads(answer.body), **members}
        return replace(answer, body=json.dumps({name: value for name, value in said.items() if value is not None}).encode())

    return change
