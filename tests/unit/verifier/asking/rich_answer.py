"""An answer with all that one may have: a consent or none, a paper, a case of the receiver; and what the receiver then knows."""

import base64
import hashlib
import secrets
from dataclasses import dataclass

from blauweknop.adapters.verifier_dossiers import DossierStore
from blauweknop.domain.document import JsonValue
from blauweknop.standards import base64url
from blauweknop.standards.jwk import thumbprint
from blauweknop.standards.sharing_composing import compose_record, retention_end
from blauweknop.standards.sharing_messages import Consent, request_hash, sign_consent
from blauweknop.standards.sharing_receipts import Receipt, verify_receipt
from blauweknop.standards.sharing_records import PiiInformation
from blauweknop.verifier.asking.requesting import make_request
from blauweknop.verifier.dossier.pieces import StatusCheck
from tests.unit.standards import receivers as r
from tests.unit.standards import sharing as s
from tests.unit.verifier.asking.asking_world import PATH, QUESTION, ROW_KEY, SITE, AskingWorld, Browser, led_back

_REFERENCE, _PAPER, _TITLE = "dossier Xantippe 4711", b"%PDF-1.7 loonstrook van Xantippe", "Loonstrook van Xantippe"
_EXPECTED = "Xantippe van Verwacht"
_NOTE = "Xantippe belt morgen om tien uur"


@dataclass(frozen=True)
class Sharing:
    """One person who shared: what the receiver gave for it, and what it knows."""

    client_id: str
    receipt: Receipt
    link: str
    secrets: dict[str, bytes]


def share(world: AskingWorld, browser: Browser, *, with_consent: bool) -> Sharing:
    services = world.services()
    address, request = make_request(QUESTION, services, reference=_REFERENCE, expected=_EXPECTED)
    holder = browser.begin(address.removeprefix(SITE))
    fetched = holder.fetch()
    holder.read(fetched.text)
    paper: dict[str, JsonValue] = {
        "title": _TITLE,
        "media_type": "application/pdf",
        "sha256": hashlib.sha256(_PAPER).hexdigest(),
        "content": base64.b64encode(_PAPER).decode(),
    }
    asked = request_hash(fetched.text)
    consent = consent_to(asked, holder.client_id, world) if with_consent else None
    given: dict[str, JsonValue] = {"bk_consent": sign_consent(consent, s.holder(), s.KEY.public_key())} if consent else {}
    answer = holder.answer(bk_own_papers=[paper], **given)
    assert browser.come_back(led_back(answer)).status_code == 303
    text = answer.json()["bk_receipt"] if consent else browser.get(f"{PATH}/klaar/bewijs").text
    receipt = verify_receipt(text, client_id=holder.client_id, asked=asked, consent=consent, trust_list=r.trust_list(), at=world.now)
    kept = services.answers.of_request(request.id)
    assert kept is not None
    records = DossierStore(world.engine, ROW_KEY, world.receiver)
    assert records.write_note(kept.id, _NOTE, now=world.now)
    assert records.keep_check(kept.id, StatusCheck(world.now, {1: "valid"}))
    claims = {name: str(value).encode() for item in kept.answer.items for name, value in item.claims.items()}
    return Sharing(
        holder.client_id,
        receipt,
        browser.end().text.partition("/intrekken/")[2].partition('"')[0],
        claims
        | {
            "reference": _REFERENCE.encode(),
            "expected": _EXPECTED.encode(),
            "paper": base64.b64encode(_PAPER),
            "title": _TITLE.encode(),
            "note": _NOTE.encode(),
            "principal": receipt.record.principal.encode(),
            "record": receipt.record.id.encode(),
            "request": bytes.fromhex(request.id),
            "receipt": text.encode(),
        },
    )


def consent_to(asked: str, client_id: str, world: AskingWorld) -> Consent:
    record = compose_record(
        world.registration,
        [PiiInformation(credential.types[0]) for credential in QUESTION.query.credentials],
        record_id=base64url.encode(secrets.token_bytes(16)),
        principal=thumbprint(s.KEY.public_key()),
        language="nl",
        at=world.now,
    )
    return Consent(client_id, asked, world.now, retention_end(world.registration.retention, world.now), record)
