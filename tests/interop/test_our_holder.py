"""Mijn Blauwe Knop answers a receiver that is not ours (PyPI polaris-oid4vp, HAIP), and none that breaks a rule of the scheme.

The receiver is called in this process, without a network: what it signs and what it judges is its own.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from polaris_oid4vp.verifier import Verifier

from blauweknop.holder.collecting.ports import Answer
from blauweknop.standards import base64url
from blauweknop.standards.access_certificate import x509_hash
from blauweknop.standards.jwk import thumbprint
from blauweknop.standards.mdoc import openid4vp_transcript
from blauweknop.standards.mdoc.parts import embed
from tests.interop import issued_copies
from tests.interop.mdl_judge import judge_mdocs
from tests.unit.checking import exercise_documents as x
from tests.unit.holder.holder_world import HolderWorld, holder_world, words
from tests.unit.holder.sharing.sharing_world import DEBT, REGISTERED, SHORT, SharingWorld, Visitor, asks, mobile
from tests.unit.standards import receivers as r
from tests.unit.standards.pki import Issued

CLAIMS = ("given_name", "schuldsaldo_inclusief_rente")


@dataclass
class Polaris:
    """One that knows our registration; a test may let it lie."""

    issued: Issued = r.RECEIVER
    registration: str | None = field(default_factory=lambda: r.registered(credentials=REGISTERED))
    claims: Sequence[str] = CLAIMS
    repeats_nonce: bool = True
    verifier: Any = field(init=False)
    verdicts: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        info = [{"format": "registration_cert", "data": base64url.encode(self.registration.encode())}] if self.registration else None
        authorities = [x509.load_der_x509_certificate(encoded) for encoded in x.exercise().authorities]
        self.verifier = Verifier(
            client_cert_pem=self.issued.certificate.public_bytes(Encoding.PEM),
            client_key_pem=self.issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            request_uri="https://polaris.example/requests",
            response_uri="https://polaris.example/responses",
            issuer_trust_anchors=[authority for authority in authorities if authority.subject == authority.issuer],
            vct_values=[SHORT],
            claims=self.claims,
            verifier_info=info,
        )

    @property
    def link(self) -> dict[str, str]:
        session, _ = self.verifier.new_request()
        return dict(self.verifier.authorization_request_params(session))

    def __call__(self, method: str, address: str, *, headers: Mapping[str, str], content: bytes | None) -> Answer:
        form = parse_qs((content or b"").decode())
        if urlsplit(address).path == "/requests":
            state = parse_qs(urlsplit(address).query)["state"][0]
            nonce = form["wallet_nonce"][0] if self.repeats_nonce else None
            signed: str = self.verifier.request_object(state, wallet_nonce=nonce)
            return Answer(200, {"content-type": "application/oauth-authz-req+jwt"}, signed.encode())
        status, body, verdict = self.verifier.handle_direct_post(form)
        self.verdicts.append(verdict)
        return Answer(status, {}, json.dumps(body).encode())


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[HolderWorld]:
    with holder_world(tmp_path) as made:
        yield made


def person_at(holder: HolderWorld, polaris: Polaris) -> Visitor:
    """Somebody with a credential, today: a receiver of others has a clock of its own."""
    site = SharingWorld(holder)
    holder.moment = datetime.now(UTC)
    site.status_lists = r.status_lists(made=holder.moment)
    site.receiver = polaris  # type: ignore[assignment] # it is called in the same way
    found = site.visitor()
    found.has_credential()
    return found


def test_a_receiver_of_others_believes_what_we_present(holder: HolderWorld) -> None:
    polaris = Polaris()
    visitor = person_at(holder, polaris)
    done = visitor.answer(visitor.look())
    (verdict,) = polaris.verdicts
    assert verdict.authentic, verdict.reason
    assert {name: verdict.claims[name] for name in CLAIMS} == {"given_name": "Çağla Đorđe", "schuldsaldo_inclusief_rente": 1234567}
    assert done.headers["refresh"] == "0; url=https://polaris.example/done"


def test_a_receiver_of_others_takes_our_no(holder: HolderWorld) -> None:
    polaris = Polaris()
    visitor = person_at(holder, polaris)
    assert "U hebt nee gezegd" in words(visitor.answer(visitor.look(), "no").text)
    (verdict,) = polaris.verdicts
    assert (verdict.authentic, verdict.wallet_error["error"]) == (False, "access_denied")


def other_client(polaris: Polaris) -> dict[str, str]:
    return polaris.link | {"client_id": x509_hash(r.REGISTRAR.der)}


def usual(polaris: Polaris) -> dict[str, str]:
    return polaris.link


WRONG: dict[str, tuple[Callable[[], Polaris], Callable[[Polaris], dict[str, str]], str]] = {
    "without a registration": (lambda: Polaris(registration=None), usual, "laat niet goed zien waar zij om mag vragen"),
    "without our nonce": (
        lambda: Polaris(repeats_nonce=False),
        usual,
        "niet voor u gemaakt",
    ),
    "beyond its registration": (lambda: Polaris(claims=["bsn"]), usual, "vraagt om uw burgerservicenummer"),
    "under the name of another": (Polaris, other_client, "hoort bij een andere organisatie"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_receiver_of_others_that_breaks_a_rule_is_refused(holder: HolderWorld, wrong: str) -> None:
    made, link, told = WRONG[wrong]
    polaris = made()
    visitor = person_at(holder, polaris)
    assert told in words(visitor.follow(**link(polaris)).text)
    assert polaris.verdicts == []


@pytest.mark.suite("mdl")
def test_a_reader_of_others_reads_the_mdoc_that_we_present(holder: HolderWorld) -> None:
    site = SharingWorld(holder)
    site.receiver.query = asks(mobile(*CLAIMS))
    visitor = site.visitor()
    visitor.has_credential(form="mso_mdoc")
    visitor.answer(visitor.look())
    asked, receiver = site.receiver.question.members(), site.receiver
    session = openid4vp_transcript(
        client_id=receiver.client_id,
        nonce=asked["nonce"],
        response_uri=asked["response_uri"],
        jwk_thumbprint=base64url.decode(thumbprint(receiver.key.public_key())),
    )
    response = base64url.decode(receiver.answers[0]["vp_token"]["schuld-mdoc"][0])
    root = x509.load_der_x509_certificate(x.exercise().credentials["duo"].chain[-1]).public_bytes(Encoding.PEM).decode()
    (good,) = judge_mdocs([response], embed(session), root)
    (bad,) = judge_mdocs([response], issued_copies.transcript(), root)
    assert good["failed"] == []
    (((doctype, elements),),) = good["values"]
    assert (doctype, dict(elements)) == (DEBT.doctype, {"given_name": "Çağla Đorđe", "schuldsaldo_inclusief_rente": 1234567})
    assert bad["failed"]
