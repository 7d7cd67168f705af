"""Mijn Blauwe Knop with a receiver that asks it something; every part of the request can be set, and the receiver can be made to fail.

The receiver is a stand-in: it signs real request objects, and opens what it gets with its key.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Any
from urllib.parse import parse_qs, urlencode

from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from blauweknop.adapters.holder_outbox import HolderOutbox
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.assembly.collecting import nothing_to_collect
from blauweknop.catalogue import load_catalogue
from blauweknop.catalogue.texts import sentence
from blauweknop.checking.trust import Trust
from blauweknop.document.type_metadata import vct_of
from blauweknop.document.wallet_credentials import CopyOrder, CredentialFormat
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import JsonValue, SourceIdentity, Subject
from blauweknop.domain.representation import Representative
from blauweknop.domain.verdict import Verdict
from blauweknop.holder.collecting.background import Background
from blauweknop.holder.collecting.ports import Answer, Source, SourceProblem
from blauweknop.holder.collecting.routes import collecting_router
from blauweknop.holder.credential_copies import Copy
from blauweknop.holder.items import Standing
from blauweknop.holder.keeping import Check
from blauweknop.holder.keys import HolderKey
from blauweknop.holder.page import holder_portal
from blauweknop.holder.routes import holder_router
from blauweknop.holder.sharing.ports import SharingServices
from blauweknop.holder.sharing.requests import KeptRequest, kept_request, kept_requests
from blauweknop.holder.sharing.routes import sharing_router
from blauweknop.holder.vault import Vault
from blauweknop.standards import base64url
from blauweknop.standards.access_certificate import x509_hash
from blauweknop.standards.jwe import PRESENTATION_RESPONSE, decrypt_jwe, key_agreement, parse_jwe
from blauweknop.standards.jwk import public_jwk
from blauweknop.standards.lote import TrustList
from blauweknop.standards.registration import RegisteredCredential
from blauweknop.standards.sharing_messages import VerifiedConsent, read_withdrawal, request_hash, verify_consent, verify_withdrawal
from blauweknop.standards.sharing_receipts import Erasure, ErasureReason, KeptByLaw, Receipt, sign_erasure, sign_receipt
from blauweknop.standards.sharing_updates import Update, Wish, read_update, verify_update
from blauweknop.standards.status_list import StatusReference
from blauweknop.web.app import web_application
from blauweknop.web.page import WebSettings
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x
from tests.unit.document import wallet_samples as w
from tests.unit.holder.filled_vaults import keep, vault_of
from tests.unit.holder.holder_world import BASE_URL, HolderWorld, Person
from tests.unit.holder.kept_credentials import keep_credential
from tests.unit.standards import receivers as r
from tests.unit.standards.pki import NOW, Issued, p256

__all__ = [
    "CATALOGUE",
    "DEBT",
    "DOCUMENT",
    "REGISTERED",
    "REQUEST_URI",
    "RETURN",
    "SHORT",
    "UPDATE_URI",
    "WITHDRAWAL_URI",
    "SharingWorld",
    "StandInReceiver",
    "Visitor",
    "asks",
    "mobile",
    "summary",
    "whole",
    "withdrawn",
]

CATALOGUE = load_catalogue()
DEBT = CATALOGUE.dataset("duo.studieschuld")
SHORT, DOCUMENT = vct_of(DEBT), DEBT.type_uri
REQUEST_URI = "https://proef.example/oid4vp/requests/1"
WITHDRAWAL_URI = "https://proef.example/verder/intrekken"
UPDATE_URI = "https://proef.example/verder/bijwerken"
RETURN = "https://proef.example/terug?response_code=abc"
SOURCES = (Source("duo", x.DUO.oin.digits, "DUO", "https://duo.example", (DEBT.id,)),)
REGISTERED = (
    RegisteredCredential(
        "dc+sd-jwt", (SHORT,), tuple((claim.name,) for claim in CATALOGUE.summaries[DEBT.id].claims if claim.name != "bsn")
    ),
    RegisteredCredential(
        "mso_mdoc",
        (DEBT.doctype,),
        tuple((DEBT.doctype, claim.name) for claim in CATALOGUE.summaries[DEBT.id].claims if claim.name != "bsn"),
    ),
    RegisteredCredential(
        "dc+sd-jwt", (DOCUMENT,), (("data",), ("subject", "given_name"), ("subject", "family_name"), ("subject", "birth_date"))
    ),
)


def summary(*claims: str, name: str = "schuld-kort", kind: str = SHORT, **members: Any) -> dict[str, Any]:
    """A credential of a query that asks for single values, bound to a key."""
    asked = [{"path": [claim]} for claim in claims]
    return {"id": name, "format": "dc+sd-jwt", "meta": {"vct_values": [kind]}, "claims": asked, **members}


def mobile(*claims: str, name: str = "schuld-mdoc", **members: Any) -> dict[str, Any]:
    """A credential of a query that asks for an mdoc."""
    asked = [{"path": [DEBT.doctype, claim], "intent_to_retain": True} for claim in claims]
    return {"id": name, "format": "mso_mdoc", "meta": {"doctype_value": DEBT.doctype}, "claims": asked, **members}


def whole(*paths: str, name: str = "schuld") -> dict[str, Any]:
    """A credential of a query that asks for what is in a document."""
    asked = [{"path": [path]} for path in paths]
    return {
        "id": name,
        "format": "dc+sd-jwt",
        "meta": {"vct_values": [DOCUMENT]},
        "claims": asked,
        "require_cryptographic_holder_binding": False,
    }


def asks(*credentials: Mapping[str, Any], sets: list[Any] | None = None) -> dict[str, Any]:
    return {"credentials": [*credentials]} | ({} if sets is None else {"credential_sets": sets})


def withdrawn(*places: int) -> Check:
    """The check, with a status list of DUO on which these places are withdrawn; of the moment of looking."""

    def check(data: bytes, at: datetime) -> Verdict:
        lists = {c.URI: c.status_list(dict.fromkeys(places, 1), made=at)}
        return c.credential(data, given=c.trust(lists), at=at)

    return check


@dataclass
class StandInReceiver:
    """What it asks, and what it got."""

    query: dict[str, Any] = field(default_factory=lambda: asks(summary("schuldsaldo_inclusief_rente")))
    changes: dict[str, Any] = field(default_factory=dict)
    question: r.Question = field(default_factory=lambda: r.Question(registration=r.registered(credentials=REGISTERED)))
    key: Any = field(default_factory=p256)
    problem: dict[str, Answer | Exception] = field(default_factory=dict)
    """By the kind of call, "requests" or "responses", what happens instead."""
    sent: list[str] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    returns: JsonValue = RETURN
    meanwhile: Callable[[], object] | None = None
    """Happens once, while an answer is on its way."""
    gives_receipts: bool = True
    erases: bool = True
    erases_receipt: str = ""
    """Of another sharing than the one that was withdrawn."""
    erases_as: Issued | None = None
    """Another receiver that signs the proof."""
    renewed: Issued | None = None
    """Its access certificate of later, with which it signs what comes then."""
    keeps: tuple[KeptByLaw, ...] = ()
    now: Callable[[], datetime] = lambda: NOW
    given: str = ""
    """The last question that it signed."""
    consents: list[VerifiedConsent] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    withdrawals: list[str] = field(default_factory=list)
    wishes: list[Update] = field(default_factory=list)
    """What holders wanted with a sharing that is kept up to date."""
    arrived: dict[str, str] = field(default_factory=dict)
    """By the name of an update the hash of the question that it answered."""
    keeps_first: str = ""
    """The hash of an earlier question under the same name, whose answer it kept before the next came."""
    loses: bool = False
    """Whether its answer to what it gets is lost on the way."""
    update_query: dict[str, Any] | None = None
    """What it asks for an update; what it asked before when None."""

    @property
    def client_id(self) -> str:
        return x509_hash(self.question.receiver.der)

    @property
    def link(self) -> dict[str, str]:
        return {"client_id": self.client_id, "request_uri": REQUEST_URI, "request_uri_method": "post"}

    def __call__(self, method: str, address: str, *, headers: Mapping[str, str], content: bytes | None) -> Answer:
        kind = address.split("/")[4]
        self.sent.append(kind)
        form = {name: values[0] for name, values in parse_qs((content or b"").decode()).items()}
        instead = self.problem.get(kind)
        if isinstance(instead, Exception):
            raise instead
        if instead is not None:
            return instead
        if kind == "requests":
            self.given = self.signed(form["wallet_nonce"])
            return Answer(200, {"content-type": "application/oauth-authz-req+jwt"}, self.given.encode())
        if kind == "intrekken":
            return self.erase(form["withdrawal"])
        if kind == "bijwerken":
            return self.hear(form["update"])
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            happens()
        self.lengths.append(len(form["response"]))
        plain = decrypt_jwe(parse_jwe(form["response"], PRESENTATION_RESPONSE), key_agreement(self.key))
        self.answers.append(json.loads(plain))
        told: dict[str, JsonValue] = {"redirect_uri": self.returns}
        if self.gives_receipts and "bk_consent" in self.answers[-1]:
            told["bk_receipt"] = self.receipt_for(self.answers[-1]["bk_consent"])
        elif self.gives_receipts and self.wishes:
            asked = self.keeps_first or request_hash(self.given)
            self.arrived[self.wishes[-1].update_id] = asked
            told = {"bk_receipt": self.receipt_again(asked, self.receipts[-1].updates_until)}
        if self.loses:
            raise SourceProblem("silent", "the answer was lost")
        return Answer(200, {"content-type": "application/json"}, json.dumps(told).encode())

    def receipt_for(self, signed: str) -> str:
        """The receipt of a consent, which must be one to what was asked."""
        asked = request_hash(self.given)
        agreed = verify_consent(signed, client_id=self.client_id, receiver=r.IDENTIFIER, asked=asked, at=self.now())
        self.consents.append(agreed)
        receipt = Receipt(
            self.client_id,
            base64url.encode(token_bytes(32)),
            asked,
            self.now(),
            agreed.consent.ends_at,
            WITHDRAWAL_URI,
            agreed.consent.record,
            UPDATE_URI if agreed.consent.updates_until is not None else None,
            agreed.consent.updates_until,
        )
        self.receipts.append(receipt)
        return sign_receipt(receipt, self.question.receiver.signer())

    def hear(self, signed: str) -> Answer:
        """What it says to a wish, which the key of the consent must have signed."""
        receipt = self.receipts[-1]
        wish = verify_update(
            read_update(signed), self.consents[-1].key, client_id=self.client_id, receipt_id=receipt.receipt_id, at=self.now()
        )
        self.wishes.append(wish)
        if wish.wish is Wish.STOP:
            return Answer(200, {}, b'{"status":"stopped"}')
        if wish.wish is Wish.RENEW:
            told: dict[str, JsonValue] = {"bk_receipt": self.receipt_again(receipt.request_hash, wish.until)}
            return Answer(200, {}, json.dumps(told).encode())
        if wish.update_id in self.arrived:
            told = {"bk_receipt": self.receipt_again(self.arrived[wish.update_id], receipt.updates_until)}
            return Answer(200, {}, json.dumps(told).encode())
        query = self.update_query or self.query
        self.given = self.signed(str(wish.wallet_nonce), dcql_query=query, bk_updates=None)
        return Answer(200, {}, json.dumps({"client_id": self.client_id, "request": self.given}).encode())

    def receipt_again(self, asked: str, updates_until: datetime | None) -> str:
        """The receipt of something that came later."""
        by = self.renewed or self.question.receiver
        again = replace(self.receipts[-1], issuer=x509_hash(by.der), request_hash=asked, issued_at=self.now(), updates_until=updates_until)
        return sign_receipt(again, by.signer())

    def erase(self, signed: str) -> Answer:
        """What it says to a withdrawal, which the key of the consent must have signed."""
        receipt = self.receipts[-1]
        verify_withdrawal(
            read_withdrawal(signed), self.consents[-1].key, client_id=self.client_id, receipt_id=receipt.receipt_id, at=self.now()
        )
        self.withdrawals.append(signed)
        if not self.erases:
            return Answer(202, {}, b'{"status":"accepted"}')
        signer = (self.erases_as or self.question.receiver).signer()
        told = self.erases_receipt or receipt.receipt_id
        erasure = Erasure(x509_hash(signer.certificate), told, self.now(), ErasureReason.WITHDRAWN, self.keeps)
        proof = sign_erasure(erasure, signer)
        return Answer(200, {}, json.dumps({"status": "erased", "bk_erasure": proof}).encode())

    def signed(self, wallet_nonce: str, **more: Any) -> str:
        encryption = public_jwk(self.key.public_key()) | {"use": "enc", "alg": "ECDH-ES", "kid": "1"}
        metadata = {"jwks": {"keys": [encryption]}, "encrypted_response_enc_values_supported": ["A128GCM", "A256GCM"]}
        given = {"wallet_nonce": wallet_nonce, "dcql_query": self.query, "client_metadata": metadata}
        return self.question.signed(**{**given, **self.changes, **more})


@dataclass
class SharingWorld:
    """People, one receiver, and the scheme around them."""

    holder: HolderWorld
    receiver: StandInReceiver = field(init=False)
    trust_list: TrustList | None = field(init=False)
    status_lists: Mapping[str, bytes] = field(init=False)
    sources: tuple[Source, ...] = field(init=False)
    check: Check = field(init=False)
    """The check of what goes along; by the status list of DUO, unless a test says otherwise."""

    built: Litestar | None = None
    """The application, once it was asked for: it looks at this world, whatever that becomes."""

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Another test begins; the application stays."""
        fresh = StandInReceiver()
        fresh.now = lambda: self.holder.moment
        self.receiver, self.trust_list, self.status_lists, self.sources = fresh, r.trust_list(), r.status_lists(), SOURCES
        self.holder.moment = NOW
        self.check = withdrawn()

    @property
    def outbox(self) -> HolderOutbox:
        return HolderOutbox(self.holder.engine, RowKey.from_secret(bytes(range(32))))

    def sharing(self) -> SharingServices:
        return SharingServices(
            trust=lambda _: Trust(self.trust_list, None if self.trust_list else "trust_list_unreachable"),
            trust_with=lambda _, __: Trust(self.trust_list, status_lists=self.status_lists),
            send=lambda method, address, *, headers, content: self.receiver(method, address, headers=headers, content=content),
            sources=lambda _: self.sources,
            outbox=self.outbox,
            catalogue=CATALOGUE,
            now=lambda: self.holder.moment,
            random=token_bytes,
            check=lambda data, at: self.check(data, at),
        )

    def application(self) -> Litestar:
        self.built = self.built or self._application()
        return self.built

    def _application(self) -> Litestar:
        services = self.holder.services()
        nowhere = nothing_to_collect(CATALOGUE, redirect_uri=f"{BASE_URL}/mijn/ophalen/terug", check=None)
        pages = [
            holder_router(services),
            collecting_router(services, nowhere, Background()),
            sharing_router(services, self.sharing(), links_a_minute=10_000),
        ]
        return web_application(pages, WebSettings(csrf_secret="x" * 32, secure=False), portals=(holder_portal(services),))

    def said(self, code: str) -> str:
        """Why a request is not shown, in words."""
        return sentence(f"receiver.problem.{code}", "nl")

    def stranger(self) -> "Visitor":
        return Visitor(self, Person(self.holder, TestClient(self.application(), base_url=BASE_URL)))

    def visitor(self, name: str = "Samira") -> "Visitor":
        found = self.stranger()
        found.person.settle(name)
        return found


@dataclass
class Visitor:
    """A person with a browser."""

    world: SharingWorld
    person: Person

    @property
    def vault(self) -> Vault:
        return vault_of(self.person)

    def has_credential(
        self,
        number: int = 2,
        form: CredentialFormat = "dc+sd-jwt",
        representative: Representative | None = None,
        *,
        data: Mapping[str, JsonValue] = x.DATA,
        kept_at: datetime | None = None,
        first: int = 0,
    ) -> bytes:
        """Copies of a credential of the person whom the document is of; the newest is the one that was kept last."""
        keys = [HolderKey.new(token_bytes) for _ in range(number)]
        orders = [CopyOrder(key.public, StatusReference(place, c.URI)) for place, key in enumerate(keys, first)]
        known = Subject("Çağla Đorđe", "van der Łukasz", PartialDate(1985, 8), None)
        texts = w.batch(replace(w.snapshot(DEBT.id, data), subject=known), orders, form=form, representative=representative)
        copies = tuple(Copy(text, key) for text, key in zip(texts, keys, strict=True))
        return keep_credential(self.vault, copies, format=form, **({} if kept_at is None else {"kept_at": kept_at}))

    def has_document(self) -> str:
        return keep(self.vault, x.content(), x.NOW, pdf=x.good_document())

    def has_one_of(self, debt: int, *, source: SourceIdentity = x.DUO, standing: Standing = "current", days_ago: int = 0) -> str:
        """A document that says this debt; the newest is of today."""
        said = x.content(data={**x.DATA, "schuldsaldo_inclusief_rente": debt}, source=source, issued_at=x.ISSUED - timedelta(days=days_ago))
        return keep(self.vault, said, x.NOW, standing=standing, pdf=x.typeset(x.letter(said), x.attachments(said)))

    def has_newer(self, debt: int, *, copies: int = 2) -> None:
        """Something newer of both, with another debt."""
        data = {**x.DATA, "schuldsaldo_inclusief_rente": debt}
        self.has_credential(copies, data=data, kept_at=x.NOW)
        newer = x.content(data=data, issued_at=x.ISSUED + timedelta(minutes=30))
        keep(self.vault, newer, self.world.holder.moment, pdf=x.sealed(x.typeset(x.letter(newer), x.attachments(newer))))

    def follow(self, **link: str | None) -> Response:
        """The link of the receiver; a member that is None is left out."""
        query = {name: value for name, value in {**self.world.receiver.link, **link}.items() if value is not None}
        return self.person.open(f"/delen?{urlencode(query)}")

    def look(self) -> str:
        """Follow the link, to the page with the question; its path."""
        answer = self.follow()
        assert answer.status_code == 303, answer.text
        return answer.headers["location"].removeprefix("/mijn")

    def answer(self, path: str, answer: str = "yes", **changes: Any) -> Response:
        """Press a button on the page as it is now."""
        form = _fields(self.person.open(path).text)
        return self.post(path, {**form, "answer": answer, **changes})

    def post(self, path: str, form: Mapping[str, Any]) -> Response:
        return self.person.client.post(f"/mijn{path}", data={**form}, headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False)

    def fields(self, path: str) -> dict[str, str]:
        return _fields(self.person.open(path).text)


def kept(visitor: Visitor) -> KeptRequest:
    """The only question that somebody looked at or answered."""
    (only,) = kept_requests(visitor.vault)
    found = kept_request(visitor.vault, only.key)
    assert found is not None
    return found


def _fields(html: str) -> dict[str, str]:
    """What a browser sends of a form that nobody touched, but for its fields and lists."""
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html)
    picked = re.findall(r'<input type="radio" id="[^"]+" name="([^"]+)" value="([^"]*)" checked', html)
    return dict([*hidden, *picked])
