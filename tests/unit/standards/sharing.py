"""One sharing: who agreed to what, with the keys of both sides, in which a test can break any part."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from blauweknop.standards import jose
from blauweknop.standards.access_certificate import x509_hash
from blauweknop.standards.jwk import public_jwk, thumbprint
from blauweknop.standards.sharing_messages import Consent, Withdrawal, request_hash, sign_consent
from blauweknop.standards.sharing_receipts import Erasure, ErasureReason, Receipt
from blauweknop.standards.sharing_records import ConsentEvent, ConsentRecord, ConsentState, Party, PiiInformation, RecordPurpose
from blauweknop.standards.signing import KeySigner, key_signer
from tests.unit.standards import receivers as r
from tests.unit.standards.pki import NOW, p256

SECOND = timedelta(seconds=1)
KEY = p256()
OTHER_KEY = p256()
CLIENT = x509_hash(r.RECEIVER.der)
REQUEST = "een.ondertekende.vraag"
ASKED = request_hash(REQUEST)
RECORD_ID, RECEIPT_ID, WITHDRAWAL_ID = "r" * 22, "q" * 22, "w" * 22

RECORD = ConsentRecord(
    id=RECORD_ID,
    principal=thumbprint(KEY.public_key()),
    privacy_notice="https://proef.example/privacy",
    language="nl",
    purposes=(
        RecordPurpose(
            purpose="Een betalingsregeling maken",
            purpose_type="schuldhulp.intake",
            lawful_basis="AVG artikel 6(1)(e): Wgs",
            pii=(PiiInformation(r.INCOME, "income_bracket", optional=True, sensitive=True), PiiInformation(r.DEBT, "saldo")),
            controllers=(r.IDENTIFIER,),
            storage_locations=("Nederland",),
            retention="P5Y",
            jurisdiction="NL",
            recipients=(),
            withdrawal_method="https://proef.example/intrekken",
            service="Hulp bij schulden",
            collection_method="openid4vp",
            processing_method="dossier",
            privacy_rights="https://proef.example/rechten",
            authority="https://autoriteitpersoonsgegevens.nl",
        ),
    ),
    parties=(
        Party(
            id=r.IDENTIFIER,
            name="Schuldhulp Proef",
            address="https://proef.example",
            contact="mailto:privacy@proef.example",
            type="controller",
            role="receiver",
            email="privacy@proef.example",
            url="https://proef.example",
            phone="+31 70 0000000",
        ),
    ),
    events=(ConsentEvent(NOW, "P5Y", thumbprint(KEY.public_key()), "explicit", ConsentState.GIVEN),),
)
CONSENT = Consent(CLIENT, ASKED, NOW, NOW + 300 * r.DAY, RECORD)
RECEIPT = Receipt(CLIENT, RECEIPT_ID, ASKED, NOW, NOW + 300 * r.DAY, "https://proef.example/intrekken", RECORD)
WITHDRAWAL = Withdrawal(CLIENT, RECEIPT_ID, WITHDRAWAL_ID, NOW)
ERASURE = Erasure(CLIENT, RECEIPT_ID, NOW, ErasureReason.WITHDRAWN)


def holder(key: Any = KEY) -> KeySigner:
    """A holder has a key and no certificate."""
    return key_signer(key, b"")


def consent(**changes: Any) -> str:
    return sign_consent(replace(CONSENT, **changes), holder(), KEY.public_key())


def purpose(**changes: Any) -> ConsentRecord:
    return replace(RECORD, purposes=(replace(RECORD.purposes[0], **changes),))


def saying(text: str, kind: jose.Purpose, *, key: Any = KEY, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
    """A message signed anew by a holder with members that are set, or taken away with None."""
    claims = jose.parse_jws(text, jose.Purpose(None, "given")).payload
    members = jose.VerifiedJws({}, claims).claims() | changes
    left = {name: value for name, value in members.items() if value is not None}
    own = {"jwk": {**public_jwk(key.public_key())}} if kind.key_source == "jwk" else {}
    return jose.sign_jws(left, holder(key), kind, header={**own, **(header or {})})


def told(text: str, kind: jose.Purpose, **changes: Any) -> str:
    """A message of the receiver, signed anew with members that are set, or taken away with None."""
    claims = jose.parse_jws(text, kind).payload
    members = jose.VerifiedJws({}, claims).claims() | changes
    return jose.sign_jws({name: value for name, value in members.items() if value is not None}, r.RECEIVER.signer(), kind)
